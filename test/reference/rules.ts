/**
 * The rules of docs/accounting.md once more, written to be read and not to be fast: no code of src/taint is used, only its types.
 * Everything is a plain array and is computed anew each time.
 */
import type { MeetingRule } from '../../src/taint/step.ts';

/** theft -1 is clean. */
export interface Bit {
  theft: number;
  amount: bigint;
  units: bigint;
}

export interface Rules {
  method: string;
  meeting: MeetingRule;
  /** Theft indexes, senior first. */
  seniors: () => number[];
}

const QUEUES = ['fifo', 'lifo-in', 'lifo-out'];

export const total = (numbers: readonly bigint[]): bigint => numbers.reduce((sum, n) => sum + n, 0n);
export const amountOf = (bits: readonly Bit[]): bigint => total(bits.map((bit) => bit.amount));
export const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
export const taintOf = (bits: readonly Bit[]): bigint => amountOf(bits.filter((bit) => bit.theft >= 0));
export const ofTheft = (bits: readonly Bit[], theft: number): Bit[] => bits.filter((bit) => bit.theft === theft);

/** The canonical content of a place: a queue joins neighbouring clean money, a pool has one sum a theft and the clean rest. */
export function tidy(rules: Rules, bits: readonly Bit[]): Bit[] {
  const present = bits.filter((bit) => bit.amount > 0n);
  if (QUEUES.includes(rules.method)) {
    const row: Bit[] = [];
    for (const bit of present) {
      const last = row.at(-1);
      if (last !== undefined && last.theft === -1 && bit.theft === -1) last.amount += bit.amount;
      else row.push({ ...bit });
    }
    return row;
  }
  const sums = [...rules.seniors(), -1].map((theft) => ({
    theft,
    amount: amountOf(ofTheft(present, theft)),
    units: total(ofTheft(present, theft).map((bit) => bit.units)),
  }));
  return sums.filter((bit) => bit.amount > 0n);
}

/** Takes `part` of one bit out: the part moves with its units rounded down, the rest stays. */
function pinch(bit: Bit, part: bigint): { moved: Bit; stays: Bit } {
  const units = part === bit.amount ? bit.units : (bit.units * part) / bit.amount;
  return {
    moved: { theft: bit.theft, amount: part, units },
    stays: { theft: bit.theft, amount: bit.amount - part, units: bit.units - units },
  };
}

export function take(rules: Rules, bits: readonly Bit[], x: bigint): { moved: Bit[]; stays: Bit[] } {
  if (rules.method === 'fifo') return fromHead(bits, x);
  if (rules.method.startsWith('lifo')) {
    const { moved, stays } = fromHead([...bits].reverse(), x);
    return { moved: moved.reverse(), stays: stays.reverse() };
  }
  return byTheft(bits, x, poolParts(rules, bits, x));
}

export function fromHead(bits: readonly Bit[], x: bigint): { moved: Bit[]; stays: Bit[] } {
  const moved: Bit[] = [];
  const stays: Bit[] = [];
  let left = x;
  for (const bit of bits) {
    const part = smaller(left, bit.amount);
    left -= part;
    if (part === 0n) stays.push(bit);
    else {
      const two = pinch(bit, part);
      moved.push(two.moved);
      if (two.stays.amount > 0n) stays.push(two.stays);
    }
  }
  return { moved, stays };
}

/** A pool's bits are one a theft and the clean rest. */
export function byTheft(
  bits: readonly Bit[],
  x: bigint,
  parts: ReadonlyMap<number, bigint>,
): { moved: Bit[]; stays: Bit[] } {
  const moved: Bit[] = [];
  const stays: Bit[] = [];
  for (const bit of bits) {
    const part = bit.theft === -1 ? x - total([...parts.values()]) : (parts.get(bit.theft) ?? 0n);
    const two = pinch(bit, part);
    if (part > 0n) moved.push(two.moved);
    if (part < bit.amount) stays.push(two.stays);
  }
  return { moved, stays };
}

function poolParts(rules: Rules, bits: readonly Bit[], x: bigint): Map<number, bigint> {
  const balance = amountOf(bits);
  const thefts = bits.filter((bit) => bit.theft >= 0);
  const taint = amountOf(thefts);
  if (rules.method === 'haircut') return haircutParts(thefts, x, balance, taint);
  const dirty = rules.method === 'clean-first' ? x - smaller(x, balance - taint) : smaller(x, taint);
  return meet(rules, thefts, dirty);
}

function haircutParts(thefts: readonly Bit[], x: bigint, balance: bigint, taint: bigint): Map<number, bigint> {
  const parts = new Map(thefts.map((bit) => [bit.theft, balance === 0n ? 0n : (bit.amount * x) / balance]));
  const stays = (): bigint => taint - total([...parts.values()]);
  const candidates = thefts
    .map((bit, rank) => ({ theft: bit.theft, rank, remainder: balance === 0n ? 0n : (bit.amount * x) % balance }))
    .sort((a, b) => (a.remainder === b.remainder ? a.rank - b.rank : a.remainder > b.remainder ? -1 : 1));
  for (const { theft } of candidates) if (stays() > balance - x) parts.set(theft, parts.get(theft)! + 1n);
  return parts;
}

/** Whose taint moves where less than all does. */
export function meet(rules: Rules, thefts: readonly Bit[], dirty: bigint): Map<number, bigint> {
  if (rules.meeting === 'share') {
    const shares = hamilton(
      dirty,
      thefts.map((bit) => bit.amount),
    );
    return new Map(thefts.map((bit, index) => [bit.theft, shares[index]!]));
  }
  let left = dirty;
  return new Map(
    thefts.map((bit) => {
      const part = smaller(left, bit.amount);
      left -= part;
      return [bit.theft, part];
    }),
  );
}

