import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { EdgeChunk, EdgeQuery, UtxoEdgeChunk } from '../port.ts';
import { CHUNK_ROWS, columnChunks } from './chunks.ts';
import type { Engine } from './engine.ts';
import { assetPrint, chainPrefix, outpointPrint, ownerPrint, placePrint } from './fingerprint.ts';
import { type Chunk, type Column, mergeChunks } from './merge.ts';
import { type Run, runsOf } from './runs.ts';

const LARGEST = '340282366920938463463374607431768211455::UHUGEINT';

type Prints = BigUint64Array;
type EdgeColumns = [Prints, Prints, Prints, Prints, Prints, Prints, Float64Array, BigUint64Array, BigUint64Array];
type UtxoColumns = [Prints, Prints, Uint8Array, Float64Array, Prints];

/** How rows of one kind are read. `columns` are those of a chunk, in order; where streams are merged, ORDER_COLUMNS come after them. */
interface Kind {
  readonly name: 'transfer' | 'utxo';
  readonly columns: readonly string[];
  readonly order: string;
  readonly rows: (run: Run, prefix: string, chainRank: number) => string;
  readonly make: () => Column[];
}

/** What two streams are merged by, beside time. The last tells legs apart; it is 0 for UTXO ends, of which a transaction's stay together. */
const ORDER_COLUMNS = ['chain_rank', 'known_block', 'tx_index', 'turn'] as const;

const TRANSFERS: Kind = {
  name: 'transfer',
  columns: ['tx', 'f', 't', 'fo', 'to_', 'a', 'time', 'low', 'high'],
  order: 'time, chain, block, tx_index, leg',
  rows: edgeRows,
  make: () => [
    ...Array.from({ length: 6 }, () => new BigUint64Array(CHUNK_ROWS)),
    new Float64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
  ],
};

const UTXO: Kind = {
  name: 'utxo',
  columns: ['tx', 'outpoint', 'spends', 'time', 'owner'],
  order: 'time, chain, block, tx_index, id, side, position',
  rows: utxoRows,
  make: () => [
    new BigUint64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
    new Uint8Array(CHUNK_ROWS),
    new Float64Array(CHUNK_ROWS),
    new BigUint64Array(CHUNK_ROWS),
  ],
};

export async function* readEdges(engine: Engine, key: string, query: EdgeQuery): AsyncGenerator<EdgeChunk> {
  for await (const { count, columns } of readKind(engine, key, query, TRANSFERS)) {
    const [tx, from, to, fromOwner, toOwner, asset, time, amountLow, amountHigh] = columns as unknown as EdgeColumns;
    yield { count, tx, from, to, fromOwner, toOwner, asset, time, amountLow, amountHigh };
  }
}

export async function* readUtxoEdges(engine: Engine, key: string, query: EdgeQuery): AsyncGenerator<UtxoEdgeChunk> {
  for await (const { count, columns } of readKind(engine, key, query, UTXO)) {
    const [tx, outpoint, spends, time, owner] = columns as unknown as UtxoColumns;
    yield { count, tx, outpoint, spends, time, owner };
  }
}

/** Imports as they lie; where something was fetched, that is sorted on a connection of its own and merged in. */
async function* readKind(engine: Engine, key: string, query: EdgeQuery, kind: Kind): AsyncGenerator<Chunk> {
  const { groups, live } = await engine.read((connection) => runsOf(connection, kind.name, query));
  if (live.length === 0) {
    yield* engine.stream((connection) => readGroups(connection, groups, key, query, kind));
    return;
  }
  const merged = mergedKind(kind, [...groups.flat(), ...live]);
  const imported = engine.stream((connection) => readGroups(connection, groups, key, query, merged));
  const fetched = engine.stream((connection) => readGroups(connection, [live], key, query, merged, true));
  const order = ['time', ...ORDER_COLUMNS].map((name) => merged.columns.indexOf(name));
  yield* mergeChunks(imported, fetched, order, merged.make);
}

