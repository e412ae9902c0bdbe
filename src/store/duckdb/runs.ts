import type { DuckDBConnection } from '@duckdb/node-api';
import { isLive } from '../fetched.ts';
import type { EdgeQuery } from '../port.ts';

export interface Run {
  readonly batch: number;
  readonly chain: string;
  readonly first: number;
  readonly last: number;
}

/** What holds rows of one kind in a time range. */
export interface Runs {
  /**
   * The sorted runs of imports, grouped so that no two groups share a second: a group of one is read as it lies, a group of several
   * is merged by a sort.
   */
  readonly groups: readonly (readonly Run[])[];
  /** The rows of living chains lie in the order they were fetched in. */
  readonly live: readonly Run[];
}

export async function runsOf(connection: DuckDBConnection, kind: 'transfer' | 'utxo', query: EdgeQuery): Promise<Runs> {
  const result = await connection.runAndReadAll(
    `SELECT run.batch, run.chain, run.first_time::DOUBLE, run.last_time::DOUBLE, batch.content_id
     FROM run LEFT JOIN batch ON batch.id = run.batch
     WHERE kind = $1 AND run.last_time >= $2 AND ($3::BIGINT IS NULL OR run.first_time <= $3) ORDER BY run.first_time, run.batch`,
    [kind, BigInt(query.from), query.until === null ? null : BigInt(query.until)],
  );
  const groups: Run[][] = [];
  const live: Run[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const [batch, chain, first, last, contentId] of result.getRows()) {
    const run = { batch: Number(batch), chain: String(chain), first: Number(first), last: Number(last) };
    if (isLive({ contentId: String(contentId) })) {
      live.push(run);
      continue;
    }
    const group = groups.at(-1);
    if (group !== undefined && run.first <= end) group.push(run);
    else groups.push([run]);
    end = Math.max(end, run.last);
  }
  return { groups, live };
}
