import { createHash } from 'node:crypto';
import type { Transfer, UtxoTransaction } from '../../src/model/transfer.ts';
import type { Batch, Covered, Fetched, KeptBlock, Store } from '../../src/store/port.ts';
import { address, allEdges, ETH, ETHEREUM, flat, hash, NOON, spend, transfer } from './feed.ts';

/** Blocks of a made-up chain are twelve seconds apart. */
export function blockTime(number: bigint): number {
  return NOON + 12 * Number(number);
}

/** Block hashes of the chain, and of another branch that leaves it after `fork`. */
export function blockAt(number: bigint, fork: bigint | null = null): KeptBlock {
  const name = (height: bigint): string => {
    const text = fork !== null && height > fork ? `other ${height}` : `block ${height}`;
    return `0x${createHash('sha256').update(text).digest('hex')}`;
  };
  return { number, hash: name(number), parent: name(number - 1n), time: blockTime(number) };
}

export function blocksOf(from: bigint, to: bigint, fork: bigint | null = null): KeptBlock[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, index) => blockAt(from + BigInt(index), fork));
}

/** A movement in a block, one transaction a row unless told otherwise. */
export function movement(block: bigint, given: Partial<Transfer> = {}): Transfer {
  const txIndex = given.txIndex ?? 0;
  return transfer({ block, time: blockTime(block), tx: hash(Number(block) * 1000 + txIndex), ...given });
}

export function range(place: string, from: bigint, to: bigint, given: Partial<Covered> = {}): Covered {
  return { place, from, to, fromTime: blockTime(from), toTime: blockTime(to), gaps: [], busy: null, ...given };
}

export function answer(given: Partial<Fetched> = {}): Fetched {
  return {
    chain: ETHEREUM,
    sources: ['evm one.example.org'],
    at: 1_700_000_000,
    transfers: [],
    utxo: [],
    assets: [ETH],
    blocks: [],
    covered: [],
    openings: [],
    ...given,
  };
}

/** A transaction of one input and one output in a block. */
export function spendAt(block: bigint, name: string, given: Partial<UtxoTransaction> = {}): UtxoTransaction {
  return spend({ chain: ETHEREUM, tx: name, block, time: blockTime(block), ...given });
}

/** The ends of `spendAt`. */
const SPENT = ['bc1qspender', 'bc1qreceiver'];

/** Everything that the port shows of what was fetched of a chain, of movements of these addresses and transactions of these ids. */
export async function stateOf(store: Store, addresses: readonly string[], txs: readonly string[]): Promise<unknown> {
  const rows = await Promise.all(addresses.map((name) => store.transfersOf(ETHEREUM, name, 1_000_000)));
  const edges = (await allEdges(store)).map(({ time, amount }) => [time, amount]);
  const prints = await store.fingerprints(addresses.map((name) => ({ chain: ETHEREUM, address: name, asset: ETH.id })));
  return {
    batches: (await store.batches()).map(withoutClock),
    totals: await store.totals(),
    rows,
    utxo: await store.utxoTransactionsById(ETHEREUM, txs),
    moves: await Promise.all(SPENT.map((name) => store.utxoMovesOf(ETHEREUM, name, 1_000_000))),
    edges,
    spends: await utxoSeconds(store),
    touching: await flat(store.transfersTouching(prints)),
    busy: await store.busyAddresses(0),
    blocks: await store.keptBlocks(ETHEREUM, 1_000_000),
    covered: await store.covered(ETHEREUM, null),
    openings: await store.openings(ETHEREUM, null),
  };
}

function withoutClock({ importedAt: _, ...batch }: Batch): unknown {
  return batch;
}

async function utxoSeconds(store: Store): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const chunk of store.utxoEdges({ from: 0, until: null })) {
    for (let index = 0; index < chunk.count; index += 1) seen.push([chunk.time[index], chunk.spends[index]]);
  }
  return seen;
}

/** A fetched block with BLOCK_ROWS movements and a transaction, all that one address had in it. */
export function blockAnswer(block: bigint): Fetched {
  return answer({
    transfers: Array.from({ length: BLOCK_ROWS }, (_, txIndex) => movement(block, { txIndex })),
    utxo: [spendAt(block, `u${block}`)],
    blocks: [blockAt(block)],
    covered: [range(address(1), block, block)],
    openings: block === 1n ? [{ address: address(1), asset: ETH.id, block: 0n, time: NOON, amount: 2n ** 255n }] : [],
  });
}

export const BLOCK_ROWS = 40;

export const PEOPLE = [1, 2, 3, 4].map(address);
