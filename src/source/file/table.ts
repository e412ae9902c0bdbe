import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { parseCsv } from '../../base/csv.ts';
import { HaetaeError } from '../../base/errors.ts';
import { type FileDigest, readError } from './digest.ts';
import type { Field } from './layout.ts';
import { identifier, literal } from './quote.ts';

/** A column as SQL sees it: how to name it, and its DuckDB type (text for CSV). */
export interface Column {
  readonly name: string;
  readonly sql: string;
  readonly type: string;
}

/** One file as a table. */
export interface Table {
  readonly digest: FileDigest;
  readonly columns: readonly Column[];
  /** FROM clause. Rows come in file order. */
  readonly from: string;
  /**
   * Number of the row, from 1. For CSV it makes DuckDB read with one thread, and is needed: a parallel INSERT from read_csv was seen
   * (DuckDB 1.5.6) to put the first rows of a file behind later ones, so the place in a table says nothing.
   */
  readonly rowNumber: string;
  /** SQL condition that a line has not as many columns as the header; null where the format has no lines. */
  readonly malformed: string | null;
}

const HEADER_BYTES = 1 << 20;
const DELIMITERS = [',', '\t', ';', '|'];
/** Where DuckDB notes lines that it cannot split into fields. */
export const REJECTS = 'staged_reject';

/** Throws E_FILE_READ and E_FILE_EMPTY. */
export async function openTable(connection: DuckDBConnection, digest: FileDigest): Promise<Table> {
  if (digest.format === 'zip') {
    throw new HaetaeError('E_FILE_READ', 'this layout is not read out of a .zip', {
      context: { file: digest.path },
      remedy: 'unpack the .zip and name the files in it',
    });
  }
  return digest.format === 'parquet' ? openParquet(connection, digest) : openCsv(digest);
}

async function openParquet(connection: DuckDBConnection, digest: FileDigest): Promise<Table> {
  const from = `read_parquet(${literal(plainPath(digest.path))})`;
  const numbered = `read_parquet(${literal(plainPath(digest.path))}, file_row_number=true)`;
  try {
    const described = await connection.runAndReadAll(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${from})`,
    );
    const columns = described.getRowsJS().map(([name, type]) => {
      return { name: String(name), sql: identifier(String(name)), type: String(type) };
    });
    return { digest, columns, from: numbered, rowNumber: 'file_row_number + 1', malformed: null };
  } catch (cause) {
    throw readError(digest.path, cause, 'the Parquet file cannot be read');
  }
}

async function openCsv(digest: FileDigest): Promise<Table> {
  const header = await firstLine(digest);
  if (header === '') {
    throw new HaetaeError('E_FILE_EMPTY', 'the file is empty', { context: { file: digest.path } });
  }
  const delimiter = DELIMITERS.reduce((best, next) => (count(header, next) > count(header, best) ? next : best));
  const names = delimiter === ',' ? (parseCsv(header, digest.path)[0] ?? []) : header.split(delimiter);
  const columns = names.map((name, i) => ({ name: name.trim().replace(/^"|"$/g, ''), sql: `c${i}`, type: 'VARCHAR' }));
  const types = [...columns.map((column) => `${column.sql}: 'VARCHAR'`), `beyond: 'VARCHAR'`].join(', ');
  // Short lines are padded with NULL and long ones spill into `beyond`, so both stay rows with a number and are refused by name.
  // An empty field is '' because only a text that no file holds reads as NULL.
  const options = [
    'auto_detect=false, header=true, null_padding=true, store_rejects=true',
    `delim=${literal(delimiter)}, quote='"', escape='"', nullstr=chr(1)`,
    `strict_mode=${digest.quoted}, parallel=${!digest.multiline}`,
    `rejects_table=${literal(REJECTS)}, rejects_scan=${literal(`${REJECTS}_scan`)}`,
    `compression=${literal(digest.format === 'gzip' ? 'gzip' : 'none')}, columns={${types}}`,
  ].join(', ');
  const last = columns.at(-1)?.sql ?? 'c0';
  return {
    digest,
    columns,
    from: `read_csv(${literal(plainPath(digest.path))}, ${options})`,
    rowNumber: 'row_number() OVER ()',
    malformed: `(${last} IS NULL OR beyond IS NOT NULL)`,
  };
}

/** The first line without its end and without a byte order mark; at most 1 MiB. */
async function firstLine(digest: FileDigest): Promise<string> {
  const raw = createReadStream(digest.path, { end: HEADER_BYTES - 1 });
  const source = digest.format === 'gzip' ? raw.pipe(createGunzip()) : raw;
  let text = '';
  try {
    for await (const chunk of source) {
      text += (chunk as Buffer).toString('utf8');
      if (text.includes('\n')) break;
    }
  } catch (cause) {
    if (!text.includes('\n')) throw readError(digest.path, cause, 'the header cannot be read');
  }
  raw.destroy();
  return (text.split('\n')[0] ?? '').replace(/^\ufeff/, '').replace(/\r$/, '');
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

/** DuckDB reads *, ? and [ in a path as a pattern: a class of one character stands for itself. */
function plainPath(path: string): string {
  return path.replace(/[*?[]/g, (mark) => `[${mark}]`);
}

/** The columns of a layout as this file has them; null where an optional one is not there. */
export function resolveColumns(table: Table, fields: readonly Field[]): (Column | null)[] {
  return fields.map((wanted) => findColumn(table, wanted));
}

export function hasColumns(table: Table, fields: readonly Field[]): boolean {
  return fields.every((wanted) => !wanted.required || findColumn(table, wanted) !== null);
}

function findColumn(table: Table, wanted: Field): Column | null {
  for (const name of wanted.columns) {
    const found = table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found !== undefined) return found;
  }
  return null;
}

/** Throws E_COLUMN_MISSING for the first required column that is not there. */
export function requireColumns(table: Table, fields: readonly Field[], layout: string): void {
  const missing = fields.find((wanted) => wanted.required && findColumn(table, wanted) === null);
  if (missing === undefined) return;
  throw new HaetaeError('E_COLUMN_MISSING', `${layout} needs a column ${missing.columns.join(' or ')}`, {
    context: {
      file: table.digest.path,
      column: missing.columns.join('|'),
      found: table.columns
        .map((column) => column.name)
        .join(',')
        .slice(0, 400),
    },
    remedy: 'choose the preset that fits the file, or describe its columns with --map MAP.yaml',
  });
}
