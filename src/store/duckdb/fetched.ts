import type { DuckDBConnection } from '@duckdb/node-api';
import type { ChainId } from '../../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import {
  assertFetched,
  freshTransfers,
  freshUtxo,
  grown,
  inLiveBatch,
  liveContentId,
  openLiveBatch,
  refuseFetchedTies,
  timeRange,
} from '../fetched.ts';
import type { Batch, Fetched, FetchedCounts } from '../port.ts';
import { readBatch, readBatches, removeBatch, writeAssets, writeBatch } from './batches.ts';
import { cutFacts, writeBlocks, writeCovered } from './chain-facts.ts';
import type { DuckdbApi, Engine } from './engine.ts';
import { insertStagedUtxo } from './load-utxo.ts';
import { among } from './overlap.ts';
import { STAGED_UTXO_END, STAGED_UTXO_TX, stageTransfers, stageUtxo } from './stage-rows.ts';
import { STAGED_TRANSFER, STAGED_TRANSFER_COLUMNS } from './staging.ts';
import { readTransfers } from './transfers.ts';
import { readUtxoById } from './utxo.ts';

const STAGED_COLUMNS = STAGED_TRANSFER_COLUMNS.map(([name]) => name).join(', ');

/** Adds one answer of a living chain in one transaction. Throws E_TRANSFER_CONFLICT, E_ORDER_CONFLICT, E_REORG, E_ASSET. */
export async function keepFetched(engine: Engine, fetched: Fetched): Promise<FetchedCounts> {
  assertFetched(fetched);
  return engine.write(async (connection) => {
    await writeBlocks(connection, engine.api, fetched);
    const batches = await readBatches(connection);
    const known = batches.find((batch) => batch.contentId === liveContentId(fetched.chain)) ?? null;
    const opened = openLiveBatch(known, (batches.at(-1)?.id ?? 0) + 1, fetched);
    const write: Write = { connection, api: engine.api, fetched, batches, live: opened };
    const transfers = await addTransfers(write);
    const utxo = await addUtxo(write);
    if (known !== null) await removeBatch(connection, known.id);
    await writeBatch(connection, grown(opened, transfers, utxo));
    if (fetched.assets.length > 0) await writeAssets(connection, fetched.assets);
    await writeCovered(connection, engine.api, fetched);
    const added = transfers.length + utxo.length;
    return { added, alreadyStored: fetched.transfers.length + fetched.utxo.length - added };
  });
}

interface Write {
  readonly connection: DuckDBConnection;
  readonly api: DuckdbApi;
  readonly fetched: Fetched;
  readonly batches: readonly Batch[];
  readonly live: Batch;
}

async function addTransfers(write: Write): Promise<Transfer[]> {
  const { connection, api, fetched, batches, live } = write;
  if (fetched.transfers.length === 0) return [];
  const given = fetched.transfers.map((row) => inLiveBatch(row, live, fetched)).sort(compareOrder);
  await stageTransfers(connection, api, given);
  // Rows of the same transactions, and rows that stand at the same place of the order.
  const rows = await readTransfers(
    connection,
    `SELECT * FROM (${nearby(write, 'transfer', given)}) AS t WHERE tx IN (SELECT tx FROM ${STAGED_TRANSFER})
       OR (block, tx_index, leg) IN (SELECT (block, tx_index, leg) FROM ${STAGED_TRANSFER})`,
    [],
  );
  const fresh = freshTransfers(given, { rows, batches });
  refuseFetchedTies(fresh, { rows, batches });
  if (fresh.length > 0 && fresh.length < given.length) {
    await connection.run(`DROP TABLE ${STAGED_TRANSFER}`);
    await stageTransfers(connection, api, fresh);
  }
  if (fresh.length > 0) {
    await connection.run(
      `INSERT INTO transfer SELECT ${live.id}, ${STAGED_COLUMNS} FROM ${STAGED_TRANSFER} ORDER BY time, block, tx_index, leg`,
    );
    await growRun(write, 'transfer', fresh);
  }
  await connection.run(`DROP TABLE ${STAGED_TRANSFER}`);
  return fresh;
}

function compareOrder(a: Transfer, b: Transfer): number {
  return a.time - b.time || Number(a.block! - b.block!) || a.txIndex - b.txIndex || a.leg - b.leg;
}

/** A transaction that a reorganisation moved stands within this of where it stood. */
const MOVED_SECONDS = 86_400;

/**
 * Stored rows that can be the same as the given ones: those fetched about that time, and those of imports in the same seconds. Two
 * queries, not one with OR: each then reads only the stretches of the table that hold such times.
 */
function nearby(
  { batches, live }: Write,
  kind: 'transfer' | 'utxo',
  rows: readonly (Transfer | UtxoTransaction)[],
): string {
  const { first, last } = timeRange(rows)!;
  const imports = batches.filter(
    (batch) =>
      batch.chain === live.chain &&
      batch.id !== live.id &&
      batch.firstTime !== null &&
      batch.firstTime <= last &&
      batch.lastTime! >= first,
  );
  const table = kind === 'transfer' ? 'transfer' : 'utxo_tx';
  const within = (ids: readonly number[], slack: number): string =>
    `SELECT * FROM ${table} WHERE ${among('batch', ids)} AND time BETWEEN ${first - slack} AND ${last + slack}`;
  const fetchedRows = within([live.id], MOVED_SECONDS);
  if (imports.length === 0) return fetchedRows;
  return `${fetchedRows} UNION ALL ${within(
    imports.map((batch) => batch.id),
    0,
  )}`;
}

