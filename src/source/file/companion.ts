import type { DuckDBConnection } from '@duckdb/node-api';
import { requireChain } from '../../model/chain.ts';
import type { BlockTimes } from './feed.ts';
import type { Field, Plan } from './layout.ts';
import { plainField } from './plain.ts';
import { COMPANIONS } from './preset.ts';
import type { RefusedRows } from './refused.ts';
import type { Staging } from './stage.ts';
import { hasColumns, requireColumns, resolveColumns, type Table } from './table.ts';

/** Blocks asked of the store at a time. */
const ASK_BLOCKS = 10_000;
const NEVER = 2 ** 40;

/** TEMP tables of what files beside the rows say: times and base fees of blocks, indices of transactions. */
export async function createKnown(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE TEMP TABLE staged_known_time (block BIGINT, time BIGINT, base_fee BIGINT)');
  await connection.run('CREATE TEMP TABLE staged_known_index (tx VARCHAR, tx_index BIGINT)');
}

/** Reads a file of another layout of the family. True where it names base fees. Throws E_COLUMN_MISSING where it fits none. */
export async function addCompanion(connection: DuckDBConnection, table: Table, plan: Plan): Promise<boolean> {
  const companion = COMPANIONS.find(({ fields }) => hasColumns(table, fields));
  if (companion === undefined) {
    requireColumns(table, plan.fields, plan.name);
    return false;
  }
  const read = readFields(table, companion.fields, plan);
  const plain = companion.fields.map((field) => read(field.name).plain).join(' AND ');
  const select = (...values: string[]): string =>
    `SELECT DISTINCT ${values.join(', ')} FROM ${table.from} WHERE ${plain}`;
  if (companion.kind === 'blocks') {
    await connection.run(
      `INSERT INTO staged_known_time ${select(read('block').value, read('time').value, read('price').value)}`,
    );
    return companion.fields.some(
      (field, i) => field.name === 'price' && resolveColumns(table, companion.fields)[i] !== null,
    );
  }
  await connection.run(`INSERT INTO staged_known_index ${select(read('tx').value, read('txIndex').value)}`);
  await connection.run(
    `INSERT INTO staged_known_time ${select(read('block').value, read('time').value, 'NULL')} AND ${read('time').value} IS NOT NULL`,
  );
  return false;
}

function readFields(table: Table, fields: readonly Field[], plan: Plan) {
  const found = resolveColumns(table, fields);
  const read = new Map(fields.map((field, i) => [field.name, plainField(field, found[i] ?? null, plan, NEVER)]));
  return (name: Field['name']) => read.get(name)!;
}

/**
 * Rows without a time take that of their block: from a file beside them, or from what was imported before. Those whose block
 * nobody knows are refused. Returns the SELECT of the rows with times.
 */
export async function fillTimes(
  connection: DuckDBConnection,
  plan: Plan,
  staging: Staging,
  refused: RefusedRows,
  blockTimes: BlockTimes | null,
): Promise<string> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_known_time AS
     SELECT block, max(time) AS time, max(base_fee) AS base_fee FROM staged_known_time GROUP BY block`,
  );
  await connection.run(
    'CREATE OR REPLACE TEMP TABLE staged_known_index AS SELECT tx, max(tx_index) AS tx_index FROM staged_known_index GROUP BY tx',
  );
  const fixed = await connection.runAndReadAll(
    `SELECT 1 FROM staged_fixed WHERE ${staging.has('time') ? 'time IS NULL' : 'true'} LIMIT 1`,
  );
  if (fixed.currentRowCount === 0 && !staging.files.some((file) => file.untimed))
    return 'SELECT * FROM staged_accepted';
  const missing = await connection.runAndReadAll(
    'SELECT DISTINCT block FROM staged_accepted ANTI JOIN staged_known_time USING (block) WHERE time IS NULL AND block IS NOT NULL ORDER BY block',
  );
  const blocks = missing.getRows().map(([block]) => block as bigint);
  if (blockTimes !== null) await askTimes(connection, plan, blocks, blockTimes);
  await refuseUntimed(connection, staging, refused);
  return `SELECT a.* REPLACE (coalesce(a.time, k.time) AS time) FROM staged_accepted AS a
    LEFT JOIN staged_known_time AS k ON k.block = a.block WHERE coalesce(a.time, k.time) IS NOT NULL`;
}

async function askTimes(
  connection: DuckDBConnection,
  plan: Plan,
  blocks: readonly bigint[],
  blockTimes: BlockTimes,
): Promise<void> {
  const chain = requireChain(plan.chain);
  for (let from = 0; from < blocks.length; from += ASK_BLOCKS) {
    const times = await blockTimes(chain.id, blocks.slice(from, from + ASK_BLOCKS));
    const appender = await connection.createAppender('staged_known_time', 'main', 'temp');
    for (const [block, time] of times) {
      appender.appendBigInt(block);
      appender.appendBigInt(BigInt(time));
      appender.appendNull();
      appender.endRow();
    }
    appender.closeSync();
  }
}

async function refuseUntimed(connection: DuckDBConnection, staging: Staging, refused: RefusedRows): Promise<void> {
  const result = await connection.stream(
    `SELECT file, row, block FROM staged_accepted ANTI JOIN staged_known_time USING (block) WHERE time IS NULL ORDER BY file, row`,
  );
  for await (const rows of result.yieldRowsJs()) {
    for (const [file, row, block] of rows) {
      const { table, names } = staging.files[Number(file)]!;
      const line = Number(row) + (table.malformed === null ? 0 : 1);
      const field = names.get('time') ?? 'time';
      refused.add({
        file: table.digest.path,
        row: Number(row),
        line,
        reason: 'no-block-time',
        field,
        value: `block ${String(block)}`,
      });
    }
  }
}
