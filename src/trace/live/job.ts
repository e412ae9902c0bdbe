import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { BlockRef, ChainSource } from '../../source/chain-source.ts';
import type { Covered, Fetched, FetchedCounts, Store } from '../../store/port.ts';

/** What the user hears of while a fetch runs, beside the progress: waits, fail-overs, reorganisations, what is left unknown. */
export type Notice = (text: string) => void;

/** One chain to be fetched up to a block. */
export interface FetchJob<Source extends ChainSource = ChainSource> {
  readonly store: Store;
  readonly source: Source;
  /** The last block to be read, and its time. */
  readonly end: BlockRef;
  readonly progress: Progress;
  readonly notice: Notice;
  readonly now: () => UnixSeconds;
  /** A scan of more blocks is refused: it would take longer than a person expects. */
  readonly maxBlocks: number;
}

/** One write of what was fetched, what is not given being nothing. */
export function keepFetched(
  { store, source, now }: Pick<FetchJob, 'store' | 'source' | 'now'>,
  part: Partial<Fetched>,
): Promise<FetchedCounts> {
  const nothing = { transfers: [], utxo: [], assets: [], blocks: [], covered: [], openings: [] };
  return store.keepFetched({ chain: source.chain, sources: [source.name], at: now(), ...nothing, ...part });
}

/** Reads every block from `from` to the end of the job, once, in order. `better`: a source that would spare it. Throws E_TRACE_TOO_LARGE. */
export async function scanToEnd<Block>(
  job: FetchJob,
  from: bigint,
  blocks: (from: bigint, to: bigint) => AsyncIterable<Block>,
  scan: { add(block: Block): Promise<unknown>; write(): Promise<void> },
  better: string,
): Promise<void> {
  const { source, end, progress, maxBlocks } = job;
  const total = Number(end.number - from) + 1;
  if (total > maxBlocks) {
    throw new HaetaeError('E_TRACE_TOO_LARGE', `${total} blocks would have to be read one by one`, {
      context: { chain: source.chain, from: from.toString(), to: end.number.toString(), limit: maxBlocks },
      remedy: `add ${better}, end earlier with --until, or raise --max-blocks. What was fetched is kept`,
    });
  }
  let done = 0;
  for await (const block of blocks(from, end.number)) {
    await scan.add(block);
    done += 1;
    progress.report(`reading blocks of ${source.chain}`, done, total);
  }
  await scan.write();
}

/** Blocks both in. */
export interface BlockRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** What of [from, to] none of the ranges covers, ascending. */
export function uncovered(wanted: BlockRange, covered: readonly Pick<Covered, 'from' | 'to' | 'busy'>[]): BlockRange[] {
  const missing: BlockRange[] = [];
  let from = wanted.from;
  const sorted = covered.filter(({ busy }) => busy === null).sort((a, b) => (a.from < b.from ? -1 : 1));
  for (const range of sorted) {
    if (range.to < from) continue;
    if (range.from > wanted.to) break;
    if (range.from > from) missing.push({ from, to: range.from - 1n });
    from = range.to + 1n;
  }
  if (from <= wanted.to) missing.push({ from, to: wanted.to });
  return missing;
}
