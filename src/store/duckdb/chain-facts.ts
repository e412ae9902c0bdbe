import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { UnixSeconds } from '../../base/time.ts';
import type { ChainId } from '../../model/chain.ts';
import { addCovered, compareCovered, compareOpenings, newBlocks, usefulOpenings } from '../coverage.ts';
import type { Covered, Fetched, KeptBlock, Opening } from '../port.ts';
import { RowAppender, tempTable } from './appender.ts';
import type { DuckdbApi } from './engine.ts';

/** What is known of a living chain beside its movements: block hashes, what is covered, opening balances. */

const AMOUNT_LIMIT = 2n ** 128n;
const WANTED = 'wanted_name';

/** Newest first. */
export async function readKeptBlocks(
  connection: DuckDBConnection,
  chain: ChainId,
  limit: number,
): Promise<KeptBlock[]> {
  const result = await connection.runAndReadAll(
    'SELECT number, hash, parent, time::DOUBLE FROM kept_block WHERE chain = $1 ORDER BY number DESC LIMIT $2',
    [chain, BigInt(limit)],
  );
  return result.getRows().map(blockOf);
}

function blockOf([number, hash, parent, time]: readonly DuckDBValue[]): KeptBlock {
  return { number: number as bigint, hash: String(hash), parent: String(parent), time: Number(time) };
}

/** Throws E_REORG. */
export async function writeBlocks(
  connection: DuckDBConnection,
  api: DuckdbApi,
  { chain, blocks }: Fetched,
): Promise<void> {
  if (blocks.length === 0) return;
  const known = await blocksBeside(
    connection,
    api,
    chain,
    blocks.map(({ number }) => number),
  );
  const fresh = newBlocks(chain, known, blocks);
  const appender = await RowAppender.into(connection, api, 'kept_block');
  for (const { number, hash, parent, time } of fresh) appender.add([chain, number, hash, parent, BigInt(time)]);
  appender.close();
}

/** So few numbers may stand in the text of a query: they are our own. */
const FEW = 64;

/** The blocks kept at these heights and just above and below them. */
async function blocksBeside(
  connection: DuckDBConnection,
  api: DuckdbApi,
  chain: ChainId,
  numbers: readonly bigint[],
): Promise<KeptBlock[]> {
  const near = [...new Set(numbers.flatMap((number) => [number - 1n, number, number + 1n]))];
  const few = near.length <= FEW;
  if (!few) {
    const rows = near.map((number) => [number] as const);
    await tempTable(connection, api, 'wanted_block', 'number BIGINT', rows);
  }
  const list = few ? near.join(', ') : 'SELECT number FROM wanted_block';
  const result = await connection.runAndReadAll(
    `SELECT number, hash, parent, time::DOUBLE FROM kept_block WHERE chain = $1 AND number IN (${list})`,
    [chain],
  );
  if (!few) await connection.run('DROP TABLE wanted_block');
  return result.getRows().map(blockOf);
}

/** In order of (place, from). */
export async function readCovered(
  connection: DuckDBConnection,
  api: DuckdbApi,
  chain: ChainId,
  places: readonly string[] | null,
): Promise<Covered[]> {
  const rows = await ofNames(
    connection,
    api,
    places,
    `SELECT place, from_block, to_block, from_time::DOUBLE, to_time::DOUBLE, gaps, busy::DOUBLE FROM covered WHERE chain = $1`,
    'place',
    chain,
  );
  return rows.map(rangeOf).sort(compareCovered);
}

function rangeOf([place, from, to, fromTime, toTime, gaps, busy]: readonly DuckDBValue[]): Covered {
  return {
    place: String(place),
    from: from as bigint,
    to: to as bigint,
    fromTime: Number(fromTime),
    toTime: Number(toTime),
    gaps: JSON.parse(String(gaps)) as string[],
    busy: busy === null ? null : Number(busy),
  };
}

/** In order of (address, asset, block). */
export async function readOpenings(
  connection: DuckDBConnection,
  api: DuckdbApi,
  chain: ChainId,
  addresses: readonly string[] | null,
): Promise<Opening[]> {
  const rows = await ofNames(
    connection,
    api,
    addresses,
    `SELECT address, asset, block, time::DOUBLE, amount, amount_big FROM opening WHERE chain = $1`,
    'address',
    chain,
  );
  return rows.map(openingOf).sort(compareOpenings);
}

function openingOf([address, asset, block, time, amount, big]: readonly DuckDBValue[]): Opening {
  return {
    address: String(address),
    asset: String(asset),
    block: block as bigint,
    time: Number(time),
    amount: amount === null ? BigInt(String(big)) : (amount as bigint),
  };
}

