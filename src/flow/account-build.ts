import { availableParallelism } from 'node:os';
import type { AssetId } from '../model/asset.ts';
import type { NumberedChunk, NumberedStore } from '../store/numbered.ts';
import type { Opening, Store } from '../store/port.ts';
import type { AccountFacts } from './account-format.ts';
import { PipedSession } from './account-pipe.ts';
import { type AccountPresent, accountPlan, LAST_SECOND, openingsPrint } from './account-plan.ts';
import { type MadeSegment, type RowSession, SegmentSession, type WrittenBook } from './account-session.ts';
import { writeBook } from './address-book.ts';
import { FEWEST_FOR_THREADS } from './adjacency-sides.ts';
import { type Built, bringUp, type IndexBuild, storeChanged } from './bring-up.ts';
import { SegmentWriter } from './column-file.ts';
import { type ChainManifest, nextSecond, type SegmentEntry, windowsOf, writeManifest } from './manifest.ts';

export type AccountSource = Pick<NumberedStore, 'addressTexts' | 'numberedAssets' | 'numberedTransfers' | 'contents'> &
  Pick<Store, 'openings'>;

export interface AccountBuildOptions extends IndexBuild {
  readonly store: AccountSource;
  readonly threads?: number;
  /** Rows after which a segment ends; 2^27 by default. */
  readonly segmentRows?: number;
  /** The last rows that get a segment of their own, so that taking back the last blocks is cheap; 2^16 by default, and fewer for a short chain. */
  readonly tailRows?: number;
  /** Entries sorted at a time, and rows below which one thread does all. */
  readonly sortBatch?: number;
  readonly threadRows?: number;
}

export type AccountBuilt = Built<AccountFacts>;

type Manifest = ChainManifest<AccountFacts>;
type Entry = SegmentEntry<AccountFacts>;

const SEGMENT_ROWS = 2 ** 27;
const TAIL_ROWS = 2 ** 16;
/** A tail is at most such a part of the rows, and none where it would be smaller than this. */
const TAIL_SHARE = 16;
const FEWEST_IN_TAIL = 1024;

/**
 * Brings the index of an account chain to what the store holds: leading segments that still hold stay, the rest is streamed from the store. Every name must
 * have its id (assignIds). Throws E_INDEX_STALE where the store changes meanwhile, E_INDEX_WRITE.
 */
export async function buildAccountIndex(options: AccountBuildOptions): Promise<AccountBuilt> {
  const plan = accountPlan(options.store, options.folder);
  return bringUp(options, plan, ({ before, open: { rest: _, ...open }, found, fresh }) => {
    const run = new AccountRun(options, open, before, found);
    return run.build(open.segments.length === 0 ? totalRows(found) : fresh);
  });
}

function totalRows({ contents, openings }: AccountPresent): number {
  return contents.imports.reduce((sum, { rows }) => sum + rows, contents.fetchedRows + openings.length);
}

/** One build: streams what the segments kept do not hold. */
class AccountRun {
  readonly #options: AccountBuildOptions;
  readonly #asked: Manifest;
  readonly #present: AccountPresent;
  #manifest: Manifest;
  #names: AssetId[] = [];
  #waiting: Opening[] = [];

  /** `manifest`: with the segments kept; `asked`: the one whose windows `present` tells of. */
  constructor(options: AccountBuildOptions, manifest: Manifest, asked: Manifest, present: AccountPresent) {
    this.#options = options;
    this.#manifest = manifest;
    this.#asked = asked;
    this.#present = present;
  }

