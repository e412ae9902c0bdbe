import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import { formatTime } from '../../base/time.ts';
import { liveContentId } from '../fetched.ts';
import { type Batch, type NewBatch, ORDER_REMEDY } from '../port.ts';

/** Earlier runs of one kind that share chain and seconds with the rows being loaded: only they can hold the same rows. */
export interface Overlap {
  readonly index: readonly number[];
  /** Batches whose legs are row numbers or inferred ranks: a leg there names nothing. */
  readonly ranked: readonly number[];
}

export interface Window {
  readonly chain: string;
  readonly first: number;
  readonly last: number;
}

/** What one kind of rows of an import came to. */
export interface Loaded {
  readonly accepted: number;
  readonly held: number;
  readonly window: Window | null;
}

export async function overlapping(
  connection: DuckDBConnection,
  kind: 'transfer' | 'utxo',
  window: Window,
): Promise<Overlap> {
  const result = await connection.runAndReadAll(
    `SELECT run.batch, batch.order_rule FROM run JOIN batch ON batch.id = run.batch
     WHERE run.kind = $1 AND run.chain = $2 AND run.first_time <= $3 AND run.last_time >= $4 ORDER BY run.batch`,
    [kind, window.chain, BigInt(window.last), BigInt(window.first)],
  );
  const rows = result.getRows().map(([id, rule]) => ({ id: Number(id), rule }));
  return {
    index: rows.filter((row) => row.rule === 'index').map((row) => row.id),
    ranked: rows.filter((row) => row.rule !== 'index').map((row) => row.id),
  };
}

/** The row ids, among those of batch `id`, that earlier batches hold already: left in TEMP table staged_held. */
export async function findHeld(
  connection: DuckDBConnection,
  batch: Pick<Batch, 'id' | 'files' | 'orderRule'>,
  overlap: Overlap,
  window: Window,
): Promise<number> {
  await connection.run('CREATE OR REPLACE TEMP TABLE staged_held (id BIGINT)');
  const byKey = batch.orderRule === 'index' ? overlap.index : [];
  const byContent = batch.orderRule === 'index' ? overlap.ranked : [...overlap.index, ...overlap.ranked];
  if (byKey.length > 0) await heldByKey(connection, batch, byKey, window);
  if (byContent.length > 0) await heldByContent(connection, batch.id, byContent, window);
  const result = await connection.runAndReadAll('SELECT count(DISTINCT id)::DOUBLE FROM staged_held');
  return Number(result.getRows()[0]?.[0]);
}

/**
 * Remembers which transactions that an import holds, and so are not stored again, were fetched: `held` selects their hashes.
 * A roll-back leaves them, as it leaves everything an import brought.
 */
export async function noteFiled(
  connection: DuckDBConnection,
  batch: Pick<NewBatch, 'chain'>,
  held: string,
): Promise<void> {
  const live = await connection.runAndReadAll('SELECT id FROM batch WHERE content_id = $1', [
    liveContentId(batch.chain),
  ]);
  const id = live.getRows()[0]?.[0];
  if (id === undefined) return;
  const fetched = (table: string): string => `SELECT tx FROM ${table} WHERE ${among('batch', [Number(id)])}`;
  await connection.run(
    `INSERT INTO filed_tx SELECT DISTINCT $1, tx FROM (${held}) AS h WHERE tx IN (${fetched('transfer')} UNION ALL ${fetched('utxo_tx')})
       AND tx NOT IN (SELECT tx FROM filed_tx WHERE chain = $1)`,
    [batch.chain],
  );
}

/**
 * One movement is (chain, tx, kind, leg) where both sides know the index: the same key must have the same content. A block or a
 * transaction index that one of them lacks is no other content.
 */
async function heldByKey(
  connection: DuckDBConnection,
  batch: Pick<Batch, 'id' | 'files'>,
  earlier: readonly number[],
  window: Window,
): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_match AS
     SELECT fresh.rowid AS id, fresh.file, fresh.row, fresh.tx, held.batch AS held_batch, held.file AS held_file, held.row AS held_row,
       fresh.sender IS NOT DISTINCT FROM held.sender AND fresh.receiver IS NOT DISTINCT FROM held.receiver
       AND fresh.asset = held.asset AND fresh.amount IS NOT DISTINCT FROM held.amount
       AND fresh.amount_big IS NOT DISTINCT FROM held.amount_big AND fresh.time = held.time
       AND coalesce(fresh.block, held.block, 0) = coalesce(held.block, fresh.block, 0) AS same
     FROM transfer AS fresh JOIN transfer AS held
       ON fresh.tx = held.tx AND fresh.kind = held.kind AND fresh.leg = held.leg AND fresh.chain = held.chain
     WHERE fresh.batch = $1 AND ${among('held.batch', earlier)} AND held.time BETWEEN $2 AND $3`,
    [batch.id, BigInt(window.first), BigInt(window.last)],
  );
  const faults = await connection.runAndReadAll(
    `SELECT m.file, m.row::DOUBLE, m.tx, b.files, m.held_file, m.held_row::DOUBLE FROM staged_match AS m
     JOIN batch AS b ON b.id = m.held_batch WHERE NOT m.same ORDER BY m.file, m.row LIMIT 1`,
  );
  const fault = faults.getRows()[0];
  if (fault !== undefined) throw transferConflict(batch.files, fault);
  await connection.run('INSERT INTO staged_held SELECT id FROM staged_match');
}

/** Without a known index the n-th movement of a transaction with this content is the n-th such movement of every other file. */
async function heldByContent(
  connection: DuckDBConnection,
  batch: number,
  earlier: readonly number[],
  window: Window,
): Promise<void> {
  const counted = (condition: string): string =>
    `SELECT rowid AS id, chain, tx, kind, sender, receiver, asset, amount, amount_big, row_number() OVER (
       PARTITION BY chain, tx, kind, sender, receiver, asset, amount, amount_big ORDER BY leg, rowid) AS turn
     FROM transfer WHERE ${condition} AND tx IN (SELECT tx FROM staged_common)`;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_common AS
     SELECT DISTINCT tx FROM transfer WHERE batch = $1 AND tx IS NOT NULL
     INTERSECT SELECT DISTINCT tx FROM transfer WHERE ${among('batch', earlier)} AND time BETWEEN $2 AND $3`,
    [batch, BigInt(window.first), BigInt(window.last)],
  );
  await connection.run(
    `INSERT INTO staged_held SELECT fresh.id FROM (${counted('batch = $1')}) AS fresh
     SEMI JOIN (${counted(among('batch', earlier))}) AS held
       ON fresh.chain = held.chain AND fresh.tx = held.tx AND fresh.kind = held.kind AND fresh.turn = held.turn
       AND fresh.sender IS NOT DISTINCT FROM held.sender AND fresh.receiver IS NOT DISTINCT FROM held.receiver
       AND fresh.asset = held.asset AND fresh.amount IS NOT DISTINCT FROM held.amount
       AND fresh.amount_big IS NOT DISTINCT FROM held.amount_big`,
    [batch],
  );
}

