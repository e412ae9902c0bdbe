import type { Random } from '../base/random.ts';
import type { Rows } from './kernel.ts';
import { FEE, NONE, UNCATEGORISED } from './rows.ts';

export interface SampleOptions {
  readonly count: number;
  readonly places: number;
  /** Receivers and payers of their own below this; by default none. */
  readonly accounts?: number;
  /** Amounts past 64 bits. */
  readonly wide?: boolean;
  readonly gain?: boolean;
  /** Categories of rows from 0 to this; by default none. */
  readonly categories?: number;
}

type Numbers = Uint32Array | Float64Array | Uint8Array;

/** Rows for tests: amounts of every magnitude, empty ones, rows of a place to itself, rows from and to outside. */
export function sampleRows(random: Random, options: SampleOptions): Rows {
  const { count, places, accounts, wide = false, gain = false, categories } = options;
  const end = (other: number) => (random.below(12) === 0 ? other : random.below(places));
  const account = () => (random.below(8) === 0 ? NONE : random.below(accounts ?? 1));
  const category = () => (random.below(4) === 0 ? random.below(categories ?? 1) : UNCATEGORISED);
  const words = new Uint32Array(2 * count);
  return {
    count,
    from: fill(new Uint32Array(count), () => end(NONE)),
    to: fill(new Uint32Array(count), () => end(random.below(2) === 0 ? NONE : FEE)),
    low: fillAmounts(words, random),
    high: wide ? fillAmounts(new Uint32Array(2 * count), random) : null,
    ratio: fill(new Float64Array(count), () => (random.below(4) === 0 ? random.below(2) : random.unit())),
    gain: gain ? fill(new Float64Array(count), () => (random.below(2) === 0 ? 1 : 4 * random.unit())) : null,
    payer: accounts === undefined ? null : fill(new Uint32Array(count), account),
    receiver: accounts === undefined ? null : fill(new Uint32Array(count), account),
    fromCategory: categories === undefined ? null : fill(new Uint8Array(count), category),
    toCategory: categories === undefined ? null : fill(new Uint8Array(count), category),
  };
}

/** A category for every fifth place or so. */
export function sampleCategories(random: Random, places: number, categories: number): Uint8Array {
  return fill(new Uint8Array(places), () => (random.below(5) === 0 ? random.below(categories) : UNCATEGORISED));
}

export function sliceRows(rows: Rows, start: number, end: number): Rows {
  const cut = <T extends Numbers>(column: T | null | undefined, entries = 1) =>
    (column?.slice(start * entries, end * entries) ?? null) as T | null;
  return {
    count: end - start,
    from: cut(rows.from)!,
    to: cut(rows.to)!,
    low: cut(rows.low, 2)!,
    high: cut(rows.high, 2),
    ratio: cut(rows.ratio)!,
    gain: cut(rows.gain),
    payer: cut(rows.payer),
    receiver: cut(rows.receiver),
    fromCategory: cut(rows.fromCategory),
    toCategory: cut(rows.toCategory),
  };
}

function fill<T extends Numbers>(column: T, next: () => number): T {
  for (let row = 0; row < column.length; row += 1) column[row] = next();
  return column;
}

/** Two words an amount: 0, small, below 2^53, or any. */
function fillAmounts(words: Uint32Array, random: Random): Uint32Array {
  for (let word = 0; word < words.length; word += 2) {
    const size = random.below(6);
    if (size === 0) continue;
    words[word] = size === 1 ? random.below(20) : random.next32();
    words[word + 1] = size < 3 ? 0 : size < 5 ? random.below(1 << 20) : random.next32();
  }
  return words;
}
