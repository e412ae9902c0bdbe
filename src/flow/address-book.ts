import { assert } from '../base/assert.ts';
import type { ChainId } from '../model/chain.ts';
import type { AddressBytes } from '../store/numbered.ts';
import type { ByteColumn, Uint32Column } from './column.ts';
import type { SegmentReader, SegmentWriter } from './column-file.ts';
import type { AddressBook } from './flow.ts';
import { HalfSipHash } from './half-sip-hash.ts';

/**
 * Addresses by number, in parts: each segment of an index brings those that are new. A part holds the addresses end to end (EVM as 20 bytes, else
 * text) and, sorted into buckets by a keyed hash, 32 bits of each hash beside its number; a hit is confirmed by the address itself. Beside the addresses
 * it takes 9 bytes each, and 4 more where their lengths differ.
 */

export interface BookFacts {
  /** Numbers first to first + count - 1. */
  readonly first: number;
  readonly count: number;
  readonly form: 'evm' | 'text';
}

const EVM_BYTES = 20;
const EVM_TEXT = 42;
const EVM_ADDRESS = /^0x[0-9a-f]{40}$/;
/** Entries of a bucket, on average. */
const BUCKET_ENTRIES = 4;
/** Addresses, as a power of two, that count their text positions from one base. */
const BASE_SHIFT = 14;
const RANGE = 2 ** 32;

export type AddressTexts = AsyncIterable<readonly string[] | AddressBytes>;

/** Writes a part of the book. `texts` is asked again where an EVM chain's data turn out to hold another kind of name. */
export async function writeBook(
  segment: SegmentWriter,
  chain: ChainId,
  key: Uint8Array,
  first: number,
  texts: () => AddressTexts,
): Promise<BookFacts> {
  if (chain.startsWith('eip155:')) {
    const evm = new EvmPart(key);
    if (await evm.takeAll(texts())) return evm.write(segment, first);
  }
  const part = new TextPart(segment, key);
  for await (const chunk of texts()) part.take(endToEnd(chunk));
  return part.finish(first);
}

function endToEnd(chunk: readonly string[] | AddressBytes): AddressBytes {
  if ('bytes' in chunk) return chunk;
  const texts = chunk.map((text) => Buffer.from(text));
  const starts = new Uint32Array(texts.length + 1);
  texts.forEach((text, index) => {
    starts[index + 1] = starts[index]! + text.length;
  });
  return { count: texts.length, bytes: Buffer.concat(texts), starts };
}

class EvmPart {
  readonly #hashes: HashTable;
  #bytes = new Uint8Array(EVM_BYTES * 1024);

  constructor(key: Uint8Array) {
    this.#hashes = new HashTable(key);
  }

