import type { Progress } from '../base/progress.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { buildAccountIndex } from './account-build.ts';
import type { Built } from './bring-up.ts';
import { chainFolder } from './manifest.ts';
import { buildUtxoIndex } from './utxo-build.ts';

export interface BuildOptions {
  readonly chain: ChainId;
  readonly progress: Progress;
  /** Reads every page of what is kept first, and builds anew what is damaged. Else damage is repaired where it is met. */
  readonly check?: boolean;
  /** Threads beside DuckDB's. */
  readonly threads?: number;
}

/**
 * Brings the index of a chain beside a database to what its store holds: what still holds stays, later rows are added, and from the first second that
 * changed on everything is built anew. Throws E_INDEX_STALE where the store changes meanwhile, E_INDEX_WRITE, E_STORE_LOCKED.
 */
export async function buildIndex(store: Store, database: string, options: BuildOptions): Promise<Built> {
  const { chain, progress, check = false, threads } = options;
  const model = (await store.numberedChains()).find((item) => item.chain === chain)?.model ?? 'account';
  await store.assignIds(chain, progress);
  const folder = chainFolder(database, chain);
  const given = { store, chain, folder, progress, check };
  if (model === 'utxo') {
    const newest = (await store.keptBlocks(chain, 1))[0]?.time ?? null;
    return buildUtxoIndex({ ...given, newest });
  }
  return buildAccountIndex(threads === undefined ? given : { ...given, threads });
}
