import { FEE } from '../flow/flow.ts';
import { EventHeap } from './_event-heap.ts';
import type { AccountGraph } from './account-graph.ts';
import { NO_CATEGORY } from './categories.ts';
import { isBefore, type Moment, MovementsOf, START } from './movements-of.ts';
import { Reached, TooMany } from './reached.ts';

export interface ForwardQuery {
  readonly graph: AccountGraph;
  readonly lanes: Uint8Array;
  readonly categories: number;
  readonly target: number;
  readonly until: number;
  /** Movements that may be looked at; more: null is given. */
  readonly budget: number;
}

/** Where what one place sent came to, by category, base units of the place: only movements that carry some of it are looked at. */
export function forwardFrom(query: ForwardQuery): readonly number[] | null {
  try {
    return new ForwardPass(query).run();
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class ForwardPass {
  readonly #query: ForwardQuery;
  readonly #heap = new EventHeap('smallest');
  readonly #reached = new Reached();
  readonly #cursors: MovementsOf[] = [];
  readonly #held: number[] = [];
  readonly #came: number[];
  readonly #lane: number[] = [];
  /** Movements from here on do not count. */
  readonly #end: Moment;

  constructor(query: ForwardQuery) {
    this.#query = query;
    this.#end = query.graph.before(query.until);
    this.#came = new Array<number>(query.categories).fill(0);
  }

  run(): readonly number[] {
    const { graph, target, budget } = this.#query;
    const heap = this.#heap;
    this.#add(target, START);
    for (let looked = 0; heap.size > 0; looked += 1) {
      if (looked > budget) throw new TooMany();
      const { id, handle } = heap;
      const { order, to, ratio, leaves } = graph.read(id);
      // A place opened here waits for later movements only: the first of the heap is still the same.
      const cursor = this.#cursors[handle]!;
      cursor.next();
      if (cursor.id < 0 || !isBefore(cursor, this.#end)) heap.pop();
      else heap.replace(cursor.order, cursor.id);
      const passed = this.#isService(handle) ? 0 : ratio * this.#held[handle]!;
      this.#held[handle] = this.#held[handle]! - passed;
      const own = handle === 0 && to !== FEE && !(this.#isService(0) && graph.isOwnSwap(id)) ? leaves : 0;
      if (to < FEE && passed + own > 0) this.#arrive(to, passed + own, { order, id });
    }
    return this.#came;
  }

  #arrive(place: number, amount: number, moment: Moment): void {
    const known = this.#reached.find(place);
    const lane = known < 0 ? this.#laneOf(place) : this.#lane[known]!;
    if (lane !== NO_CATEGORY) {
      this.#came[lane] = this.#came[lane]! + amount;
      return;
    }
    const handle = known < 0 ? this.#add(place, moment) : known;
    this.#held[handle] = this.#held[handle]! + amount;
  }

  #add(place: number, moment: Moment): number {
    const handle = this.#reached.add(place);
    this.#lane.push(this.#laneOf(place));
    this.#held.push(0);
    const cursor = new MovementsOf(this.#query.graph, place, ['out'], 'up', moment);
    this.#cursors.push(cursor);
    if (cursor.id >= 0 && isBefore(cursor, this.#end)) this.#heap.push(cursor.order, cursor.id, handle);
    return handle;
  }

  #isService(handle: number): boolean {
    return this.#lane[handle] !== NO_CATEGORY;
  }

  #laneOf(place: number): number {
    return this.#query.lanes[this.#query.graph.layout.ownerOf(place)]!;
  }
}
