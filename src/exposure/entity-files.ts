import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { SavedClusters } from '../cluster/clusters.ts';
import type { DepositTable } from '../cluster/deposit-table.ts';
import type { Refused } from '../cluster/guard.ts';
import { jsonDigest, replaceJson } from '../flow/checked-json.ts';
import { attempt, type SegmentFiles, SegmentReader, SegmentWriter, syncFolder } from '../flow/column-file.ts';
import { chainFolder } from '../flow/manifest.ts';
import type { ChainId } from '../model/chain.ts';
import type { Service } from './entity.ts';
import type { Mixes } from './entity-mixes.ts';
import type { ServiceEntry } from './entity-services.ts';

/** Another number, and everything is built anew: for another format, and for detectors that find other mixes. */
export const ENTITIES_VERSION = 1;
const STATE = 'entities.json';

/** A part of a chain's columns that is never changed: a segment. */
export interface FlowPart {
  /** Transactions of a UTXO chain; movements of an account chain. */
  readonly rows: number;
  readonly digest: string;
}

/** Everything an index was made from and where its columns are. */
export interface EntityState {
  readonly version: number;
  readonly chain: ChainId;
  readonly model: 'utxo' | 'account';
  /** The rules' settings as text: other settings, another index. */
  readonly settings: string;
  readonly parts: readonly FlowPart[];
  readonly addresses: number;
  /** Transactions or steps read. */
  readonly steps: number;
  readonly services: readonly Service[];
  readonly overflowed: boolean;
  readonly counts: { readonly clusters: number; readonly entities: number; readonly largest: number };
  readonly columns: SegmentFiles;
}

/** The columns of an index, in memory. */
export interface EntityColumns {
  readonly clusters: SavedClusters;
  readonly mixes: Mixes | null;
  readonly deposits: DepositTable | null;
  readonly entries: readonly ServiceEntry[];
}

/** Beside the chain's columns, which a build of these clears. */
export function entityFolder(database: string, chain: ChainId): string {
  return join(dirname(chainFolder(database, chain)), `${basename(chainFolder(database, chain))}.entities`);
}

/** The state of a folder; null where there is none, or none that this version can use: it is derived data, and built again. */
export function readEntityState(folder: string): EntityState | null {
  const path = join(folder, STATE);
  if (!existsSync(path)) return null;
  try {
    const { sha256, state } = JSON.parse(readFileSync(path, 'utf8')) as { sha256: string; state: EntityState };
    return sha256 === jsonDigest(state) && state.version === ENTITIES_VERSION ? state : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw new HaetaeError('E_FILE_READ', 'the entity index cannot be read', { context: { file: path }, cause: error });
  }
}

/** Writes columns into a new folder and then the state that names it; afterwards what it replaced is removed. */
export function writeEntities(
  folder: string,
  state: Omit<EntityState, 'columns' | 'version'>,
  columns: EntityColumns,
): EntityState {
  const writer = new SegmentWriter(folder, randomBytes(6).toString('hex'));
  try {
    writer.file('roots').append(columns.clusters.roots);
    writer.file('last-join').append(columns.clusters.lastJoin);
    writer.file('refusals').append(refusalWords(columns.clusters.refusals));
    writer.file('labels').append(new TextEncoder().encode(JSON.stringify(columns.entries)));
    if (columns.mixes !== null) {
      writer.file('mixes').append(columns.mixes.txs);
      writer.file('mix-kinds').append(columns.mixes.kinds);
    }
    for (const name of columns.deposits === null ? [] : DEPOSIT_COLUMNS)
      writer.file(`deposit-${name}`).append(columns.deposits![name]);
    const whole = { ...state, version: ENTITIES_VERSION, columns: writer.finish() };
    writeState(folder, whole);
    return whole;
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** Whole beside the old one, then in its place; what it no longer names is removed. */
function writeState(folder: string, state: EntityState): void {
  const path = join(folder, STATE);
  attempt(path, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    replaceJson(path, 'state', state);
    for (const name of readdirSync(folder))
      if (name !== STATE && name !== state.columns.name) rmSync(join(folder, name), { recursive: true, force: true });
  });
  syncFolder(folder);
}

/** Throws E_INDEX_CORRUPT where a page is not as it was written. */
export function readEntities(folder: string, state: EntityState): EntityColumns {
  const reader = new SegmentReader(folder, state.columns);
  try {
    return {
      clusters: {
        roots: reader.words('roots'),
        lastJoin: reader.words('last-join'),
        refusals: refusalsOf(reader.words('refusals')),
      },
      ...readFacts(reader),
    };
  } finally {
    reader.close();
  }
}

/** All but the columns that are as long as the chain has addresses. */
export function readFacts(reader: SegmentReader): Omit<EntityColumns, 'clusters'> {
  const bytes = (name: string): Uint8Array<ArrayBuffer> => reader.bytes(name, 0, reader.bytesOf(name));
  return {
    mixes: reader.has('mixes') ? { txs: reader.words('mixes'), kinds: bytes('mix-kinds') } : null,
    deposits: reader.has('deposit-address') ? readDeposits(reader) : null,
    entries: JSON.parse(new TextDecoder().decode(bytes('labels'))) as ServiceEntry[],
  };
}

const DEPOSIT_COLUMNS = [
  'address',
  'service',
  'forwards',
  'toService',
  'outgoing',
  'firstStep',
  'lastStep',
  'senderStart',
  'sender',
  'senderStep',
  'senderAsset',
  'senderRow',
] as const satisfies readonly (keyof DepositTable)[];

function readDeposits(reader: SegmentReader): DepositTable {
  const columns = Object.fromEntries(DEPOSIT_COLUMNS.map((name) => [name, reader.words(`deposit-${name}`)]));
  return { ...(columns as Omit<DepositTable, 'count'>), count: columns.address!.length };
}

const REFUSAL_FIELDS = [
  'step',
  'a',
  'b',
  'labelA',
  'labelB',
  'sizeA',
  'sizeB',
] as const satisfies readonly (keyof Refused)[];

function refusalWords(refusals: readonly Refused[]): Uint32Array {
  const words = new Uint32Array(REFUSAL_FIELDS.length * refusals.length);
  refusals.forEach((refused, at) => {
    REFUSAL_FIELDS.forEach((field, index) => {
      words[at * REFUSAL_FIELDS.length + index] = refused[field];
    });
  });
  return words;
}

export function refusalsOf(words: Uint32Array): Refused[] {
  return Array.from({ length: words.length / REFUSAL_FIELDS.length }, (_, at) => {
    const fields = REFUSAL_FIELDS.map((field, index) => [field, words[at * REFUSAL_FIELDS.length + index]!]);
    return Object.fromEntries(fields) as unknown as Refused;
  });
}
