import { HaetaeError } from '../../base/errors.ts';
import type { ChainSource } from '../../source/chain-source.ts';
import type { KeptBlock, Store } from '../../store/port.ts';

/** Reorganisations deeper than this are no accident of the network: the user decides. Ethereum finalises after 64 blocks, Bitcoin never saw 60. */
export const MAX_REORG_DEPTH = 1024;
/** Without one common block the store may be of another chain with the same id: only the last minutes are given up then. */
const MAX_DEPTH_WITHOUT_COMMON = 64;
const KEPT_ASKED = 4096;

export interface Reorganisation {
  /** The last block that both have. */
  readonly above: bigint;
  readonly depth: bigint;
  readonly transfers: number;
  readonly utxoTransactions: number;
}

/**
 * Compares the hashes kept of a chain with what the source says now, newest first, and forgets what is no longer part of the chain.
 * null where nothing changed. Throws E_SOURCE_BEHIND where the source has not come as far as the store, E_REORG_DEEP.
 */
export async function forgetReorganised(store: Store, source: ChainSource): Promise<Reorganisation | null> {
  const kept = await store.keptBlocks(source.chain, KEPT_ASKED);
  const newest = kept[0];
  if (newest === undefined) return null;
  const head = await source.head();
  const common = await lastCommon(kept, source, head.number);
  const above = common?.number ?? kept.at(-1)!.number - 1n;
  if (above === newest.number) return null;
  const depth = newest.number - above;
  if (kept.every((block) => block.number <= above || block.number > head.number)) {
    throw new HaetaeError(
      'E_SOURCE_BEHIND',
      `the source is at block ${head.number}, the store knows block ${newest.number}`,
      {
        context: { source: source.name, head: head.number.toString(), stored: newest.number.toString() },
        remedy: 'wait until the node has caught up, or name another source',
        retry: true,
      },
    );
  }
  const limit = common === null ? MAX_DEPTH_WITHOUT_COMMON : MAX_REORG_DEPTH;
  if (depth > BigInt(limit)) {
    throw new HaetaeError('E_REORG_DEEP', `the chain differs from what was fetched by more than ${limit} blocks`, {
      context: { chain: source.chain, newest: newest.number.toString(), common: common?.number.toString() ?? 'none' },
      remedy: 'check that the source serves the same chain; to begin anew, fetch into another store with --db',
    });
  }
  const gone = await store.rollBack(source.chain, above);
  return { above, depth, ...gone };
}

async function lastCommon(kept: readonly KeptBlock[], source: ChainSource, head: bigint): Promise<KeptBlock | null> {
  for (const block of kept) {
    if (block.number > head) continue;
    if (kept[0]!.number - block.number > BigInt(MAX_REORG_DEPTH) * 2n) return null;
    const now = await source.blockRef(block.number);
    if (now.hash === block.hash) return block;
  }
  return null;
}
