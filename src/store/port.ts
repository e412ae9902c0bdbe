import type { Progress } from '../base/progress.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { Asset, AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { LabelEntry, LabelList } from '../model/label.ts';
import type { Price, PriceList } from '../model/price.ts';
import type { OrderRule, Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { NumberedStore } from './numbered.ts';

/**
 * What every store does, whatever the engine. duckdb/ and memory/ pass the same conformance suite.
 * Every write method is atomic: it is wholly there or not at all, also after a kill.
 */
export interface Store extends NumberedStore {
  readonly engine: 'duckdb' | 'memory';
  close(): Promise<void>;

  /** Every import kept, in order of id. */
  batches(): Promise<readonly Batch[]>;
  /** The batch with this content id, if it was loaded before. */
  findBatch(contentId: string): Promise<Batch | null>;
  /** Loads one import. A content id already stored changes nothing and returns the batch that is there with `repeated`. */
  load(batch: NewBatch, feed: TransferFeed, progress: Progress): Promise<LoadResult>;
  /** Assets met so far, with decimals where a source gave them. */
  assets(): Promise<readonly Asset[]>;
  /** Time of a block where any batch knows it. */
  blockTimes(chain: ChainId, blocks: readonly bigint[]): Promise<ReadonlyMap<bigint, UnixSeconds>>;
  totals(): Promise<StoreTotals>;

  /** All account movements above zero but fees (which reach nobody) as columns in time order, for one pass over everything. Memory is bounded by the chunk. */
  edges(query: EdgeQuery): AsyncIterable<EdgeChunk>;
  /** The fingerprints of (chain, address, asset) that `edges` uses, for names the caller holds. */
  fingerprints(keys: readonly PlaceKey[]): Promise<BigUint64Array>;
  /** The fingerprints of (chain, address): `fromOwner`, `toOwner`, `owner`. */
  ownerFingerprints(keys: readonly { readonly chain: ChainId; readonly address: string }[]): Promise<BigUint64Array>;
  /** The fingerprints of outpoints: `outpoint`. */
  outpointFingerprints(
    keys: readonly { readonly chain: ChainId; readonly tx: string; readonly index: number }[],
  ): Promise<BigUint64Array>;
  /**
   * Whole account transactions in which any of the places (fingerprints of (chain, address, asset), as `edges` gives them)
   * pays or is paid more than nothing, ordered by (time, chain, block, txIndex, leg); a row without tx is a transaction of its own.
   * A chunk never splits a second of a chain, so it holds whole transactions.
   */
  transfersTouching(places: BigUint64Array): AsyncIterable<readonly Transfer[]>;
  /** UTXO spends and creations as columns, in order of (time, block, txIndex). */
  utxoEdges(query: EdgeQuery): AsyncIterable<UtxoEdgeChunk>;
  /** Whole UTXO transactions by fingerprint of (chain, tx), as `utxoEdges` gives them, ordered by (time, chain, block, txIndex). */
  utxoTransactions(txs: BigUint64Array): AsyncIterable<readonly UtxoTransaction[]>;
  /** Whole UTXO transactions by id, those that are stored, ordered by (time, block, txIndex, tx). */
  utxoTransactionsById(chain: ChainId, txs: readonly string[]): Promise<readonly UtxoTransaction[]>;
  /** Outputs paid to an address, for a seed that names address and transaction or address alone. */
  utxoOutputsOf(chain: ChainId, address: string, tx: string | null): Promise<readonly UtxoOutputRow[]>;
  /** The newest `limit` UTXO transactions that spend or create outputs of an address, newest last, in order of (time, block, txIndex, tx). */
  utxoMovesOf(chain: ChainId, address: string, limit: number): Promise<readonly UtxoMove[]>;
  /** Addresses of account chains with more distinct counterparties than the limit. */
  busyAddresses(limit: number): Promise<readonly BusyAddress[]>;
  /** Account movements of one address and time window, newest last, at most `limit`: for signatures and look-ups. */
  transfersOf(chain: ChainId, address: string, limit: number): Promise<readonly Transfer[]>;
  /** Every movement of one account transaction, fees included, in order; empty where none is stored. */
  transfersOfTx(chain: ChainId, tx: string): Promise<readonly Transfer[]>;
  /**
   * Every account movement of a chain in these seconds, fees and zero amounts included, in order (time, block, txIndex, leg). Seconds in any
   * order, each counts once. A chunk never splits a second. For the few seconds of a trace among years of rows.
   */
  transfersAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly Transfer[]>;
  /** Likewise every UTXO transaction, in order (time, block, txIndex, tx). */
  utxoTransactionsAt(chain: ChainId, times: readonly UnixSeconds[]): AsyncIterable<readonly UtxoTransaction[]>;
  /** The fingerprints of (chain, tx) that `utxoEdges` and `numberedUtxo` give. */
  txFingerprints(chain: ChainId, txs: readonly string[]): Promise<BigUint64Array>;
  /** Of these seconds only the transactions with these prints, as `utxoEdges` gives them: a block need not be read whole for one of it. */
  utxoTransactionsNear(
    chain: ChainId,
    wanted: readonly { readonly time: UnixSeconds; readonly print: bigint }[],
  ): AsyncIterable<readonly UtxoTransaction[]>;

  /** Replaces nothing: an edition already stored (same sha256 and source) is left as it is and `added` is false. */
  saveLabels(list: LabelList, entries: readonly LabelEntry[]): Promise<{ readonly added: boolean }>;
  /** Every edition kept, oldest first (undated before dated). */
  labelLists(): Promise<readonly StoredLabelList[]>;
  /** Rows whose address, or whose folded form where the case was lost, equals one of these. */
  labelRows(addresses: readonly string[]): Promise<readonly LabelRow[]>;
  /** All rows of these categories. */
  labelRowsByCategory(categories: readonly string[]): Promise<readonly LabelRow[]>;
  /** All rows of these lists, in order of (list, place in it). */
  labelRowsOfLists(ids: readonly number[]): Promise<readonly LabelRow[]>;
  /**
   * Every row, those whose addresses are equal but for case one after the other, there in order of (list, place in it); in chunks, which may
   * split an address. Memory is bounded by the chunk.
   */
  labelRowsByAddress(): AsyncIterable<readonly LabelRow[]>;

  /** Keeps a file of prices, at most one an asset and day. A file already stored (same sha256) is left as it is and `added` is false. */
  savePrices(list: PriceList, prices: readonly Price[]): Promise<{ readonly added: boolean }>;
  /** Every file of prices kept, in the order they came. */
  priceLists(): Promise<readonly StoredPriceList[]>;
  /** Every price of an asset from day to day (both in), of every file, in order of (day, list). */
  pricesOf(asset: AssetId, fromDay: string, untilDay: string): Promise<readonly StoredPrice[]>;

  saveCase(stored: StoredCase): Promise<void>;
  cases(): Promise<readonly CaseSummary[]>;
  loadCase(id: string): Promise<StoredCase | null>;

  /** Adds what was fetched from a living chain: movements, what is covered by them, block hashes. All of it or nothing. */
  keepFetched(fetched: Fetched): Promise<FetchedCounts>;
  /** Forgets what was fetched of a chain above a block: movements, hashes, opening balances of what moved first above it; what was covered ends there. Imports from files stay, with what they brought that had been fetched before. */
  rollBack(chain: ChainId, above: bigint): Promise<{ readonly transfers: number; readonly utxoTransactions: number }>;
  /** Hashes kept of a chain, newest first, at most `limit`. */
  keptBlocks(chain: ChainId, limit: number): Promise<readonly KeptBlock[]>;
  /** What is covered of these places (address, or txid:index on a UTXO chain); of all where null. In order of (place, from). */
  covered(chain: ChainId, places: readonly string[] | null): Promise<readonly Covered[]>;
  /** Opening balances of these addresses; of all where null. In order of (address, asset, block). */
  openings(chain: ChainId, addresses: readonly string[] | null): Promise<readonly Opening[]>;

  /** A checked copy of everything kept, into an empty folder. */
  backup(folder: string, progress: Progress): Promise<BackupManifest>;
}

export interface PlaceKey {
  readonly chain: ChainId;
  readonly address: string;
  readonly asset: AssetId;
}

/** One answer of a living chain. Rows of one chain; `source.batch` of each is put in by the store. */
export interface Fetched {
  readonly chain: ChainId;
  /** Names of the sources, without keys; kept with the batch. */
  readonly sources: readonly string[];
  readonly at: UnixSeconds;
  /**
   * Rows already held with the same content are left as they are; with other content: E_TRANSFER_CONFLICT. Whole transactions:
   * a file without an index holds a movement by its content, the n-th for the n-th. `source.file` counts in `sources`.
   */
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  readonly assets: readonly Asset[];
  /** A block kept before with another hash, or one whose parent is not the block kept below it: E_REORG, nothing is stored. */
  readonly blocks: readonly KeptBlock[];
  /** Joined with what touches it: [1, 5] and [6, 9] of one place are [1, 9]. */
  readonly covered: readonly Covered[];
  /**
   * Replaces an opening of the same place at a later block where everything between is covered, which the movements then explain.
   * Zero balances too, where there were none: else a later opening stays, beside movements that explain it.
   */
  readonly openings: readonly Opening[];
}

export interface FetchedCounts {
  readonly added: number;
  readonly alreadyStored: number;
}

export interface KeptBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly parent: string;
  readonly time: UnixSeconds;
}

