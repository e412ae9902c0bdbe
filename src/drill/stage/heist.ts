import type { Random } from '../../base/random.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { Mark, Plan, Stage } from '../plan.ts';
import { EXCHANGES } from '../roster.ts';
import type { UtxoPlan } from '../utxo-plan.ts';

/** One theft being planned: what the stages share. */
export interface Heist {
  /** Its number, from 0. */
  readonly theft: number;
  readonly random: Random;
  readonly plan: Plan;
  readonly coins: UtxoPlan;
  /** The second the drain begins. */
  readonly start: UnixSeconds;
  /** Exchange that is robbed. */
  readonly victim: number;
  /** Wallets of the fan-out. */
  readonly fan: number;
  /** What each of them gets, about, in drill units of the native asset. */
  readonly unit: number;
}

/** A thieves' wallet on the account chain and the second from which it may be used. */
export interface Wallet {
  readonly actor: number;
  readonly time: UnixSeconds;
}

export function markOf(heist: Heist, stage: Stage): Mark {
  return { theft: heist.theft, stage };
}

export function freshWallet(heist: Heist): number {
  return heist.plan.actor('thief', heist.theft);
}

/** A whole number from `low` to `high`, both included. */
export function between(random: Random, low: number, high: number): number {
  return low + random.below(high - low + 1);
}

/** About `value`, at most `share` (such as 0.02) more or less, whole. */
export function near(random: Random, value: number, share: number): number {
  return Math.floor(value * (1 - share + 2 * share * random.unit()));
}

/** An exchange that is not the victim. */
export function otherExchange(heist: Heist): number {
  return (heist.victim + 1 + heist.random.below(EXCHANGES.length - 1)) % EXCHANGES.length;
}

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
