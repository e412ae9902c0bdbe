import type { Move, Payment } from './_fixture.ts';

/** An exact fraction, in lowest terms. */
export class Fraction {
  readonly over: bigint;
  readonly under: bigint;

  constructor(over: bigint, under = 1n) {
    const shared = gcd(over < 0n ? -over : over, under);
    this.over = over / shared;
    this.under = under / shared;
  }

  plus(other: Fraction): Fraction {
    return new Fraction(this.over * other.under + other.over * this.under, this.under * other.under);
  }

  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.over, other.under));
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.over * other.over, this.under * other.under);
  }

  equals(other: Fraction): boolean {
    return this.over === other.over && this.under === other.under;
  }

  number(): number {
    const shift = 1n << 200n;
    return Number((this.over * shift) / this.under) / 2 ** 200;
  }
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}

const ZERO = new Fraction(0n);

/** What a receiver got of each category, in larger and small payments. */
export interface Got {
  total: bigint;
  small: bigint;
  readonly all: Fraction[];
  readonly direct: Fraction[];
  readonly smallAll: Fraction[];
}

export interface Truth {
  readonly got: Map<string, Got>;
  /** By holder: what it holds of each category. */
  readonly held: Map<string, Fraction[]>;
  readonly balance: Map<string, bigint>;
}

/**
 * The rule of docs/exposure.md for an account chain of one asset, in fractions and as plainly as it can be written: what the engines are
 * held against.
 */
export function accountTruth(
  moves: readonly Move[],
  categories: Readonly<Record<string, number>>,
  count: number,
  dust: bigint,
): Truth {
  const truth: Truth = { got: new Map(), held: new Map(), balance: new Map() };
  for (const { from, to, amount, fee = false } of moves) {
    if (amount === 0n || from === to) continue;
    const carried = take(truth, from, amount, categories, count);
    const end = fee ? null : to;
    if (end === null) continue;
    truth.balance.set(end, (truth.balance.get(end) ?? 0n) + amount);
    if (categories[end] === undefined) add(heldOf(truth, end, count), carried);
    const lane = from === null ? undefined : categories[from];
    write(gotOf(truth, end, count), amount, carried, lane, dust);
  }
  return truth;
}

function take(
  truth: Truth,
  from: string | null,
  amount: bigint,
  categories: Readonly<Record<string, number>>,
  count: number,
): Fraction[] {
  const carried = zeros(count);
  if (from === null) return carried;
  const known = truth.balance.get(from) ?? 0n;
  const balance = known < amount ? amount : known;
  truth.balance.set(from, balance - amount);
  const lane = categories[from];
  if (lane !== undefined) {
    carried[lane] = new Fraction(amount);
    return carried;
  }
  const held = heldOf(truth, from, count);
  for (let at = 0; at < count; at += 1) {
    carried[at] = held[at]!.times(new Fraction(amount, balance));
    held[at] = held[at]!.minus(carried[at]!);
  }
  return carried;
}

function write(got: Got, amount: bigint, carried: Fraction[], lane: number | undefined, dust: bigint): void {
  if (amount <= dust) {
    got.small += amount;
    add(got.smallAll, carried);
    return;
  }
  got.total += amount;
  add(got.all, carried);
  if (lane !== undefined) got.direct[lane] = got.direct[lane]!.plus(new Fraction(amount));
}

export function zeros(count: number): Fraction[] {
  return new Array<Fraction>(count).fill(ZERO);
}

function add(target: Fraction[], more: readonly Fraction[]): void {
  more.forEach((part, at) => {
    target[at] = target[at]!.plus(part);
  });
}

function heldOf(truth: Truth, holder: string, count: number): Fraction[] {
  const known = truth.held.get(holder) ?? zeros(count);
  truth.held.set(holder, known);
  return known;
}

function gotOf({ got }: Pick<Truth, 'got'>, holder: string, count: number): Got {
  const known = got.get(holder) ?? {
    total: 0n,
    small: 0n,
    all: zeros(count),
    direct: zeros(count),
    smallAll: zeros(count),
  };
  got.set(holder, known);
  return known;
}

/** Likewise of a UTXO chain; holders are outputs, receivers addresses. Change is not received. */
export function utxoTruth(
  payments: readonly Payment[],
  categories: Readonly<Record<string, number>>,
  count: number,
  dust: bigint,
): Truth {
  const truth: Truth = { got: new Map(), held: new Map(), balance: new Map() };
  const owners = new Map<string, string>();
  for (const { id, spends, pays } of payments) {
    const inside = zeros(count);
    const straight = zeros(count);
    let spent = 0n;
    for (const outpoint of spends) {
      const value = truth.balance.get(outpoint)!;
      const lane = categories[owners.get(outpoint)!];
      spent += value;
      add(inside, lane === undefined ? heldOf(truth, outpoint, count) : unit(count, lane, value));
      if (lane !== undefined) add(straight, unit(count, lane, value));
    }
    const payers = new Set(spends.map((outpoint) => owners.get(outpoint)));
    pays.forEach(({ to, value }, index) => {
      const name = `${id}:${index}`;
      owners.set(name, to);
      truth.balance.set(name, value);
      const share = spent === 0n ? ZERO : new Fraction(value, spent);
      const carried = inside.map((part) => part.times(share));
      truth.held.set(name, carried);
      if (value === 0n || payers.has(to)) return;
      const got = gotOf(truth, to, count);
      write(got, value, carried, undefined, dust);
      if (value > dust)
        add(
          got.direct,
          straight.map((part) => part.times(share)),
        );
    });
  }
  return truth;
}

function unit(count: number, lane: number, value: bigint): Fraction[] {
  const vector = zeros(count);
  vector[lane] = new Fraction(value);
  return vector;
}