/** Every movement of a place in these blocks (both in) is stored. */
export interface Covered {
  /** An address, or txid:index on a UTXO chain. */
  readonly place: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly fromTime: UnixSeconds;
  readonly toTime: UnixSeconds;
  /** What the movements may lack, in words, such as "internal moves from balance differences"; empty where nothing. */
  readonly gaps: readonly string[];
  /** Not fetched because it moves too often: the blocks counted when it was given up. Then nothing else of it is stored. */
  readonly busy: number | null;
}

/** What a place held at the end of a block, just before what is covered of it. */
export interface Opening {
  readonly address: string;
  readonly asset: AssetId;
  readonly block: bigint;
  readonly time: UnixSeconds;
  readonly amount: bigint;
}

export interface NewBatch {
  /** SHA-256 over preset, options and the files' hashes: the same import has the same id. */
  readonly contentId: string;
  readonly preset: string;
  readonly chain: ChainId;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[];
  readonly orderRule: OrderRule;
  readonly duplicateRule: 'keep' | 'drop';
  /** The files hold every movement of their chain between their first and last block. */
  readonly complete: boolean;
  readonly importedAt: UnixSeconds;
  /** Addresses and assets get their numbers in the same transaction (see `assignIds`). Not kept with the batch. */
  readonly ids?: boolean;
}

