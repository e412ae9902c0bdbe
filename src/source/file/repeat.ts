import type { DuckDBConnection } from '@duckdb/node-api';
import type { Plan } from './layout.ts';
import { STAGED_NAMES } from './shape.ts';

/** What one look at the rows in file order found. */
export interface RowOrder {
  readonly repeats: number;
  /** (time, block, transaction index) is known to grow from row to row; false where nobody looked. */
  readonly sorted: boolean;
}

/**
 * Counts rows that repeat an earlier row of the import in every field, and leaves them in TEMP table staged_repeat (file, row).
 * `key`: the columns that name a row's event; only rows that share it can be repeats, so most imports are done after one look.
 */
export async function findRepeats(connection: DuckDBConnection, plan: Plan, key: readonly string[]): Promise<RowOrder> {
  if (key.length === 0) return { repeats: 0, sorted: false };
  const { grows, sorted } = await growth(connection, key);
  if (grows) return { repeats: 0, sorted };
  const hashed = `hash(${key.join(', ')})`;
  await connection.run(
    `CREATE TEMP TABLE staged_alike AS SELECT ${hashed} AS print FROM staged_accepted GROUP BY print HAVING count(*) > 1`,
  );
  const content = [...plan.fields.map((field) => STAGED_NAMES[field.name]), 'amount_big', 'rounded'];
  await connection.run(
    `CREATE TEMP TABLE staged_repeat AS SELECT file, row FROM (
       SELECT file, row, row_number() OVER (PARTITION BY ${content.join(', ')} ORDER BY file, row) AS copy
       FROM staged_accepted SEMI JOIN staged_alike ON staged_alike.print = ${hashed}) WHERE copy > 1`,
  );
  const result = await connection.runAndReadAll('SELECT count(*) FROM staged_repeat');
  return { repeats: Number(result.getRows()[0]?.[0]), sorted: false };
}

/**
 * Two numbers that only grow from row to row cannot repeat; told in one pass without memory. The same pass sees whether time goes
 * with them: a pass over a CSV of its own would parse it once more.
 */
async function growth(
  connection: DuckDBConnection,
  key: readonly string[],
): Promise<{ grows: boolean; sorted: boolean }> {
  const [first, second] = key;
  if (key.length !== 2 || first !== 'block') return { grows: false, sorted: false };
  const result = await connection.runAndReadAll(
    `SELECT count(*) FILTER (NOT coalesce(block > block0 OR (block = block0 AND next > next0), block0 IS NULL)),
       count(*) FILTER (block IS NULL OR next IS NULL OR time IS NULL OR time < time0)
     FROM (SELECT *, lag(block) OVER () AS block0, lag(next) OVER () AS next0, lag(time) OVER () AS time0
       FROM (SELECT time, block, ${second} AS next FROM staged_accepted))`,
  );
  const [shrinks, unsorted] = (result.getRows()[0] ?? []).map(Number);
  return { grows: shrinks === 0, sorted: shrinks === 0 && unsorted === 0 && second === 'tx_index' };
}
