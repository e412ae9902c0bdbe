import type { Progress } from '../base/progress.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { AccountFlow } from '../flow/flow.ts';
import type { FileUtxoFlow } from '../flow/utxo-flow.ts';
import type { ChainId } from '../model/chain.ts';
import type { Transfer } from '../model/transfer.ts';
import type { BusyAddress, Store } from '../store/port.ts';
import { type FlowReach, type FlowSeed, reachFlow, touchedTimes } from './index-reach.ts';

/** The columns of a chain, where its index is up to date with the store; null where the store must be read from end to end. */
export type IndexedChains = (chain: ChainId) => AccountFlow | FileUtxoFlow | null;

export const NOT_INDEXED: IndexedChains = () => null;

/** Looking up a second costs about a millisecond, a pass over a chain of 50 million movements 20 seconds. */
const MANY_SECONDS = 20_000;
/** Seconds looked up before the limit of a trace is asked. */
const SECONDS_AT_ONCE = 2_000;

export interface IndexedQuery {
  readonly seeds: readonly FlowSeed[];
  /** Addresses of the chain at which the money stops. */
  readonly stops: Iterable<string>;
  readonly until: UnixSeconds | null;
  readonly maxHops: number | null;
}

export interface IndexedRows {
  readonly places: number;
  /** In order; null where a limit was passed before all were read. */
  readonly transfers: readonly Transfer[] | null;
}

/**
 * What `reachAccounts` and `transfersTouching` give together, of one chain, by its index: whole transactions of every place reached, up to the end.
 * null where they stand in so many seconds that a pass over everything is faster.
 */
export async function gatherIndexed(
  store: Store,
  flow: AccountFlow,
  query: IndexedQuery,
  limit: number,
  progress: Progress,
): Promise<IndexedRows | null> {
  const stops = new Set<number>();
  for (const address of query.stops) stops.add(flow.addresses.find(address));
  const reach = reachFlow(flow, { ...query, stops });
  const names = placeNames(flow, reach, query.seeds);
  const times = touchedTimes(flow, reach).filter((time) => query.until === null || time <= query.until);
  if (times.length > MANY_SECONDS) return null;
  const transfers: Transfer[] = [];
  for (let start = 0; start < times.length; start += SECONDS_AT_ONCE) {
    for await (const chunk of store.transfersAt(flow.chain, times.slice(start, start + SECONDS_AT_ONCE))) {
      for (const row of touching(chunk, names)) transfers.push(row);
      if (transfers.length > limit) return { places: names.size, transfers: null };
    }
    progress.report('reading transfers', transfers.length, 0);
  }
  return { places: names.size, transfers };
}

/** Seeds that the columns do not name count as reached too: nothing moved there, as a pass over everything says. */
function placeNames(flow: AccountFlow, reach: FlowReach, seeds: readonly FlowSeed[]): Set<string> {
  const names = new Set(seeds.map(({ address, asset }) => `${address}|${asset}`));
  for (const [index, places] of reach) {
    const asset = flow.assets[index]!;
    for (const place of places.keys()) names.add(`${flow.addresses.text(asset.addressOf(place))}|${asset.asset}`);
  }
  return names;
}

/** Of rows of whole seconds: the whole transactions in which a place pays or is paid more than nothing. */
function touching(rows: readonly Transfer[], places: ReadonlySet<string>): Transfer[] {
  const hit = (row: Transfer): boolean =>
    row.amount > 0n &&
    ((row.from !== null && places.has(`${row.from}|${row.asset}`)) ||
      (row.to !== null && places.has(`${row.to}|${row.asset}`)));
  const hits = new Set<string>();
  for (const row of rows) if (row.tx !== null && !hits.has(row.tx) && hit(row)) hits.add(row.tx);
  return rows.filter((row) => (row.tx === null ? hit(row) : hits.has(row.tx)));
}

/** As `Store.busyAddresses`, of one chain. */
export function busyInFlow(flow: AccountFlow, limit: number): BusyAddress[] {
  const busy: BusyAddress[] = [];
  for (let id = 0; id < flow.addresses.size; id += 1) {
    const counterparties = flow.counterparties(id);
    if (counterparties > limit) busy.push({ chain: flow.chain, address: flow.addresses.text(id), counterparties });
  }
  return busy;
}
