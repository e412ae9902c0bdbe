import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue, DuckDBVector } from '@duckdb/node-api';
import type { Transfer, TransferKind } from '../../model/transfer.ts';
import type { BusyAddress } from '../port.ts';
import type { DuckdbApi } from './engine.ts';
import { assetPrint, ownerPrint, placePrint, printTable, storedPrefixes } from './fingerprint.ts';

/**
 * Names come as one text a row with the bytes of each: fetching a text from DuckDB costs a call each, which is most of reading a row.
 * -1 for null.
 */
const NAMES = ['chain', 'kind', 'asset', 'tx', 'sender', 'receiver', 'amount_big'] as const;
export const TRANSFER_COLUMNS = `concat(${NAMES.map((name) => `t.${name}`).join(', ')}) AS names,
  ${NAMES.map((name) => `coalesce(strlen(t.${name}), -1)::INTEGER AS ${name}_bytes`).join(', ')},
  t.time::DOUBLE AS seconds, coalesce(t.block, -1) AS block, t.tx_index, t.leg, t.rounded::INTEGER AS rounded, t.batch, t.file,
  t.row::DOUBLE AS line, t.amount`;
export const TRANSFER_ORDER = 't.time, t.chain, t.block, t.tx_index, t.leg, t.batch, t.file, t.row';
/** Rows handed out at once, at least, unless the end comes first: a chunk ends where the second does. */
const CHUNK_ROWS = 16_384;

/**
 * Whole transactions in which any of the places pays or is paid more than nothing; every chunk holds whole transactions. A place
 * whose print collides with another's brings that one's rows too: the caller goes by name.
 */
export async function* readTouching(
  connection: DuckDBConnection,
  api: DuckdbApi,
  key: string,
  places: BigUint64Array,
): AsyncGenerator<readonly Transfer[]> {
  if (places.length === 0) return;
  // One snapshot for all steps: row ids mean nothing after another load.
  await connection.run('BEGIN');
  const chains = await storedPrefixes(connection, key, 'transfer');
  if (chains.length === 0) return;
  await printTable(connection, api, 'place', places);
  await connection.run('CREATE TEMP TABLE hit (id BIGINT, chain VARCHAR, tx VARCHAR)');
  for (const { chain, prefix } of chains) {
    const print = (side: string): string => placePrint(ownerPrint('$1', side), assetPrint('$1', 'asset'));
    await connection.run(
      `INSERT INTO hit SELECT rowid, chain, tx FROM transfer WHERE chain = $2 AND amount IS DISTINCT FROM 0
         AND ((sender IS NOT NULL AND ${print('sender')} IN (SELECT print FROM place))
           OR (receiver IS NOT NULL AND ${print('receiver')} IN (SELECT print FROM place)))`,
      [prefix, chain],
    );
  }
  const result = await connection.stream(
    `SELECT ${TRANSFER_COLUMNS} FROM (
       SELECT t.* FROM transfer AS t SEMI JOIN (SELECT DISTINCT chain, tx FROM hit WHERE tx IS NOT NULL) AS h
         ON t.tx = h.tx AND t.chain = h.chain
       UNION ALL SELECT * FROM transfer WHERE rowid IN (SELECT id FROM hit WHERE tx IS NULL)
     ) AS t ORDER BY ${TRANSFER_ORDER}`,
  );
  yield* wholeSeconds(result);
}

async function* wholeSeconds(result: DuckDBResult): AsyncGenerator<readonly Transfer[]> {
  let held: Transfer[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const row of transfersOfChunk(chunk)) {
      const last = held.at(-1);
      if (held.length >= CHUNK_ROWS && last !== undefined && (last.time !== row.time || last.chain !== row.chain)) {
        yield held;
        held = [];
      }
      held.push(row);
    }
  }
  if (held.length > 0) yield held;
}

/** The newest `limit` movements of an address, oldest of them first. */
export async function readTransfersOf(
  connection: DuckDBConnection,
  chain: string,
  address: string,
  limit: number,
): Promise<readonly Transfer[]> {
  const newest = TRANSFER_ORDER.replaceAll(/(\S+?)(,|$)/g, '$1 DESC NULLS FIRST$2');
  const result = await connection.stream(
    `SELECT * EXCLUDE (nth) FROM (SELECT ${TRANSFER_COLUMNS}, row_number() OVER (ORDER BY ${newest}) AS nth FROM transfer AS t
       WHERE t.chain = $1 AND (t.sender = $2 OR t.receiver = $2) ORDER BY nth LIMIT $3) ORDER BY nth DESC`,
    [chain, address, BigInt(limit)],
  );
  const rows: Transfer[] = [];
  for await (const chunk of result) rows.push(...transfersOfChunk(chunk));
  return rows;
}

/** Every movement of one transaction, in order. */
export function readTransfersOfTx(
  connection: DuckDBConnection,
  chain: string,
  tx: string,
): Promise<readonly Transfer[]> {
  return readTransfers(connection, 'SELECT * FROM transfer WHERE chain = $1 AND tx = $2', [chain, tx]);
}

