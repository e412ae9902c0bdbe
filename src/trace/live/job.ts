import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { ChainSource } from '../../source/chain-source.ts';
import type { Covered, Store } from '../../store/port.ts';

/** What the user hears of while a fetch runs, beside the progress: waits, fail-overs, reorganisations, what is left unknown. */
export type Notice = (text: string) => void;

/** One chain to be fetched up to a block. */
export interface FetchJob<Source extends ChainSource = ChainSource> {
  readonly store: Store;
  readonly source: Source;
  /** The last block to be read, and its time. */
  readonly end: { readonly number: bigint; readonly time: UnixSeconds };
  readonly progress: Progress;
  readonly notice: Notice;
  readonly now: () => UnixSeconds;
  /** A scan of more blocks is refused: it would take longer than a person expects. */
  readonly maxBlocks: number;
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
