import type { DuckDBConnection } from '@duckdb/node-api';
import type { Progress } from '../../base/progress.ts';
import { inferOrder, type Movement } from './infer.ts';
import type { Plan } from './layout.ts';

/**
 * Infers the order inside each block (inside each second where there is no block) and leaves in TEMP table staged_rank the legs
 * that differ from the row's number: a block's row numbers are dealt out anew among its rows.
 */
export async function inferLegs(connection: DuckDBConnection, plan: Plan, progress: Progress): Promise<void> {
  await connection.run('CREATE TEMP TABLE staged_rank (ordinal BIGINT, leg BIGINT)');
  const column = plan.asset.kind === 'column' ? 'asset' : `''`;
  // Only groups in which something could be out of order are looked at.
  await connection.run(
    `CREATE TEMP TABLE staged_group AS SELECT coalesce(block, -time) AS moment, ordinal, sender, receiver, coalesce(${column}, '') AS asset
     FROM staged_clean QUALIFY count(*) OVER (PARTITION BY moment) > 1 ORDER BY moment, ordinal`,
  );
  const moved: [ordinal: number, leg: number][] = [];
  let group: (Movement & { ordinal: number })[] = [];
  let current: unknown = null;
  let done = 0;
  const close = (): void => {
    inferOrder(group).forEach((from, to) => {
      const taken = group[from]!.ordinal;
      const leg = group[to]!.ordinal;
      if (taken !== leg) moved.push([taken, leg]);
    });
    group = [];
  };
  const result = await connection.stream(
    'SELECT moment, ordinal, sender, receiver, asset FROM staged_group ORDER BY moment, ordinal',
  );
  for await (const rows of result.yieldRowsJs()) {
    for (const [moment, ordinal, from, to, asset] of rows) {
      if (moment !== current) close();
      current = moment;
      group.push({
        ordinal: Number(ordinal),
        from: from as string | null,
        to: to as string | null,
        asset: String(asset),
      });
    }
    done += rows.length;
    progress.report('infer order', done, 0);
  }
  close();
  const appender = await connection.createAppender('staged_rank', 'main', 'temp');
  for (const [ordinal, leg] of moved) {
    appender.appendBigInt(BigInt(ordinal));
    appender.appendBigInt(BigInt(leg));
    appender.endRow();
  }
  appender.closeSync();
  await connection.run('DROP TABLE staged_group');
}
