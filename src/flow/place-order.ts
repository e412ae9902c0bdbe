import type { PlaceTable } from './place-table.ts';

/** The places that a segment touches, asset by asset, and in each by place: those of before first, ascending, then the new ones. */
export interface PlaceOrder {
  /** Per asset asked for, and one more: where its places begin in `slots`. */
  readonly starts: Uint32Array;
  /** Slots of the table. */
  readonly slots: Uint32Array;
  /** Per asset asked for: how many of them are of before. */
  readonly before: Uint32Array;
}

/** `assets`: in order; `placesBefore`: by position in it. */
export function orderPlaces(
  table: PlaceTable,
  assets: readonly number[],
  placesBefore: (asset: number) => number,
): PlaceOrder {
  const position = new Uint32Array(table.placeCounts.length);
  for (const [at, asset] of assets.entries()) position[asset] = at;
  const starts = new Uint32Array(assets.length + 1);
  for (let slot = 0; slot < table.count; slot += 1) starts[position[table.asset(slot)]! + 1]! += 1;
  for (let at = 0; at < assets.length; at += 1) starts[at + 1]! += starts[at]!;
  const next = starts.slice();
  const slots = new Uint32Array(table.count);
  for (let slot = 0; slot < table.count; slot += 1) {
    const at = position[table.asset(slot)]!;
    slots[next[at]!] = slot;
    next[at]! += 1;
  }
  const before = new Uint32Array(assets.length);
  for (const [at, asset] of assets.entries()) {
    if (placesBefore(asset) > 0)
      before[at] = sortOld(table, slots.subarray(starts[at]!, starts[at + 1]!), placesBefore(asset));
  }
  return { starts, slots, before };
}

/** New places are in order as they were met. Gives the number of old ones. */
function sortOld(table: PlaceTable, slots: Uint32Array, placesBefore: number): number {
  const old = slots.filter((slot) => table.place(slot) < placesBefore);
  const fresh = slots.filter((slot) => table.place(slot) >= placesBefore);
  old.sort((a, b) => table.place(a) - table.place(b));
  slots.set(old);
  slots.set(fresh, old.length);
  return old.length;
}
