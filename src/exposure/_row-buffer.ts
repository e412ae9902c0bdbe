import type { Rows } from '../kernel/kernel.ts';
import { NO_CATEGORY } from './categories.ts';

/** Columns of rows that grow as they are filled, and are filled anew for each chunk. */
export class RowBuffer {
  from = new Uint32Array(0);
  to = new Uint32Array(0);
  low = new Uint32Array(0);
  high = new Uint32Array(0);
  ratio = new Float64Array(0);
  gain = new Float64Array(0);
  payer = new Uint32Array(0);
  receiver = new Uint32Array(0);
  fromCategory = new Uint8Array(0);
  toCategory = new Uint8Array(0);
  count = 0;
  /** What the chunk's rows need: columns that none needs are left out. */
  wide = false;
  swaps = false;
  categories = false;

  clear(): void {
    this.count = 0;
    this.wide = false;
    this.swaps = false;
  }

  /** Room for `count` rows; what is there stays. */
  reserve(count: number): void {
    if (count <= this.from.length) return;
    const size = Math.max(count, this.from.length * 2, 4096);
    for (const name of ['from', 'to', 'payer', 'receiver'] as const) this[name] = grown(this[name], size);
    for (const name of ['low', 'high'] as const) this[name] = grown(this[name], 2 * size);
    this.ratio = grownDoubles(this.ratio, size);
    this.gain = grownDoubles(this.gain, size);
    for (const name of ['fromCategory', 'toCategory'] as const) {
      const larger = new Uint8Array(size).fill(NO_CATEGORY);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  /** The rows filled in, as kernels take them; live until the next `clear`. */
  rows(): Rows {
    const { count, from, to, low, ratio, payer, receiver } = this;
    return {
      count,
      from,
      to,
      low,
      high: this.wide ? this.high : null,
      ratio,
      gain: this.swaps ? this.gain : null,
      payer,
      receiver,
      ...(this.categories ? { fromCategory: this.fromCategory, toCategory: this.toCategory } : {}),
    };
  }
}

function grown(old: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(size);
  larger.set(old);
  return larger;
}

function grownDoubles(old: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(old);
  return larger;
}
