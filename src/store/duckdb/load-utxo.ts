import type { DuckDBConnection } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { NewBatch } from '../port.ts';
import { among, fileName, type Loaded, noteFiled, overlapping, type Window } from './overlap.ts';
import { STAGED_UTXO_END, STAGED_UTXO_TX } from './stage-rows.ts';

/**
 * A transaction id is one transaction; only coinbases before BIP 30 share ids (Bitcoin blocks 91722 and 91880, 91812 and 91842),
 * so for them the block counts too.
 */
const IDENTITY = 'chain, tx, CASE WHEN coinbase THEN time END, CASE WHEN coinbase THEN block END';

/** Moves the staged UTXO transactions into the store; those already held, or given twice, are stored once. */
export async function loadUtxo(
  connection: DuckDBConnection,
  batch: NewBatch & { readonly id: number },
): Promise<Loaded> {
  const window = await stagedWindow(connection, batch);
  if (window === null) return { accepted: 0, held: 0, window: null };
  const overlap = await overlapping(connection, 'utxo', window);
  await findSame(connection, batch, [...overlap.index, ...overlap.ranked]);
  await noteFiled(
    connection,
    batch,
    `SELECT tx FROM ${STAGED_UTXO_TX} WHERE number IN (SELECT number FROM staged_utxo_same)`,
  );
  await insertStagedUtxo(connection, batch.id, 'number NOT IN (SELECT number FROM staged_utxo_same)');
  const counted = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM ${STAGED_UTXO_TX})::DOUBLE, count(*)::DOUBLE, min(time), max(time)
     FROM utxo_tx WHERE batch = $1`,
    [batch.id],
  );
  const [accepted, stored, first, last] = counted.getRows()[0]!;
  if (stored !== 0) {
    await connection.run(`INSERT INTO run VALUES ($1, 'utxo', $2, $3, $4, $5)`, [
      batch.id,
      batch.chain,
      first!,
      last!,
      BigInt(Number(stored)),
    ]);
  }
  return { accepted: Number(accepted), held: Number(accepted) - Number(stored), window };
}

/** Moves the staged transactions that meet a condition into the store, in order. */
export async function insertStagedUtxo(
  connection: DuckDBConnection,
  batch: number,
  condition: 'true' | 'number NOT IN (SELECT number FROM staged_utxo_same)',
): Promise<void> {
  await connection.run(
    `INSERT INTO utxo_tx SELECT $1, chain, tx, time, block, tx_index, coinbase, content, file, row FROM ${STAGED_UTXO_TX}
     WHERE ${condition} ORDER BY time, block, tx_index, tx, number`,
    [batch],
  );
  await connection.run(
    `INSERT INTO utxo_end SELECT $1, * EXCLUDE (number) FROM ${STAGED_UTXO_END}
     WHERE ${condition} ORDER BY time, block, tx_index, tx, number, side, position`,
    [batch],
  );
}

async function stagedWindow(connection: DuckDBConnection, batch: NewBatch): Promise<Window | null> {
  const result = await connection.runAndReadAll(`SELECT min(time)::DOUBLE, max(time)::DOUBLE FROM ${STAGED_UTXO_TX}`);
  const [first, last] = result.getRows()[0]!;
  return first === null ? null : { chain: batch.chain, first: Number(first), last: Number(last) };
}

/** Numbers of staged transactions that are given a second time go to staged_utxo_same; a second time with other content is refused. */
async function findSame(connection: DuckDBConnection, batch: NewBatch, earlier: readonly number[]): Promise<void> {
  const held =
    earlier.length === 0
      ? ''
      : `UNION ALL SELECT -1, batch, chain, tx, time, block, coinbase, content, file, row FROM utxo_tx WHERE ${among('batch', earlier)}
         AND tx IN (SELECT tx FROM ${STAGED_UTXO_TX})`;
  await connection.run(
    `CREATE TEMP TABLE staged_utxo_group AS SELECT *,
       first(content) OVER same AS content0, first(time) OVER same AS time0, first(block IGNORE NULLS) OVER same AS block0,
       first(batch) OVER same AS batch0, first(file) OVER same AS file0, first(row) OVER same AS row0, row_number() OVER same AS turn
     FROM (SELECT number, NULL::INTEGER AS batch, chain, tx, time, block, coinbase, content, file, row FROM ${STAGED_UTXO_TX} ${held})
     WINDOW same AS (PARTITION BY ${IDENTITY} ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`,
  );
  await refuseOther(connection, batch);
  await connection.run('CREATE TEMP TABLE staged_utxo_same AS SELECT number FROM staged_utxo_group WHERE turn > 1');
}

async function refuseOther(connection: DuckDBConnection, batch: NewBatch): Promise<void> {
  const result = await connection.runAndReadAll(
    `SELECT g.file, g.row::DOUBLE, g.tx, b.files, g.file0, g.row0::DOUBLE FROM staged_utxo_group AS g LEFT JOIN batch AS b ON b.id = g.batch0
     WHERE g.turn > 1 AND (g.content <> g.content0 OR g.time <> g.time0 OR g.block <> g.block0) ORDER BY g.number LIMIT 1`,
  );
  const fault = result.getRows()[0];
  if (fault === undefined) return;
  const [file, row, tx, files, file0, row0] = fault;
  const storedFiles = files === null ? batch.files : (JSON.parse(String(files)) as NewBatch['files']);
  throw new HaetaeError('E_TRANSFER_CONFLICT', 'a transaction is given twice with different content', {
    context: {
      file: fileName(batch.files, file),
      row: Number(row),
      tx: String(tx),
      storedFile: fileName(storedFiles, file0),
      storedRow: Number(row0),
    },
    remedy: 'find out which file is right; import the other into a store of its own. Nothing of this import was stored',
  });
}
