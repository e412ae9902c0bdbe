import { AHEAD, FEE, fromOf, keep, NONE, ratioOfRow, toOf, WANTS_OUT, writeOut } from './chunk';

@inline function touch(held: usize, places: u32, row: u32, end: u32): u32 {
  let sum: u32 = 0;
  for (; row < end; row += 1) {
    const u = fromOf(row);
    const v = toOf(row);
    if (u < places) sum += load<u32>(held + ((<usize>u) << 3));
    if (v < places) sum += load<u32>(held + ((<usize>v) << 3));
  }
  return sum;
}

/** See taint-twin.ts. Not 0 where an id is bad. */
export function taint(count: u32, flags: u32, held: usize, stop: usize, ends: usize, places: u32): u32 {
  let bad: u32 = 0;
  let sum: u32 = 0;
  for (let row: u32 = 0; row < count; row += 1) {
    if ((row & (AHEAD - 1)) == 0) sum += touch(held, places, row, min(count, row + AHEAD));
    const u = fromOf(row);
    const v = toOf(row);
    let moved: f64 = 0;
    if (u < places) {
      if (u != v && load<u8>(stop + <usize>u) == 0) {
        const at = held + ((<usize>u) << 3);
        const had = load<f64>(at);
        moved = had * ratioOfRow(row);
        store<f64>(at, had - moved);
      }
    } else if (u != NONE) bad = 1;
    if (v < places) {
      const at = held + ((<usize>v) << 3);
      store<f64>(at, load<f64>(at) + moved);
    } else if (v == FEE) store<f64>(ends, load<f64>(ends) + moved);
    else if (v == NONE) store<f64>(ends, load<f64>(ends, 8) + moved, 8);
    else bad = 1;
    if ((flags & WANTS_OUT) != 0) writeOut(row, moved);
  }
  keep(sum);
  return bad;
}