async function addUtxo(write: Write): Promise<UtxoTransaction[]> {
  const { connection, api, fetched, batches, live } = write;
  if (fetched.utxo.length === 0) return [];
  const given = fetched.utxo.map((tx) => inLiveBatch(tx, live, fetched));
  await stageUtxo(connection, api, given);
  const known = await connection.runAndReadAll(
    `SELECT DISTINCT tx FROM (${nearby(write, 'utxo', given)}) AS t WHERE tx IN (SELECT tx FROM ${STAGED_UTXO_TX})`,
  );
  const names = known.getRows().map(([tx]) => String(tx));
  const fresh = freshUtxo(given, { rows: await readUtxoById(connection, api, fetched.chain, names), batches });
  const dropStaged = async (): Promise<void> => {
    await connection.run(`DROP TABLE ${STAGED_UTXO_TX}`);
    await connection.run(`DROP TABLE ${STAGED_UTXO_END}`);
  };
  if (fresh.length > 0 && fresh.length < given.length) {
    await dropStaged();
    await stageUtxo(connection, api, fresh);
  }
  if (fresh.length > 0) {
    await insertStagedUtxo(connection, live.id, 'true');
    await growRun(write, 'utxo', fresh);
  }
  await dropStaged();
  return fresh;
}

async function growRun(
  { connection, live }: Write,
  kind: 'transfer' | 'utxo',
  rows: readonly (Transfer | UtxoTransaction)[],
): Promise<void> {
  const { first, last } = timeRange(rows)!;
  const { rowsChanged } = await connection.run(
    `UPDATE run SET first_time = least(first_time, $3), last_time = greatest(last_time, $4), entries = entries + $5
     WHERE batch = $1 AND kind = $2`,
    [live.id, kind, BigInt(first), BigInt(last), BigInt(rows.length)],
  );
  if (rowsChanged === 0) await insertRun(connection, live, kind, [first, last, rows.length]);
}

function insertRun(
  connection: DuckDBConnection,
  live: Batch,
  kind: 'transfer' | 'utxo',
  facts: readonly [first: number, last: number, entries: number],
): Promise<unknown> {
  const [first, last, entries] = facts.map((fact) => BigInt(fact));
  return connection.run('INSERT INTO run VALUES ($1, $2, $3, $4, $5, $6)', [
    live.id,
    kind,
    live.chain,
    first!,
    last!,
    entries!,
  ]);
}

/** Forgets what was fetched of a chain above a block, in one transaction. */
export function rollBack(
  engine: Engine,
  chain: ChainId,
  above: bigint,
): Promise<{ readonly transfers: number; readonly utxoTransactions: number }> {
  return engine.write(async (connection) => {
    const live = await readBatch(connection, liveContentId(chain));
    if (live === null) return { transfers: 0, utxoTransactions: 0 };
    const drop = async (table: string): Promise<number> =>
      (
        await connection.run(
          `DELETE FROM ${table} WHERE batch = ${live.id} AND block > $1
             AND (tx IS NULL OR tx NOT IN (SELECT tx FROM filed_tx WHERE chain = $2))`,
          [above, chain],
        )
      ).rowsChanged;
    const transfers = await drop('transfer');
    const utxoTransactions = await drop('utxo_tx');
    await drop('utxo_end');
    if (transfers + utxoTransactions > 0) await recount(connection, live);
    await cutFacts(connection, chain, above);
    return { transfers, utxoTransactions };
  });
}

/** The live batch and its runs after rows were taken from it. */
async function recount(connection: DuckDBConnection, live: Batch): Promise<void> {
  const count = async (kind: 'transfer' | 'utxo'): Promise<readonly (number | null)[]> => {
    const [table, rounded, zero] =
      kind === 'transfer' ? ['transfer', 'rounded', 'amount = 0'] : ['utxo_tx', 'false', 'false'];
    const result = await connection.runAndReadAll(
      `SELECT count(*)::DOUBLE, min(time)::DOUBLE, max(time)::DOUBLE, count(*) FILTER (WHERE ${rounded})::DOUBLE,
         count(*) FILTER (WHERE ${zero})::DOUBLE FROM ${table} WHERE batch = ${live.id}`,
    );
    return result.getRows()[0] as (number | null)[];
  };
  await connection.run('DELETE FROM run WHERE batch = $1', [live.id]);
  const times: number[] = [];
  const totals = { rows: 0, rounded: 0, zero: 0 };
  for (const kind of ['transfer', 'utxo'] as const) {
    const [rows, first, last, rounded, zero] = await count(kind);
    if (first === null || last === null) continue;
    await insertRun(connection, live, kind, [first!, last!, rows!]);
    times.push(first!, last!);
    totals.rows += rows!;
    totals.rounded += rounded!;
    totals.zero += zero!;
  }
  await removeBatch(connection, live.id);
  await writeBatch(connection, {
    ...live,
    rowsRead: totals.rows,
    rowsKept: totals.rows,
    rounded: totals.rounded,
    zeroValue: totals.zero,
    firstTime: times.length === 0 ? null : Math.min(...times),
    lastTime: times.length === 0 ? null : Math.max(...times),
  });
}
