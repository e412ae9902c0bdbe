import type { Activity } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault } from '../net/fault.ts';
import { BlockSet, TooMany } from './block-set.ts';
import { readQuantity, toQuantity, word } from './hex.ts';
import type { Rpc } from './rpc.ts';
import { isMethodMissing, isTooWide } from './rpc-fault.ts';
import { stateChanges } from './state-changes.ts';

/** Up to so many blocks a scan is whole, simple and hardly slower: then the caller reads every block. */
export const SCAN_BLOCKS = 2000n;
/** Blocks of one question to begin with; halved where the node refuses, doubled where it answers. */
const FIRST_SPAN = 20_000n;
const MAX_SPAN = 500_000n;

// keccak-256 of Transfer(address,address,uint256), Deposit(address,uint256) and Withdrawal(address,uint256) of wrapped coins,
// TransferSingle(address,address,address,uint256,uint256), TransferBatch(address,address,address,uint256[],uint256[]).
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const DEPOSIT = '0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c';
const WITHDRAWAL = '0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65';
const TRANSFER_SINGLE = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const TRANSFER_BATCH = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

const NOT_INDEXED = 'tokens whose logs do not name the address in a topic';
const MOVED_BACK = 'native coins that came and left again between two balances asked for';
const NOT_TRACED = 'withdrawals of validators and fees earned for making blocks';

interface Span {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * See {@link AccountSource.activity}, from a plain node: token logs by topic, and native movements by trace_filter, else by bisecting
 * nonce and balance. null for a short range, and where the node has neither traces nor old state.
 */
export async function findActivity(
  rpc: Rpc,
  endpoint: Endpoint,
  address: string,
  from: bigint,
  to: bigint,
  limit: number,
): Promise<Activity | null> {
  if (to - from < SCAN_BLOCKS) return null;
  const found = new BlockSet(limit);
  try {
    const native = await nativeMoves(rpc, endpoint, address, { from, to }, found);
    if (native === null) return null;
    await tokenMoves(rpc, endpoint, address, { from, to }, found);
    return { blocks: found.sorted(), truncated: false, gaps: [NOT_INDEXED, ...native] };
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    return { blocks: found.sorted(), truncated: true, gaps: [] };
  }
}

/** What the list of native movements may lack; null where it cannot be made. */
async function nativeMoves(
  rpc: Rpc,
  endpoint: Endpoint,
  address: string,
  span: Span,
  found: BlockSet,
): Promise<readonly string[] | null> {
  try {
    // Two questions: nodes do not agree whether both in one mean "and" or "or".
    for (const side of ['fromAddress', 'toAddress']) {
      await bySpans(span, async ({ from, to }) => {
        const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), [side]: [address] };
        found.add(blocksOf(endpoint, await rpc.call('trace_filter', [filter], { alone: true }), { from, to }));
      });
    }
    return [NOT_TRACED];
  } catch (error) {
    if (!isMethodMissing(error) && !isFault(error, 'E_SOURCE_PRUNED')) throw error;
  }
  try {
    await stateChanges(rpc, endpoint, address, span.from, span.to, found);
    return [MOVED_BACK];
  } catch (error) {
    if (isFault(error, 'E_SOURCE_PRUNED')) return null;
    throw error;
  }
}

async function tokenMoves(rpc: Rpc, endpoint: Endpoint, address: string, span: Span, found: BlockSet): Promise<void> {
  const topic = `0x${word(address)}`;
  const filters = [
    [[TRANSFER, DEPOSIT, WITHDRAWAL], topic],
    [[TRANSFER, TRANSFER_SINGLE, TRANSFER_BATCH], null, topic],
    [[TRANSFER_SINGLE, TRANSFER_BATCH], null, null, topic],
  ];
  for (const topics of filters) {
    await bySpans(span, async ({ from, to }) => {
      const filter = { fromBlock: toQuantity(from), toBlock: toQuantity(to), topics };
      found.add(blocksOf(endpoint, await rpc.call('eth_getLogs', [filter], { alone: true }), { from, to }));
    });
  }
}

/** Asks for a range part by part, as large as the node allows. */
async function bySpans(span: Span, ask: (part: Span) => Promise<void>): Promise<void> {
  let size = FIRST_SPAN;
  for (let from = span.from; from <= span.to; ) {
    const to = from + size - 1n < span.to ? from + size - 1n : span.to;
    try {
      await ask({ from, to });
      from = to + 1n;
      size = size * 2n > MAX_SPAN ? MAX_SPAN : size * 2n;
    } catch (error) {
      if (!isTooWide(error) || from === to) throw error;
      size = (to - from + 1n) / 2n;
    }
  }
}

function blocksOf(endpoint: Endpoint, answer: unknown, { from, to }: Span): bigint[] {
  if (!Array.isArray(answer)) throw badAnswer(endpoint, 'the answer to a filter is not a list');
  return answer.map((each: { blockNumber?: unknown } | null) => {
    const given = each?.blockNumber;
    const number = Number.isSafeInteger(given) ? BigInt(given as number) : readQuantity(given);
    if (number === null || number < from || number > to) {
      throw badAnswer(endpoint, 'the answer to a filter names no block of the range asked for');
    }
    return number;
  });
}