/** The kind with the columns that streams are merged by; chains are compared by their rank among those read. */
function mergedKind(kind: Kind, runs: readonly Run[]): Kind {
  const chains = [...new Set(runs.map((run) => run.chain))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return {
    ...kind,
    columns: [...kind.columns, ...ORDER_COLUMNS],
    rows: (run, prefix) => kind.rows(run, prefix, chains.indexOf(run.chain)),
    make: () => [
      ...kind.make(),
      new Int32Array(CHUNK_ROWS),
      new BigInt64Array(CHUNK_ROWS),
      new Int32Array(CHUNK_ROWS),
      new Int32Array(CHUNK_ROWS),
    ],
  };
}

async function* readGroups(
  connection: DuckDBConnection,
  groups: readonly (readonly Run[])[],
  key: string,
  query: EdgeQuery,
  kind: Kind,
  sorted = false,
): AsyncGenerator<Chunk> {
  for (const group of groups) {
    const { sql, values } = groupQuery(group, key, query, kind, sorted || group.length > 1);
    yield* columnChunks(await connection.stream(sql, values), kind.make, kind.columns.indexOf('time'));
  }
}

/** $1 from, $2 until, $3 … one prefix a run. */
function groupQuery(
  group: readonly Run[],
  key: string,
  query: EdgeQuery,
  kind: Kind,
  sorted: boolean,
): { sql: string; values: DuckDBValue[] } {
  const parts = group.map((run, index) => kind.rows(run, `$${index + 3}`, 0));
  const until = query.until === null ? BigInt(Number.MAX_SAFE_INTEGER) : BigInt(query.until);
  const values = [BigInt(query.from), until, ...group.map((run) => chainPrefix(key, run.chain))];
  const order = sorted ? ` ORDER BY ${kind.order}` : '';
  return { sql: `SELECT ${kind.columns.join(', ')} FROM (${parts.join(' UNION ALL ')})${order}`, values };
}

/** The columns of ORDER_COLUMNS; what stands in no block comes last in its second. */
function orderColumns(chainRank: number, turn: string): string {
  return `${chainRank}::INTEGER AS chain_rank, coalesce(block, 9223372036854775807) AS known_block, ${turn}::INTEGER AS turn`;
}

function edgeRows(run: Run, prefix: string, chainRank: number): string {
  const none = (test: string, print: string): string => `CASE WHEN ${test} THEN 0::UBIGINT ELSE ${print} END`;
  return `SELECT ${none('tx IS NULL', 'tx_print')} AS tx, ${none('no_sender', placePrint('fp', 'a'))} AS f,
      ${none('no_receiver', placePrint('tp', 'a'))} AS t, ${none('no_sender', 'fp')} AS fo, ${none('no_receiver', 'tp')} AS to_, a,
      seconds AS time, (amount & 18446744073709551615::UHUGEINT)::UBIGINT AS low, (amount >> 64)::UBIGINT AS high,
      chain, block, tx_index, leg, ${orderColumns(chainRank, 'leg')}
    FROM (SELECT tx, ${ownerPrint(prefix, 'tx')} AS tx_print, ${ownerPrint(prefix, 'sender')} AS fp,
        ${ownerPrint(prefix, 'receiver')} AS tp, sender IS NULL AS no_sender, receiver IS NULL AS no_receiver,
        ${assetPrint(prefix, 'asset')} AS a, time::DOUBLE AS seconds, coalesce(amount, ${LARGEST}) AS amount,
        chain, block, tx_index, leg
      FROM transfer WHERE batch = ${run.batch} AND time BETWEEN $1 AND $2 AND amount IS DISTINCT FROM 0 AND kind NOT IN ('gas', 'burn', 'tip'))`;
}

/** A coinbase input spends no outpoint, so it has no row. */
function utxoRows(run: Run, prefix: string, chainRank: number): string {
  const spends = '(CASE WHEN side = 0 THEN other_tx ELSE tx END)';
  const index = '(CASE WHEN side = 0 THEN other_index ELSE position END)';
  return `SELECT ${ownerPrint(prefix, 'tx')} AS tx, ${outpointPrint(prefix, spends, index)} AS outpoint,
      (1 - side)::UTINYINT AS spends, time::DOUBLE AS time, ${ownerPrint(prefix, 'address')} AS owner,
      chain, block, tx_index, tx AS id, side, position, ${orderColumns(chainRank, '0')}
    FROM utxo_end WHERE batch = ${run.batch} AND time BETWEEN $1 AND $2 AND (side = 1 OR other_tx IS NOT NULL)`;
}
