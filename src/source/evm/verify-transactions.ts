import { HaetaeError } from '../../base/errors.ts';
import type { ChainId } from '../../model/chain.ts';
import { createdAddress } from '../file/created.ts';
import { keccakHex } from './keccak.ts';
import type { RawBlock, RawBundle, RawTransaction } from './raw.ts';
import { numberOf } from './raw-field.ts';
import { encodeTransaction, isKnownType, legacyChainId } from './transaction.ts';
import { orderedTrieRoot } from './trie.ts';
import { type ChainShape, chainShape, isForeign, isUnsignedSystem } from './verify-chains.ts';
import { lie } from './verify-lie.ts';
import { baseFeeOf, priceOf } from './verify-price.ts';
import { rootsChecked } from './verify-roots.ts';

/**
 * Each transaction's hash from its own fields, then the root over them, then what the node adds to them (place, price, chain).
 * Throws E_SOURCE_LIES, E_SOURCE_ANSWER.
 */
export function verifyTransactions(raw: RawBundle, chain: ChainId): void {
  const { block } = raw;
  const shape = chainShape(chain);
  const encoded: Uint8Array[] = [];
  for (const [index, tx] of block.transactions.entries()) {
    checkPlace(block, tx, index);
    if (isUnsignedSystem(tx, shape)) continue;
    if (!isForeign(tx, shape)) encoded.push(checkHash(raw, index, chain));
    checkAdded(block, tx, shape, chain);
  }
  if (rootsChecked(block, shape) && orderedTrieRoot(encoded) !== block.transactionsRoot)
    throw lie(block, 'transactionsRoot', 'the transactions listed are not those the block was made of');
}

function checkPlace(block: RawBlock, tx: RawTransaction, index: number): void {
  const wrong = (field: string) =>
    lie(block, field, 'a transaction names another place than the one it stands in', tx.hash);
  if (tx.blockHash !== block.hash) throw wrong('blockHash');
  if (BigInt(tx.blockNumber) !== block.number) throw wrong('blockNumber');
  if (tx.blockTimestamp !== null && tx.blockTimestamp !== block.timestamp) throw wrong('blockTimestamp');
  if (tx.index !== index) throw wrong('transactionIndex');
}

function checkHash(raw: RawBundle, index: number, chain: ChainId): Uint8Array {
  const tx = raw.block.transactions[index]!;
  if (!isKnownType(tx.type)) {
    if (raw.receipts[index]!.type !== tx.type)
      throw lie(raw.block, 'type', 'a transaction’s type is not its receipt’s', tx.hash);
    throw unknownType(raw.block, tx);
  }
  const encoded = encodeTransaction(tx);
  const hash = keccakHex(encoded);
  if (hash === tx.hash) return encoded;
  const field = accuse(raw, index, hash, chain);
  throw lie(raw.block, field, 'a transaction’s hash does not fit its fields', tx.hash);
}

function unknownType(block: RawBlock, tx: RawTransaction): HaetaeError {
  return new HaetaeError('E_SOURCE_ANSWER', 'a transaction is of a type that is not known', {
    context: { block: block.number.toString(), field: 'type', tx: tx.hash, type: tx.type },
    remedy: 'ask another endpoint; if the chain has types of its own since this version, update Haetae',
  });
}

/** The field that what else is known of the transaction speaks against; `hash` where nothing does. */
function accuse({ block, receipts, traces }: RawBundle, index: number, recomputed: string, chain: ChainId): string {
  const tx = block.transactions[index]!;
  const receipt = receipts[index]!;
  const top = traces?.transactions[index]?.[0];
  if (receipt.transactionHash === recomputed) return 'hash';
  if (tx.type !== receipt.type) return 'type';
  if (tx.to !== receipt.to) return 'to';
  const added = addedFault(block, tx, chainShape(chain), chain);
  if (added !== null) return added;
  if (tx.to === null && receipt.contractAddress !== null) {
    if (createdAddress(tx.from, numberOf(tx.nonce)) !== receipt.contractAddress) return 'nonce';
  }
  if (top !== undefined && top.value !== tx.value) return 'value';
  if (top !== undefined && top.input !== tx.input) return 'input';
  return 'hash';
}

function checkAdded(block: RawBlock, tx: RawTransaction, shape: ChainShape, chain: ChainId): void {
  const field = isForeign(tx, shape) ? null : addedFault(block, tx, shape, chain);
  if (field !== null) throw lie(block, field, 'a transaction says two things that do not agree', tx.hash);
}

/** Fields that the hash does not cover, or covers in another form. */
function addedFault(block: RawBlock, tx: RawTransaction, shape: ChainShape, chain: ChainId): string | null {
  if (tx.deposit !== null) return null;
  const expected = BigInt(chain.slice(chain.indexOf(':') + 1));
  if (tx.chainId !== null && BigInt(tx.chainId) !== expected) return 'chainId';
  const signedFor = tx.type === 0 ? legacyChainId(tx) : null;
  if (signedFor !== null && signedFor !== expected) return 'v';
  if (tx.type !== 0 && tx.v !== null && tx.yParity !== null && tx.v !== tx.yParity) return 'v';
  const price = shape.price && tx.type >= 2 ? priceOf(tx, baseFeeOf(block)) : null;
  if (price !== null && tx.gasPrice !== null && BigInt(tx.gasPrice) !== price) return 'gasPrice';
  return null;
}
