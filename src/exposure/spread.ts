import { FEE } from '../flow/flow.ts';
import { EventHeap } from './_event-heap.ts';
import type { AccountGraph } from './account-graph.ts';
import { NO_CATEGORY } from './categories.ts';
import { type Moment, MovementsOf, START } from './movements-of.ts';
import { Reached } from './reached.ts';

/** What of an account's payments has to do with some addresses: in base units of the account. */
export interface Spread {
  /** In payments above the dust limit. */
  all: number;
  small: number;
  /** In one payment straight from (to) one of them. */
  direct: number;
}

export interface SpreadQuery {
  readonly graph: AccountGraph;
  /** By address id. Money stops at addresses with a category. */
  readonly lanes: Uint8Array;
  /** Places that the money starts from (ends at): it stops there too. */
  readonly seeds: readonly number[];
  /** By asset: payments of at most so many base units are small. */
  readonly dust: readonly number[];
  /** A place is not followed for less than this part of the dust limit of its asset. */
  readonly least: number;
}

/** Movements looked at before others get their turn. */
const SLICE = 4_096;

/**
 * By place, what came from the seeds, pro rata. Going forward from place to place; a place that has passed on all but a trace is left until more comes.
 * Yields between slices of its work.
 */
export function* spreadForward(query: SpreadQuery): Generator<void, ReadonlyMap<number, Spread>> {
  const pass = new ForwardSpread(query);
  while (pass.work(SLICE)) yield;
  return pass.came;
}

/** By place, what of its money went to the seeds, pro rata, going backward. */
export function* spreadBackward(query: SpreadQuery): Generator<void, ReadonlyMap<number, Spread>> {
  const pass = new BackwardSpread(query);
  while (pass.work(SLICE)) yield;
  return pass.went;
}

/** What both directions know of places. */
class Places {
  readonly reached = new Reached();
  readonly stops: boolean[] = [];
  readonly #query: SpreadQuery;
  readonly #seeds: ReadonlySet<number>;

  constructor(query: SpreadQuery) {
    this.#query = query;
    this.#seeds = new Set(query.seeds);
  }

  isSeed(place: number): boolean {
    return this.#seeds.has(place);
  }

  isStop(place: number): boolean {
    const { graph, lanes } = this.#query;
    return this.#seeds.has(place) || lanes[graph.layout.ownerOf(place)] !== NO_CATEGORY;
  }

  dustOf(place: number): number {
    const { graph, dust } = this.#query;
    return dust[graph.layout.assetOf(place)] ?? 0;
  }

  leastOf(place: number): number {
    return this.#query.least * this.dustOf(place);
  }
}

/** Adds what one payment carried. */
export function addSpread(
  found: Map<number, Spread>,
  place: number,
  { all = 0, direct = 0, small = 0 }: Partial<Spread>,
): void {
  const known = found.get(place);
  if (known === undefined) {
    found.set(place, { all, direct, small });
    return;
  }
  known.all += all;
  known.direct += direct;
  known.small += small;
}

class ForwardSpread {
  readonly came = new Map<number, Spread>();
  readonly #graph: AccountGraph;
  readonly #places: Places;
  readonly #heap = new EventHeap('smallest');
  readonly #cursors: MovementsOf[] = [];
  readonly #held: number[] = [];
  readonly #isOpen: boolean[] = [];
  readonly #seeds: number;

  constructor(query: SpreadQuery) {
    this.#graph = query.graph;
    this.#places = new Places(query);
    this.#seeds = query.seeds.length;
    for (const place of query.seeds) {
      this.#known(place);
      this.#open(place, this.#places.reached.find(place), START);
    }
  }

