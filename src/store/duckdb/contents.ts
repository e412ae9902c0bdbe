import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ChainId } from '../../model/chain.ts';
import { isLive, liveContentId } from '../fetched.ts';
import type { StoreContents, TimeWindow } from '../numbered.ts';
import { tempTable } from './appender.ts';
import { readBatches } from './batches.ts';
import type { DuckdbApi } from './engine.ts';

const MOVEMENT = [
  'time',
  'block',
  'tx_index',
  'leg',
  'tx',
  'kind',
  'sender',
  'receiver',
  'asset',
  'amount',
  'amount_big',
];
const TRANSACTION = ['time', 'block', 'tx_index', 'tx', 'content'];
const OPENING = ['address', 'asset', 'block', 'time', 'amount', 'amount_big'];

/**
 * Digests are sums of MD5 halves of rows as text, each field with its length before it, so they do not depend on an order. Rows are our own: the digest tells a change, it
 * proves nothing. Those of what was fetched begin with what tells this store from any other, windows without rows included.
 */
export async function readContents(
  connection: DuckDBConnection,
  api: DuckdbApi,
  chain: ChainId,
  windows: readonly TimeWindow[],
): Promise<StoreContents> {
  await connection.run('BEGIN');
  const batches = (await readBatches(connection)).filter((batch) => batch.chain === chain);
  const live = batches.find((batch) => batch.contentId === liveContentId(chain));
  const imports = batches
    .filter((batch) => !isLive(batch) && batch.rowsKept > 0)
    .map(({ id, contentId, rowsKept, firstTime, lastTime }) => {
      return { batch: id, contentId, rows: rowsKept, window: { from: firstTime!, to: lastTime! } };
    });
  const self = await identity(connection);
  const fetched = (await digestWindows(connection, api, live?.id ?? null, windows)).map(({ rows, digest }) => {
    return { rows, digest: `${self}:${digest}` };
  });
  const openings = await connection.runAndReadAll(
    `SELECT ${digestOf('print')} FROM (SELECT ${print(OPENING)} AS print FROM opening WHERE chain = $1)`,
    [chain],
  );
  return { imports, fetched, fetchedRows: live?.rowsKept ?? 0, openings: String(openings.getRows()[0]?.[0]) };
}

/**
 * Another for a store that was made anew from the same files, and for one that was restored: names may have other numbers there, and prints
 * another key, so the index of the one is none of the other.
 */
async function identity(connection: DuckDBConnection): Promise<string> {
  const result = await connection.runAndReadAll(
    `SELECT md5(string_agg(value, ':' ORDER BY name)) FROM meta WHERE name IN ('hash_key', 'restored')`,
  );
  return String(result.getRows()[0]?.[0]);
}

function print(columns: readonly string[]): string {
  const parts = columns.map((column) => `coalesce(strlen(${column}::VARCHAR) || ':' || ${column}::VARCHAR, '-')`);
  return `md5(concat(${parts.join(', ')}))`;
}

function digestOf(column: string): string {
  const half = (start: number): string =>
    `coalesce(sum(('0x' || substr(${column}, ${start}, 16))::UBIGINT::HUGEINT), 0)::VARCHAR`;
  return `count(${column})::VARCHAR || ':' || ${half(1)} || ':' || ${half(17)}`;
}

async function digestWindows(
  connection: DuckDBConnection,
  api: DuckdbApi,
  live: number | null,
  windows: readonly TimeWindow[],
): Promise<StoreContents['fetched']> {
  const rows = windows.map(({ from, to }, turn): DuckDBValue[] => [turn, BigInt(from), BigInt(to)]);
  await tempTable(connection, api, 'wanted_window', 'turn INTEGER, first BIGINT, last BIGINT', rows);
  const fetched = (table: string, columns: readonly string[]): string =>
    `SELECT time, ${print(columns)} AS print FROM ${table} WHERE batch = ${live ?? -1} AND time BETWEEN (SELECT min(first) FROM wanted_window)
       AND (SELECT max(last) FROM wanted_window)`;
  const result = await connection.runAndReadAll(
    `SELECT count(print)::DOUBLE, ${digestOf('print')} FROM wanted_window LEFT JOIN (
       ${fetched('transfer', MOVEMENT)} UNION ALL ${fetched('utxo_tx', TRANSACTION)}) AS f ON f.time BETWEEN first AND last
     GROUP BY turn ORDER BY turn`,
  );
  return result.getRows().map(([count, digest]) => ({ rows: Number(count), digest: String(digest) }));
}
