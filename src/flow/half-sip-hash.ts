/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, 2012; its variant of 32-bit words, 2016): a hash under a secret key, so
 * that who chooses the names cannot choose their places in a table. The first word out is returned, the second left in `second`.
 */
export class HalfSipHash {
  second = 0;
  readonly #k0: number;
  readonly #k1: number;

  /** `key`: at least 8 bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.#k0 = view.getInt32(0, true);
    this.#k1 = view.getInt32(4, true);
  }

  hash(bytes: Uint8Array, start: number, length: number): number {
    let v0 = this.#k0;
    let v1 = this.#k1 ^ 0xee;
    let v2 = this.#k0 ^ 0x6c796765;
    let v3 = this.#k1 ^ 0x74656462;
    const words = (length >>> 2) + 1;
    // Word by word, the last one of what is left and the length; then two times four rounds without a word.
    for (let word = 0; word < words + 4; word += 1) {
      const m = word < words ? wordAt(bytes, start, length, word) : 0;
      v3 ^= m;
      for (let round = 0; round < 2; round += 1) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= m;
      if (word === words - 1) v2 ^= 0xee;
      if (word === words + 1) {
        this.second = v1 ^ v3;
        v1 ^= 0xdd;
      }
    }
    const first = this.second >>> 0;
    this.second = (v1 ^ v3) >>> 0;
    return first;
  }
}

function wordAt(bytes: Uint8Array, start: number, length: number, word: number): number {
  const at = start + 4 * word;
  const left = length - 4 * word;
  if (left >= 4) return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  let last = length << 24;
  if (left > 0) last |= bytes[at]!;
  if (left > 1) last |= bytes[at + 1]! << 8;
  if (left > 2) last |= bytes[at + 2]! << 16;
  return last;
}
