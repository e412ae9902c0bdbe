import type { UnixSeconds } from '../../base/time.ts';
import type { ChainId } from '../../model/chain.ts';
import { tempTable } from './appender.ts';
import type { Engine } from './engine.ts';

/** Times of blocks that a source named, or that a stored movement stands in, or that are kept of a living chain. */
export function readBlockTimes(
  engine: Engine,
  chain: ChainId,
  blocks: readonly bigint[],
): Promise<ReadonlyMap<bigint, UnixSeconds>> {
  if (blocks.length === 0) return Promise.resolve(new Map());
  return engine.read(async (connection) => {
    await tempTable(
      connection,
      engine.api,
      'wanted',
      'block BIGINT',
      Array.from(new Set(blocks), (block) => [block] as const),
    );
    const from = (table: string): string =>
      `SELECT block, time FROM ${table} WHERE chain = $1 AND block IN (SELECT block FROM wanted)`;
    const result = await connection.runAndReadAll(
      `SELECT block, min(time)::DOUBLE FROM (${from('block_time')} UNION ALL ${from('transfer')} UNION ALL ${from('utxo_tx')}
         UNION ALL ${from('(SELECT chain, number AS block, time FROM kept_block)')})
       GROUP BY block ORDER BY block`,
      [chain],
    );
    return new Map(result.getRows().map(([block, time]) => [block as bigint, Number(time)] as const));
  });
}
