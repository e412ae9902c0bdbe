import type { UnixSeconds } from '../base/time.ts';
import { accountKey, type Finding, ratio } from './movement.ts';

/** Less than this share of a theft at a place is dust: anyone can be sent it, so it says nothing about the owner. */
export const MIN_SHARE_OF_THEFT = 0.0001;

/** What of one theft reached one place, by a method that conserves. */
export interface Reached {
  readonly chain: string;
  readonly address: string;
  /** Theft ids; ids with the same `incident` are one theft of several assets and do not meet each other. */
  readonly theft: string;
  readonly incident: string;
  readonly units: bigint;
  /** All that was stolen in that theft, in the same units. */
  readonly stolen: bigint;
  readonly firstTime: UnixSeconds;
  readonly lastTime: UnixSeconds;
  /** A service, mixer, bridge or burn: many people's money meets there, so meeting there says nothing. */
  readonly shared: boolean;
}

/** S12: one address reached from thefts of two or more incidents. Most incidents first. */
export function findCommingling(reached: readonly Reached[]): Finding[] {
  const places = new Map<string, Reached[]>();
  for (const item of reached) {
    if (item.shared || item.units <= 0n || item.stolen <= 0n) continue;
    if (ratio(item.units, item.stolen) < MIN_SHARE_OF_THEFT) continue;
    const key = accountKey(item.chain, item.address);
    const list = places.get(key);
    if (list === undefined) places.set(key, [item]);
    else list.push(item);
  }
  return [...places.values()]
    .filter((items) => incidentsOf(items).length > 1)
    .sort((a, b) => incidentsOf(b).length - incidentsOf(a).length || firstOf(a) - firstOf(b))
    .map(describe);
}

function incidentsOf(items: readonly Reached[]): string[] {
  return [...new Set(items.map((item) => item.incident))].sort();
}

function firstOf(items: readonly Reached[]): UnixSeconds {
  return items.reduce((first, item) => Math.min(first, item.firstTime), Number.POSITIVE_INFINITY);
}

function describe(items: readonly Reached[]): Finding {
  const { chain, address } = items[0]!;
  const incidents = incidentsOf(items);
  const units = new Map<string, bigint>();
  for (const { theft, units: more } of items) units.set(theft, (units.get(theft) ?? 0n) + more);
  const byTheft = [...units].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    id: 'S12',
    name: 'commingling',
    summary: `${address} was reached from ${incidents.length} incidents: ${incidents.join(', ')}`,
    addresses: [address],
    firstTime: firstOf(items),
    lastTime: items.reduce((last, item) => Math.max(last, item.lastTime), 0),
    evidence: {
      chain,
      incidents: String(incidents.length),
      ...Object.fromEntries(byTheft.map(([theft, sum]) => [`units of ${theft}`, String(sum)])),
    },
  };
}
