import { assert } from '../base/assert.ts';
import type { AssetFlow, AssetSegment } from './flow.ts';

/** Rows one hop away from many places, end to end. */
export interface Hop {
  readonly count: number;
  /** By row: index of the place asked for. */
  readonly origin: Uint32Array;
  /** The other end: a place, NONE or FEE. */
  readonly peer: Uint32Array;
  readonly segment: Uint16Array;
  /** In its segment. */
  readonly row: Uint32Array;
}

export interface HopWindow {
  /** Steps from `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
}

/**
 * What places of an asset paid (`out`) or were paid (`in`), place by place in the order asked for, each in time order. Two passes: the first finds how
 * many rows there are, so that nothing grows.
 */
export function hop(asset: AssetFlow, places: Uint32Array, direction: 'out' | 'in', window?: HopWindow): Hop {
  const { segments } = asset;
  assert(segments.length < 65_536, 'segments have a number of 16 bits');
  const ranges = new Uint32Array(2 * places.length * segments.length);
  let count = 0;
  let at = 0;
  for (const place of places) {
    for (const segment of segments) {
      const side = segment[direction];
      let first = side.start(place);
      let end = side.end(place);
      if (window !== undefined) {
        end = entryAt(segment, direction, first, end, window.to);
        first = entryAt(segment, direction, first, end, window.from);
      }
      ranges[at] = first;
      ranges[at + 1] = end;
      at += 2;
      count += end - first;
    }
  }
  const found = {
    count,
    origin: new Uint32Array(count),
    peer: new Uint32Array(count),
    segment: new Uint16Array(count),
    row: new Uint32Array(count),
  };
  fill(found, ranges, segments, direction);
  return found;
}

function fill(found: Hop, ranges: Uint32Array, segments: readonly AssetSegment[], direction: 'out' | 'in'): void {
  let next = 0;
  for (let at = 0; at < ranges.length; at += 2) {
    const segment = (at / 2) % segments.length;
    const { peer, row } = segments[segment]![direction];
    for (let entry = ranges[at]!; entry < ranges[at + 1]!; entry += 1) {
      found.origin[next] = Math.floor(at / 2 / segments.length);
      found.peer[next] = peer.at(entry);
      found.segment[next] = segment;
      found.row[next] = row.at(entry);
      next += 1;
    }
  }
}

/** The first entry from `low` to `high` of a place's rows whose step is this one or later; `high` where there is none. */
export function entryAt(
  segment: AssetSegment,
  direction: 'out' | 'in',
  low: number,
  high: number,
  step: number,
): number {
  const { row } = segment[direction];
  let first = low;
  let end = high;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if (segment.step.at(row.at(middle)) < step) first = middle + 1;
    else end = middle;
  }
  return first;
}
