import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { StopKind } from '../taint/step.ts';

/** What a user may set for a trace; part of the case and of the bundle. */
export interface TraceOptions {
  readonly methods: readonly string[];
  /** Movements after this second are not followed. */
  readonly until: UnixSeconds | null;
  /** The money is followed through at most so many movements, one at least; places that the last one reaches hold what they get. */
  readonly maxHops: number | null;
  /** Decimal amount in whole units of each theft's asset; smaller parcels go to `belowThreshold`. */
  readonly minAmount: string | null;
  /** Categories at which a trace stops; empty follows through everything. */
  readonly stopCategories: readonly string[];
  /** Addresses (chain:address or address) that the user declares to be a stop. */
  readonly stopAddresses: readonly string[];
  /** An unlabelled address with more distinct counterparties than this is a suspected service; null for no limit. */
  readonly maxCounterparties: number | null;
  /** A trace that would read more is stopped before it fills the memory: a sign of a missing stop. */
  readonly maxTransfers: number;
}

/**
 * What each category stops as. Categories that are not here (sanctioned, stolen, scam, user, wallet, dex, lending, token, …) are
 * followed through: a sanctioned wallet that passes loot on is a part of the path, and a pool is netted out of its transaction.
 */
export const STOP_OF_CATEGORY: Readonly<Record<string, StopKind>> = {
  exchange: 'service',
  otc: 'service',
  payment: 'service',
  gambling: 'service',
  darknet: 'service',
  mining: 'service',
  service: 'service',
  mixer: 'mixer',
  bridge: 'bridge',
  burn: 'burn',
};

/** Where a hold request can be answered: someone keeps the money and knows the customer. */
export const CUSTODIAL = new Set(['exchange', 'otc', 'payment', 'gambling', 'service', 'suspected']);

export const DEFAULT_MAX_COUNTERPARTIES = 1000;

export const DEFAULT_TRACE_OPTIONS: TraceOptions = {
  methods: [],
  until: null,
  maxHops: null,
  minAmount: null,
  stopCategories: Object.keys(STOP_OF_CATEGORY),
  stopAddresses: [],
  maxCounterparties: DEFAULT_MAX_COUNTERPARTIES,
  maxTransfers: 500_000,
};

/** `--stop` words: none, a category (all others then follow), or an address. */
export function parseStops(words: readonly string[]): Pick<TraceOptions, 'stopCategories' | 'stopAddresses'> {
  const known = Object.keys(STOP_OF_CATEGORY);
  if (words.length === 0) return { stopCategories: known, stopAddresses: [] };
  const categories = words.filter((word) => known.includes(word));
  const addresses = words.filter((word) => !known.includes(word) && word !== 'none' && word !== 'labelled');
  const wrong = addresses.find((word) => word.length < 20);
  if (wrong !== undefined) {
    throw new HaetaeError('E_USAGE', 'not a stop', {
      context: { stop: wrong },
      remedy: `--stop takes none, labelled, an address, or a category: ${known.join(', ')}`,
    });
  }
  const onlyAddresses = categories.length === 0 && !words.includes('none');
  return { stopCategories: words.includes('labelled') || onlyAddresses ? known : categories, stopAddresses: addresses };
}

/** Places at most so far from a seed pass money on; null for no limit. */
export function passingHops({ maxHops }: TraceOptions): number | null {
  return maxHops === null ? null : maxHops - 1;
}
