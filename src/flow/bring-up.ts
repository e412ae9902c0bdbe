import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { ChainId } from '../model/chain.ts';
import type { StoreContents } from '../store/numbered.ts';
import { soundSegments } from './column-file.ts';
import { type ChainManifest, readableManifest, removeStrays, type SegmentEntry, writeManifest } from './manifest.ts';

/** What of a store an index is built from, as it says itself. */
export interface Present {
  /** `fetched`: by window of the segments, then of what comes after them. */
  readonly contents: StoreContents;
}

/** How an index of one model of chains is held against its store. */
export interface IndexPlan<Facts, Found extends Present> {
  readonly model: ChainManifest['model'];
  /** A segment that is not so many times as large as all behind it is built anew with what is new: so there are never many. */
  readonly shrink: number;
  /** What the store says now; `sound`: leading segments whose files can be read. */
  look(manifest: ChainManifest<Facts>, sound: number): Promise<Found>;
  /** Leading segments that still hold what the store holds. */
  holding(manifest: ChainManifest<Facts>, found: Found): number;
  /** About how many rows the first `held` segments do not hold. */
  freshRows(manifest: ChainManifest<Facts>, held: number, found: Found): number;
}

export interface IndexBuild {
  readonly chain: ChainId;
  /** Of this chain's index. */
  readonly folder: string;
  readonly progress: Progress;
  /** Reads and checks every page that is kept, and builds anew what is damaged. */
  readonly check: boolean;
}

export interface Built<Facts = unknown> {
  readonly manifest: ChainManifest<Facts>;
  /** Segments that stayed, and those written. */
  readonly kept: number;
  readonly written: number;
  /** Damage found, which was built anew. */
  readonly faults: readonly HaetaeError[];
}

/** What a build goes on from. */
export interface Ground<Facts, Found extends Present> {
  /** As it was found: its windows are those that `found` tells of. */
  readonly before: ChainManifest<Facts>;
  /** With the store's imports, and the segments that stay. */
  readonly open: ChainManifest<Facts>;
  readonly found: Found;
  /** About how many rows are to come. */
  readonly fresh: number;
}

/**
 * Brings an index to what its store holds: leading segments that still hold stay, `build` writes those behind them. Where nothing changed only
 * the imports are written down. Throws E_INDEX_WRITE, and what `build` does.
 */
export async function bringUp<Facts, Found extends Present>(
  given: IndexBuild,
  plan: IndexPlan<Facts, Found>,
  build: (ground: Ground<Facts, Found>) => Promise<ChainManifest<Facts>>,
): Promise<Built<Facts>> {
  try {
    return await bringUpOnce(given, plan, build);
  } catch (error) {
    // A page that is needed is damaged: then all are looked at.
    if (given.check || !(error instanceof HaetaeError) || error.code !== 'E_INDEX_CORRUPT') throw error;
    return bringUpOnce({ ...given, check: true }, plan, build);
  }
}

async function bringUpOnce<Facts, Found extends Present>(
  { folder, chain, check }: IndexBuild,
  plan: IndexPlan<Facts, Found>,
  build: (ground: Ground<Facts, Found>) => Promise<ChainManifest<Facts>>,
): Promise<Built<Facts>> {
  const faults: HaetaeError[] = [];
  const before = readableManifest<Facts>(folder, chain, plan.model, faults);
  removeStrays(folder, before);
  const { segments } = before;
  const sound = check ? soundSegments(folder, segments, faults) : segments.length;
  const found = await plan.look(before, sound);
  const held = Math.min(sound, plan.holding(before, found));
  const fresh = plan.freshRows(before, held, found);
  let manifest: ChainManifest<Facts> = { ...before, imports: found.contents.imports };
  if (fresh > 0 || held < segments.length) {
    const open = { ...manifest, segments: segments.slice(0, staying(segments, held, fresh, plan.shrink)) };
    manifest = await build({ before, open, found, fresh });
  }
  writeManifest(folder, manifest);
  removeStrays(folder, manifest);
  const kept = manifest.segments.filter((segment) => segments.includes(segment)).length;
  return { manifest, kept, written: manifest.segments.length - kept, faults };
}

/** Leading segments that stay where so many rows come after `held` of them: each row is written again only as often as the logarithm of their number. */
function staying(segments: readonly SegmentEntry[], held: number, fresh: number, shrink: number): number {
  let rows = Math.max(1, fresh);
  let stay = held;
  while (stay > 0 && segments[stay - 1]!.rows <= shrink * rows) {
    stay -= 1;
    rows += segments[stay]!.rows;
  }
  return stay;
}

/** How an index stands to what its store holds. */
export interface Lag {
  readonly fresh: boolean;
  /** Segments, counted from the last, that no longer hold: their rows changed, or rows were added among them. */
  readonly changedSegments: number;
  /** Rows that come after all that is indexed, as far as the store tells: all of an import that is not wholly in. */
  readonly laterRows: number;
}

export async function lagOf<Facts, Found extends Present>(
  manifest: ChainManifest<Facts>,
  plan: IndexPlan<Facts, Found>,
): Promise<Lag> {
  const { length } = manifest.segments;
  const found = await plan.look(manifest, length);
  const changedSegments = length - plan.holding(manifest, found);
  const laterRows = plan.freshRows(manifest, length, found);
  return { fresh: changedSegments === 0 && laterRows === 0, changedSegments, laterRows };
}

export function storeChanged(): HaetaeError {
  return new HaetaeError('E_INDEX_STALE', 'the store changed while its index was built', {
    remedy: 'run haetae index build again',
    retry: true,
  });
}
