import type { Alarm } from '../detect/alarm.ts';
import type { LearntPast, Thresholds, WatchedWallet } from '../detect/watched-wallet.ts';
import type { ChainId } from '../model/chain.ts';
import type { BlockRef } from '../source/chain-source.ts';
import type { Store } from '../store/port.ts';
import type { Units } from './alarm-text.ts';

/** What happens while wallets are watched. A webhook is one more listener. */
export type WatchEvent =
  | {
      readonly event: 'learnt';
      readonly chain: ChainId;
      readonly wallet: string;
      readonly name: string | null;
      readonly past: LearntPast;
      /** Blocks read, of the range; the rest of it holds no movement of the wallets as far as the source can tell. */
      readonly blocks: { readonly from: bigint; readonly to: bigint; readonly read: number };
      /** Kinds of assets whose holdings are known. */
      readonly holdings: number;
      /** Empty where nothing is missing. */
      readonly notes: readonly string[];
    }
  | { readonly event: 'watching'; readonly chain: ChainId; readonly from: bigint; readonly wallets: number }
  | { readonly event: 'alarm'; readonly alarm: Alarm; readonly units: Units }
  /** The block that raised the alarm is no longer part of the chain; what it said may happen again in another block. */
  | { readonly event: 'withdrawn'; readonly alarm: Alarm; readonly units: Units }
  | { readonly event: 'reorganised'; readonly chain: ChainId; readonly above: bigint; readonly depth: bigint }
  | { readonly event: 'block'; readonly chain: ChainId; readonly block: BlockRef; readonly moved: number }
  /** No source answers; asked again after so many seconds. */
  | { readonly event: 'waiting'; readonly chain: ChainId; readonly fault: string; readonly seconds: number };

export interface WatchPlan {
  readonly wallets: readonly WatchedWallet[];
  readonly thresholds: Thresholds;
  /** Where the past may be stored already; null: only the sources tell. */
  readonly store: Store | null;
  /** Blocks of the past to learn; null: as many as the source can list quickly. */
  readonly pastBlocks: bigint | null;
  /**
   * Alarms from this block on; null: from the block after the present head, with `once` over the last {@link ONCE_BLOCKS}. Above
   * the head with `once`, or above `untilBlock`, it is refused (E_USAGE).
   */
  readonly fromBlock: bigint | null;
  /** Ends after this block. */
  readonly untilBlock: bigint | null;
  /** Ends at the head found when the watch begins. */
  readonly once: boolean;
  /** Blocks that can be taken back. */
  readonly depth: number;
  readonly emit: (event: WatchEvent) => void;
  readonly signal: AbortSignal;
}

export const DEFAULT_DEPTH = 64;
/** Without --from-block, `once` judges so many blocks up to the head. */
export const ONCE_BLOCKS = 300n;
