import {
  assetsOf,
  holdingsUnsure,
  type LiveBlock,
  type LiveState,
  pushBlock,
  setHeld,
  type WalletState,
} from '../detect/live.ts';
import { type AssetId, nativeAsset } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import type { AccountBlock, AccountSource } from '../source/chain-source.ts';
import type { Store } from '../store/port.ts';

/** Blocks of past learnt where the source can list a wallet's blocks (a week of Ethereum), and where every block must be read. */
export const LISTED_PAST = 50_400n;
export const READ_PAST = 300n;
/** Blocks in which wallets moved that are read at most; the newest. */
const MAX_PAST_BLOCKS = 5_000;
/** Movements taken from the store for one wallet. */
const MAX_STORED = 100_000;
/** Balances asked for at the start, the assets moved last first. */
const MAX_HOLDINGS = 2_000;

export function toLive(block: AccountBlock): LiveBlock {
  const { ref, transfers, signals } = block;
  return { number: ref.number, hash: ref.hash, time: ref.time, transfers, signals };
}

export interface LearntBlocks {
  /** Numbers of the blocks to read, ascending. */
  readonly blocks: readonly bigint[];
  readonly from: bigint;
  readonly notes: readonly string[];
}

/** Which blocks before `end` (not in) hold the past: those the source lists for the wallets, else every one. */
export async function findPast(
  source: AccountSource,
  live: LiveState,
  end: bigint,
  wanted: bigint | null,
): Promise<LearntBlocks> {
  const asked = wanted ?? LISTED_PAST;
  const from = end > asked ? end - asked : 0n;
  if (asked === 0n || from >= end) return { blocks: [], from: end, notes: [] };
  const found = new Set<bigint>();
  const notes = new Set<string>();
  for (const address of live.keys()) {
    const activity = await source.activity(address, from, end - 1n, MAX_PAST_BLOCKS);
    if (activity === null || activity.truncated) return everyBlock(end, wanted, activity !== null);
    for (const block of activity.blocks) found.add(block);
    for (const gap of activity.gaps) notes.add(`the past may lack ${gap}, and approvals made without a movement`);
    if (found.size > MAX_PAST_BLOCKS) return everyBlock(end, wanted, true);
  }
  return { blocks: [...found].sort((a, b) => (a < b ? -1 : 1)), from, notes: [...notes] };
}

function everyBlock(end: bigint, wanted: bigint | null, busy: boolean): LearntBlocks {
  const count = wanted ?? READ_PAST;
  const from = end > count ? end - count : 0n;
  const why = busy ? 'the wallets move too often to list' : 'the source cannot list the blocks of an address quickly';
  const note = `${why}: every one of the last ${end - from} blocks was read; --past-blocks N learns more`;
  return { blocks: range(from, end), from, notes: wanted === null ? [note] : [] };
}

function range(from: bigint, end: bigint): bigint[] {
  return Array.from({ length: Number(end - from) }, (_, index) => from + BigInt(index));
}

/** What the store holds of the wallets before a time, learnt wallet by wallet. Returns what to say of it. */
export async function learnStored(store: Store, live: LiveState, chain: string, before: number): Promise<string[]> {
  const notes: string[] = [];
  for (const [address, state] of live) {
    const rows = (await store.transfersOf(chain, address, MAX_STORED)).filter((row) => row.time < before);
    if (rows.length === 0) continue;
    const own: LiveState = new Map([[address, state]]);
    for (const block of blocksOf(rows)) pushBlock(own, block, true);
    if (rows.length >= MAX_STORED) notes.push(`of the stored past, the newest ${MAX_STORED} movements were learnt`);
  }
  return notes;
}

/** Rows in order, those of one second together. */
function* blocksOf(rows: readonly Transfer[]): Generator<LiveBlock> {
  let transfers: Transfer[] = [];
  for (const row of rows) {
    const first = transfers[0];
    if (first !== undefined && first.time !== row.time) {
      yield stored(transfers);
      transfers = [];
    }
    transfers.push(row);
  }
  if (transfers.length > 0) yield stored(transfers);
}

function stored(transfers: Transfer[]): LiveBlock {
  const { block, time } = transfers[0]!;
  return { number: block ?? 0n, hash: '', time, transfers, signals: [] };
}

export interface Holding {
  readonly wallet: string;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** What the node says the wallets hold at the end of a block, of these assets; nothing where it keeps no such state. */
export async function askHoldings(
  source: AccountSource,
  places: readonly { readonly wallet: string; readonly asset: AssetId }[],
  block: bigint,
): Promise<Holding[]> {
  if (places.length === 0) return [];
  const queries = places.map(({ wallet, asset }) => ({ address: wallet, asset }));
  const balances = await source.balances(queries, block);
  return places.flatMap(({ wallet, asset }, at) => {
    const amount = balances[at] ?? null;
    return amount === null ? [] : [{ wallet, asset, amount }];
  });
}

export function takeHoldings(live: LiveState, holdings: readonly Holding[]): void {
  for (const { wallet, asset, amount } of holdings) {
    const state = live.get(wallet);
    if (state !== undefined) setHeld(state, asset, amount);
  }
}

/** Every asset a wallet was seen to move, and the chain's own coin. */
export function holdingsToAsk(live: LiveState, chain: string): { readonly wallet: string; readonly asset: AssetId }[] {
  const native = nativeAsset(chain).id;
  const places: { wallet: string; asset: AssetId }[] = [];
  for (const [wallet, state] of live) {
    const assets = new Set([native, ...[...assetsOf(state)].reverse()]);
    for (const asset of [...assets].slice(0, MAX_HOLDINGS)) places.push({ wallet, asset });
  }
  return places;
}

/** What a block moves or allows of which it is not known how much the wallet held before. */
export function unsureIn(live: LiveState, block: LiveBlock): { readonly wallet: string; readonly asset: AssetId }[] {
  const places = new Map<string, { wallet: string; asset: AssetId }>();
  const note = (state: WalletState | undefined, asset: AssetId): void => {
    if (state === undefined || !holdingsUnsure(state, asset)) return;
    const wallet = state.wallet.address;
    places.set(`${wallet}|${asset}`, { wallet, asset });
  };
  for (const { from, to, asset } of block.transfers) {
    if (from !== null) note(live.get(from), asset);
    if (to !== null) note(live.get(to), asset);
  }
  for (const { account, asset } of block.signals) if (asset !== null) note(live.get(account), asset);
  return [...places.values()];
}
