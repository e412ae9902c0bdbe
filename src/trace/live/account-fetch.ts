import type { UnixSeconds } from '../../base/time.ts';
import { labelsOf } from '../../label/resolve.ts';
import type { AccountBlock, AccountSource, BlockRef } from '../../source/chain-source.ts';
import type { Covered } from '../../store/port.ts';
import { AccountShelf, keepRows } from './account-keep.ts';
import { type AccountReach, type ReachedOwner, transactionsOf } from './account-reach.ts';
import { type BlockRange, type FetchJob, keepFetched, scanToEnd, uncovered } from './job.ts';
import { requireOneBranch } from './one-branch.ts';

/** Rows gathered before a write: large enough to be quick, small enough that Ctrl-C loses little. */
const WRITE_ROWS = 5000;
const WRITE_MS = 2000;
/** Blocks of a list read ahead of the one in hand. */
const READ_AHEAD = 4;
/** Blocks in which an address may be active before it is given up as a service; times the limit of counterparties. */
const ACTIVITY_PER_COUNTERPARTY = 4;
/** Of an address that no count gives up: a longer list is read in parts. */
const MOST_BLOCKS_LISTED = 100_000;

export interface AccountFetch extends FetchJob<AccountSource> {
  readonly reach: AccountReach;
  readonly maxCounterparties: number | null;
}

interface Missing extends BlockRange {
  readonly address: string;
}

/**
 * Reads what is missing of the reached addresses up to the end: through lists of their transactions where the source has them, in
 * order of time; else block by block, once, for all of them. False where nothing was missing. Each write is whole, so that a stop
 * loses nothing; what is found on the way is followed at once.
 */
export async function fetchAccounts(fetch: AccountFetch): Promise<boolean> {
  const missing = await missingRanges(fetch, [...fetch.reach.owners.values()]);
  if (missing.length === 0) return false;
  const scanFrom = await fetchByActivity(fetch, missing);
  if (scanFrom === null) return true;
  const { source } = fetch;
  const better =
    'a source that lists transactions by address (blockscout:, etherscan:, or a node with trace_filter and past state)';
  await scanToEnd(fetch, scanFrom, (from, to) => source.blocks(from, to), new AccountScan(fetch, scanFrom), better);
  return true;
}

