import {
  AHEAD,
  amountOf,
  FEE,
  fromCategory,
  fromOf,
  gainOf,
  HAS_GAIN,
  keep,
  NONE,
  payers,
  ratioOfRow,
  receivers,
  toCategory,
  toOf,
  UNCATEGORISED,
} from './chunk';

/** Bytes of a small row before its lanes: sum, count, account. */
@inline const SMALL_HEAD: usize = 16;

let held: usize = 0;
let received: usize = 0;
let direct: usize = 0;
let total: usize = 0;
let category: usize = 0;
let smallRow: usize = 0;
let small: usize = 0;
let places: u32 = 0;
let accountCount: u32 = 0;
/** The first category of this scan. */
let base: u32 = 0;
let dust: f64 = 0;
let smalls: u32 = 0;

export function configureExposure(
  heldAt: usize,
  receivedAt: usize,
  directAt: usize,
  totalAt: usize,
  categoryAt: usize,
  smallRowAt: usize,
  smallAt: usize,
  placeCount: u32,
  accounts: u32,
  firstCategory: u32,
  dustLimit: f64,
  smallCount: u32,
): void {
  held = heldAt;
  received = receivedAt;
  direct = directAt;
  total = totalAt;
  category = categoryAt;
  smallRow = smallRowAt;
  small = smallAt;
  places = placeCount;
  accountCount = accounts;
  base = firstCategory;
  dust = dustLimit;
  smalls = smallCount;
}

export function smallRows(): u32 {
  return smalls;
}

