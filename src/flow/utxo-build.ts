import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { NumberedStore, NumberedUtxoChunk, StoreContents, TimeWindow } from '../store/numbered.ts';
import { writeBook } from './address-book.ts';
import { type Built, bringUp, type IndexBuild, storeChanged } from './bring-up.ts';
import { type SegmentFiles, SegmentWriter } from './column-file.ts';
import { type ChainManifest, nextSecond, type SegmentEntry, windowsOf } from './manifest.ts';
import { EarlierSegments } from './utxo-earlier.ts';
import { FileUtxoFlow } from './utxo-flow.ts';
import { NO_EARLIER } from './utxo-number.ts';
import { cutBeforeTail, inOrder, LAST_SECOND, TAIL_SECONDS, utxoPlan } from './utxo-plan.ts';
import { type UtxoFacts, writeUtxoSegment } from './utxo-segment.ts';

export interface UtxoBuildOptions extends IndexBuild {
  readonly store: Pick<NumberedStore, 'addressTexts' | 'numberedUtxo' | 'contents'>;
  /** The newest time of what was fetched; null where nothing was. */
  readonly newest: UnixSeconds | null;
  /** Seconds before the head that get a segment of their own. */
  readonly tail?: number;
}

export type UtxoBuilt = Built<UtxoFacts>;

type Manifest = ChainManifest<UtxoFacts>;
type Entry = SegmentEntry<UtxoFacts>;

/**
 * Brings the index of a UTXO chain to what the store holds: segments that still hold stay, the rest is streamed from the store. Every name must have its id
 * (assignIds). The manifest is replaced once everything is on disk, so a kill leaves the index as it was.
 * Throws E_INDEX_STALE where the store changes meanwhile, E_INDEX_WRITE, E_TRANSFER_CONFLICT where the data contradict themselves.
 */
export async function buildUtxoIndex(options: UtxoBuildOptions): Promise<UtxoBuilt> {
  return bringUp(options, utxoPlan(options.store), async ({ before, open, found }) => {
    const run = new BuildRun(options, before, found.contents);
    const segments = await run.build(open.segments);
    return { ...open, segments, nextSegment: run.nextSegment };
  });
}

/** One build: writes segments until the store's rows are in. */
class BuildRun {
  nextSegment: number;
  readonly #options: UtxoBuildOptions;
  readonly #before: Manifest;
  readonly #contents: StoreContents;
  readonly #key: Uint8Array;
  #rows = 0;

  constructor(options: UtxoBuildOptions, before: Manifest, contents: StoreContents) {
    this.#options = options;
    this.#before = before;
    this.#contents = contents;
    this.#key = Buffer.from(before.key, 'hex');
    this.nextSegment = before.nextSegment;
  }

  /** The segments kept and those written after them. Fewer are kept where the new rows do not stand behind them in order. */
  async build(keep: readonly Entry[]): Promise<readonly Entry[]> {
    let kept = keep;
    for (let tail = this.#options.tail ?? TAIL_SECONDS; ; ) {
      const pieces = await this.#pieces(kept, tail);
      const segments = await this.#write(kept, pieces);
      const right = inOrder(segments);
      if (right === segments.length) return this.#digested(segments, kept.length);
      if (right >= kept.length && pieces.length === 1) throw disorder(segments[right]!);
      // Blocks run backward across the cut: then there is none.
      if (right >= kept.length) tail = Number.POSITIVE_INFINITY;
      kept = kept.slice(0, right);
    }
  }

  /** What is to be written after the segments kept: up to the tail, and the tail. */
  async #pieces(kept: readonly Entry[], tail: number): Promise<readonly TimeWindow[]> {
    const { store, chain, newest } = this.#options;
    const from = nextSecond(kept);
    const head = Math.max(newest ?? 0, ...this.#contents.imports.map(({ window }) => window.to));
    const cut = await cutBeforeTail(store, { chain, from, head, tail });
    if (cut === null) return [{ from, to: LAST_SECOND }];
    return [
      { from, to: cut },
      { from: cut + 1, to: LAST_SECOND },
    ];
  }

  async #write(kept: readonly Entry[], pieces: readonly TimeWindow[]): Promise<readonly Entry[]> {
    const segments = [...kept];
    for (const piece of pieces) {
      const entry = await this.#segment(segments, piece);
      if (entry !== null) segments.push(entry);
    }
    return segments;
  }

  /** Null where the window holds no row. */
  async #segment(earlier: readonly Entry[], window: TimeWindow): Promise<Entry | null> {
    const { store, chain, folder } = this.#options;
    const flow = new FileUtxoFlow(chain, folder, this.#key, earlier);
    const writer = new SegmentWriter(folder, `segment-${this.nextSegment++}`);
    try {
      const first = flow.addresses.size;
      const book = await writeBook(writer, chain, this.#key, first, () => store.addressTexts(chain, first));
      const rows = this.#counted(store.numberedUtxo({ chain, ...window }));
      const { files, facts } = await writeUtxoSegment(
        writer,
        book,
        rows,
        earlier.length > 0 ? new EarlierSegments(flow) : NO_EARLIER,
      );
      if (facts.txCount > 0) return entryOf(files, facts, window);
      writer.abandon();
      return null;
    } catch (error) {
      writer.abandon();
      throw error;
    } finally {
      flow.close();
    }
  }

  async *#counted(chunks: AsyncIterable<NumberedUtxoChunk>): AsyncGenerator<NumberedUtxoChunk> {
    for await (const chunk of chunks) {
      yield chunk;
      this.#rows += chunk.count;
      this.#options.progress.report('index', this.#rows, 0);
    }
  }

  /** With what the store says of the windows of those written, which must be what it said before. */
  async #digested(segments: readonly Entry[], kept: number): Promise<readonly Entry[]> {
    const { store, chain } = this.#options;
    const asked = windowsOf(this.#before.segments, LAST_SECOND);
    const fresh = segments.slice(kept);
    const now = await store.contents(chain, [...asked, ...fresh.map(({ window }) => window), afterAll(segments)]);
    const same =
      JSON.stringify([now.imports, now.fetched.slice(0, asked.length)]) ===
      JSON.stringify([this.#contents.imports, this.#contents.fetched]);
    if (!same || now.fetched.at(-1)!.rows > 0) throw storeChanged();
    return [
      ...segments.slice(0, kept),
      ...fresh.map((entry, index) => ({ ...entry, fetched: now.fetched[asked.length + index]! })),
    ];
  }
}

/** The last segment ends with its last row, so that what comes later is new. */
function entryOf(files: SegmentFiles, facts: UtxoFacts, window: TimeWindow): Entry {
  const to = window.to === LAST_SECOND ? facts.lastTime : window.to;
  return {
    ...files,
    window: { from: window.from, to },
    rows: facts.txCount,
    fetched: { rows: 0, digest: '' },
    openings: '',
    facts,
  };
}

function afterAll(segments: readonly Entry[]): TimeWindow {
  return { from: nextSecond(segments), to: LAST_SECOND };
}

function disorder({ window }: Entry): HaetaeError {
  return new HaetaeError(
    'E_STORE_CORRUPT',
    'the stored transactions are not in the order that the whole chain asks for',
    {
      context: { from: window.from, to: window.to },
      remedy: 'restore a backup, or import the files into a new store',
    },
  );
}
