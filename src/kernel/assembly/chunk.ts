@inline const CHUNK: usize = 16384;

/**
 * Where the columns of a chunk of at most CHUNK rows lie in every scan's memory: constants, so that they cost no register.
 * ../_chunk.ts writes them there.
 */
@inline const FROM: usize = 1024;
@inline const TO: usize = FROM + 4 * CHUNK;
@inline const ACCOUNT: usize = TO + 4 * CHUNK;
@inline const LOW: usize = ACCOUNT + 4 * CHUNK;
@inline const HIGH: usize = LOW + 8 * CHUNK;
@inline const RATIO: usize = HIGH + 8 * CHUNK;
@inline const GAIN: usize = RATIO + 8 * CHUNK;
@inline const FROM_CATEGORY: usize = GAIN + 8 * CHUNK;
@inline const TO_CATEGORY: usize = FROM_CATEGORY + CHUNK;
/** What a scan writes of a row: a double, and a number. */
@inline const OUT: usize = TO_CATEGORY + CHUNK;
@inline const OUT_ROW: usize = OUT + 8 * CHUNK;

/** Bits of `flags`: the columns that are there. ratio is there unless it is written. */
@inline export const HAS_ACCOUNT: u32 = 1;
@inline export const HAS_HIGH: u32 = 2;
@inline export const HAS_GAIN: u32 = 4;
@inline export const HAS_FROM_CATEGORY: u32 = 8;
@inline export const HAS_TO_CATEGORY: u32 = 16;
/** `OUT` is wanted. */
@inline export const WANTS_OUT: u32 = 32;

@inline export const NONE: u32 = 0xffff_ffff;
@inline export const FEE: u32 = 0xffff_fffe;
@inline export const UNCATEGORISED: u32 = 255;

/** Rows whose state is read before they are processed: independent reads overlap, where reads behind branches wait for one another. */
@inline export const AHEAD: u32 = 64;

/** Keeps what was read, or the reads would be left out. */
export let sink: u32 = 0;

@inline export function keep(sum: u32): void {
  sink = sum;
}

@inline export function fromOf(row: u32): u32 {
  return load<u32>((<usize>row) << 2, FROM);
}

@inline export function toOf(row: u32): u32 {
  return load<u32>((<usize>row) << 2, TO);
}

@inline export function lowOf(row: u32): u64 {
  return load<u64>((<usize>row) << 3, LOW);
}

@inline export function highOf(flags: u32, row: u32): u64 {
  return (flags & HAS_HIGH) != 0 ? load<u64>((<usize>row) << 3, HIGH) : 0;
}

@inline export function ratioOfRow(row: u32): f64 {
  return load<f64>((<usize>row) << 3, RATIO);
}

@inline export function gainOf(row: u32): f64 {
  return load<f64>((<usize>row) << 3, GAIN);
}

/** Where the column of accounts lies: `ends` of the rows where there is none. */
@inline export function accounts(flags: u32, ends: usize): usize {
  return (flags & HAS_ACCOUNT) != 0 ? ACCOUNT : ends;
}

@inline export function payers(flags: u32): usize {
  return accounts(flags, FROM);
}

@inline export function receivers(flags: u32): usize {
  return accounts(flags, TO);
}

/** Category of a payer `u` by the column, or by the table `kinds` of `places` places. */
@inline export function fromCategory(flags: u32, row: u32, u: u32, places: u32, kinds: usize): u32 {
  if ((flags & HAS_FROM_CATEGORY) != 0) return load<u8>(<usize>row, FROM_CATEGORY);
  return u < places ? <u32>load<u8>(kinds + u) : UNCATEGORISED;
}

@inline export function toCategory(flags: u32, row: u32, v: u32, places: u32, kinds: usize): u32 {
  if ((flags & HAS_TO_CATEGORY) != 0) return load<u8>(<usize>row, TO_CATEGORY);
  return v < places ? <u32>load<u8>(kinds + v) : UNCATEGORISED;
}

@inline export function writeOut(row: u32, value: f64): void {
  store<f64>((<usize>row) << 3, value, OUT);
}

@inline export function writeRow(at: u32, row: u32): void {
  store<u32>((<usize>at) << 2, row, OUT_ROW);
}

/** The amount of a row as a double. */
@inline export function amountOf(flags: u32, row: u32): f64 {
  const amount = <f64>lowOf(row);
  const above = highOf(flags, row);
  return above == 0 ? amount : <f64>above * 18446744073709551616.0 + amount;
}
