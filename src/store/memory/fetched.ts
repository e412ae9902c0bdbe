import type { ChainId } from '../../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import { addCovered, cutCovered, newBlocks, usefulOpenings } from '../coverage.ts';
import {
  assertFetched,
  freshTransfers,
  freshUtxo,
  grown,
  inLiveBatch,
  liveContentId,
  openLiveBatch,
  refuseFetchedTies,
} from '../fetched.ts';
import type { Batch, Covered, Fetched, FetchedCounts, KeptBlock, Opening } from '../port.ts';
import { compareTransfers, compareUtxo } from './order.ts';

/** What is known of one living chain beside its movements. */
export interface ChainFacts {
  /** Ascending. */
  readonly blocks: readonly KeptBlock[];
  readonly covered: readonly Covered[];
  readonly openings: readonly Opening[];
}

export const NO_FACTS: ChainFacts = { blocks: [], covered: [], openings: [] };

/** The part of the store's content that fetches change. */
export interface FetchedContent {
  readonly batches: readonly Batch[];
  readonly transfers: readonly Transfer[];
  readonly utxo: readonly UtxoTransaction[];
  readonly facts: ReadonlyMap<ChainId, ChainFacts>;
  /** Transactions fetched first and brought by a file later, which is why they are stored once: a roll-back leaves them. */
  readonly filed: ReadonlySet<string>;
}

/** `filed` with the transactions of the rows that an import holds and that were fetched. */
export function withFiled(
  content: FetchedContent,
  chain: ChainId,
  held: readonly (Transfer | UtxoTransaction)[],
): ReadonlySet<string> {
  const live = content.batches.find((batch) => batch.contentId === liveContentId(chain));
  const rows = [...content.transfers, ...content.utxo].filter((row) => row.source.batch === live?.id);
  const fetched = new Set(rows.map(filedKey));
  return new Set([...content.filed, ...held.map(filedKey).filter((key) => fetched.has(key))]);
}

function filedKey({ chain, tx }: Transfer | UtxoTransaction): string {
  return JSON.stringify([chain, tx]);
}

/** The content with the answer added. Throws E_TRANSFER_CONFLICT, E_ORDER_CONFLICT, E_REORG. */
export function withFetched<C extends FetchedContent>(
  content: C,
  fetched: Fetched,
): { readonly content: C; readonly counts: FetchedCounts } {
  assertFetched(fetched);
  const { chain } = fetched;
  const facts = content.facts.get(chain) ?? NO_FACTS;
  const blocks = newBlocks(chain, facts.blocks, fetched.blocks);
  const covered = addCovered(facts.covered, fetched.covered);
  const openings = usefulOpenings(chain, [...facts.openings, ...fetched.openings], covered);
  const stored = { rows: content.transfers.filter((row) => row.chain === chain), batches: content.batches };
  const transfers = freshTransfers(fetched.transfers.toSorted(compareTransfers), stored);
  refuseFetchedTies(transfers, stored);
  const held = { rows: content.utxo.filter((tx) => tx.chain === chain), batches: content.batches };
  const utxo = freshUtxo(fetched.utxo.toSorted(compareUtxo), held);
  const known = content.batches.find((batch) => batch.contentId === liveContentId(chain)) ?? null;
  const live = grown(openLiveBatch(known, content.batches.length + 1, fetched), transfers, utxo);
  const own = <T extends Transfer | UtxoTransaction>(row: T): T => inLiveBatch(row, live, fetched);
  const added = transfers.length + utxo.length;
  return {
    content: {
      ...content,
      batches: withBatch(content.batches, live),
      transfers: [...content.transfers, ...transfers.map(own)].sort(compareTransfers),
      utxo: [...content.utxo, ...utxo.map(own)].sort(compareUtxo),
      facts: new Map(content.facts).set(chain, {
        blocks: [...facts.blocks, ...blocks].sort((a, b) => Number(a.number - b.number)),
        covered,
        openings,
      }),
    },
    counts: { added, alreadyStored: fetched.transfers.length + fetched.utxo.length - added },
  };
}

function withBatch(batches: readonly Batch[], live: Batch): Batch[] {
  return [...batches.filter((batch) => batch.id !== live.id), live].sort((a, b) => a.id - b.id);
}

/** The content as if nothing of the chain had been fetched above a block. */
export function withoutAbove<C extends FetchedContent>(content: C, chain: ChainId, above: bigint): C {
  const batch = content.batches.find((item) => item.contentId === liveContentId(chain));
  if (batch === undefined) return content;
  const stays = (row: Transfer | UtxoTransaction): boolean =>
    row.source.batch !== batch.id || row.block! <= above || (row.tx !== null && content.filed.has(filedKey(row)));
  const transfers = content.transfers.filter(stays);
  const utxo = content.utxo.filter(stays);
  const isLive = (row: Transfer | UtxoTransaction): boolean => row.source.batch === batch.id;
  const emptied = { ...batch, rowsRead: 0, rowsKept: 0, rounded: 0, zeroValue: 0, firstTime: null, lastTime: null };
  const live = grown(emptied, transfers.filter(isLive), utxo.filter(isLive));
  const facts = content.facts.get(chain) ?? NO_FACTS;
  const blocks = facts.blocks.filter((block) => block.number <= above);
  const left: ChainFacts = {
    blocks,
    covered: cutCovered(facts.covered, above, blocks.at(-1)?.time ?? null),
    openings: facts.openings.filter((opening) => opening.block < above),
  };
  return {
    ...content,
    batches: withBatch(content.batches, live),
    transfers,
    utxo,
    facts: new Map(content.facts).set(chain, left),
  };
}
