import type { UnixSeconds } from '../base/time.ts';
import { firstFlowOf, firstStepOf } from '../flow/credit.ts';
import { type AccountFlow, type AssetFlow, type AssetSegment, FEE, NONE, type SwapTable } from '../flow/flow.ts';
import { entryAt } from '../flow/hop.ts';
import type { AssetId } from '../model/asset.ts';

/** A place that is touched from a time on. */
export interface FlowSeed {
  readonly asset: AssetId;
  readonly address: string;
  readonly time: UnixSeconds;
}

export interface FlowReachQuery {
  readonly seeds: readonly FlowSeed[];
  /** Address ids at which the money stops. */
  readonly stops: ReadonlySet<number>;
  readonly until: UnixSeconds | null;
  readonly maxHops: number | null;
}

/** Places reached, by asset (its index in the flow): place and fewest hops. */
export type FlowReach = ReadonlyMap<number, ReadonlyMap<number, number>>;

/**
 * Every place that money from the seeds can reach forward in time, as `reachAccounts` finds it in one pass over everything, but
 * going from place to place: only rows of reached places are looked at. Seeds whose address or asset the chain's rows never name are left out.
 */
export function reachFlow(flow: AccountFlow, query: FlowReachQuery): FlowReach {
  return new FlowPass(flow, query).run();
}

/** What a heap orders: the transaction's first step, then the row (a place's rows lie in order). Seeds come before rows. */
interface Event {
  readonly step: number;
  /** Rank of the row among those of its asset; -1 for a seed. */
  readonly rank: number;
  readonly asset: number;
  readonly place: number;
  readonly cursor: Cursor | null;
}

/** Just after a row of an asset, or after a whole step. */
interface Moment {
  readonly step: number;
  readonly asset: number;
  /** Infinity: after all of the step. */
  readonly rank: number;
}

class FlowPass {
  readonly #flow: AccountFlow;
  readonly #query: FlowReachQuery;
  readonly #lastStep: number;
  readonly #heap = new Heap();
  readonly #hops = new Map<number, Map<number, number>>();
  readonly #running = new Set<string>();
  readonly #swapped = new Set<number>();

  constructor(flow: AccountFlow, query: FlowReachQuery) {
    this.#flow = flow;
    this.#query = query;
    this.#lastStep = query.until === null ? flow.steps.count : flow.steps.firstAt(query.until + 1);
  }

  run(): FlowReach {
    for (const { asset, address, time } of this.#query.seeds) {
      const index = this.#flow.assets.findIndex((item) => item.asset === asset);
      const id = this.#flow.addresses.find(address);
      const place = index < 0 || id < 0 ? -1 : this.#flow.assets[index]!.placeOf(id);
      if (place < 0) continue;
      const step = Math.min(this.#flow.steps.firstAt(time), this.#lastStep);
      this.#heap.push({ step, rank: -1, asset: index, place, cursor: null });
    }
    for (let event = this.#heap.pop(); event !== null; event = this.#heap.pop()) this.#take(event);
    return this.#hops;
  }

  #take({ step, asset, place, cursor }: Event): void {
    if (cursor === null) {
      this.#touch(asset, place, 0, { step: step - 1, asset, rank: Number.POSITIVE_INFINITY });
      return;
    }
    const hops = this.#hops.get(asset)!.get(place)!;
    if (this.#follows(hops)) {
      if (cursor.swapped) this.#swap(step);
      else this.#arrive(asset, cursor.peer(), hops + 1, { step, asset, rank: cursor.rank });
    }
    cursor.advance();
    this.#await(asset, place, cursor);
  }

  #follows(hops: number): boolean {
    return this.#query.maxHops === null || hops <= this.#query.maxHops;
  }

  #arrive(asset: number, place: number, hops: number, moment: Moment): void {
    if (place === NONE || place === FEE) return;
    if (this.#query.stops.has(this.#flow.assets[asset]!.addressOf(place))) return;
    this.#touch(asset, place, hops, moment);
  }

  #touch(asset: number, place: number, hops: number, moment: Moment): void {
    const places = this.#hops.get(asset) ?? new Map<number, number>();
    this.#hops.set(asset, places);
    const before = places.get(place);
    if (before !== undefined && before <= hops) return;
    places.set(place, hops);
    const name = `${asset}/${place}`;
    if (!this.#follows(hops) || this.#running.has(name)) return;
    this.#running.add(name);
    this.#await(asset, place, new Cursor(this.#flow.assets[asset]!, this.#flow.swaps, place, asset, moment));
  }

