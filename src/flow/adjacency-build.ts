import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { firstAtOrAfter } from '../base/ascending.ts';
import { assert } from '../base/assert.ts';
import { PAGE_BYTES } from './column.ts';
import { ColumnWriter, type FinishedColumn } from './column-file.ts';
import { FEE } from './flow.ts';
import { GROUP_ROWS } from './row-writer.ts';

/**
 * The rows of a segment by payer (`out`) or by payee (`in`): a counting sort over the columns just written. Files: SIDE.start (where a touched
 * place's entries begin, in its asset, one more than there are), SIDE.peer and SIDE.row.
 */
export interface SideTask {
  /** Folder of the segment. */
  readonly path: string;
  readonly side: 'out' | 'in';
  /** Per asset, SIDE_WORDS numbers: rows, first of its `groups`, row where the rest begins, places before the segment, of these touched, first of `touched`, touched in all. */
  readonly assets: Uint32Array;
  /** Numbers of full groups, asset after asset. */
  readonly groups: Uint32Array;
  /** Places of before that are touched, ascending, asset after asset. */
  readonly touched: Uint32Array;
  /** Entries sorted at a time. */
  readonly batch: number;
}

export const SIDE_WORDS = 7;
/** 600 MB. */
export const SORT_BATCH = 3 * 2 ** 24;

export interface SideResult {
  readonly files: readonly FinishedColumn[];
  /** Per asset: where its entries begin in SIDE.peer and SIDE.row, how many there are, where its starts begin in SIDE.start. */
  readonly places: Uint32Array;
}

export const RESULT_WORDS = 3;
/** Assets with more rows are first dealt out to so many parts (a power of two) by place, each of which is then sorted in a near cache. */
const LARGE_ROWS = 1 << 17;
const PART_BITS = 10;
/** Words of an entry that is dealt out: local number of its place, peer, row. */
const DEALT_WORDS = 3;
/** Assets with so many entries begin with a page of their own. */
const ALIGNED = PAGE_BYTES / 4;

export function buildSide(task: SideTask): SideResult {
  const builder = new SideBuilder(task);
  try {
    return builder.run();
  } finally {
    builder.close();
  }
}

class SideBuilder {
  readonly #task: SideTask;
  readonly #own: WordReader;
  readonly #peer: WordReader;
  readonly #startFile: ColumnWriter;
  readonly #peerFile: ColumnWriter;
  readonly #rowFile: ColumnWriter;
  readonly #ownBlock = new Uint32Array(GROUP_ROWS);
  readonly #peerBlock = new Uint32Array(GROUP_ROWS);
  #entries = new Uint32Array(1024);
  #column = new Uint32Array(1024);
  #rows = new Uint32Array(1024);

  constructor(task: SideTask) {
    const { path, side } = task;
    this.#task = task;
    this.#own = new WordReader(join(path, side === 'out' ? 'from' : 'to'));
    this.#peer = new WordReader(join(path, side === 'out' ? 'to' : 'from'));
    this.#startFile = new ColumnWriter(path, `${side}.start`);
    this.#peerFile = new ColumnWriter(path, `${side}.peer`);
    this.#rowFile = new ColumnWriter(path, `${side}.row`);
  }

