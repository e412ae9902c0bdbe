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
  ratioOfRow,
  receivers,
  toCategory,
  toOf,
  UNCATEGORISED,
  writeOut,
  writeRow,
} from './chunk';

let kept: u32 = 0;

/** Rows that the last call kept: their numbers in `OUT_ROW`, what they contribute in `OUT`. */
export function keptRows(): u32 {
  return kept;
}

@inline function touch(lambda: usize, kinds: usize, places: u32, row: u32, end: u32): u32 {
  let sum: u32 = 0;
  for (; row < end; row += 1) {
    const u = fromOf(row);
    const v = toOf(row);
    if (u < places) sum += load<u32>(lambda + ((<usize>u) << 3)) + load<u8>(kinds + u);
    if (v < places) sum += load<u32>(lambda + ((<usize>v) << 3)) + load<u8>(kinds + v);
  }
  return sum;
}

/** See adjoint-twin.ts. Not 0 where an id is bad. */
export function adjoint(
  count: u32,
  flags: u32,
  lambda: usize,
  kinds: usize,
  contribution: usize,
  places: u32,
  target: u32,
  dust: f64,
  floor: f64,
): u32 {
  const own = receivers(flags);
  let bad: u32 = 0;
  let sum: u32 = 0;
  kept = 0;
  for (let row = count; row-- > 0; ) {
    if ((row & (AHEAD - 1)) == AHEAD - 1) sum += touch(lambda, kinds, places, row + 1 - AHEAD, row + 1);
    const u = fromOf(row);
    const v = toOf(row);
    if (u >= places && u != NONE) bad = 1;
    if (v >= places && v < FEE) bad = 1;
    if (u == v && u < places) continue;
    let l: f64 = 0;
    if (load<u32>(own + ((<usize>row) << 2)) == target && target < FEE && amountOf(flags, row) > dust) l = 1;
    if (v < places && toCategory(flags, row, v, places, kinds) == UNCATEGORISED)
      l += load<f64>(lambda + ((<usize>v) << 3));
    const given = fromCategory(flags, row, u, places, kinds);
    if (given != UNCATEGORISED) {
      if (l == 0) continue;
      const amount = amountOf(flags, row) * l;
      const at = contribution + ((<usize>given) << 3);
      store<f64>(at, load<f64>(at) + amount);
      if (amount > floor) {
        writeRow(kept, row);
        writeOut(kept, amount);
        kept += 1;
      }
    } else if (u < places) {
      const r = ratioOfRow(row);
      const g = (flags & HAS_GAIN) != 0 ? r * gainOf(row) : r;
      const at = lambda + ((<usize>u) << 3);
      store<f64>(at, (1 - r) * load<f64>(at) + g * l);
    }
  }
  keep(sum);
  return bad;
}
