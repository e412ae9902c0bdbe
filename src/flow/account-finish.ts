import { type AccountFacts, LARGE_BALANCE_WORDS, RECORD, RECORD_FILE, RECORD_WORDS } from './account-format.ts';
import type { BookFacts } from './address-book.ts';
import { RESULT_WORDS, SIDE_WORDS, SORT_BATCH } from './adjacency-build.ts';
import { buildSides } from './adjacency-sides.ts';
import { setBigint } from './amount-words.ts';
import type { SegmentFiles, SegmentWriter } from './column-file.ts';
import { NONE } from './flow.ts';
import { countMet, type EarlierPeers } from './met-count.ts';
import { orderByOwner, writeCounts, writeStarts } from './owner-order.ts';
import { orderPlaces, type PlaceOrder } from './place-order.ts';
import { ROW_FILES, type RowsPlace } from './row-writer.ts';
import type { Before, SegmentRows } from './segment-rows.ts';

export interface FinishInput {
  readonly segment: SegmentWriter;
  readonly rows: SegmentRows;
  readonly before: Before;
  readonly earlier: EarlierPeers | null;
  readonly book: BookFacts;
  readonly threads: number;
  /** Entries sorted at a time; SORT_BATCH by default. */
  readonly batch?: number | undefined;
  /** Fewer rows are sorted without threads; FEWEST_FOR_THREADS by default. */
  readonly threadRows?: number | undefined;
}

/** Smaller segments are forced to disk at the end, all files side by side. */
const FEWEST_AHEAD = 1_000_000;

/** A place of before has its rank in an array where one in so many is touched. */
const RANK_SHARE = 8;

/** Everything of a segment that needs its last row to be known: what waits of the columns, places, balances, both sides, counterparties. */
export async function finishAccountSegment(input: FinishInput): Promise<{ files: SegmentFiles; facts: AccountFacts }> {
  const finish = new Finish(input);
  return finish.run();
}

class Finish {
  readonly #input: FinishInput;
  /** Assets that move in the segment. */
  readonly #assets: readonly number[];
  readonly #placesBefore: Uint32Array;
  readonly #places: PlaceOrder;
  /** By position in the order of places. */
  readonly #owners: Uint32Array;
  readonly #addresses: number;
  #newPlaces = 0;

  constructor(input: FinishInput) {
    const { rows, before, book } = input;
    this.#input = input;
    this.#assets = rows.assets.map((_, index) => index).filter((index) => rows.writer.rowsOf(index) > 0);
    const placesBefore = (asset: number): number => before.assets[asset]?.placeCount ?? 0;
    this.#placesBefore = Uint32Array.from(this.#assets, placesBefore);
    this.#places = orderPlaces(rows.places, this.#assets, placesBefore);
    this.#owners = this.#places.slots.map((slot) => rows.places.owner(slot));
    this.#addresses = book.first + book.count;
  }

