import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import { type ChainId, requireChain } from '../../model/chain.ts';
import type { OrderRule } from '../../model/transfer.ts';
import type { NewBatch, TransferFeed } from '../../store/port.ts';
import { type BlockFile, probeBlockFile } from '../bitcoin/block-files/block-file.ts';
import { chainOfFiles } from '../bitcoin/block-files/chain.ts';
import { blockPaths } from '../bitcoin/block-files/paths.ts';
import type { KnownTransactions } from '../bitcoin/block-files/scratch.ts';
import { BlockFeed } from './block-feed.ts';
import { digestFile, type FileDigest, readError } from './digest.ts';
import { type BlockTimes, type FeedSource, TableFeed } from './feed.ts';
import type { Layout } from './layout.ts';
import { parseMap } from './map.ts';
import { type Choices, makePlan } from './plan.ts';
import { requirePreset } from './preset.ts';
import { RefusedRows } from './refused.ts';
import { COPY_BELOW_BYTES } from './stage.ts';
import { openTable, resolveColumns } from './table.ts';
import { UtxoFeed } from './utxo-feed.ts';

export interface FileFeedOptions {
  readonly files: readonly string[];
  /** Exactly one of `preset` (PRESETS in preset.ts) and `mapFile` (docs/import.md). */
  readonly preset?: string;
  readonly mapFile?: string;
  /** CAIP-2 id or name; the layout's own where left out. */
  readonly chain?: string;
  readonly asset?: string;
  readonly decimals?: number;
  readonly order?: OrderRule;
  readonly duplicates?: 'keep' | 'drop';
  readonly complete?: boolean;
  /** Where refused rows are listed; `<first file>.refused.csv` where left out (of raw blocks: in the working folder). */
  readonly refusedFile?: string;
  /** For files without block times: what the store knows. */
  readonly blockTimes?: BlockTimes;
  /** For raw blocks: the outputs of transactions that the store has. */
  readonly knownOutputs?: (chain: ChainId, txs: readonly string[]) => ReturnType<KnownTransactions>;
  /** For raw blocks: height of the lowest one, where the blocks do not tell it. */
  readonly firstHeight?: number;
  /** For raw blocks: outputs kept in memory while their spends are looked for (default 400,000); no result depends on it. */
  readonly recentOutputs?: number;
  /**
   * Transaction index of rows that have no index of their own: give a number that grows with each import (how many batches the
   * store has), so that rows of two such imports never tie. Seconds since 2017-07-14 where left out.
   */
  readonly sequence?: number;
  /** CSV files of fewer bytes than this are copied to temporary space once (default 64 MiB); no result depends on it. */
  readonly copyBelow?: number;
  readonly now?: UnixSeconds;
  readonly progress: Progress;
}

/** A later time than this much after the import is refused: clocks differ, dates in the next year do not. */
const FUTURE_SECONDS = 86_400;

/** What a store loads, and where refused rows are listed once it has (null where none was). */
export interface FileFeed {
  readonly batch: NewBatch;
  readonly feed: TransferFeed;
  refusedList(): string | null;
  /** What a user should know of the import beside its counts; valid after it. */
  notes(): readonly string[];
}

/**
 * Makes an import of files ready: reads the map, hashes the files (one pass, which also finds a .gz cut short), and returns the
 * batch's header with the feed that a store loads. Throws E_USAGE, E_PRESET_UNKNOWN, E_MAP, E_ASSET, E_FILE_READ; the feed
 * throws E_COLUMN_MISSING, E_FILE_READ and E_FILE_EMPTY while it is loaded.
 */
