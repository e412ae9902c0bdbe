export type Freshness = 'fresh' | 'ageing' | 'stale' | 'historical' | 'empty';

export interface ChainTimes {
  /** ISO 8601 each. Of the newest movement stored. */
  readonly lastTime: string | null;
  /** Of the newest block fetched and checked. */
  readonly fetchedUntil: string | null;
  readonly importedAt: string | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What was this old when it came in was never meant to be current: the file of an old case. */
const OF_THE_PAST_MS = 30 * DAY_MS;

/** The newest moment that the data of a chain reach: ISO 8601, null where there are none. */
export function reachOf({ lastTime, fetchedUntil }: ChainTimes): string | null {
  if (lastTime === null || fetchedUntil === null) return lastTime ?? fetchedUntil;
  return Date.parse(lastTime) > Date.parse(fetchedUntil) ? lastTime : fetchedUntil;
}

/** Under an hour is fresh, over a day stale. `now`: milliseconds. */
export function freshnessOf(times: ChainTimes, now: number): Freshness {
  const reach = reachOf(times);
  if (reach === null) return 'empty';
  const at = Date.parse(reach);
  if (times.importedAt !== null && Date.parse(times.importedAt) - at > OF_THE_PAST_MS) return 'historical';
  const age = now - at;
  return age < HOUR_MS ? 'fresh' : age <= DAY_MS ? 'ageing' : 'stale';
}
