import type { DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import type { ChainId } from '../../model/chain.ts';

/** Ids above are kept for what has no name (none, a fee, one that was not found). */
const MOST_NAMES = 0xffff_fff0;

/** How rows find the number of a name: by a hash of it, which is half the work, where no two names of a slice share one. */
export type MatchBy = 'print' | 'text';

const HELD = '(SELECT id, text FROM address WHERE chain = $1)';

/** What `nameEnds` leaves on the connection: a view of (print, id), or (text, id), of every name given. */
export const NAMED = 'staged_named';

export async function addressCount(connection: DuckDBConnection, chain: ChainId): Promise<number> {
  const result = await connection.runAndReadAll('SELECT count(*)::DOUBLE FROM address WHERE chain = $1', [chain]);
  return Number(result.getRows()[0]?.[0]);
}

/**
 * Gives ids to the names among `ends` that have none, by their first place, from `known` on, and leaves the numbers of all of them in NAMED.
 * `ends` selects (text, place); no text is null. Gives how many ids the chain has now.
 *
 * Names go through a table of the distinct ones of a slice: 100 million names at once need more memory than there is, and a join with all
 * addresses would need them all in memory for every slice, while so they are only read past.
 */
export async function nameEnds(
  connection: DuckDBConnection,
  chain: ChainId,
  known: number,
  ends: string,
  by: MatchBy = 'print',
): Promise<number> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_name AS SELECT text, min(place) AS place FROM (${ends}) GROUP BY text`,
  );
  const text = by === 'text' ? 'n.text' : 'CASE WHEN a.id IS NULL THEN n.text END';
  const held = known === 0 ? '(SELECT NULL::UINTEGER AS id, NULL::VARCHAR AS text WHERE false)' : HELD;
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_known AS SELECT ${text} AS text, n.place, hash(n.text) AS print, a.id
     FROM staged_name AS n LEFT JOIN ${held} AS a ON a.text = n.text`,
    known === 0 ? [] : [chain],
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_fresh AS SELECT (${known} + row_number() OVER (ORDER BY place) - 1)::UINTEGER AS id, print, text
     FROM staged_known WHERE id IS NULL`,
  );
  const added = await insertSome(connection, 'address', '$1, id, text FROM staged_fresh ORDER BY id', chain);
  assert(known + added <= MOST_NAMES, 'a chain has fewer than 2^32 addresses');
  await connection.run(
    `CREATE OR REPLACE TEMP VIEW ${NAMED} AS SELECT ${by}, id FROM staged_known WHERE id IS NOT NULL UNION ALL SELECT ${by}, id FROM staged_fresh`,
  );
  return known + added;
}

/** The condition that joins a column of names with NAMED. A null matches what it may: the caller asks for null first. */
export function named(column: string, alias: string, by: MatchBy): string {
  return by === 'text' ? `${column} = ${alias}.text` : `hash(${column}) = ${alias}.print`;
}

/** What `nameEnds` left is of no more use. */
export async function dropNamed(connection: DuckDBConnection): Promise<void> {
  await connection.run(`DROP VIEW IF EXISTS ${NAMED}`);
  for (const table of ['staged_name', 'staged_known', 'staged_fresh', 'staged_met', NAMED_ASSETS]) {
    await connection.run(`DROP TABLE IF EXISTS ${table}`);
  }
}

/**
 * Inserts what stands in staged_fresh, unless that is empty: in DuckDB 1.5 an ordered insert of no rows hides from every later read
 * what a large one adds to the same table in the same transaction, until the store is opened again.
 */
async function insertSome(
  connection: DuckDBConnection,
  table: 'address' | 'numbered_asset',
  selected: string,
  chain: ChainId,
): Promise<number> {
  const fresh = await connection.runAndReadAll('SELECT count(*)::DOUBLE FROM staged_fresh');
  const rows = Number(fresh.getRows()[0]?.[0]);
  if (rows > 0) await connection.run(`INSERT INTO ${table} SELECT ${selected}`, [chain]);
  return rows;
}

/** What `nameAssets` leaves on the connection: (id, asset) of every asset of the chain. */
export const NAMED_ASSETS = 'staged_asset';

/**
 * Gives ids to the assets that have none, in order of first appearance, and leaves all in NAMED_ASSETS. `rows` selects (asset, place). Gives
 * how many rows there are.
 */
export async function nameAssets(connection: DuckDBConnection, chain: ChainId, rows: string): Promise<number> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_met AS SELECT asset, min(place) AS place, count(*) AS rows FROM (${rows}) GROUP BY asset`,
  );
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE staged_fresh AS SELECT
       ((SELECT count(*) FROM numbered_asset WHERE chain = $1) + row_number() OVER (ORDER BY place) - 1)::UINTEGER AS id, asset
     FROM staged_met WHERE asset NOT IN (SELECT asset FROM numbered_asset WHERE chain = $1)`,
    [chain],
  );
  await insertSome(connection, 'numbered_asset', '$1, id, asset FROM staged_fresh ORDER BY id', chain);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE ${NAMED_ASSETS} AS SELECT id, asset FROM numbered_asset WHERE chain = $1`,
    [chain],
  );
  const counted = await connection.runAndReadAll('SELECT coalesce(sum(rows), 0)::DOUBLE FROM staged_met');
  return Number(counted.getRows()[0]?.[0]);
}
