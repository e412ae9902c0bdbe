import { setTimeout as sleep } from 'node:timers/promises';
import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { BlockRef, ChainSource } from '../source/chain-source.ts';
import type { Store } from '../store/port.ts';
import type { TheftInput } from '../trace/gather.ts';
import { AccountScan } from '../trace/live/account-fetch.ts';
import type { AccountReach } from '../trace/live/account-reach.ts';
import { forgetReorganised } from '../trace/live/chain-sync.ts';
import { type FetchHooks, fetchForTrace } from '../trace/live/fetch.ts';
import { reachOf } from '../trace/live/known-reach.ts';
import { fetchSeedTransactions, seedsOn } from '../trace/live/seeds.ts';
import { UtxoScan } from '../trace/live/utxo-fetch.ts';
import type { UtxoReach } from '../trace/live/utxo-reach.ts';
import type { TraceOptions } from '../trace/options.ts';
import type { TraceOutput } from '../trace/trace.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Reorganisations met in a row while one head is applied. */
const MAX_TRIES = 10;

/** What happens while a case is followed. A webhook is one more listener. */
export type FollowEvent =
  | { readonly event: 'following'; readonly chain: string; readonly block: BlockRef }
  | { readonly event: 'block'; readonly chain: string; readonly block: BlockRef; readonly moved: number }
  | {
      readonly event: 'moved';
      readonly chain: string;
      readonly block: BlockRef;
      readonly transfers: readonly Transfer[];
    }
  | {
      readonly event: 'spent';
      readonly chain: string;
      readonly block: BlockRef;
      readonly transactions: readonly UtxoTransaction[];
    }
  | { readonly event: 'reorganised'; readonly chain: string; readonly above: bigint; readonly depth: bigint }
  | { readonly event: 'retraced'; readonly output: TraceOutput };

export interface FollowPlan {
  readonly store: Store;
  readonly input: TheftInput;
  readonly options: TraceOptions;
  readonly hooks: FetchHooks;
  /** Computes the case anew from the store and keeps it. */
  readonly retrace: () => Promise<TraceOutput>;
  readonly emit: (event: FollowEvent) => void;
  readonly signal: AbortSignal;
  /** Ends at the present head in place of waiting for the next. */
  readonly once: boolean;
  readonly now: () => UnixSeconds;
}

/**
 * Stays with the heads of the chains of a case: each new block is applied as it comes and what moved is told at once, before the case
 * is computed anew. A reorganisation is undone in the store and read again. Ends with the signal. Throws E_REORG_DEEP and what
 * sources throw when no other source is left.
 */
export async function followCase(plan: FollowPlan, sources: readonly ChainSource[]): Promise<void> {
  const own = sources.filter((source) => seedsOn(plan.input.file, source.chain).length > 0);
  if (own.length === 0) {
    throw new HaetaeError('E_SOURCE', 'no source serves a chain of this case', {
      remedy: 'name one with --source or --sources',
    });
  }
  await fetchForTrace(plan.store, plan.input, plan.options, own, plan.hooks);
  plan.emit({ event: 'retraced', output: await plan.retrace() });
  const turn = new Turns();
  const stop = new AbortController();
  const signal = AbortSignal.any([plan.signal, stop.signal]);
  try {
    await Promise.all(own.map((source) => new ChainFollower(plan, source, turn).run(signal)));
  } finally {
    stop.abort();
  }
}

/** Chains take turns at the store: one applies its block while the others wait. */
class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => {});
    return next;
  }
}

class ChainFollower {
  readonly #plan: FollowPlan;
  readonly #source: ChainSource;
  readonly #turns: Turns;
  #last: BlockRef | null = null;
  #scan: AccountScan | UtxoScan | null = null;
  /** After a reorganisation: the last block of both branches, until a block of the new one is applied. */
  #common: BlockRef | null = null;
  /** A reorganisation took something away since the case was computed. */
  #undone = false;

