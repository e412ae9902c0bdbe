import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULT_WORDS, type SideResult } from './adjacency-build.ts';
import { FEE } from './flow.ts';
import type { OwnerOrder } from './owner-order.ts';
import type { PlaceOrder } from './place-order.ts';

/** Rows of before, as far as counterparties need them. */
export interface EarlierPeers {
  counterparties(address: number): number;
  /** True where an address has at most so many rows. */
  hasAtMost(address: number, rows: number): boolean;
  peersOf(address: number, each: (peer: number) => void): void;
  haveMet(a: number, b: number): boolean;
}

export interface MetInput {
  /** Folder of the segment. */
  readonly path: string;
  readonly out: SideResult;
  readonly in: SideResult;
  readonly places: PlaceOrder;
  /** By position in `places.slots`. */
  readonly owners: Uint32Array;
  /** Positions in `places.slots` by address. */
  readonly byOwner: OwnerOrder;
  /** By asset, as in `places`: places before the segment. */
  readonly placesBefore: Uint32Array;
  /** By position in `places.slots`: the place; empty where nothing was before. */
  readonly placeAt: Uint32Array;
  readonly addresses: number;
  readonly earlier: EarlierPeers | null;
}

/** An address's own rows of before are looked through where they are not more than so many times its new peers; else those of the smaller of both, asset by asset. */
const LOOK_THROUGH = 16;

/** Counterparties of every address of `byOwner.keys` up to the end of a segment: new ones are counted, and those known before are not counted again. */
export function countMet(input: MetInput): Uint32Array {
  const { byOwner, earlier } = input;
  const finder = new PeerFinder(input);
  const counts = new Uint32Array(byOwner.keys.length);
  for (let at = 0; at < counts.length; at += 1) {
    const single = byOwner.starts[at + 1]! - byOwner.starts[at]! === 1;
    if (earlier === null && single) counts[at] = finder.countOne(byOwner.items[byOwner.starts[at]!]!);
    else if (earlier === null) counts[at] = finder.find(at);
    else counts[at] = finder.find(at) + notKnown(earlier, byOwner.keys[at]!, finder);
  }
  return counts;
}

interface Side {
  readonly starts: Uint32Array;
  readonly peers: Uint32Array;
  /** As SideResult. */
  readonly places: Uint32Array;
}

/** So many peers are compared with each other, which looks at nothing far away. */
const FEW = 24;

/** Adds to the `known` peers in `few` those that are not there, and gives how many there are then. */
function addNew(
  peers: Uint32Array,
  first: number,
  count: number,
  few: Uint32Array,
  known: number,
  self: number,
): number {
  let found = known;
  for (let entry = first; entry < first + count; entry += 1) {
    const peer = peers[entry]!;
    if (peer >= FEE || peer === self) continue;
    let at = 0;
    while (at < found && few[at] !== peer) at += 1;
    if (at < found) continue;
    few[found] = peer;
    found += 1;
  }
  return found;
}

/** Marks the peers that are not marked, and gives how many there were. */
function markNew(
  peers: Uint32Array,
  first: number,
  count: number,
  base: number,
  met: Uint32Array,
  mark: number,
  self: number,
): number {
  let found = 0;
  for (let entry = first; entry < first + count; entry += 1) {
    const peer = peers[entry]!;
    if (peer >= FEE || peer === self || met[base + peer] === mark) continue;
    met[base + peer] = mark;
    found += 1;
  }
  return found;
}

/** Finds the distinct peers of one address after the other. */
class PeerFinder {
  /** Those of the address at hand; `count` of them. */
  peers = new Uint32Array(1024);
  count = 0;
  readonly #input: MetInput;
  readonly #sides: readonly Side[];
  /** By address: 1 + position of the address whose peer it was last. */
  readonly #seen: Uint32Array;
  /** By position in `places.slots`: 1 + position of the place whose peer it was last. */
  readonly #met: Uint32Array;
  /** Peers of an address with few rows. */
  readonly #few = new Uint32Array(FEW);
  /** By position in `places.slots`: which asset it is of. */
  readonly #asset: Uint32Array;
  #now = 0;

