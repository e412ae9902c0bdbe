import { assert } from '../base/assert.ts';

/** Bytes of a page: what is read and checked at a time. */
export const PAGE_BYTES = 65_536;
const WORDS_SHIFT = 14;
const WORDS_MASK = (1 << WORDS_SHIFT) - 1;
const DOUBLES_SHIFT = 13;
const DOUBLES_MASK = (1 << DOUBLES_SHIFT) - 1;

/** Gives the bytes of a page, checked; the last page may be shorter. */
export type PageLoader = (page: number) => Uint8Array<ArrayBuffer>;

/**
 * Numbers that stand in memory or in a file of which pages are read, and checked, when they are first asked for: a look-up in
 * a chain of gigabytes reads kilobytes, and a chain that is wholly read is as fast as an array.
 */
export class Uint32Column {
  readonly length: number;
  readonly #pages: (Uint32Array | undefined)[];
  readonly #load: PageLoader;

  constructor(length: number, load: PageLoader) {
    this.length = length;
    this.#load = load;
    this.#pages = new Array(Math.ceil(length / (WORDS_MASK + 1)));
    this.#pages.fill(undefined);
  }

  static of(values: Uint32Array): Uint32Column {
    const column = new Uint32Column(values.length, missing);
    for (let page = 0; page < column.#pages.length; page += 1)
      column.#pages[page] = values.subarray(page << WORDS_SHIFT, (page + 1) << WORDS_SHIFT);
    return column;
  }

  /** `index` below `length`: not checked. */
  at(index: number): number {
    return (this.#pages[index >>> WORDS_SHIFT] ?? this.#page(index >>> WORDS_SHIFT))[index & WORDS_MASK]!;
  }

  /** Copies `count` numbers from `start` on into the beginning of `target`. */
  copy(target: Uint32Array, start: number, count: number): void {
    assert(start >= 0 && start + count <= this.length && count <= target.length, 'a copy stays inside its column');
    for (let done = 0; done < count; ) {
      const index = start + done;
      const page = this.#pages[index >>> WORDS_SHIFT] ?? this.#page(index >>> WORDS_SHIFT);
      const from = index & WORDS_MASK;
      const length = Math.min(page.length - from, count - done);
      target.set(page.subarray(from, from + length), done);
      done += length;
    }
  }

  /** `count` numbers from `start` on, in an array of their own. */
  slice(start: number, count: number): Uint32Array<ArrayBuffer> {
    const values = new Uint32Array(count);
    this.copy(values, start, count);
    return values;
  }

  #page(page: number): Uint32Array {
    const bytes = this.#load(page);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 2);
    this.#pages[page] = words;
    return words;
  }
}

/** As {@link Uint32Column}, of doubles. */
export class Float64Column {
  readonly length: number;
  readonly #pages: (Float64Array | undefined)[];
  readonly #load: PageLoader;

  constructor(length: number, load: PageLoader) {
    this.length = length;
    this.#load = load;
    this.#pages = new Array(Math.ceil(length / (DOUBLES_MASK + 1)));
    this.#pages.fill(undefined);
  }

  static of(values: Float64Array): Float64Column {
    const column = new Float64Column(values.length, missing);
    for (let page = 0; page < column.#pages.length; page += 1)
      column.#pages[page] = values.subarray(page << DOUBLES_SHIFT, (page + 1) << DOUBLES_SHIFT);
    return column;
  }

  /** `index` below `length`: not checked. */
  at(index: number): number {
    return (this.#pages[index >>> DOUBLES_SHIFT] ?? this.#page(index >>> DOUBLES_SHIFT))[index & DOUBLES_MASK]!;
  }

  /** Copies `count` numbers from `start` on into the beginning of `target`. */
  copy(target: Float64Array, start: number, count: number): void {
    assert(start >= 0 && start + count <= this.length && count <= target.length, 'a copy stays inside its column');
    for (let done = 0; done < count; ) {
      const index = start + done;
      const page = this.#pages[index >>> DOUBLES_SHIFT] ?? this.#page(index >>> DOUBLES_SHIFT);
      const from = index & DOUBLES_MASK;
      const length = Math.min(page.length - from, count - done);
      target.set(page.subarray(from, from + length), done);
      done += length;
    }
  }

  #page(page: number): Float64Array {
    const bytes = this.#load(page);
    const doubles = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >>> 3);
    this.#pages[page] = doubles;
    return doubles;
  }
}

/** As {@link Uint32Column}, of bytes. */
export class ByteColumn {
  readonly length: number;
  readonly #pages: (Uint8Array | undefined)[];
  readonly #load: PageLoader;

  constructor(length: number, load: PageLoader) {
    this.length = length;
    this.#load = load;
    this.#pages = new Array(Math.ceil(length / PAGE_BYTES));
    this.#pages.fill(undefined);
  }

  /** `index` below `length`: not checked. */
  at(index: number): number {
    const page = Math.floor(index / PAGE_BYTES);
    return (this.#pages[page] ?? this.#page(page))[index % PAGE_BYTES]!;
  }

  /** `count` bytes from `start` on, in an array of their own. */
  slice(start: number, count: number): Uint8Array<ArrayBuffer> {
    assert(start >= 0 && start + count <= this.length, 'a copy stays inside its column');
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const from = (start + done) % PAGE_BYTES;
      const number = Math.floor((start + done) / PAGE_BYTES);
      const page = this.#pages[number] ?? this.#page(number);
      const length = Math.min(page.length - from, count - done);
      bytes.set(page.subarray(from, from + length), done);
      done += length;
    }
    return bytes;
  }

  #page(page: number): Uint8Array {
    const bytes = this.#load(page);
    this.#pages[page] = bytes;
    return bytes;
  }
}

function missing(page: number): never {
  throw new Error(`page ${page} of a column in memory`);
}
