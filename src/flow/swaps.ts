import { type AtomGift, type AtomLeg, atomFlows, isAtom } from '../taint/swap.ts';
import { FEE, NONE, type SwapFlow, type SwapTable } from './flow.ts';

/** One row as {@link swapTable} takes it: `row` counts in its asset. */
export interface AtomRow {
  readonly asset: number;
  readonly row: number;
  readonly step: number;
  readonly tx: string | null;
  readonly from: number;
  readonly to: number;
  /** Address ids; any number where the end is no place. */
  readonly fromOwner: number;
  readonly toOwner: number;
  readonly amount: bigint;
}

/** Balances by (asset, place), as far as net flows need them. */
export interface PlaceBalances {
  /** Takes an amount off and gives its share of what was there; what is missing is credited first. */
  pay(asset: number, place: number, amount: bigint): number;
  receive(asset: number, place: number, amount: bigint): void;
}

/** Exact balances by (asset, place). */
export class Balances implements PlaceBalances {
  readonly #amounts = new Map<number, Map<number, bigint>>();

  of(asset: number, place: number): bigint {
    return this.#amounts.get(asset)?.get(place) ?? 0n;
  }

  /** Takes an amount off and gives its share of what was there; what is missing is credited first. */
  pay(asset: number, place: number, amount: bigint): number {
    if (place >= FEE) return 1;
    const balance = this.of(asset, place);
    this.#set(asset, place, balance > amount ? balance - amount : 0n);
    return amount >= balance ? 1 : share(amount, balance);
  }

  receive(asset: number, place: number, amount: bigint): void {
    if (place < FEE) this.#set(asset, place, this.of(asset, place) + amount);
  }

  #set(asset: number, place: number, balance: bigint): void {
    const places = this.#amounts.get(asset) ?? new Map<number, bigint>();
    this.#amounts.set(asset, places.set(place, balance));
  }
}

/** a / b for 0 < a < b as a double: the highest 53 bits of the exact quotient and a sticky bit, so rounded to nearest. */
export function share(a: bigint, b: bigint): number {
  const shift = BigInt(Math.max(0, 64 + b.toString(2).length - a.toString(2).length));
  const scaled = (a << shift) / b;
  const sticky = (a << shift) % b === 0n ? 0n : 1n;
  return Number((scaled << 1n) | sticky) * 2 ** -(Number(shift) + 1);
}

/**
 * Goes through a chain's rows in order: writes every row's ratio, and gives the net flows of transactions that move several assets.
 * The rows of such a transaction get the ratio 0, because scans take its flows. Rows of one transaction may stand apart within its second.
 */
export function swapTable(
  rows: readonly AtomRow[],
  balances: Balances,
  setRatio: (asset: number, row: number, ratio: number) => void,
): SwapTable {
  const flows: SwapFlow[] = [];
  const steps = new Map<number, number>();
  const byTx = new Map<string, AtomRow[]>();
  for (const row of rows) {
    if (row.tx === null || row.to === FEE) continue;
    const known = byTx.get(row.tx);
    if (known === undefined) byTx.set(row.tx, [row]);
    else known.push(row);
  }
  const done = new Set<string>();
  for (const row of rows) {
    const legs = row.tx === null || row.to === FEE ? [] : byTx.get(row.tx)!;
    if (isAtom(legs.map(toLeg))) {
      setRatio(row.asset, row.row, 0);
      steps.set(row.step, legs[0]!.step);
      if (!done.has(row.tx!)) flows.push(...netFlows(legs, balances));
      done.add(row.tx!);
    } else if (row.from === row.to) setRatio(row.asset, row.row, 0);
    else {
      setRatio(row.asset, row.row, balances.pay(row.asset, row.from, row.amount));
      balances.receive(row.asset, row.to, row.amount);
    }
  }
  const ordered = [...steps].sort(([a], [b]) => a - b);
  return {
    count: flows.length,
    flows,
    steps: Uint32Array.from(ordered, ([step]) => step),
    firstSteps: Uint32Array.from(ordered, ([, first]) => first),
  };
}

/** A place of an asset in one number: assets are far fewer than 2^21. */
const ASSET_STRIDE = 2 ** 32;

function toLeg({ asset, from, to, fromOwner, toOwner, amount }: AtomRow): AtomLeg<number> {
  const paid = from < FEE;
  const received = to < FEE;
  return {
    from: paid ? asset * ASSET_STRIDE + from : null,
    fromOwner: paid ? fromOwner : null,
    to: received ? asset * ASSET_STRIDE + to : null,
    toOwner: received ? toOwner : null,
    asset,
    amount,
  };
}

/** The net flows of a transaction's rows, balances brought forward by them. */
export function netFlows(rows: readonly AtomRow[], balances: PlaceBalances): SwapFlow[] {
  const step = rows[0]!.step;
  const atom = atomFlows(rows.map(toLeg));
  const flows: SwapFlow[] = [];
  const explained = new Map<number, bigint>();
  for (const gift of atom.gifts) {
    for (const { to, given, received } of partsOf(gift)) {
      const ratio = gift.place === null ? 1 : balances.pay(assetOf(gift.place), placeOf(gift.place), given);
      flows.push({ step, ...end('from', gift.place), ...end('to', to), given, received, ratio });
      if (to !== null) explained.set(to, (explained.get(to) ?? 0n) + received);
    }
  }
  for (const { place, amount } of atom.receipts) {
    balances.receive(assetOf(place), placeOf(place), amount);
    const left = amount - (explained.get(place) ?? 0n);
    if (left > 0n) flows.push({ step, ...end('from', null), ...end('to', place), given: 0n, received: left, ratio: 1 });
  }
  return flows;
}

interface Part {
  readonly to: number | null;
  readonly given: bigint;
  readonly received: bigint;
}

/** A gift cut into what each receiver got of it; what found no output goes to nobody. */
function partsOf(gift: AtomGift<number>): Part[] {
  const parts: Part[] = gift.plain.map(({ place, amount }) => ({ to: place, given: amount, received: amount }));
  let left = gift.amount - parts.reduce((sum, part) => sum + part.given, 0n);
  const converted = left;
  const outs = gift.conversions.flatMap(({ amount, outs: to }) =>
    to.map((out) => ({ ...out, numerator: out.amount, denominator: amount * BigInt(gift.conversions.length) })),
  );
  outs.forEach(({ place, amount, numerator, denominator }, index) => {
    const given = index === outs.length - 1 ? left : (converted * numerator) / denominator;
    left -= given;
    parts.push({ to: place, given, received: amount });
  });
  if (left > 0n) parts.push({ to: null, given: left, received: 0n });
  return parts.filter(({ given, received }) => given > 0n || received > 0n);
}

function end<Side extends 'from' | 'to'>(
  side: Side,
  place: number | null,
): Record<`${Side}Asset` | `${Side}Place`, number> {
  const asset = place === null ? NONE : assetOf(place);
  const number = place === null ? NONE : placeOf(place);
  return { [`${side}Asset`]: asset, [`${side}Place`]: number } as Record<`${Side}Asset` | `${Side}Place`, number>;
}

function assetOf(place: number): number {
  return Math.floor(place / ASSET_STRIDE);
}

function placeOf(place: number): number {
  return place % ASSET_STRIDE;
}
