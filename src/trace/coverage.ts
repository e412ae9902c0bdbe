import type { Evidence } from './evidence.ts';

/** True where the data hold every movement of a chain from a time on to a later one: then a place that kept still kept still. */
export type CoveredUntil = (chain: string, since: number) => boolean;

/** Only an import that was declared complete covers a place after its last known movement; everything else is the edge of the data. */
export function coverageOf(evidence: Evidence): CoveredUntil {
  const until = evidence.options.until ?? Number.POSITIVE_INFINITY;
  return (chain, since) =>
    evidence.sources.some(
      ({ chain: covered, complete }) =>
        covered === chain && complete !== null && complete.from <= since && since < Math.min(complete.until, until),
    );
}
