import { randomBytes } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { AddressKey, CONFIRM_BYTES } from './address-index-key.ts';

/** Words of a slot, side by side so that a look-up meets one line of the cache: low print (0: free), high print, ordinal. */
const WIDTH = 3;
const HIGH = 1;
const ORDINAL = 2;
/** Share of the slots that are taken: 12 bytes a slot are then 15.4 bytes an address. */
const LOAD = 0.78;
/** Beyond the last home slot: runs do not wrap around. */
const SLACK = 1024;
const TWO_32 = 2 ** 32;

/** Where the bytes that confirm a hit are read from. */
export interface ConfirmColumn {
  /** Whether the address set in `key` is the one of this number. Throws E_INDEX_CORRUPT. */
  confirms(key: AddressKey, ordinal: number): boolean;
  close(): void;
}

/** What an index is made of: for a file, or another thread (each column lies in shared memory). */
export interface IndexParts {
  readonly key: Uint8Array;
  readonly count: number;
  /** Home slots; `slots` has {@link wordsFor} of it. */
  readonly homes: number;
  /** Three words a slot, in order of the first: low print (0: free), high print, number of the address. */
  readonly slots: Uint32Array;
  readonly column: ConfirmColumn;
}

/** Words of a table with so many home slots. */
export function wordsFor(homes: number): number {
  return (homes + SLACK) * WIDTH;
}

export function homesFor(count: number): number {
  return Math.max(16, Math.ceil(count / LOAD));
}

/**
 * From an address to its number (0, 1, 2, … in the order they were added): an open-addressing table over typed arrays, 12 bytes a slot, that
 * keeps a 64-bit print under a key of its own. Who chooses addresses cannot choose their slots, and a print that is met is confirmed by the 20
 * bytes of the address. Slots lie in order of `low`, so that a look-up of what is not there ends early. Addresses are compared as they are
 * written: the caller brings them into one form.
 */
export class AddressIndex {
  readonly #parts: IndexParts;
  readonly #key: AddressKey;
  readonly #slots: Uint32Array;
  readonly #scale: number;

  constructor(parts: IndexParts) {
    this.#parts = parts;
    this.#key = new AddressKey(parts.key);
    this.#slots = parts.slots;
    this.#scale = parts.homes / TWO_32;
  }

  get parts(): IndexParts {
    return this.#parts;
  }

  get size(): number {
    return this.#parts.count;
  }

  /** Of the table, without the column that confirms. */
  get tableBytes(): number {
    return this.#slots.byteLength;
  }

  /** The number of an address; -1 where it is not there. Throws E_INDEX_CORRUPT where the column it is confirmed from is damaged. */
  find(address: string): number {
    this.#key.set(address);
    return this.#found();
  }

  /** As `find`, for the 20 bytes of a 0x address. */
  findBytes(bytes: Uint8Array, start: number): number {
    this.#key.setBytes(bytes, start);
    return this.#found();
  }

  close(): void {
    this.#parts.column.close();
  }

  #found(): number {
    const key = this.#key;
    const low = key.low;
    const slots = this.#slots;
    let at = Math.trunc(low * this.#scale) * WIDTH;
    let here = slots[at]!;
    while (here !== 0 && here < low) {
      at += WIDTH;
      here = slots[at]!;
    }
    for (; here === low; at += WIDTH, here = slots[at]!) {
      if (slots[at + HIGH] !== key.high) continue;
      const ordinal = slots[at + ORDINAL]!;
      if (this.#parts.column.confirms(key, ordinal)) return ordinal;
    }
    return -1;
  }
}

/** The column in memory. */
export class MemoryColumn implements ConfirmColumn {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  confirms(key: AddressKey, ordinal: number): boolean {
    return key.isConfirmedBy(this.bytes, ordinal * CONFIRM_BYTES);
  }

  close(): void {}
}

/** Makes an index, address by address. Grows as it must; `expected` spares that. */
export class AddressIndexBuilder {
  readonly #secret: Uint8Array;
  readonly #key: AddressKey;
  #homes: number;
  #slots: Uint32Array;
  #column: Uint8Array;
  #count = 0;

