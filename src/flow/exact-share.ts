import { bigintOf } from './amount-words.ts';
import { share } from './swaps.ts';

const WORD = 2 ** 32;
const TWO_64 = 2 ** 64;
const TWO_96 = 2 ** 96;
/** 2^27 + 1: cuts a double into two halves whose products are exact (Dekker 1971). */
const SPLIT = 134_217_729;
/** Beyond every error of the quotient below, within which a number this near the middle of two doubles might be rounded the wrong way. */
const NEAR_MIDDLE = 1 + 2 ** -40;

/**
 * x / b for 0 < x < b, rounded to nearest, as `share` gives it. x is low[i], low[i + 1], high[i], high[i + 1]; b four words from b[j] on. Both are taken
 * as sums of two doubles, and the quotient is corrected by its remainder (Dekker 1971), which leaves an error of 2^-100; a quotient that lies so near
 * the middle of two doubles that this could matter is computed in integers.
 */
export function exactShare(low: Uint32Array, high: Uint32Array, i: number, b: Uint32Array, j: number): number {
  const x0 = low[i]!;
  const x1 = low[i + 1]!;
  const b0 = b[j]!;
  const b1 = b[j + 1]!;
  const b2 = b[j + 2]!;
  const b3 = b[j + 3]!;
  if ((b2 | b3) === 0 && b1 < 0x20_0000) return (x1 * WORD + x0) / (b1 * WORD + b0);
  const x2 = high[i]!;
  const x3 = high[i + 1]!;
  const xh = head(x0, x1, x2, x3);
  const xl = tail(x0, x1, x2, x3, xh);
  const bh = head(b0, b1, b2, b3);
  const bl = tail(b0, b1, b2, b3, bh);
  const q = xh / bh;
  const p = q * bh;
  const cq = SPLIT * q;
  const qh = cq - (cq - q);
  const ql = q - qh;
  const cb = SPLIT * bh;
  const bhh = cb - (cb - bh);
  const bhl = bh - bhh;
  const error = qh * bhh - p + qh * bhl + ql * bhh + ql * bhl;
  const more = (xh - p - error + (xl - q * bl)) / bh;
  const sum = q + more;
  const rest = more - (sum - q);
  if (sum + rest * NEAR_MIDDLE === sum) return sum;
  return share((bigintOf(high, i, 2) << 64n) | bigintOf(low, i, 2), bigintOf(b, j, 4));
}

function head(w0: number, w1: number, w2: number, w3: number): number {
  return w3 * TWO_96 + w2 * TWO_64 + (w1 * WORD + w0);
}

/** What `head` rounded away, to a relative 2^-105 of the number. */
function tail(w0: number, w1: number, w2: number, w3: number, sum: number): number {
  const a = w3 * TWO_96;
  const c = w2 * TWO_64;
  const top = a + c;
  const lost = c - (top - a);
  const d = w1 * WORD;
  const low = d + w0;
  const lostLow = w0 - (low - d);
  return low - (sum - top) + (lost + lostLow);
}
