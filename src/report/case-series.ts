import type { Transfer } from '../model/transfer.ts';
import { Openings } from '../trace/openings.ts';
import type { TraceContext } from '../trace/result.ts';
import type { Movement, PlaceKeyed } from './case-movements.ts';
import type { TaintChange } from './case-taint.ts';

const MOST_POINTS = 2000;

/** Balance and taint of one asset of a place, after each second with a movement. */
export interface PlaceSeries {
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly known: boolean;
  readonly points: readonly SeriesPoint[];
}

export interface SeriesPoint {
  /** Seconds. */
  readonly time: number;
  /** Base units. */
  readonly balance: string;
  /** Source units by method. */
  readonly tainted: Readonly<Record<string, string>>;
}

/** Base units that came or left. `set`: what the place had at that moment, whatever was counted before. */
export interface BalanceChange {
  readonly asset: string;
  readonly time: number;
  readonly units: bigint;
  readonly set: boolean;
}

/**
 * What moved at a place, of the evidence: an opening balance where a fetch knows one (what moved before it is not the whole and counts
 * for nothing), what came in, what went out. `credits`: arrivals that no row shows.
 */
export function balanceChanges(
  place: PlaceKeyed,
  rows: readonly Transfer[],
  spends: readonly { readonly time: number; readonly asset: string; readonly units: bigint }[],
  credits: readonly { readonly time: number; readonly asset: string; readonly units: bigint }[],
): readonly BalanceChange[] {
  const openings = new Openings(rows);
  const changes: BalanceChange[] = [...spends, ...credits].map((change) => ({ ...change, set: false }));
  for (const row of rows) {
    if (row.chain !== place.chain || openings.ahead(row, place.address) > 0) continue;
    const { asset, time, amount } = row;
    if (row.from === place.address) changes.push({ asset, time, units: -amount, set: false });
    if (row.to === place.address) changes.push({ asset, time, units: amount, set: row.kind === 'opening' });
  }
  return changes.sort((a, b) => a.time - b.time || Number(b.set) - Number(a.set));
}

/** Of a UTXO address: what its outputs brought and their spending took. */
export function outputChanges(
  place: PlaceKeyed,
  movements: readonly Movement[],
  spends: readonly { readonly time: number; readonly asset: string; readonly value: bigint }[],
): { time: number; asset: string; units: bigint }[] {
  const got = movements.filter((movement) => movement.to === place.address);
  return [
    ...got.map(({ time, asset, amount }) => ({ time, asset, units: amount })),
    ...spends.map(({ time, asset, value }) => ({ time, asset, units: -value })),
  ];
}

export function seriesOf(
  balances: readonly BalanceChange[],
  taints: ReadonlyMap<string, readonly TaintChange[]>,
  isKnown: (asset: string) => boolean,
  assets: TraceContext['assets'],
): readonly PlaceSeries[] {
  const names = new Set([...balances, ...[...taints.values()].flat()].map(({ asset }) => asset));
  return [...names].map((asset) => {
    const own = balances.filter((change) => change.asset === asset);
    const by = [...taints]
      .map(([method, changes]) => [method, changes.filter((change) => change.asset === asset)] as const)
      .filter(([, changes]) => changes.length > 0);
    const { symbol = '', decimals = null } = assets[asset] ?? {};
    return { asset, symbol, decimals, known: isKnown(asset), points: thinned(pointsOf(own, by)) };
  });
}

function pointsOf(
  balances: readonly BalanceChange[],
  taints: readonly (readonly [method: string, changes: readonly TaintChange[]])[],
): SeriesPoint[] {
  const times = new Set([...balances, ...taints.flatMap(([, changes]) => changes)].map(({ time }) => time));
  const sorted = [...times].sort((a, b) => a - b);
  const balance = runningBalance(sorted, balances);
  const least = balance.reduce((low, units) => (units < low ? units : low), 0n);
  const tainted = taints.map(([method, changes]) => [method, runningTaint(sorted, changes)] as const);
  return sorted.map((time, index) => ({
    time,
    balance: (balance[index]! - least).toString(),
    tainted: Object.fromEntries(tainted.map(([method, units]) => [method, units[index]!.toString()])),
  }));
}

function runningBalance(times: readonly number[], changes: readonly BalanceChange[]): bigint[] {
  let at = 0;
  let units = 0n;
  return times.map((time) => {
    for (; at < changes.length && changes[at]!.time <= time; at += 1) {
      const change = changes[at]!;
      units = change.set ? change.units : units + change.units;
    }
    return units;
  });
}

function runningTaint(times: readonly number[], changes: readonly TaintChange[]): bigint[] {
  let at = 0;
  let units = 0n;
  return times.map((time) => {
    for (; at < changes.length && changes[at]!.time <= time; at += 1) units += changes[at]!.units;
    return units;
  });
}

/** Evenly chosen, the first and the last among them. */
function thinned(points: SeriesPoint[]): SeriesPoint[] {
  if (points.length <= MOST_POINTS) return points;
  return Array.from(
    { length: MOST_POINTS },
    (_, index) => points[Math.round((index * (points.length - 1)) / (MOST_POINTS - 1))]!,
  );
}