  #await(asset: number, place: number, cursor: Cursor): void {
    if (cursor.done || cursor.rowStep >= this.#lastStep) return;
    this.#heap.push({ step: cursor.step, rank: cursor.rank, asset, place, cursor });
  }

  /** A transaction of several assets happens at once, where its first row stands: every payer reached by then passes on. */
  #swap(step: number): void {
    if (this.#swapped.has(step)) return;
    this.#swapped.add(step);
    const { flows } = this.#flow.swaps;
    const arrivals: [asset: number, place: number, hops: number][] = [];
    for (let at = firstFlowOf(flows, step); at < flows.length && flows[at]!.step === step; at += 1) {
      const { fromAsset, fromPlace, toAsset, toPlace, received } = flows[at]!;
      const hops = fromPlace === NONE ? undefined : this.#hops.get(fromAsset)?.get(fromPlace);
      if (hops !== undefined && this.#follows(hops) && received > 0n) arrivals.push([toAsset, toPlace, hops + 1]);
    }
    for (const [asset, place, hops] of arrivals)
      this.#arrive(asset, place, hops, { step, asset, rank: Number.POSITIVE_INFINITY });
  }
}

/** More than any row number of a segment. */
const SEGMENT_STRIDE = 2 ** 32;

/** The rows that a place pays, one after the other, from a moment on. */
class Cursor {
  done = false;
  /** The step of the row, and the first one of its transaction: there it happens. */
  rowStep = 0;
  step = 0;
  rank = 0;
  swapped = false;
  readonly #asset: AssetFlow;
  readonly #swaps: SwapTable;
  readonly #place: number;
  readonly #after: Moment;
  #segment = 0;
  #entry = 0;

  constructor(asset: AssetFlow, swaps: SwapTable, place: number, index: number, after: Moment) {
    this.#asset = asset;
    this.#swaps = swaps;
    this.#place = place;
    this.#after = after.asset === index ? after : { ...after, rank: Number.POSITIVE_INFINITY };
    this.#open(0);
    this.#settle();
  }

  peer(): number {
    return this.#current().out.peer.at(this.#entry);
  }

  advance(): void {
    this.#entry += 1;
    this.#settle();
  }

  #current(): AssetSegment {
    return this.#asset.segments[this.#segment]!;
  }

  /** Goes to the first entry of a segment whose step is not before the moment. */
  #open(segment: number): void {
    this.#segment = segment;
    if (segment >= this.#asset.segments.length) return;
    const now = this.#current();
    this.#entry = entryAt(now, 'out', now.out.start(this.#place), now.out.end(this.#place), this.#after.step);
  }

  /** Stops at the next row that happens after the moment. */
  #settle(): void {
    for (;;) {
      if (this.#segment >= this.#asset.segments.length) {
        this.done = true;
        return;
      }
      const { out, step } = this.#current();
      if (this.#entry >= out.end(this.#place)) {
        this.#open(this.#segment + 1);
        continue;
      }
      const row = out.row.at(this.#entry);
      this.rowStep = step.at(row);
      this.rank = this.#segment * SEGMENT_STRIDE + row;
      const first = firstStepOf(this.#swaps, this.rowStep);
      this.swapped = first >= 0;
      this.step = this.swapped ? first : this.rowStep;
      const later = this.step > this.#after.step;
      if (later || (!this.swapped && this.step === this.#after.step && this.rank > this.#after.rank)) return;
      this.#entry += 1;
    }
  }
}

/** A binary heap of events. */
class Heap {
  readonly #events: Event[] = [];

  push(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!before(event, events[parent]!)) break;
      events[at] = events[parent]!;
      at = parent;
    }
    events[at] = event;
  }

  pop(): Event | null {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined) return null;
    if (events.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && before(events[child + 1]!, events[child]!)) child += 1;
      if (!before(events[child]!, last)) break;
      events[at] = events[child]!;
      at = child;
    }
    events[at] = last;
    return first;
  }
}

function before(a: Event, b: Event): boolean {
  return a.step < b.step || (a.step === b.step && a.rank < b.rank);
}

/** Seconds in which a reached place pays or is paid: where the transactions of a trace stand. Ascending. */
export function touchedTimes(flow: AccountFlow, reach: FlowReach): UnixSeconds[] {
  const times = new Set<UnixSeconds>();
  for (const [asset, places] of reach) {
    for (const { out, in: into, step } of flow.assets[asset]!.segments) {
      for (const place of places.keys()) {
        for (const side of [out, into]) {
          for (let entry = side.start(place); entry < side.end(place); entry += 1)
            times.add(flow.steps.time(step.at(side.row.at(entry))));
        }
      }
    }
  }
  return [...times].sort((a, b) => a - b);
}
