import { AHEAD, FEE, fromOf, highOf, keep, lowOf, NONE, toOf, writeOut } from './chunk';
import { ratioOf } from './ratio';

@inline const FULL: u64 = 0xffff_ffff_ffff_ffff;

@inline function touch(words: usize, places: u32, row: u32, end: u32): u32 {
  let sum: u32 = 0;
  for (; row < end; row += 1) {
    const u = fromOf(row);
    const v = toOf(row);
    if (u < places) sum += load<u32>(words + ((<usize>u) << 4));
    if (v < places) sum += load<u32>(words + ((<usize>v) << 4));
  }
  return sum;
}

/** See balances-twin.ts; the ratios are the chunk's `OUT`. Not 0 where an id is bad. */
export function balances(count: u32, flags: u32, words: usize, places: u32, tally: usize): u32 {
  let bad: u32 = 0;
  let sum: u32 = 0;
  for (let row: u32 = 0; row < count; row += 1) {
    if ((row & (AHEAD - 1)) == 0) sum += touch(words, places, row, min(count, row + AHEAD));
    const u = fromOf(row);
    const v = toOf(row);
    const xLow = lowOf(row);
    const xHigh = highOf(flags, row);
    let r: f64 = 1;
    if (u < places) r = pay(words + ((<usize>u) << 4), xLow, xHigh, u == v, tally);
    else if (u != NONE) bad = 1;
    if (v < places) {
      if (u != v) receive(words + ((<usize>v) << 4), xLow, xHigh, tally);
    } else if (v < FEE) bad = 1;
    writeOut(row, r);
  }
  keep(sum);
  return bad;
}

@inline function pay(at: usize, xLow: u64, xHigh: u64, back: bool, tally: usize): f64 {
  const bLow = load<u64>(at);
  const bHigh = load<u64>(at, 8);
  if (bHigh > xHigh || (bHigh == xHigh && bLow > xLow)) {
    if (!back) {
      store<u64>(at, bLow - xLow);
      store<u64>(at, bHigh - xHigh - u64(bLow < xLow), 8);
    }
    return (xLow | xHigh) == 0 ? 0 : ratioOf(xLow, xHigh, bLow, bHigh);
  }
  if ((xLow | xHigh) == 0) return 0;
  const short = bLow != xLow || bHigh != xHigh;
  if (short) shortage(xLow - bLow, xHigh - bHigh - u64(xLow < bLow), tally);
  if (!back) {
    store<u64>(at, 0);
    store<u64>(at, 0, 8);
  } else if (short) {
    store<u64>(at, xLow);
    store<u64>(at, xHigh, 8);
  }
  return 1;
}

function shortage(low: u64, high: u64, tally: usize): void {
  const s0 = load<u64>(tally) + low;
  const c0 = u64(s0 < low);
  const s1 = load<u64>(tally, 8) + high;
  const c1 = u64(s1 < high);
  const s1c = s1 + c0;
  const c2 = u64(s1c < c0);
  store<u64>(tally, s0);
  store<u64>(tally, s1c, 8);
  store<u64>(tally, load<u64>(tally, 16) + c1 + c2, 16);
  store<u64>(tally, load<u64>(tally, 24) + 1, 24);
}

@inline function receive(at: usize, xLow: u64, xHigh: u64, tally: usize): void {
  const low = load<u64>(at) + xLow;
  const carry = u64(low < xLow);
  const bHigh = load<u64>(at, 8);
  const high = bHigh + xHigh + carry;
  store<u64>(at, low);
  store<u64>(at, high, 8);
  // Past 2^128 - 1 the high half wrapped: the sum is below a part of it, or equal with a carry.
  const over = high < bHigh || (high == bHigh && (xHigh | carry) != 0);
  if (over || (high == FULL && low == FULL)) {
    store<u64>(at, FULL);
    store<u64>(at, FULL, 8);
    store<u64>(tally, load<u64>(tally, 32) + 1, 32);
  }
}
