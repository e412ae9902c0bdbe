import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import {
  EMPTIED_SHARE,
  JUMP_WITH_VARIETY,
  MIN_HOLDING_SECONDS,
  MIN_PAST_PAYMENTS,
  MIN_SHARE_OF_HELD,
  STRONG_JUMP,
  WINDOW_SECONDS,
} from './drain.ts';

export const WALLET_KINDS = ['wallet', 'safe', 'contract'] as const;
export type WalletKind = (typeof WALLET_KINDS)[number];

/** A wallet whose money is watched while it moves. Addresses in their canonical spelling. */
export interface WatchedWallet {
  readonly chain: ChainId;
  readonly address: string;
  readonly name: string | null;
  readonly kind: WalletKind;
  /** Where it may pay as much as it likes (its cold wallets), and whom it may approve. */
  readonly allow: ReadonlySet<string>;
  /** Base units per asset: a sum below it in one window raises no S1 alarm. */
  readonly minOutflow: ReadonlyMap<AssetId, bigint>;
  /** Base units per asset: an approval from this amount on is large, whatever the wallet holds. */
  readonly largeApproval: ReadonlyMap<AssetId, bigint>;
}

/**
 * Where the lines of the live S1 are drawn. A share is what is gone of what the wallet held when the window began, receipts in the
 * window set against it. A destination is fresh while its first payment lies in the window.
 */
export interface Thresholds {
  readonly windowSeconds: number;
  /** Times the most that any other destination got of the asset in an earlier window … */
  readonly strongJump: number;
  /** … and the same, where half of what it held is gone, or the destination gets more kinds of assets than any ever did. */
  readonly jump: number;
  /** A sum below this share is no drain, however large. */
  readonly minShare: number;
  /** As `minShare`, to a destination that is not fresh. */
  readonly minShareKnown: number;
  readonly halfShare: number;
  /** Half of what it held is gone, and that is so many times the largest share that any destination took before. */
  readonly lossJump: number;
  /** Payments to one fresh destination, as a multiple of the most that such a one ever got. */
  readonly timesJump: number;
  /** What is left is less than this share of the usual low, and half is gone to fresh destinations. */
  readonly lowShare: number;
  /** Share that is gone to many fresh destinations … */
  readonly spreadShare: number;
  /** … in large payments (larger than nine of ten were), as a multiple of the most of them in an earlier window … */
  readonly spreadJump: number;
  /** … where at least this share of the payments are large: a bank run has many small ones. */
  readonly spreadLarge: number;
  readonly emptiedShare: number;
  readonly holdingSeconds: number;
  readonly minPastPayments: number;
  /** How long the same condition stays silent after an alarm, unless it grows. */
  readonly quietSeconds: number;
  /** By what factor it must grow to alarm again. */
  readonly growth: number;
}

/** Window, jumps, shares and past as the batch form of S1 has them (drain.ts); the others set on simulated years (docs/signatures.md). */
export const DEFAULT_THRESHOLDS: Thresholds = {
  windowSeconds: WINDOW_SECONDS,
  strongJump: STRONG_JUMP,
  jump: JUMP_WITH_VARIETY,
  minShare: MIN_SHARE_OF_HELD,
  emptiedShare: EMPTIED_SHARE,
  minPastPayments: MIN_PAST_PAYMENTS,
  holdingSeconds: MIN_HOLDING_SECONDS,
  minShareKnown: 0.3,
  halfShare: 0.5,
  lossJump: 2,
  timesJump: 2,
  lowShare: 0.5,
  spreadShare: 0.15,
  spreadJump: 2,
  spreadLarge: 0.7,
  quietSeconds: 86_400,
  growth: 3,
};

/** Large payments to fresh destinations that are many at least, whatever the past; fewer are seen one by one. */
export const SPREAD_PAYMENTS = 8;
/** Payments to one fresh destination that are many at least, whatever the past. */
export const MANY_PAYMENTS = 5;
/** Kinds of assets that must be half emptied in one window at least, to alarm by their number. */
export const HALVED_ASSETS = 3;
/** A wallet with this many destinations or fewer in all its past pays nobody new without being asked about it. */
export const FEW_DESTINATIONS = 5;
/** So often an asset that is never paid was emptied to a new destination: then that is usual here (an exchange with rare tokens). */
export const EMPTIED_USUAL = 3;

/** Limits of memory per wallet. What is forgotten is counted; it can only make an alarm more likely, never less. */
export const MAX_DESTINATIONS = 250_000;
export const MAX_WINDOW_PAYMENTS = 50_000;
export const MAX_ASSETS = 2_000;
export const MAX_SPENDERS = 10_000;
/** S1 alarms of one wallet within a window; what more cross a line are counted in one alarm. */
export const MAX_ALARMS_IN_WINDOW = 20;

/** How much past was learnt. */
export interface LearntPast {
  readonly payments: number;
  readonly destinations: number;
  /** Time of the first block or movement learnt; null where none was. */
  readonly since: UnixSeconds | null;
}
