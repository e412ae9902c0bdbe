import type { SegmentWriter } from './column-file.ts';
import { NONE } from './flow.ts';

/**
 * The columns of an asset's rows lie in groups of as many rows as words fit in a page, so that a page of a column is a page of a file wherever the
 * group stands; what is left over follows behind all groups, asset by asset. So rows of many assets are written as they come, in one pass.
 */
export const GROUP_ROWS = 16_384;
/** Words of a row as it waits: from, to, step, low (2), high (2), ratio (2). */
const WORDS = 9;
const FIRST_ROWS = 16;
/** As many rows of one asset, one after the other, are copied column by column. */
const LONG_RUN = 512;
export const ROW_FILES = ['from', 'to', 'step', 'low', 'ratio', 'high'] as const;

/** Where an asset's rows stand. */
export interface RowsPlace {
  readonly rows: number;
  /** Numbers of its full groups: those of `from`, and those of `high` (NONE where all are zero). */
  readonly groups: readonly number[];
  readonly highGroups: readonly number[];
  /** Row at which the rest begins in the files; in `high` likewise, NONE where all are zero. */
  readonly tail: number;
  readonly highTail: number;
}

/** Rows as columns, `count` of them; two words each of `low` and `high`. */
export interface RowBlock {
  readonly count: number;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly step: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly ratio: Float64Array;
}

export function newRowBlock(rows: number): RowBlock & { count: number } {
  return {
    count: 0,
    from: new Uint32Array(rows),
    to: new Uint32Array(rows),
    step: new Uint32Array(rows),
    low: new Uint32Array(2 * rows),
    high: new Uint32Array(2 * rows),
    ratio: new Float64Array(rows),
  };
}

class AssetRows {
  words = new Uint32Array(FIRST_ROWS * WORDS);
  used = 0;
  /** In place of `words`, where many rows of the asset come one after the other. */
  columns: (RowBlock & { count: number }) | null = null;
  rows = 0;
  readonly groups: number[] = [];
  readonly highGroups: number[] = [];
}

export class RowWriter {
  readonly #segment: SegmentWriter;
  readonly #assets: (AssetRows | undefined)[] = [];
  readonly #block = newRowBlock(GROUP_ROWS);
  readonly #ratioWords = new Uint32Array(this.#block.ratio.buffer);
  #groups = 0;
  #highGroups = 0;
  #waiting = 0;

  constructor(segment: SegmentWriter) {
    this.#segment = segment;
    for (const name of ROW_FILES) if (name !== 'high') segment.file(name);
  }

  /** Bytes of rows that wait for their group to be full. */
  get waitingBytes(): number {
    return this.#waiting * 4;
  }

  /** Rows so far of an asset: the number of its next row. */
  rowsOf(asset: number): number {
    return this.#assets[asset]?.rows ?? 0;
  }

  /** Rows `start` to `end - 1` of `block`, row i of asset `assets[i]`. `ratio`: the same numbers as `block.ratio`, as words. */
  append(assets: Uint32Array, block: RowBlock, ratio: Uint32Array, start: number, end: number): void {
    for (let row = start; row < end; ) {
      const asset = this.#assets[assets[row]!] ?? this.#newAsset(assets[row]!);
      let stop = row + 1;
      while (stop < end && assets[stop] === assets[row]) stop += 1;
      if (asset.columns !== null || stop - row >= LONG_RUN) this.#copyRows(asset, block, row, stop);
      else this.#appendRows(asset, block, ratio, row, stop);
      asset.rows += stop - row;
      row = stop;
    }
  }

