import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parseCsv } from '../../base/csv.ts';
import { SILENT } from '../../base/progress.ts';
import type { Asset } from '../../model/asset.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { FeedChunk, ImportCounts, NewBatch } from '../../store/port.ts';
import { type FileFeedOptions, openFileFeed } from './open.ts';

/** 2026-01-01: no test depends on the day it runs. */
export const NOW = 1_767_225_600;
export const A = `0x${'a'.repeat(40)}`;
export const B = `0x${'b'.repeat(40)}`;
export const C = `0x${'c'.repeat(40)}`;
export const TOKEN = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
export const hash = (digit: string): string => `0x${digit.repeat(64)}`;

export interface Folder {
  /** Writes a file and returns its path. */
  file(name: string, content: string | Uint8Array): string;
  path(name: string): string;
}

export async function inFolder<T>(work: (folder: Folder) => Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'haetae-file-'));
  try {
    return await work({
      path: (name) => join(root, name),
      file: (name, content) => {
        writeFileSync(join(root, name), content);
        return join(root, name);
      },
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

export interface Imported {
  readonly batch: NewBatch;
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  readonly blocks: FeedChunk['blocks'];
  readonly counts: Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>;
  readonly assets: readonly Asset[];
  /** Records of the side file without its header: file, row, line, reason, field, value. */
  readonly refused: readonly string[][];
}

/** Reads everything a feed gives, as a store without DuckDB would. */
export async function importFiles(
  files: readonly string[],
  options: Omit<FileFeedOptions, 'files' | 'progress'>,
): Promise<Imported> {
  const side = options.refusedFile ?? `${files[0]}.refused.csv`;
  const { batch, feed } = await openFileFeed({ now: NOW, sequence: 1, ...options, files, progress: SILENT });
  const transfers: Transfer[] = [];
  const utxo: UtxoTransaction[] = [];
  const blocks: FeedChunk['blocks'][number][] = [];
  for await (const chunk of feed.rows()) {
    transfers.push(...chunk.transfers);
    utxo.push(...chunk.utxo);
    blocks.push(...chunk.blocks);
  }
  const counts = await feed.finish(transfers.length + utxo.length);
  const refused = existsSync(side) ? parseCsv(readFileSync(side, 'utf8'), side).slice(1) : [];
  return { batch, transfers, utxo, blocks, counts, assets: feed.assets(), refused };
}

export async function withDuckdb<T>(
  work: (connection: Awaited<ReturnType<DuckDBInstance['connect']>>) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Writes the result of a SELECT as Parquet. */
export async function parquet(path: string, select: string): Promise<string> {
  await withDuckdb((connection) =>
    connection.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`),
  );
  return path;
}

/** The folder of real data; null where the machine has none. */
export const DATASETS = process.env.HAETAE_DATASETS ?? null;
export const needsDatasets = DATASETS === null ? { skip: 'HAETAE_DATASETS is not set' } : {};
