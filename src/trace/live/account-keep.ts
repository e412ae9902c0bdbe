import type { UnixSeconds } from '../../base/time.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { Transfer } from '../../model/transfer.ts';
import type { AccountBlock, AccountSource, BalanceQuery, BlockRef } from '../../source/chain-source.ts';
import { driftRow, settleBlock } from '../../source/settle.ts';
import type { Covered, KeptBlock, Opening } from '../../store/port.ts';
import { transactionsOf } from './account-reach.ts';
import { type FetchJob, keepFetched } from './job.ts';

/** The movements of one block that are kept, with what the balances around them say. */
export interface KeptRows {
  readonly ref: BlockRef;
  readonly transfers: readonly Transfer[];
  /** Some movements are told by balances alone. */
  readonly inferred: boolean;
  readonly openings: readonly Opening[];
  readonly gaps: readonly string[];
  /** Of the places that the set's addresses move, before and after the block; null where the source keeps none. */
  readonly balances: readonly PlaceBalance[];
}

interface PlaceBalance extends BalanceQuery {
  readonly before: bigint | null;
  readonly after: bigint | null;
}

const BALANCES_UNKNOWN = 'the source keeps no balances of past blocks: opening balances are unknown';

/**
 * The transactions of a block that touch an address of the set, their signatures checked, compared with the balances before and
 * after the block. null where none does. Throws what the source throws, E_SOURCE_LIES above all.
 */
export async function keepRows(
  source: AccountSource,
  block: AccountBlock,
  owners: { has(address: string): boolean },
): Promise<KeptRows | null> {
  const rows = [...transactionsOf(block.transfers)].filter((tx) => tx.some((row) => touches(row, owners))).flat();
  if (rows.length === 0) return null;
  const txs = new Set(rows.flatMap((row) => (row.tx === null ? [] : [row.tx])));
  block.confirm(txs);
  const places = placesToCheck(block, rows, owners, txs);
  const before = block.ref.number > 0n ? await source.balances(places, block.ref.number - 1n) : places.map(() => 0n);
  const after = await source.balances(places, block.ref.number);
  const settled = settleBlock(block, places, before, after);
  const previous = await previousTime(source, block.ref, before);
  const openings = openingsOf(places, before, block.ref, previous, owners);
  const transfers = settled.transfers.filter((row) => (row.tx !== null && txs.has(row.tx)) || touches(row, owners));
  const unknown = before.some((balance) => balance === null) ? [BALANCES_UNKNOWN] : [];
  const gaps = [...new Set([...block.unchecked, ...settled.gaps, ...unknown])];
  const balances = places.map((place, index) => ({
    ...place,
    before: before[index] ?? null,
    after: after[index] ?? null,
  }));
  const added = new Set(settled.added);
  const inferred = transfers.some((row) => added.has(row));
  const own = balances.filter(({ address }) => owners.has(address));
  return { ref: block.ref, transfers, inferred, openings, gaps, balances: own };
}

function touches({ from, to }: Transfer, owners: { has(address: string): boolean }): boolean {
  return (from !== null && owners.has(from)) || (to !== null && owners.has(to));
}

/** Fungible assets that the set's addresses move; where internal moves are unseen, the native balance of all whom the transactions name. */
function placesToCheck(
  block: AccountBlock,
  rows: readonly Transfer[],
  owners: { has(address: string): boolean },
  txs: ReadonlySet<string>,
): readonly BalanceQuery[] {
  const places = new Map<string, BalanceQuery>();
  const add = (address: string, asset: AssetId): void => {
    places.set(`${address}|${asset}`, { address, asset });
  };
  for (const { from, to, asset } of rows) {
    if (/\/(erc721|erc1155|trc10):/.test(asset)) continue;
    for (const address of [from, to]) if (address !== null && owners.has(address)) add(address, asset);
  }
  if (block.internalMoves === 'unseen') {
    const native = rows.find((row) => row.asset.includes('/slip44:'))?.asset;
    for (const tx of native === undefined ? [] : txs) for (const address of block.parties(tx)) add(address, native!);
  }
  return [...places.values()];
}

async function previousTime(
  source: AccountSource,
  ref: BlockRef,
  before: readonly (bigint | null)[],
): Promise<UnixSeconds> {
  const needed = before.some((balance) => balance !== null && balance > 0n);
  return needed && ref.number > 0n ? (await source.blockRef(ref.number - 1n)).time : ref.time;
}

function openingsOf(
  places: readonly BalanceQuery[],
  before: readonly (bigint | null)[],
  ref: BlockRef,
  time: UnixSeconds,
  owners: { has(address: string): boolean },
): Opening[] {
  return places.flatMap(({ address, asset }, index) => {
    const amount = before[index] ?? null;
    return amount === null || !owners.has(address) ? [] : [{ address, asset, block: ref.number - 1n, time, amount }];
  });
}

