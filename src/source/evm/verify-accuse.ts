import type { HaetaeError } from '../../base/errors.ts';
import type { ChainId } from '../../model/chain.ts';
import { joinBlooms, logsBloom } from './bloom.ts';
import { EMPTY_UNCLES } from './header.ts';
import type { RawBundle } from './raw.ts';
import { bigOf } from './raw-field.ts';
import { encodeTransaction } from './transaction.ts';
import { orderedTrieRoot } from './trie.ts';
import { chainShape } from './verify-chains.ts';
import { lie } from './verify-lie.ts';
import { baseFeeOf, isBlobPrice, priceOf } from './verify-price.ts';
import {
  committedReceipts,
  committedTransactions,
  receiptsRootOf,
  rootsChecked,
  withdrawalsRootOf,
} from './verify-roots.ts';

/**
 * The error for a header that does not fit its hash. Its field is the one that the block's content speaks against; `hash` where
 * nothing does (a state root can be any number), or where the hash itself is the odd one out.
 */
export function accuseHeader(raw: RawBundle, chain: ChainId): HaetaeError {
  const field = suspect(raw, chain);
  const why = field === 'hash' ? '' : `: its ${field} is not what the block’s content gives`;
  return lie(raw.block, field, `the block hash does not fit the header${why}`);
}

function suspect(raw: RawBundle, chain: ChainId): string {
  const { block, receipts } = raw;
  const { transactions } = block;
  if (transactions.length > 0 && transactions.every((tx) => tx.blockHash !== block.hash)) return 'hash';
  if (transactions.some((tx) => tx.blockTimestamp !== null && tx.blockTimestamp !== block.timestamp))
    return 'timestamp';
  if (transactions.some((tx) => BigInt(tx.blockNumber) !== block.number)) return 'number';
  if (block.uncles.length === 0 && block.sha3Uncles !== EMPTY_UNCLES) return 'sha3Uncles';
  const shape = chainShape(chain);
  if (rootsChecked(block, shape)) {
    const listed = committedReceipts(raw, shape);
    const encoded = committedTransactions(block, shape).map((tx) => encodeTransaction(tx));
    if (orderedTrieRoot(encoded) !== block.transactionsRoot) return 'transactionsRoot';
    if (receiptsRootOf(listed) !== block.receiptsRoot) return 'receiptsRoot';
    if (withdrawalsRootOf(block) !== block.withdrawalsRoot) return 'withdrawalsRoot';
    if (joinBlooms(listed.map(({ logs }) => logsBloom(logs))) !== block.logsBloom) return 'logsBloom';
    if (listed.length > 0 && listed.at(-1)!.cumulativeGasUsed !== block.gasUsed) return 'gasUsed';
  }
  const paid = receipts.map((receipt) =>
    receipt.effectiveGasPrice === null ? null : bigOf(receipt.effectiveGasPrice),
  );
  const prices = transactions.map((tx) => (shape.price && tx.deposit === null ? priceOf(tx, baseFeeOf(block)) : null));
  if (prices.some((price, i) => price !== null && paid[i] !== null && paid[i] !== price)) return 'baseFeePerGas';
  const blobPrice = receipts.find((receipt) => receipt.blobGasPrice !== null)?.blobGasPrice ?? null;
  if (blobPrice !== null && block.excessBlobGas !== null && !isBlobPrice(blobPrice, block)) return 'excessBlobGas';
  return 'hash';
}