  constructor(input: MetInput) {
    this.#input = input;
    this.#sides = (['out', 'in'] as const).map((side) => ({
      starts: readWords(join(input.path, `${side}.start`)),
      peers: readWords(join(input.path, `${side}.peer`)),
      places: input[side].places,
    }));
    this.#seen = new Uint32Array(input.addresses);
    this.#met = new Uint32Array(input.earlier === null ? input.owners.length : 0);
    this.#asset = new Uint32Array(input.owners.length);
    const { starts } = input.places;
    for (let asset = 0; asset < starts.length - 1; asset += 1)
      this.#asset.fill(asset, starts[asset]!, starts[asset + 1]!);
  }

  find(at: number): number {
    const { byOwner } = this.#input;
    this.#now = at + 1;
    this.count = 0;
    for (let item = byOwner.starts[at]!; item < byOwner.starts[at + 1]!; item += 1)
      this.#look(byOwner.items[item]!, byOwner.keys[at]!);
    return this.count;
  }

  /** Distinct peers of an address that has one place only, where nothing was before: then another place is another address. */
  countOne(position: number): number {
    const asset = this.#asset[position]!;
    const first = this.#input.places.starts[asset]!;
    const local = position - first;
    const [out, into] = this.#sides as readonly [Side, Side];
    const outStart = out.places[asset * RESULT_WORDS + 2]! + local;
    const inStart = into.places[asset * RESULT_WORDS + 2]! + local;
    const outCount = out.starts[outStart + 1]! - out.starts[outStart]!;
    const inCount = into.starts[inStart + 1]! - into.starts[inStart]!;
    const outFirst = out.places[asset * RESULT_WORDS]! + out.starts[outStart]!;
    const inFirst = into.places[asset * RESULT_WORDS]! + into.starts[inStart]!;
    if (outCount + inCount > FEW) {
      const mark = position + 1;
      const met = this.#met;
      return (
        markNew(out.peers, outFirst, outCount, first, met, mark, local) +
        markNew(into.peers, inFirst, inCount, first, met, mark, local)
      );
    }
    const known = addNew(out.peers, outFirst, outCount, this.#few, 0, local);
    return addNew(into.peers, inFirst, inCount, this.#few, known, local);
  }

  /** True where the address is a peer of the one at hand. */
  has(address: number): boolean {
    return this.#seen[address] === this.#now;
  }

  /** Takes a peer out again. */
  forget(address: number): void {
    this.#seen[address] = 0;
  }

  #look(position: number, self: number): void {
    const asset = this.#asset[position]!;
    const { places, owners, placesBefore } = this.#input;
    const first = places.starts[asset]!;
    const local = position - first;
    const before = placesBefore[asset]!;
    const old = places.before[asset]!;
    for (const side of this.#sides) {
      const entries = side.places[asset * RESULT_WORDS]!;
      const start = side.places[asset * RESULT_WORDS + 2]! + local;
      const end = entries + side.starts[start + 1]!;
      for (let entry = entries + side.starts[start]!; entry < end; entry += 1) {
        const peer = side.peers[entry]!;
        if (peer >= FEE) continue;
        const address = owners[peer >= before ? first + peer - before + old : this.#oldPosition(asset, peer)]!;
        if (address === self || this.#seen[address] === this.#now) continue;
        this.#seen[address] = this.#now;
        if (this.count === this.peers.length) this.peers = enlarged(this.peers);
        this.peers[this.count] = address;
        this.count += 1;
      }
    }
  }

  #oldPosition(asset: number, place: number): number {
    const { places, placeAt } = this.#input;
    let low = places.starts[asset]!;
    let high = low + places.before[asset]! - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (placeAt[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What to add to the number of peers at hand, to get all that the address ever had: those of before, less those that are both. */
function notKnown(earlier: EarlierPeers, address: number, finder: PeerFinder): number {
  const before = earlier.counterparties(address);
  if (before === 0 || finder.count === 0) return before;
  let both = 0;
  if (earlier.hasAtMost(address, LOOK_THROUGH * finder.count)) {
    earlier.peersOf(address, (peer) => {
      if (finder.has(peer)) both += 1;
      finder.forget(peer);
    });
  } else {
    for (let at = 0; at < finder.count; at += 1) if (earlier.haveMet(address, finder.peers[at]!)) both += 1;
  }
  return before - both;
}

function readWords(path: string): Uint32Array {
  const bytes = readFileSync(path);
  return bytes.byteOffset % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : new Uint32Array(new Uint8Array(bytes).buffer);
}

function enlarged(words: Uint32Array): Uint32Array<ArrayBuffer> {
  const bigger = new Uint32Array(words.length * 2);
  bigger.set(words);
  return bigger;
}