/** Rows of a query whose `column` is one of the names; all of them where names is null. */
async function ofNames(
  connection: DuckDBConnection,
  api: DuckdbApi,
  names: readonly string[] | null,
  sql: string,
  column: string,
  chain: ChainId,
): Promise<DuckDBValue[][]> {
  if (names === null) return (await connection.runAndReadAll(sql, [chain])).getRows();
  if (names.length === 0) return [];
  const rows = Array.from(new Set(names), (name) => [name] as const);
  await tempTable(connection, api, WANTED, 'name VARCHAR', rows);
  const result = await connection.runAndReadAll(`${sql} AND ${column} IN (SELECT name FROM ${WANTED})`, [chain]);
  await connection.run(`DROP TABLE ${WANTED}`);
  return result.getRows();
}

/** Joins what is covered with what was, and leaves the openings that still count. Throws E_TRANSFER_CONFLICT. */
export async function writeCovered(connection: DuckDBConnection, api: DuckdbApi, fetched: Fetched): Promise<void> {
  const { chain } = fetched;
  const places = [...fetched.covered.map(({ place }) => place), ...fetched.openings.map(({ address }) => address)];
  if (places.length === 0) return;
  const known = await readCovered(connection, api, chain, places);
  const covered = addCovered(known, fetched.covered);
  await replaceRows(connection, api, 'covered', known.map(rangeRow(chain)), covered.map(rangeRow(chain)));
  const opened = await readOpenings(connection, api, chain, places);
  const useful = usefulOpenings(chain, [...opened, ...fetched.openings], covered);
  await replaceRows(connection, api, 'opening', opened.map(openingRow(chain)), useful.map(openingRow(chain)));
}

type KeyedRow = readonly DuckDBValue[];

function rangeRow(chain: ChainId): (range: Covered) => KeyedRow {
  return ({ place, from, to, fromTime, toTime, gaps, busy }) => [
    chain,
    place,
    from,
    to,
    BigInt(fromTime),
    BigInt(toTime),
    JSON.stringify(gaps),
    busy === null ? null : BigInt(busy),
  ];
}

function openingRow(chain: ChainId): (opening: Opening) => KeyedRow {
  return ({ address, asset, block, time, amount }) => {
    const big = amount >= AMOUNT_LIMIT;
    return [chain, address, asset, block, BigInt(time), big ? null : amount, big ? amount.toString() : null];
  };
}

/** Takes the rows that are no more out of a table and puts the new ones in. */
async function replaceRows(
  connection: DuckDBConnection,
  api: DuckdbApi,
  table: 'covered' | 'opening',
  before: readonly KeyedRow[],
  after: readonly KeyedRow[],
): Promise<void> {
  const text = (row: KeyedRow): string => row.join('\n');
  const kept = new Set(after.map(text));
  const there = new Set(before.map(text));
  const gone = before.filter((row) => !kept.has(text(row)));
  if (gone.length > 0) {
    await connection.run(`CREATE TEMP TABLE gone_row AS FROM ${table} LIMIT 0`);
    await append(connection, api, 'gone_row', gone);
    await connection.run(
      table === 'covered'
        ? `DELETE FROM covered AS c USING gone_row AS g WHERE c.chain = g.chain AND c.place = g.place AND c.from_block = g.from_block
             AND c.busy IS NOT DISTINCT FROM g.busy`
        : `DELETE FROM opening AS o USING gone_row AS g
           WHERE o.chain = g.chain AND o.address = g.address AND o.asset = g.asset AND o.block = g.block`,
    );
    await connection.run('DROP TABLE gone_row');
  }
  const fresh = after.filter((row) => !there.has(text(row)));
  if (fresh.length > 0) await append(connection, api, table, fresh);
}

async function append(
  connection: DuckDBConnection,
  api: DuckdbApi,
  table: 'covered' | 'opening' | 'gone_row',
  rows: readonly KeyedRow[],
): Promise<void> {
  const appender =
    table === 'gone_row'
      ? await RowAppender.open(connection, api, table)
      : await RowAppender.into(connection, api, table);
  for (const row of rows) appender.add(row);
  appender.close();
}

/** Forgets block hashes above a block, with the openings of what moved first above it, and ends there what was covered. */
export async function cutFacts(connection: DuckDBConnection, chain: ChainId, above: bigint): Promise<void> {
  await connection.run('DELETE FROM kept_block WHERE chain = $1 AND number > $2', [chain, above]);
  await connection.run('DELETE FROM opening WHERE chain = $1 AND block >= $2', [chain, above]);
  await connection.run('DELETE FROM covered WHERE chain = $1 AND from_block > $2', [chain, above]);
  const [newest] = await readKeptBlocks(connection, chain, 1);
  const time: UnixSeconds | null = newest?.time ?? null;
  await connection.run(
    `UPDATE covered SET to_block = $2, to_time = greatest(from_time, least(to_time, coalesce($3::BIGINT, from_time)))
     WHERE chain = $1 AND to_block > $2`,
    [chain, above, time === null ? null : BigInt(time)],
  );
}
