import type { SegmentWriter } from './column-file.ts';

/** An array by address costs more than sorting where fewer than one address in so many has an entry. */
const SPARSE = 32;
/** A file has an entry an address where at least one in so many has one; else it names the addresses. */
const FILE_SPARSE = 4;

/** Numbers 0 to n - 1 by the address that each belongs to, in order; those of one address in order of number. */
export interface OwnerOrder {
  /** Addresses that own any, ascending. */
  readonly keys: Uint32Array;
  /** By position in `keys`, and one more: where the numbers begin in `items`. */
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
}

export function orderByOwner(owners: Uint32Array, addresses: number): OwnerOrder {
  const items = owners.length * SPARSE < addresses ? sorted(owners) : counted(owners, addresses);
  let keys = 0;
  for (let at = 0; at < items.length; at += 1) if (at === 0 || owners[items[at]!] !== owners[items[at - 1]!]) keys += 1;
  const order = { keys: new Uint32Array(keys), starts: new Uint32Array(keys + 1), items };
  let next = 0;
  for (let at = 0; at < items.length; at += 1) {
    if (at > 0 && owners[items[at]!] === owners[items[at - 1]!]) continue;
    order.keys[next] = owners[items[at]!]!;
    order.starts[next] = at;
    next += 1;
  }
  order.starts[keys] = items.length;
  return order;
}

function sorted(owners: Uint32Array): Uint32Array {
  return Uint32Array.from(owners, (_, index) => index).sort((a, b) => owners[a]! - owners[b]! || a - b);
}

function counted(owners: Uint32Array, addresses: number): Uint32Array {
  const next = new Uint32Array(addresses + 1);
  for (const owner of owners) next[owner + 1]! += 1;
  for (let address = 0; address < addresses; address += 1) next[address + 1]! += next[address]!;
  const items = new Uint32Array(owners.length);
  for (let index = 0; index < owners.length; index += 1) {
    const owner = owners[index]!;
    items[next[owner]!] = index;
    next[owner]! += 1;
  }
  return items;
}

/** Writes starts by address: NAME.start by all of them, or by those in NAME.key. */
export function writeStarts(
  segment: SegmentWriter,
  name: string,
  { keys, starts }: OwnerOrder,
  addresses: number,
): void {
  if (keys.length * FILE_SPARSE < addresses) {
    segment.file(`${name}.key`).append(keys);
    segment.file(`${name}.start`).append(starts);
    return;
  }
  const dense = new Uint32Array(addresses + 1);
  let at = 0;
  for (let address = 0; address < addresses; address += 1) {
    if (at < keys.length && keys[at]! < address) at += 1;
    dense[address] = starts[at]!;
  }
  dense[addresses] = starts[keys.length]!;
  segment.file(`${name}.start`).append(dense);
}

/** Writes one number an address: NAME.count by all of them with `missing`, or by those in NAME.key. */
export function writeCounts(
  segment: SegmentWriter,
  name: string,
  keys: Uint32Array,
  counts: Uint32Array,
  { addresses, missing }: { readonly addresses: number; readonly missing: number },
): void {
  if (keys.length * FILE_SPARSE < addresses) {
    segment.file(`${name}.key`).append(keys);
    segment.file(`${name}.count`).append(counts);
    return;
  }
  const dense = new Uint32Array(addresses).fill(missing);
  for (let at = 0; at < keys.length; at += 1) dense[keys[at]!] = counts[at]!;
  segment.file(`${name}.count`).append(dense);
}
