import { jointRound } from './joint-round.ts';
import { inOrder, type Method, type MethodContext, type MethodInfo } from './method.ts';
import type { Parcel } from './parcel.ts';
import { Pool } from './pool.ts';
import { byRemainder, largestRemainder } from './round.ts';

export const HAIRCUT: MethodInfo = {
  name: 'haircut',
  version: 1,
  summary:
    'Pro rata: every payment carries the same share of stolen money as the balance it leaves (Barlow Clowes v Vaughan, 1992).',
};

export function haircut({ seniority }: MethodContext): Method {
  return {
    nets: false,
    fillOrder: inOrder,
    empty: () => new Pool(seniority),
    take: (stock, amount) => takeShare(stock as Pool, amount),
    spread: (inputs, outside, outputs, fee) => {
      const pool = new Pool(seniority);
      for (const parcels of inputs) pool.putAll(parcels);
      pool.balance += outside;
      return share(pool, [...outputs, fee]);
    },
  };
}

function takeShare(pool: Pool, amount: bigint): Parcel[] {
  const { tainted, balance } = pool;
  if (tainted.length === 0) return pool.takeClean(amount);
  if (amount === balance) return pool.takeAll();
  if (tainted.length === 1) return pool.take(amount, [(tainted[0]!.amount * amount) / balance]);
  const products = tainted.map((parcel) => parcel.amount * amount);
  const parts = products.map((product) => product / balance);
  let stays = pool.taint;
  for (const part of parts) stays -= part;
  // By rounding more may stay than the balance that stays: the largest remainders give one unit more each.
  const excess = stays - (balance - amount);
  if (excess > 0n) {
    const remainders = products.map((product) => product % balance);
    for (const index of byRemainder(remainders).slice(0, Number(excess))) parts[index] = parts[index]! + 1n;
  }
  return pool.take(amount, parts);
}

/** Largest remainder over the columns, jointly for several thefts; units go along column by column. */
function share(pool: Pool, columns: readonly bigint[]): Parcel[][] {
  const rounded = roundTable(pool, columns);
  const table = new Map(pool.tainted.map(({ theft }, row) => [theft, rounded[row]!]));
  // A theft emptied by an earlier column has left the pool's list: parts are matched by theft.
  return columns.map((column, index) => {
    const parts = pool.tainted.map(({ theft }) => table.get(theft)![index]!);
    return pool.take(column, parts);
  });
}

function roundTable(pool: Pool, columns: readonly bigint[]): bigint[][] {
  const rows = pool.tainted.map((parcel) => parcel.amount);
  if (rows.length === 1) return [largestRemainder(rows[0]!, columns)];
  return jointRound([...rows, pool.balance - pool.taint], columns);
}
