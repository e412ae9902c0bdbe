import { createHash } from 'node:crypto';
import type { StoreContents, TimeWindow } from '../store/numbered.ts';
import type { Opening, Store } from '../store/port.ts';
import type { AccountFacts } from './account-format.ts';
import type { IndexPlan, Present } from './bring-up.ts';
import { type ChainManifest, nextSecond, windowsOf } from './manifest.ts';
import { type NumberedOpenings, numberOpenings } from './numbered-openings.ts';

/** Later than any second a chain can have. */
export const LAST_SECOND = Number.MAX_SAFE_INTEGER;

/** What an account chain's index is built from. */
export interface AccountPresent extends Present, NumberedOpenings {}

/** `folder`: of the chain's index. */
export function accountPlan(
  store: Pick<Store, 'contents' | 'openings' | 'addressTexts'>,
  folder: string,
): IndexPlan<AccountFacts, AccountPresent> {
  return {
    model: 'account',
    shrink: 8,
    look: async (manifest, sound) => ({
      contents: await store.contents(manifest.chain, windowsOf(manifest.segments, LAST_SECOND)),
      ...(await numberOpenings(store, folder, manifest, manifest.segments.slice(0, sound))),
    }),
    holding,
    freshRows,
  };
}

/** Leading segments that still hold what the store holds. */
function holding({ segments, imports }: ChainManifest, { contents, openings }: AccountPresent): number {
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
function freshRows(
  { segments, imports, rest }: ChainManifest,
  held: number,
  { contents, openings }: AccountPresent,
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

export function openingsPrint(openings: readonly Opening[], window: TimeWindow): string {
  const inside = openings.filter(({ time }) => time >= window.from && time <= window.to);
  if (inside.length === 0) return '';
  const rows = inside.map(({ address, asset, block, time, amount }) => [address, asset, `${block}`, time, `${amount}`]);
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