  async run(): Promise<{ files: SegmentFiles; facts: AccountFacts }> {
    const { segment, rows, before, book } = this.#input;
    rows.steps.finish();
    const placed = rows.writer.finish(this.#assets);
    const records = this.#records(placed);
    this.#writeTouched(records);
    this.#writeBalances();
    this.#writeNames();
    await this.#writeSides(placed, records);
    segment.file(RECORD_FILE).append(records);
    const facts = {
      firstStep: before.steps,
      steps: rows.steps.count,
      firstAsset: before.assets.length,
      newAssets: rows.assets.length - before.assets.length,
      newPlaces: this.#newPlaces,
      swaps: rows.swaps.count,
      book,
    };
    return { files: await segment.finishTogether(), facts };
  }

  #records(placed: readonly RowsPlace[]): Uint32Array {
    const records = new Uint32Array(this.#assets.length * RECORD_WORDS);
    const { starts, before } = this.#places;
    let groups = 0;
    let touched = 0;
    for (const [at, asset] of this.#assets.entries()) {
      const place = placed[at]!;
      const set = (field: number, value: number): void => {
        records[at * RECORD_WORDS + field] = value;
      };
      const high = place.highTail !== NONE || place.highGroups.some((group) => group !== NONE);
      set(RECORD.asset, asset);
      set(RECORD.rows, place.rows);
      set(RECORD.groups, groups);
      set(RECORD.tail, place.tail);
      set(RECORD.highTail, place.highTail);
      set(RECORD.hasHigh, high ? 1 : 0);
      set(RECORD.placesBefore, this.#placesBefore[at]!);
      set(RECORD.touched, touched);
      set(RECORD.touchedBefore, before[at]!);
      set(RECORD.locals, starts[at + 1]! - starts[at]!);
      set(RECORD.owner, this.#newPlaces);
      set(RECORD.balance, starts[at]!);
      set(RECORD.rank, NONE);
      groups += place.groups.length;
      touched += before[at]!;
      this.#newPlaces += starts[at + 1]! - starts[at]! - before[at]!;
      const pairs = place.groups.flatMap((group, index) => [group, place.highGroups[index]!]);
      if (pairs.length > 0) this.#input.segment.file('group').append(Uint32Array.from(pairs));
    }
    return records;
  }

  /** Touched places of before, ranks, owners of the new places, and these by address. */
  #writeTouched(records: Uint32Array): void {
    const { segment, rows } = this.#input;
    const { starts, before, slots } = this.#places;
    const fresh = new Uint32Array(this.#newPlaces);
    const freshPlaces = new Uint32Array(2 * this.#newPlaces);
    let next = 0;
    let ranks = 0;
    for (const [at, asset] of this.#assets.entries()) {
      const old = slots.subarray(starts[at]!, starts[at]! + before[at]!).map((slot) => rows.places.place(slot));
      if (old.length > 0) segment.file('touched').append(old);
      const placesBefore = this.#placesBefore[at]!;
      if (old.length * RANK_SHARE >= placesBefore && placesBefore > 0) {
        records[at * RECORD_WORDS + RECORD.rank] = ranks;
        segment.file('rank').append(rankOf(old, placesBefore));
        ranks += placesBefore;
      }
      for (let position = starts[at]! + before[at]!; position < starts[at + 1]!; position += 1) {
        fresh[next] = this.#owners[position]!;
        freshPlaces[2 * next] = asset;
        freshPlaces[2 * next + 1] = rows.places.place(slots[position]!);
        next += 1;
      }
    }
    segment.file('owner').append(fresh);
    const order = orderByOwner(fresh, this.#addresses);
    writeStarts(segment, 'by', order, this.#addresses);
    const sorted = new Uint32Array(freshPlaces.length);
    order.items.forEach((item, position) => {
      sorted[2 * position] = freshPlaces[2 * item]!;
      sorted[2 * position + 1] = freshPlaces[2 * item + 1]!;
    });
    segment.file('by.place').append(sorted);
  }

  #writeBalances(): void {
    const { segment, rows } = this.#input;
    const { places } = rows;
    const BATCH = 4096;
    const words = new Uint32Array(4 * BATCH);
    const { slots } = this.#places;
    const file = segment.file('balance');
    for (let done = 0; done < slots.length; done += BATCH) {
      const count = Math.min(BATCH, slots.length - done);
      for (let at = 0; at < count; at += 1) places.copyBalance(slots[done + at]!, words, 4 * at);
      file.append(words.subarray(0, 4 * count));
    }
    for (const [slot, balance] of [...places.largeBalances].sort(([a], [b]) => a - b)) {
      const large = new Uint32Array(LARGE_BALANCE_WORDS);
      large[0] = places.asset(slot);
      large[1] = places.place(slot);
      setBigint(large, 2, LARGE_BALANCE_WORDS - 2, balance);
      segment.file('large.balance').append(large);
    }
  }

  #writeNames(): void {
    const { segment, rows, before } = this.#input;
    const names = rows.assets.slice(before.assets.length).map((asset) => Buffer.from(asset));
    const starts = new Uint32Array(names.length + 1);
    names.forEach((name, index) => {
      starts[index + 1] = starts[index]! + name.length;
    });
    segment.file('name.start').append(starts);
    for (const name of names) segment.file('name.text').append(name);
  }

  /** Both adjacencies, and the counterparties that they give. */
  async #writeSides(placed: readonly RowsPlace[], records: Uint32Array): Promise<void> {
    const { segment, rows, threads, earlier } = this.#input;
    const task = { path: segment.path, ...this.#sideTask(placed, records), batch: this.#input.batch ?? SORT_BATCH };
    // What is on its way to the disk while the sides are sorted, and counted, is not waited for at the end.
    const ahead = rows.rows >= FEWEST_AHEAD;
    const columns = segment.syncAhead(ahead ? ROW_FILES.filter((name) => segment.names().includes(name)) : []);
    columns.catch(() => {});
    const sides = await buildSides(task, rows.rows, threads, this.#input.threadRows);
    await columns;
    const sorted = segment.syncAhead(ahead ? [...sides.out.files, ...sides.in.files].map(({ name }) => name) : []);
    for (const side of ['out', 'in'] as const) {
      for (const file of sides[side].files) segment.adopt(file);
      for (let at = 0; at < this.#assets.length; at += 1)
        records.set(
          sides[side].places.subarray(at * RESULT_WORDS, (at + 1) * RESULT_WORDS),
          at * RECORD_WORDS + RECORD[side],
        );
    }
    const byOwner = orderByOwner(this.#owners, this.#addresses);
    const counts = countMet({
      path: segment.path,
      ...sides,
      places: this.#places,
      owners: this.#owners,
      byOwner,
      placesBefore: this.#placesBefore,
      placeAt: earlier === null ? new Uint32Array(0) : this.#places.slots.map((slot) => rows.places.place(slot)),
      addresses: this.#addresses,
      earlier,
    });
    await sorted;
    writeCounts(segment, 'met', byOwner.keys, counts, { addresses: this.#addresses, missing: NONE });
  }

  #sideTask(
    placed: readonly RowsPlace[],
    records: Uint32Array,
  ): { assets: Uint32Array; groups: Uint32Array; touched: Uint32Array } {
    const { starts, before, slots } = this.#places;
    const { places } = this.#input.rows;
    const assets = new Uint32Array(this.#assets.length * SIDE_WORDS);
    const touched: number[] = [];
    for (let at = 0; at < this.#assets.length; at += 1) {
      const field = (name: 'rows' | 'groups' | 'tail' | 'placesBefore' | 'locals'): number =>
        records[at * RECORD_WORDS + RECORD[name]]!;
      assets.set(
        [
          field('rows'),
          field('groups'),
          field('tail'),
          field('placesBefore'),
          before[at]!,
          touched.length,
          field('locals'),
        ],
        at * SIDE_WORDS,
      );
      for (let position = starts[at]!; position < starts[at]! + before[at]!; position += 1)
        touched.push(places.place(slots[position]!));
    }
    return {
      assets,
      groups: Uint32Array.from(placed.flatMap(({ groups }) => groups)),
      touched: Uint32Array.from(touched),
    };
  }
}

function rankOf(touched: Uint32Array, places: number): Uint32Array {
  const ranks = new Uint32Array(places).fill(NONE);
  for (let local = 0; local < touched.length; local += 1) ranks[touched[local]!] = local;
  return ranks;
}
