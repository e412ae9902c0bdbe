import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { UnixSeconds } from '../../base/time.ts';
import type { ChainId } from '../../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { Engine } from './engine.ts';
import { chainPrefix, ownerPrint } from './fingerprint.ts';
import { TRANSFER_COLUMNS, TRANSFER_ORDER, transfersOfChunk } from './transfers.ts';
import { END_COLUMNS, END_ORDER, transactionsOf } from './utxo.ts';

/**
 * Seconds are asked for one by one: DuckDB passes by the stretches of a sorted table that cannot hold a value, but only for one
 * value or range at a time. A list of them (IN, a join) reads every row's names: 50 million rows, 1,000 seconds: 12 s against 1.2 s.
 * More connections than processors keep those busy while answers are made into objects.
 */
const CONNECTIONS = 4;
/** Ranges read before their rows are handed out. */
const ROUND = 256;
/** Seconds so near each other are one range; the rows between are dropped. */
const NEAR = 2;

interface Range {
  readonly first: UnixSeconds;
  readonly last: UnixSeconds;
}

/** Binds what a statement takes beside the range and the chain. */
type BindMore = (statement: DuckDBPreparedStatement, range: Range) => void;

/** Throws nothing of its own; see the port. */
export async function* readTransfersAt(
  engine: Engine,
  chain: ChainId,
  times: readonly UnixSeconds[],
): AsyncGenerator<readonly Transfer[]> {
  const sql = `SELECT ${TRANSFER_COLUMNS} FROM transfer AS t WHERE t.time BETWEEN $1 AND $2 AND t.chain = $3 ORDER BY ${TRANSFER_ORDER}`;
  yield* rowsAt(engine, sql, chain, times, (chunks) => chunks.flatMap(transfersOfChunk));
}

export async function* readUtxoAt(
  engine: Engine,
  chain: ChainId,
  times: readonly UnixSeconds[],
): AsyncGenerator<readonly UtxoTransaction[]> {
  const sql = `SELECT ${END_COLUMNS} FROM utxo_end AS e WHERE e.time BETWEEN $1 AND $2 AND e.chain = $3 ORDER BY ${END_ORDER}`;
  yield* rowsAt(engine, sql, chain, times, transactionsOf);
}

/** Of these seconds the transactions with these prints; a list of prints goes with each range. */
export async function* readUtxoNear(
  engine: Engine,
  key: string,
  chain: ChainId,
  wanted: readonly { readonly time: UnixSeconds; readonly print: bigint }[],
): AsyncGenerator<readonly UtxoTransaction[]> {
  const prints = new Map<UnixSeconds, bigint[]>();
  for (const { time, print } of wanted) prints.set(time, [...(prints.get(time) ?? []), print]);
  const sql = `SELECT ${END_COLUMNS} FROM utxo_end AS e WHERE e.time BETWEEN $1 AND $2 AND e.chain = $3
    AND list_contains($4, ${ownerPrint('$5', 'e.tx')}) ORDER BY ${END_ORDER}`;
  const { listValue, LIST, UBIGINT } = engine.api;
  const bindMore: BindMore = (statement, { first, last }) => {
    const own: bigint[] = [];
    for (let time = first; time <= last; time += 1) own.push(...(prints.get(time) ?? []));
    statement.bindList(4, listValue(own), LIST(UBIGINT));
    statement.bindVarchar(5, chainPrefix(key, chain));
  };
  yield* rowsAt(engine, sql, chain, [...prints.keys()], transactionsOf, bindMore);
}

async function* rowsAt<Row extends { readonly time: UnixSeconds }>(
  engine: Engine,
  sql: string,
  chain: ChainId,
  times: readonly UnixSeconds[],
  make: (chunks: readonly DuckDBDataChunk[]) => readonly Row[],
  bindMore: BindMore = () => {},
): AsyncGenerator<readonly Row[]> {
  const wanted = new Set(times);
  const ranges = rangesOf(wanted);
  for (let start = 0; start < ranges.length; start += ROUND) {
    const round = ranges.slice(start, start + ROUND);
    const found = await readRound(engine, sql, chain, round, bindMore);
    const rows = found.flatMap((chunks) => make(chunks).filter((row) => wanted.has(row.time)));
    if (rows.length > 0) yield rows;
  }
}

function rangesOf(times: ReadonlySet<UnixSeconds>): Range[] {
  const ranges: Range[] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const before = ranges.at(-1);
    if (before !== undefined && time - before.last <= NEAR)
      ranges[ranges.length - 1] = { first: before.first, last: time };
    else ranges.push({ first: time, last: time });
  }
  return ranges;
}

/** The chunks of every range, in order of the ranges. */
async function readRound(
  engine: Engine,
  sql: string,
  chain: ChainId,
  ranges: readonly Range[],
  bindMore: BindMore,
): Promise<(readonly DuckDBDataChunk[])[]> {
  const found: (readonly DuckDBDataChunk[])[] = new Array(ranges.length);
  let next = 0;
  const work = async (connection: DuckDBConnection): Promise<void> => {
    const statement = await connection.prepare(sql);
    while (next < ranges.length) {
      const turn = next;
      next += 1;
      bindMore(statement, ranges[turn]!);
      found[turn] = await readRange(statement, chain, ranges[turn]!);
    }
  };
  const workers = Math.min(CONNECTIONS, ranges.length);
  await Promise.all(Array.from({ length: workers }, () => engine.read(work)));
  return found;
}

async function readRange(
  statement: DuckDBPreparedStatement,
  chain: ChainId,
  { first, last }: Range,
): Promise<readonly DuckDBDataChunk[]> {
  statement.bindBigInt(1, BigInt(first));
  statement.bindBigInt(2, BigInt(last));
  statement.bindVarchar(3, chain);
  return (await statement.run()).fetchAllChunks();
}