/** The rows that a query over `transfer` selects, all its columns, in order: for few rows. */
export async function readTransfers(
  connection: DuckDBConnection,
  sql: string,
  values: DuckDBValue[],
): Promise<Transfer[]> {
  const result = await connection.stream(
    `SELECT ${TRANSFER_COLUMNS} FROM (${sql}) AS t ORDER BY ${TRANSFER_ORDER}`,
    values,
  );
  const rows: Transfer[] = [];
  for await (const chunk of result) for (const row of transfersOfChunk(chunk)) rows.push(row);
  return rows;
}

/** Vectors of one chunk. Fixed-width vectors without nulls (the query leaves none but in `amount`) are one typed array each. */
interface RowVectors {
  readonly names: DuckDBVector;
  readonly bytes: readonly Int32Array[];
  readonly time: Float64Array;
  readonly block: BigInt64Array;
  readonly txIndex: Int32Array;
  readonly leg: Int32Array;
  readonly rounded: Int32Array;
  readonly batch: Int32Array;
  readonly file: Int32Array;
  readonly line: Float64Array;
  readonly amount: DuckDBVector;
}

export function transfersOfChunk(chunk: DuckDBDataChunk): Transfer[] {
  const first = NAMES.length + 1;
  const items = <T>(column: number): T => (chunk.getColumnVector(column) as unknown as { readonly items: T }).items;
  const vectors: RowVectors = {
    names: chunk.getColumnVector(0),
    bytes: NAMES.map((_, index) => items<Int32Array>(index + 1)),
    time: items(first),
    block: items(first + 1),
    txIndex: items(first + 2),
    leg: items(first + 3),
    rounded: items(first + 4),
    batch: items(first + 5),
    file: items(first + 6),
    line: items(first + 7),
    amount: chunk.getColumnVector(first + 8),
  };
  return Array.from({ length: chunk.rowCount }, (_, row) => transferAt(vectors, row));
}

function transferAt(vectors: RowVectors, row: number): Transfer {
  const [chain, kind, asset, tx, from, to, big] = splitNames(vectors, row);
  const block = vectors.block[row]!;
  return {
    chain: chain!,
    time: vectors.time[row]!,
    block: block < 0n ? null : block,
    txIndex: vectors.txIndex[row]!,
    leg: vectors.leg[row]!,
    tx: tx!,
    kind: kind as TransferKind,
    from: from!,
    to: to!,
    asset: asset!,
    amount: big === null ? (vectors.amount.getItem(row) as bigint) : BigInt(big!),
    rounded: vectors.rounded[row] === 1,
    source: { batch: vectors.batch[row]!, file: vectors.file[row]!, row: vectors.line[row]! },
  };
}

/** The names of one row; where the text is not plain ASCII, characters are not bytes and it is cut as bytes. */
function splitNames(vectors: RowVectors, row: number): (string | null)[] {
  const text = vectors.names.getItem(row) as string;
  let total = 0;
  for (const lengths of vectors.bytes) total += Math.max(0, lengths[row]!);
  const raw = total === text.length ? null : Buffer.from(text);
  const names: (string | null)[] = [];
  let start = 0;
  for (const lengths of vectors.bytes) {
    const length = lengths[row]!;
    if (length < 0) {
      names.push(null);
      continue;
    }
    names.push(raw === null ? text.slice(start, start + length) : raw.toString('utf8', start, start + length));
    start += length;
  }
  return names;
}

/**
 * Addresses with more than `limit` distinct counterparties, busiest first. A count of rows comes first: only who has more movements than
 * the limit can have more counterparties, and few do. Movements of nothing are left out: spam of value zero makes nobody a service.
 */
export async function readBusy(connection: DuckDBConnection, limit: number): Promise<readonly BusyAddress[]> {
  const moved = `FROM transfer WHERE sender IS NOT NULL AND receiver IS NOT NULL AND sender <> receiver AND amount IS DISTINCT FROM 0`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE candidate AS SELECT chain, address FROM (
       SELECT chain, sender AS address, count(*) AS n ${moved} GROUP BY ALL
       UNION ALL SELECT chain, receiver, count(*) ${moved} GROUP BY ALL)
     GROUP BY chain, address HAVING sum(n) > $1`,
    [BigInt(limit)],
  );
  const result = await connection.runAndReadAll(
    `SELECT chain, address, count(DISTINCT other)::DOUBLE AS others FROM (
       SELECT t.chain, t.sender AS address, t.receiver AS other FROM (SELECT * ${moved}) AS t
         SEMI JOIN candidate AS c ON t.chain = c.chain AND t.sender = c.address
       UNION ALL SELECT t.chain, t.receiver, t.sender FROM (SELECT * ${moved}) AS t
         SEMI JOIN candidate AS c ON t.chain = c.chain AND t.receiver = c.address)
     GROUP BY chain, address HAVING count(DISTINCT other) > $1 ORDER BY others DESC, chain, address`,
    [BigInt(limit)],
  );
  return result.getRows().map(([chain, address, others]) => ({
    chain: String(chain),
    address: String(address),
    counterparties: Number(others),
  }));
}
