import type { DuckDBConnection } from '@duckdb/node-api';
import type { EdgeQuery } from '../port.ts';

export interface Run {
  readonly batch: number;
  readonly chain: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The sorted runs of one kind in a time range, grouped so that no two groups share a second: a group of one is read as it lies,
 * a group of several is merged by a sort.
 */
export async function runGroups(
  connection: DuckDBConnection,
  kind: 'transfer' | 'utxo',
  query: EdgeQuery,
): Promise<readonly (readonly Run[])[]> {
  const result = await connection.runAndReadAll(
    `SELECT batch, chain, first_time::DOUBLE, last_time::DOUBLE FROM run
     WHERE kind = $1 AND last_time >= $2 AND ($3::BIGINT IS NULL OR first_time <= $3) ORDER BY first_time, batch`,
    [kind, BigInt(query.from), query.until === null ? null : BigInt(query.until)],
  );
  const groups: Run[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const [batch, chain, first, last] of result.getRows()) {
    const run = { batch: Number(batch), chain: String(chain), first: Number(first), last: Number(last) };
    const group = groups.at(-1);
    if (group !== undefined && run.first <= end) group.push(run);
    else groups.push([run]);
    end = Math.max(end, run.last);
  }
  return groups;
}
