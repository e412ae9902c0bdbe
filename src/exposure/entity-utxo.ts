import type { Progress } from '../base/progress.ts';
import { affectedBy, Clusters, type SavedClusters } from '../cluster/clusters.ts';
import { type JoinRules, joinGroups, type Spends } from '../cluster/multi-input.ts';
import type { UtxoFlow } from '../flow/flow.ts';
import type { Kernels } from '../kernel/kernel.ts';
import { scriptToAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import { findMixes, joinMixes, type Mixes, mixesBefore } from './entity-mixes.ts';
import { SpendReader } from './entity-spends.ts';

/** Clusters of a UTXO chain, and what they were made from. */
export interface UtxoEntities {
  readonly clusters: SavedClusters;
  readonly mixes: Mixes;
  /** Transactions that were read. */
  readonly txCount: number;
  /** More refusals than are kept: what comes next starts anew. */
  readonly overflowed: boolean;
}

export interface UtxoBuild {
  readonly kernels: Kernels;
  /** By address id the number of its service. */
  readonly services: Uint32Array;
  readonly sizeLimit: number;
  readonly progress: Progress;
}

/** What of an earlier state still holds. */
export interface Earlier {
  readonly state: UtxoEntities;
  /** Transactions at the front that are as they were: all of them where the chain only grew. */
  readonly same: number;
  /** Address ids of which labels say something else now. */
  readonly touched: Iterable<number>;
}

/** Scripts that anyone can spend: nothing, OP_TRUE, pay-to-anchor (BIP 433). */
const OPEN_SCRIPTS = ['', '51', '51024e73'];
/** Of this many addresses one or more affected: reading all transactions is faster than asking for theirs. */
const FEW = 64;

/**
 * Clusters by multi-input. With an `earlier` state: transactions that came are added; where some went or changed, or labels did,
 * the components that these touch are taken apart and run again. The result is that of a build from nothing.
 */
export function buildUtxoEntities(flow: UtxoFlow, build: UtxoBuild, earlier: Earlier | null = null): UtxoEntities {
  const { kernels, services, sizeLimit, progress } = build;
  const options = { members: flow.addresses.size, services, sizeLimit };
  const usable = earlier !== null && !earlier.state.overflowed ? earlier : null;
  const same = usable?.same ?? 0;
  const kept = usable === null ? null : mixesBefore(usable.state.mixes, same);
  const found = findMixes(flow, same, flow.txCount);
  const mixes = kept === null ? found : joinMixes(kept, found);
  const rules: JoinRules = { mixes: mixes.txs, open: openAddresses(flow), only: null };
  const reader = new SpendReader(flow);
  const mask = usable === null ? null : affectedBy(usable.state.clusters, usable.touched, same);
  const clusters =
    usable === null ? new Clusters(kernels, options) : Clusters.resume(kernels, usable.state.clusters, mask, options);
  if (mask !== null) {
    const only = new Uint8Array(options.members);
    only.set(mask);
    for (const spends of spendsOf(flow, reader, only, same)) clusters.run(joinGroups(spends, { ...rules, only }));
  }
  for (const spends of reader.range(same, flow.txCount)) {
    clusters.run(joinGroups(spends, rules));
    progress.report('joining addresses', spends.txs.at(-1)! + 1, flow.txCount);
  }
  if (mask !== null) clusters.settle();
  return { clusters: clusters.save(), mixes, txCount: flow.txCount, overflowed: clusters.overflowed };
}

/** Address ids of the chain that anyone can spend from. */
export function openAddresses({ chain, addresses }: UtxoFlow): number[] {
  return OPEN_SCRIPTS.map((script) => addresses.find(scriptToAddress(requireChain(chain), script))).filter(
    (id) => id >= 0,
  );
}

/** Transactions before `end` in which a member of the mask may have spent, in order. */
function* spendsOf(flow: UtxoFlow, reader: SpendReader, mask: Uint8Array, end: number): Iterable<Spends> {
  let count = 0;
  for (const byte of mask) count += byte;
  if (count > mask.length / FEW) {
    yield* reader.range(0, end);
    return;
  }
  const txs = new Set<number>();
  for (let member = 0; member < mask.length; member += 1) {
    if (mask[member] === 0) continue;
    for (const output of flow.outputsOf(member)) {
      const tx = flow.spender(output);
      if (tx >= 0 && tx < end) txs.add(tx);
    }
  }
  yield* reader.some(Uint32Array.from(txs).sort());
}