export const BALANCE_CHANGED = 'a balance changed without a movement that was seen: adjusted from balances';

/** Collects what is kept until it is worth a write; a write holds movements and what they cover together. */
export class AccountShelf {
  readonly #job: FetchJob<AccountSource>;
  readonly #transfers: Transfer[] = [];
  readonly #blocks = new Map<bigint, KeptBlock>();
  readonly #openings = new Map<string, Opening>();
  readonly #opened = new Set<string>();
  readonly #known = new Map<AssetId, Asset>();
  /** By place: the balance after the last block in which it moved. */
  readonly #balances = new Map<string, bigint>();
  /** Gaps by address, until they are written with what is covered. */
  readonly gaps = new Map<string, Set<string>>();

  /** Up to this block what an address holds is explained by what is stored, where it is known since then; null: nothing is. */
  readonly #settled: (address: string) => bigint | null;

  constructor(job: FetchJob<AccountSource>, settled: (address: string) => bigint | null) {
    this.#job = job;
    this.#settled = settled;
  }

  get rows(): number {
    return this.#transfers.length;
  }

  keepBlock(ref: BlockRef): void {
    this.#blocks.set(ref.number, ref);
  }

  /** Blocks gathered since the last write. */
  blocks(): readonly KeptBlock[] {
    return [...this.#blocks.values()];
  }

  async add(kept: KeptRows, owners: { has(address: string): boolean }): Promise<void> {
    for (const place of kept.balances) await this.#settleSince(place, kept.ref);
    this.#transfers.push(...kept.transfers);
    this.#blocks.set(kept.ref.number, kept.ref);
    for (const opening of kept.openings) {
      const place = `${opening.address}|${opening.asset}`;
      if (this.#opened.has(place)) continue;
      this.#opened.add(place);
      this.#openings.set(place, opening);
    }
    if (kept.gaps.length === 0) return;
    for (const { from, to } of kept.transfers) {
      for (const address of [from, to]) if (address !== null && owners.has(address)) this.note(address, kept.gaps);
    }
  }

  /**
   * A token's balance may change without any movement (a rebase): what came or went since the last block in which the place moved is
   * a movement of its own at the end of the block before this one.
   */
  async #settleSince(place: PlaceBalance, ref: BlockRef): Promise<void> {
    const { address, asset, before, after } = place;
    if (before === null || after === null || asset.includes('/slip44:')) return;
    const key = `${address}|${asset}`;
    const known = this.#balances.get(key) ?? (await this.#settledBalance(place));
    this.#balances.set(key, after);
    if (known === null || known === before) return;
    const previous = await this.#job.source.blockRef(ref.number - 1n);
    const row = driftRow(place, previous, known, before);
    if (row !== null) this.#transfers.push(row);
    this.#blocks.set(previous.number, previous);
    this.note(address, [BALANCE_CHANGED]);
  }

  async #settledBalance(place: BalanceQuery): Promise<bigint | null> {
    const block = this.#settled(place.address);
    return block === null || block < 0n ? null : ((await this.#job.source.balances([place], block))[0] ?? null);
  }

  note(address: string, gaps: readonly string[]): void {
    if (gaps.length === 0) return;
    const known = this.gaps.get(address) ?? new Set();
    // A count differs from block to block; a place has the gap or not.
    for (const gap of gaps) known.add(gap.replace(/^\d+ /, ''));
    this.gaps.set(address, known);
  }

  /** Writes everything, with what it covers, in one step. `end` is kept too, so that a later fetch sees whether the chain is still the same. */
  async write(covered: readonly Covered[], end: BlockRef | null): Promise<void> {
    if (end !== null) this.#blocks.set(end.number, end);
    const transfers = this.#transfers.splice(0);
    await keepFetched(this.#job, {
      transfers,
      assets: await this.#assets(transfers),
      blocks: [...this.#blocks.values()],
      covered: covered.map((range) => ({ ...range, gaps: [...(this.gaps.get(range.place) ?? [])].sort() })),
      openings: [...this.#openings.values()],
    });
    this.#blocks.clear();
    this.#openings.clear();
  }

  /** Tokens met, each asked once; what the store knows already it is not asked to change. */
  async #assets(transfers: readonly Transfer[]): Promise<Asset[]> {
    if (this.#known.size === 0) for (const asset of await this.#job.store.assets()) this.#known.set(asset.id, asset);
    const fresh = [...new Set(transfers.map((row) => row.asset))].filter((id) => !this.#known.has(id));
    const assets = fresh.length === 0 ? [] : await this.#job.source.tokens(fresh);
    for (const asset of assets) this.#known.set(asset.id, asset);
    return [...assets];
  }
}