async function missingRanges(fetch: AccountFetch, owners: readonly ReachedOwner[]): Promise<Missing[]> {
  const { store, source, end } = fetch;
  const wanted = owners.filter((owner) => owner.since <= end.number);
  if (wanted.length === 0) return [];
  const covered = await store.covered(
    source.chain,
    wanted.map((owner) => owner.address),
  );
  const byPlace = new Map<string, Covered[]>();
  for (const range of covered) byPlace.set(range.place, [...(byPlace.get(range.place) ?? []), range]);
  return wanted
    .flatMap(({ address, since }) =>
      uncovered({ from: since, to: end.number }, byPlace.get(address) ?? []).map((range) => ({ address, ...range })),
    )
    .sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** The block from which a scan is needed for what no list can tell; null where lists told everything. */
async function fetchByActivity(fetch: AccountFetch, missing: Missing[]): Promise<bigint | null> {
  const { source, reach, progress } = fetch;
  const known = new Set(reach.owners.keys());
  for (let done = 0; missing.length > 0; done += 1) {
    const next = missing[0]!;
    progress.report(`fetching addresses of ${source.chain}`, done, done + missing.length);
    const bounded = fetch.maxCounterparties !== null && !(await isKnown(fetch, next.address));
    const limit = bounded ? fetch.maxCounterparties! * ACTIVITY_PER_COUNTERPARTY : MOST_BLOCKS_LISTED;
    const activity = await source.activity(next.address, next.from, next.to, limit);
    if (activity === null) return next.from;
    missing.shift();
    if (activity.truncated && bounded) {
      await giveUp(fetch, next, activity.blocks.length);
      continue;
    }
    const last = activity.blocks.at(-1);
    const cut = activity.truncated && last !== undefined && last < next.to;
    await fetchListed(fetch, cut ? { ...next, to: last } : next, activity.blocks, activity.gaps);
    if (cut) missing.push({ ...next, from: last + 1n });
    const fresh = [...reach.owners.values()].filter((owner) => !known.has(owner.address));
    for (const owner of fresh) known.add(owner.address);
    missing.push(...(await missingRanges(fetch, fresh)));
    missing.sort((a, b) => (a.from < b.from ? -1 : 1));
  }
  return null;
}

/** A seed, or an address with a label that is no stop: it is followed however much it moves. */
async function isKnown({ store, source, reach }: AccountFetch, address: string): Promise<boolean> {
  if (reach.isSeed(address) || reach.exempt.has(address)) return true;
  const labels = await labelsOf(store, address, { chain: source.chain });
  if (labels.length > 0) reach.exempt.add(address);
  return labels.length > 0;
}

/** Gives up the owners that went over the limit of counterparties, but for those that a label knows. */
async function judgeSuspects(fetch: AccountFetch): Promise<readonly string[]> {
  const given: string[] = [];
  for (const [address, counted] of [...fetch.reach.overLimit]) {
    fetch.reach.overLimit.delete(address);
    if (await isKnown(fetch, address)) continue;
    fetch.notice(`${address} has more than ${counted - 1} counterparties: taken for a service, not followed`);
    fetch.reach.giveUp(address, counted);
    given.push(address);
  }
  return given;
}

async function giveUp(fetch: AccountFetch, { address, from, to }: Missing, blocks: number): Promise<void> {
  const { reach, notice } = fetch;
  notice(`${address} is active in more than ${blocks} blocks: taken for a service, not fetched`);
  reach.giveUp(address, blocks);
  await keepBusy(fetch, { address, from, to }, blocks);
}

async function keepBusy(fetch: AccountFetch, { address, from, to }: Missing, counted: number): Promise<void> {
  const { source } = fetch;
  if (from > to) return;
  const times = { fromTime: (await source.blockRef(from)).time, toTime: (await source.blockRef(to)).time };
  await keepFetched(fetch, { covered: [{ place: address, from, to, ...times, gaps: [], busy: counted }] });
}

async function fetchListed(
  fetch: AccountFetch,
  { address, from, to }: Missing,
  blocks: readonly bigint[],
  gaps: readonly string[],
): Promise<void> {
  const { source, reach } = fetch;
  const since = reach.owners.get(address)?.since ?? from;
  const shelf = new AccountShelf(fetch, () => (since < from ? from - 1n : null));
  shelf.note(address, gaps);
  const owners = new Set([address]);
  const fromTime = (await source.blockRef(from)).time;
  let written = from;
  for await (const block of readAhead(source, blocks)) {
    const kept = await keepRows(source, block, owners);
    if (kept === null) continue;
    await shelf.add(kept, owners);
    for (const tx of transactionsOf(kept.transfers)) reach.apply(tx);
    if ((await judgeSuspects(fetch)).includes(address)) {
      const { number, time } = block.ref;
      await shelf.write(
        [{ place: address, from: written, to: number, fromTime, toTime: time, gaps: [], busy: null }],
        null,
      );
      return keepBusy(fetch, { address, from: number + 1n, to }, reach.busy.get(address)!);
    }
    if (shelf.rows < WRITE_ROWS) continue;
    const { number, time } = block.ref;
    await requireOneBranch(source, shelf.blocks(), block.ref);
    await shelf.write(
      [{ place: address, from: written, to: number, fromTime, toTime: time, gaps: [], busy: null }],
      null,
    );
    written = number + 1n;
  }
  // The end as it was before the list was asked for: what came between is seen.
  const end = to === fetch.end.number ? fetch.end : await source.blockRef(to);
  if (written > to) return;
  await requireOneBranch(source, shelf.blocks(), end);
  await shelf.write([{ place: address, from: written, to, fromTime, toTime: end.time, gaps: [], busy: null }], end);
}

async function* readAhead(source: AccountSource, blocks: readonly bigint[]): AsyncGenerator<AccountBlock> {
  const pending: Promise<AccountBlock>[] = [];
  const start = (number: bigint): void => {
    const block = source.block(number);
    block.catch(() => {});
    pending.push(block);
  };
  for (const number of blocks.slice(0, READ_AHEAD)) start(number);
  for (let next = READ_AHEAD; pending.length > 0; next += 1) {
    const block = await pending.shift()!;
    if (next < blocks.length) start(blocks[next]!);
    yield block;
  }
}

/** Blocks of one chain in order, each reached address kept from the block on in which money arrives there. */
export class AccountScan {
  readonly #fetch: AccountFetch;
  readonly #shelf: AccountShelf;
  readonly #times = new Map<bigint, UnixSeconds>();
  /** Owners given up since the last write. */
  readonly #given = new Set<string>();
  #last: BlockRef | null = null;
  /** The first block not yet written. */
  #unwritten: bigint;
  #writtenAt = Date.now();

  constructor(fetch: AccountFetch, from: bigint) {
    this.#fetch = fetch;
    this.#shelf = new AccountShelf(fetch, (address) => {
      const since = fetch.reach.owners.get(address)?.since;
      return since !== undefined && since < from ? from - 1n : null;
    });
    this.#unwritten = from;
  }

  /** Rows by which reached money moved, kept ones. */
  async add(block: AccountBlock): Promise<AccountBlock['transfers']> {
    const { reach, source } = this.#fetch;
    // The first block read meets the one kept before it: its parent, or the chain was reorganised.
    if (this.#last === null) this.#shelf.keepBlock(block.ref);
    const moved = new Set<string>();
    for (const tx of transactionsOf(block.transfers)) if (reach.apply(tx) && tx[0]!.tx !== null) moved.add(tx[0]!.tx);
    const kept = await keepRows(source, block, reach.owners);
    if (kept !== null) {
      await this.#shelf.add(kept, reach.owners);
      // What only balances showed may have reached further.
      if (kept.inferred)
        for (const tx of transactionsOf(kept.transfers))
          if (reach.apply(tx) && tx[0]!.tx !== null) moved.add(tx[0]!.tx);
    }
    for (const address of await judgeSuspects(this.#fetch)) this.#given.add(address);
    this.#last = block.ref;
    this.#times.set(block.ref.number, block.ref.time);
    if (this.#shelf.rows >= WRITE_ROWS || Date.now() - this.#writtenAt > WRITE_MS) await this.write();
    return kept === null ? [] : kept.transfers.filter((row) => row.tx !== null && moved.has(row.tx));
  }

  async write(): Promise<void> {
    const last = this.#last;
    if (last === null || last.number < this.#unwritten) return;
    const covered: Covered[] = [];
    for (const { address, since } of this.#fetch.reach.owners.values()) {
      const from = since > this.#unwritten ? since : this.#unwritten;
      if (from > last.number) continue;
      const fromTime = this.#times.get(from) ?? last.time;
      covered.push({ place: address, from, to: last.number, fromTime, toTime: last.time, gaps: [], busy: null });
    }
    await this.#shelf.write(covered, last);
    for (const address of this.#given) {
      const range = { address, from: last.number, to: last.number };
      await keepBusy(this.#fetch, range, this.#fetch.reach.busy.get(address)!);
    }
    this.#given.clear();
    this.#unwritten = last.number + 1n;
    this.#times.clear();
    this.#writtenAt = Date.now();
  }
}
