import { lowest } from '../base/ascending.ts';
import type { AssetSegment } from '../flow/flow.ts';
import type { AccountGraph } from './account-graph.ts';

/**
 * A movement's place in the order of scans: its step, then its number. Rows of a chain of one asset lie in order: there `order` is 0 for
 * all, and no step is looked up.
 */
export interface Moment {
  readonly order: number;
  readonly id: number;
}

/** Before everything. */
export const START: Moment = { order: -1, id: -1 };

export function isBefore(a: Moment, b: Moment): boolean {
  return a.order < b.order || (a.order === b.order && a.id < b.id);
}

/**
 * A place's movements one after the other, from a moment on back to the first (`down`) or on to the last (`up`), the moment's own left out:
 * what it receives, what it pays, or both. Rows whose transaction is told by flows are left out.
 */
export class MovementsOf implements Moment {
  readonly #streams: Stream[] = [];
  readonly #up: boolean;
  /** Number of the movement at hand; -1 where there is none left. */
  id = -1;
  order = -1;
  #best: Stream | null = null;

  constructor(
    graph: AccountGraph,
    place: number,
    sides: readonly ('in' | 'out')[],
    direction: 'up' | 'down',
    moment: Moment,
  ) {
    this.#up = direction === 'up';
    for (const side of sides) {
      this.#streams.push(new RowStream(graph, place, side, this.#up, moment));
      if (graph.flows(place, side).length > 0) this.#streams.push(new FlowStream(graph, place, side, this.#up, moment));
    }
    this.#choose();
  }

  next(): void {
    this.#best?.next();
    this.#choose();
  }

  #choose(): void {
    let best: Stream | null = null;
    for (let at = 0; at < this.#streams.length; at += 1) {
      const stream = this.#streams[at]!;
      if (stream.id >= 0 && (best === null || isBefore(stream, best) === this.#up)) best = stream;
    }
    this.#best = best;
    this.id = best === null ? -1 : best.id;
    this.order = best === null ? -1 : best.order;
  }
}

interface Stream extends Moment {
  next(): void;
}

class FlowStream implements Stream {
  readonly #graph: AccountGraph;
  readonly #ids: readonly number[];
  readonly #up: boolean;
  #at: number;
  id = -1;
  order = -1;

  constructor(graph: AccountGraph, place: number, side: 'in' | 'out', up: boolean, moment: Moment) {
    this.#graph = graph;
    this.#ids = graph.flows(place, side);
    this.#up = up;
    const after = lowest(
      this.#ids.length,
      (at) => !isBefore({ order: graph.step(this.#ids[at]!), id: this.#ids[at]! }, moment),
    );
    const skips = up && this.#ids[after] === moment.id ? 1 : 0;
    this.#at = up ? after + skips : after - 1;
    this.#show();
  }

  next(): void {
    this.#at += this.#up ? 1 : -1;
    this.#show();
  }

  #show(): void {
    const id = this.#ids[this.#at];
    this.id = id ?? -1;
    this.order = id === undefined ? -1 : this.#graph.step(id);
  }
}

class RowStream implements Stream {
  readonly #place: number;
  readonly #side: 'in' | 'out';
  readonly #up: boolean;
  readonly #plain: boolean;
  readonly #segments: readonly AssetSegment[];
  /** Number of each segment's first row. */
  readonly #firsts: readonly number[];
  #segment: number;
  #at = 0;
  #end = 0;
  id = -1;
  order = -1;

  constructor(graph: AccountGraph, place: number, side: 'in' | 'out', up: boolean, moment: Moment) {
    const asset = graph.layout.assetOf(place);
    this.#place = place - graph.layout.firsts[asset]!;
    this.#side = side;
    this.#up = up;
    this.#plain = graph.plain;
    this.#segments = graph.assets[asset]!.segments;
    this.#firsts = graph.segmentFirsts[asset]!;
    this.#segment = up ? 0 : this.#segments.length - 1;
    // A moment of the same asset is told by its row alone.
    const inAsset = moment.id >= this.#firsts[0]! && moment.id < graph.firsts[asset + 1]!;
    this.#seek(moment, this.#plain || inAsset);
  }

  next(): void {
    this.#at += this.#up ? 1 : -1;
    this.#show();
  }

  /** Stands on the nearest entry on the wanted side of a moment, segment by segment. */
  #seek(moment: Moment, byRow: boolean): void {
    for (; this.#segment >= 0 && this.#segment < this.#segments.length; this.#segment += this.#up ? 1 : -1) {
      const segment = this.#segments[this.#segment]!;
      const first = this.#firsts[this.#segment]!;
      const adjacency = segment[this.#side];
      const start = adjacency.start(this.#place);
      const end = adjacency.end(this.#place);
      const { row } = adjacency;
      const before = lowest(end - start, (at) => {
        const number = row.at(start + at);
        return byRow
          ? first + number >= moment.id
          : !isBefore({ order: segment.step.at(number), id: first + number }, moment);
      });
      if (this.#stand(start, start + before, end, first, moment.id)) return;
    }
    this.id = -1;
  }

  /** True where the segment has an entry on the wanted side of `middle`, the first that is not before the moment. */
  #stand(start: number, middle: number, end: number, first: number, id: number): boolean {
    if (this.#up) {
      const own = middle < end && first + this.#segments[this.#segment]![this.#side].row.at(middle) === id;
      this.#at = own ? middle + 1 : middle;
      this.#end = end;
    } else {
      this.#at = middle - 1;
      this.#end = start - 1;
    }
    if (this.#at === this.#end) return false;
    this.#show();
    return true;
  }

  /** Rows of ratio 0 are none: a place that pays itself, or a transaction told by flows. */
  #show(): void {
    for (;;) {
      if (this.#at === this.#end) {
        if (!this.#nextSegment()) return;
        continue;
      }
      const segment = this.#segments[this.#segment]!;
      const row = segment[this.#side].row.at(this.#at);
      if (segment.ratio.at(row) !== 0) {
        this.id = this.#firsts[this.#segment]! + row;
        this.order = this.#plain ? 0 : segment.step.at(row);
        return;
      }
      this.#at += this.#up ? 1 : -1;
    }
  }

  #nextSegment(): boolean {
    this.#segment += this.#up ? 1 : -1;
    const segment = this.#segments[this.#segment];
    if (segment === undefined) {
      this.id = -1;
      return false;
    }
    const adjacency = segment[this.#side];
    const start = adjacency.start(this.#place);
    const end = adjacency.end(this.#place);
    this.#at = this.#up ? start : end - 1;
    this.#end = this.#up ? end : start - 1;
    return true;
  }
}