  constructor(plan: FollowPlan, source: ChainSource, turns: Turns) {
    this.#plan = plan;
    this.#source = source;
    this.#turns = turns;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#turns.take(() => this.#begin(null));
    if (this.#plan.once) {
      await this.#turns.take(async () => this.#advance(await this.#source.head()));
      return;
    }
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        for await (const head of this.#source.heads(signal)) {
          if (signal.aborted) return;
          await this.#turns.take(() => this.#advance(head));
          pause = FIRST_PAUSE_MS;
        }
      } catch (error) {
        await this.#pauseOrThrow(error, pause, signal);
      }
    }
  }

  /** A reorganisation may take away the transaction of the theft itself: most often it is in a block again soon. */
  #waitsForTheft(error: HaetaeError): boolean {
    return this.#undone && ['E_NOT_FOUND', 'E_SEED', 'E_MARK_EXCEEDS'].includes(error.code);
  }

  /** A source that is away for a while is waited for: a case is followed for days. */
  async #pauseOrThrow(error: unknown, pause: number, signal: AbortSignal): Promise<void> {
    if (!(error instanceof HaetaeError) || !(error.retry || this.#waitsForTheft(error))) throw error;
    this.#plan.hooks.notice(`${error.code}: ${error.message}; trying again in ${pause / 1000} s`);
    await sleep(pause, undefined, { signal }).catch(() => {});
  }

  /** From the last block that the store knows, or from `last`, the last one that is still part of the chain. */
  async #begin(last: BlockRef | null): Promise<void> {
    const { store, input, options, hooks } = this.#plan;
    const source = this.#source;
    const [newest] = await store.keptBlocks(source.chain, 1);
    const seeds = seedsOn(input.file, source.chain);
    if (source.model === 'utxo') await fetchSeedTransactions(store, source, seeds, hooks.now);
    const start = last ?? newest ?? (await source.head());
    const job = { store, end: start, ...hooks };
    const reach = await reachOf(store, source, input, options);
    const { maxCounterparties } = options;
    this.#scan =
      source.model === 'utxo'
        ? new UtxoScan({ ...job, source, reach: reach as UtxoReach }, start.number + 1n)
        : new AccountScan({ ...job, source, reach: reach as AccountReach, maxCounterparties }, start.number + 1n);
    this.#last = start;
    this.#plan.emit({ event: 'following', chain: source.chain, block: start });
  }

  async #advance(head: BlockRef): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        if (this.#scan === null) await this.#begin(this.#common);
        const moved = await this.#apply(head);
        this.#common = null;
        if (moved === 0 && !this.#undone) return;
        this.#plan.emit({ event: 'retraced', output: await this.#plan.retrace() });
        this.#undone = false;
        return;
      } catch (error) {
        // Whatever was begun is begun anew from the store: half of a block may stand in the memory of the scan.
        this.#scan = null;
        if (!(error instanceof HaetaeError) || error.code !== 'E_REORG' || tries >= MAX_TRIES) throw error;
        await this.#reorganise();
        head = await this.#source.head();
      }
    }
  }

  /** How many transactions moved reached money. */
  async #apply(head: BlockRef): Promise<number> {
    const last = this.#last!;
    if (head.number === last.number && head.hash === last.hash) return 0;
    if (head.number <= last.number) throw reorganised(head);
    const blocks: AsyncIterable<Parameters<AccountScan['add']>[0] | Parameters<UtxoScan['add']>[0]> =
      this.#source.blocks(last.number + 1n, head.number);
    let total = 0;
    for await (const block of blocks) {
      if (block.ref.parent !== this.#last!.hash) throw reorganised(block.ref);
      const moved = await this.#scan!.add(block as never);
      await this.#scan!.write();
      this.#last = block.ref;
      total += this.#tell(block.ref, moved);
    }
    return total;
  }

  #tell(block: BlockRef, moved: readonly (Transfer | UtxoTransaction)[]): number {
    const { emit } = this.#plan;
    const chain = this.#source.chain;
    const count = new Set(moved.map((row) => row.tx)).size;
    if (moved.length > 0) {
      if (this.#source.model === 'utxo')
        emit({ event: 'spent', chain, block, transactions: moved as UtxoTransaction[] });
      else emit({ event: 'moved', chain, block, transfers: moved as Transfer[] });
    }
    emit({ event: 'block', chain, block, moved: count });
    return count;
  }

  /** Back to the last block that is still part of the chain; the new branch is then applied, and told, as any other blocks. */
  async #reorganise(): Promise<void> {
    const { store, emit } = this.#plan;
    const gone = await forgetReorganised(store, this.#source);
    if (gone === null) return;
    this.#undone = true;
    this.#common = await this.#source.blockRef(gone.above);
    emit({ event: 'reorganised', chain: this.#source.chain, above: gone.above, depth: gone.depth });
  }
}

function reorganised(block: BlockRef): HaetaeError {
  return new HaetaeError('E_REORG', 'blocks that were read are no longer part of the chain', {
    context: { block: block.number.toString(), hash: block.hash },
  });
}
