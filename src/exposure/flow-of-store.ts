import { HaetaeError } from '../base/errors.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { accountFlowOf, utxoFlowOf } from '../flow/memory.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';

/** Movements of a store that are read into memory where there is no index; more need one. */
export const MAX_IN_MEMORY = 200_000;

/** A chain's columns straight from a small store. Throws E_INDEX_STALE where it is too large for that. */
export async function flowOfStore(store: Store, chain: ChainId): Promise<ChainFlow> {
  const { transfers, utxoTransactions } = await store.totals();
  if (transfers + utxoTransactions > MAX_IN_MEMORY) {
    throw new HaetaeError(
      'E_INDEX_STALE',
      'there is no index of this chain, and the store is too large to go without',
      {
        context: { chain, movements: transfers + utxoTransactions },
        remedy: 'run haetae index build',
      },
    );
  }
  return requireChain(chain).model === 'utxo'
    ? utxoFlowOf(chain, await utxoRows(store, chain))
    : accountFlowOf(chain, await accountRows(store, chain), await store.openings(chain, null));
}

async function accountRows(store: Store, chain: ChainId): Promise<Transfer[]> {
  const places = new Set<bigint>();
  for await (const { count, from, to } of store.edges({ from: 0, until: null }))
    for (let row = 0; row < count; row += 1)
      for (const print of [from[row]!, to[row]!]) if (print !== 0n) places.add(print);
  const rows: Transfer[] = [];
  for await (const chunk of store.transfersTouching(BigUint64Array.from(places)))
    for (const row of chunk) if (row.chain === chain) rows.push(row);
  return rows;
}

async function utxoRows(store: Store, chain: ChainId): Promise<UtxoTransaction[]> {
  const txs = new Set<bigint>();
  for await (const { count, tx } of store.utxoEdges({ from: 0, until: null }))
    for (let row = 0; row < count; row += 1) txs.add(tx[row]!);
  const rows: UtxoTransaction[] = [];
  for await (const chunk of store.utxoTransactions(BigUint64Array.from(txs)))
    for (const row of chunk) if (row.chain === chain) rows.push(row);
  return rows;
}
