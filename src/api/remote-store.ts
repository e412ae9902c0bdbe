import type { Progress } from '../base/progress.ts';
import type { Asset } from '../model/asset.ts';
import type { FeedChunk, ImportCounts, LoadResult, NewBatch, Store, TransferFeed } from '../store/port.ts';
import type { Connection } from './remote-client.ts';
import type { Target } from './remote-peer.ts';

export type StoreMethod = Exclude<keyof Store, 'engine' | 'close'>;

/** Every method of the port, and whether it changes what is kept: the compiler sees that none is missing. */
const STORE_METHODS: Readonly<Record<StoreMethod, 'reads' | 'writes'>> = {
  batches: 'reads',
  findBatch: 'reads',
  load: 'writes',
  assets: 'reads',
  blockTimes: 'reads',
  totals: 'reads',
  edges: 'reads',
  fingerprints: 'reads',
  ownerFingerprints: 'reads',
  outpointFingerprints: 'reads',
  transfersTouching: 'reads',
  utxoEdges: 'reads',
  utxoTransactions: 'reads',
  utxoTransactionsById: 'reads',
  utxoOutputsOf: 'reads',
  utxoMovesOf: 'reads',
  busyAddresses: 'reads',
  transfersOf: 'reads',
  transfersOfTx: 'reads',
  transfersAt: 'reads',
  utxoTransactionsAt: 'reads',
  txFingerprints: 'reads',
  utxoTransactionsNear: 'reads',
  saveLabels: 'writes',
  labelLists: 'reads',
  labelRows: 'reads',
  labelRowsByCategory: 'reads',
  labelRowsOfLists: 'reads',
  labelRowsByAddress: 'reads',
  savePrices: 'writes',
  priceLists: 'reads',
  pricesOf: 'reads',
  saveCase: 'writes',
  cases: 'reads',
  loadCase: 'reads',
  keepFetched: 'writes',
  rollBack: 'writes',
  keptBlocks: 'reads',
  covered: 'reads',
  openings: 'reads',
  backup: 'reads',
  numberedChains: 'reads',
  assignIds: 'writes',
  addressTexts: 'reads',
  numberedAssets: 'reads',
  numberedTransfers: 'reads',
  numberedUtxo: 'reads',
  contents: 'reads',
};

/** Under this name a server offers its store. */
const STORE = 'store';

/** A feed as it crosses: rows only (what stages inside DuckDB needs the connection), and the assets with the counts, as nothing crosses at once. */
interface RemoteFeed {
  rows(): AsyncIterable<FeedChunk>;
  finish(kept: number): Promise<{
    readonly counts: Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>;
    readonly assets: readonly Asset[];
  }>;
}

/**
 * The store as a server offers it to commands of this machine; it cannot be closed by them. `wrote` is told after each write that succeeded, before
 * the command hears of it, and is waited for: so that the next command finds the server up to date.
 */
export function storeTarget(store: Store, wrote: (method: StoreMethod) => Promise<void> | void = () => {}): Target {
  const methods = Object.keys(STORE_METHODS) as StoreMethod[];
  const object = Object.fromEntries(methods.map((name) => [name, offered(store, name, wrote)]));
  return { object, methods };
}

type Call = (...values: unknown[]) => unknown;

function offered(store: Store, name: StoreMethod, wrote: (method: StoreMethod) => Promise<void> | void): Call {
  const own = store[name] as Call;
  const call: Call = name === 'load' ? loadRemote(store) : (...values) => own.apply(store, values);
  if (STORE_METHODS[name] === 'reads') return call;
  return async (...values) => {
    const result = await call(...values);
    await wrote(name);
    return result;
  };
}

function loadRemote(store: Store): Call {
  return (batch, feed, progress) => store.load(batch as NewBatch, feedOf(feed as RemoteFeed), progress as Progress);
}

function feedOf(remote: RemoteFeed): TransferFeed {
  let named: readonly Asset[] = [];
  return {
    rows: () => remote.rows(),
    finish: async (kept) => {
      const { counts, assets } = await remote.finish(kept);
      named = assets;
      return counts;
    },
    assets: () => named,
  };
}

function remoteOf(feed: TransferFeed): RemoteFeed {
  return {
    rows: () => feed.rows(),
    finish: async (kept) => ({ counts: await feed.finish(kept), assets: feed.assets() }),
  };
}

/** The store of a running server. Closing it closes the connection. */
export function storeOver(connection: Connection): Store {
  const remote = connection.target<Store>(STORE);
  const own: Partial<Store> = {
    engine: 'duckdb',
    close: () => connection.close(),
    load: (batch, feed, progress): Promise<LoadResult> =>
      remote.load(batch, remoteOf(feed) as unknown as TransferFeed, progress),
  };
  return new Proxy(own as Store, {
    get: (store, name: keyof Store) => (name in store ? store[name] : remote[name]),
  });
}