  /** False where there is nothing left to do. */
  work(movements: number): boolean {
    const heap = this.#heap;
    for (let looked = 0; looked < movements; looked += 1) {
      if (heap.size === 0) return false;
      const { id, handle } = heap;
      const { from, order, to, ratio, gain, arrives } = this.#graph.read(id);
      const cursor = this.#cursors[handle]!;
      const isSeed = handle < this.#seeds;
      const part = isSeed ? 0 : ratio * this.#held[handle]!;
      if (!isSeed) this.#held[handle] = this.#held[handle]! - part;
      // A place opened here waits for later movements only: the first of the heap is still the same.
      cursor.next();
      const isSpent = !isSeed && this.#held[handle]! <= this.#places.leastOf(from) / 16;
      if (cursor.id < 0 || isSpent) {
        heap.pop();
        this.#isOpen[handle] = false;
      } else heap.replace(cursor.order, cursor.id);
      const amount = isSeed ? (this.#graph.isOwnSwap(id) ? 0 : arrives) : part * gain;
      if (to < FEE && to !== from && amount > 0) this.#arrive(to, amount, { isSeed, arrives }, { order, id });
    }
    return true;
  }

  #arrive(place: number, amount: number, by: { readonly isSeed: boolean; readonly arrives: number }, at: Moment): void {
    const places = this.#places;
    const isSmall = by.arrives <= places.dustOf(place);
    addSpread(this.came, place, isSmall ? { small: amount } : { all: amount, direct: by.isSeed ? amount : 0 });
    if (places.isStop(place)) return;
    const handle = this.#known(place);
    this.#held[handle] = this.#held[handle]! + amount;
    if (!this.#isOpen[handle] && this.#held[handle]! > places.leastOf(place)) this.#open(place, handle, at);
  }

  #known(place: number): number {
    const known = this.#places.reached.find(place);
    if (known >= 0) return known;
    this.#held.push(0);
    this.#isOpen.push(false);
    return this.#places.reached.add(place);
  }

  #open(place: number, handle: number, at: Moment): void {
    const cursor = new MovementsOf(this.#graph, place, ['out'], 'up', at);
    this.#cursors[handle] = cursor;
    this.#isOpen[handle] = cursor.id >= 0;
    if (cursor.id >= 0) this.#heap.push(cursor.order, cursor.id, handle);
  }
}

class BackwardSpread {
  readonly went = new Map<number, Spread>();
  readonly #graph: AccountGraph;
  readonly #places: Places;
  readonly #heap = new EventHeap('largest');
  readonly #cursors: MovementsOf[] = [];
  /** By place reached: how much of a unit there gets to a seed. */
  readonly #share: number[] = [];
  readonly #isOpen: boolean[] = [];
  #done = -1;

  constructor(query: SpreadQuery) {
    this.#graph = query.graph;
    this.#places = new Places(query);
    const end = query.graph.before(query.graph.flow.steps.count);
    for (const place of query.seeds) this.#open(place, this.#known(place), ['in'], end);
  }

  work(movements: number): boolean {
    const heap = this.#heap;
    for (let looked = 0; looked < movements; looked += 1) {
      if (heap.size === 0) return false;
      const { id, handle } = heap;
      if (id !== this.#done) this.#take(id);
      this.#done = id;
      const cursor = this.#cursors[handle]!;
      cursor.next();
      const isSpent = this.#share[handle] === 0 && !this.#places.isSeed(this.#places.reached.places[handle]!);
      if (cursor.id < 0 || isSpent) {
        heap.pop();
        this.#isOpen[handle] = false;
      } else heap.replace(cursor.order, cursor.id);
    }
    return true;
  }

  #take(number: number): void {
    const { id, order, from, to, ratio, leaves } = this.#graph.read(number);
    if (from >= FEE || from === to) return;
    const places = this.#places;
    const isSeed = to < FEE && places.isSeed(to) && !this.#graph.isOwnSwap(id);
    const share = isSeed ? 1 : this.#shareOf(to);
    if (share > 0) addSpread(this.went, from, { all: leaves * share, direct: isSeed ? leaves : 0 });
    if (places.isStop(from)) return;
    const payer = places.reached.find(from);
    if (payer >= 0) {
      const next = (1 - ratio) * this.#share[payer]! + ratio * share;
      this.#share[payer] = next < LEAST_SHARE ? 0 : next;
      if (next >= LEAST_SHARE && !this.#isOpen[payer]) this.#open(from, payer, ['in', 'out'], { order, id });
      return;
    }
    if (share === 0 || leaves * share <= places.leastOf(from)) return;
    const handle = this.#known(from);
    this.#share[handle] = ratio * share;
    this.#open(from, handle, ['in', 'out'], { order, id });
  }

  #shareOf(place: number): number {
    const known = place >= FEE ? -1 : this.#places.reached.find(place);
    return known < 0 || this.#places.isStop(place) ? 0 : this.#share[known]!;
  }

  #known(place: number): number {
    const known = this.#places.reached.find(place);
    if (known >= 0) return known;
    this.#share.push(0);
    this.#isOpen.push(false);
    return this.#places.reached.add(place);
  }

  #open(place: number, handle: number, sides: readonly ('in' | 'out')[], at: Moment): void {
    const cursor = new MovementsOf(this.#graph, place, sides, 'down', at);
    this.#cursors[handle] = cursor;
    this.#isOpen[handle] = cursor.id >= 0;
    if (cursor.id >= 0) this.#heap.push(cursor.order, cursor.id, handle);
  }
}

/** A trace of a unit. */
const LEAST_SHARE = 1e-12;