  run(): SideResult {
    const assets = this.#task.assets.length / SIDE_WORDS;
    const places = new Uint32Array(assets * RESULT_WORDS);
    for (let asset = 0; asset < assets; asset += 1) this.#buildAsset(asset, places);
    const files = [this.#startFile, this.#peerFile, this.#rowFile].map((file) => file.finish());
    return { files, places };
  }

  close(): void {
    for (const file of [this.#own, this.#peer, this.#startFile, this.#peerFile, this.#rowFile]) file.close();
  }

  #buildAsset(asset: number, places: Uint32Array): void {
    const words = this.#task.assets.subarray(asset * SIDE_WORDS, (asset + 1) * SIDE_WORDS);
    const locate = locator(words[3]!, this.#task.touched.subarray(words[5]!, words[5]! + words[4]!));
    const large = words[0]! > Math.min(LARGE_ROWS, this.#task.batch);
    const parts = large ? this.#countParts(words, locate) : null;
    const starts = parts === null ? this.#count(words, locate) : new Uint32Array(words[6]! + 1);
    const total = parts === null ? starts[starts.length - 1]! : parts.starts[parts.starts.length - 1]!;
    if (total >= ALIGNED) for (const file of [this.#peerFile, this.#rowFile]) file.align();
    if (starts.length >= ALIGNED) this.#startFile.align();
    places.set([this.#peerFile.bytes / 4, total, this.#startFile.bytes / 4], asset * RESULT_WORDS);
    if (parts === null) this.#sort(words, locate, starts);
    else this.#sortParts(words, locate, parts, starts);
    this.#startFile.append(starts);
  }

  /** How many entries each part has: those of places with the same high bits. */
  #countParts(words: Uint32Array, locate: Locate): Parts {
    const shift = Math.max(0, 32 - Math.clz32(Math.max(1, words[6]! - 1)) - PART_BITS);
    const starts = new Uint32Array(((Math.max(1, words[6]!) - 1) >>> shift) + 2);
    const { before, rank, old } = locate;
    this.#blocks(words, false, (count) => {
      const own = this.#ownBlock;
      for (let row = 0; row < count; row += 1) {
        const place = own[row]!;
        if (place >= FEE) continue;
        const part = (place >= before ? place - before + old : rank(place)) >>> shift;
        starts[part + 1] = starts[part + 1]! + 1;
      }
    });
    for (let part = 1; part < starts.length; part += 1) starts[part] = starts[part]! + starts[part - 1]!;
    return { shift, starts };
  }

  /** Writes all entries, as many parts at a time as fit in a batch, and fills `placeStarts`. */
  #sortParts(words: Uint32Array, locate: Locate, { shift, starts }: Parts, placeStarts: Uint32Array): void {
    for (let first = 0; first < starts.length - 1; ) {
      const end = this.#batchEnd(starts, first);
      this.#deal(words, locate, shift, starts.slice(first, end + 1), first);
      for (let part = first; part < end; part += 1)
        this.#sortPart(starts[part]! - starts[first]!, starts[part + 1]! - starts[first]!, part << shift, placeStarts);
      first = end;
    }
    for (let local = 1; local < placeStarts.length; local += 1)
      placeStarts[local] = placeStarts[local]! + placeStarts[local - 1]!;
  }

  /** Deals the entries of the parts from `first` on out, part after part, each in order of row. */
  #deal(words: Uint32Array, { before, rank, old }: Locate, shift: number, next: Uint32Array, first: number): void {
    const base = next[0]!;
    const parts = next.length - 1;
    const room = DEALT_WORDS * (next[parts]! - base);
    if (this.#entries.length < room) this.#entries = new Uint32Array(room);
    const entries = this.#entries;
    let number = 0;
    this.#blocks(words, true, (rows) => {
      const own = this.#ownBlock;
      const peer = this.#peerBlock;
      for (let row = 0; row < rows; row += 1) {
        const place = own[row]!;
        if (place >= FEE) continue;
        const local = place >= before ? place - before + old : rank(place);
        const part = (local >>> shift) - first;
        if (part < 0 || part >= parts) continue;
        const at = next[part]!;
        next[part] = at + 1;
        const entry = DEALT_WORDS * (at - base);
        entries[entry] = local;
        entries[entry + 1] = peer[row]!;
        entries[entry + 2] = number + row;
      }
      number += rows;
    });
  }

  /** Sorts entries `start` to `end` - 1 as dealt out, of places from `firstLocal` on, writes them, and leaves in `counts` how many each place has. */
  #sortPart(start: number, end: number, firstLocal: number, counts: Uint32Array): void {
    const count = end - start;
    if (count === 0) return;
    if (this.#column.length < count) {
      this.#column = new Uint32Array(count);
      this.#rows = new Uint32Array(count);
    }
    sortDealt(this.#entries, start, end, firstLocal, counts, this.#column, this.#rows);
    this.#peerFile.append(this.#column.subarray(0, count));
    this.#rowFile.append(this.#rows.subarray(0, count));
  }

  /** Starts by touched place. */
  #count(words: Uint32Array, locate: Locate): Uint32Array {
    const starts = new Uint32Array(words[6]! + 1);
    const { before, rank, old } = locate;
    this.#blocks(words, false, (count) => {
      const own = this.#ownBlock;
      for (let row = 0; row < count; row += 1) {
        const place = own[row]!;
        if (place >= FEE) continue;
        const local = place >= before ? place - before + old : rank(place);
        starts[local + 1] = starts[local + 1]! + 1;
      }
    });
    for (let local = 1; local < starts.length; local += 1) starts[local] = starts[local]! + starts[local - 1]!;
    return starts;
  }

  /** The first part whose entries no longer fit in a batch that begins with `first`; at least one does. */
  #batchEnd(starts: Uint32Array, first: number): number {
    const limit = starts[first]! + this.#task.batch;
    if (starts[starts.length - 1]! <= limit) return starts.length - 1;
    let low = first + 1;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (starts[middle]! <= limit) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Writes the entries of an asset with few rows. */
  #sort(words: Uint32Array, { before, rank, old }: Locate, starts: Uint32Array): void {
    const count = starts[starts.length - 1]!;
    if (this.#column.length < count) {
      this.#column = new Uint32Array(count);
      this.#rows = new Uint32Array(count);
    }
    const peers = this.#column;
    const entryRows = this.#rows;
    const next = starts.slice();
    let number = 0;
    this.#blocks(words, true, (rows) => {
      const own = this.#ownBlock;
      const peer = this.#peerBlock;
      for (let row = 0; row < rows; row += 1) {
        const place = own[row]!;
        if (place >= FEE) continue;
        const local = place >= before ? place - before + old : rank(place);
        const at = next[local]!;
        next[local] = at + 1;
        peers[at] = peer[row]!;
        entryRows[at] = number + row;
      }
      number += rows;
    });
    this.#peerFile.append(peers.subarray(0, count));
    this.#rowFile.append(entryRows.subarray(0, count));
  }

  /** Brings an asset's rows, in order, into the blocks; of the peers only where they are wanted. */
  #blocks(words: Uint32Array, peers: boolean, each: (count: number) => void): void {
    const full = Math.floor(words[0]! / GROUP_ROWS);
    const read = (start: number, count: number): void => {
      this.#own.read(this.#ownBlock, start, count);
      if (peers) this.#peer.read(this.#peerBlock, start, count);
      each(count);
    };
    for (let group = 0; group < full; group += 1) read(this.#task.groups[words[1]! + group]! * GROUP_ROWS, GROUP_ROWS);
    const rest = words[0]! - full * GROUP_ROWS;
    if (rest > 0) read(words[2]!, rest);
  }
}

