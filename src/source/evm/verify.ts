import type { ChainId } from '../../model/chain.ts';
import type { BlockRef } from '../chain-source.ts';
import { joinBlooms } from './bloom.ts';
import { EMPTY_UNCLES, headerHash } from './header.ts';
import type { RawBundle, RawHeader } from './raw.ts';
import { accuseHeader } from './verify-accuse.ts';
import { chainShape } from './verify-chains.ts';
import { lie } from './verify-lie.ts';
import { verifyReceipts } from './verify-receipts.ts';
import { committedReceipts, rootsChecked, withdrawalsRootOf } from './verify-roots.ts';
import { verifyTraces } from './verify-traces.ts';
import { verifyTransactions } from './verify-transactions.ts';

/**
 * What a header names, after its hash was recomputed from all of its fields (not on the chains of verify-chains.ts whose hash is
 * made in another way). Throws E_SOURCE_LIES with field `hash`: which of the fields is wrong cannot be known from the header alone.
 */
export function verifyHeader(header: RawHeader, chain: ChainId): BlockRef {
  if (chainShape(chain).header) {
    if (headerHash(header) !== header.hash) throw lie(header, 'hash', 'the block hash does not fit the header');
    const listsUncles = header.uncles.length > 0;
    if (listsUncles === (header.sha3Uncles === EMPTY_UNCLES))
      throw lie(header, 'uncles', 'the uncles listed do not fit their hash');
  }
  return { number: header.number, hash: header.hash, parent: header.parentHash, time: header.time };
}

/**
 * Checks everything of a block that hashes, roots and the fields among themselves allow: header, transactions, receipts, logs,
 * blooms, withdrawals, traces. Senders are checked against their signatures apart, because that is slow (AccountBlock.confirm);
 * value that moves inside a transaction is in no hash, only balances can tell (source/settle.ts). Throws E_SOURCE_LIES with block,
 * field and, where it is one transaction's, tx; E_SOURCE_ANSWER where a field is missing.
 */
export function verifyBlock(raw: RawBundle, chain: ChainId): BlockRef {
  const { block } = raw;
  const shape = chainShape(chain);
  if (shape.header && headerHash(block) !== block.hash) throw accuseHeader(raw, chain);
  const ref = verifyHeader(block, chain);
  verifyTransactions(raw, chain);
  verifyReceipts(raw, chain);
  if (rootsChecked(block, shape)) {
    if (withdrawalsRootOf(block) !== block.withdrawalsRoot)
      throw lie(block, 'withdrawals', 'the withdrawals listed do not fit their root');
    if (joinBlooms(committedReceipts(raw, shape).map((receipt) => receipt.logsBloom)) !== block.logsBloom)
      throw lie(block, 'logsBloom', 'the block’s logs bloom is not that of its receipts');
  }
  verifyTraces(raw, chain);
  return ref;
}
