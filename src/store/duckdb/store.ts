import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { LabelEntry, LabelList } from '../../model/label.ts';
import type { Price, PriceList } from '../../model/price.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type {
  AddressBytes,
  IdCounts,
  NumberedChunk,
  NumberedQuery,
  NumberedUtxoChunk,
  StoreContents,
  TimeWindow,
} from '../numbered.ts';
import type {
  BackupManifest,
  Batch,
  BusyAddress,
  CaseSummary,
  Covered,
  EdgeChunk,
  EdgeQuery,
  Fetched,
  FetchedCounts,
  KeptBlock,
  LabelRow,
  LoadResult,
  NewBatch,
  Opening,
  PlaceKey,
  Store,
  StoredCase,
  StoredLabelList,
  StoredPrice,
  StoredPriceList,
  StoreTotals,
  TransferFeed,
  UtxoEdgeChunk,
  UtxoMove,
  UtxoOutputRow,
} from '../port.ts';
import { backupStore } from './backup.ts';
import { readAssets, readBatch, readBatches } from './batches.ts';
import { readBlockTimes } from './blocks.ts';
import { readCase, readCases, writeCase } from './cases.ts';
import { readCovered, readKeptBlocks, readOpenings } from './chain-facts.ts';
import { readContents } from './contents.ts';
import { readEdges, readUtxoEdges } from './edges.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { keepFetched, rollBack } from './fetched.ts';
import { outpointPrints, ownerPrints, placePrints } from './fingerprint.ts';
import {
  readLabelLists,
  readLabelRows,
  readLabelRowsByAddress,
  readLabelRowsByCategory,
  readLabelRowsOfLists,
  writeLabels,
} from './labels.ts';
import { loadBatch } from './load.ts';
import { readAddressTexts, readNumberedAssets, readNumberedChains, readNumberedTransfers } from './numbered.ts';
import { readNumberedUtxo } from './numbered-utxo.ts';
import { assignIds } from './numbers.ts';
import { readPriceLists, readPrices, writePrices } from './prices.ts';
import { migrate } from './schema.ts';
import { readTransfersAt, readUtxoAt, readUtxoNear } from './seconds.ts';
import { readTotals } from './totals.ts';
import { readBusy, readTouching, readTransfersOf, readTransfersOfTx } from './transfers.ts';
import { readOutputsOf, readUtxoById, readUtxoTransactions } from './utxo.ts';
import { readMovesOf } from './utxo-moves.ts';

/** The default store: one DuckDB file, or ':memory:'. Each method is in the file of its noun. */
export class DuckdbStore implements Store {
  readonly engine = 'duckdb';
  private readonly duckdb: Engine;
  private readonly key: string;

  private constructor(duckdb: Engine, key: string) {
    this.duckdb = duckdb;
    this.key = key;
  }

