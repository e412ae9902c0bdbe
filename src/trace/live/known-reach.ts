import { SILENT } from '../../base/progress.ts';
import type { AccountSource, ChainSource, UtxoSource } from '../../source/chain-source.ts';
import type { Store } from '../../store/port.ts';
import type { Evidence } from '../evidence.ts';
import { findStops, gatherEvidence, type TheftInput } from '../gather.ts';
import { passingHops, type TraceOptions } from '../options.ts';
import { AccountReach, transactionsOf } from './account-reach.ts';
import { accountSeeds, seedsOn } from './seeds.ts';
import { UtxoReach } from './utxo-reach.ts';

/** How far the money is known to have gone on one chain, from what the store holds. */
export async function reachOf(
  store: Store,
  source: ChainSource,
  input: TheftInput,
  options: TraceOptions,
): Promise<AccountReach | UtxoReach> {
  const evidence = await gatherEvidence(store, input, { ...options, methods: [] }, SILENT);
  const stops = await stopAddresses(store, source.chain, input, options);
  return source.model === 'utxo'
    ? utxoReach(evidence, source, input, options, stops)
    : accountReach(evidence, source, input, options, stops);
}

async function stopAddresses(
  store: Store,
  chain: string,
  input: TheftInput,
  options: TraceOptions,
): Promise<ReadonlySet<string>> {
  const stops = await findStops(store, input.file, options);
  return new Set([...stops.values()].filter((stop) => stop.chain === chain).map((stop) => stop.address));
}

async function accountReach(
  evidence: Evidence,
  source: AccountSource,
  input: TheftInput,
  options: TraceOptions,
  stops: ReadonlySet<string>,
): Promise<AccountReach> {
  const seeds = await accountSeeds(source, seedsOn(input.file, source.chain));
  const limits = { maxHops: passingHops(options), maxCounterparties: options.maxCounterparties };
  const reach = new AccountReach(seeds, stops, limits);
  const rows = evidence.transfers.filter((row) => row.chain === source.chain);
  for (const tx of transactionsOf(rows)) reach.apply(tx);
  return reach;
}

function utxoReach(
  evidence: Evidence,
  source: UtxoSource,
  input: TheftInput,
  options: TraceOptions,
  stops: ReadonlySet<string>,
): UtxoReach {
  const reach = new UtxoReach(stops, passingHops(options));
  const rows = evidence.utxo.filter((tx) => tx.chain === source.chain);
  const byId = new Map(rows.map((tx) => [tx.tx, tx]));
  for (const seed of seedsOn(input.file, source.chain)) {
    const tx = seed.outpoint?.tx ?? seed.tx;
    const transaction = tx === null ? undefined : byId.get(tx);
    for (const [index, output] of transaction?.outputs.entries() ?? []) {
      if (seed.outpoint === null ? output.address !== seed.address : index !== seed.outpoint.index) continue;
      const { block, time } = transaction!;
      reach.seed({ outpoint: `${tx}:${index}`, address: output.address, block: block ?? 0n, time });
    }
  }
  for (let before = -1; before !== reach.applied; ) {
    before = reach.applied;
    for (const transaction of rows) reach.apply(transaction);
  }
  return reach;
}
