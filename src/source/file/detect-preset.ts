import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { HaetaeError } from '../../base/errors.ts';
import { probeBlockFile } from '../bitcoin/block-files/block-file.ts';
import { type FileDigest, probe } from './digest.ts';
import type { Layout } from './layout.ts';
import { readLines } from './lines.ts';
import { PRESETS } from './preset.ts';
import { hasColumns, openTable, resolveColumns, type Table } from './table.ts';

const BY_NAME_ONLY = 'ethereum-etl-blocks';

/**
 * The preset that files fit by their columns or their first bytes. Where several layouts find what they need, one that reads all that another reads and
 * more is the better fit. Throws E_PRESET_UNKNOWN where none fits, several do, or the files differ; E_FILE_READ, E_FILE_EMPTY.
 */
export async function detectPreset(files: readonly string[]): Promise<string> {
  const fitting: string[][] = [];
  for (const path of files) fitting.push(await presetsOf(path));
  // Blocks stand beside other files of ethereum-etl, to give times.
  const others = fitting.filter((names) => names.join() !== BY_NAME_ONLY);
  const [first = [], ...more] = others.length > 0 ? others : fitting;
  const [only, ...second] = first;
  if (only !== undefined && second.length === 0 && more.every((names) => names.join() === only)) return only;
  const candidates = [...new Set([first, ...more].flat())];
  const names = candidates.length === 0 ? PRESETS.map((preset) => preset.name) : candidates;
  throw new HaetaeError('E_PRESET_UNKNOWN', messageOf(candidates), {
    context: { file: basename(files[0] ?? ''), fits: candidates.join(',') || 'none' },
    remedy: `name it: --preset ${names.join(', ')}; or describe the columns with --map MAP.yaml`,
  });
}

function messageOf(candidates: readonly string[]): string {
  return candidates.length === 0 ? 'no preset fits the columns of the file' : 'more than one preset fits the files';
}

async function presetsOf(path: string): Promise<string[]> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    return readdirSync(path).some((name) => /^blk\d+\.dat$/.test(name)) ? ['bitcoin-blocks'] : [];
  const { format, bytes } = await probe(path);
  const digest: FileDigest = { path, name: basename(path), sha256: '', bytes, format, quoted: false, multiline: false };
  if (format === 'text' && isBlocks(path)) return ['bitcoin-blocks'];
  if (format !== 'parquet' && (await isDumpling(digest))) return ['dumplings'];
  return format === 'zip' ? [] : tablePresets(digest);
}

/** A block alone has no sign that it is one. */
function isBlocks(path: string): boolean {
  const { kind, magic } = probeAny(path);
  return kind === 'hex' || (kind === 'blk' && magic !== 0);
}

function probeAny(path: string): { readonly kind: string; readonly magic: number } {
  try {
    return probeBlockFile(path);
  } catch (error) {
    if (error instanceof HaetaeError) return { kind: 'none', magic: 0 };
    throw error;
  }
}

const DUMPLING = /^[0-9a-f]{64}(?::::[^:]*){3}:::/i;

async function isDumpling(digest: FileDigest): Promise<boolean> {
  for await (const { text } of readLines(digest)) return DUMPLING.test(text.slice(0, 1000));
  return false;
}

async function tablePresets(digest: FileDigest): Promise<string[]> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' });
  const connection = await instance.connect();
  try {
    return bestFitting(await openTable(connection, digest), digest.format === 'parquet');
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function bestFitting(table: Table, parquet: boolean): string[] {
  const fits = PRESETS.filter(
    (layout) => layout.fields.length > 0 && (parquet || !isParquetOnly(layout)) && hasColumns(table, layout.fields),
  ).map((layout) => ({ name: layout.name, columns: columnsOf(table, layout) }));
  return fits.filter(({ columns }) => !fits.some((other) => isWithin(columns, other.columns))).map(({ name }) => name);
}

function isParquetOnly({ name }: Layout): boolean {
  return name.startsWith('aws-');
}

function columnsOf(table: Table, layout: Layout): ReadonlySet<string> {
  return new Set(resolveColumns(table, layout.fields).flatMap((column) => (column === null ? [] : [column.name])));
}

function isWithin(columns: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return columns.size < others.size && [...columns].every((name) => others.has(name));
}
