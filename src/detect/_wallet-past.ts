import { lowest } from '../base/ascending.ts';
import type { UnixSeconds } from '../base/time.ts';
import { newRanking, type Ranking, rank } from './_ranking.ts';

interface Payment {
  readonly time: UnixSeconds;
  readonly amount: bigint;
}

interface Step<T> {
  readonly time: UnixSeconds;
  readonly value: T;
}

/** `steps` tells how the second place grew. */
interface RankingInTime {
  readonly ranking: Ranking;
  readonly steps: Step<bigint>[];
}

/** What a wallet did until when: the most it paid one address of an asset inside a sliding window, and what it held. */
export class WalletPast {
  readonly #window: number;
  /** Per receiver and asset: payments still inside the window, from index `from` on, and their sum. */
  readonly #recent = new Map<string, { payments: Payment[]; from: number; sum: bigint }>();
  /** Per receiver: assets by last payment, oldest first. */
  readonly #kinds = new Map<string, Map<string, UnixSeconds>>();
  readonly #largest = new Map<string, RankingInTime>();
  readonly #variety: Step<number>[] = [];
  /** Times of all payments, and of those of each asset. */
  readonly #paid: UnixSeconds[] = [];
  readonly #paidOf = new Map<string, UnixSeconds[]>();
  readonly #held = new Map<string, Step<bigint>[]>();

  constructor(windowSeconds: number) {
    this.#window = windowSeconds;
  }

  /** Calls must come in order of time, as those of {@link pay}. */
  receive(asset: string, amount: bigint, time: UnixSeconds): void {
    const steps = listAt(this.#held, asset);
    steps.push({ time, value: (steps.at(-1)?.value ?? 0n) + amount });
  }

  pay(receiver: string, asset: string, amount: bigint, time: UnixSeconds): void {
    const held = listAt(this.#held, asset);
    const known = held.at(-1)?.value ?? 0n;
    held.push({ time, value: known > amount ? known - amount : 0n });
    this.#paid.push(time);
    listAt(this.#paidOf, asset).push(time);
    const sum = this.#slide(`${receiver}|${asset}`, amount, time);
    let largest = this.#largest.get(asset);
    if (largest === undefined) {
      largest = { ranking: newRanking(receiver), steps: [] };
      this.#largest.set(asset, largest);
    }
    if (rank(largest.ranking, receiver, sum)) largest.steps.push({ time, value: largest.ranking.second });
    const kinds = this.#countKinds(receiver, asset, time);
    if (kinds > (this.#variety.at(-1)?.value ?? 0)) this.#variety.push({ time, value: kinds });
  }

  /** How often it paid before a time: of one asset, or (null) of any. */
  paymentsBefore(asset: string | null, time: UnixSeconds): number {
    const times = asset === null ? this.#paid : (this.#paidOf.get(asset) ?? []);
    return lowest(times.length, (at) => times[at]! >= time);
  }

  /**
   * The most of an asset that one address got inside a window that ended before a time, the one address that got most left out:
   * a hot wallet fills its cold wallet, or has moved house once, and neither says what it pays to others. 0n without a past.
   */
  largestBefore(asset: string, time: UnixSeconds): bigint {
    return lastBefore(this.#largest.get(asset)?.steps ?? [], time)?.value ?? 0n;
  }

  /** The most kinds of assets that one address got inside such a window. */
  varietyBefore(time: UnixSeconds): number {
    return lastBefore(this.#variety, time)?.value ?? 0;
  }

  /** What the wallet is known to have held before a time, and since when it has held any. */
  heldBefore(asset: string, time: UnixSeconds): { readonly amount: bigint; readonly since: UnixSeconds | null } {
    const steps = this.#held.get(asset) ?? [];
    return { amount: lastBefore(steps, time)?.value ?? 0n, since: steps[0]?.time ?? null };
  }

  #slide(key: string, amount: bigint, time: UnixSeconds): bigint {
    let recent = this.#recent.get(key);
    if (recent === undefined) {
      recent = { payments: [], from: 0, sum: 0n };
      this.#recent.set(key, recent);
    }
    recent.payments.push({ time, amount });
    recent.sum += amount;
    while (time - recent.payments[recent.from]!.time > this.#window) {
      recent.sum -= recent.payments[recent.from]!.amount;
      recent.from += 1;
    }
    return recent.sum;
  }

  /** A Map keeps the order of insertion, so the oldest stand first once each payment inserts its asset anew. */
  #countKinds(receiver: string, asset: string, time: UnixSeconds): number {
    let kinds = this.#kinds.get(receiver);
    if (kinds === undefined) {
      kinds = new Map();
      this.#kinds.set(receiver, kinds);
    }
    kinds.delete(asset);
    kinds.set(asset, time);
    for (const [old, last] of kinds) {
      if (time - last <= this.#window) break;
      kinds.delete(old);
    }
    return kinds.size;
  }
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

function lastBefore<T>(steps: readonly Step<T>[], time: UnixSeconds): Step<T> | undefined {
  return steps[lowest(steps.length, (at) => steps[at]!.time >= time) - 1];
}
