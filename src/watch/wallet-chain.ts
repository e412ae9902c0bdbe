import { HaetaeError } from '../base/errors.ts';
import type { Alarm } from '../detect/alarm.ts';
import {
  advanceTo,
  assetsOf,
  forgottenOf,
  type LiveBlock,
  type LiveState,
  newLiveState,
  pastOf,
  pushBlock,
  type WalletState,
} from '../detect/live.ts';
import { type Asset, type AssetId, nativeAsset } from '../model/asset.ts';
import type { AccountBlock, AccountSource, BlockRef } from '../source/chain-source.ts';
import {
  askHoldings,
  findPast,
  type Holding,
  holdingsToAsk,
  type LearntBlocks,
  learnStored,
  takeHoldings,
  toLive,
  unsureIn,
} from './wallet-past.ts';
import { ONCE_BLOCKS, type WatchPlan } from './wallet-plan.ts';
import { UNTRACED, withUnseen } from './wallet-unseen.ts';

/** A block that can still be taken back: what of it concerns the wallets, and what it raised. */
interface Kept {
  readonly ref: BlockRef;
  readonly block: LiveBlock;
  readonly learning: boolean;
  /** What the node was asked before it. */
  readonly holdings: readonly Holding[];
  readonly alarms: readonly Alarm[];
}

const FIRST_WAIT_SECONDS = 1;
const MAX_WAIT_SECONDS = 30;
const MAX_TURNS = 10;
/** Faults that pass beside those that say so: a node that lags, a chain that changes while the past is read. */
const PASSING: ReadonlySet<string> = new Set(['E_SOURCE_BEHIND', 'E_REORG']);
/** A node that did not say what a wallet holds is asked again after so many blocks. */
const ASK_AGAIN = 100n;
const MAX_UNANSWERED = 10_000;
/** Tokens asked for their symbol and decimals at the start. */
const MAX_UNITS = 500;

/**
 * The wallets of one chain. The state is kept twice: as of the head, and as of the oldest block that can be taken back; a
 * reorganisation goes back to a copy of the second and takes in anew what both branches share.
 */
export class ChainWatch {
  readonly #plan: WatchPlan;
  readonly #source: AccountSource;
  readonly #units = new Map<AssetId, Asset>();
  #live: LiveState;
  #settled: LiveState;
  /** The block before the first kept one; null where that is the first of the chain. */
  #base: BlockRef | null = null;
  #kept: Kept[] = [];
  #holdings: Holding[] = [];
  #traced = true;
  readonly #unanswered = new Map<string, bigint>();

  constructor(plan: WatchPlan, source: AccountSource) {
    this.#plan = plan;
    this.#source = source;
    this.#live = newLiveState(plan.wallets, plan.thresholds);
    this.#settled = newLiveState(plan.wallets, plan.thresholds);
    const native = nativeAsset(source.chain);
    this.#units.set(native.id, native);
  }

  async run(): Promise<void> {
    const head = await this.#patiently(() => this.#source.head());
    if (head === null) return;
    const end = this.#end(head);
    this.#requireSome(head);
    const from = this.#plan.fromBlock ?? (this.#plan.once ? maxOf(0n, end! - ONCE_BLOCKS + 1n) : head.number + 1n);
    const begun = await this.#patiently(() => this.#begin(from < head.number + 1n ? from : head.number + 1n));
    if (begun === null) return;
    this.#plan.emit({ event: 'watching', chain: this.#source.chain, from, wallets: this.#plan.wallets.length });
    if (end !== null && end <= head.number) {
      await this.#patiently(() => this.#follow(head, end));
      return;
    }
    await this.#patiently(() => this.#heads(end));
  }

  /** Throws E_USAGE where no block is left to judge: in silence it would look like a quiet one. */
  #requireSome(head: BlockRef): void {
    const { fromBlock, untilBlock, once } = this.#plan;
    if (fromBlock === null) return;
    const nothing = (what: string, remedy: string): HaetaeError => {
      const context = { chain: this.#source.chain, from: String(fromBlock), head: String(head.number) };
      return new HaetaeError('E_USAGE', what, { context, remedy });
    };
    if (untilBlock !== null && fromBlock > untilBlock)
      throw nothing(
        'the first block to judge is above the last',
        'give a --from-block that is not above --until-block',
      );
    if (once && fromBlock > head.number)
      throw nothing(
        'the first block to judge is above the head',
        'give a lower --from-block, or leave --once out to wait',
      );
  }

