import { poolMethod, takeDirty } from './dirty-first.ts';
import type { Method, MethodContext, MethodInfo } from './method.ts';

export const TIHO: MethodInfo = {
  name: 'tiho',
  version: 1,
  summary: 'Taint in, highest out: the stolen money of a transaction goes to its largest receivers first.',
};

export function tiho({ seniority, meeting }: MethodContext): Method {
  return poolMethod(seniority, largestFirst, true, (pool, amount) => takeDirty(pool, amount, meeting));
}

/** Largest value first; among equals the later one. */
export function largestFirst(values: readonly bigint[]): number[] {
  const order = values.map((_, index) => index);
  return order.sort((a, b) => (values[a]! === values[b]! ? b - a : values[a]! > values[b]! ? -1 : 1));
}
