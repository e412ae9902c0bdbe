import type { DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { Batch, LoadResult, NewBatch, TransferFeed } from '../port.ts';
import { readBatch, writeAssets, writeBatch } from './batches.ts';
import type { Engine } from './engine.ts';
import { loadUtxo } from './load-utxo.ts';
import { numberBatch } from './numbers.ts';
import { findHeld, type Loaded, noteFiled, overlapping, refuseTies } from './overlap.ts';
import { watched } from './progress.ts';
import { stageRows } from './stage-rows.ts';
import { STAGED_BLOCK, STAGED_TRANSFER, STAGED_TRANSFER_COLUMNS } from './staging.ts';

const ORDER_KEY = 'time, block, tx_index, leg';
const STAGED_COLUMNS = STAGED_TRANSFER_COLUMNS.map(([name]) => name).join(', ');
/** Sorts after every block: DuckDB puts nulls last. */
const NO_BLOCK = '9223372036854775807';

/** Loads one import in one transaction. */
export function loadBatch(
  engine: Engine,
  key: string,
  { ids, ...fresh }: NewBatch,
  feed: TransferFeed,
  progress: Progress,
): Promise<LoadResult> {
  return engine.write(async (connection) => {
    const known = await readBatch(connection, fresh.contentId);
    if (known !== null) return { batch: known, repeated: true };
    await dropStaged(connection);
    if (feed.stage === undefined) await stageRows(connection, engine.api, feed, progress);
    else await feed.stage(connection, progress);
    const batch = await storeStaged(connection, fresh, feed, progress);
    await dropStaged(connection);
    if (ids === true) await numberBatch(engine, connection, key, batch, progress);
    return { batch, repeated: false };
  });
}

async function storeStaged(
  connection: DuckDBConnection,
  fresh: NewBatch,
  feed: TransferFeed,
  progress: Progress,
): Promise<Batch> {
  const ids = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM batch');
  const id = Number(ids.getRows()[0]?.[0]);
  const ordered = feed.stagedInOrder === true || (await stagedInOrder(connection));
  const moved = await loadTransfers(connection, { ...fresh, id }, ordered, progress);
  const utxo = feed.stage === undefined ? await loadUtxo(connection, { ...fresh, id }) : NOTHING;
  await loadBlocks(connection);
  const counts = await feed.finish(moved.accepted + utxo.accepted);
  await writeAssets(connection, feed.assets());
  const times = [moved.window, utxo.window].filter((window) => window !== null);
  const alreadyStored = moved.held + utxo.held;
  const batch: Batch = {
    ...fresh,
    id,
    ...counts,
    rowsKept: moved.accepted + utxo.accepted - alreadyStored,
    alreadyStored,
    firstTime: times.length === 0 ? null : Math.min(...times.map((window) => window.first)),
    lastTime: times.length === 0 ? null : Math.max(...times.map((window) => window.last)),
  };
  await writeBatch(connection, batch);
  return batch;
}

const NOTHING: Loaded = { accepted: 0, held: 0, window: null };

type NumberedBatch = NewBatch & { readonly id: number };

async function loadTransfers(
  connection: DuckDBConnection,
  batch: NumberedBatch,
  ordered: boolean,
  progress: Progress,
): Promise<Loaded> {
  await insertStaged(connection, batch, ordered, progress);
  let run = await inspectRun(connection, batch);
  if (run === null) return NOTHING;
  assert(run.disorder === 0, 'a stored run is in order');
  const accepted = run.rows;
  const window = { chain: batch.chain, first: run.first, last: run.last };
  const overlap = await overlapping(connection, 'transfer', window);
  const earlier = [...overlap.index, ...overlap.ranked];
  const held = earlier.length === 0 ? 0 : await findHeld(connection, batch, overlap, window);
  if (held > 0) {
    await noteFiled(connection, batch, 'SELECT tx FROM transfer WHERE rowid IN (SELECT id FROM staged_held)');
    await connection.run('DELETE FROM transfer WHERE batch = $1 AND rowid IN (SELECT id FROM staged_held)', [batch.id]);
    run = await inspectRun(connection, batch);
  }
  if (run === null) return { accepted, held, window };
  if (run.ties > 0 || earlier.length > 0) await refuseTies(connection, batch, earlier, window);
  await connection.run(`INSERT INTO run VALUES ($1, 'transfer', $2, $3, $4, $5)`, [
    batch.id,
    batch.chain,
    BigInt(run.first),
    BigInt(run.last),
    BigInt(run.rows),
  ]);
  return { accepted, held, window };
}

async function insertStaged(
  connection: DuckDBConnection,
  batch: NumberedBatch,
  ordered: boolean,
  progress: Progress,
): Promise<void> {
  const order = ordered ? '' : ` ORDER BY ${ORDER_KEY}`;
  const statement = `INSERT INTO transfer SELECT ${batch.id}, ${STAGED_COLUMNS} FROM ${STAGED_TRANSFER}${order}`;
  try {
    await watched(connection, progress, 'storing', () => connection.run(statement));
  } catch (error) {
    throw sourceFault(error, batch);
  }
}

/** A view over files is read while it is stored: what the reader says of a broken file is the file's fault, not the store's. */
function sourceFault(error: unknown, batch: NewBatch): unknown {
  const text = error instanceof Error ? error.message : '';
  if (!/CSV Error|parquet|thrift|Invalid Input Error|Conversion Error|Invalid Unicode|gzip|zstd/i.test(text))
    return error;
  return new HaetaeError(
    'E_FILE_READ',
    `a file could not be read to its end: ${text.split('\n').slice(0, 3).join(' ')}`,
    {
      context: {
        files: batch.files
          .map((file) => file.name)
          .join(', ')
          .slice(0, 300),
      },
      remedy: 'check that the file is whole and of the declared format. Nothing of this import was stored',
      cause: error,
    },
  );
}

const DISORDER = `count(*) FILTER (WHERE time < time0 OR (time = time0 AND (block < block0 OR (block = block0
  AND (tx_index < tx_index0 OR (tx_index = tx_index0 AND leg < leg0))))))`;
const TIES = 'count(*) FILTER (WHERE time = time0 AND block = block0 AND tx_index = tx_index0 AND leg = leg0)';

/** Each row beside the one before it, in the order they are kept; a window without an order streams. */
function neighbours(source: string): string {
  return `SELECT *, lag(time) OVER () AS time0, lag(block) OVER () AS block0, lag(tx_index) OVER () AS tx_index0, lag(leg) OVER () AS leg0
    FROM (SELECT chain, time, coalesce(block, ${NO_BLOCK}) AS block, tx_index, leg FROM ${source})`;
}

/** Reads the order key of every staged row, four narrow columns: a tenth of what a needless sort of whole rows costs. */
async function stagedInOrder(connection: DuckDBConnection): Promise<boolean> {
  const result = await connection.runAndReadAll(`SELECT ${DISORDER}::DOUBLE FROM (${neighbours(STAGED_TRANSFER)})`);
  return result.getRows()[0]?.[0] === 0;
}

interface RunFacts {
  readonly rows: number;
  readonly disorder: number;
  readonly ties: number;
  readonly first: number;
  readonly last: number;
}

async function inspectRun(connection: DuckDBConnection, batch: NumberedBatch): Promise<RunFacts | null> {
  const result = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE, ${DISORDER}::DOUBLE, ${TIES}::DOUBLE, min(time)::DOUBLE, max(time)::DOUBLE, min(chain), max(chain)
     FROM (${neighbours('transfer WHERE batch = $1')})`,
    [batch.id],
  );
  const [rows, disorder, ties, first, last, lowest, highest] = result.getRows()[0]!;
  if (rows === 0) return null;
  assert(lowest === batch.chain && highest === batch.chain, 'every row of a batch is of its chain');
  return {
    rows: Number(rows),
    disorder: Number(disorder),
    ties: Number(ties),
    first: Number(first),
    last: Number(last),
  };
}

async function loadBlocks(connection: DuckDBConnection): Promise<void> {
  const staged = await connection.runAndReadAll(
    `SELECT 1 FROM (SELECT table_name AS name FROM duckdb_tables() WHERE temporary
       UNION ALL SELECT view_name FROM duckdb_views() WHERE temporary) WHERE name = $1`,
    [STAGED_BLOCK],
  );
  if (staged.currentRowCount === 0) return;
  await connection.run(`CREATE TEMP TABLE staged_time AS SELECT DISTINCT chain, block, time FROM ${STAGED_BLOCK}`);
  const faults = await connection.runAndReadAll(
    `SELECT chain, block::VARCHAR FROM (SELECT chain, block, time FROM staged_time
       UNION SELECT b.* FROM block_time AS b SEMI JOIN staged_time USING (chain, block))
     GROUP BY chain, block HAVING count(*) > 1 ORDER BY chain, block LIMIT 1`,
  );
  const fault = faults.getRows()[0];
  if (fault !== undefined) {
    throw new HaetaeError('E_TRANSFER_CONFLICT', 'two sources give different times for one block', {
      context: { chain: String(fault[0]), block: String(fault[1]) },
      remedy: 'find out which file is right. Nothing of this import was stored',
    });
  }
  await connection.run(
    `INSERT INTO block_time SELECT chain, block, time FROM staged_time ANTI JOIN block_time USING (chain, block) ORDER BY chain, block`,
  );
}

/** Nothing staged outlives a load, whoever made it. */
async function dropStaged(connection: DuckDBConnection): Promise<void> {
  const result = await connection.runAndReadAll(
    `SELECT 'VIEW', view_name FROM duckdb_views() WHERE temporary AND starts_with(view_name, 'staged_')
     UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'staged_')`,
  );
  for (const [kind, name] of result.getRows()) {
    await connection.run(`DROP ${String(kind)} IF EXISTS temp.${quoted(String(name))}`);
  }
}

/** The one place where a name that is not ours stands in SQL. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
