import type { UtxoTransaction } from '../model/transfer.ts';

export interface OrderedTransaction {
  readonly transaction: UtxoTransaction;
  /** Its time, or that of its latest parent where block times run backward (Bitcoin allows about two hours). */
  readonly time: number;
}

/**
 * Every transaction after those whose outputs it spends; among the free ones by (time, block, txIndex, id). Block times of
 * UTXO chains are not monotone, so time alone could put a spend before what it spends.
 */
export function topologicalOrder(transactions: readonly UtxoTransaction[]): OrderedTransaction[] {
  const sorted = [...transactions].sort(compare);
  const byId = new Map(sorted.map((tx, index) => [`${tx.chain}|${tx.tx}`, index]));
  const ordered: OrderedTransaction[] = [];
  const times = new Map<number, number>();
  const visit = (root: number): void => {
    const stack = [root];
    const waiting = new Set(stack);
    while (stack.length > 0) {
      const index = stack.at(-1)!;
      const parents = parentsOf(sorted[index]!, byId);
      const missing = parents.find((parent) => parent !== index && !times.has(parent));
      if (missing !== undefined && !waiting.has(missing)) {
        stack.push(missing);
        waiting.add(missing);
        continue;
      }
      stack.pop();
      if (times.has(index)) continue;
      const time = parents.reduce((latest, parent) => Math.max(latest, times.get(parent) ?? 0), sorted[index]!.time);
      times.set(index, time);
      ordered.push({ transaction: sorted[index]!, time });
    }
  };
  for (let index = 0; index < sorted.length; index += 1) if (!times.has(index)) visit(index);
  return ordered;
}

function parentsOf(tx: UtxoTransaction, byId: ReadonlyMap<string, number>): number[] {
  return tx.inputs.flatMap((input) => {
    const parent = input.outpoint === null ? undefined : byId.get(`${tx.chain}|${input.outpoint.tx}`);
    return parent === undefined ? [] : [parent];
  });
}

function compare(a: UtxoTransaction, b: UtxoTransaction): number {
  return (
    a.time - b.time ||
    Number((a.block ?? 0n) - (b.block ?? 0n)) ||
    a.txIndex - b.txIndex ||
    (a.tx < b.tx ? -1 : a.tx > b.tx ? 1 : 0)
  );
}
