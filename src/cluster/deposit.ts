import { FEE } from '../kernel/rows.ts';
import { type DepositAsset, type DepositSegment, entryAtOrAfter, type Numbers } from './deposit-asset.ts';
import {
  type DepositRow,
  type DepositTable,
  depositRow,
  depositTable,
  MatchColumns,
  type Outgoing,
} from './deposit-table.ts';

export interface DepositRules {
  /** Address ids are below it. */
  readonly addresses: number;
  /** Address ids of services' main addresses, with the service's number. */
  readonly mains: ReadonlyMap<number, number>;
  /** Neither depositor nor deposit address: labelled services and contracts, hubs. Asked once an address, then remembered. */
  excluded(address: number): boolean;
  /** Whether a payment at step `arrival` is recent enough for one at step `forward` (t_max): once false, false for all earlier ones. */
  recent(arrival: number, forward: number): boolean;
  /** Deposit addresses below it are left out. */
  readonly minConfidence: number;
}

/** t_max: blocks, and the seconds they took then (half a day), for chains and files without block numbers. */
export const MAX_BLOCKS = 3_200;
export const MAX_SECONDS = 43_200;
/** Below this a deposit address is left out: 0.6 is two payments of three that went to the service. */
export const MIN_CONFIDENCE = 0.6;
/** An address that more paid than this is a till, not one customer's: its senders are not joined. A choice, not a measurement. */
export const MAX_SENDERS = 50;
/** Arrivals looked at for one payment passed on: what lies further back belongs to an earlier one. */
const LOOK_BACK = 256;

/**
 * Deposit address reuse: an address that passes on what it receives to an exchange's main address, soon and but for the fee, was
 * given by the exchange to one customer. So it is the exchange's, and those who pay into it are one customer.
 * Source: Victor, "Address Clustering Heuristics for Ethereum" (FC 2020), and his code (etherclust): at most a_max = 0.01 ether less, within
 * t_max = 3,200 blocks; tokens in the same amount, as the fee is not paid in them; senders are no exchange and no miner.
 *
 * Beside it, as labels are not complete: the address must send nearly all its payments to that service, in whatever asset. `confidence`
 * says how nearly: (s + 1) / (n + 2) for s of n outgoing payments, Laplace's rule of succession, so that one payment is no proof.
 * It is that figure and no measured probability; what the drill's truth says of it stands in docs/entities.md.
 *
 * Known errors. A private wallet that received once and paid an exchange's main address at once looks like a deposit address. One who
 * shows his deposit address to the public, and a shop that is paid straight into its account, make customers one: hence MAX_SENDERS.
 * Deposits that the exchange sweeps together, late, or by contracts are not found, nor any of an exchange that has no label.
 *
 * Work goes with the payments to services, not with the chain.
 */
export function findDeposits(assets: readonly DepositAsset[], rules: DepositRules): DepositTable {
  const excluded = remembered(rules);
  const matches = new MatchColumns();
  const mains = assets.map((asset) => placesOf(asset, rules.mains));
  assets.forEach((asset, index) => {
    matchAsset(asset, index, mains[index]!, { ...rules, excluded }, matches);
  });
  const deposits = matches.deposits();
  const outgoing = new Map<number, Outgoing>();
  for (const deposit of deposits) outgoing.set(deposit, { all: 0, toService: new Map() });
  assets.forEach((asset, index) => {
    countOutgoing(asset, mains[index]!, outgoing);
  });
  return depositTable(
    [...rowsOf(matches, deposits, outgoing)].filter(
      (row) => depositConfidence(row.toService, row.outgoing) >= rules.minConfidence,
    ),
  );
}

/** `excluded`, asked once an address; main addresses are excluded. */
function remembered({ addresses, mains, excluded }: DepositRules): (address: number) => boolean {
  const UNKNOWN = 0;
  const IN = 1;
  const OUT = 2;
  const answers = new Uint8Array(addresses);
  for (const main of mains.keys()) answers[main] = OUT;
  return (address) => {
    if (answers[address] === UNKNOWN) answers[address] = excluded(address) ? OUT : IN;
    return answers[address] === OUT;
  };
}

/** (s + 1) / (n + 2): see {@link findDeposits}. */
export function depositConfidence(toService: number, outgoing: number): number {
  return (toService + 1) / (outgoing + 2);
}

