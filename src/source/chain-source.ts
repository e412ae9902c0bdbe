import type { UnixSeconds } from '../base/time.ts';
import type { Asset, AssetId } from '../model/asset.ts';
import type { AuthorityChange } from '../model/authority.ts';
import type { ChainId } from '../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';

/**
 * What a living chain offers, the same for every chain and every kind of endpoint. Whatever leaves a source has been checked
 * against the hashes, roots and signatures that the chain itself gives; what cannot be checked is named in `unchecked`.
 *
 * Every method throws: E_SOURCE_UNREACHABLE, E_SOURCE_LIMIT (both `retry`), E_SOURCE_ANSWER, E_SOURCE_LIES (context: block, field),
 * E_SOURCE_PRUNED, E_SOURCE_BEHIND. No error carries a key, a password or the query of an endpoint's address.
 */
export type ChainSource = AccountSource | UtxoSource;

export interface BlockRef {
  readonly number: bigint;
  /** As the chain writes it: 0x… on EVM chains, display order (reversed) on Bitcoin-like ones, the block id on TRON. */
  readonly hash: string;
  readonly parent: string;
  readonly time: UnixSeconds;
}

interface SourceBase {
  readonly chain: ChainId;
  /** Kind and host, such as `evm node.example.org`: fit for a log and a bundle. */
  readonly name: string;
  /** The newest block. A head older than one this source gave before is E_SOURCE_BEHIND unless the chain was reorganised. */
  head(): Promise<BlockRef>;
  /** The canonical block at a height, its header checked. E_SOURCE_BEHIND where the height is above the head. */
  blockRef(number: bigint): Promise<BlockRef>;
  /** The block that holds a transaction. E_NOT_FOUND where the hash is no transaction of this chain, or is not yet in a block. */
  blockOf(tx: string): Promise<bigint>;
  /** New heads as they come, first the present one: by subscription where there is one, else by asking. Ends with the signal. */
  heads(signal: AbortSignal): AsyncIterable<BlockRef>;
  close(): Promise<void>;
}

/** EVM chains and TRON. */
export interface AccountSource extends SourceBase {
  readonly model: 'account';
  /** All movements of one block, checked. */
  block(number: bigint): Promise<AccountBlock>;
  /** Blocks `from` to `to` (both in), in order, read ahead within bounded memory; each one's parent is the one before, else E_REORG. */
  blocks(from: bigint, to: bigint): AsyncIterable<AccountBlock>;
  /**
   * The blocks in [from, to] in which an address pays, is paid or signs, ascending. null where this source cannot tell: then
   * the caller reads every block. More than `limit` blocks: `truncated`, a sign of a service.
   */
  activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null>;
  /** Balances at the end of a block, in the order of the places; null where the source keeps no such state. */
  balances(places: readonly BalanceQuery[], block: bigint): Promise<readonly (bigint | null)[]>;
  /** Symbol and decimals as the token itself says; decimals null where it does not say, or says what cannot be (over 77). */
  tokens(assets: readonly AssetId[]): Promise<readonly Asset[]>;
}

export interface Activity {
  readonly blocks: readonly bigint[];
  readonly truncated: boolean;
  /** What the list may lack, such as "internal moves without a trace"; empty where it is whole. */
  readonly gaps: readonly string[];
}

export interface BalanceQuery {
  readonly address: string;
  readonly asset: AssetId;
}

/** `source` of every row is {batch: 0, file: 0, row: leg}; the store puts the batch in. */
export interface AccountBlock {
  readonly ref: BlockRef;
  /** In order of (txIndex, leg). Transactions that moved nothing are left out; fees are rows. */
  readonly transfers: readonly Transfer[];
  /** Changes of authority (approvals, Safe owners and modules, delegatecalls), in order. */
  readonly signals: readonly AuthorityChange[];
  /** Whether value moved inside contracts was seen. `unseen`: the source has no traces; only balances can tell (source/settle.ts). */
  readonly internalMoves: 'traced' | 'unseen';
  /** Every address that a transaction names or its logs name (sender, receiver, created, emitters, topics): where `internalMoves` is unseen, balances of these are compared. */
  readonly parties: (tx: string) => readonly string[];
  /** Checks the signatures of these transactions against their senders: too slow for all of a block, due for all that is kept. */
  readonly confirm: (txs: ReadonlySet<string>) => void;
  /** What of this block could not be checked or seen, in words fit for a report; empty where everything was. */
  readonly unchecked: readonly string[];
}

/** Bitcoin and its kin. */
export interface UtxoSource extends SourceBase {
  readonly model: 'utxo';
  block(number: bigint): Promise<UtxoBlock>;
  /** As {@link AccountSource.blocks}. */
  blocks(from: bigint, to: bigint): AsyncIterable<UtxoBlock>;
  /** Values and addresses of inputs filled in from the transactions they spend, whose ids are recomputed. In the order given. */
  resolve(transactions: readonly RawUtxoTransaction[]): Promise<readonly UtxoTransaction[]>;
  /** One transaction, with its block, proved to be in it. E_NOT_FOUND. */
  transaction(tx: string): Promise<{ readonly transaction: UtxoTransaction; readonly ref: BlockRef }>;
  /**
   * The transactions that spend these outpoints (txid:index), in the order given; null for one that is unspent or spent only outside
   * a block. The whole answer is null where this source has no index of spends: then the caller reads every block. "Unspent" is
   * believed only of an index that has the block `at`: else E_SOURCE_BEHIND, or E_REORG where it has gone on from another one.
   */
  spenders(outpoints: readonly string[], at: BlockRef): Promise<readonly (string | null)[] | null>;
  /** Every transaction in a block that pays an address; null where this source has no index of addresses. */
  received(
    address: string,
    limit: number,
  ): Promise<{ readonly txs: readonly string[]; readonly truncated: boolean } | null>;
}

export interface UtxoBlock {
  readonly ref: BlockRef;
  readonly transactions: readonly RawUtxoTransaction[];
  readonly unchecked: readonly string[];
}

/** A transaction as its own bytes give it. Its id was recomputed from them. */
export interface RawUtxoTransaction {
  readonly chain: ChainId;
  readonly tx: string;
  readonly block: bigint;
  readonly time: UnixSeconds;
  readonly txIndex: number;
  /** null: a coinbase. Value and address where the node gave them (undo data); they are checked on `resolve`. */
  readonly inputs: readonly ({ readonly tx: string; readonly index: number } | null)[];
  readonly outputs: readonly { readonly value: bigint; readonly address: string }[];
}
