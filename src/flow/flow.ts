import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { Float64Column, Uint32Column } from './column.ts';

/**
 * A whole chain as columns: what the files beside the store hold, and what exposure, clusters and traces read. Numbers are dense:
 * address ids count over a chain, place ids over an asset of it, steps over a chain, in the order of first appearance, and never
 * change while the index only grows. Definitions: docs/index.md.
 */

/** An end of a movement that is no place: outside the data, or destroyed. */
export const NONE = 0xffff_ffff;
/** Paid to the chain. */
export const FEE = 0xffff_fffe;

/** The addresses of one chain, by number. */
export interface AddressBook {
  readonly chain: ChainId;
  readonly size: number;
  /** Canonical text. `id` below `size`. */
  text(id: number): string;
  /** The id of a canonical address; -1 where the chain's data never name it. */
  find(address: string): number;
}

/**
 * Runs of rows of one transaction, in the chain's order; a row without a transaction is a step of its own. Rows of one transaction that
 * stand apart (a file without an index) are several steps.
 */
export interface StepTable {
  readonly count: number;
  time(step: number): UnixSeconds;
  /** null where the source names no block. */
  block(step: number): number | null;
  /** The first step at or after a time; `count` where there is none. */
  firstAt(time: UnixSeconds): number;
}

/** Rows by place: those of `place` are entries start(place) to end(place) - 1, in time order. */
export interface Adjacency {
  start(place: number): number;
  end(place: number): number;
  /** The other end of an entry's row: a place, NONE or FEE. */
  readonly peer: Uint32Column;
  /** The entry's row in its segment. */
  readonly row: Uint32Column;
}

/**
 * Movements of one asset on an account chain, in order (time, block, txIndex, leg), those of nothing left out, fees included.
 * Rows of a segment come before those of the next.
 */
export interface AssetSegment {
  readonly count: number;
  readonly from: Uint32Column;
  readonly to: Uint32Column;
  /** Two words a row: the low 64 bits of the amount. */
  readonly low: Uint32Column;
  /** Likewise the high 64 bits; null where all are zero. 2^128 - 1 stands for an amount in the overflow table. */
  readonly high: Uint32Column | null;
  /** Amount over the payer's balance before it, shortages credited first: 0 to 1. 1 where nobody pays. */
  readonly ratio: Float64Column;
  readonly step: Uint32Column;
  readonly out: Adjacency;
  readonly in: Adjacency;
  /** The exact amount of a row, up to 2^256 - 1. */
  amount(row: number): bigint;
}

export interface AssetFlow {
  readonly asset: AssetId;
  readonly placeCount: number;
  /** Address id of a place. */
  addressOf(place: number): number;
  /** The place of an address id; -1 where it never moved this asset. */
  placeOf(address: number): number;
  readonly segments: readonly AssetSegment[];
}

/**
 * A net flow of a transaction that moves several assets (taint/swap.ts): what `fromPlace` gave becomes what `toPlace` received. Scans take these
 * in place of the transaction's rows, whose steps are in `steps`.
 */
export interface SwapFlow {
  readonly step: number;
  /** Index in `assets`, and place of that asset; place NONE: from outside, or nobody. */
  readonly fromAsset: number;
  readonly fromPlace: number;
  readonly toAsset: number;
  readonly toPlace: number;
  /** Base units given, of the payer's asset: the part of its gift that became `received`. */
  readonly given: bigint;
  /** Base units received, of the receiver's asset. */
  readonly received: bigint;
  /** `given` over the payer's balance just before the transaction, less what it gave in earlier flows of the same one. */
  readonly ratio: number;
}

export interface SwapTable {
  readonly count: number;
  /** In order of step, then as atomFlows gives them. */
  readonly flows: readonly SwapFlow[];
  /** Steps whose rows belong to a transaction of several assets, ascending: rows that scans leave to `flows`. */
  readonly steps: Uint32Array;
  /** For each of `steps`, the first step of its transaction: there the whole transaction happens. */
  readonly firstSteps: Uint32Array;
}

export interface AccountFlow {
  readonly model: 'account';
  readonly chain: ChainId;
  readonly addresses: AddressBook;
  readonly steps: StepTable;
  /** In the order of first appearance. */
  readonly assets: readonly AssetFlow[];
  readonly swaps: SwapTable;
  /** Distinct payers and payees of an address id over all assets, itself and fees left out. */
  counterparties(address: number): number;
}

/**
 * A UTXO chain. Transactions are numbered in the order of blocks where the whole chain names them, else of time; inside a block (a second) by (txIndex, tx), but each after
 * those of it that create what it spends. So steps rise by block or by time, not always by both. An output's number counts over all transactions in order, except that an output
 * which nothing created so far is numbered with the transaction that spends it, before that one's outputs: the data may never show
 * it being created, or later only (`late`), where times run backward and no block is named. More in memory.ts.
 */
export interface UtxoSegment {
  /** Transactions firstTx to firstTx + txCount - 1; outputs firstOutput to firstOutput + outputCount - 1. */
  readonly firstTx: number;
  readonly txCount: number;
  readonly firstOutput: number;
  readonly outputCount: number;
  /** By transaction from firstTx, one more than there are: where its inputs begin in `inputs`. */
  readonly inputStart: Uint32Column;
  /** Output numbers spent, in input order; a coinbase has none. */
  readonly inputs: Uint32Column;
  /** By transaction from firstTx, one more: number of its first created output. Unseen outputs it spends stand before those. */
  readonly outputStart: Uint32Column;
  /** By transaction: number of outputs it creates (the unseen ones it spends and the late ones are not counted). */
  readonly created: Uint32Column;
  /** Pairs, by transaction: a transaction of this segment and an output it creates, which has its number from the transaction that spends it. */
  readonly late: Uint32Column;
  /** By output from firstOutput: two words of value. */
  readonly value: Uint32Column;
  /** By output: address id. */
  readonly owner: Uint32Column;
  /** By output: the transaction of this segment that spends it, else NONE. */
  readonly spentBy: Uint32Column;
}

export interface UtxoFlow {
  readonly model: 'utxo';
  readonly chain: ChainId;
  readonly asset: AssetId;
  readonly addresses: AddressBook;
  /** Of transactions. */
  readonly steps: StepTable;
  readonly txCount: number;
  readonly outputCount: number;
  readonly segments: readonly UtxoSegment[];
  /** Output numbers of an address id, ascending, over all segments. */
  outputsOf(address: number): Uint32Array;
  /** The transaction that spends an output, in whatever segment; -1 where none is known. */
  spender(output: number): number;
  /** The transaction that created an output; -1 where the data only show it being spent. */
  creator(output: number): number;
}

export type ChainFlow = AccountFlow | UtxoFlow;
