import type { UnixSeconds } from '../base/time.ts';
import type { UtxoFlow } from '../flow/flow.ts';
import { createdBy, ownerOf } from '../flow/utxo-hop.ts';

export interface UtxoFlowQuery {
  /** Output numbers. */
  readonly seeds: readonly number[];
  /** Address ids at which the money stops. */
  readonly stops: ReadonlySet<number>;
  readonly until: UnixSeconds | null;
  readonly maxHops: number | null;
}

export interface UtxoFlowReach {
  /** Those that spend a reached output, and those that create a seeded one. */
  readonly transactions: ReadonlySet<number>;
  /** By output, fewest hops. */
  readonly outputs: ReadonlyMap<number, number>;
}

/** Every transaction that money from seeded outputs can reach, as `reachUtxo` finds it, from output to spender, fewest hops first. */
export function reachUtxoFlow(flow: UtxoFlow, { seeds, stops, until, maxHops }: UtxoFlowQuery): UtxoFlowReach {
  const outputs = new Map(seeds.map((output) => [output, 0]));
  const transactions = new Set<number>();
  const known = (tx: number): boolean => tx >= 0 && (until === null || flow.steps.time(tx) <= until);
  const queue = [...outputs.keys()];
  const spent = new Set<number>();
  for (let at = 0; at < queue.length; at += 1) {
    const output = queue[at]!;
    const hops = outputs.get(output)!;
    const tx = flow.spender(output);
    if (!known(tx) || spent.has(tx) || (maxHops !== null && hops > maxHops)) continue;
    spent.add(tx);
    transactions.add(tx);
    for (const created of createdBy(flow, tx).outputs) {
      if (outputs.has(created) || stops.has(ownerOf(flow, created))) continue;
      outputs.set(created, hops + 1);
      queue.push(created);
    }
  }
  for (const output of seeds) if (known(flow.creator(output))) transactions.add(flow.creator(output));
  return { transactions, outputs };
}
