import type { Store } from '../store/port.ts';
import type { UtxoFlow } from './flow.ts';

/** A UTXO chain from files, which keeps the store's print of each transaction. */
export type PrintedFlow = UtxoFlow & { txPrint(tx: number): bigint };

/** The ids of transactions by their numbers, as the store has them; null for one that is not there any more. Only their seconds are read. */
export async function txIdsOf(
  store: Pick<Store, 'utxoTransactionsNear' | 'txFingerprints'>,
  flow: PrintedFlow,
  txs: readonly number[],
): Promise<(string | null)[]> {
  const wanted = txs.map((tx) => ({ time: flow.steps.time(tx), print: flow.txPrint(tx) }));
  const ids = new Set<string>();
  for await (const chunk of store.utxoTransactionsNear(flow.chain, wanted)) for (const { tx } of chunk) ids.add(tx);
  const named = [...ids];
  const prints = await store.txFingerprints(flow.chain, named);
  const byPrint = new Map(named.map((id, index) => [prints[index]!, id]));
  return wanted.map(({ print }) => byPrint.get(print) ?? null);
}
