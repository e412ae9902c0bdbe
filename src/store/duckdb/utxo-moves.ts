import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { UnixSeconds } from '../../base/time.ts';
import type { ChainId } from '../../model/chain.ts';
import type { UtxoMove } from '../port.ts';

/**
 * Every name of a stretch of time that is read is looked at, and a hit costs the rows around it; what lies outside is passed by whole. So the
 * newest stretch is read first, this part of all time, and as much more as the moves in it let expect that is needed, at least so many times
 * as much. An address that moved seldom costs one look at every name either way. Among 8 million ends, processor time: 2,001 of 7,000 moves
 * 80 ms, in one stretch 350 ms; 6 moves 110 ms.
 */
const FIRST_PART = 64;
const AT_LEAST_TIMES = 4;
const MARGIN = 1.25;
const EVER = Number.MAX_SAFE_INTEGER;

/** A row is one end; what it came from tells apart transactions that share an id (coinbases before BIP 30). */
const TRANSACTION = ['time', 'block', 'tx_index', 'tx', 'batch', 'file', 'row'];
const NEWEST = TRANSACTION.map((column) => `${column} DESC${column === 'block' ? ' NULLS FIRST' : ''}`).join(', ');

/** A coinbase input has no outpoint; its index is looked at, for text costs more. */
const MOVES = `SELECT tx, time::DOUBLE, block, tx_index, ${sums(0)}, ${sums(1)} FROM utxo_end
  WHERE chain = $1 AND address = $2 AND time > $3 AND time <= $4 AND (side = 1 OR other_index IS NOT NULL)
  GROUP BY ${TRANSACTION.join(', ')} ORDER BY ${NEWEST} LIMIT $5`;

function sums(side: 0 | 1): string {
  return `(count(*) FILTER (side = ${side}))::DOUBLE, coalesce(sum(value) FILTER (side = ${side}), 0)`;
}

/** The newest `limit` transactions that spend or create outputs of an address, oldest of them first. */
export async function readMovesOf(
  connection: DuckDBConnection,
  chain: ChainId,
  address: string,
  limit: number,
): Promise<readonly UtxoMove[]> {
  // One snapshot for all stretches.
  await connection.run('BEGIN');
  const { first, last } = await timesOf(connection, chain);
  const newest: UtxoMove[] = [];
  let until = EVER;
  let after = last - Math.floor((last - first) / FIRST_PART) - 1;
  while (newest.length < limit) {
    const left = BigInt(limit - newest.length);
    const result = await connection.runAndReadAll(MOVES, [chain, address, BigInt(after), BigInt(until), left]);
    newest.push(...result.getRows().map(moveOf));
    if (after === -EVER) break;
    const expected = newest.length === 0 ? EVER : ((last - after) * limit * MARGIN) / newest.length;
    const back = last - Math.ceil(Math.max(expected, (last - after) * AT_LEAST_TIMES));
    [until, after] = [after, back < first ? -EVER : back];
  }
  return newest.reverse();
}

/** What says where stretches begin and end, and no more: they cover all time, whatever it says. */
async function timesOf(
  connection: DuckDBConnection,
  chain: ChainId,
): Promise<{ readonly first: UnixSeconds; readonly last: UnixSeconds }> {
  const result = await connection.runAndReadAll(
    `SELECT coalesce(min(first_time), 0)::DOUBLE, coalesce(max(last_time), 0)::DOUBLE FROM run WHERE kind = 'utxo' AND chain = $1`,
    [chain],
  );
  const [first, last] = result.getRows()[0]!;
  return { first: first as number, last: last as number };
}

function moveOf([tx, time, block, txIndex, inputs, spent, outputs, received]: DuckDBValue[]): UtxoMove {
  return {
    tx: tx as string,
    time: time as number,
    block: block as bigint | null,
    txIndex: txIndex as number,
    inputs: inputs as number,
    spent: spent as bigint,
    outputs: outputs as number,
    received: received as bigint,
  };
}
