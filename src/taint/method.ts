import type { Parcel } from './parcel.ts';
import type { Pool } from './pool.ts';
import { largestRemainder } from './round.ts';
import type { Seniority } from './seniority.ts';
import type { MeetingRule } from './step.ts';
import type { Stock } from './stock.ts';

export interface MethodInfo {
  readonly name: string;
  /** Rises whenever a result may change; a bundle names it. */
  readonly version: number;
  /** The rule in one sentence, for reports. */
  readonly summary: string;
}

export interface MethodContext {
  readonly meeting: MeetingRule;
  readonly seniority: Seniority;
}

/** A conserving method: how a place keeps its parcels, what leaves with an amount, and how a UTXO transaction hands them on. */
export interface Method {
  empty(): Stock;
  /** What leaves with `amount` (at most the balance), in order. */
  take(stock: Stock, amount: bigint): Parcel[];
  /** Parcels of each output, the fee last; `inputs` in input order, `outside` clean money from outside the data. */
  spread(inputs: readonly (readonly Parcel[])[], outside: bigint, outputs: readonly bigint[], fee: bigint): Parcel[][];
  /** Movements of one account transaction are netted per place before they are applied (TIHO). */
  readonly nets: boolean;
  /** The order in which netted receivers of these amounts are filled. */
  fillOrder(values: readonly bigint[]): number[];
}

/** Whose taint it is when `amount` of less than all moves: senior first, or pro rata with ties to the senior. */
export function divideTaint(pool: Pool, amount: bigint, meeting: MeetingRule): bigint[] {
  const tainted = pool.tainted;
  if (tainted.length === 1) return [amount];
  const amounts = tainted.map((parcel) => parcel.amount);
  if (meeting === 'share') return largestRemainder(amount, amounts);
  let left = amount;
  return amounts.map((has) => {
    const part = has < left ? has : left;
    left -= part;
    return part;
  });
}

/** Fills outputs in the given order from one stock, the fee last: the way of every method but haircut. */
export function fillInOrder(
  stock: Stock,
  outputs: readonly bigint[],
  order: readonly number[],
  take: (stock: Stock, amount: bigint) => Parcel[],
): Parcel[][] {
  const filled: Parcel[][] = outputs.map(() => []);
  for (const index of order) filled[index] = take(stock, outputs[index]!);
  filled.push(stock.takeAll());
  return filled;
}

export function inOrder(values: readonly unknown[]): number[] {
  return values.map((_, index) => index);
}
