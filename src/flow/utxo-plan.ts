import type { UnixSeconds } from '../base/time.ts';
import type { NumberedStore, StoreContents } from '../store/numbered.ts';
import type { IndexPlan, Present } from './bring-up.ts';
import { type ChainManifest, type SegmentEntry, windowsOf } from './manifest.ts';
import type { UtxoFacts } from './utxo-segment.ts';

/** Later than any second a chain can have. */
export const LAST_SECOND = 0xffff_ffff;
/** Seconds before the head that get a segment of their own, so that a block whose time runs backward (Bitcoin allows about two hours) changes that one only. */
export const TAIL_SECONDS = 6 * 3600;
/** Seconds before the tail in which to look for a second that separates blocks. */
const SCAN_SECONDS = 2 * 86_400;

export function utxoPlan(store: Pick<NumberedStore, 'contents'>): IndexPlan<UtxoFacts, Present> {
  return {
    model: 'utxo',
    shrink: 1,
    look: async ({ chain, segments }) => ({ contents: await store.contents(chain, windowsOf(segments, LAST_SECOND)) }),
    holding,
    freshRows,
  };
}

/** Leading segments that still hold what the store holds. */
function holding(manifest: ChainManifest<UtxoFacts>, { contents }: Present): number {
  const { segments } = manifest;
  const isIn = (list: StoreContents['imports'], contentId: string): boolean =>
    list.some((item) => item.contentId === contentId);
  if (manifest.imports.some(({ contentId }) => !isIn(contents.imports, contentId))) return 0;
  const fresh = contents.imports.filter(({ contentId, rows }) => rows > 0 && !isIn(manifest.imports, contentId));
  const changed = segments.findIndex(({ window, fetched }, index) => {
    const now = contents.fetched[index]!;
    return (
      now.rows !== fetched.rows || now.digest !== fetched.digest || fresh.some((item) => item.window.from <= window.to)
    );
  });
  return changed < 0 ? segments.length : changed;
}

/** About how many rows no segment kept holds. */
function freshRows({ segments, imports }: ChainManifest, held: number, { contents }: Present): number {
  const known = new Set(imports.map(({ contentId }) => contentId));
  const imported = contents.imports.filter(({ contentId }) => !known.has(contentId));
  return [...imported, ...segments.slice(held), contents.fetched.at(-1)!].reduce((sum, { rows }) => sum + rows, 0);
}

/**
 * Leading segments that stand as they would in one run over the whole chain: in the order of blocks where every transaction names one, else of time.
 * All of them where nothing is wrong.
 */
export function inOrder(segments: readonly SegmentEntry<UtxoFacts>[]): number {
  const named = segments.every(({ facts }) => facts.named);
  let right = segments.length;
  let next = Number.POSITIVE_INFINITY;
  for (let index = segments.length - 1; index >= 0; index -= 1) {
    const { risesByBlock, risesByTime, blocks } = segments[index]!.facts;
    if (named ? !risesByBlock || blocks!.to >= next : !risesByTime) right = index;
    next = Math.min(next, blocks?.from ?? next);
  }
  return right;
}

/**
 * A second some hours before the head at which everything so far can be cut in two: no block after it, in order, has an earlier time than one
 * before it. Null where there is none, or nothing before.
 */
export async function cutBeforeTail(
  store: Pick<NumberedStore, 'numberedUtxo'>,
  { chain, from, head, tail }: { chain: string; from: UnixSeconds; head: UnixSeconds; tail: number },
): Promise<UnixSeconds | null> {
  if (head - tail <= from) return null;
  const times: number[] = [];
  for await (const chunk of store.numberedUtxo({ chain, from: Math.max(from, head - tail - SCAN_SECONDS), to: null })) {
    for (let row = 0; row < chunk.count; row += 1)
      if (chunk.begins[row] === 1 && chunk.time[row] !== times.at(-1)) times.push(chunk.time[row]!);
  }
  // Ascending from the end: the earliest time from here on.
  const earliest = times.slice();
  for (let at = earliest.length - 2; at >= 0; at -= 1) earliest[at] = Math.min(earliest[at]!, earliest[at + 1]!);
  let latest = Number.NEGATIVE_INFINITY;
  let cut: UnixSeconds | null = null;
  for (let at = 0; at + 1 < times.length; at += 1) {
    latest = Math.max(latest, times[at]!);
    if (latest > head - tail) break;
    if (latest < earliest[at + 1]!) cut = latest;
  }
  return cut;
}
