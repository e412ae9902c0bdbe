import { HaetaeError } from '../base/errors.ts';
import type { ChainId } from '../model/chain.ts';
import type { AccountSource } from '../source/chain-source.ts';
import { ChainWatch } from './wallet-chain.ts';
import type { WatchPlan } from './wallet-plan.ts';

/**
 * Watches wallets on their chains until the signal ends it, or the block it was told to end at. Learns the past first. A
 * reorganisation takes back what it undid. Throws E_REORG_DEEP, and what sources throw that no waiting mends.
 */
export async function watchWallets(plan: WatchPlan, sources: readonly AccountSource[]): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([plan.signal, stop.signal]);
  const chains = [...new Set(plan.wallets.map((wallet) => wallet.chain))].map((chain) => {
    const source = sources.find((each) => each.chain === chain);
    if (source === undefined) throw noSourceFor(chain);
    const wallets = plan.wallets.filter((wallet) => wallet.chain === chain);
    return new ChainWatch({ ...plan, wallets, signal }, source);
  });
  try {
    await Promise.all(chains.map((chain) => chain.run()));
  } catch (error) {
    if (!(plan.signal.aborted && error instanceof HaetaeError && error.code === 'E_INTERRUPTED')) throw error;
  } finally {
    stop.abort();
  }
}

function noSourceFor(chain: ChainId): HaetaeError {
  return new HaetaeError('E_SOURCE', 'no source of a watched chain is named', {
    context: { chain },
    remedy: 'add --source CHAIN=URL, or a file of sources with --sources',
  });
}