  #appendRows(asset: AssetRows, block: RowBlock, ratio: Uint32Array, start: number, end: number): void {
    const { from, to, step, low, high } = block;
    for (let row = start; row < end; row += 1) {
      if (asset.used === asset.words.length) this.#makeRoom(asset);
      const { words } = asset;
      const at = asset.used;
      words[at] = from[row]!;
      words[at + 1] = to[row]!;
      words[at + 2] = step[row]!;
      words[at + 3] = low[2 * row]!;
      words[at + 4] = low[2 * row + 1]!;
      words[at + 5] = high[2 * row]!;
      words[at + 6] = high[2 * row + 1]!;
      words[at + 7] = ratio[2 * row]!;
      words[at + 8] = ratio[2 * row + 1]!;
      asset.used = at + WORDS;
    }
  }

  /** Column by column. */
  #copyRows(asset: AssetRows, block: RowBlock, start: number, end: number): void {
    const columns = asset.columns ?? this.#toColumns(asset);
    for (let row = start; row < end; ) {
      if (columns.count === GROUP_ROWS) this.#writeColumns(asset, columns);
      const length = Math.min(end - row, GROUP_ROWS - columns.count);
      copyBlock(columns, block, row, length);
      row += length;
    }
  }

  #toColumns(asset: AssetRows): RowBlock & { count: number } {
    const columns = newRowBlock(GROUP_ROWS);
    const count = asset.used / WORDS;
    this.#split(asset, count);
    copyBlock(columns, this.#block, 0, count);
    this.#waiting += GROUP_ROWS * WORDS - asset.words.length;
    asset.columns = columns;
    asset.words = new Uint32Array(0);
    asset.used = 0;
    return columns;
  }

  /** Writes what waits, for the assets in the order given, and says where the rows of each stand. */
  finish(assets: readonly number[]): RowsPlace[] {
    const tails = assets.map((asset) => this.#assets[asset] ?? this.#newAsset(asset));
    for (const asset of tails) {
      if (asset.columns?.count === GROUP_ROWS) this.#writeColumns(asset, asset.columns);
      if (asset.used === GROUP_ROWS * WORDS) this.#writeGroup(asset);
    }
    let tail = this.#groups * GROUP_ROWS;
    let highTail = this.#highGroups * GROUP_ROWS;
    const places = tails.map((asset) => {
      const count = asset.columns?.count ?? asset.used / WORDS;
      const place = { rows: asset.rows, groups: asset.groups, highGroups: asset.highGroups, tail, highTail: NONE };
      if (asset.columns === null) this.#split(asset, count);
      tail += count;
      if (!this.#write(asset.columns ?? this.#block, count)) return place;
      highTail += count;
      return { ...place, highTail: highTail - count };
    });
    for (const name of this.#segment.names()) this.#segment.file(name).flush();
    this.#assets.length = 0;
    return places;
  }

  #newAsset(asset: number): AssetRows {
    const made = new AssetRows();
    this.#assets[asset] = made;
    this.#waiting += made.words.length;
    return made;
  }

  #makeRoom(asset: AssetRows): void {
    if (asset.used === GROUP_ROWS * WORDS) {
      this.#writeGroup(asset);
      return;
    }
    const bigger = new Uint32Array(asset.words.length * 2);
    bigger.set(asset.words);
    this.#waiting += asset.words.length;
    asset.words = bigger;
  }

  #writeGroup(asset: AssetRows): void {
    this.#split(asset, GROUP_ROWS);
    this.#note(asset, this.#write(this.#block, GROUP_ROWS));
    asset.used = 0;
  }

  #writeColumns(asset: AssetRows, columns: RowBlock & { count: number }): void {
    this.#note(asset, this.#write(columns, GROUP_ROWS));
    columns.count = 0;
  }

  /** Counts a group just written. */
  #note(asset: AssetRows, high: boolean): void {
    asset.groups.push(this.#groups);
    asset.highGroups.push(high ? this.#highGroups : NONE);
    this.#groups += 1;
    if (high) this.#highGroups += 1;
  }

  /** Turns waiting rows into columns. */
  #split(asset: AssetRows, count: number): void {
    const { from, to, step, low, high } = this.#block;
    const { words } = asset;
    const ratio = this.#ratioWords;
    for (let row = 0, at = 0; row < count; row += 1, at += WORDS) {
      from[row] = words[at]!;
      to[row] = words[at + 1]!;
      step[row] = words[at + 2]!;
      low[2 * row] = words[at + 3]!;
      low[2 * row + 1] = words[at + 4]!;
      high[2 * row] = words[at + 5]!;
      high[2 * row + 1] = words[at + 6]!;
      ratio[2 * row] = words[at + 7]!;
      ratio[2 * row + 1] = words[at + 8]!;
    }
  }

  /** True where any amount has high words, which then are written too. */
  #write({ from, to, step, low, high, ratio }: RowBlock, count: number): boolean {
    this.#segment.file('from').append(from.subarray(0, count));
    this.#segment.file('to').append(to.subarray(0, count));
    this.#segment.file('step').append(step.subarray(0, count));
    this.#segment.file('low').append(low.subarray(0, 2 * count));
    this.#segment.file('ratio').append(ratio.subarray(0, count));
    const used = high.subarray(0, 2 * count);
    if (!anySet(used)) return false;
    this.#segment.file('high').append(used);
    return true;
  }
}

function anySet(words: Uint32Array): boolean {
  let all = 0;
  for (let word = 0; word < words.length; word += 1) all |= words[word]!;
  return all !== 0;
}

function copyBlock(target: RowBlock & { count: number }, block: RowBlock, start: number, count: number): void {
  const at = target.count;
  target.from.set(block.from.subarray(start, start + count), at);
  target.to.set(block.to.subarray(start, start + count), at);
  target.step.set(block.step.subarray(start, start + count), at);
  target.low.set(block.low.subarray(2 * start, 2 * (start + count)), 2 * at);
  target.high.set(block.high.subarray(2 * start, 2 * (start + count)), 2 * at);
  target.ratio.set(block.ratio.subarray(start, start + count), at);
  target.count += count;
}
