import { FEE } from '../flow/flow.ts';
import { EventHeap } from './_event-heap.ts';
import type { AccountGraph, Movement } from './account-graph.ts';
import { NO_CATEGORY } from './categories.ts';
import type { Backward, Origin } from './figures.ts';
import { type Moment, MovementsOf } from './movements-of.ts';
import { Reached, TooMany } from './reached.ts';

export interface BackwardQuery {
  readonly graph: AccountGraph;
  readonly lanes: Uint8Array;
  readonly categories: number;
  readonly target: number;
  /** Payments of at most so many base units of the target are small. */
  readonly dust: number;
  /** Movements of this step and later are not looked at. */
  readonly until: number;
  /** Movements that may be looked at; more: null is given. */
  readonly budget: number;
  /** A place is not followed for less than so many base units of the target; 0: everything is. */
  readonly least: number;
}

/**
 * Where the money of one place came from (the adjoint, docs/exposure.md), going back from place to place: only movements of places
 * that its money came through are looked at, from the last to the first. In float64; null where that is more than the budget.
 */
export function backwardFrom(query: BackwardQuery): Backward | null {
  try {
    return new BackwardPass(query).run();
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class BackwardPass {
  readonly #query: BackwardQuery;
  readonly #heap = new EventHeap('largest');
  readonly #reached = new Reached();
  readonly #cursors: MovementsOf[] = [];
  /** By place reached: how much of a unit there will arrive at the target, in larger and in small payments. */
  readonly #large: number[] = [];
  readonly #small: number[] = [];
  readonly #lane: number[] = [];
  readonly #reach = new Map<number, number>();
  readonly #origins: Origin[] = [];
  readonly #fromLarge: number[];
  readonly #fromSmall: number[];
  #looked = 0;
  #leftAside = 0;

  constructor(query: BackwardQuery) {
    this.#query = query;
    this.#fromLarge = new Array<number>(query.categories).fill(0);
    this.#fromSmall = new Array<number>(query.categories).fill(0);
  }

  run(): Backward {
    const { target, until } = this.#query;
    const heap = this.#heap;
    this.#add(target, this.#query.graph.before(until));
    let done = -1;
    while (heap.size > 0) {
      const { id, handle } = heap;
      if (id !== done) this.#take(this.#query.graph.read(id));
      done = id;
      // A place opened meanwhile waits for earlier movements only: the first of the heap is still the same.
      const cursor = this.#cursors[handle]!;
      cursor.next();
      if (cursor.id < 0) heap.pop();
      else heap.replace(cursor.order, cursor.id);
    }
    return {
      large: this.#fromLarge,
      small: this.#fromSmall,
      origins: this.#origins,
      reach: this.#reach,
      looked: this.#looked,
      leftAside: this.#leftAside,
    };
  }

  #take(movement: Movement): void {
    const { target, dust, budget } = this.#query;
    this.#looked += 1;
    if (this.#looked > budget) throw new TooMany();
    const { id, to, from, ratio, gain, arrives } = movement;
    const receiver = this.#reached.find(to);
    let large = receiver < 0 || this.#lane[receiver] !== NO_CATEGORY ? 0 : this.#large[receiver]!;
    let small = receiver < 0 || this.#lane[receiver] !== NO_CATEGORY ? 0 : this.#small[receiver]!;
    if (to === target && !this.#isServiceSwap(id)) {
      if (arrives > dust) large += 1;
      else small += 1;
    }
    if (large > 0) this.#reach.set(id, large);
    if (from >= FEE) return;
    const payer = this.#reached.find(from);
    const lane = payer < 0 ? this.#laneOf(from) : this.#lane[payer]!;
    if (lane !== NO_CATEGORY) this.#found(id, lane, arrives, large, small);
    else if (payer >= 0) {
      this.#large[payer] = (1 - ratio) * this.#large[payer]! + ratio * gain * large;
      this.#small[payer] = (1 - ratio) * this.#small[payer]! + ratio * gain * small;
    } else if (large > 0 || small > 0) this.#open(movement, large, small);
  }

  #found(id: number, lane: number, amount: number, large: number, small: number): void {
    if (large > 0) this.#origins.push({ id, lane, amount: amount * large });
    this.#fromLarge[lane] = this.#fromLarge[lane]! + amount * large;
    this.#fromSmall[lane] = this.#fromSmall[lane]! + amount * small;
  }

  /** A place that pays one already reached. */
  #open({ id, order, from, ratio, gain, arrives }: Movement, large: number, small: number): void {
    const most = arrives * (large + small);
    if (most < this.#query.least) {
      this.#leftAside += most;
      return;
    }
    const handle = this.#add(from, { order, id });
    this.#large[handle] = ratio * gain * large;
    this.#small[handle] = ratio * gain * small;
  }

  #add(place: number, moment: Moment): number {
    const handle = this.#reached.add(place);
    const lane = this.#laneOf(place);
    this.#lane.push(lane);
    this.#large.push(0);
    this.#small.push(0);
    const sides = lane === NO_CATEGORY ? (['in', 'out'] as const) : (['in'] as const);
    const cursor = new MovementsOf(this.#query.graph, place, sides, 'down', moment);
    this.#cursors.push(cursor);
    if (cursor.id >= 0) this.#heap.push(cursor.order, cursor.id, handle);
    return handle;
  }

  /** A service's own swap is no payment to it. */
  #isServiceSwap(id: number): boolean {
    const { graph } = this.#query;
    return this.#lane[0] !== NO_CATEGORY && graph.isOwnSwap(id);
  }

  #laneOf(place: number): number {
    return this.#query.lanes[this.#query.graph.layout.ownerOf(place)]!;
  }
}
