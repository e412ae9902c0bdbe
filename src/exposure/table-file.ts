import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { jsonDigest, replaceJson } from '../flow/checked-json.ts';
import { attempt, type SegmentFiles, SegmentReader, SegmentWriter, syncFolder } from '../flow/column-file.ts';
import { chainFolder } from '../flow/manifest.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { ExposureFigures, SavedFigures } from './build.ts';
import type { CategoryCounts } from './categorise.ts';
import type { LaneFigures, Lanes, SideFigures } from './passes.ts';
import type { Side } from './rows-account.ts';
import type { Blocks } from './scan-rows.ts';

/** Another number: the table is not read, but built anew. */
export const TABLE_VERSION = 1;
const MANIFEST = 'table.json';
const REBUILD = 'run haetae exposure build: the table is computed from the index';

/** What a table was made from, and how it stands in its files. */
export interface TableFacts {
  readonly version: number;
  readonly chain: ChainId;
  readonly model: 'account' | 'utxo';
  /** Digests of the index's segments: a table of the first of them can be gone on from. */
  readonly history: readonly string[];
  readonly steps: number;
  /** Seconds of the first and the last movement. */
  readonly span: { readonly from: number; readonly to: number } | null;
  readonly categories: readonly string[];
  /** Digest of names and label categories; of the addresses' categories. */
  readonly set: string;
  readonly labels: string;
  /** Digest of which addresses are one owner's; empty where that plays no part. */
  readonly owners: string;
  readonly addresses: number;
  readonly assets: readonly { readonly id: AssetId; readonly dust: number }[];
  readonly counts: CategoryCounts;
  readonly sources: readonly (readonly [source: string, addresses: number])[];
  readonly blocks: Blocks;
  readonly smallCount: number;
  readonly runs: readonly Lanes[];
  readonly files: SegmentFiles;
}

/** The folder of a chain's table: beside that of its index, which removes what it does not know. */
export function exposureFolder(database: string, chain: ChainId): string {
  return `${chainFolder(database, chain)}.exposure`;
}

/** Writes figures as they become known; nothing refers to them before `finish`. */
export class TableWriter {
  readonly #folder: string;
  readonly #segment: SegmentWriter;

  constructor(folder: string) {
    attempt(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
    const numbers = readdirSync(folder).map((name) => Number(/^table-(\d+)$/.exec(name)?.[1] ?? 0));
    this.#folder = folder;
    this.#segment = new SegmentWriter(folder, `table-${Math.max(0, ...numbers) + 1}`);
  }

  received(figures: Omit<ExposureFigures, 'sent'>, lanes: Uint8Array): void {
    this.#side('received', figures.received, true);
    this.#segment.file('small').append(figures.small);
    this.#segment.file('lanes').append(lanes);
  }

  sent(figures: SideFigures): void {
    this.#side('sent', figures, false);
  }

  /** Puts the table in the place of the one before. */
  finish(facts: Omit<TableFacts, 'version' | 'files'>): TableFacts {
    const whole: TableFacts = { version: TABLE_VERSION, ...facts, files: this.#segment.finish() };
    const path = join(this.#folder, MANIFEST);
    attempt(path, () => replaceJson(path, 'facts', whole));
    syncFolder(this.#folder);
    for (const name of readdirSync(this.#folder))
      if (name !== MANIFEST && name !== whole.files.name) rmSync(join(this.#folder, name), { recursive: true });
    return whole;
  }

  abandon(): void {
    this.#segment.abandon();
  }

  #side(side: Side, { total, lanes }: SideFigures, held: boolean): void {
    this.#segment.file(`${side}.total`).append(total as Float64Array<ArrayBuffer>);
    for (const run of lanes) {
      this.#segment.file(`${side}.all.${run.from}`).append(bytesOf(run.all));
      this.#segment.file(`${side}.direct.${run.from}`).append(bytesOf(run.direct));
      if (held) this.#segment.file(`${side}.held.${run.from}`).append(bytesOf(run.held));
    }
  }
}

/**
 * What the table of a chain was made from; null where there is none. Throws E_INDEX_CORRUPT where it is not as it was written, E_INDEX_VERSION
 * where another version wrote it.
 */
export function readTableFacts(folder: string): TableFacts | null {
  const path = join(folder, MANIFEST);
  if (!existsSync(path)) return null;
  const { sha256, facts } = parse(path);
  if (facts?.version !== TABLE_VERSION) {
    throw new HaetaeError('E_INDEX_VERSION', 'the exposure table is of another version', {
      context: { file: path, version: String(facts?.version), wanted: TABLE_VERSION },
      remedy: REBUILD,
    });
  }
  if (jsonDigest(facts) !== sha256) throw corrupt(path);
  return facts;
}

/** The figures that a build goes on from, wholly in memory. */
export function readSaved(
  folder: string,
  facts: TableFacts,
): { readonly figures: SavedFigures; readonly lanes: Uint8Array } {
  const reader = new SegmentReader(folder, facts.files);
  try {
    const bytes = (name: string): Uint8Array<ArrayBuffer> => reader.bytes(name, 0, reader.bytesOf(name));
    const floats = (name: string): Float32Array => new Float32Array(bytes(name).buffer);
    const lanes: LaneFigures[] = facts.runs.map(({ from, count }) => ({
      from,
      count,
      all: floats(`received.all.${from}`),
      direct: floats(`received.direct.${from}`),
      held: floats(`received.held.${from}`),
    }));
    const received = { total: new Float64Array(bytes('received.total').buffer), lanes };
    const { blocks, steps, smallCount } = facts;
    const small = new Uint32Array(bytes('small').buffer);
    return { figures: { received, small, smallCount, blocks, steps }, lanes: bytes('lanes') };
  } finally {
    reader.close();
  }
}

function parse(path: string): { sha256: string; facts: TableFacts | undefined } {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { sha256: string; facts: TableFacts | undefined };
  } catch (cause) {
    throw corrupt(path, cause);
  }
}

function corrupt(path: string, cause?: unknown): HaetaeError {
  return new HaetaeError('E_INDEX_CORRUPT', 'the manifest of an exposure table is not as it was written', {
    context: { file: path },
    remedy: REBUILD,
    cause,
  });
}

function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
