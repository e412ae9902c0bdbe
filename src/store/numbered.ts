import type { Progress } from '../base/progress.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';

/**
 * Movements with numbers in place of names, for the column index (flow/). Address ids count over a chain from 0, without gaps, and
 * are never given again to another address; asset ids likewise. Part of every store.
 */
export interface NumberedStore {
  /** Chains that hold movements, and of which model; in order of id. */
  numberedChains(): Promise<readonly { readonly chain: ChainId; readonly model: 'account' | 'utxo' }[]>;
  /**
   * Gives ids to what has none yet: addresses and assets of imports and of what was fetched. What an import with ids brought has
   * them already. Repeating it changes nothing. Atomic. Names that stand only in movements of nothing, as a fee's receiver or at a coinbase
   * input get none. By import in order of batch, what was fetched last; inside it in order of first appearance, a payer before its payee.
   */
  assignIds(chain: ChainId, progress: Progress): Promise<IdCounts>;
  /** Texts of the addresses with ids from `from` on, in order of id, in chunks. */
  addressTexts(chain: ChainId, from: number): AsyncIterable<readonly string[] | AddressBytes>;
  /** Ids of assets, by position. */
  numberedAssets(chain: ChainId): Promise<readonly AssetId[]>;
  /**
   * Account movements above zero, fees included, in order (time, block with null last, txIndex, leg). Every name must have an id: E_STORE_CORRUPT
   * where one has none (call `assignIds` first).
   */
  numberedTransfers(query: NumberedQuery): AsyncIterable<NumberedChunk>;
  /** UTXO transactions in order (block where the whole chain's rows name one, else time; txIndex; tx). */
  numberedUtxo(query: NumberedQuery): AsyncIterable<NumberedUtxoChunk>;
  /**
   * What an index was built from, to see whether it still holds: one entry an import (immutable, so its content id says all), and for what was
   * fetched of the chain, per window of time given, how many rows there are and a digest of them that does not depend on their order. Digests
   * are others in another store, and after a restore: numbers and prints are of one store only.
   */
  contents(chain: ChainId, windows: readonly TimeWindow[]): Promise<StoreContents>;
}

export interface IdCounts {
  readonly addresses: number;
  readonly assets: number;
  /** Rows of imports that got numbers by this call: movements above zero, inputs and outputs. What was fetched is numbered as it is read. */
  readonly numbered: number;
}

/** Texts end to end in UTF-8; text i is bytes[starts[i]] to bytes[starts[i + 1]] - 1. */
export interface AddressBytes {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly starts: Uint32Array;
}

export interface TimeWindow {
  /** Both in. */
  readonly from: UnixSeconds;
  readonly to: UnixSeconds;
}

export interface NumberedQuery {
  readonly chain: ChainId;
  /** Rows of this second and later. */
  readonly from: UnixSeconds;
  /** Rows up to this second; null: all. */
  readonly to: UnixSeconds | null;
}

/** `count` rows; every array has at least that length. Words are little end first. */
export interface NumberedChunk {
  readonly count: number;
  /** Address ids; 0xffffffff for none. */
  readonly from: Uint32Array;
  /** 0xffffffff for none, 0xfffffffe for a fee. */
  readonly to: Uint32Array;
  readonly asset: Uint32Array;
  readonly low: BigUint64Array;
  /** 2^64 - 1 with `low` 2^64 - 1 stands for an amount of `large`. */
  readonly high: BigUint64Array;
  readonly time: Float64Array;
  /** -1 where the source names none. */
  readonly block: Float64Array;
  /** Keyed print of the transaction; 0 where there is none. */
  readonly tx: BigUint64Array;
  /** Amounts of 2^128 - 1 and more, by row of this chunk, in order. */
  readonly large: readonly { readonly row: number; readonly amount: bigint }[];
}

/** One row an input or an output, as UtxoEdgeChunk, inputs of a transaction before its outputs, both in order. Coinbase inputs have no row. */
export interface NumberedUtxoChunk {
  readonly count: number;
  /** 1 in the first row of each transaction. */
  readonly begins: Uint8Array;
  /** 1 spends, 0 creates. */
  readonly spends: Uint8Array;
  readonly owner: Uint32Array;
  readonly value: BigUint64Array;
  /** Keyed print of the outpoint spent or created. */
  readonly outpoint: BigUint64Array;
  readonly time: Float64Array;
  readonly block: Float64Array;
  /** Keyed print of the transaction. */
  readonly tx: BigUint64Array;
}

export interface StoreContents {
  readonly imports: readonly {
    readonly batch: number;
    readonly contentId: string;
    readonly rows: number;
    readonly window: TimeWindow;
  }[];
  /** By window asked for. */
  readonly fetched: readonly { readonly rows: number; readonly digest: string }[];
  /** All that was fetched of the chain, however dated. */
  readonly fetchedRows: number;
  /** Digest of the opening balances kept. */
  readonly openings: string;
}
