import { HaetaeError } from '../base/errors.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { openIndex } from '../flow/open-index.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { flowOfStore } from './flow-of-store.ts';

/** A chain's columns, however they were come by. */
export interface OpenedChain {
  readonly flow: ChainFlow;
  /** The index's segments, as what is derived from them keeps them; null where the columns were read into memory. */
  readonly parts: readonly { readonly rows: number; readonly digest: string }[] | null;
  close(): void;
}

/**
 * The index of a chain where it holds all that the store does, else the rows of a small store: an answer is never older than the store. Throws
 * E_INDEX_STALE where the store is too large to go without an index, E_INDEX_CORRUPT, E_INDEX_VERSION.
 */
export async function openChain(store: Store, database: string, chain: ChainId): Promise<OpenedChain> {
  return (await openFresh(store, database, chain)) ?? inMemory(await flowOfStore(store, chain));
}

/** The index of a chain, which must be there and hold all that the store does. Throws E_INDEX_STALE too where it does not. */
export async function openIndexed(
  store: Store,
  database: string,
  chain: ChainId,
): Promise<OpenedChain & { readonly parts: NonNullable<OpenedChain['parts']> }> {
  const opened = await openFresh(store, database, chain);
  if (opened !== null) return opened;
  throw new HaetaeError('E_INDEX_STALE', 'there is no index of this chain, or it is behind the store', {
    context: { chain },
    remedy: 'run haetae index build',
  });
}

async function openFresh(store: Store, database: string, chain: ChainId) {
  if (database === ':memory:') return null;
  const index = openIndex(database);
  if (!index.has(chain)) return null;
  const { fresh } = await index.lag(chain, store);
  if (!fresh) return null;
  const parts = index.manifest(chain).segments.map(({ rows, table }) => ({ rows, digest: table }));
  return { flow: index.flow(chain), parts, close: () => index.close() };
}

function inMemory(flow: ChainFlow): OpenedChain {
  return { flow, parts: null, close: () => {} };
}
