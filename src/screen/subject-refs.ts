import { assert } from '../base/assert.ts';
import { FingerprintMap } from '../base/fingerprint-map.ts';
import type { SubjectRef } from './subject-book.ts';

/** What a new ref is made of. */
export interface RefDraft {
  readonly seq: number;
  readonly line: number | null;
  /** Small number of its chain. */
  readonly chain: number;
  /** Print of the address as it is spelled. */
  readonly spelling: number;
  /** Print of customer, transaction and kind. */
  readonly group: { readonly low: number; readonly high: number };
}

const NONE = -1;
/** Below 2⁴⁸ and 2¹⁵: seq and line share two words. */
const MAX_SEQ = 2 ** 48;
const MAX_LINE = 2 ** 15 - 2;
const WORD = 2 ** 32;
const BATCH_BIT = 0x8000_0000;

/** Refs to past verdicts as columns, chained by address, newest first. 26 bytes a ref and 4 an address, times what doubling leaves free. */
export class Refs {
  count = 0;
  #seqLow = new Uint32Array(1024);
  /** Bit 31: a batch; 30 to 16: line + 1, 0 for none; 15 to 0: seq / 2³². */
  #rest = new Uint32Array(1024);
  #before = new Int32Array(1024);
  #chain = new Uint16Array(1024);
  #spelling = new Uint32Array(1024);
  #groupLow = new Uint32Array(1024);
  #groupHigh = new Uint32Array(1024);
  #entryCount = 0;
  #newest = new Int32Array(1024);

  newEntry(): number {
    const entry = this.#entryCount;
    if (entry === this.#newest.length) this.#newest = doubled(this.#newest, new Int32Array(entry * 2));
    this.#newest[entry] = NONE;
    this.#entryCount += 1;
    return entry;
  }

  add(entry: number, { seq, line, chain, spelling, group }: RefDraft): void {
    assert(seq < MAX_SEQ && chain < 65_536, 'seq and chain fit their columns');
    assert(line === null || (line >= 0 && line <= MAX_LINE), 'a batch has less than 32,767 lines');
    if (this.count === this.#seqLow.length) this.#grow();
    const ref = this.count;
    this.count += 1;
    this.#seqLow[ref] = seq % WORD;
    this.#rest[ref] = (line === null ? 0 : BATCH_BIT | ((line + 1) << 16)) | Math.floor(seq / WORD);
    this.#chain[ref] = chain;
    this.#spelling[ref] = spelling;
    this.#groupLow[ref] = group.low;
    this.#groupHigh[ref] = group.high;
    this.#chainIn(entry, ref, seq);
  }

  at(ref: number): SubjectRef {
    const rest = this.#rest[ref]!;
    const line = ((rest >>> 16) & 0x7fff) - 1;
    return { table: rest >= BATCH_BIT ? 'batch' : 'verdict', seq: this.#seq(ref), line: line < 0 ? null : line };
  }

  newestOf(entry: number): number {
    return this.#newest[entry]!;
  }

  /** The next older ref of the same entry; -1 after the last. */
  before(ref: number): number {
    return this.#before[ref]!;
  }

  *ofEntry(entry: number): Generator<number> {
    for (let ref = this.newestOf(entry); ref !== NONE; ref = this.before(ref)) yield ref;
  }

  /** `chain` and `spelling`: -1 for any. */
  suits(ref: number, chain: number, spelling: number): boolean {
    return (chain === NONE || this.#chain[ref] === chain) && (spelling === NONE || this.#spelling[ref] === spelling);
  }

  /** Of refs newest first, the first of each group and spelling. */
  newestOfGroups(refs: readonly number[]): readonly number[] {
    const seen = new FingerprintMap(Math.min(refs.length, 1024));
    return refs.filter((ref) => {
      // Spellings of one address but for case are different addresses.
      const low = (this.#groupLow[ref]! ^ this.#spelling[ref]!) >>> 0 || 1;
      const high = this.#groupHigh[ref]!;
      if (seen.get(low, high) !== NONE) return false;
      seen.set(low, high, ref);
      return true;
    });
  }

  /** Nearly always the newest; one that comes late is put where it belongs. */
  #chainIn(entry: number, ref: number, seq: number): void {
    let after = NONE;
    let older = this.newestOf(entry);
    while (older !== NONE && this.#seq(older) > seq) {
      after = older;
      older = this.before(older);
    }
    this.#before[ref] = older;
    if (after === NONE) this.#newest[entry] = ref;
    else this.#before[after] = ref;
  }

  #seq(ref: number): number {
    return (this.#rest[ref]! & 0xffff) * WORD + this.#seqLow[ref]!;
  }

  #grow(): void {
    const size = this.#seqLow.length * 2;
    this.#seqLow = doubled(this.#seqLow, new Uint32Array(size));
    this.#rest = doubled(this.#rest, new Uint32Array(size));
    this.#before = doubled(this.#before, new Int32Array(size));
    this.#chain = doubled(this.#chain, new Uint16Array(size));
    this.#spelling = doubled(this.#spelling, new Uint32Array(size));
    this.#groupLow = doubled(this.#groupLow, new Uint32Array(size));
    this.#groupHigh = doubled(this.#groupHigh, new Uint32Array(size));
  }
}

function doubled<Column extends Uint16Array | Uint32Array | Int32Array>(old: Column, into: Column): Column {
  into.set(old);
  return into;
}
