import type { AccountFlow, UtxoFlow } from '../flow/flow.ts';
import { createdBy, ownerOf, spentBy, valueOfOutput } from '../flow/utxo-hop.ts';
import { txIdsOf } from '../flow/utxo-txids.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';

/** The ids of some transactions of a UTXO chain, by number; those that the store does not hold any more are left out. */
export async function utxoIds(
  store: Store,
  flow: UtxoFlow,
  txs: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (!hasPrints(flow)) return idsByTime(store, flow, txs);
  const ids = await txIdsOf(store, flow, txs);
  return new Map(txs.flatMap((tx, at) => (ids[at] == null ? [] : [[tx, ids[at]]])));
}

/** Columns from files keep the store's print of each transaction. */
function hasPrints(flow: UtxoFlow): flow is Parameters<typeof txIdsOf>[1] {
  return 'txPrint' in flow;
}

/**
 * The same for columns in memory, which keep no prints: of the transactions of that second, the one that spends and pays the same
 * amounts of the same addresses.
 */
async function idsByTime(store: Store, flow: UtxoFlow, txs: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const ids = new Map<number, string>();
  if (txs.length === 0) return ids;
  const wanted = new Map<string, number[]>();
  for (const tx of txs) {
    const shape = shapeOf(flow, tx);
    wanted.set(shape, [...(wanted.get(shape) ?? []), tx]);
  }
  for await (const found of store.utxoTransactions(await printsAt(store, flow, txs))) {
    for (const transaction of found) {
      const tx = wanted.get(storedShape(transaction))?.shift();
      if (tx !== undefined) ids.set(tx, transaction.tx);
    }
  }
  return ids;
}

/** Prints of all transactions that have the times of these. */
async function printsAt(store: Store, flow: UtxoFlow, txs: readonly number[]): Promise<BigUint64Array> {
  const prints = new Set<bigint>();
  for (const time of new Set(txs.map((tx) => flow.steps.time(tx)))) {
    for await (const { count, tx } of store.utxoEdges({ from: time, until: time }))
      for (const print of tx.subarray(0, count)) prints.add(print);
  }
  return BigUint64Array.from(prints);
}

function shapeOf(flow: UtxoFlow, tx: number): string {
  const end = (output: number): string =>
    `${flow.addresses.text(ownerOf(flow, output))}=${valueOfOutput(flow, output)}`;
  const paid = Array.from(createdBy(flow, tx).outputs, end);
  return [flow.steps.time(tx), ...Array.from(spentBy(flow, tx).outputs, end), '>', ...paid.sort()].join(' ');
}

function storedShape({ time, inputs, outputs }: UtxoTransaction): string {
  const end = ({ address, value }: { readonly address: string; readonly value: bigint }): string =>
    `${address}=${value}`;
  const spent = inputs.filter(({ outpoint }) => outpoint !== null).map(end);
  return [time, ...spent, '>', ...outputs.map(end).sort()].join(' ');
}

/** A movement of an account chain, as the store holds it. */
export interface PaidOn {
  readonly tx: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly time: number;
  readonly amount: bigint;
  readonly asset: string;
}

/** Movements of an address at some steps, as far as the store's newest `limit` of it reach. Fees are left out. */
export async function movementsAt(
  store: Store,
  flow: AccountFlow,
  address: string,
  steps: readonly number[],
  limit: number,
): Promise<readonly PaidOn[]> {
  const times = new Set(steps.map((step) => flow.steps.time(step)));
  const rows = await store.transfersOf(flow.chain, address, limit);
  return rows
    .filter(({ time, to, amount }) => times.has(time) && to !== null && amount > 0n)
    .map(({ tx, from, to, time, amount, asset }) => ({ tx, from, to, time, amount, asset }));
}
