import type { Namer } from './name.ts';

const ZERO = 48;
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/** Text of ASCII characters as bytes. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Writes ASCII straight into bytes: no string is built, which is what makes a million rows take about a second. */
export class AsciiWriter {
  /** Where the next byte goes. */
  at = 0;
  private target: Uint8Array;

  constructor(bytes: number) {
    this.target = new Uint8Array(bytes);
  }

  /** Makes room for `bytes` more. */
  room(bytes: number): void {
    if (this.at + bytes <= this.target.length) return;
    const larger = new Uint8Array(this.at + bytes + (this.at >> 1));
    larger.set(this.target.subarray(0, this.at));
    this.target = larger;
  }

  /** What was written; the writer starts again in memory of its own. */
  take(bytes: number): Uint8Array {
    const written = this.target.subarray(0, this.at);
    this.target = new Uint8Array(bytes);
    this.at = 0;
    return written;
  }

  byte(value: number): void {
    this.target[this.at++] = value;
  }

  bytes(source: Uint8Array, from = 0, length = source.length): void {
    const { target } = this;
    let at = this.at;
    for (let index = 0; index < length; index++) target[at++] = source[from + index]!;
    this.at = at;
  }

  /** Writes again what stands at `from`. */
  repeat(from: number, length: number): void {
    this.target.copyWithin(this.at, from, from + length);
    this.at += length;
  }

  name(namer: Namer, id: number): void {
    this.at = namer.write(this.target, this.at, id);
  }

  /** A whole number from 0 to 2^53, in two halves that fit 32-bit arithmetic. */
  whole(value: number): void {
    const high = Math.floor(value / 1e8);
    if (high > 0) this.digits(high, 1);
    this.digits(value - high * 1e8, high > 0 ? 8 : 1);
  }

  zeros(count: number): void {
    for (let index = 0; index < count; index++) this.byte(ZERO);
  }

  /** A whole number below 10^8 with at least `least` digits; 32-bit integers throughout. */
  private digits(value: number, least: number): void {
    const { target } = this;
    let length = least;
    while (length < 8 && value >= POWERS[length]!) length++;
    let rest = value | 0;
    for (let at = this.at + length - 1; at >= this.at; at--) {
      const tenth = (rest / 10) | 0;
      target[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.at += length;
  }
}