function* rowsOf(
  matches: MatchColumns,
  deposits: Uint32Array,
  outgoing: ReadonlyMap<number, Outgoing>,
): Generator<DepositRow> {
  const { order, starts } = matches.byDeposit(deposits);
  for (const [at, deposit] of deposits.entries()) {
    const own = Array.from(order.subarray(starts[at], starts[at + 1]), (index) => matches.match(index));
    yield depositRow(own, outgoing.get(deposit)!);
  }
}

function placesOf(asset: DepositAsset, mains: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const [main, service] of mains) {
    const place = asset.placeOf(main);
    if (place >= 0) places.set(place, service);
  }
  return places;
}

function matchAsset(
  asset: DepositAsset,
  index: number,
  mains: ReadonlyMap<number, number>,
  rules: DepositRules,
  matches: MatchColumns,
): void {
  for (const [place, service] of mains) {
    asset.segments.forEach((segment, number) => {
      const { peer, row: rows } = segment.in;
      const end = segment.in.end(place);
      for (let at = segment.in.start(place); at < end; at += 1) {
        const from = peer.at(at);
        if (from >= asset.placeCount) continue;
        const deposit = asset.addressOf(from);
        if (rules.excluded(deposit)) continue;
        const row = rows.at(at);
        const found = arrivalFor({ asset, place: from, segment: number, row }, rules);
        if (found !== null)
          matches.add({ deposit, service, asset: index, forwardStep: segment.step.at(row), ...found });
      }
    });
  }
}

interface Forward {
  readonly asset: DepositAsset;
  /** Of the deposit address. */
  readonly place: number;
  readonly segment: number;
  readonly row: number;
}

/** The latest payment that came in before, fits, and is from no service. */
function arrivalFor(
  { asset, place, segment, row }: Forward,
  rules: DepositRules,
): { readonly sender: number; readonly step: number; readonly row: number } | null {
  const forward = asset.segments[segment]!;
  const step = forward.step.at(row);
  let left = LOOK_BACK;
  for (let number = segment; number >= 0; number -= 1) {
    const earlier = asset.segments[number]!;
    const { peer, row: rows } = earlier.in;
    const start = earlier.in.start(place);
    const end = earlier.in.end(place);
    for (let at = (number === segment ? entryAtOrAfter(rows, start, end, row) : end) - 1; at >= start; at -= 1) {
      const arrival = rows.at(at);
      const arrived = earlier.step.at(arrival);
      if (left === 0 || !rules.recent(arrived, step)) return null;
      left -= 1;
      const from = peer.at(at);
      if (from >= asset.placeCount || from === place || !fits(asset, earlier, arrival, forward, row)) continue;
      const sender = asset.addressOf(from);
      if (!rules.excluded(sender)) return { sender, step: arrived, row: arrival };
    }
  }
  return null;
}

/** 0 ≤ what came − what went ≤ a_max. Doubles refuse what is surely outside; the exact amounts decide. */
function fits(
  { maxDifference }: DepositAsset,
  came: DepositSegment,
  arrival: number,
  went: DepositSegment,
  row: number,
): boolean {
  const about = double(came.low, arrival) - double(went.low, row);
  const surelyOutside = about < -ROUNDING || about > Number(maxDifference) + ROUNDING;
  if (came.high === null && went.high === null && surelyOutside) return false;
  const difference = came.amount(arrival) - went.amount(row);
  return difference >= 0n && difference <= maxDifference;
}

/** More than two amounts of 64 bits and their difference lose as doubles. */
const ROUNDING = 8_192;

function double(low: Numbers, row: number): number {
  return low.at(2 * row) + low.at(2 * row + 1) * 4_294_967_296;
}

/** Adds up, for each deposit address, its payments and those to each service. */
function countOutgoing(
  asset: DepositAsset,
  mains: ReadonlyMap<number, number>,
  outgoing: ReadonlyMap<number, Outgoing>,
): void {
  for (let place = 0; place < asset.placeCount; place += 1) {
    const counted = outgoing.get(asset.addressOf(place));
    if (counted === undefined) continue;
    for (const { out } of asset.segments) {
      const end = out.end(place);
      for (let at = out.start(place); at < end; at += 1) {
        const to = out.peer.at(at);
        if (to === FEE) continue;
        counted.all += 1;
        const service = mains.get(to);
        if (service !== undefined) counted.toService.set(service, (counted.toService.get(service) ?? 0) + 1);
      }
    }
  }
}
