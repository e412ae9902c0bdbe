import { assert } from '../base/assert.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { AccountFacts } from './account-format.ts';
import type { Uint32Column } from './column.ts';
import type { SegmentReader, SegmentWriter } from './column-file.ts';
import { NONE, type StepTable } from './flow.ts';
import type { SegmentEntry } from './manifest.ts';

const RANGE = 2 ** 32;
/** Values that wait to be written. */
const BATCH = 16_384;

/**
 * Writes whole numbers up to 2^53: low words in one file, and where a number needs more than 32 bits, high words in a second one, NONE up to there.
 * -1 is a low word NONE without a high word.
 */
class WideWriter {
  readonly #segment: SegmentWriter;
  readonly #name: string;
  readonly #low = new Uint32Array(BATCH);
  readonly #high = new Uint32Array(BATCH);
  #used = 0;
  #written = 0;
  #wide = false;

  constructor(segment: SegmentWriter, name: string) {
    this.#segment = segment;
    this.#name = name;
    segment.file(name);
  }

  /** The first `count` of `values`. */
  addAll(values: Float64Array, count: number): void {
    for (let done = 0; done < count; ) {
      if (this.#used === BATCH) this.drain();
      const length = Math.min(BATCH - this.#used, count - done);
      if (!this.#wide && !splitNarrow(values, done, this.#low, this.#used, length)) {
        this.#wide = true;
        this.#high.fill(NONE);
      }
      if (this.#wide) splitWide(values, done, this.#low, this.#high, this.#used, length);
      this.#used += length;
      done += length;
    }
  }

  drain(): void {
    this.#segment.file(this.#name).append(this.#low.subarray(0, this.#used));
    if (this.#wide) {
      const high = this.#segment.file(`${this.#name}.high`);
      const none = new Uint32Array(BATCH).fill(NONE);
      while (high.bytes < this.#written * 4)
        high.append(none.subarray(0, Math.min(BATCH, this.#written - high.bytes / 4)));
      high.append(this.#high.subarray(0, this.#used));
    }
    this.#written += this.#used;
    this.#used = 0;
  }
}

/** False where some value needs more than a word. */
function splitNarrow(values: Float64Array, first: number, low: Uint32Array, at: number, count: number): boolean {
  let most = 0;
  for (let index = 0; index < count; index += 1) {
    const value = values[first + index]!;
    low[at + index] = value < 0 ? NONE : value;
    most = value > most ? value : most;
  }
  return most < NONE;
}

function splitWide(
  values: Float64Array,
  first: number,
  low: Uint32Array,
  high: Uint32Array,
  at: number,
  count: number,
): void {
  for (let index = 0; index < count; index += 1) {
    const value = values[first + index]!;
    low[at + index] = value < 0 ? NONE : value % RANGE;
    high[at + index] = value < NONE ? NONE : Math.floor(value / RANGE);
  }
}

export class StepWriter {
  count = 0;
  readonly #time: WideWriter;
  readonly #block: WideWriter;

  constructor(segment: SegmentWriter) {
    this.#time = new WideWriter(segment, 'step.time');
    this.#block = new WideWriter(segment, 'step.block');
  }

  /** `blocks`: -1 for none. */
  add(times: Float64Array, blocks: Float64Array, count: number): void {
    this.#time.addAll(times, count);
    this.#block.addAll(blocks, count);
    this.count += count;
  }

  finish(): void {
    this.#time.drain();
    this.#block.drain();
  }
}

class WideColumn {
  readonly #low: Uint32Column;
  readonly #high: Uint32Column | null;

  constructor(reader: SegmentReader, name: string) {
    this.#low = reader.uint32(name);
    this.#high = reader.has(`${name}.high`) ? reader.uint32(`${name}.high`) : null;
  }

  at(index: number): number {
    const low = this.#low.at(index);
    const high = this.#high === null ? NONE : this.#high.at(index);
    if (high !== NONE) return high * RANGE + low;
    return low === NONE ? -1 : low;
  }
}

interface StepPart {
  readonly first: number;
  readonly end: number;
  readonly times: WideColumn;
  readonly blocks: WideColumn;
}

/** The steps of all segments. */
export class SegmentedSteps implements StepTable {
  readonly count: number;
  readonly #parts: readonly StepPart[];
  #last: StepPart | null = null;

  constructor(entries: readonly (SegmentEntry<AccountFacts> & { readonly reader: SegmentReader })[]) {
    this.#parts = entries.map(({ reader, facts }) => ({
      first: facts.firstStep,
      end: facts.firstStep + facts.steps,
      times: new WideColumn(reader, 'step.time'),
      blocks: new WideColumn(reader, 'step.block'),
    }));
    this.count = this.#parts.at(-1)?.end ?? 0;
  }

  time(step: number): UnixSeconds {
    const part = this.#partOf(step);
    return part.times.at(step - part.first);
  }

  block(step: number): number | null {
    const part = this.#partOf(step);
    const block = part.blocks.at(step - part.first);
    return block < 0 ? null : block;
  }

  firstAt(time: UnixSeconds): number {
    let low = 0;
    let high = this.count;
    for (const { first, end, times } of this.#parts) {
      if (times.at(end - 1 - first) < time) low = end;
      else {
        high = end;
        break;
      }
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time(middle) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #partOf(step: number): StepPart {
    if (this.#last !== null && step >= this.#last.first && step < this.#last.end) return this.#last;
    const part = this.#parts.find(({ first, end }) => step >= first && step < end);
    assert(part !== undefined, 'a step is below the count of steps');
    this.#last = part;
    return part;
  }
}
