import type { DuckDBConnection } from '@duckdb/node-api';
import type { Plan } from './layout.ts';
import { STAGED_NAMES } from './shape.ts';

/**
 * Counts rows that repeat an earlier row of the import in every field, and leaves them in TEMP table staged_repeat (file, row).
 * `key`: the columns that name a row's event; only rows that share it can be repeats, so most imports are done after one look.
 */
export async function findRepeats(connection: DuckDBConnection, plan: Plan, key: readonly string[]): Promise<number> {
  if (key.length === 0 || (await growing(connection, key))) return 0;
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
  return Number(result.getRows()[0]?.[0]);
}

/** Two numbers that only grow from row to row cannot repeat; told in one pass without memory. */
async function growing(connection: DuckDBConnection, key: readonly string[]): Promise<boolean> {
  if (key.length !== 2 || key[0] !== 'block') return false;
  const result = await connection.runAndReadAll(
    `SELECT count(*) FILTER (NOT coalesce(block > block0 OR (block = block0 AND next > next0), block0 IS NULL))
     FROM (SELECT block, next, lag(block) OVER () AS block0, lag(next) OVER () AS next0
       FROM (SELECT block, ${key[1]} AS next FROM staged_accepted))`,
  );
  return Number(result.getRows()[0]?.[0]) === 0;
}
