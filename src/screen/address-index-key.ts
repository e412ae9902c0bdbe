import { createHash } from 'node:crypto';
import { HalfSipHash } from '../flow/half-sip-hash.ts';

/** Bytes of an address in the column that confirms a hit. */
export const CONFIRM_BYTES = 20;

/** The last byte hashed, so that the raw bytes of one form are never those of another. No address holds a control character. */
const RAW_TAG = 1;
const TEXT_TAG = 2;

/**
 * One address at a time, as what an index keeps of it: a 64-bit print under a secret key (`low`, never 0, and `high`), and the 20 bytes that
 * confirm it. An address of the form 0x and 40 lower-case hex digits is its own 20 bytes; any other text is the first 20 of SHA-256(2, text).
 */
export class AddressKey {
  low = 0;
  high = 0;
  readonly #hash: HalfSipHash;
  #bytes = new Uint8Array(256);
  #length = 0;
  #raw = false;

  /** `key`: at least 8 bytes. */
  constructor(key: Uint8Array) {
    this.#hash = new HalfSipHash(key);
  }

  set(address: string): void {
    this.#raw = this.#readHex(address);
    if (!this.#raw) this.#readText(address);
    this.#print();
  }

  /** As `set`, for the 20 bytes of a 0x address. */
  setBytes(source: Uint8Array, start: number): void {
    for (let at = 0; at < CONFIRM_BYTES; at += 1) this.#bytes[at] = source[start + at]!;
    this.#bytes[CONFIRM_BYTES] = RAW_TAG;
    this.#length = CONFIRM_BYTES;
    this.#raw = true;
    this.#print();
  }

  /** Writes the 20 bytes that confirm the address set last. */
  confirm(into: Uint8Array, start: number): void {
    const from = this.#raw ? this.#bytes : this.#digest();
    for (let at = 0; at < CONFIRM_BYTES; at += 1) into[start + at] = from[at]!;
  }

  /** Whether these are the 20 bytes of the address set last. */
  isConfirmedBy(column: Uint8Array, start: number): boolean {
    const own = this.#raw ? this.#bytes : this.#digest();
    for (let at = 0; at < CONFIRM_BYTES; at += 1) if (column[start + at] !== own[at]) return false;
    return true;
  }

  #digest(): Uint8Array {
    return createHash('sha256').update(Uint8Array.of(TEXT_TAG)).update(this.#bytes.subarray(0, this.#length)).digest();
  }

  #print(): void {
    const low = this.#hash.hash(this.#bytes, 0, this.#length + 1);
    // 0 marks a free slot.
    this.low = low === 0 ? 1 : low;
    this.high = this.#hash.second;
  }

  #readHex(address: string): boolean {
    if (address.length !== 42 || address.charCodeAt(0) !== 0x30 || address.charCodeAt(1) !== 0x78) return false;
    for (let at = 0; at < CONFIRM_BYTES; at += 1) {
      const first = NIBBLE[address.charCodeAt(2 * at + 2)] ?? NO_NIBBLE;
      const second = NIBBLE[address.charCodeAt(2 * at + 3)] ?? NO_NIBBLE;
      if ((first | second) >= NO_NIBBLE) return false;
      this.#bytes[at] = (first << 4) | second;
    }
    this.#bytes[CONFIRM_BYTES] = RAW_TAG;
    this.#length = CONFIRM_BYTES;
    return true;
  }

  #readText(address: string): void {
    // A UTF-16 unit is at most three bytes of UTF-8.
    if (this.#bytes.length < address.length * 3 + 1) this.#bytes = new Uint8Array(address.length * 4);
    let at = 0;
    for (; at < address.length; at += 1) {
      const code = address.charCodeAt(at);
      if (code > 0x7f) break;
      this.#bytes[at] = code;
    }
    this.#length = at === address.length ? at : new TextEncoder().encodeInto(address, this.#bytes).written;
    this.#bytes[this.#length] = TEXT_TAG;
  }
}

const NO_NIBBLE = 0x80;
const NIBBLE = new Uint8Array(128).fill(NO_NIBBLE);
for (let value = 0; value < 16; value += 1) NIBBLE[value.toString(16).charCodeAt(0)] = value;
