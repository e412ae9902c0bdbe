import type { DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import type { Progress } from '../../base/progress.ts';
import type { ChainId } from '../../model/chain.ts';
import { liveContentId } from '../fetched.ts';
import type { IdCounts } from '../numbered.ts';
import type { Engine } from './engine.ts';
import { chainPrefix, outpointPrint, ownerPrint } from './fingerprint.ts';
import { addressCount, dropNamed, type MatchBy, NAMED, NAMED_ASSETS, nameAssets, named, nameEnds } from './names.ts';

/** An end of a movement that has no address, and that of a fee. */
const NONE = '4294967295::UINTEGER';
const FEE = '4294967294::UINTEGER';
/** In the place of a name without a number: readers refuse it. */
export const UNNAMED = 0xffff_fffd;
const FEES = `('gas', 'burn', 'tip')`;
export const LARGEST = '340282366920938463463374607431768211455::UHUGEINT';
/** What is numbered at once: so many rows for a byte of memory (of their names two may be new). Measured: docs of nameEnds. */
const BYTES_A_ROW = 250;
const FEWEST_ROWS = 100_000;

type Kind = 'transfer' | 'utxo';

/** A run of an import whose rows get numbers. */
interface Run {
  readonly batch: number;
  readonly kind: Kind;
  readonly chain: ChainId;
  readonly entries: number;
}

interface Write {
  readonly connection: DuckDBConnection;
  readonly key: string;
  readonly sliceRows: number;
  readonly progress: Progress;
}

/** In one transaction: every import of the chain that has no numbers yet, then the names of what was fetched. */
export function assignIds(engine: Engine, key: string, chain: ChainId, progress: Progress): Promise<IdCounts> {
  return engine.write(async (connection) => {
    const write = writeOf(engine, connection, key, progress);
    const before = await counts(connection, chain);
    const numbered = await numberRuns(write, await unnumberedRuns(connection, chain));
    await nameFetched(connection, chain);
    const after = await counts(connection, chain);
    return { addresses: after.addresses - before.addresses, assets: after.assets - before.assets, numbered };
  });
}

/** The numbers of one import, in the transaction that stores it. */
export async function numberBatch(
  engine: Engine,
  connection: DuckDBConnection,
  key: string,
  batch: { readonly id: number; readonly chain: ChainId },
  progress: Progress,
): Promise<void> {
  const runs = await unnumberedRuns(connection, batch.chain);
  const own = runs.filter((run) => run.batch === batch.id);
  await numberRuns(writeOf(engine, connection, key, progress), own);
}

function writeOf(engine: Engine, connection: DuckDBConnection, key: string, progress: Progress): Write {
  const sliceRows = Math.max(FEWEST_ROWS, Math.floor((engine.memoryLimitMb * 1e6) / BYTES_A_ROW));
  return { connection, key, sliceRows, progress };
}

async function counts(connection: DuckDBConnection, chain: ChainId): Promise<Omit<IdCounts, 'numbered'>> {
  const assets = await connection.runAndReadAll('SELECT count(*)::DOUBLE FROM numbered_asset WHERE chain = $1', [
    chain,
  ]);
  return { addresses: await addressCount(connection, chain), assets: Number(assets.getRows()[0]?.[0]) };
}

/** In order of batch. */
async function unnumberedRuns(connection: DuckDBConnection, chain: ChainId): Promise<Run[]> {
  const result = await connection.runAndReadAll(
    `SELECT batch, kind, entries::DOUBLE FROM run ANTI JOIN numbered_run USING (batch, kind)
     WHERE chain = $1 AND batch NOT IN (SELECT id FROM batch WHERE content_id = $2) ORDER BY batch, kind`,
    [chain, liveContentId(chain)],
  );
  return result
    .getRows()
    .map(([batch, kind, entries]) => ({ batch: Number(batch), kind: kind as Kind, chain, entries: Number(entries) }));
}

async function numberRuns(write: Write, runs: readonly Run[]): Promise<number> {
  const rows = runs.reduce((sum, run) => sum + run.entries, 0);
  let numbered = 0;
  let done = 0;
  for (const run of runs) {
    const report = (part: number): void =>
      write.progress.report('numbering', done + Math.round(part * run.entries), rows);
    numbered += await (run.kind === 'transfer' ? numberTransfers : numberUtxo)(write, run, report);
    done += run.entries;
  }
  await dropNamed(write.connection);
  return numbered;
}

type Report = (part: number) => void;

/** What fills one table with the rows of one run. SQL of our own numbers and names only; $1 is the prefix of the chain's names. */
interface Filling {
  readonly table: 'numbered' | 'numbered_end';
  /** Rows that the run gives. */
  readonly expected: number;
  /** Conditions on its rows that cut it into parts. */
  readonly slices: readonly string[];
  readonly ends: (slice: string) => string;
  readonly rows: (slice: string, by: MatchBy) => string;
}

/**
 * Fills slice by slice. Joined by hash a row of a name that shares its hash with another one comes twice, which shows in the count: then
 * all is done again by text.
 */
async function fill(write: Write, run: Run, filling: Filling, report: Report): Promise<number> {
  const { connection, key } = write;
  const prefix = chainPrefix(key, run.chain);
  for (const by of ['print', 'text'] as const) {
    let known = await addressCount(connection, run.chain);
    let rows = 0;
    for (const [index, where] of filling.slices.entries()) {
      known = await nameEnds(connection, run.chain, known, filling.ends(where), by);
      rows += (await connection.run(`INSERT INTO ${filling.table} ${filling.rows(where, by)}`, [prefix])).rowsChanged;
      report((index + 1) / filling.slices.length);
    }
    if (rows === filling.expected) return rows;
    await connection.run(`DELETE FROM ${filling.table} WHERE batch = ${run.batch}`);
  }
  assert(false, 'every movement of a run has one row of numbers');
}

/**
 * The rows of a run that meet a condition in parts of some rows, cut at borders of a column by which they lie, in order. None is empty: what
 * an ordered insert of no rows does stands at insertSome.
 */
async function slicesOf(
  { connection, sliceRows }: Write,
  run: Run,
  rows: { readonly table: 'transfer' | 'utxo_end'; readonly column: 'time' | 'block'; readonly where: string },
): Promise<string[]> {
  const { table, column } = rows;
  const own = `batch = ${run.batch} AND ${rows.where}`;
  const borders = await connection.runAndReadAll(
    `SELECT DISTINCT ${column} FROM ${table} WHERE batch = ${run.batch} AND rowid % ${sliceRows} = 0 ORDER BY ${column}`,
  );
  const values = borders.getRows().map(([border]) => border as bigint);
  const slices: string[] = [];
  for (const [index, border] of [...values, null].entries()) {
    const from = index === 0 ? '' : ` AND ${column} >= ${values[index - 1]}`;
    const slice = `${own}${from}${border === null ? '' : ` AND ${column} < ${border}`}`;
    const first = await connection.runAndReadAll(`SELECT 1 FROM ${table} WHERE ${slice} LIMIT 1`);
    if (first.currentRowCount > 0) slices.push(slice);
  }
  return slices;
}

async function numberTransfers(write: Write, run: Run, report: Report): Promise<number> {
  const { connection } = write;
  const where = 'amount IS DISTINCT FROM 0';
  const expected = await nameAssets(
    connection,
    run.chain,
    `SELECT asset, rowid AS place FROM transfer WHERE batch = ${run.batch} AND ${where}`,
  );
  const rows = await fill(
    write,
    run,
    {
      table: 'numbered',
      expected,
      slices: await slicesOf(write, run, { table: 'transfer', column: 'time', where }),
      ends: transferEnds,
      rows: (slice, by) => transferRows(run, slice, by),
    },
    report,
  );
  await connection.run(
    `INSERT INTO numbered_run SELECT ${run.batch}, 'transfer', count(*), count(large), false, NULL, NULL FROM numbered WHERE batch = ${run.batch}`,
  );
  return rows;
}

function transferEnds(where: string): string {
  return `SELECT sender AS text, 2 * rowid AS place FROM transfer WHERE ${where} AND sender IS NOT NULL
    UNION ALL SELECT receiver, 2 * rowid + 1 FROM transfer WHERE ${where} AND receiver IS NOT NULL AND kind NOT IN ${FEES}`;
}

/** The columns of `numbered` after `batch`, of rows `t` joined with `f`, `r` and `a`; `missing` stands for a name without a number. */
export function numberedColumns(prefix: string, missing: string): string {
  const found = (alias: string): string => (missing === 'NULL' ? `${alias}.id` : `coalesce(${alias}.id, ${missing})`);
  const amount = `coalesce(t.amount, ${LARGEST})`;
  return `t.time, t.block, t.tx_index, t.leg, CASE WHEN t.sender IS NULL THEN ${NONE} ELSE ${found('f')} END AS sender,
    CASE WHEN t.kind IN ${FEES} THEN ${FEE} WHEN t.receiver IS NULL THEN ${NONE} ELSE ${found('r')} END AS receiver, ${found('a')} AS asset,
    (${amount} & 18446744073709551615::UHUGEINT)::UBIGINT AS low, (${amount} >> 64)::UBIGINT AS high,
    CASE WHEN t.tx IS NULL THEN 0::UBIGINT ELSE ${ownerPrint(prefix, 't.tx')} END AS tx,
    CASE WHEN t.amount IS NULL THEN t.amount_big WHEN t.amount = ${LARGEST} THEN t.amount::VARCHAR END AS large`;
}

/** A join keeps no order, so that of the run is made again. */
function transferRows({ batch }: Run, where: string, by: MatchBy): string {
  return `SELECT ${batch}, ${numberedColumns('$1', 'NULL')}
    FROM (SELECT *, rowid AS place FROM transfer WHERE ${where}) AS t
    LEFT JOIN ${NAMED} AS f ON ${named('t.sender', 'f', by)} LEFT JOIN ${NAMED} AS r ON ${named('t.receiver', 'r', by)}
    LEFT JOIN ${NAMED_ASSETS} AS a ON a.asset = t.asset ORDER BY t.place`;
}

/** Ends that have a row: a coinbase input spends no outpoint. */
export const SHOWN_END = '(side = 1 OR other_tx IS NOT NULL)';

/** The columns of `numbered_end` after `batch`, of ends `e` whose owner's number is `owner`. */
export function endColumns(prefix: string, owner: string): string {
  const spent = 'CASE WHEN e.side = 0 THEN e.other_tx ELSE e.tx END';
  const index = 'CASE WHEN e.side = 0 THEN e.other_index ELSE e.position END';
  return `e.time, e.block, e.tx_index, (1 - e.side)::UTINYINT AS spends, ${owner} AS owner, e.value,
    ${outpointPrint(prefix, `(${spent})`, `(${index})`)} AS outpoint, ${ownerPrint(prefix, 'e.tx')} AS tx`;
}

async function numberUtxo(write: Write, run: Run, report: Report): Promise<number> {
  const { connection } = write;
  const facts = await connection.runAndReadAll(
    `SELECT sum(rows) = sum(rows) FILTER (block IS NOT NULL), min(block), max(block), bool_and(first = last)
     FROM (SELECT block, count(*) AS rows, min(time) AS first, max(time) AS last FROM utxo_tx WHERE batch = ${run.batch} GROUP BY block)`,
  );
  const [all, first, last, oneTime] = facts.getRows()[0]!;
  const byBlock = all === true;
  const shown = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE FROM utxo_end WHERE batch = ${run.batch} AND ${SHOWN_END}`,
  );
  // Inside a block of one time the run lies in the order that is wanted.
  const order = !byBlock ? 'e.place' : oneTime === true ? 'e.block, e.place' : 'e.block, e.tx_index, e.tx, e.place';
  const place = byBlock ? '(block::HUGEINT << 64) + rowid' : 'rowid';
  const rows = await fill(
    write,
    run,
    {
      table: 'numbered_end',
      expected: Number(shown.getRows()[0]?.[0]),
      slices: await slicesOf(write, run, { table: 'utxo_end', column: byBlock ? 'block' : 'time', where: SHOWN_END }),
      ends: (slice) => `SELECT address AS text, ${place} AS place FROM utxo_end WHERE ${slice}`,
      rows: (slice, by) =>
        `SELECT ${run.batch}, ${endColumns('$1', 'a.id')} FROM (SELECT *, rowid AS place FROM utxo_end WHERE ${slice}) AS e
         LEFT JOIN ${NAMED} AS a ON ${named('e.address', 'a', by)} ORDER BY ${order}`,
    },
    report,
  );
  await connection.run(`INSERT INTO numbered_run VALUES (${run.batch}, 'utxo', ${rows}, 0, $1, $2, $3)`, [
    byBlock,
    first!,
    last!,
  ]);
  return rows;
}

/** Ids for the names of what was fetched; its rows are numbered as they are read. */
async function nameFetched(connection: DuckDBConnection, chain: ChainId): Promise<void> {
  const result = await connection.runAndReadAll('SELECT id FROM batch WHERE content_id = $1', [liveContentId(chain)]);
  const live = result.getRows()[0]?.[0];
  if (live === undefined) return;
  const moved = `(SELECT *, row_number() OVER (ORDER BY time, block, tx_index, leg, rowid) AS turn
    FROM transfer WHERE batch = ${Number(live)} AND amount IS DISTINCT FROM 0)`;
  await nameAssets(connection, chain, `SELECT asset, turn AS place FROM ${moved}`);
  let known = await addressCount(connection, chain);
  known = await nameEnds(
    connection,
    chain,
    known,
    `SELECT sender AS text, 2 * turn AS place FROM ${moved} WHERE sender IS NOT NULL
     UNION ALL SELECT receiver, 2 * turn + 1 FROM ${moved} WHERE receiver IS NOT NULL AND kind NOT IN ${FEES}`,
  );
  await nameEnds(
    connection,
    chain,
    known,
    `SELECT address AS text, row_number() OVER (ORDER BY block, time, tx_index, tx, side, position) AS place
     FROM utxo_end WHERE batch = ${Number(live)} AND ${SHOWN_END}`,
  );
  await dropNamed(connection);
}