interface Parts {
  /** A place's part is its local number without so many low bits. */
  readonly shift: number;
  /** Entries before each part, and all. */
  readonly starts: Uint32Array;
}

/** A counting sort of entries `start` to `end` - 1. `counts`, by local number and one on, gets how many entries each place has. */
function sortDealt(
  entries: Uint32Array,
  start: number,
  end: number,
  firstLocal: number,
  counts: Uint32Array,
  peers: Uint32Array,
  rows: Uint32Array,
): void {
  let last = firstLocal;
  for (let at = DEALT_WORDS * start; at < DEALT_WORDS * end; at += DEALT_WORDS) {
    const local = entries[at]!;
    counts[local + 1] = counts[local + 1]! + 1;
    if (local > last) last = local;
  }
  const next = new Uint32Array(last - firstLocal + 2);
  for (let local = firstLocal; local <= last; local += 1)
    next[local - firstLocal + 1] = next[local - firstLocal]! + counts[local + 1]!;
  for (let at = DEALT_WORDS * start; at < DEALT_WORDS * end; at += DEALT_WORDS) {
    const local = entries[at]! - firstLocal;
    const target = next[local]!;
    next[local] = target + 1;
    peers[target] = entries[at + 1]!;
    rows[target] = entries[at + 2]!;
  }
}

/** Place to its number among the touched: those of before by `rank`, the new ones behind them in order. */
interface Locate {
  readonly before: number;
  /** Of before, touched. */
  readonly old: number;
  rank(place: number): number;
}

/** Looking up in an array costs a word a place of before; few touched places are searched for. */
const FEWEST_RANKED = 256;

function locator(before: number, touched: Uint32Array): Locate {
  const old = touched.length;
  if (old < FEWEST_RANKED) return { before, old, rank: (place) => firstAtOrAfter(touched, place) };
  const ranks = new Uint32Array(before);
  for (let local = 0; local < old; local += 1) ranks[touched[local]!] = local;
  return { before, old, rank: (place) => ranks[place]! };
}

/** Reads words of a file that was just written, a window at a time. */
class WordReader {
  readonly #file: number;
  readonly #window = new Uint32Array((16 * PAGE_BYTES) / 4);
  readonly #bytes = new Uint8Array(this.#window.buffer);
  #first = 0;
  #length = 0;
  #closed = false;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  read(target: Uint32Array, start: number, count: number): void {
    if (start < this.#first || start + count > this.#first + this.#length) this.#move(start);
    assert(start + count <= this.#first + this.#length, 'a block lies inside its file');
    target.set(this.#window.subarray(start - this.#first, start - this.#first + count));
  }

  close(): void {
    if (!this.#closed) closeSync(this.#file);
    this.#closed = true;
  }

  #move(start: number): void {
    let got = 0;
    for (;;) {
      const more = readSync(this.#file, this.#bytes, got, this.#bytes.length - got, start * 4 + got);
      got += more;
      if (more === 0 || got === this.#bytes.length) break;
    }
    this.#first = start;
    this.#length = Math.floor(got / 4);
  }
}
