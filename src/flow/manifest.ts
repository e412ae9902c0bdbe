import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { ChainId } from '../model/chain.ts';
import type { StoreContents, TimeWindow } from '../store/numbered.ts';
import { jsonDigest, replaceJson } from './checked-json.ts';
import { attempt, type SegmentFiles, syncFolder } from './column-file.ts';

/** Another number: the files are not read, but built anew. */
export const INDEX_VERSION = 1;
const MANIFEST = 'manifest.json';

/** A segment as the manifest keeps it. `Facts`: what the builder of the chain's model needs to read it. */
export interface SegmentEntry<Facts = unknown> extends SegmentFiles {
  /** Seconds it covers: every row of the store in them, when it was built. */
  readonly window: TimeWindow;
  /** Movements, or transactions on a UTXO chain. */
  readonly rows: number;
  /** What was fetched in its window, as the store counted it. */
  readonly fetched: { readonly rows: number; readonly digest: string };
  /** Print of the opening balances in its window. */
  readonly openings: string;
  readonly facts: Facts;
}

/** Everything that says what the files of a chain are. Replaced as a whole, so a reader sees one state or the next. */
export interface ChainManifest<Facts = unknown> {
  readonly version: number;
  readonly chain: ChainId;
  readonly model: 'account' | 'utxo';
  /** Key of the address tables' hash, in hex: random, so that nobody can choose addresses that collide. */
  readonly key: string;
  /** Imports whose rows are in. */
  readonly imports: StoreContents['imports'];
  /** In order of time, windows that touch. */
  readonly segments: readonly SegmentEntry<Facts>[];
  /** Number of the next segment's folder. */
  readonly nextSegment: number;
  /** What was fetched after the last segment and moves nothing, once a build came to its end; missing until then. Account chains. */
  readonly rest?: { readonly rows: number; readonly digest: string };
}

export function newManifest<Facts>(chain: ChainId, model: 'account' | 'utxo'): ChainManifest<Facts> {
  const key = randomBytes(16).toString('hex');
  return { version: INDEX_VERSION, chain, model, key, imports: [], segments: [], nextSegment: 1 };
}

/** The folder of all chains' indexes beside a database. */
export function indexFolder(database: string): string {
  return `${database}.index`;
}

/** Chain ids hold one colon and else letters, digits, - and _. */
export function chainFolder(database: string, chain: ChainId): string {
  return join(indexFolder(database), chain.replace(':', '.'));
}

/** Chains that have an index, in order of id. */
export function indexedChains(database: string): ChainId[] {
  const folder = indexFolder(database);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, MANIFEST)))
    .map((name) => name.replace('.', ':'))
    .sort();
}

/**
 * The manifest of a chain's folder, or null where there is none. Throws E_INDEX_CORRUPT where it is not as it was written and
 * E_INDEX_VERSION where another version wrote it.
 */
export function readManifest<Facts>(folder: string): ChainManifest<Facts> | null {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return null;
  const { sha256, manifest } = parseManifest(path);
  if (manifest.version !== INDEX_VERSION) {
    throw new HaetaeError('E_INDEX_VERSION', `the index is of version ${manifest.version}, not ${INDEX_VERSION}`, {
      context: { file: path },
      remedy: 'run haetae index build with this version: the store keeps everything that the index is built from',
    });
  }
  if (jsonDigest(manifest) !== sha256) throw corrupt(path);
  return manifest as ChainManifest<Facts>;
}

/** Replaces it as a whole. */
export function writeManifest(folder: string, manifest: ChainManifest): void {
  const path = join(folder, MANIFEST);
  attempt(path, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceJson(path, 'manifest', manifest);
  });
  syncFolder(folder);
}

/** Removes what no manifest refers to: what a killed build left, and segments that were replaced. Gives the names. */
export function removeStrays(folder: string, manifest: ChainManifest | null): string[] {
  if (!existsSync(folder)) return [];
  const kept = new Set([MANIFEST, ...(manifest?.segments ?? []).map((segment) => segment.name)]);
  const strays = readdirSync(folder).filter((name) => !kept.has(name));
  for (const name of strays) attempt(join(folder, name), () => rmSync(join(folder, name), { recursive: true }));
  return strays;
}

/** The first second after some segments. */
export function nextSecond(segments: readonly SegmentEntry[]): UnixSeconds {
  const last = segments.at(-1);
  return last === undefined ? 0 : last.window.to + 1;
}

/** The windows of segments, and the one after them, up to `last`. */
export function windowsOf(segments: readonly SegmentEntry[], last: UnixSeconds): TimeWindow[] {
  return [...segments.map(({ window }) => window), { from: nextSecond(segments), to: last }];
}

/** The first and the last second of some segments. */
export function spanOf(segments: readonly { readonly window: TimeWindow }[]): TimeWindow | null {
  const first = segments[0];
  return first === undefined ? null : { from: first.window.from, to: segments.at(-1)!.window.to as UnixSeconds };
}

function parseManifest(path: string): { sha256: string; manifest: ChainManifest } {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof read === 'object' && read !== null && 'sha256' in read && 'manifest' in read) {
      const { sha256, manifest } = read as { sha256: string; manifest: ChainManifest | null };
      if (typeof manifest?.version === 'number') return { sha256, manifest };
    }
  } catch (cause) {
    throw corrupt(path, cause);
  }
  throw corrupt(path);
}

function corrupt(path: string, cause?: unknown): HaetaeError {
  return new HaetaeError('E_INDEX_CORRUPT', 'the manifest of an index is not as it was written', {
    context: { file: path },
    remedy: 'run haetae index build: the store keeps everything that the index is built from',
    cause,
  });
}

/** The manifest that is there; a new one where it cannot be read, the reason added to `faults`, or is of another chain or model. */
export function readableManifest<Facts>(
  folder: string,
  chain: ChainId,
  model: 'account' | 'utxo',
  faults: HaetaeError[],
): ChainManifest<Facts> {
  try {
    const manifest = readManifest<Facts>(folder);
    if (manifest !== null && manifest.chain === chain && manifest.model === model) return manifest;
  } catch (error) {
    if (!(error instanceof HaetaeError) || !['E_INDEX_CORRUPT', 'E_INDEX_VERSION'].includes(error.code)) throw error;
    faults.push(error);
  }
  return newManifest(chain, model);
}
