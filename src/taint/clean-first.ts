import { poolMethod, takeTaint } from './dirty-first.ts';
import { inOrder, type Method, type MethodContext, type MethodInfo } from './method.ts';
import type { Parcel } from './parcel.ts';
import type { Pool } from './pool.ts';
import type { MeetingRule } from './step.ts';

export const CLEAN_FIRST: MethodInfo = {
  name: 'clean-first',
  version: 1,
  summary:
    'Lowest intermediate balance: clean money is spent first, so stolen money moves only where nothing else is left (Re Hallett, 1880; Roscoe v Winder, 1915).',
};

export function cleanFirst({ seniority, meeting }: MethodContext): Method {
  return poolMethod(seniority, inOrder, false, (pool, amount) => takeClean(pool, amount, meeting));
}

function takeClean(pool: Pool, amount: bigint, meeting: MeetingRule): Parcel[] {
  if (pool.tainted.length === 0) return pool.takeClean(amount);
  if (amount === pool.balance) return pool.takeAll();
  const clean = pool.balance - pool.taint;
  return takeTaint(pool, amount, amount > clean ? amount - clean : 0n, meeting);
}
