import type { UnixSeconds } from '../base/time.ts';
import { txsByPrint } from '../flow/utxo-find.ts';
import type { FileUtxoFlow } from '../flow/utxo-flow.ts';
import { createdBy } from '../flow/utxo-hop.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import { reachUtxoFlow } from './index-reach-utxo.ts';

/** A block is read whole for one transaction of it: above this many, one pass over everything is no slower. */
const MANY_SECONDS = 5_000;

export interface Outpoint {
  readonly tx: string;
  readonly index: number;
}

export interface IndexedUtxoQuery {
  readonly seeds: readonly Outpoint[];
  /** Addresses of the chain at which the money stops. */
  readonly stops: Iterable<string>;
  readonly until: UnixSeconds | null;
  readonly maxHops: number | null;
}

export interface IndexedUtxo {
  readonly outputs: number;
  readonly transactions: number;
  /** In order; read when asked for. */
  read(): AsyncIterable<readonly UtxoTransaction[]>;
}

/**
 * What `reachUtxo` and `utxoTransactions` give together, of one chain, by its index. null where a seed is no output that the index can name (its
 * transaction is not stored, stored twice, or is stored later than what spends it), or where there is too much to read.
 */
export async function gatherUtxoIndexed(
  store: Store,
  flow: FileUtxoFlow,
  query: IndexedUtxoQuery,
): Promise<IndexedUtxo | null> {
  const { chain } = flow;
  const seeds = await outputNumbers(store, flow, query.seeds);
  if (seeds === null) return null;
  const stops = new Set<number>();
  for (const address of query.stops) stops.add(flow.addresses.find(address));
  const { transactions, outputs } = reachUtxoFlow(flow, { ...query, seeds, stops });
  const times = [...new Set(Array.from(transactions, (tx) => flow.steps.time(tx)))];
  if (times.length > MANY_SECONDS) return null;
  const wanted = Array.from(transactions, (tx) => ({ time: flow.steps.time(tx), print: flow.txPrint(tx) }));
  const read = (): AsyncIterable<readonly UtxoTransaction[]> => store.utxoTransactionsNear(chain, wanted);
  return { outputs: outputs.size, transactions: transactions.size, read };
}

async function outputNumbers(store: Store, flow: FileUtxoFlow, seeds: readonly Outpoint[]): Promise<number[] | null> {
  const ids = [...new Set(seeds.map(({ tx }) => tx))];
  const prints = await store.txFingerprints(flow.chain, ids);
  const found = txsByPrint(flow, [...prints]);
  const numbers: number[] = [];
  for (const { tx, index } of seeds) {
    const [number, ...others] = found.get(prints[ids.indexOf(tx)]!) ?? [];
    if (number === undefined || others.length > 0) return null;
    const { outputs } = createdBy(flow, number);
    const first = outputs[0];
    const late = first === undefined || outputs.some((output, at) => output !== first + at);
    if (late || index >= outputs.length) return null;
    numbers.push(outputs[index]!);
  }
  return numbers;
}