  #end(head: BlockRef): bigint | null {
    const { once, untilBlock } = this.#plan;
    if (!once) return untilBlock;
    return untilBlock !== null && untilBlock < head.number ? untilBlock : head.number;
  }

  /** Again and again where waiting may help; null where the signal came first. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | null> {
    const { signal, emit } = this.#plan;
    let newest = this.#tip();
    for (let seconds = FIRST_WAIT_SECONDS; ; seconds = Math.min(MAX_WAIT_SECONDS, seconds * 2)) {
      if (signal.aborted) return null;
      try {
        return await work();
      } catch (error) {
        if (signal.aborted) return null;
        if (!(error instanceof HaetaeError) || !(error.retry || PASSING.has(error.code))) throw error;
        if (this.#tip() !== newest) seconds = FIRST_WAIT_SECONDS;
        newest = this.#tip();
        emit({ event: 'waiting', chain: this.#source.chain, fault: `${error.code}: ${error.message}`, seconds });
        await pause(seconds * 1000, signal);
      }
    }
  }

  async #heads(end: bigint | null): Promise<void> {
    for await (const head of this.#source.heads(this.#plan.signal)) {
      if (this.#plan.signal.aborted) return;
      await this.#follow(head, end);
      const tip = this.#tip();
      if (end !== null && tip !== null && tip.number >= end) return;
    }
  }

  #tip(): BlockRef | null {
    return this.#kept.at(-1)?.ref ?? this.#base;
  }

  /** Learns what was before block `from`; its last blocks are kept like those to come, so that they can be taken back. */
  async #begin(from: bigint): Promise<true> {
    this.#live = newLiveState(this.#plan.wallets, this.#plan.thresholds);
    this.#kept = [];
    const depth = BigInt(this.#plan.depth);
    const keptFrom = from > depth ? from - depth : 0n;
    const found = await findPast(this.#source, this.#live, from, this.#plan.pastBlocks);
    const learnt = await this.#learn(found, keptFrom);
    this.#base = keptFrom === 0n ? null : await this.#source.blockRef(keptFrom - 1n);
    this.#settled = structuredClone(this.#live);
    const learnFrom = this.#plan.pastBlocks === 0n ? from : keptFrom;
    for await (const block of this.#blocks(keptFrom, from - 1n)) {
      await this.#apply(block, block.ref.number >= learnFrom ? 'learn' : 'skip');
    }
    const tip = this.#tip();
    if (tip !== null) advanceTo(this.#live, tip.time);
    await this.#askAll(from);
    this.#say(found, learnt.notes, keptFrom, from, learnt.read + Number(from - keptFrom));
    return true;
  }

  async #learn({ blocks }: LearntBlocks, keptFrom: bigint): Promise<{ notes: string[]; read: number }> {
    const { store } = this.#plan;
    const sparse = blocks.filter((number) => number < keptFrom);
    const firstTime = (await this.#source.blockRef(sparse[0] ?? keptFrom)).time;
    const notes = store === null ? [] : await learnStored(store, this.#live, this.#source.chain, firstTime);
    for await (const block of this.#numbered(sparse)) {
      if (this.#plan.signal.aborted) break;
      pushBlock(this.#live, toLive(block), true);
    }
    return { notes, read: sparse.length };
  }

  /** Runs of neighbours are read ahead. */
  async *#numbered(numbers: readonly bigint[]): AsyncGenerator<AccountBlock> {
    for (let at = 0; at < numbers.length; ) {
      let last = at;
      while (last + 1 < numbers.length && numbers[last + 1] === numbers[last]! + 1n) last += 1;
      yield* this.#blocks(numbers[at]!, numbers[last]!);
      at = last + 1;
    }
  }

  #blocks(from: bigint, to: bigint): AsyncIterable<AccountBlock> {
    return from > to ? none() : this.#source.blocks(from, to);
  }

  async #askAll(from: bigint): Promise<void> {
    if (from === 0n) return;
    const holdings = await askHoldings(this.#source, holdingsToAsk(this.#live, this.#source.chain), from - 1n);
    takeHoldings(this.#live, holdings);
    this.#holdings = holdings;
    const assets = [...this.#live.values()].flatMap((state) => [...assetsOf(state)].reverse().slice(0, MAX_UNITS));
    await this.#learnUnits(assets.slice(0, MAX_UNITS));
  }

  #say(found: LearntBlocks, notes: readonly string[], keptFrom: bigint, from: bigint, read: number): void {
    const skipped = this.#plan.pastBlocks === 0n;
    const first = skipped ? from : found.from < keptFrom ? found.from : keptFrom;
    for (const state of this.#live.values()) {
      const own = [...found.notes, ...notes, ...this.#notesOf(state)];
      this.#plan.emit({
        event: 'learnt',
        chain: this.#source.chain,
        wallet: state.wallet.address,
        name: state.wallet.name,
        past: pastOf(state),
        blocks: { from: first, to: from - 1n, read: skipped ? 0 : read },
        holdings: this.#holdings.filter(({ wallet }) => wallet === state.wallet.address).length,
        notes: own,
      });
    }
  }

  #notesOf(state: WalletState): string[] {
    const notes: string[] = this.#traced ? [] : [UNTRACED];
    const { minPastPayments } = this.#plan.thresholds;
    if (pastOf(state).payments < minPastPayments) {
      notes.push(
        `no past (fewer than ${minPastPayments} payments older than an hour): only the rules for emptied wallets and changed rights (S0) apply`,
      );
    }
    if (this.#holdings.every(({ wallet }) => wallet !== state.wallet.address)) {
      notes.push('the source does not say what the wallet holds: shares of it are not known until it has received');
    }
    if (forgottenOf(state) > 0)
      notes.push(`${forgottenOf(state)} destinations or assets were forgotten for want of room`);
    return notes;
  }

  /** Up to a head, or the end before it; blocks of another branch are taken back first. */
  async #follow(head: BlockRef, end: bigint | null): Promise<void> {
    let goal = head;
    for (let turns = 0; ; turns += 1) {
      try {
        await this.#advance(goal, end);
        return;
      } catch (error) {
        if (!(error instanceof HaetaeError) || error.code !== 'E_REORG' || turns >= MAX_TURNS) throw error;
        await this.#goBack();
        goal = await this.#source.head();
      }
    }
  }

  async #advance(head: BlockRef, end: bigint | null): Promise<void> {
    const tip = this.#tip();
    if (tip !== null && head.number <= tip.number) {
      const known = this.#kept.find(({ ref }) => ref.number === head.number)?.ref ?? this.#base;
      // The same block again, or an older one of the same chain from a node that lags: nothing new.
      if (known !== null && (known.hash === head.hash || head.number < known.number)) return;
      throw branched(head);
    }
    const last = end !== null && end < head.number ? end : head.number;
    for await (const block of this.#blocks(tip === null ? 0n : tip.number + 1n, last)) {
      if (this.#plan.signal.aborted) return;
      const before = this.#tip();
      if (before !== null && block.ref.parent !== before.hash) throw branched(block.ref);
      await this.#apply(block, this.#isWatched(block.ref) ? 'watch' : 'learn');
    }
  }

  #isWatched({ number }: BlockRef): boolean {
    return this.#plan.fromBlock === null || number >= this.#plan.fromBlock;
  }

  async #apply(whole: AccountBlock, how: 'watch' | 'learn' | 'skip'): Promise<void> {
    // The first block of a chain runs no code: no source has traces of it.
    if (whole.internalMoves === 'unseen' && whole.ref.number > 0n) this.#traced = false;
    const seen = how === 'skip' ? whole : await withUnseen(this.#source, this.#live, whole);
    const block = this.#own(toLive(seen), how);
    const asked = how === 'watch' ? await this.#ask(block) : [];
    const holdings = [...this.#holdings, ...asked];
    this.#holdings = [];
    takeHoldings(this.#live, asked);
    const learning = how !== 'watch';
    const alarms = pushBlock(this.#live, block, learning);
    this.#keep({ ref: whole.ref, block, learning, holdings, alarms });
    if (alarms.length > 0) await this.#learnUnits(alarms.flatMap(({ amounts }) => amounts.map(({ asset }) => asset)));
    for (const alarm of alarms) this.#plan.emit({ event: 'alarm', alarm, units: this.#units });
    const moved = new Set(block.transfers.map(({ tx }) => tx)).size;
    if (how === 'watch') this.#plan.emit({ event: 'block', chain: this.#source.chain, block: whole.ref, moved });
  }

  async #ask(block: LiveBlock): Promise<Holding[]> {
    if (block.number === 0n) return [];
    const places = unsureIn(this.#live, block).filter(({ wallet, asset }) => {
      const last = this.#unanswered.get(`${wallet}|${asset}`);
      return last === undefined || block.number - last > ASK_AGAIN || block.number < last;
    });
    const answered = await askHoldings(this.#source, places, block.number - 1n);
    const known = new Set(answered.map(({ wallet, asset }) => `${wallet}|${asset}`));
    if (this.#unanswered.size > MAX_UNANSWERED) this.#unanswered.clear();
    for (const { wallet, asset } of places) {
      const key = `${wallet}|${asset}`;
      if (!known.has(key)) this.#unanswered.set(key, block.number);
    }
    return answered;
  }

  /** Only what concerns the wallets: that is all that must be kept. */
  #own(block: LiveBlock, how: 'watch' | 'learn' | 'skip'): LiveBlock {
    if (how === 'skip') return { ...block, transfers: [], signals: [] };
    const has = (address: string | null): boolean => address !== null && this.#live.has(address);
    return {
      ...block,
      transfers: block.transfers.filter(({ from, to }) => has(from) || has(to)),
      signals: block.signals.filter(({ account }) => has(account)),
    };
  }

  #keep(entry: Kept): void {
    this.#kept.push(entry);
    if (this.#kept.length <= this.#plan.depth) return;
    const oldest = this.#kept.shift()!;
    takeIn(this.#settled, oldest);
    this.#base = oldest.ref;
  }

  /** Finds the last block that both branches have, and goes back to it. Throws E_REORG_DEEP. */
  async #goBack(): Promise<void> {
    const head = await this.#source.head();
    let common = this.#kept.length;
    while (common > 0 && !(await this.#stands(this.#kept[common - 1]!.ref, head))) common -= 1;
    if (common === 0 && this.#base !== null && !(await this.#stands(this.#base, head))) throw this.#tooDeep();
    const gone = this.#kept.splice(common);
    if (gone.length === 0) return;
    this.#live = structuredClone(this.#settled);
    for (const entry of this.#kept) takeIn(this.#live, entry);
    this.#holdings = [];
    const above = this.#tip()?.number ?? -1n;
    this.#plan.emit({ event: 'reorganised', chain: this.#source.chain, above, depth: BigInt(gone.length) });
    for (const { alarms } of gone) {
      for (const alarm of alarms) this.#plan.emit({ event: 'withdrawn', alarm, units: this.#units });
    }
  }

  async #stands({ number, hash }: BlockRef, head: BlockRef): Promise<boolean> {
    return number <= head.number && (await this.#source.blockRef(number)).hash === hash;
  }

  #tooDeep(): HaetaeError {
    return new HaetaeError('E_REORG_DEEP', `the chain was reorganised more than ${this.#plan.depth} blocks deep`, {
      context: { chain: this.#source.chain, kept: this.#base?.number.toString() ?? '0' },
      remedy: 'check that the source serves the right chain, then start the watch again: it learns the past anew',
    });
  }

  async #learnUnits(assets: readonly AssetId[]): Promise<void> {
    const unknown = [...new Set(assets)].filter((asset) => !this.#units.has(asset));
    if (unknown.length === 0) return;
    const found: readonly Asset[] = await this.#source.tokens(unknown).catch((error: unknown) => {
      // An alarm does not wait for the name of its token.
      if (error instanceof HaetaeError) return [];
      throw error;
    });
    for (const asset of found) this.#units.set(asset.id, asset);
  }
}

function takeIn(live: LiveState, { block, holdings, learning }: Kept): void {
  takeHoldings(live, holdings);
  pushBlock(live, block, learning);
}

function branched({ number, hash }: BlockRef): HaetaeError {
  return new HaetaeError('E_REORG', 'blocks that were read are no longer part of the chain', {
    context: { block: number.toString(), hash },
  });
}

async function* none(): AsyncGenerator<AccountBlock> {}

function maxOf(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