export async function openFileFeed(options: FileFeedOptions): Promise<FileFeed> {
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const layout = await readLayout(options);
  const blocks = layout.shape === 'utxo-blocks';
  const paths = blocks ? blockPaths(options.files) : options.files;
  const [firstFile] = paths;
  if (firstFile === undefined) throw usage('no file is named');
  const files: FileDigest[] = [];
  for (const path of paths) files.push(await digestFile(path, options.progress, blocks ? 'bytes' : undefined));
  const blockFiles = blocks ? paths.map(probeBlockFile) : null;
  const told = blockFiles === null ? await namedChain(layout, files) : chainOfFiles(blockFiles, options.chain);
  const chain = options.chain ?? told ?? layout.chain;
  const choices = { ...options, chain: requireChain(chain).id };
  const { plan, asset } = makePlan(layout, choices);
  const source: FeedSource = {
    plan,
    asset,
    files,
    refused: new RefusedRows(options.refusedFile ?? refusedPath(firstFile, blocks)),
    latest: now + FUTURE_SECONDS,
    sequence: options.sequence ?? Math.max(0, now - 1_500_000_000),
    blockTimes: options.blockTimes ?? null,
    copyBelow: options.copyBelow ?? COPY_BELOW_BYTES,
  };
  const batch: NewBatch = {
    contentId: contentId(layout, choices, options.complete ?? false, files, options.firstHeight),
    preset: layout.name,
    chain: plan.chain,
    files: files.map(({ name, sha256, bytes }) => ({ name, sha256, bytes })),
    orderRule: plan.order,
    duplicateRule: plan.duplicates,
    complete: options.complete ?? false,
    importedAt: now,
  };
  const refusedList = (): string | null => source.refused.path;
  if (blockFiles !== null) {
    const feed = blockFeed(source, blockFiles, options);
    return { batch, refusedList, feed, notes: () => feed.notes() };
  }
  const feed = plan.shape.startsWith('utxo') ? new UtxoFeed(source, options.progress) : new TableFeed(source);
  return { batch, refusedList, feed, notes: () => [] };
}

/** Beside the first file; not in the folder of a node. */
function refusedPath(firstFile: string, blocks: boolean): string {
  return `${blocks ? basename(firstFile) : firstFile}.refused.csv`;
}

function blockFeed(source: FeedSource, files: readonly BlockFile[], options: FileFeedOptions): BlockFeed {
  const { knownOutputs, firstHeight, recentOutputs, progress } = options;
  const known = knownOutputs === undefined ? null : (txs: readonly string[]) => knownOutputs(source.plan.chain, txs);
  return new BlockFeed(source, { files, firstHeight, recentOutputs, known }, progress);
}

async function readLayout({ preset, mapFile, firstHeight }: FileFeedOptions): Promise<Layout> {
  if (preset !== undefined && mapFile !== undefined) throw usage('a preset and a map are both named');
  const layout = preset === undefined ? null : requirePreset(preset);
  if (firstHeight !== undefined && layout?.shape !== 'utxo-blocks') throw usage('a height is for raw blocks only');
  if (layout !== null) return layout;
  if (mapFile === undefined) throw usage('neither a preset nor a map is named');
  const text = await readFile(mapFile, 'utf8').catch((cause: unknown) => {
    throw readError(mapFile, cause, 'the map cannot be read');
  });
  return parseMap(text, mapFile);
}

function usage(message: string): HaetaeError {
  return new HaetaeError('E_USAGE', message, { remedy: 'name one or more files, and --preset NAME or --map MAP.yaml' });
}

/** The chain that the first row of a layout with a chain column names: an import is of one chain. */
async function namedChain(layout: Layout, [first]: readonly FileDigest[]): Promise<string | null> {
  if (first === undefined || !layout.fields.some((field) => field.name === 'chain')) return null;
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    const table = await openTable(connection, first);
    const column = resolveColumns(table, layout.fields)[layout.fields.findIndex((field) => field.name === 'chain')];
    if (column === null || column === undefined) return null;
    const result = await connection.runAndReadAll(`SELECT ${column.sql} FROM ${table.from} LIMIT 1`);
    const name = result.getRows()[0]?.[0];
    return typeof name === 'string' && /^(eip155|tron):/.test(name) ? name : null;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The same files read in the same way are the same import, under whatever names and at whatever time. */
function contentId(
  layout: Layout,
  choices: Choices,
  complete: boolean,
  files: readonly FileDigest[],
  firstHeight: number | undefined,
): string {
  const { chain, asset, decimals, order, duplicates } = choices;
  const identity = {
    layout,
    chain,
    asset,
    decimals,
    order,
    duplicates,
    complete,
    files: files.map((file) => file.sha256),
    // Left out of the text where it is not given: imports of other layouts keep their ids.
    firstHeight,
  };
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex');
}
