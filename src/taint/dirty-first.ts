import { divideTaint, fillInOrder, inOrder, type Method, type MethodContext, type MethodInfo } from './method.ts';
import type { Parcel } from './parcel.ts';
import { Pool } from './pool.ts';
import type { Seniority } from './seniority.ts';
import type { MeetingRule } from './step.ts';

export const DIRTY_FIRST: MethodInfo = {
  name: 'dirty-first',
  version: 1,
  summary: 'Stolen money is spent before clean money: a payment of x carries min(T, x) of the T stolen units there.',
};

export function dirtyFirst({ seniority, meeting }: MethodContext): Method {
  return poolMethod(seniority, inOrder, false, (pool, amount) => takeDirty(pool, amount, meeting));
}

export function takeDirty(pool: Pool, amount: bigint, meeting: MeetingRule): Parcel[] {
  if (pool.tainted.length === 0) return pool.takeClean(amount);
  if (amount === pool.balance) return pool.takeAll();
  const taint = pool.taint;
  return takeTaint(pool, amount, taint < amount ? taint : amount, meeting);
}

/** Takes `amount`, of it exactly `taint` tainted; the meeting rule says whose. */
export function takeTaint(pool: Pool, amount: bigint, taint: bigint, meeting: MeetingRule): Parcel[] {
  return taint === 0n ? pool.takeClean(amount) : pool.take(amount, divideTaint(pool, taint, meeting));
}

/** A method over sums whose UTXO transactions fill the outputs one after the other out of the joined inputs. */
export function poolMethod(
  seniority: Seniority,
  fillOrder: (values: readonly bigint[]) => number[],
  nets: boolean,
  take: (pool: Pool, amount: bigint) => Parcel[],
): Method {
  return {
    nets,
    fillOrder,
    empty: () => new Pool(seniority),
    take: (stock, amount) => take(stock as Pool, amount),
    spread: (inputs, outside, outputs) => {
      const pool = new Pool(seniority);
      for (const parcels of inputs) pool.putAll(parcels);
      pool.balance += outside;
      return fillInOrder(pool, outputs, fillOrder(outputs), (stock, amount) => take(stock as Pool, amount));
    },
  };
}
