import type { Asked } from './block.ts';

/** What an endpoint says, not yet checked: the same for every kind. Every method may throw what the client throws. */
export interface BitcoinNode {
  /** Hash of the newest block. */
  tip(): Promise<string>;
  /** Hash of the canonical block at a height. E_SOURCE_BEHIND where the height is above the head. */
  hashAt(number: bigint): Promise<string>;
  /** A header's bytes (80, or more on Dogecoin) and its height. E_NOT_FOUND. */
  header(hash: string): Promise<{ readonly bytes: Uint8Array; readonly number: bigint }>;
  /** E_SOURCE_PRUNED, E_NOT_FOUND. */
  rawBlock(asked: Asked): Promise<Uint8Array>;
  /** Hash of the block that holds a transaction. E_NOT_FOUND; E_SOURCE_PRUNED where it has no index to tell by. */
  blockHashOf(tx: string): Promise<string>;
  /** In the order given; null where the endpoint does not have one. `block`: the hash of its block, where that is known. */
  rawTransactions(wanted: readonly WantedTransaction[]): Promise<readonly (Uint8Array | null)[]>;
  /** Whether a block that was the head is known to have left the chain. */
  isStale(hash: string): Promise<boolean>;
  /** The blocks that hold the transactions which a block's inputs spend, by txid; null where the endpoint does not tell. */
  previousBlocks(hash: string): Promise<ReadonlyMap<string, bigint> | null>;
  /** How far it has loaded the chain, in words, where it lags behind the headers it knows of; null where it does not. */
  lag(): Promise<string | null>;
  /** What an index of spends and addresses gives; null where there is none. */
  readonly explorer: Explorer | null;
  close(): void;
}

export interface WantedTransaction {
  readonly tx: string;
  readonly block: string | null;
}

/** What Esplora has over a node. */
export interface Explorer {
  /** null where the endpoint gives no proofs. */
  merkleProof(tx: string): Promise<MerkleProof | null>;
  /** For each output of a transaction, who spends it in a block. E_NOT_FOUND. */
  outspends(tx: string): Promise<readonly (string | null)[]>;
  /** Confirmed transactions of an address, newest first, 25 a page, behind the one named. */
  page(address: string, after: string | null): Promise<readonly PageEntry[]>;
}

export interface MerkleProof {
  readonly branch: readonly Buffer[];
  readonly index: number;
}

export interface PageEntry {
  readonly tx: string;
  /** Scripts of its outputs, hex. */
  readonly scripts: readonly string[];
}
