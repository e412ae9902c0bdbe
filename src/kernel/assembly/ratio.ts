@inline const WORD: f64 = 4294967296.0;
@inline const TWO_64: f64 = 18446744073709551616.0;
@inline const TWO_96: f64 = 79228162514264337593543950336.0;
@inline const SPLIT: f64 = 134217729.0;

/** The steps of _ratio.ts. */
@inline export function ratioOf(xLow: u64, xHigh: u64, bLow: u64, bHigh: u64): f64 {
  if (bHigh == 0 && bLow < 0x20_0000_0000_0000) return <f64>(<i64>xLow) / <f64>(<i64>bLow);
  return ratioOfLarge(xLow, xHigh, bLow, bHigh);
}

function ratioOfLarge(xLow: u64, xHigh: u64, bLow: u64, bHigh: u64): f64 {
  const xh = head(xLow, xHigh);
  const xl = tail(xLow, xHigh, xh);
  const bh = head(bLow, bHigh);
  const bl = tail(bLow, bHigh, bh);
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

@inline function head(low: u64, high: u64): f64 {
  return <f64>(<u32>(high >> 32)) * TWO_96 + <f64>(<u32>high) * TWO_64 + (<f64>(<u32>(low >> 32)) * WORD + <f64>(<u32>low));
}

@inline function tail(low: u64, high: u64, sum: f64): f64 {
  const a = <f64>(<u32>(high >> 32)) * TWO_96;
  const c = <f64>(<u32>high) * TWO_64;
  const top = a + c;
  const lost = c - (top - a);
  const d = <f64>(<u32>(low >> 32)) * WORD;
  const w0 = <f64>(<u32>low);
  const bottom = d + w0;
  const lostLow = w0 - (bottom - d);
  return bottom - (sum - top) + (lost + lostLow);
}