/** Largest remainder, ties to the first: hand out the missing units one at a time to the largest remainder not yet served. */
export function hamilton(whole: bigint, weights: readonly bigint[]): bigint[] {
  const sum = total(weights);
  if (sum === 0n) return weights.map(() => 0n);
  const shares = weights.map((weight) => (whole * weight) / sum);
  const remainders = weights.map((weight) => (whole * weight) % sum);
  while (total(shares) < whole) {
    let best = 0;
    for (let i = 1; i < weights.length; i += 1) if (remainders[i]! > remainders[best]!) best = i;
    shares[best]! += 1n;
    remainders[best] = -1n;
  }
  return shares;
}

/** Joint rounding by trying: a cell is rounded up where a maximum flow over the cells not yet decided still completes the table. */
export function jointTable(rows: readonly bigint[], columns: readonly bigint[]): bigint[][] {
  const sum = total(rows);
  const floor = rows.map((row) => columns.map((column) => (sum === 0n ? 0n : (row * column) / sum)));
  const remainder = rows.map((row) => columns.map((column) => (sum === 0n ? 0n : (row * column) % sum)));
  const state: (0 | 1 | null)[][] = remainder.map((list) => list.map((value) => (value === 0n ? 0 : null)));
  for (let row = 0; row < rows.length - 1; row += 1) {
    const order = columns.map((_, column) => column).filter((column) => remainder[row]![column]! > 0n);
    order.sort((a, b) =>
      remainder[row]![a] === remainder[row]![b] ? a - b : remainder[row]![a]! > remainder[row]![b]! ? -1 : 1,
    );
    for (const column of order) {
      state[row]![column] = 1;
      if (!completes(rows, columns, floor, state)) state[row]![column] = 0;
    }
  }
  // The last row has no say: what is left is its.
  return floor.map((list, row) =>
    list.map((cell, column) =>
      row < rows.length - 1
        ? cell + BigInt(state[row]![column]!)
        : columns[column]! - total(floor.slice(0, -1).map((other, k) => other[column]! + BigInt(state[k]![column]!))),
    ),
  );
}

function completes(
  rows: readonly bigint[],
  columns: readonly bigint[],
  floor: readonly bigint[][],
  state: readonly (0 | 1 | null)[][],
): boolean {
  const fixed = (row: number, column: number): bigint => floor[row]![column]! + BigInt(state[row]![column] ?? 0);
  const rowNeed = rows.map((row, k) => row - total(columns.map((_, j) => fixed(k, j))));
  const columnNeed = columns.map((column, j) => column - total(rows.map((_, k) => fixed(k, j))));
  if ([...rowNeed, ...columnNeed].some((need) => need < 0n) || total(rowNeed) !== total(columnNeed)) return false;
  const used = state.map((list) => list.map(() => false));
  const assigned = columns.map(() => [] as number[]);
  const place = (row: number, seen: Set<number>): boolean => {
    for (let j = 0; j < columns.length; j += 1) {
      if (state[row]![j] !== null || used[row]![j] || seen.has(j)) continue;
      seen.add(j);
      const free = BigInt(assigned[j]!.length) < columnNeed[j]!;
      const mover = free ? undefined : assigned[j]!.find((other) => place(other, seen));
      if (!free && mover === undefined) continue;
      if (mover !== undefined) {
        assigned[j] = assigned[j]!.filter((other) => other !== mover);
        used[mover]![j] = false;
      }
      assigned[j]!.push(row);
      used[row]![j] = true;
      return true;
    }
    return false;
  };
  return rowNeed.every((need, row) => Array.from({ length: Number(need) }).every(() => place(row, new Set())));
}

/** One UTXO transaction: bits of each output, the fee last. */
export function spread(
  rules: Rules,
  inputs: readonly Bit[][],
  outside: bigint,
  outputs: readonly bigint[],
  fee: bigint,
): Bit[][] {
  const order = outputs.map((_, index) => index);
  if (rules.method === 'lifo-out') order.reverse();
  if (rules.method === 'tiho')
    order.sort((a, b) => (outputs[a] === outputs[b] ? b - a : outputs[a]! > outputs[b]! ? -1 : 1));
  const money = rules.method === 'lifo-in' ? [...inputs].reverse() : inputs;
  let left = tidy(rules, [...money.flat(), { theft: -1, amount: outside, units: 0n }]);
  const filled: Bit[][] = outputs.map(() => []);
  if (rules.method === 'haircut') return haircutTable(left, [...outputs, fee]);
  for (const index of order) {
    const { moved, stays } = QUEUES.includes(rules.method)
      ? fromHead(left, outputs[index]!)
      : take(rules, left, outputs[index]!);
    filled[index] = moved;
    left = stays;
  }
  return [...filled, left];
}

function haircutTable(pool: readonly Bit[], columns: readonly bigint[]): Bit[][] {
  const thefts = pool.filter((bit) => bit.theft >= 0);
  const clean = amountOf(pool) - amountOf(thefts);
  const table = jointTable([...thefts.map((bit) => bit.amount), clean], columns);
  let left = pool;
  return columns.map((column, index) => {
    const { moved, stays } = byTheft(left, column, new Map(thefts.map((bit, row) => [bit.theft, table[row]![index]!])));
    left = stays;
    return moved;
  });
}
