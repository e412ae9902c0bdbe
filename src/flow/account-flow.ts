import { assert } from '../base/assert.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import { type AccountFacts, RECORD, SWAP_LARGE_WORDS, SWAP_WORDS } from './account-format.ts';
import { AccountSegment, FileAssetSegment } from './account-segment.ts';
import { SegmentedBook } from './address-book.ts';
import { bigintOf } from './amount-words.ts';
import { SegmentReader } from './column-file.ts';
import {
  type AccountFlow,
  type AddressBook,
  type Adjacency,
  type AssetFlow,
  FEE,
  type SwapFlow,
  type SwapTable,
} from './flow.ts';
import type { SegmentEntry } from './manifest.ts';
import type { KnownPlace } from './place-table.ts';
import { SegmentedSteps } from './step-file.ts';

/** An account chain from its files. */
export class FileAccountFlow implements AccountFlow {
  readonly model = 'account';
  readonly chain: ChainId;
  readonly addresses: AddressBook;
  readonly steps: SegmentedSteps;
  readonly assets: readonly FileAsset[];
  readonly swaps: SwapTable;
  readonly #segments: readonly AccountSegment[];

  /** `folder`: that of the chain; `key`: of the address book. */
  constructor(chain: ChainId, folder: string, key: Uint8Array, entries: readonly SegmentEntry<AccountFacts>[]) {
    const readers = entries.map((entry) => new SegmentReader(folder, entry));
    this.chain = chain;
    this.#segments = entries.map(({ facts }, index) => new AccountSegment(readers[index]!, facts));
    this.addresses = new SegmentedBook(
      chain,
      key,
      entries.map(({ facts }, index) => ({ reader: readers[index]!, facts: facts.book })),
    );
    this.steps = new SegmentedSteps(entries.map((entry, index) => ({ ...entry, reader: readers[index]! })));
    this.assets = assetsOf(this.#segments);
    this.swaps = new FileSwapTable(this.#segments);
  }

  counterparties(address: number): number {
    for (let at = this.#segments.length - 1; at >= 0; at -= 1) {
      const met = this.#segments[at]!.met(address);
      if (met >= 0) return met;
    }
    return 0;
  }

  /** The place of an address with its balance after the last row; null where it never moved the asset. */
  known(asset: number, address: number): KnownPlace | null {
    const flow = this.assets[asset];
    const place = flow === undefined ? -1 : flow.placeOf(address);
    return place < 0 ? null : { place, balance: flow!.balanceOf(place) };
  }

  /** Places of an address over all assets. */
  placesOf(address: number, each: (asset: number, place: number) => void): void {
    for (const segment of this.#segments) segment.placesOf(address, each);
  }

  /** True where an address pays or is paid in at most so many rows. */
  hasAtMost(address: number, rows: number): boolean {
    if (this.#placeCount(address) > rows) return false;
    let degree = 0;
    this.placesOf(address, (asset, place) => {
      if (degree <= rows) degree += this.assets[asset]!.degree(place);
    });
    return degree <= rows;
  }

  /** Calls with the address of every other end of its rows. Fees and outside left out. */
  peersOf(address: number, each: (peer: number) => void): void {
    this.placesOf(address, (asset, place) => {
      const flow = this.assets[asset]!;
      for (const segment of flow.segments) {
        for (const side of [segment.out, segment.in]) {
          const end = side.end(place);
          for (let entry = side.start(place); entry < end; entry += 1) {
            const peer = side.peer.at(entry);
            if (peer < FEE) each(flow.addressOf(peer));
          }
        }
      }
    });
  }

  /** True where one of two addresses paid the other: asked of the places of the one that has fewer. */
  haveMet(a: number, b: number): boolean {
    const [few, many] = this.#placeCount(a) < this.#placeCount(b) ? [a, b] : [b, a];
    let met = false;
    this.placesOf(few, (asset, place) => {
      const flow = this.assets[asset]!;
      const other = met ? -1 : flow.placeOf(many);
      if (other >= 0) met = flow.haveMet(place, other);
    });
    return met;
  }

  #placeCount(address: number): number {
    return this.#segments.reduce((sum, segment) => sum + segment.placeCount(address), 0);
  }

  /** Opens all files, so that they can be read on when another process has put others in their place. */
  hold(): void {
    for (const { reader } of this.#segments) reader.hold();
  }

  /** Brings all files into memory but those that only building asks for. */
  warm(): void {
    for (const { reader } of this.#segments) reader.warm(reader.names().filter((name) => !name.includes('balance')));
    void this.swaps.flows;
  }

  close(): void {
    for (const { reader } of this.#segments) reader.close();
  }
}

function assetsOf(segments: readonly AccountSegment[]): FileAsset[] {
  const assets: FileAsset[] = [];
  for (const { reader, facts } of segments) {
    const names = new AssetNames(reader, facts.newAssets);
    for (let name = 0; name < facts.newAssets; name += 1)
      assets.push(new FileAsset(assets.length, segments, names, name));
  }
  return assets;
}

/** Asset ids that first move in a segment, end to end. */
class AssetNames {
  readonly #reader: SegmentReader;
  readonly #count: number;
  #starts: Uint32Array | null = null;

  constructor(reader: SegmentReader, count: number) {
    this.#reader = reader;
    this.#count = count;
  }

  at(index: number): AssetId {
    this.#starts ??= this.#reader.words('name.start', 0, this.#count + 1);
    const from = this.#starts[index]!;
    return Buffer.from(this.#reader.bytes('name.text', from, this.#starts[index + 1]! - from)).toString('utf8');
  }
}

/** An asset; its parts are looked up when they are first asked for, because a chain may have very many assets. */
export class FileAsset implements AssetFlow {
  /** In the chain. */
  readonly index: number;
  readonly #all: readonly AccountSegment[];
  readonly #names: AssetNames;
  readonly #name: number;
  #found: readonly FileAssetSegment[] | null = null;
  #asset: AssetId | null = null;

  constructor(index: number, segments: readonly AccountSegment[], names: AssetNames, name: number) {
    this.index = index;
    this.#all = segments;
    this.#names = names;
    this.#name = name;
  }

  get #parts(): readonly FileAssetSegment[] {
    this.#found ??= this.#all.flatMap((segment) => {
      const record = segment.recordOf(this.index);
      return record < 0 ? [] : [new FileAssetSegment(segment, record)];
    });
    return this.#found;
  }

  get asset(): AssetId {
    this.#asset ??= this.#names.at(this.#name);
    return this.#asset;
  }

  get segments(): readonly FileAssetSegment[] {
    return this.#parts;
  }

  get placeCount(): number {
    const { segment, record } = this.#parts.at(-1)!;
    const fresh = segment.field(record, RECORD.locals) - segment.field(record, RECORD.touchedBefore);
    return segment.field(record, RECORD.placesBefore) + fresh;
  }

  addressOf(place: number): number {
    for (let at = this.#parts.length - 1; at >= 0; at -= 1) {
      const part = this.#parts[at]!;
      if (place >= part.placesBefore) return part.ownerOf(place);
    }
    assert(false, 'a place is below the count of places');
  }

  /** Rows in which a place pays or is paid. */
  degree(place: number): number {
    let degree = 0;
    for (const { out, in: into } of this.#parts)
      degree += out.end(place) - out.start(place) + into.end(place) - into.start(place);
    return degree;
  }

  /** True where one of two places paid the other: the one with fewer rows is looked through. */
  haveMet(a: number, b: number): boolean {
    const [place, other] = this.degree(a) < this.degree(b) ? [a, b] : [b, a];
    return this.#parts.some((part) => hasPeer(part.out, place, other) || hasPeer(part.in, place, other));
  }

  placeOf(address: number): number {
    for (const { segment } of this.#parts) {
      const place = segment.placeOf(address, this.index);
      if (place >= 0) return place;
    }
    return -1;
  }

  /** What a place held after the last row. */
  balanceOf(place: number): bigint {
    for (let at = this.#parts.length - 1; at >= 0; at -= 1) {
      const { segment, record } = this.#parts[at]!;
      const local = segment.localOf(record, place);
      if (local >= 0) return segment.balance(record, local, place);
    }
    return 0n;
  }
}

function hasPeer(side: Adjacency, place: number, other: number): boolean {
  const end = side.end(place);
  for (let entry = side.start(place); entry < end; entry += 1) if (side.peer.at(entry) === other) return true;
  return false;
}

class FileSwapTable implements SwapTable {
  readonly count: number;
  readonly #segments: readonly AccountSegment[];
  #flows: readonly SwapFlow[] | null = null;
  #steps: Uint32Array | null = null;
  #firstSteps: Uint32Array | null = null;

  constructor(segments: readonly AccountSegment[]) {
    this.#segments = segments;
    this.count = segments.reduce((sum, { facts }) => sum + facts.swaps, 0);
  }

  get flows(): readonly SwapFlow[] {
    this.#flows ??= this.#segments.flatMap(flowsOf);
    return this.#flows;
  }

  get steps(): Uint32Array {
    this.#steps ??= this.#column(0);
    return this.#steps;
  }

  get firstSteps(): Uint32Array {
    this.#firstSteps ??= this.#column(1);
    return this.#firstSteps;
  }

  #column(offset: number): Uint32Array {
    const pairs = this.#segments.map(({ reader }) => reader.words('swap.step'));
    const column = new Uint32Array(pairs.reduce((sum, words) => sum + words.length / 2, 0));
    let next = 0;
    for (const words of pairs) for (let at = offset; at < words.length; at += 2) column[next++] = words[at]!;
    return column;
  }
}

function flowsOf({ reader, facts }: AccountSegment): SwapFlow[] {
  const words = reader.words('swap.flow');
  const large = reader.words('swap.large');
  const ratios = new Float64Array(1);
  const ratioWords = new Uint32Array(ratios.buffer);
  return Array.from({ length: facts.swaps }, (_, index) => {
    const at = index * SWAP_WORDS;
    ratioWords.set(words.subarray(at + 5, at + 7));
    const more = (words[at + 15]! - 1) * 2 * SWAP_LARGE_WORDS;
    return {
      step: words[at]!,
      fromAsset: words[at + 1]!,
      fromPlace: words[at + 2]!,
      toAsset: words[at + 3]!,
      toPlace: words[at + 4]!,
      ratio: ratios[0]!,
      given: more < 0 ? bigintOf(words, at + 7, 4) : bigintOf(large, more, SWAP_LARGE_WORDS),
      received: more < 0 ? bigintOf(words, at + 11, 4) : bigintOf(large, more + SWAP_LARGE_WORDS, SWAP_LARGE_WORDS),
    };
  });
}