  /** False where a name is no EVM address. */
  async takeAll(texts: AddressTexts): Promise<boolean> {
    for await (const chunk of texts) {
      if (!this.#take(endToEnd(chunk))) return false;
    }
    return true;
  }

  write(segment: SegmentWriter, first: number): BookFacts {
    const { count } = this.#hashes;
    segment.file('book.bytes').append(this.#bytes.subarray(0, count * EVM_BYTES));
    this.#hashes.write(segment);
    return { first, count, form: 'evm' };
  }

  #take({ count, bytes, starts }: AddressBytes): boolean {
    let at = this.#hashes.count * EVM_BYTES;
    while (at + count * EVM_BYTES > this.#bytes.length) this.#bytes = grown(this.#bytes);
    for (let index = 0; index < count; index += 1, at += EVM_BYTES) {
      const start = starts[index]!;
      if (starts[index + 1]! - start !== EVM_TEXT || !evmBytes(bytes, start, this.#bytes, at)) return false;
      this.#hashes.add(this.#bytes, at, EVM_BYTES);
    }
    return true;
  }
}

class TextPart {
  readonly #segment: SegmentWriter;
  readonly #hashes: HashTable;
  #starts = new Uint32Array(1 << BASE_SHIFT);
  #bytes = 0;
  #base = 0;

  constructor(segment: SegmentWriter, key: Uint8Array) {
    this.#segment = segment;
    this.#hashes = new HashTable(key);
  }

  take({ count, bytes, starts }: AddressBytes): void {
    this.#segment.file('book.bytes').append(bytes.subarray(starts[0]!, starts[count]!));
    for (let index = 0; index < count; index += 1) {
      const length = starts[index + 1]! - starts[index]!;
      this.#start();
      this.#hashes.add(bytes, starts[index]!, length);
      this.#bytes += length;
    }
  }

  finish(first: number): BookFacts {
    const { count } = this.#hashes;
    this.#start();
    this.#segment.file('book.start').append(this.#starts.subarray(0, (count % this.#starts.length) + 1));
    this.#segment.file('book.bytes');
    this.#hashes.write(this.#segment);
    return { first, count, form: 'text' };
  }

  #start(): void {
    const at = this.#hashes.count % this.#starts.length;
    if (at === 0) {
      if (this.#hashes.count > 0) this.#segment.file('book.start').append(this.#starts);
      this.#base = this.#bytes;
      this.#segment.file('book.base').append(Float64Array.of(this.#base));
    }
    this.#starts[at] = this.#bytes - this.#base;
  }
}

/** Hashes in order of number, sorted into buckets at the end. */
class HashTable {
  count = 0;
  readonly #hash: HalfSipHash;
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);

  constructor(key: Uint8Array) {
    this.#hash = new HalfSipHash(key);
  }

  add(bytes: Uint8Array, start: number, length: number): void {
    if (this.count === this.#low.length) {
      this.#low = grown(this.#low);
      this.#high = grown(this.#high);
    }
    this.#low[this.count] = this.#hash.hash(bytes, start, length);
    this.#high[this.count] = this.#hash.second;
    this.count += 1;
  }

  write(segment: SegmentWriter): void {
    const buckets = bucketCount(this.count);
    const starts = new Uint32Array(buckets + 1);
    for (let id = 0; id < this.count; id += 1) starts[bucketOf(this.#high[id]!, buckets) + 1]! += 1;
    for (let bucket = 0; bucket < buckets; bucket += 1) starts[bucket + 1]! += starts[bucket]!;
    const entries = new Uint32Array(2 * this.count);
    const next = starts.slice();
    for (let id = 0; id < this.count; id += 1) {
      const bucket = bucketOf(this.#high[id]!, buckets);
      const at = next[bucket]!;
      entries[2 * at] = this.#low[id]!;
      entries[2 * at + 1] = id;
      next[bucket] = at + 1;
    }
    segment.file('book.bucket').append(starts);
    segment.file('book.entry').append(entries);
  }
}

function bucketCount(addresses: number): number {
  return Math.max(1, Math.ceil(addresses / BUCKET_ENTRIES));
}

function bucketOf(high: number, buckets: number): number {
  return Math.floor((high * buckets) / RANGE);
}

function grown<Numbers extends Uint8Array | Uint32Array>(numbers: Numbers): Numbers {
  const bigger = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * 2);
  bigger.set(numbers);
  return bigger;
}

/** Writes the 20 bytes of 0x and 40 lower-case digits in UTF-8 at `start`; false where the text is not that. */
function evmBytes(text: Uint8Array, start: number, target: Uint8Array, at: number): boolean {
  let wrong = (text[start]! ^ 0x30) | (text[start + 1]! ^ 0x78);
  for (let byte = 0; byte < EVM_BYTES; byte += 1) {
    const digits = start + 2 + 2 * byte;
    const value = (HEX[text[digits]!]! << 4) | HEX[text[digits + 1]!]!;
    wrong |= value >>> 8;
    target[at + byte] = value;
  }
  return wrong === 0;
}

/** Value of a lower-case hex digit by its code; else so large that a byte of it is none. */
const HEX = new Uint16Array(256).fill(4096);
for (const [value, digit] of [...'0123456789abcdef'].entries()) HEX[digit.charCodeAt(0)] = value;

/** The parts of a chain's segments as one book. */
export class SegmentedBook implements AddressBook {
  readonly chain: ChainId;
  readonly size: number;
  readonly #parts: readonly BookPart[];

  constructor(chain: ChainId, key: Uint8Array, parts: readonly { reader: SegmentReader; facts: BookFacts }[]) {
    this.chain = chain;
    this.#parts = parts
      .filter(({ facts }) => facts.count > 0)
      .map(({ reader, facts }) => new BookPart(reader, facts, key));
    const last = parts.at(-1)?.facts;
    this.size = last === undefined ? 0 : last.first + last.count;
  }

  text(id: number): string {
    for (const part of this.#parts)
      if (id < part.facts.first + part.facts.count) return part.text(id - part.facts.first);
    assert(false, `address ${id} is below ${this.size}`);
  }

  find(address: string): number {
    const bytes = Buffer.from(address);
    for (const part of this.#parts) {
      const found = part.find(address, bytes);
      if (found >= 0) return part.facts.first + found;
    }
    return -1;
  }
}

class BookPart {
  readonly facts: BookFacts;
  readonly #hash: HalfSipHash;
  readonly #bucket: Uint32Column;
  readonly #entry: Uint32Column;
  readonly #bytes: ByteColumn;
  readonly #start: Uint32Column | null;
  readonly #reader: SegmentReader;
  readonly #scratch = new Uint8Array(EVM_BYTES);
  #bases: Float64Array | null = null;

  constructor(reader: SegmentReader, facts: BookFacts, key: Uint8Array) {
    this.facts = facts;
    this.#reader = reader;
    this.#hash = new HalfSipHash(key);
    this.#bucket = reader.uint32('book.bucket');
    this.#entry = reader.uint32('book.entry');
    this.#bytes = reader.byteColumn('book.bytes');
    this.#start = facts.form === 'evm' ? null : reader.uint32('book.start');
  }

  text(id: number): string {
    const bytes = this.#bytesOf(id);
    const text = Buffer.from(bytes.buffer, 0, bytes.length);
    return this.#start === null ? `0x${text.toString('hex')}` : text.toString('utf8');
  }

  find(address: string, text: Uint8Array): number {
    let bytes = text;
    if (this.#start === null) {
      if (!EVM_ADDRESS.test(address)) return -1;
      evmBytes(text, 0, this.#scratch, 0);
      bytes = this.#scratch;
    }
    const low = this.#hash.hash(bytes, 0, bytes.length);
    const bucket = bucketOf(this.#hash.second, this.#bucket.length - 1);
    const end = this.#bucket.at(bucket + 1);
    for (let at = this.#bucket.at(bucket); at < end; at += 1) {
      if (this.#entry.at(2 * at) !== low) continue;
      const id = this.#entry.at(2 * at + 1);
      if (Buffer.compare(this.#bytesOf(id), bytes) === 0) return id;
    }
    return -1;
  }

  #bytesOf(id: number): Uint8Array<ArrayBuffer> {
    if (this.#start === null) return this.#bytes.slice(id * EVM_BYTES, EVM_BYTES);
    const from = this.#position(id);
    const to = id + 1 === this.facts.count ? this.#bytes.length : this.#position(id + 1);
    return this.#bytes.slice(from, to - from);
  }

  #position(id: number): number {
    this.#bases ??= new Float64Array(this.#reader.bytes('book.base', 0, this.#reader.bytesOf('book.base')).buffer);
    return this.#bases[id >>> BASE_SHIFT]! + this.#start!.at(id);
  }
}

/** Texts of numbers `from` to `from + count - 1` of an open book, as a writer takes them. */
export async function* textsOf(book: AddressBook, from: number, count: number): AddressTexts {
  const CHUNK = 4096;
  for (let at = 0; at < count; at += CHUNK) {
    yield Array.from({ length: Math.min(CHUNK, count - at) }, (_, index) => book.text(from + at + index));
  }
}