export interface ImportCounts {
  readonly rowsRead: number;
  readonly rowsKept: number;
  /** Reason → rows refused. */
  readonly refused: Readonly<Record<string, number>>;
  /** Exact duplicates inside the import, and what was done with them stands in the batch. */
  readonly duplicates: number;
  /** Rows that an earlier batch already holds (same transaction and leg, same content): not stored twice. */
  readonly alreadyStored: number;
  /** Amounts that the source printed in floating point above 2^53. */
  readonly rounded: number;
  readonly zeroValue: number;
}

export const ORDER_REMEDY =
  'give the column that orders rows inside a block, or import files of one period together in one command; where one import ' +
  'holds fees whole and the other splits them (blocks beside transactions), use one form. Nothing of this import was stored';

/** Rows that are no movements at all (calls that carry or moved nothing): counted, but nothing is missing for it. */
export const MOVES_NOTHING = 'moves-nothing';

/** Blocks of a branch that lost: counted and listed, but nothing of the chain is missing for it. */
export const ORPHANED_BLOCK = 'orphaned-block';

/** Rows refused of which something may be missing. */
export function refusedRows(counts: Pick<ImportCounts, 'refused'>): number {
  return Object.entries(counts.refused).reduce(
    (sum, [reason, rows]) => (reason === MOVES_NOTHING || reason === ORPHANED_BLOCK ? sum : sum + rows),
    0,
  );
}

export interface Batch extends NewBatch, ImportCounts {
  readonly id: number;
  readonly firstTime: UnixSeconds | null;
  readonly lastTime: UnixSeconds | null;
}

export interface LoadResult {
  readonly batch: Batch;
  readonly repeated: boolean;
}

/** A refused row: what the side file prints. Row numbers count from 1, header not counted; `line` is the line in the file. */
export interface RefusedRow {
  readonly file: string;
  readonly row: number;
  readonly line: number;
  readonly reason: string;
  readonly field: string;
  readonly value: string;
}

/**
 * What a source hands to a store: rows in chunks, for any store; and, where the source can stage its rows inside DuckDB
 * itself (CSV, Parquet), a way to do so that skips JavaScript. A store uses one of the two, once, then calls `finish`.
 */