function transferConflict(files: Batch['files'], row: readonly DuckDBValue[]): HaetaeError {
  const [file, line, tx, heldFiles, heldFile, heldLine] = row;
  return new HaetaeError('E_TRANSFER_CONFLICT', 'a transfer that is already stored is given again with other content', {
    context: {
      file: fileName(files, file),
      row: Number(line),
      tx: String(tx),
      storedFile: fileName(JSON.parse(String(heldFiles)) as Batch['files'], heldFile),
      storedRow: Number(heldLine),
    },
    remedy: 'find out which file is right; import the other into a store of its own. Nothing of this import was stored',
  });
}

/**
 * Two movements of one place (chain, address, asset) with one order key are an error: the order of the data would decide what is
 * tainted, and nobody would know. Integer columns first; names only for rows that share a key.
 */
export async function refuseTies(
  connection: DuckDBConnection,
  batch: Pick<Batch, 'id' | 'files'>,
  earlier: readonly number[],
  window: Window,
): Promise<void> {
  const rows = `transfer WHERE ${among('batch', [batch.id, ...earlier])} AND time BETWEEN $1 AND $2`;
  const result = await connection.runAndReadAll(
    `WITH tie AS (
       SELECT time, block, tx_index, leg FROM ${rows} GROUP BY ALL HAVING count(*) > 1
     ), suspect AS (
       SELECT t.rowid AS id, t.* FROM (SELECT rowid, * FROM ${rows}) AS t SEMI JOIN tie
         ON t.time = tie.time AND t.block IS NOT DISTINCT FROM tie.block AND t.tx_index = tie.tx_index AND t.leg = tie.leg
     ), place AS (
       SELECT id, chain, sender AS address, asset, time, block, tx_index, leg, batch, file, row FROM suspect WHERE sender IS NOT NULL
       UNION ALL
       SELECT id, chain, receiver, asset, time, block, tx_index, leg, batch, file, row FROM suspect
       WHERE receiver IS NOT NULL AND receiver IS DISTINCT FROM sender
     )
     SELECT chain, address, asset, time::DOUBLE, min_by(b.files, id), min_by(file, id), min_by(row, id)::DOUBLE,
       max_by(b.files, id), max_by(file, id), max_by(row, id)::DOUBLE
     FROM place JOIN (SELECT id AS batch, files FROM batch UNION ALL SELECT $3, $4) AS b USING (batch)
     GROUP BY chain, address, asset, time, block, tx_index, leg HAVING count(*) > 1 ORDER BY time, min(id) LIMIT 1`,
    [BigInt(window.first), BigInt(window.last), batch.id, JSON.stringify(batch.files)],
  );
  const fault = result.getRows()[0];
  if (fault !== undefined) throw orderConflict(fault);
}

function orderConflict(row: readonly DuckDBValue[]): HaetaeError {
  const [chain, address, asset, time, files, file, line, otherFiles, otherFile, otherLine] = row;
  return new HaetaeError('E_ORDER_CONFLICT', 'two movements of one place carry the same order key', {
    context: {
      file: fileName(JSON.parse(String(files)) as Batch['files'], file),
      row: Number(line),
      otherFile: fileName(JSON.parse(String(otherFiles)) as Batch['files'], otherFile),
      otherRow: Number(otherLine),
      chain: String(chain),
      address: String(address),
      asset: String(asset),
      time: formatTime(Number(time)),
    },
    remedy: ORDER_REMEDY,
  });
}

export function fileName(files: Batch['files'], index: DuckDBValue | undefined): string {
  return files[Number(index)]?.name ?? `file ${Number(index)}`;
}

/** Batch ids are our own integers: they may stand in the text. */
export function among(column: string, ids: readonly number[]): string {
  return `${column} IN (${ids.map((id) => Math.trunc(id)).join(', ')})`;
}
