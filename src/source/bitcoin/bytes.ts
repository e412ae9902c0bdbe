/** What is wrong with bytes that are not of the form they should have. Never leaves this folder: callers name the block or transaction. */
export class Malformed extends Error {}

/**
 * Reads the fields of Bitcoin's wire form in order: little-endian numbers, compact sizes, byte strings.
 * Every read past the end throws Malformed; byte strings are views, not copies.
 */
export class ByteReader {
  readonly bytes: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Moves on by so many bytes and gives the place where they began. */
  skip(length: number): number {
    const start = this.at;
    if (length > this.bytes.length - start) throw new Malformed('the bytes end too early');
    this.at = start + length;
    return start;
  }

  take(length: number): Buffer {
    const start = this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  u8(): number {
    return this.bytes[this.skip(1)]!;
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.skip(4));
  }

  u64(): bigint {
    const start = this.skip(8);
    const high = this.bytes.readUInt32LE(start + 4);
    const low = this.bytes.readUInt32LE(start);
    // Under 2^53 a number carries it, which is faster than the built-in read.
    return high < 0x20_0000 ? BigInt(high * 0x1_0000_0000 + low) : (BigInt(high) << 32n) | BigInt(low);
  }

  /** A compact size, as Core reads it: shortest form only, at most 0x02000000. */
  size(): number {
    const first = this.u8();
    if (first < 0xfd) return first;
    return this.longSize(first);
  }

  private longSize(first: number): number {
    if (first === 0xff) throw new Malformed('a size is too large');
    const value = first === 0xfd ? this.bytes.readUInt16LE(this.skip(2)) : this.u32();
    if (value < (first === 0xfd ? 0xfd : 0x1_0000)) throw new Malformed('a size is not in its shortest form');
    if (value > 0x0200_0000) throw new Malformed('a size is too large');
    return value;
  }

  /** A number of things that take at least `least` bytes each: refused where there cannot be so many. */
  count(least: number): number {
    const value = this.size();
    if (value * least > this.left) throw new Malformed('a count is larger than the bytes allow');
    return value;
  }
}
