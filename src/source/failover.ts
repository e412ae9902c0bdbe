import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Asset, AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import type {
  AccountBlock,
  AccountSource,
  Activity,
  BalanceQuery,
  BlockRef,
  ChainSource,
  RawUtxoTransaction,
  UtxoBlock,
  UtxoSource,
} from './chain-source.ts';
import type { ActivityList } from './evm/explorer.ts';
import { HeadMemory } from './net/head-memory.ts';
import { reorganised } from './net/read-ahead.ts';
import { Ring, type RingMember } from './net/ring.ts';
import { wait } from './net/wait.ts';

/** All endpoints failed while heads were awaited: tried again after so long, as often as it takes. */
const HEADS_AGAIN_MS = 2000;
/** An explorer's list is worth asking for from so many blocks on. */
const LIST_BLOCKS = 16n;

export type Notice = ((text: string) => void) | undefined;

/**
 * Several sources of one chain as one. A call goes to the first that is well; where it fails the next is asked, and the one that failed
 * rests for a while. An answer of null (cannot tell) asks the next. The last fault is thrown when all have failed.
 */
abstract class Failover<S extends ChainSource> {
  readonly chain: ChainId;
  protected readonly ring: Ring<S>;
  readonly #memory: HeadMemory;
  readonly #onNotice: Notice;

  constructor(chain: ChainId, members: readonly RingMember<S>[], onNotice: Notice, signal: AbortSignal | undefined) {
    this.chain = chain;
    this.ring = new Ring(members, onNotice, signal);
    this.#memory = new HeadMemory({ name: this.ring.name });
    this.#onNotice = onNotice;
  }

  get name(): string {
    return this.ring.name;
  }

  head(): Promise<BlockRef> {
    return this.ring.ask(async (source) => this.#memory.head(await source.head()));
  }

  blockRef(number: bigint): Promise<BlockRef> {
    return this.ring.ask((source) => source.blockRef(number));
  }

  blockOf(tx: string): Promise<bigint> {
    return this.ring.ask((source) => source.blockOf(tx));
  }

  /** Outlives the endpoints: while none answers it says so and waits. Other faults end it. */
  async *heads(signal: AbortSignal): AsyncGenerator<BlockRef> {
    let last: string | null = null;
    let silent = false;
    while (!signal.aborted) {
      try {
        for await (const ref of this.ring.stream((source) => source.heads(signal))) {
          silent = false;
          if (ref.hash !== last) yield this.#memory.head(ref);
          last = ref.hash;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof HaetaeError) || !(error.retry || error.code === 'E_SOURCE_BEHIND')) throw error;
        if (!silent) this.#onNotice?.(`no endpoint of ${this.chain} gives a new head (${error.code}); trying again`);
        silent = true;
        await wait(HEADS_AGAIN_MS, signal).catch(() => {});
      }
    }
  }

  openAll(): Promise<void> {
    return this.ring.openAll();
  }

  async close(): Promise<void> {
    await this.ring.close();
  }

  /** Goes on with the next source at the block that failed. */
  protected async *inOrder<B extends { readonly ref: BlockRef }>(
    from: bigint,
    to: bigint,
    read: (source: S, from: bigint) => AsyncIterable<B>,
  ): AsyncGenerator<B> {
    let due = from;
    let before: BlockRef | null = null;
    for await (const block of this.ring.stream((source) => read(source, due))) {
      if (before !== null && block.ref.parent !== before.hash) throw reorganised(block.ref);
      before = block.ref;
      due++;
      yield block;
    }
    assert(due > to, 'a source gives every block it was asked for');
  }
}

export class AccountFailover extends Failover<AccountSource> implements AccountSource {
  readonly model = 'account';
  readonly #lists: readonly ActivityList[];
  readonly #notice: Notice;

  constructor(
    chain: ChainId,
    members: readonly RingMember<AccountSource>[],
    lists: readonly ActivityList[],
    onNotice: Notice,
    signal: AbortSignal | undefined,
  ) {
    super(chain, members, onNotice, signal);
    this.#lists = lists;
    this.#notice = onNotice;
  }

  block(number: bigint): Promise<AccountBlock> {
    return this.ring.ask((source) => source.block(number));
  }

  blocks(from: bigint, to: bigint): AsyncIterable<AccountBlock> {
    return this.inOrder(from, to, (source, due) => source.blocks(due, to));
  }

  async activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null> {
    for (const list of to - from < LIST_BLOCKS ? [] : this.#lists) {
      try {
        const listed = await list.activity(address, from, to, limit);
        if (listed !== null) return listed;
      } catch (error) {
        // The node can be asked in its place; only the user can end the work.
        if (!(error instanceof HaetaeError) || error.code === 'E_INTERRUPTED') throw error;
        this.#notice?.(`${list.name} gives no list (${error.code}: ${error.message}); asking the node`);
      }
    }
    return this.ring.ask((source) => source.activity(address, from, to, limit));
  }

  balances(places: readonly BalanceQuery[], block: bigint): Promise<readonly (bigint | null)[]> {
    return this.ring.fill(places, (source, rest) => source.balances(rest, block));
  }

  tokens(assets: readonly AssetId[]): Promise<readonly Asset[]> {
    return this.ring.ask((source) => source.tokens(assets));
  }

  override async close(): Promise<void> {
    for (const list of this.#lists) list.close();
    await super.close();
  }
}

export class UtxoFailover extends Failover<UtxoSource> implements UtxoSource {
  readonly model = 'utxo';

  block(number: bigint): Promise<UtxoBlock> {
    return this.ring.ask((source) => source.block(number));
  }

  blocks(from: bigint, to: bigint): AsyncIterable<UtxoBlock> {
    return this.inOrder(from, to, (source, due) => source.blocks(due, to));
  }

  resolve(transactions: readonly RawUtxoTransaction[]): Promise<readonly UtxoTransaction[]> {
    return this.ring.ask((source) => source.resolve(transactions));
  }

  transaction(tx: string): Promise<{ readonly transaction: UtxoTransaction; readonly ref: BlockRef }> {
    return this.ring.ask((source) => source.transaction(tx));
  }

  spenders(outpoints: readonly string[], at: BlockRef): Promise<readonly (string | null)[] | null> {
    return this.ring.ask((source) => source.spenders(outpoints, at));
  }

  received(
    address: string,
    limit: number,
  ): Promise<{ readonly txs: readonly string[]; readonly truncated: boolean } | null> {
    return this.ring.ask((source) => source.received(address, limit));
  }
}
