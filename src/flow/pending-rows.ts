import type { NumberedChunk } from '../store/numbered.ts';
import { LARGE_AMOUNT, setBigint } from './amount-words.ts';
import { NONE } from './flow.ts';

/** A movement that no chunk of the store holds: an opening balance. */
export interface ExtraRow {
  readonly to: number;
  readonly asset: number;
  readonly amount: bigint;
  readonly time: number;
  readonly block: number;
}

/** Rows that wait: those of the last second are not whole yet, and the last of all become a segment of their own. */
export class PendingRows {
  count = 0;
  from = new Uint32Array(0);
  to = new Uint32Array(0);
  asset = new Uint32Array(0);
  /** Two words a row. */
  low = new Uint32Array(0);
  high = new Uint32Array(0);
  time = new Float64Array(0);
  block = new Float64Array(0);
  /** Two words a row: print of the transaction, zero for none. */
  tx = new Uint32Array(0);
  /** Amounts of 2^128 - 1 and more, by row. */
  large = new Map<number, bigint>();

  /** Rows `start` to `end - 1` of a chunk. */
  append(chunk: NumberedChunk, start: number, end: number): void {
    const at = this.count;
    this.#makeRoom(at + end - start);
    this.from.set(chunk.from.subarray(start, end), at);
    this.to.set(chunk.to.subarray(start, end), at);
    this.asset.set(chunk.asset.subarray(start, end), at);
    this.low.set(wordsOf(chunk.low, start, end), 2 * at);
    this.high.set(wordsOf(chunk.high, start, end), 2 * at);
    this.time.set(chunk.time.subarray(start, end), at);
    this.block.set(chunk.block.subarray(start, end), at);
    this.tx.set(wordsOf(chunk.tx, start, end), 2 * at);
    for (const { row, amount } of chunk.large) if (row >= start && row < end) this.large.set(at + row - start, amount);
    this.count += end - start;
  }

  add({ to, asset, amount, time, block }: ExtraRow): void {
    const at = this.count;
    this.#makeRoom(at + 1);
    const words = new Uint32Array(4);
    setBigint(words, 0, 4, amount < LARGE_AMOUNT ? amount : LARGE_AMOUNT);
    if (amount >= LARGE_AMOUNT) this.large.set(at, amount);
    this.from[at] = NONE;
    this.to[at] = to;
    this.asset[at] = asset;
    this.low.set(words.subarray(0, 2), 2 * at);
    this.high.set(words.subarray(2), 2 * at);
    this.time[at] = time;
    this.block[at] = block;
    this.tx.fill(0, 2 * at, 2 * at + 2);
    this.count += 1;
  }

  /** The first row of the second that row `at` is of. */
  secondOf(at: number): number {
    let low = 0;
    let high = at;
    const time = this.time[at]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.time[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first row after the second that row `at` is of; at most `count`. */
  endOfSecond(at: number, count: number): number {
    let end = at + 1;
    while (end < count && this.time[end] === this.time[at]) end += 1;
    return end;
  }

  /** Removes the first rows. */
  drop(rows: number): void {
    for (const column of [this.from, this.to, this.asset, this.time, this.block])
      column.copyWithin(0, rows, this.count);
    for (const column of [this.low, this.high, this.tx]) column.copyWithin(0, 2 * rows, 2 * this.count);
    const large = [...this.large].filter(([row]) => row >= rows).map(([row, amount]) => [row - rows, amount] as const);
    this.large = new Map(large);
    this.count -= rows;
  }

  /** Room for so many rows from the beginning. */
  reserve(rows: number): void {
    if (rows > this.from.length) this.#enlarge(rows);
  }

  #makeRoom(rows: number): void {
    if (rows > this.from.length) this.#enlarge(Math.max(4096, Math.ceil(rows * 1.25)));
  }

  #enlarge(room: number): void {
    this.from = enlarged(this.from, room);
    this.to = enlarged(this.to, room);
    this.asset = enlarged(this.asset, room);
    this.low = enlarged(this.low, 2 * room);
    this.high = enlarged(this.high, 2 * room);
    this.tx = enlarged(this.tx, 2 * room);
    this.time = widened(this.time, room);
    this.block = widened(this.block, room);
  }
}

function wordsOf(values: BigUint64Array, start: number, end: number): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset + 8 * start, 2 * (end - start));
}

function enlarged(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(length);
  bigger.set(column);
  return bigger;
}

function widened(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(length);
  bigger.set(column);
  return bigger;
}
