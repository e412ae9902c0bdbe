import type { Evidence } from './evidence.ts';

/**
 * True where the data hold every movement of a place (address, or txid:index) from a second on to a later one, so that what is held
 * there is known to have stayed.
 */
export type CoveredUntil = (chain: string, place: string, since: number) => boolean;

/** An import that was declared complete covers its chain, a fetch covers the places it read whole; all else is the edge of the data. */
export function coverageOf(evidence: Evidence): CoveredUntil {
  const limit = evidence.options.until ?? Number.POSITIVE_INFINITY;
  const fetched = new Map<string, { from: number; until: number }[]>();
  for (const { chain, place, from, until } of evidence.coverage) {
    const key = `${chain}|${place}`;
    fetched.set(key, [...(fetched.get(key) ?? []), { from, until }]);
  }
  return (chain, place, since) =>
    evidence.sources.some(
      ({ chain: covered, complete }) =>
        covered === chain && complete !== null && complete.from <= since && since < Math.min(complete.until, limit),
    ) || (fetched.get(`${chain}|${place}`) ?? []).some(({ from, until }) => from <= since && since <= until);
}