@inline function addFloat(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

@inline function numberAt(column: usize, row: u32): u32 {
  return load<u32>(column + ((<usize>row) << 2));
}

/** Reads a vector, one word of each cache line. */
@inline function touchVector(lanes: u32, at: usize): u32 {
  let sum = load<u32>(at);
  if (lanes > 4) sum += load<u32>(at, 64) + load<u32>(at + (lanes << 4) - 4);
  return sum;
}

/** Reads what rows from `row` on will need, their accounts in the column `own`. */
@inline function touch(lanes: u32, own: usize, state: usize, kinds: usize, known: u32, row: u32, end: u32): u32 {
  const written = accountCount;
  const amounts = received;
  const sums = total;
  let sum: u32 = 0;
  for (; row < end; row += 1) {
    const u = fromOf(row);
    const v = toOf(row);
    const w = numberAt(own, row);
    if (u < known) sum += touchVector(lanes, state + <usize>u * (lanes << 4)) + load<u8>(kinds + u);
    if (v < known) sum += touchVector(lanes, state + <usize>v * (lanes << 4)) + load<u8>(kinds + v);
    if (w < written) sum += touchVector(lanes, amounts + <usize>w * (lanes << 4)) + load<u32>(sums + ((<usize>w) << 3));
  }
  return sum;
}

/** The lanes of an account's small row, which counts the amount. */
function smallLanes(lanes: u32, account: u32, amount: f64): usize {
  const slot = smallRow + ((<usize>account) << 2);
  const stride = (<usize>lanes << 4) + SMALL_HEAD;
  let number = load<u32>(slot);
  if (number == 0) {
    smalls += 1;
    number = smalls;
    store<u32>(slot, number);
    store<u32>(small + <usize>(number - 1) * stride, account, 12);
  }
  const at = small + <usize>(number - 1) * stride;
  store<f64>(at, load<f64>(at) + amount);
  store<u32>(at, load<u32>(at, 8) + 1, 8);
  return at + SMALL_HEAD;
}

/** Where the lanes carried to an account are added; 0 for nowhere. Counts amount and category there too. */
@inline function accountLanes(lanes: u32, account: u32, amount: f64, lane: u32): usize {
  if (account >= accountCount) return 0;
  if (dust > 0 && amount <= dust) return smallLanes(lanes, account, amount);
  const sum = total + ((<usize>account) << 3);
  store<f64>(sum, load<f64>(sum) + amount);
  const at = <usize>account * (lanes << 4);
  if (lane < lanes << 2) addFloat(direct + at + ((<usize>lane) << 2), <f32>amount);
  return received + at;
}

/** Four lanes of a payment: what leaves u goes to v (0: nowhere) and is added to the account (0: nowhere). */
@inline function carry(at: usize, u: usize, v: usize, w: usize, r: v128, gain: v128): void {
  const h = v128.load(u + at);
  const out = f32x4.mul(r, h);
  v128.store(u + at, f32x4.sub(h, out));
  const c = f32x4.mul(out, gain);
  if (v != 0) v128.store(v + at, f32x4.add(v128.load(v + at), c));
  if (w != 0) v128.store(w + at, f32x4.add(v128.load(w + at), c));
}

@inline function carryAll(lanes: u32, u: usize, v: usize, w: usize, r: v128, gain: v128): void {
  carry(0, u, v, w, r, gain);
  if (lanes > 1) carry(16, u, v, w, r, gain);
  if (lanes > 2) carry(32, u, v, w, r, gain);
  if (lanes > 3) carry(48, u, v, w, r, gain);
  if (lanes > 4) carry(64, u, v, w, r, gain);
  if (lanes > 5) carry(80, u, v, w, r, gain);
  if (lanes > 6) carry(96, u, v, w, r, gain);
  if (lanes > 7) carry(112, u, v, w, r, gain);
}

/** As `carry`, where all three are somewhere and the gain is 1, as in nearly every row. */
@inline function move(at: usize, u: usize, v: usize, w: usize, r: v128): void {
  const h = v128.load(u + at);
  const out = f32x4.mul(r, h);
  v128.store(u + at, f32x4.sub(h, out));
  v128.store(v + at, f32x4.add(v128.load(v + at), out));
  v128.store(w + at, f32x4.add(v128.load(w + at), out));
}

@inline function moveAll(lanes: u32, u: usize, v: usize, w: usize, r: v128): void {
  move(0, u, v, w, r);
  if (lanes > 1) move(16, u, v, w, r);
  if (lanes > 2) move(32, u, v, w, r);
  if (lanes > 3) move(48, u, v, w, r);
  if (lanes > 4) move(64, u, v, w, r);
  if (lanes > 5) move(80, u, v, w, r);
  if (lanes > 6) move(96, u, v, w, r);
  if (lanes > 7) move(112, u, v, w, r);
}

/** See exposure-twin.ts. `lanes`: groups of four categories. Not 0 where an id is bad. */
@inline function forwardRows(lanes: u32, count: u32, flags: u32, own: usize): u32 {
  // Copies that a store into memory cannot change.
  const state = held;
  const kinds = category;
  const known = places;
  let bad: u32 = 0;
  let sum: u32 = 0;
  for (let row: u32 = 0; row < count; row += 1) {
    if ((row & (AHEAD - 1)) == 0) sum += touch(lanes, own, state, kinds, known, row, min(count, row + AHEAD));
    const u = fromOf(row);
    const v = toOf(row);
    if (u == v && u < known) continue;
    const given = fromCategory(flags, row, u, known, kinds);
    const lane = given - base;
    const w = numberAt(own, row);
    const account = accountLanes(lanes, w, amountOf(flags, row), lane);
    let into: usize = 0;
    if (v < known && toCategory(flags, row, v, known, kinds) == UNCATEGORISED) into = state + <usize>v * (lanes << 4);
    if (given != UNCATEGORISED) {
      if (lane < lanes << 2) {
        const x = <f32>amountOf(flags, row);
        if (into != 0) addFloat(into + ((<usize>lane) << 2), x);
        if (account != 0) addFloat(account + ((<usize>lane) << 2), x);
      }
    } else if (u < known) {
      const r = f32x4.splat(<f32>ratioOfRow(row));
      const payer = state + <usize>u * (lanes << 4);
      if ((flags & HAS_GAIN) == 0 && into != 0 && account != 0) moveAll(lanes, payer, into, account, r);
      else {
        const g = f32x4.splat((flags & HAS_GAIN) == 0 ? <f32>1 : <f32>gainOf(row));
        carryAll(lanes, payer, into, account, r, g);
      }
    }
    if ((u >= known && u != NONE) || (v >= known && v < FEE) || isBad(w)) bad = 1;
  }
  keep(sum);
  return bad;
}

/** An account beyond their count, where any is written. */
@inline function isBad(account: u32): bool {
  return account >= accountCount && account < FEE && accountCount > 0;
}

/** Four lanes backward: the share of v (0: none) becomes part of u's (0: none), and its amount is added to the account (0: nowhere). */
@inline function lead(at: usize, u: usize, v: usize, w: usize, r: v128, rest: v128, x: v128): void {
  const share = v == 0 ? f32x4.splat(0) : v128.load(v + at);
  if (u != 0) v128.store(u + at, f32x4.add(f32x4.mul(rest, v128.load(u + at)), f32x4.mul(r, share)));
  if (w != 0 && v != 0) v128.store(w + at, f32x4.add(v128.load(w + at), f32x4.mul(x, share)));
}

@inline function leadAll(lanes: u32, u: usize, v: usize, w: usize, r: v128, rest: v128, x: v128): void {
  lead(0, u, v, w, r, rest, x);
  if (lanes > 1) lead(16, u, v, w, r, rest, x);
  if (lanes > 2) lead(32, u, v, w, r, rest, x);
  if (lanes > 3) lead(48, u, v, w, r, rest, x);
  if (lanes > 4) lead(64, u, v, w, r, rest, x);
  if (lanes > 5) lead(80, u, v, w, r, rest, x);
  if (lanes > 6) lead(96, u, v, w, r, rest, x);
  if (lanes > 7) lead(112, u, v, w, r, rest, x);
}

@inline function backwardRows(lanes: u32, count: u32, flags: u32, own: usize): u32 {
  const state = held;
  const kinds = category;
  const known = places;
  let bad: u32 = 0;
  let sum: u32 = 0;
  for (let row = count; row-- > 0; ) {
    if ((row & (AHEAD - 1)) == AHEAD - 1) sum += touch(lanes, own, state, kinds, known, row + 1 - AHEAD, row + 1);
    const u = fromOf(row);
    const v = toOf(row);
    if (u == v && u < known) continue;
    const amount = amountOf(flags, row);
    const taken = toCategory(flags, row, v, known, kinds);
    const lane = taken - base;
    const w = numberAt(own, row);
    const account = accountLanes(lanes, w, amount, lane);
    let out: usize = 0;
    if (u < known && fromCategory(flags, row, u, known, kinds) == UNCATEGORISED) out = state + <usize>u * (lanes << 4);
    const r = <f32>ratioOfRow(row);
    const x = <f32>amount;
    const into: usize = taken == UNCATEGORISED && v < known ? state + <usize>v * (lanes << 4) : 0;
    leadAll(lanes, out, into, account, f32x4.splat(r), f32x4.splat(<f32>1 - r), f32x4.splat(x));
    if (taken != UNCATEGORISED && lane < lanes << 2) {
      if (out != 0) addFloat(out + ((<usize>lane) << 2), r);
      if (account != 0) addFloat(account + ((<usize>lane) << 2), x);
    }
    if ((u >= known && u != NONE) || (v >= known && v < FEE) || isBad(w)) bad = 1;
  }
  keep(sum);
  return bad;
}

/*
 * The widths that speed counts for are functions of their own, in which widths are constants, for rows without the rarer columns: `flags` may have
 * HAS_ACCOUNT only.
 */

export function forward16(count: u32, flags: u32): u32 {
  return forwardRows(4, count, 0, receivers(flags));
}

export function forward8(count: u32, flags: u32): u32 {
  return forwardRows(2, count, 0, receivers(flags));
}

export function forwardAny(count: u32, flags: u32, lanes: u32): u32 {
  return forwardRows(lanes, count, flags, receivers(flags));
}

export function backward16(count: u32, flags: u32): u32 {
  return backwardRows(4, count, 0, payers(flags));
}

export function backward8(count: u32, flags: u32): u32 {
  return backwardRows(2, count, 0, payers(flags));
}

export function backwardAny(count: u32, flags: u32, lanes: u32): u32 {
  return backwardRows(lanes, count, flags, payers(flags));
}