  constructor(expected = 0, secret: Uint8Array = randomBytes(16)) {
    this.#secret = secret;
    this.#key = new AddressKey(secret);
    this.#homes = homesFor(expected);
    this.#slots = sharedWords(wordsFor(this.#homes));
    this.#column = sharedBytes(Math.max(16, expected) * CONFIRM_BYTES);
  }

  get size(): number {
    return this.#count;
  }

  /** The number of the address, new or not. */
  add(address: string): number {
    this.#key.set(address);
    return this.#put();
  }

  /** As `add`, for the 20 bytes of a 0x address. */
  addBytes(bytes: Uint8Array, start: number): number {
    this.#key.setBytes(bytes, start);
    return this.#put();
  }

  /** The index of everything added, in tables of the size it needs. Nothing may be added afterwards. */
  finish(): AddressIndex {
    const homes = homesFor(this.#count);
    if (homes !== this.#homes) this.#resize(homes);
    const column = this.#column.subarray(0, this.#count * CONFIRM_BYTES);
    return new AddressIndex({
      key: this.#secret,
      count: this.#count,
      homes: this.#homes,
      slots: this.#slots,
      column: new MemoryColumn(column),
    });
  }

  #put(): number {
    if (this.#count > this.#homes * LOAD) this.#resize(Math.ceil(this.#homes * 1.5));
    const { low, high } = this.#key;
    const slots = this.#slots;
    let at = Math.trunc(low * (this.#homes / TWO_32)) * WIDTH;
    while (slots[at] !== 0 && slots[at]! < low) at += WIDTH;
    for (let same = at; slots[same] === low; same += WIDTH) {
      if (slots[same + HIGH] !== high) continue;
      const known = slots[same + ORDINAL]!;
      if (this.#key.isConfirmedBy(this.#column, known * CONFIRM_BYTES)) return known;
    }
    let free = at;
    while (slots[free] !== 0) free += WIDTH;
    // The last slot stays free: it ends the last run.
    if (free >= slots.length - WIDTH) {
      this.#resize(Math.ceil(this.#homes * 1.5));
      return this.#put();
    }
    for (let word = free - 1; word >= at; word -= 1) slots[word + WIDTH] = slots[word]!;
    slots[at] = low;
    slots[at + HIGH] = high;
    slots[at + ORDINAL] = this.#count;
    this.#keepBytes();
    this.#count += 1;
    return this.#count - 1;
  }

  #keepBytes(): void {
    assert(this.#count < TWO_32 - 1, 'an index numbers its addresses in 32 bits');
    const start = this.#count * CONFIRM_BYTES;
    if (start + CONFIRM_BYTES > this.#column.length) {
      const larger = sharedBytes(Math.ceil(this.#column.length * 1.5) + CONFIRM_BYTES);
      larger.set(this.#column);
      this.#column = larger;
    }
    this.#key.confirm(this.#column, start);
  }

  /** One pass: slots are in order of `low`, and so are their new homes. */
  #resize(homes: number): void {
    const old = this.#slots;
    for (let size = homes; ; size = Math.ceil(size * 1.05)) {
      this.#slots = sharedWords(wordsFor(size));
      this.#homes = size;
      if (this.#moveFrom(old)) return;
    }
  }

  #moveFrom(old: Uint32Array): boolean {
    const slots = this.#slots;
    const scale = this.#homes / TWO_32;
    let next = 0;
    for (let at = 0; at < old.length; at += WIDTH) {
      const low = old[at]!;
      if (low === 0) continue;
      next = Math.max(next, Math.trunc(low * scale) * WIDTH);
      if (next >= slots.length - WIDTH) return false;
      slots[next] = low;
      slots[next + HIGH] = old[at + HIGH]!;
      slots[next + ORDINAL] = old[at + ORDINAL]!;
      next += WIDTH;
    }
    return true;
  }
}

export function sharedWords(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

export function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}
