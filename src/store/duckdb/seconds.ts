import type { DuckDBConnection, DuckDBDataChunk, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { UnixSeconds } from '../../base/time.ts';
import type { ChainId } from '../../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { Engine } from './engine.ts';
import { chainPrefix, ownerPrint } from './fingerprint.ts';
import { TRANSFER_COLUMNS, TRANSFER_ORDER, transfersOfChunk } from './transfers.ts';
import { END_COLUMNS, END_ORDER, transactionsOf } from './utxo.ts';

/**
 * Each second is a scan of its own: DuckDB passes by the stretches of a sorted table that cannot hold a value or a range of values, but a
 * list of them (IN, OR, a join) makes it read every row's names. Several scans a statement share what a statement costs, which is more
 * than what one scan does. 1,000 seconds spread over 50 million rows, on two busy processors: 1 s, one a statement 5 s, a list 10 s.
 */
const SCANS = 16;
/** Connections that read at once, more than processors, to keep those busy while answers are made into objects. */
const CONNECTIONS = 4;
/** Statements whose rows are held until they are handed out in order. */
const ROUND = 16;
/** Seconds so near each other are one range; the rows between are dropped. */
const NEAR = 2;

interface Range {
  readonly first: UnixSeconds;
  readonly last: UnixSeconds;
}

/** Holds no row. */
const NEVER: Range = { first: -1, last: -1 };

/** What is read of the rows of some seconds. */
interface Reading<Row> {
  readonly chain: ChainId;
  /** A query over `rows`, which gives the rows of some ranges of seconds, of all chains: to look at a row's chain costs more than its second. */
  readonly sql: (rows: (table: 'transfer' | 'utxo_end') => string) => string;
  readonly make: (chunks: readonly DuckDBDataChunk[]) => readonly Row[];
  /** Binds $1 and $2, where the query has them. */
  readonly bindMore?: (statement: DuckDBPreparedStatement, ranges: readonly Range[]) => void;
}

/** $1 and $2 are the query's own, where it has `bindMore`. */
const OWN_BOUNDS = 2;

export async function* readTransfersAt(
  engine: Engine,
  chain: ChainId,
  times: readonly UnixSeconds[],
): AsyncGenerator<readonly Transfer[]> {
  yield* rowsAt(engine, times, {
    chain,
    sql: (rows) => `SELECT ${TRANSFER_COLUMNS} FROM ${rows('transfer')} AS t ORDER BY ${TRANSFER_ORDER}`,
    make: (chunks) => chunks.flatMap(transfersOfChunk),
  });
}

export async function* readUtxoAt(
  engine: Engine,
  chain: ChainId,
  times: readonly UnixSeconds[],
): AsyncGenerator<readonly UtxoTransaction[]> {
  yield* rowsAt(engine, times, {
    chain,
    sql: (rows) => `SELECT ${END_COLUMNS} FROM ${rows('utxo_end')} AS e ORDER BY ${END_ORDER}`,
    make: transactionsOf,
  });
}

/** Of these seconds the transactions with these prints; a list of prints goes with each statement. */
export async function* readUtxoNear(
  engine: Engine,
  key: string,
  chain: ChainId,
  wanted: readonly { readonly time: UnixSeconds; readonly print: bigint }[],
): AsyncGenerator<readonly UtxoTransaction[]> {
  const prints = new Map<UnixSeconds, bigint[]>();
  for (const { time, print } of wanted) {
    const own = prints.get(time);
    if (own === undefined) prints.set(time, [print]);
    else own.push(print);
  }
  const { listValue, LIST, UBIGINT } = engine.api;
  yield* rowsAt(engine, [...prints.keys()], {
    chain,
    sql: (rows) =>
      `SELECT ${END_COLUMNS} FROM ${rows('utxo_end')} AS e WHERE list_contains($1, ${ownerPrint('$2', 'e.tx')}) ORDER BY ${END_ORDER}`,
    make: transactionsOf,
    bindMore: (statement, ranges) => {
      statement.bindList(1, listValue(ranges.flatMap((range) => printsOf(prints, range))), LIST(UBIGINT));
      statement.bindVarchar(2, chainPrefix(key, chain));
    },
  });
}

function printsOf(prints: ReadonlyMap<UnixSeconds, readonly bigint[]>, { first, last }: Range): bigint[] {
  const own: bigint[] = [];
  for (let time = first; time <= last; time += 1) own.push(...(prints.get(time) ?? []));
  return own;
}

async function* rowsAt<Row extends { readonly chain: ChainId; readonly time: UnixSeconds }>(
  engine: Engine,
  times: readonly UnixSeconds[],
  reading: Reading<Row>,
): AsyncGenerator<readonly Row[]> {
  const wanted = new Set(times);
  const ranges = rangesOf(wanted);
  const scans = Math.min(SCANS, ranges.length);
  const groups: Range[][] = [];
  for (let start = 0; start < ranges.length; start += scans) groups.push(ranges.slice(start, start + scans));
  for (let start = 0; start < groups.length; start += ROUND) {
    const found = await readRound(engine, groups.slice(start, start + ROUND), scans, reading);
    const rows = found.flatMap((chunks) =>
      reading.make(chunks).filter((row) => row.chain === reading.chain && wanted.has(row.time)),
    );
    if (rows.length > 0) yield rows;
  }
}

function rangesOf(times: ReadonlySet<UnixSeconds>): Range[] {
  const ranges: Range[] = [];
  for (const time of [...times].sort((a, b) => a - b)) {
    const before = ranges.at(-1);
    if (before === undefined || time - before.last > NEAR) ranges.push({ first: time, last: time });
    else ranges[ranges.length - 1] = { first: before.first, last: time };
  }
  return ranges;
}

/** The chunks of every group, in order of the groups. */
async function readRound(
  engine: Engine,
  groups: readonly (readonly Range[])[],
  scans: number,
  reading: Reading<unknown>,
): Promise<(readonly DuckDBDataChunk[])[]> {
  const sql = reading.sql((table) => scansOf(table, scans, reading.bindMore === undefined ? 1 : OWN_BOUNDS + 1));
  const found: (readonly DuckDBDataChunk[])[] = new Array(groups.length);
  let next = 0;
  const work = async (connection: DuckDBConnection): Promise<void> => {
    const statement = await connection.prepare(sql);
    while (next < groups.length) {
      const turn = next;
      next += 1;
      found[turn] = await readGroup(statement, groups[turn]!, scans, reading);
    }
  };
  const workers = Math.min(CONNECTIONS, groups.length);
  await Promise.all(Array.from({ length: workers }, () => engine.read(work)));
  return found;
}

function scansOf(table: 'transfer' | 'utxo_end', scans: number, bound: number): string {
  const scan = (index: number): string =>
    `SELECT * FROM ${table} WHERE time BETWEEN $${bound + 2 * index} AND $${bound + 2 * index + 1}`;
  return `(${Array.from({ length: scans }, (_, index) => scan(index)).join(' UNION ALL ')})`;
}

async function readGroup(
  statement: DuckDBPreparedStatement,
  ranges: readonly Range[],
  scans: number,
  { bindMore }: Reading<unknown>,
): Promise<readonly DuckDBDataChunk[]> {
  bindMore?.(statement, ranges);
  const bound = bindMore === undefined ? 1 : OWN_BOUNDS + 1;
  for (let index = 0; index < scans; index += 1) {
    const { first, last } = ranges[index] ?? NEVER;
    statement.bindBigInt(bound + 2 * index, BigInt(first));
    statement.bindBigInt(bound + 2 * index + 1, BigInt(last));
  }
  return (await statement.run()).fetchAllChunks();
}
