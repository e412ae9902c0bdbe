import type { LiveState } from '../detect/live.ts';
import { nativeAsset } from '../model/asset.ts';
import type { AccountBlock, AccountSource } from '../source/chain-source.ts';
import { settleBlock } from '../source/settle.ts';

/** Addresses whose balances are compared for one block. */
const MAX_PLACES = 200;

export const UNTRACED =
  'the source has no traces: coins that a Safe or contract pays are told by balances, and coins that contracts pay a plain wallet are seen late';

/**
 * The block with what its source could not see of native coin that a watched Safe or contract paid: what balances tell. The other end
 * is null where they do not tell it. The block as it is where the source has traces, no balances, or no such wallet took part.
 */
export async function withUnseen(source: AccountSource, live: LiveState, block: AccountBlock): Promise<AccountBlock> {
  if (block.internalMoves === 'traced' || block.ref.number === 0n) return block;
  const places = placesOf(live, block);
  if (places.length === 0) return block;
  const native = nativeAsset(source.chain).id;
  const queries = places.map((address) => ({ address, asset: native }));
  const [before, after] = await Promise.all([
    source.balances(queries, block.ref.number - 1n),
    source.balances(queries, block.ref.number),
  ]);
  return { ...block, transfers: settleBlock(block, queries, before, after).transfers };
}

/** Watched wallets that run code and took part in a transaction, first; then who else took part in it. */
function placesOf(live: LiveState, block: AccountBlock): string[] {
  const txs = new Set<string>();
  for (const { tx } of block.transfers) if (tx !== null) txs.add(tx);
  for (const { tx } of block.signals) txs.add(tx);
  const own = new Set<string>();
  const others = new Set<string>();
  for (const tx of txs) {
    const parties = block.parties(tx);
    const watched = parties.filter((address) => (live.get(address)?.wallet.kind ?? 'wallet') !== 'wallet');
    if (watched.length === 0) continue;
    for (const address of watched) own.add(address);
    for (const address of parties) others.add(address);
  }
  return [...new Set([...own, ...others])].slice(0, MAX_PLACES);
}
