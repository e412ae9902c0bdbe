import type { AssetFlow, AssetSegment } from '../flow/flow.ts';
import type { RowBuffer } from './_row-buffer.ts';

/** The rows of an asset over all its segments, numbered through. */
export class AssetRows {
  readonly count: number;
  readonly segments: readonly AssetSegment[];
  /** Number of each segment's first row. */
  readonly firsts: readonly number[];

  constructor({ segments }: Pick<AssetFlow, 'segments'>) {
    const firsts: number[] = [];
    let count = 0;
    for (const segment of segments) {
      firsts.push(count);
      count += segment.count;
    }
    this.segments = segments;
    this.firsts = firsts;
    this.count = count;
  }

  /** The segment that holds a row. */
  segmentOf(row: number): number {
    let segment = this.firsts.length - 1;
    while (this.firsts[segment]! > row) segment -= 1;
    return segment;
  }

  step(row: number): number {
    const segment = this.segmentOf(row);
    return this.segments[segment]!.step.at(row - this.firsts[segment]!);
  }

  /** The first row, from `start` on, of a step or of any later one. */
  firstAt(step: number, start = 0): number {
    let low = start;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.step(middle) < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Copies rows into a buffer at its end, ends as the asset numbers its places; true where one is 2^64 or more. */
  append(start: number, count: number, buffer: RowBuffer): void {
    buffer.reserve(buffer.count + count);
    for (let done = 0; done < count; ) {
      const number = this.segmentOf(start + done);
      const segment = this.segments[number]!;
      const local = start + done - this.firsts[number]!;
      const length = Math.min(segment.count - local, count - done);
      appendSegment(segment, local, length, buffer);
      done += length;
    }
  }

  /** Likewise the steps, into the beginning of `target`. */
  copySteps(start: number, count: number, target: Uint32Array): void {
    for (let done = 0; done < count; ) {
      const number = this.segmentOf(start + done);
      const segment = this.segments[number]!;
      const local = start + done - this.firsts[number]!;
      const length = Math.min(segment.count - local, count - done);
      segment.step.copy(target.subarray(done), local, length);
      done += length;
    }
  }
}

function appendSegment(segment: AssetSegment, start: number, count: number, buffer: RowBuffer): void {
  const at = buffer.count;
  segment.from.copy(buffer.from.subarray(at), start, count);
  segment.to.copy(buffer.to.subarray(at), start, count);
  segment.low.copy(buffer.low.subarray(2 * at), 2 * start, 2 * count);
  segment.ratio.copy(buffer.ratio.subarray(at), start, count);
  if (segment.high === null) buffer.high.fill(0, 2 * at, 2 * (at + count));
  else {
    segment.high.copy(buffer.high.subarray(2 * at), 2 * start, 2 * count);
    buffer.wide = true;
    cut(buffer, at, at + count);
  }
  buffer.count = at + count;
}

/**
 * Amounts of 2^112 base units and more (a million billion units of 18 decimals: tokens made to break counters) count as 2^112, so that no sum
 * of single floats overflows.
 */
function cut({ low, high }: RowBuffer, start: number, end: number): void {
  for (let row = start; row < end; row += 1) {
    if (high[2 * row + 1]! < 0x1_0000) continue;
    low[2 * row] = 0;
    low[2 * row + 1] = 0;
    high[2 * row] = 0;
    high[2 * row + 1] = 0x1_0000;
  }
}

const WORD = 0xffff_ffffn;
const LIMIT = 1n << 112n;

/** Writes an amount as two words and two above. */
export function putAmount(buffer: RowBuffer, row: number, amount: bigint): void {
  const kept = amount > LIMIT ? LIMIT : amount;
  buffer.low[2 * row] = Number(kept & WORD);
  buffer.low[2 * row + 1] = Number((kept >> 32n) & WORD);
  buffer.high[2 * row] = Number((kept >> 64n) & WORD);
  buffer.high[2 * row + 1] = Number(kept >> 96n);
  if (kept >> 64n > 0n) buffer.wide = true;
}
