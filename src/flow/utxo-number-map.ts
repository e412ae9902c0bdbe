import { assert } from '../base/assert.ts';

const PAGE_SHIFT = 16;
const PAGE_MASK = (1 << PAGE_SHIFT) - 1;

/** A list of numbers of 32 bits that grows by pages, so that growing never copies. */
export class NumberList {
  length = 0;
  private readonly pages: Uint32Array[] = [];

  push(value: number): void {
    if ((this.length & PAGE_MASK) === 0) this.pages.push(new Uint32Array(1 << PAGE_SHIFT));
    this.pages[this.length >>> PAGE_SHIFT]![this.length & PAGE_MASK] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.pages[index >>> PAGE_SHIFT]![index & PAGE_MASK]!;
  }

  /** `index` below `length`. */
  set(index: number, value: number): void {
    this.pages[index >>> PAGE_SHIFT]![index & PAGE_MASK] = value;
  }

  toArray(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.length);
    let start = 0;
    for (const chunk of this.chunks()) {
      all.set(chunk, start);
      start += chunk.length;
    }
    return all;
  }

  /** In order, in arrays that are not copies. */
  *chunks(): Generator<Uint32Array> {
    for (let start = 0; start < this.length; start += 1 << PAGE_SHIFT)
      yield this.pages[start >>> PAGE_SHIFT]!.subarray(0, Math.min(1 << PAGE_SHIFT, this.length - start));
  }
}

/** A map from numbers below 2^32 - 1 to numbers of 32 bits over typed arrays: no object an entry. */
export class NumberMap {
  size = 0;
  /** Two words an entry: the key plus one (0: free), the value. */
  private words = new Uint32Array(2 * 16);

  /** The value of a key; -1 where it is not there. */
  get(key: number): number {
    const at = this.locate(key);
    return this.words[at] === 0 ? -1 : this.words[at + 1]!;
  }

  has(key: number): boolean {
    return this.words[this.locate(key)] !== 0;
  }

  set(key: number, value: number): void {
    assert(key >= 0 && key < 0xffff_ffff, 'a key has 32 bits');
    let at = this.locate(key);
    if (this.words[at] === 0) {
      if (4 * (this.size + 1) > this.words.length) {
        this.grow();
        at = this.locate(key);
      }
      this.size += 1;
    }
    this.words[at] = key + 1;
    this.words[at + 1] = value;
  }

  /** Keys ascending. */
  keys(): Uint32Array<ArrayBuffer> {
    const keys = new Uint32Array(this.size);
    let next = 0;
    for (let at = 0; at < this.words.length; at += 2) if (this.words[at] !== 0) keys[next++] = this.words[at]! - 1;
    return keys.sort();
  }

  private locate(key: number): number {
    const mask = this.words.length - 1;
    const mixed = Math.imul(key, 0x9e3779b1);
    let at = ((mixed ^ (mixed >>> 15)) << 1) & mask;
    while (this.words[at] !== 0 && this.words[at] !== key + 1) at = (at + 2) & mask;
    return at;
  }

  private grow(): void {
    const old = this.words;
    this.words = new Uint32Array(2 * old.length);
    for (let at = 0; at < old.length; at += 2) {
      if (old[at] === 0) continue;
      const target = this.locate(old[at]! - 1);
      this.words[target] = old[at]!;
      this.words[target + 1] = old[at + 1]!;
    }
  }
}
