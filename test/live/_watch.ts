import type { Alarm } from '../../src/detect/alarm.ts';
import { DEFAULT_THRESHOLDS, type WatchedWallet } from '../../src/detect/watched-wallet.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountSource } from '../../src/source/chain-source.ts';
import { parseEndpoint } from '../../src/source/endpoint.ts';
import { openSource } from '../../src/source/open.ts';
import { DEFAULT_DEPTH, type WatchEvent, type WatchPlan } from '../../src/watch/wallet-plan.ts';
import { watchWallets } from '../../src/watch/wallet-watch.ts';
import type { Anvil } from './_anvil.ts';

export const CHAIN = 'eip155:31337';
export const ETHER = 10n ** 18n;

export async function openNode(url: string): Promise<AccountSource> {
  return (await openSource([parseEndpoint(url, requireChain(CHAIN), {})], {})) as AccountSource;
}

export function watched(address: string, kind: WatchedWallet['kind'] = 'wallet', allow: string[] = []): WatchedWallet {
  return {
    chain: CHAIN,
    address,
    name: null,
    kind,
    allow: new Set(allow),
    minOutflow: new Map(),
    largeApproval: new Map(),
  };
}

/** A watch that runs while a test acts on the node: what it said so far, and a way to wait for more. */
export class RunningWatch {
  readonly events: WatchEvent[] = [];
  readonly done: Promise<void>;
  readonly #stop = new AbortController();
  #wake: () => void = () => {};

  constructor(source: AccountSource, wallets: readonly WatchedWallet[], options: Partial<WatchPlan> = {}) {
    const plan: WatchPlan = {
      wallets,
      thresholds: DEFAULT_THRESHOLDS,
      store: null,
      pastBlocks: null,
      fromBlock: null,
      untilBlock: null,
      once: false,
      depth: DEFAULT_DEPTH,
      emit: (event) => {
        this.events.push(event);
        this.#wake();
      },
      signal: this.#stop.signal,
      ...options,
    };
    this.done = watchWallets(plan, [source]);
    this.done.catch(() => this.#wake());
  }

  get alarms(): Alarm[] {
    return this.events.flatMap((event) => (event.event === 'alarm' ? [event.alarm] : []));
  }

  /** Resolves once an event fits, or the watch has failed (then it throws). */
  async until(fits: (event: WatchEvent) => boolean): Promise<WatchEvent> {
    for (let at = 0; ; at += 1) {
      while (at >= this.events.length) {
        await Promise.race([new Promise<void>((resolve) => (this.#wake = resolve)), this.done]);
      }
      const event = this.events[at]!;
      if (fits(event)) return event;
    }
  }

  /** Waits until a block was judged. */
  judged(block: bigint): Promise<WatchEvent> {
    return this.until((event) => event.event === 'block' && event.block.number === block);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.done;
  }
}

/** A hot wallet with a month of withdrawals: 1 to 2 ether to a new customer each, one a day. */
export async function withPast(anvil: Anvil, hot: number, days: number): Promise<void> {
  await anvil.rpc('anvil_setBlockTimestampInterval', [86_400]);
  for (let day = 0; day < days; day += 1) {
    const customer = `0xcc${(day + 1).toString(16).padStart(38, '0')}`;
    await anvil.transact({
      from: hot,
      to: customer,
      value: ETHER + (ETHER * BigInt((day * 37) % 100)) / 100n,
      gas: 21_000n,
    });
  }
  // The last hour is no past yet.
  await anvil.mine();
  await anvil.rpc('anvil_setBlockTimestampInterval', [12]);
}
