import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { NumberedChunk, TimeWindow } from '../store/numbered.ts';
import { finishAccountSegment } from './account-finish.ts';
import { FileAccountFlow } from './account-flow.ts';
import type { AccountFacts } from './account-format.ts';
import type { BookFacts } from './address-book.ts';
import { type FinishedColumn, type SegmentFiles, SegmentWriter } from './column-file.ts';
import { nextSecond, type SegmentEntry } from './manifest.ts';
import { type ExtraRow, PendingRows } from './pending-rows.ts';
import { type Before, SegmentRows } from './segment-rows.ts';

/** What turns rows into segments must know; it goes to a thread as it is. */
export interface SessionOptions {
  readonly chain: ChainId;
  /** Of this chain's index. */
  readonly folder: string;
  /** Of the address books. */
  readonly key: Uint8Array;
  /** Those that stay. */
  readonly segments: readonly SegmentEntry<AccountFacts>[];
  readonly nextSegment: number;
  /** Asset ids by number of the store. */
  readonly names: readonly AssetId[];
  /** The last rows that get a segment of their own; 1: none. */
  readonly hold: number;
  readonly segmentRows: number;
  /** Threads that sort, and rows below which one does. */
  readonly threads: number;
  readonly threadRows: number | undefined;
  /** Entries sorted at a time. */
  readonly sortBatch: number | undefined;
}

/** The addresses that are new since the segments that stay: part of the first segment made. */
export interface WrittenBook {
  readonly facts: BookFacts;
  readonly files: readonly FinishedColumn[];
}

/** A segment that is on disk. */
export interface MadeSegment {
  readonly files: SegmentFiles;
  readonly facts: AccountFacts;
  readonly rows: number;
  readonly window: TimeWindow;
}

/** Takes the rows that follow the segments which stay, in order, and makes segments of them. */
export interface RowSession {
  /** Rows `start` to `end` - 1 of a chunk, whose arrays may be used again once this is done. */
  take(chunk: NumberedChunk, start: number, end: number): Promise<void>;
  add(row: ExtraRow): Promise<void>;
  /** No more rows. Gives the number of the next segment. */
  end(): Promise<number>;
  /** Gives up: closes what is open. What was written is left. */
  stop(): Promise<void>;
}

/** Rows worked on at a time. */
const BATCH_ROWS = 65_536;
/** A segment ends too where so much of it waits in memory: very many assets with few rows each. */
const WAITING_BYTES = 768 * 2 ** 20;

interface OpenSegment {
  readonly writer: SegmentWriter;
  readonly rows: SegmentRows;
  readonly before: Before;
  /** The index before it; null where it is the first segment. */
  readonly flow: FileAccountFlow | null;
  readonly from: number;
  lastTime: number;
}

export class SegmentSession implements RowSession {
  readonly #options: SessionOptions;
  readonly #book: Promise<WrittenBook>;
  readonly #made: (segment: MadeSegment) => Promise<void>;
  readonly #pending = new PendingRows();
  #segments: readonly SegmentEntry<AccountFacts>[];
  #nextSegment: number;
  #rows = 0;
  #first = true;
  #open: OpenSegment | null = null;

  /** `made`: told of each segment when it is on disk. */
  constructor(options: SessionOptions, book: Promise<WrittenBook>, made: (segment: MadeSegment) => Promise<void>) {
    this.#options = options;
    this.#book = book;
    this.#made = made;
    this.#segments = options.segments;
    this.#nextSegment = options.nextSegment;
    if (options.hold > BATCH_ROWS) this.#pending.reserve(2 * options.hold + BATCH_ROWS);
  }

  async take(chunk: NumberedChunk, start: number, end: number): Promise<void> {
    this.#pending.append(chunk, start, end);
    const { hold, segmentRows } = this.#options;
    const batch = Math.max(hold, Math.min(BATCH_ROWS, segmentRows));
    while (this.#pending.count >= hold + batch) {
      const whole = this.#pending.secondOf(this.#pending.count - hold);
      if (whole === 0) return;
      await this.#add(whole);
    }
  }

  async add(row: ExtraRow): Promise<void> {
    this.#pending.add(row);
  }

  /** What waits: the rows before the tail, and the tail as a segment of its own. */
  async end(): Promise<number> {
    const cut = this.#tailStart();
    if (cut > 0) await this.#add(cut);
    if (this.#pending.count > 0) {
      if (this.#open !== null) await this.#finish();
      await this.#add(this.#pending.count);
    }
    if (this.#open !== null) await this.#finish();
    return this.#nextSegment;
  }

  async stop(): Promise<void> {
    this.#open?.writer.close();
    this.#open?.flow?.close();
    this.#open = null;
  }

  /** The row that waits with which the tail begins; all of them where there is none. */
  #tailStart(): number {
    const { count } = this.#pending;
    const { hold } = this.#options;
    if (hold === 1) return count;
    if (count > hold) return this.#pending.secondOf(count - hold);
    return this.#rows === 0 ? count : 0;
  }

  /** Puts the first rows that wait into the open segment. */
  async #add(count: number): Promise<void> {
    this.#open ??= this.#begin();
    const open = this.#open;
    open.lastTime = this.#pending.time[count - 1]!;
    open.rows.add(this.#pending, count);
    this.#pending.drop(count);
    this.#rows += count;
    const full = open.rows.rows >= this.#options.segmentRows || open.rows.writer.waitingBytes >= WAITING_BYTES;
    if (full) await this.#finish();
  }

  #begin(): OpenSegment {
    const { chain, folder, key, names } = this.#options;
    const writer = new SegmentWriter(folder, `segment-${this.#nextSegment}`);
    this.#nextSegment += 1;
    const segments = this.#segments;
    const flow = segments.length === 0 ? null : new FileAccountFlow(chain, folder, key, segments);
    const before = {
      steps: flow === null ? 0 : flow.steps.count,
      assets: flow === null ? [] : flow.assets.map(({ asset, placeCount }) => ({ asset, placeCount })),
      known: flow === null ? null : flow.known.bind(flow),
    };
    const from = nextSecond(segments);
    return { writer, rows: new SegmentRows(writer, before, names), before, flow, from, lastTime: from };
  }

  /** Writes the open segment out. */
  async #finish(): Promise<void> {
    const { writer, rows, before, flow, from, lastTime } = this.#open!;
    const book = await this.#book;
    if (this.#first) for (const file of book.files) writer.adopt(file);
    const end = book.facts.first + book.facts.count;
    const { threads, threadRows, sortBatch } = this.#options;
    const { files, facts } = await finishAccountSegment({
      segment: writer,
      rows,
      before,
      earlier: flow,
      book: this.#first ? book.facts : { first: end, count: 0, form: 'text' },
      threads,
      batch: sortBatch,
      threadRows,
    });
    flow?.close();
    this.#first = false;
    this.#open = null;
    const made = { facts, rows: rows.rows, window: { from, to: lastTime } };
    // What the store says of its window is for the manifest alone.
    const entry = { ...files, ...made, fetched: { rows: 0, digest: '' }, openings: '' };
    this.#segments = [...this.#segments, entry];
    await this.#made({ ...made, files });
  }
}
