import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from './asset.ts';
import type { ChainId } from './chain.ts';

/**
 * What kind of movement of an account chain a row is. `gas`, `burn` and `tip` are fees: they have no receiver. `adjust` is a change
 * of balance that no log or trace names (a rebase, a fee kept by a token): one end is null. `opening` is what a place held before the
 * first movement known of it, as a node's state says; it stands in evidence only, never in a store's movements.
 */
export const TRANSFER_KINDS = [
  'transfer',
  'internal',
  'token',
  'mint',
  'gas',
  'burn',
  'tip',
  'adjust',
  'opening',
] as const;
export type TransferKind = (typeof TRANSFER_KINDS)[number];

/** Paid to the chain: final, reaching nobody. */
export const FEE_KINDS: ReadonlySet<TransferKind> = new Set(['gas', 'burn', 'tip'] as const);

/** Where a row came from: the batch (one import), the file in it (from 0) and the row in the file (from 1, header not counted). */
export interface RowSource {
  readonly batch: number;
  readonly file: number;
  readonly row: number;
}

/**
 * Order inside an account chain: (time, block, txIndex, leg). Two movements of one place never share it.
 * A layout without an index inside the block has block = null or known, txIndex = 0 and leg = its row number or inferred rank.
 */
export interface OrderKey {
  readonly time: UnixSeconds;
  /** null where the source names no block. */
  readonly block: bigint | null;
  readonly txIndex: number;
  readonly leg: number;
}

/** One movement of one asset on an account chain. */
export interface Transfer extends OrderKey {
  readonly chain: ChainId;
  /** Transaction hash as the chain writes it; null where the source has none. */
  readonly tx: string | null;
  readonly kind: TransferKind;
  /** null: from outside what the data know (mint, reward). Canonical text of the chain (EVM lower case). */
  readonly from: string | null;
  /** null: a fee, or destroyed. */
  readonly to: string | null;
  readonly asset: AssetId;
  /** Base units, 0 to 2^256 - 1. */
  readonly amount: bigint;
  /** The source printed the amount in floating point and it exceeds 2^53: the true amount may differ in its last digits. */
  readonly rounded: boolean;
  readonly source: RowSource;
}

export interface UtxoInput {
  /** Outpoint spent; null for a coinbase. */
  readonly outpoint: { readonly tx: string; readonly index: number } | null;
  readonly value: bigint;
  /** Canonical address, or `script:HEX` for a script that has none. */
  readonly address: string;
}

export interface UtxoOutput {
  readonly value: bigint;
  readonly address: string;
}

/** One full transaction of a UTXO chain. Output index is the position in `outputs`. */
export interface UtxoTransaction {
  readonly chain: ChainId;
  readonly tx: string;
  readonly time: UnixSeconds;
  readonly block: bigint | null;
  readonly txIndex: number;
  readonly inputs: readonly UtxoInput[];
  readonly outputs: readonly UtxoOutput[];
  readonly source: RowSource;
}

/** How the order inside a block was come by; recorded in the batch and in every case that uses it. */
export type OrderRule = 'index' | 'row' | 'inferred';
