import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { AuthorityKind } from '../model/authority.ts';
import type { ChainId } from '../model/chain.ts';
import type { LearntPast } from './watched-wallet.ts';

/**
 * `drain`: one destination gets far more than any other did. `depleted`: less is left than payments ever left, and half went to
 * fresh destinations. `spread`: many fresh destinations get many large payments. `assets`: many kinds of assets are half emptied
 * at once. `emptied`: nearly all of an asset leaves, where no past says what is usual. `more`: further alarms, counted, not raised.
 */
export type DrainRule = 'drain' | 'depleted' | 'spread' | 'assets' | 'emptied' | 'more';
export type Severity = 'critical' | 'high' | 'medium';

/** What moved of one asset, and what is usual there. Base units. */
export interface AlarmAmount {
  readonly asset: AssetId;
  readonly amount: bigint;
  /** The most that was paid so in any earlier window; null where there is no past to say. */
  readonly usual: bigint | null;
  /** What the wallet held when the window began (S0: now); null where that is not known. */
  readonly held: bigint | null;
}

/** A line that was crossed; values are for reading, exact to about 1e-6. */
export interface CrossedLine {
  readonly what:
    | 'times the usual'
    | 'times the usual share'
    | 'payments'
    | 'left of the usual low'
    | 'share of held'
    | 'kinds of assets'
    | 'assets half emptied'
    | 'large payments'
    | 'first seen'
    | 'unlimited'
    | 'above holdings'
    | 'above limit'
    | 'changed'
    | 'alarms';
  readonly value: number | null;
  readonly limit: number | null;
}

/** A sign of a theft in progress, with the evidence for it. A pointer for a person, never proof. */
export interface Alarm {
  /** Unique, and the same however often the same blocks are read. */
  readonly id: string;
  readonly signature: 'S0' | 'S1';
  readonly rule: DrainRule | AuthorityKind;
  readonly severity: Severity;
  readonly chain: ChainId;
  readonly wallet: string;
  readonly name: string | null;
  /** Destinations, spender, owner, module: at most {@link MAX_LISTED} of `otherCount`, those that got most first. */
  readonly others: readonly string[];
  readonly otherCount: number;
  readonly amounts: readonly AlarmAmount[];
  readonly crossed: readonly CrossedLine[];
  /** The first {@link MAX_LISTED} of `txCount`, in order. */
  readonly txs: readonly string[];
  readonly txCount: number;
  readonly payments: number;
  readonly firstTime: UnixSeconds;
  readonly lastTime: UnixSeconds;
  readonly block: bigint;
  readonly blockHash: string;
  /** Where the same condition alarmed less than the quiet time ago and has grown since. */
  readonly again: { readonly of: string; readonly times: number } | null;
  readonly past: LearntPast;
}

export const MAX_LISTED = 20;

/** What is kept of an alarm, so that its condition stays silent until it grows. */
export interface Raised {
  readonly id: string;
  readonly time: UnixSeconds;
  readonly level: ReadonlyMap<string, bigint>;
}

/**
 * Whether a condition may alarm at a level: null where it may as a new one, the growth where it may again, false where it stays silent.
 * Levels are compared by the names that both have.
 */
export function mayAlarm(
  raised: ReadonlyMap<string, Raised>,
  condition: string,
  level: ReadonlyMap<string, bigint>,
  time: UnixSeconds,
  quietSeconds: number,
  growth: number,
): { readonly of: string; readonly times: number } | null | false {
  const before = raised.get(condition);
  if (before === undefined || time - before.time > quietSeconds) return null;
  let times = 0;
  for (const [name, value] of level) {
    const last = before.level.get(name);
    if (last !== undefined && last > 0n) times = Math.max(times, Number((value * 1000n) / last) / 1000);
  }
  return times >= growth ? { of: before.id, times } : false;
}
