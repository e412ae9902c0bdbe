import { createHash } from 'node:crypto';
import type { StoreContents, TimeWindow } from '../store/numbered.ts';
import type { Opening, Store } from '../store/port.ts';
import type { AccountFacts } from './account-format.ts';
import type { ChainManifest, SegmentEntry } from './manifest.ts';
import { numberOpenings } from './numbered-openings.ts';

/** Later than any second a chain can have. */
export const LAST_SECOND = Number.MAX_SAFE_INTEGER;
/** A segment that is not so many times as large as all behind it is built anew with what is new: so there are never many. */
const SHRINK = 8;

/** What of a store an index is built from, as it says itself. */
export interface Present {
  /** `fetched`: by window of the segments, then of what comes after them. */
  readonly contents: StoreContents;
  /** As numberOpenings gives them. */
  readonly openings: readonly Opening[];
}

export function nextSecond(segments: readonly SegmentEntry[]): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.window.to + 1;
}

/** The windows of segments, and the one after them. */
export function windowsOf(segments: readonly SegmentEntry[]): TimeWindow[] {
  return [...segments.map(({ window }) => window), { from: nextSecond(segments), to: LAST_SECOND }];
}

/** Leading segments that still hold what the store holds. */
export function holding({ segments, imports }: ChainManifest, { contents, openings }: Present): number {
  const changed = changedImports(imports, contents.imports);
  const first = segments.findIndex((segment, index) => {
    const now = contents.fetched[index]!;
    return (
      changed.some(({ window }) => window.from <= segment.window.to) ||
      now.rows !== segment.fetched.rows ||
      now.digest !== segment.fetched.digest ||
      openingsPrint(openings, segment.window) !== segment.openings
    );
  });
  return first < 0 ? segments.length : first;
}

/** Imports that are only in one of both. */
function changedImports(
  before: StoreContents['imports'],
  now: StoreContents['imports'],
): readonly StoreContents['imports'][number][] {
  const idOf = ({ contentId }: { readonly contentId: string }): string => contentId;
  const had = new Set(before.map(idOf));
  const has = new Set(now.map(idOf));
  return [
    ...before.filter((item) => !has.has(item.contentId)),
    ...now.filter((item) => !had.has(item.contentId)),
  ].filter(({ rows }) => rows > 0);
}

/** About how many rows no leading segment holds. */
export function freshRows(
  { segments, imports, rest }: ChainManifest,
  held: number,
  { contents, openings }: Present,
): number {
  const from = nextSecond(segments);
  const known = new Set(imports.map(({ contentId }) => contentId));
  const imported = contents.imports.filter(({ contentId, rows, window }) => {
    // An import that was known when a build came to its end is in, with what it has after the last movement.
    return rows > 0 && (rest === undefined ? window.to >= from : !known.has(contentId));
  });
  const later = contents.fetched.at(-1)!;
  const fetched = rest !== undefined && rest.rows === later.rows && rest.digest === later.digest ? 0 : later.rows;
  const opened = openings.filter(({ time }) => time >= from).length;
  return [...imported, ...segments.slice(held)].reduce((sum, { rows }) => sum + rows, fetched + opened);
}

/** Leading segments that stay where so many rows come after `held` of them. */
export function staying(segments: readonly { readonly rows: number }[], held: number, fresh: number): number {
  let rows = Math.max(1, fresh);
  let stay = held;
  while (stay > 0 && segments[stay - 1]!.rows <= SHRINK * rows) {
    stay -= 1;
    rows += segments[stay]!.rows;
  }
  return stay;
}

export function openingsPrint(openings: readonly Opening[], window: TimeWindow): string {
  const inside = openings.filter(({ time }) => time >= window.from && time <= window.to);
  if (inside.length === 0) return '';
  const rows = inside.map(({ address, asset, block, time, amount }) => [address, asset, `${block}`, time, `${amount}`]);
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

/** How an index of an account chain stands to its store. */
export async function accountLag(
  manifest: ChainManifest<AccountFacts>,
  folder: string,
  store: Pick<Store, 'contents' | 'openings' | 'addressTexts'>,
): Promise<{ fresh: boolean; changedSegments: number; laterRows: number }> {
  const contents = await store.contents(manifest.chain, windowsOf(manifest.segments));
  const { openings } = await numberOpenings(store, folder, manifest, manifest.segments);
  const present = { contents, openings };
  const changedSegments = manifest.segments.length - holding(manifest, present);
  const laterRows = freshRows(manifest, manifest.segments.length, present);
  return { fresh: changedSegments === 0 && laterRows === 0, changedSegments, laterRows };
}
