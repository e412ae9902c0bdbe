import { describeError, HaetaeError } from '../base/errors.ts';
import { openIndex } from '../flow/open-index.ts';
import type { Store } from '../store/port.ts';
import { type IndexedChains, NOT_INDEXED } from '../trace/index-gather.ts';

/** The index of the store, for the time of some work. */
export interface TraceIndex {
  readonly indexed: IndexedChains;
  close(): void;
}

/**
 * Opens the indexes of these chains beside a database; a chain whose index is missing, behind the store or not readable is left to be read from the
 * store itself, which gives the same. The last is said.
 */
export async function openTraceIndex(
  store: Store,
  database: string,
  chains: readonly string[],
  notice: (text: string) => void,
): Promise<TraceIndex> {
  if (database === ':memory:') return { indexed: NOT_INDEXED, close: () => {} };
  const handle = openIndex(database);
  const fresh = new Set<string>();
  for (const chain of chains) {
    try {
      if (handle.has(chain) && (await handle.lag(chain, store)).fresh) fresh.add(chain);
    } catch (error) {
      if (!(error instanceof HaetaeError)) throw error;
      notice(`the index of ${chain} is not used: ${describeError(error)}`);
    }
  }
  const flowOf: IndexedChains = (chain) => {
    if (!fresh.has(chain)) return null;
    return handle.manifest(chain).model === 'utxo' ? handle.utxo(chain) : handle.account(chain);
  };
  return { indexed: flowOf, close: () => handle.close() };
}

/** Runs work with the index; where a page of it turns out to be damaged, once more without. */
export async function withTraceIndex<Result>(
  index: TraceIndex,
  notice: (text: string) => void,
  work: (indexed: IndexedChains) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(index.indexed);
  } catch (error) {
    if (!(error instanceof HaetaeError) || error.code !== 'E_INDEX_CORRUPT') throw error;
    notice(`the index is not used: ${describeError(error)}`);
    return await work(NOT_INDEXED);
  } finally {
    index.close();
  }
}
