import type { z } from 'zod';
import { HaetaeError } from '../../base/errors.ts';
import type { Activity, BlockRef } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault } from '../net/fault.ts';
import type { TronApi } from './ask.ts';
import { lie } from './fault.ts';
import { type InfoAnswer, maybeInfoSchema, pageSchema } from './schema.ts';

/** Rows a page, the most TronGrid gives. */
const PAGE = 200;
/** Pages of one list: an address with more rows than these in its first `limit` blocks is a service. */
const MAX_PAGES = 200;
const GAPS = [
  'TronGrid’s lists of an account, which nothing proves whole; moves inside contracts as far as it lists them',
];

interface Row {
  readonly timeMs: bigint;
  readonly block: bigint | null;
  readonly tx: string;
}

interface Listed {
  readonly rows: readonly Row[];
  readonly cut: boolean;
}

/**
 * The blocks in which TronGrid's lists name an address, between two blocks. null where the endpoint has no such lists (a plain node).
 * Throws E_SOURCE_LIES where a row's block is not one of its time.
 */
export async function listActivity(
  api: TronApi,
  endpoint: Endpoint,
  address: string,
  range: { readonly from: BlockRef; readonly to: BlockRef },
  limit: number,
): Promise<Activity | null> {
  let lists: readonly Listed[];
  try {
    lists = [
      await listRows(api, endpoint, `accounts/${address}/transactions`, range, limit),
      await listRows(api, endpoint, `accounts/${address}/transactions/trc20`, range, limit),
    ];
  } catch (error) {
    if (isFault(error, 'E_NOT_FOUND') || (isFault(error, 'E_SOURCE_ANSWER') && error.context.status === 405))
      return null;
    throw error;
  }
  const times = merge(lists);
  const whole = lists.every(({ cut }) => !cut) && times.length <= limit;
  const blocks = await blocksOfRows(api, endpoint, times.slice(0, limit));
  const outside = blocks.find((block) => block < range.from.number || block > range.to.number);
  if (outside !== undefined)
    throw lie(endpoint, 'a listed transaction is in a block of another time', outside, 'blockNumber');
  return { blocks: [...new Set(blocks)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), truncated: !whole, gaps: GAPS };
}

/** Rows in order of time, until more than `limit` times are seen or the list ends. */
async function listRows(
  api: TronApi,
  endpoint: Endpoint,
  path: string,
  { from, to }: { readonly from: BlockRef; readonly to: BlockRef },
  limit: number,
): Promise<Listed> {
  const rows: Row[] = [];
  const times = new Set<bigint>();
  const marks = new Set<string>();
  let mark: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer: z.output<typeof pageSchema> = await api.index(path, pageQuery(from, to, mark), pageSchema);
    for (const row of answer.data) {
      const tx = row.txID ?? row.transaction_id ?? row.tx_id;
      if (tx === undefined) throw badAnswer(endpoint, 'a listed transaction has no id');
      rows.push({ timeMs: row.block_timestamp, block: row.blockNumber ?? null, tx });
      times.add(row.block_timestamp);
    }
    mark = answer.meta.fingerprint ?? null;
    if (mark === null || answer.data.length === 0) return { rows, cut: false };
    if (times.size > limit) return { rows, cut: true };
    if (marks.has(mark)) throw badAnswer(endpoint, 'a list of the endpoint goes round in circles');
    marks.add(mark);
  }
  return { rows, cut: true };
}

function pageQuery(from: BlockRef, to: BlockRef, mark: string | null): Readonly<Record<string, string>> {
  return {
    limit: String(PAGE),
    order_by: 'block_timestamp,asc',
    // Block times are whole seconds, but nothing promises it.
    min_timestamp: String(from.time * 1000),
    max_timestamp: String(to.time * 1000 + 999),
    ...(mark === null ? {} : { fingerprint: mark }),
  };
}

/**
 * One row a time, in order; a block has a time of its own. Where a list was cut, what the other says of later times is left out: the
 * answer is then the first blocks of both, with none missing between.
 */
function merge(lists: readonly Listed[]): readonly Row[] {
  const byTime = new Map<bigint, Row>();
  for (const row of lists.flatMap(({ rows }) => rows)) {
    if (byTime.get(row.timeMs)?.block == null) byTime.set(row.timeMs, row);
  }
  const ends = lists.flatMap(({ rows, cut }) => (cut ? [rows.at(-1)?.timeMs ?? 0n] : []));
  return [...byTime.values()]
    .filter(({ timeMs }) => ends.every((end) => timeMs < end))
    .sort((a, b) => (a.timeMs < b.timeMs ? -1 : 1));
}

/** Rows looked up at once; how many are asked at a time the endpoint's limits say. */
const LOOKED_UP = 16;

async function blocksOfRows(api: TronApi, endpoint: Endpoint, rows: readonly Row[]): Promise<readonly bigint[]> {
  const blocks: bigint[] = [];
  for (let at = 0; at < rows.length; at += LOOKED_UP) {
    const few = rows.slice(at, at + LOOKED_UP);
    blocks.push(...(await Promise.all(few.map((row) => blockOfRow(api, endpoint, row)))));
  }
  return blocks;
}

/** TRC-20 rows name no block. */
async function blockOfRow(api: TronApi, endpoint: Endpoint, row: Row): Promise<bigint> {
  if (row.block !== null) return row.block;
  const info = await findInfo(api, row.tx);
  if (info === null) {
    throw new HaetaeError('E_SOURCE_BEHIND', 'a listed transaction is not yet known to the node', {
      context: { endpoint: endpoint.name, tx: row.tx },
      remedy: 'wait until it has caught up, or name a second endpoint of the same chain',
      retry: true,
    });
  }
  if (info.id !== row.tx || info.blockTimeStamp !== row.timeMs) {
    throw lie(
      endpoint,
      'a listed transaction is in a block of another time',
      info.blockNumber,
      'block_timestamp',
      row.tx,
    );
  }
  return info.blockNumber;
}

/** The record of a transaction; null where the node knows none in a block. */
export function findInfo(api: TronApi, tx: string): Promise<InfoAnswer | null> {
  return api.wallet('gettransactioninfobyid', { value: tx }, maybeInfoSchema);
}
