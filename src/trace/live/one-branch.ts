import { HaetaeError } from '../../base/errors.ts';
import type { BlockRef, ChainSource } from '../../source/chain-source.ts';
import type { KeptBlock } from '../../store/port.ts';

/** Blocks further below the end are taken as settled: Ethereum finalises after 64, and Bitcoin never saw so deep a fork. */
const UNSETTLED_BLOCKS = 128n;

/**
 * Blocks that were read one by one, at different times, may lie on branches that never were one chain. Asks for each recent one again,
 * and last for the end they lead to. Throws E_REORG.
 */
export async function requireOneBranch(
  source: ChainSource,
  blocks: readonly KeptBlock[],
  end: BlockRef,
): Promise<void> {
  const recent = blocks.filter((block) => block.number + UNSETTLED_BLOCKS > end.number);
  for (const block of [...recent, end]) {
    const now = await source.blockRef(block.number);
    if (now.hash === block.hash) continue;
    throw new HaetaeError('E_REORG', 'a block that was read is no longer part of the chain', {
      context: { chain: source.chain, block: block.number.toString(), read: block.hash, now: now.hash },
      remedy: 'run the same command again',
      retry: true,
    });
  }
}
