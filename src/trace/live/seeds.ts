import { HaetaeError } from '../../base/errors.ts';
import { formatTime, type UnixSeconds } from '../../base/time.ts';
import type { Seed, TheftFile } from '../../model/theft.ts';
import type { BlockRef, ChainSource, UtxoSource } from '../../source/chain-source.ts';
import type { Store } from '../../store/port.ts';
import type { AccountSeed } from './account-reach.ts';
import { keepFetched } from './job.ts';

/** Seeds and the far ends of documented links, on one chain. */
export function seedsOn(file: TheftFile, chain: string): readonly Seed[] {
  const seeds = [...file.thefts.flatMap((theft) => theft.seeds), ...file.links.map((link) => link.to)];
  return seeds.filter((seed) => seed.chain.id === chain);
}

/** The seeds of an account chain with their blocks. Throws E_NOT_FOUND where a seed's transaction is none. */
export async function accountSeeds(source: ChainSource, seeds: readonly Seed[]): Promise<AccountSeed[]> {
  const blocks = new Map<string, bigint>();
  const found: AccountSeed[] = [];
  for (const { address, asset, tx, kind, time } of seeds) {
    const after = kind === 'mark' ? tx : null;
    const key = after ?? String(time);
    if (!blocks.has(key)) blocks.set(key, await (after === null ? blockAt(source, time!) : source.blockOf(after)));
    found.push({ address: address!, asset: asset.id, block: blocks.get(key)!, tx: after });
  }
  return found;
}

/** The first block of this second or later; above the head where there is none yet. Asks about log2(height) times. */
export async function blockAt(source: ChainSource, time: UnixSeconds): Promise<bigint> {
  const head = await source.head();
  if (head.time < time) return head.number + 1n;
  let low = 0n;
  let high = head.number;
  while (low < high) {
    const middle = (low + high) / 2n;
    if ((await source.blockRef(middle)).time < time) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** Fetches the transactions of seeds on a UTXO chain that the store does not hold. */
export async function fetchSeedTransactions(
  store: Store,
  source: UtxoSource,
  seeds: readonly Seed[],
  now: () => UnixSeconds,
): Promise<void> {
  const wanted = new Set(seeds.flatMap((seed) => (seed.kind === 'credit' ? [] : (seed.outpoint?.tx ?? seed.tx ?? []))));
  for (const tx of wanted) {
    const held = await store.utxoTransactionsById(source.chain, [tx]);
    if (held.length > 0) continue;
    const { transaction, ref } = await source.transaction(tx);
    await keepFetched({ store, source, now }, { utxo: [transaction], blocks: [ref] });
  }
}

/** How far the time of a Bitcoin-like block may lie before that of an earlier one. */
const BACKWARD_SECONDS = 2 * 7200;

/** The last block that may be dated not after a second, or the head. Throws E_TIME where the chain had not begun. */
export async function endBlock(source: ChainSource, until: UnixSeconds | null): Promise<BlockRef> {
  const head = await source.head();
  const latest = until === null ? null : until + (source.model === 'utxo' ? BACKWARD_SECONDS : 0);
  if (latest === null || head.time <= latest) return head;
  const after = await blockAt(source, latest + 1);
  if (after === 0n) {
    throw new HaetaeError('E_TIME', 'the chain had no block yet at the end asked for', {
      context: { chain: source.chain, until: formatTime(until!) },
      remedy: 'give a later --until',
    });
  }
  return source.blockRef(after - 1n);
}