export interface TransferFeed {
  rows(): AsyncIterable<FeedChunk>;
  /**
   * Makes a temporary view or table `staged_transfer` (and, where it names block times, `staged_block`) of accepted rows on a
   * DuckDB connection, inside the transaction that is open there. Columns: store/duckdb/staging.ts. The store reads it once.
   */
  readonly stage?: (connection: unknown, progress: Progress) => Promise<void>;
  /** After `stage`: the rows are known to come in order (time, block, txIndex, leg), so the store need not look. It checks what it stored. */
  readonly stagedInOrder?: boolean;
  /** Called once after the rows were read and before commit, with how many were accepted (those an earlier batch holds included): counts, refused rows, side files. */
  finish(kept: number): Promise<Omit<ImportCounts, 'rowsKept' | 'alreadyStored'>>;
  /** Assets named by the rows; valid after `finish`. */
  assets(): readonly Asset[];
}

export interface FeedChunk {
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  /** Block times that the source names beside its rows. */
  readonly blocks: readonly { readonly chain: ChainId; readonly block: bigint; readonly time: UnixSeconds }[];
}

export interface StoreTotals {
  readonly transfers: number;
  readonly utxoTransactions: number;
  readonly utxoInputs: number;
  readonly utxoOutputs: number;
  readonly labels: number;
  readonly cases: number;
}

export interface EdgeQuery {
  readonly from: UnixSeconds;
  readonly until: UnixSeconds | null;
}

/** `count` movements; every array has at least that length. Fingerprints are 64 bits of a keyed hash: equal names, equal prints. */
export interface EdgeChunk {
  readonly count: number;
  /** Fingerprint of (chain, tx); 0 where the row has no tx (a transaction of its own). */
  readonly tx: BigUint64Array;
  /** Fingerprints of (chain, address, asset); 0 for outside and for fees. */
  readonly from: BigUint64Array;
  readonly to: BigUint64Array;
  /** Fingerprints of (chain, address); 0 likewise. */
  readonly fromOwner: BigUint64Array;
  readonly toOwner: BigUint64Array;
  /** Fingerprint of the asset. */
  readonly asset: BigUint64Array;
  readonly time: Float64Array;
  /** Low and high 64 bits; an amount of 2^128 and more reads as 2^128 - 1 (enough for reach, never used as evidence). */
  readonly amountLow: BigUint64Array;
  readonly amountHigh: BigUint64Array;
}

/** One row an input (`outpoint` spent by `tx`) and one row an output (`tx` creates `outpoint`), in order. */
export interface UtxoEdgeChunk {
  readonly count: number;
  readonly tx: BigUint64Array;
  readonly outpoint: BigUint64Array;
  /** 1 spends, 0 creates. */
  readonly spends: Uint8Array;
  readonly time: Float64Array;
  /** Fingerprint of (chain, address). */
  readonly owner: BigUint64Array;
}

export interface UtxoOutputRow {
  readonly tx: string;
  readonly index: number;
  readonly value: bigint;
  readonly time: UnixSeconds;
}

/** What one UTXO transaction did with the outputs of one address: of change, both. */
export interface UtxoMove {
  readonly tx: string;
  readonly time: UnixSeconds;
  readonly block: bigint | null;
  readonly txIndex: number;
  /** Outputs of the address that it spends, whether the store holds what created them or not; the input of a coinbase spends none. */
  readonly inputs: number;
  /** Base units in them. */
  readonly spent: bigint;
  /** Outputs that it pays to the address. */
  readonly outputs: number;
  readonly received: bigint;
}

export interface BusyAddress {
  readonly chain: ChainId;
  readonly address: string;
  readonly counterparties: number;
}

export interface StoredLabelList extends LabelList {
  readonly id: number;
  readonly entries: number;
}

export interface LabelRow extends LabelEntry {
  readonly listId: number;
}

export interface StoredPriceList extends PriceList {
  readonly id: number;
  readonly prices: number;
  /** In order. */
  readonly assets: readonly AssetId[];
  readonly firstDay: string | null;
  readonly lastDay: string | null;
}

export interface StoredPrice extends Price {
  /** Id of its file; later files have higher ones. */
  readonly list: number;
  readonly source: string;
  readonly sha256: string;
  readonly importedAt: UnixSeconds;
}

/** A case as kept: its files are those of the evidence bundle, so that export writes what was found then, not now. */
export interface StoredCase {
  readonly id: string;
  readonly title: string;
  readonly createdAt: UnixSeconds;
  readonly simulated: boolean;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface CaseSummary {
  readonly id: string;
  readonly title: string;
  readonly createdAt: UnixSeconds;
  readonly simulated: boolean;
  readonly bytes: number;
}

export interface BackupManifest {
  readonly version: number;
  readonly createdAt: UnixSeconds;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly bytes: number }[];
  readonly totals: StoreTotals;
}