  async build(expected: number): Promise<Manifest> {
    const from = nextSecond(this.#manifest.segments);
    this.#waiting = this.#present.openings.filter(({ time }) => time >= from);
    this.#names = [...(await this.#options.store.numberedAssets(this.#options.chain))];
    const known = new Set(this.#names);
    for (const { asset } of this.#waiting) if (!known.has(asset)) this.#names.push(asset);
    const book = this.#writeBook();
    // Whoever awaits it is told; until then a fault of it must wait.
    book.catch(() => {});
    const session = this.#begin(expected, book);
    try {
      await this.#stream(session, from, expected);
      await book;
      const nextSegment = await session.end();
      this.#manifest = { ...this.#manifest, nextSegment };
    } finally {
      // A fault of the stream must not leave that of the book unheard.
      await book.catch(() => {});
      await session.stop();
    }
    const [rest] = await this.#requireSame(windowsOf(this.#manifest.segments, LAST_SECOND).slice(-1));
    return { ...this.#manifest, rest: rest! };
  }

  #begin(expected: number, book: Promise<WrittenBook>): RowSession {
    const { chain, folder, segmentRows = SEGMENT_ROWS, tailRows, threadRows, sortBatch } = this.#options;
    const { threads = Math.min(2, availableParallelism()) } = this.#options;
    const tail = Math.min(tailRows ?? TAIL_ROWS, Math.floor(expected / TAIL_SHARE));
    const options = {
      chain,
      folder,
      key: Buffer.from(this.#manifest.key, 'hex'),
      segments: this.#manifest.segments,
      nextSegment: this.#manifest.nextSegment,
      names: this.#names,
      hold: tailRows === undefined && tail < FEWEST_IN_TAIL ? 1 : Math.max(1, tail),
      segmentRows,
      threads,
      threadRows,
      sortBatch,
    };
    const made = (segment: MadeSegment): Promise<void> => this.#publish(segment);
    const piped = threads > 1 && expected >= (threadRows ?? FEWEST_FOR_THREADS);
    return piped ? new PipedSession(options, book, made) : new SegmentSession(options, book, made);
  }

  async #stream(session: RowSession, from: number, expected: number): Promise<void> {
    const { store, chain, progress } = this.#options;
    let done = 0;
    for await (const chunk of store.numberedTransfers({ chain, from, to: null })) {
      await this.#take(session, chunk);
      done += chunk.count;
      progress.report('index', done, Math.max(expected, done));
    }
    for (const opening of this.#waiting) await this.#addOpening(session, opening);
    progress.report('index: sort', done, done);
  }

  /** The rows of a chunk, and the opening balances that stand among them. */
  async #take(session: RowSession, chunk: NumberedChunk): Promise<void> {
    let start = 0;
    while (this.#waiting.length > 0) {
      const at = firstAfter(chunk, start, this.#waiting[0]!);
      if (at === chunk.count) break;
      await session.take(chunk, start, at);
      await this.#addOpening(session, this.#waiting.shift()!);
      start = at;
    }
    await session.take(chunk, start, chunk.count);
  }

  #addOpening(session: RowSession, { address, asset, amount, time, block }: Opening): Promise<void> {
    const to = this.#present.ids.get(address)!;
    return session.add({ to, asset: this.#names.indexOf(asset), amount, time, block: Number(block) });
  }

  /** The addresses that are new, into the folder of the first segment to be made. */
  async #writeBook(): Promise<WrittenBook> {
    const { store, chain, folder } = this.#options;
    const { segments, nextSegment } = this.#manifest;
    const last = segments.at(-1)?.facts.book;
    const first = last === undefined ? 0 : last.first + last.count;
    const writer = new SegmentWriter(folder, `segment-${nextSegment}`);
    try {
      const key = Buffer.from(this.#manifest.key, 'hex');
      const facts = await writeBook(writer, chain, key, first, () => store.addressTexts(chain, first));
      return { facts, files: writer.handOver() };
    } finally {
      writer.close();
    }
  }

  /** Puts a segment that is on disk into the manifest. */
  async #publish({ files, facts, rows, window }: MadeSegment): Promise<void> {
    const fetched = await this.#requireSame([window]);
    const openings = openingsPrint(this.#present.openings, window);
    const entry: Entry = { ...files, window, rows, fetched: fetched[0]!, openings, facts };
    const number = Number(files.name.slice(files.name.indexOf('-') + 1));
    const segments = [...this.#manifest.segments, entry];
    this.#manifest = { ...this.#manifest, segments, nextSegment: number + 1 };
    writeManifest(this.#options.folder, this.#manifest);
  }

  /** What the store says of windows. What it said when the build began must still hold. */
  async #requireSame(windows: Entry['window'][]): Promise<readonly { rows: number; digest: string }[]> {
    const { store, chain } = this.#options;
    const asked = windowsOf(this.#asked.segments, LAST_SECOND);
    const now = await store.contents(chain, [...asked, ...windows]);
    const before = this.#present.contents;
    const same =
      JSON.stringify([now.imports, now.openings, now.fetched.slice(0, asked.length)]) ===
      JSON.stringify([before.imports, before.openings, before.fetched]);
    if (same) return now.fetched.slice(asked.length);
    throw storeChanged();
  }
}

/** The first row of a chunk from `start` on that stands after an opening balance: after those of its block. */
function firstAfter({ time, block, count }: NumberedChunk, start: number, opening: Opening): number {
  const number = Number(opening.block);
  let low = start;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const after =
      time[middle]! > opening.time ||
      (time[middle] === opening.time && (block[middle]! < 0 || block[middle]! > number));
    if (after) high = middle;
    else low = middle + 1;
  }
  return low;
}
