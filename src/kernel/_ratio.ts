const WORD = 2 ** 32;
const TWO_64 = 2 ** 64;
const TWO_96 = 2 ** 96;
/** 2^27 + 1: cuts a double into two halves whose products are exact (Dekker 1971). */
const SPLIT = 134_217_729;

/**
 * x/b of integers of 128 bits, four words each, 0 ≤ x < b; to within one unit in the last place. Below 2^53 the quotient is correctly rounded; above, both
 * numbers are sums of two doubles and the quotient is corrected once by its remainder (Dekker 1971).
 * assembly/ratio.ts computes the same steps.
 */
export function ratioOf(x: Uint32Array, i: number, h: Uint32Array | null, b: Uint32Array, j: number): number {
  const x0 = x[i]!;
  const x1 = x[i + 1]!;
  const b0 = b[j]!;
  const b1 = b[j + 1]!;
  const b2 = b[j + 2]!;
  const b3 = b[j + 3]!;
  if ((b2 | b3) === 0 && b1 < 0x20_0000) return (x1 * WORD + x0) / (b1 * WORD + b0);
  const x2 = h === null ? 0 : h[i]!;
  const x3 = h === null ? 0 : h[i + 1]!;
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
  const e = qh * bhh - p + qh * bhl + ql * bhh + ql * bhl;
  return q + (xh - p - e + (xl - q * bl)) / bh;
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
