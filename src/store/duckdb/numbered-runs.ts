import type { DuckDBConnection } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { ChainId } from '../../model/chain.ts';
import { isLive } from '../fetched.ts';

/** A run of an import, numbered, or of what was fetched. Blocks are -1 where not all rows of an import name one. */
export interface NumberedRun {
  readonly batch: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** Rows whose amount stands in `large`. */
  readonly large: number;
  readonly byBlock: boolean;
  readonly firstBlock: number;
  readonly lastBlock: number;
}

export interface NumberedRuns {
  /** In order of batch. */
  readonly imports: readonly NumberedRun[];
  readonly live: NumberedRun | null;
}

/** Throws E_STORE_CORRUPT where an import has no numbers. */
export async function numberedRuns(
  connection: DuckDBConnection,
  chain: ChainId,
  kind: 'transfer' | 'utxo',
): Promise<NumberedRuns> {
  const result = await connection.runAndReadAll(
    `SELECT run.batch, run.first_time::DOUBLE, run.last_time::DOUBLE, n.large::DOUBLE, n.by_block, coalesce(n.first_block, -1)::DOUBLE,
       coalesce(n.last_block, -1)::DOUBLE, batch.content_id, n.batch IS NOT NULL
     FROM run JOIN batch ON batch.id = run.batch LEFT JOIN numbered_run AS n ON n.batch = run.batch AND n.kind = run.kind
     WHERE run.chain = $1 AND run.kind = $2 ORDER BY run.batch`,
    [chain, kind],
  );
  const imports: NumberedRun[] = [];
  let live: NumberedRun | null = null;
  for (const [batch, first, last, large, byBlock, firstBlock, lastBlock, contentId, numbered] of result.getRows()) {
    const isFetched = isLive({ contentId: String(contentId) });
    const run = {
      batch: Number(batch),
      firstTime: Number(first),
      lastTime: Number(last),
      large: Number(large),
      byBlock: isFetched || byBlock === true,
      firstBlock: Number(firstBlock),
      lastBlock: Number(lastBlock),
    };
    if (isFetched) live = run;
    else if (numbered === true) imports.push(run);
    else throw unnumbered(chain, { import: run.batch });
  }
  return { imports, live };
}

export function unnumbered(chain: ChainId, where: Readonly<Record<string, number>>): HaetaeError {
  return new HaetaeError('E_STORE_CORRUPT', 'names of stored movements have no numbers yet', {
    context: { chain, ...where },
    remedy: 'build the index anew (haetae index build), which numbers them first',
  });
}

/** Groups of runs, none of which shares a value of its span with another group, in order. */
export function disjoint(
  runs: readonly NumberedRun[],
  span: (run: NumberedRun) => readonly [first: number, last: number],
): NumberedRun[][] {
  const groups: NumberedRun[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const run of runs.toSorted((a, b) => span(a)[0] - span(b)[0])) {
    const [first, last] = span(run);
    const group = groups.at(-1);
    if (group !== undefined && first <= end) group.push(run);
    else groups.push([run]);
    end = Math.max(end, last);
  }
  return groups;
}
