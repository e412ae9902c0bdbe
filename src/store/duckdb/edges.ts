import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { EdgeChunk, EdgeQuery, UtxoEdgeChunk } from '../port.ts';
import { assetPrint, chainPrefix, outpointPrint, ownerPrint, placePrint } from './fingerprint.ts';
import { type Run, runGroups } from './runs.ts';

/** Rows a chunk handed out: enough to make the loop around it free, few enough to stay in the cache. */
const CHUNK_ROWS = 65_536;
const LARGEST = '340282366920938463463374607431768211455::UHUGEINT';

/** Columns of one chunk, in the order of the SELECT lists below. */
type Column = BigUint64Array | Float64Array | Uint8Array;

type EdgeColumns = [Prints, Prints, Prints, Prints, Prints, Prints, Float64Array, BigUint64Array, BigUint64Array];
type UtxoColumns = [Prints, Prints, Uint8Array, Float64Array, Prints];
type Prints = BigUint64Array;

const EDGE_COLUMNS = ['tx', 'f', 't', 'fo', 'to_', 'a', 'time', 'low', 'high'] as const;
const UTXO_COLUMNS = ['tx', 'outpoint', 'spends', 'time', 'owner'] as const;

export async function* readEdges(
  connection: DuckDBConnection,
  key: string,
  query: EdgeQuery,
): AsyncGenerator<EdgeChunk> {
  const make = (): Column[] => [
    ...Array.from({ length: 6 }, () => new BigUint64Array(CHUNK_ROWS)),
    new Float64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
  ];
  for (const group of await runGroups(connection, 'transfer', query)) {
    const { sql, values } = groupQuery(group, key, query, edgeRows, 'time, chain, block, tx_index, leg', EDGE_COLUMNS);
    for await (const { count, columns } of columnChunks(
      await connection.stream(sql, values),
      make,
      EDGE_COLUMNS.indexOf('time'),
    )) {
      const [tx, from, to, fromOwner, toOwner, asset, time, amountLow, amountHigh] = columns as unknown as EdgeColumns;
      yield { count, tx, from, to, fromOwner, toOwner, asset, time, amountLow, amountHigh };
    }
  }
}

export async function* readUtxoEdges(
  connection: DuckDBConnection,
  key: string,
  query: EdgeQuery,
): AsyncGenerator<UtxoEdgeChunk> {
  const make = (): Column[] => [
    new BigUint64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
    new Uint8Array(CHUNK_ROWS),
    new Float64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
  ];
  const order = 'time, chain, block, tx_index, id, side, position';
  for (const group of await runGroups(connection, 'utxo', query)) {
    const { sql, values } = groupQuery(group, key, query, utxoRows, order, UTXO_COLUMNS);
    for await (const { count, columns } of columnChunks(
      await connection.stream(sql, values),
      make,
      UTXO_COLUMNS.indexOf('time'),
    )) {
      const [tx, outpoint, spends, time, owner] = columns as unknown as UtxoColumns;
      yield { count, tx, outpoint, spends, time, owner };
    }
  }
}

type RunQuery = (run: Run, prefix: string) => string;

/** $1 from, $2 until, $3 … one prefix a run. */
function groupQuery(
  group: readonly Run[],
  key: string,
  query: EdgeQuery,
  rows: RunQuery,
  order: string,
  columns: readonly string[],
): { sql: string; values: DuckDBValue[] } {
  const parts = group.map((run, index) => rows(run, `$${index + 3}`));
  const until = query.until === null ? BigInt(Number.MAX_SAFE_INTEGER) : BigInt(query.until);
  const values = [BigInt(query.from), until, ...group.map((run) => chainPrefix(key, run.chain))];
  const sorted = group.length === 1 ? '' : ` ORDER BY ${order}`;
  return { sql: `SELECT ${columns.join(', ')} FROM (${parts.join(' UNION ALL ')})${sorted}`, values };
}

function edgeRows(run: Run, prefix: string): string {
  const none = (test: string, print: string): string => `CASE WHEN ${test} THEN 0::UBIGINT ELSE ${print} END`;
  return `SELECT ${none('tx IS NULL', 'tx_print')} AS tx, ${none('no_sender', placePrint('fp', 'a'))} AS f,
      ${none('no_receiver', placePrint('tp', 'a'))} AS t, ${none('no_sender', 'fp')} AS fo, ${none('no_receiver', 'tp')} AS to_, a,
      seconds AS time, (amount & 18446744073709551615::UHUGEINT)::UBIGINT AS low, (amount >> 64)::UBIGINT AS high,
      chain, block, tx_index, leg
    FROM (SELECT tx, ${ownerPrint(prefix, 'tx')} AS tx_print, ${ownerPrint(prefix, 'sender')} AS fp,
        ${ownerPrint(prefix, 'receiver')} AS tp, sender IS NULL AS no_sender, receiver IS NULL AS no_receiver,
        ${assetPrint(prefix, 'asset')} AS a, time::DOUBLE AS seconds, coalesce(amount, ${LARGEST}) AS amount,
        chain, block, tx_index, leg
      FROM transfer WHERE batch = ${run.batch} AND time BETWEEN $1 AND $2 AND amount IS DISTINCT FROM 0 AND kind NOT IN ('gas', 'burn', 'tip'))`;
}

/** A coinbase input spends no outpoint, so it has no row. */
function utxoRows(run: Run, prefix: string): string {
  const spends = '(CASE WHEN side = 0 THEN other_tx ELSE tx END)';
  const index = '(CASE WHEN side = 0 THEN other_index ELSE position END)';
  return `SELECT ${ownerPrint(prefix, 'tx')} AS tx, ${outpointPrint(prefix, spends, index)} AS outpoint,
      (1 - side)::UTINYINT AS spends, time::DOUBLE AS time, ${ownerPrint(prefix, 'address')} AS owner,
      chain, block, tx_index, tx AS id, side, position
    FROM utxo_end WHERE batch = ${run.batch} AND time BETWEEN $1 AND $2 AND (side = 1 OR other_tx IS NOT NULL)`;
}

/** Gathers DuckDB's small chunks into large ones and checks that time never goes back, `timeColumn` being the column that says so. */
async function* columnChunks(
  result: DuckDBResult,
  make: () => Column[],
  timeColumn: number,
): AsyncGenerator<{ count: number; columns: Column[] }> {
  let columns = make();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    if (count + chunk.rowCount > CHUNK_ROWS) {
      last = requireOrder(columns[timeColumn] as Float64Array, count, last);
      yield { count, columns };
      columns = make();
      count = 0;
    }
    copyColumns(chunk, columns, count);
    count += chunk.rowCount;
  }
  if (count === 0) return;
  requireOrder(columns[timeColumn] as Float64Array, count, last);
  yield { count, columns };
}

function copyColumns(chunk: DuckDBDataChunk, columns: readonly Column[], offset: number): void {
  columns.forEach((column, index) => {
    // Fixed-width vectors without nulls (the query leaves none) are one typed array in memory.
    const { items } = chunk.getColumnVector(index) as unknown as { readonly items: Column };
    column.set(items.subarray(0, chunk.rowCount) as never, offset);
  });
}

function requireOrder(time: Float64Array, count: number, before: number): number {
  let last = before;
  for (let index = 0; index < count; index += 1) {
    const now = time[index]!;
    if (now < last) {
      throw new HaetaeError('E_STORE_CORRUPT', 'the stored rows are not in order of time', {
        context: { time: now, after: last },
        remedy: 'restore a backup, or import the files into a new store',
      });
    }
    last = now;
  }
  return last;
}
