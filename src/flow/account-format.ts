import type { BookFacts } from './address-book.ts';

/** What the files of a segment of an account chain hold: docs/index.md says more. Numbers of 32 bits unless said otherwise. */

/** By asset that moves in the segment, RECORD_WORDS numbers, in order of asset. */
export const RECORD_FILE = 'asset';
export const RECORD_WORDS = 20;
/** Places in a record. Positions count entries of the file named. */
export const RECORD = {
  /** Index of the asset in the chain. */
  asset: 0,
  rows: 1,
  /** In `group`: two words a full group, its number in the row files and in `high` (NONE where all is zero). */
  groups: 2,
  /** Row of the row files where the rest stands; in `high`, NONE where all is zero. */
  tail: 3,
  highTail: 4,
  /** 1 where some amount has high words. */
  hasHigh: 5,
  /** Places of the asset before this segment. */
  placesBefore: 6,
  /** In `touched`: places of before that move in this segment, ascending; how many. */
  touched: 7,
  touchedBefore: 8,
  /** All that move in it, the new ones behind those of before: a place's number among them is its local number. */
  locals: 9,
  /** In `owner`: address ids of the new places. */
  owner: 10,
  /** In `balance` (of four words): by local number, at the end of the segment. */
  balance: 11,
  /** In `rank`: local number by place of before; NONE: search `touched`. */
  rank: 12,
  /** Both sides: first entry, how many, first start. */
  out: 13,
  in: 16,
} as const;

/** Words of a net flow: step, asset and place of both ends, ratio (2), given (4), received (4), 1 + its number in `swap.large`. */
export const SWAP_WORDS = 16;
/** Words of each of the two amounts of `swap.large`. */
export const SWAP_LARGE_WORDS = 10;
/** Asset, row, eight words of amount. */
export const LARGE_WORDS = 10;
/** Asset, place, sixteen words of balance. */
export const LARGE_BALANCE_WORDS = 18;

export interface AccountFacts {
  readonly firstStep: number;
  readonly steps: number;
  /** Assets known before, and those that first move in this segment. */
  readonly firstAsset: number;
  readonly newAssets: number;
  /** Places that first move in this segment, over all assets. */
  readonly newPlaces: number;
  readonly swaps: number;
  readonly book: BookFacts;
}