  /** Throws E_STORE_LOCKED, E_STORE_VERSION, E_STORE_CORRUPT, E_STORE_WRITE. */
  static async open(options: EngineOptions): Promise<DuckdbStore> {
    const duckdb = await Engine.open(options);
    try {
      return new DuckdbStore(duckdb, await migrate(duckdb));
    } catch (error) {
      await duckdb.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.duckdb.close();
  }

  batches(): Promise<readonly Batch[]> {
    return this.duckdb.read(readBatches);
  }

  findBatch(contentId: string): Promise<Batch | null> {
    return this.duckdb.read((connection) => readBatch(connection, contentId));
  }

  load(batch: NewBatch, feed: TransferFeed, progress: Progress): Promise<LoadResult> {
    return loadBatch(this.duckdb, this.key, batch, feed, progress);
  }

  assets(): Promise<readonly Asset[]> {
    return this.duckdb.read(readAssets);
  }

  blockTimes(chain: ChainId, blocks: readonly bigint[]): Promise<ReadonlyMap<bigint, UnixSeconds>> {
    return readBlockTimes(this.duckdb, chain, blocks);
  }

  totals(): Promise<StoreTotals> {
    return this.duckdb.read((connection) => readTotals(connection));
  }

  edges(query: EdgeQuery): AsyncIterable<EdgeChunk> {
    return readEdges(this.duckdb, this.key, query);
  }

  fingerprints(keys: readonly PlaceKey[]): Promise<BigUint64Array> {
    return placePrints(this.duckdb, this.key, keys);
  }

  ownerFingerprints(keys: readonly { readonly chain: ChainId; readonly address: string }[]): Promise<BigUint64Array> {
    return ownerPrints(this.duckdb, this.key, keys);
  }

  outpointFingerprints(
    keys: readonly { readonly chain: ChainId; readonly tx: string; readonly index: number }[],
  ): Promise<BigUint64Array> {
    return outpointPrints(this.duckdb, this.key, keys);
  }

  transfersTouching(places: BigUint64Array): AsyncIterable<readonly Transfer[]> {
    return this.duckdb.stream((connection) => readTouching(connection, this.duckdb.api, this.key, places));
  }

  utxoEdges(query: EdgeQuery): AsyncIterable<UtxoEdgeChunk> {
    return readUtxoEdges(this.duckdb, this.key, query);
  }

  utxoTransactions(txs: BigUint64Array): AsyncIterable<readonly UtxoTransaction[]> {
    return this.duckdb.stream((connection) => readUtxoTransactions(connection, this.duckdb.api, this.key, txs));
  }

  utxoTransactionsById(chain: ChainId, txs: readonly string[]): Promise<readonly UtxoTransaction[]> {
    return this.duckdb.read((connection) => readUtxoById(connection, this.duckdb.api, chain, txs));
  }

  utxoOutputsOf(chain: ChainId, address: string, tx: string | null): Promise<readonly UtxoOutputRow[]> {
    return this.duckdb.read((connection) => readOutputsOf(connection, chain, address, tx));
  }

  utxoMovesOf(chain: ChainId, address: string, limit: number): Promise<readonly UtxoMove[]> {
    return this.duckdb.read((connection) => readMovesOf(connection, chain, address, limit));
  }

  busyAddresses(limit: number): Promise<readonly BusyAddress[]> {
    return this.duckdb.read((connection) => readBusy(connection, limit));
  }

  transfersOf(chain: ChainId, address: string, limit: number): Promise<readonly Transfer[]> {
    return this.duckdb.read((connection) => readTransfersOf(connection, chain, address, limit));
  }

  transfersOfTx(chain: ChainId, tx: string): Promise<readonly Transfer[]> {
    return this.duckdb.read((connection) => readTransfersOfTx(connection, chain, tx));
  }

  transfersAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly Transfer[]> {
    return readTransfersAt(this.duckdb, chain, times);
  }

  utxoTransactionsAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly UtxoTransaction[]> {
    return readUtxoAt(this.duckdb, chain, times);
  }

  txFingerprints(chain: ChainId, txs: readonly string[]): Promise<BigUint64Array> {
    return ownerPrints(
      this.duckdb,
      this.key,
      txs.map((tx) => ({ chain, address: tx })),
    );
  }

  utxoTransactionsNear(
    chain: ChainId,
    wanted: readonly { readonly time: UnixSeconds; readonly print: bigint }[],
  ): AsyncIterable<readonly UtxoTransaction[]> {
    return readUtxoNear(this.duckdb, this.key, chain, wanted);
  }

  numberedChains(): Promise<readonly { readonly chain: ChainId; readonly model: 'account' | 'utxo' }[]> {
    return readNumberedChains(this.duckdb);
  }

  assignIds(chain: ChainId, progress: Progress): Promise<IdCounts> {
    return assignIds(this.duckdb, this.key, chain, progress);
  }

  addressTexts(chain: ChainId, from: number): AsyncIterable<AddressBytes> {
    return this.duckdb.stream((connection) => readAddressTexts(connection, chain, from));
  }

  numberedAssets(chain: ChainId): Promise<readonly AssetId[]> {
    return this.duckdb.read((connection) => readNumberedAssets(connection, chain));
  }

  numberedTransfers(query: NumberedQuery): AsyncIterable<NumberedChunk> {
    return readNumberedTransfers(this.duckdb, this.key, query);
  }

  numberedUtxo(query: NumberedQuery): AsyncIterable<NumberedUtxoChunk> {
    return readNumberedUtxo(this.duckdb, this.key, query);
  }

  contents(chain: ChainId, windows: readonly TimeWindow[]): Promise<StoreContents> {
    return this.duckdb.read((connection) => readContents(connection, this.duckdb.api, chain, windows));
  }

  saveLabels(list: LabelList, entries: readonly LabelEntry[]): Promise<{ readonly added: boolean }> {
    return writeLabels(this.duckdb, list, entries);
  }

  labelLists(): Promise<readonly StoredLabelList[]> {
    return readLabelLists(this.duckdb);
  }

  labelRows(addresses: readonly string[]): Promise<readonly LabelRow[]> {
    return readLabelRows(this.duckdb, addresses);
  }

  labelRowsByCategory(categories: readonly string[]): Promise<readonly LabelRow[]> {
    return readLabelRowsByCategory(this.duckdb, categories);
  }

  labelRowsOfLists(ids: readonly number[]): Promise<readonly LabelRow[]> {
    return readLabelRowsOfLists(this.duckdb, ids);
  }

  labelRowsByAddress(): AsyncIterable<readonly LabelRow[]> {
    return readLabelRowsByAddress(this.duckdb);
  }

  savePrices(list: PriceList, prices: readonly Price[]): Promise<{ readonly added: boolean }> {
    return writePrices(this.duckdb, list, prices);
  }

  priceLists(): Promise<readonly StoredPriceList[]> {
    return readPriceLists(this.duckdb);
  }

  pricesOf(asset: AssetId, fromDay: string, untilDay: string): Promise<readonly StoredPrice[]> {
    return readPrices(this.duckdb, asset, fromDay, untilDay);
  }

  saveCase(stored: StoredCase): Promise<void> {
    return writeCase(this.duckdb, stored);
  }

  cases(): Promise<readonly CaseSummary[]> {
    return readCases(this.duckdb);
  }

  loadCase(id: string): Promise<StoredCase | null> {
    return readCase(this.duckdb, id);
  }

  keepFetched(fetched: Fetched): Promise<FetchedCounts> {
    return keepFetched(this.duckdb, fetched);
  }

  rollBack(chain: ChainId, above: bigint): Promise<{ readonly transfers: number; readonly utxoTransactions: number }> {
    return rollBack(this.duckdb, chain, above);
  }

  keptBlocks(chain: ChainId, limit: number): Promise<readonly KeptBlock[]> {
    return this.duckdb.read((connection) => readKeptBlocks(connection, chain, limit));
  }

  covered(chain: ChainId, places: readonly string[] | null): Promise<readonly Covered[]> {
    return this.duckdb.read((connection) => readCovered(connection, this.duckdb.api, chain, places));
  }

  openings(chain: ChainId, addresses: readonly string[] | null): Promise<readonly Opening[]> {
    return this.duckdb.read((connection) => readOpenings(connection, this.duckdb.api, chain, addresses));
  }

  backup(folder: string, progress: Progress): Promise<BackupManifest> {
    return backupStore(this.duckdb, folder, progress);
  }
}
