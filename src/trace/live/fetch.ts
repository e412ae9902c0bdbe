import { HaetaeError } from '../../base/errors.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { BlockRef, ChainSource } from '../../source/chain-source.ts';
import type { Store } from '../../store/port.ts';
import type { TheftInput } from '../gather.ts';
import type { TraceOptions } from '../options.ts';
import { fetchAccounts } from './account-fetch.ts';
import type { AccountReach } from './account-reach.ts';
import { forgetReorganised } from './chain-sync.ts';
import { settleDrift } from './drift.ts';
import type { FetchJob } from './job.ts';
import { reachOf } from './known-reach.ts';
import { endBlock, fetchSeedTransactions, seedsOn } from './seeds.ts';
import { fetchOutputs } from './utxo-fetch.ts';
import type { UtxoReach } from './utxo-reach.ts';

export type FetchHooks = Pick<FetchJob, 'progress' | 'notice' | 'now' | 'maxBlocks'>;

/** Each round follows what the last one found; a theft that needs more is cut by a limit long before. */
const MAX_ROUNDS = 200;
/** A chain that is reorganised more often than this while it is read is not fit to be read. */
const MAX_REORGANISATIONS = 10;
export const DEFAULT_MAX_BLOCKS = 100_000;

/**
 * Fetches from living chains what a trace of these thefts needs and the store lacks, forward from the seeds, round by round until
 * nothing is missing: every address (or output) that the money reaches, up to the present or to `until`. Everything is kept in the
 * store as it comes. Chains without a source are left as the store has them.
 */
export async function fetchForTrace(
  store: Store,
  input: TheftInput,
  options: TraceOptions,
  sources: readonly ChainSource[],
  hooks: FetchHooks,
): Promise<void> {
  const changed = new Set<ChainSource>();
  const ends: Ends = new Map();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    let fetched = false;
    for (const source of sources) {
      if (seedsOn(input.file, source.chain).length === 0) continue;
      const work = (): Promise<boolean> => fetchChain(store, source, input, options, hooks, ends);
      if (!(await throughReorganisations(store, source, hooks, work))) continue;
      fetched = true;
      changed.add(source);
    }
    if (fetched) continue;
    for (const source of changed)
      await throughReorganisations(store, source, hooks, () => finishChain(store, source, input, options, hooks, ends));
    return;
  }
  hooks.notice(`stopped after ${MAX_ROUNDS} rounds: run the same command again to go on`);
}

/** A reorganisation met on the way is undone in the store, and the work begun again. */
export async function throughReorganisations<Result>(
  store: Store,
  source: ChainSource,
  hooks: Pick<FetchHooks, 'notice'>,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let count = 0; ; count += 1) {
    const gone = await forgetReorganised(store, source);
    if (gone !== null) {
      const rows = gone.transfers + gone.utxoTransactions;
      hooks.notice(
        `${source.chain} was reorganised ${gone.depth} blocks deep: ${rows} movements above block ${gone.above} were forgotten and are read anew`,
      );
    }
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HaetaeError) || error.code !== 'E_REORG' || count >= MAX_REORGANISATIONS) throw error;
    }
  }
}

/** By chain: the block up to which this fetch reads, however far the chain grows meanwhile. */
type Ends = Map<string, BlockRef>;

async function fixedEnd(source: ChainSource, until: UnixSeconds | null, ends: Ends): Promise<BlockRef> {
  const known = ends.get(source.chain);
  if (known !== undefined && (await source.blockRef(known.number)).hash === known.hash) return known;
  const end = await endBlock(source, until);
  ends.set(source.chain, end);
  return end;
}

async function finishChain(
  store: Store,
  source: ChainSource,
  input: TheftInput,
  options: TraceOptions,
  hooks: FetchHooks,
  ends: Ends,
): Promise<void> {
  if (source.model === 'utxo') return;
  const end = await fixedEnd(source, options.until, ends);
  await settleDrift(store, source, input, options, end, hooks);
}

async function fetchChain(
  store: Store,
  source: ChainSource,
  input: TheftInput,
  options: TraceOptions,
  hooks: FetchHooks,
  ends: Ends,
): Promise<boolean> {
  const seeds = seedsOn(input.file, source.chain);
  if (source.model === 'utxo') await fetchSeedTransactions(store, source, seeds, hooks.now);
  const end = await fixedEnd(source, options.until, ends);
  const job = { store, end, ...hooks };
  const state = await reachOf(store, source, input, options);
  if (source.model === 'utxo') return fetchOutputs({ ...job, source, reach: state as UtxoReach });
  return fetchAccounts({
    ...job,
    source,
    reach: state as AccountReach,
    maxCounterparties: options.maxCounterparties,
  });
}
