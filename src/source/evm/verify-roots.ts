import type { RawBlock, RawBundle, RawTransaction } from './raw.ts';
import type { RawReceipt } from './raw-receipt.ts';
import { encodeReceipt } from './receipt.ts';
import { encodeRlp, rlpNumber } from './rlp.ts';
import { EMPTY_TRIE_ROOT, orderedTrieRoot } from './trie.ts';
import { type ChainShape, isForeign, isOpStack, isUnsignedSystem } from './verify-chains.ts';

/** A transaction whose serialisation is not known leaves the roots over all of them unchecked. */
export function rootsChecked(block: RawBlock, shape: ChainShape): boolean {
  return shape.roots && !committedTransactions(block, shape).some((tx) => isForeign(tx, shape));
}

/** The transactions that the block's roots are over. */
export function committedTransactions(block: RawBlock, shape: ChainShape): readonly RawTransaction[] {
  return block.transactions.filter((tx) => !isUnsignedSystem(tx, shape));
}

export function committedReceipts({ block, receipts }: RawBundle, shape: ChainShape): readonly RawReceipt[] {
  return receipts.filter((_, i) => !isUnsignedSystem(block.transactions[i]!, shape));
}

export function receiptsRootOf(receipts: readonly RawReceipt[]): string {
  return orderedTrieRoot(receipts.map((receipt) => encodeReceipt(receipt)));
}

/**
 * Root over the withdrawals (EIP-4895); null before Shanghai. On OP-stack chains the field holds a storage root since Isthmus
 * (https://specs.optimism.io/protocol/isthmus/exec-engine.html), and there are no withdrawals: then it is as the header says.
 */
export function withdrawalsRootOf(block: RawBlock): string | null {
  const { withdrawals, withdrawalsRoot } = block;
  if (withdrawals.length === 0) {
    if (withdrawalsRoot === null || isOpStack(block)) return withdrawalsRoot;
    return EMPTY_TRIE_ROOT;
  }
  return orderedTrieRoot(
    withdrawals.map(({ index, validatorIndex, address, amount }) =>
      encodeRlp([rlpNumber(index), rlpNumber(validatorIndex), address, rlpNumber(amount)]),
    ),
  );
}
