/**
 * What the accounting reads: steps in order, over places that are small whole numbers. Pure: no names, no store, no clock.
 * Definitions: docs/accounting.md.
 */

/** Index of a place: a (chain, address, asset) balance or a UTXO outpoint. */
export type PlaceId = number;

/** `from` of a leg: the money appears from outside the data (mint, coinbase, reward). */
export const OUTSIDE = -1;
/** `to` of a leg: a fee; final. Never part of a swap. */
export const FEE = -2;
/** `to` of a leg: destroyed. Final as a fee where it moves alone; in a swap it is what the payer gave (an unwrap, a redemption). */
export const DESTROYED = -3;

/** Why a place takes what arrives and passes nothing on. */
export type StopKind = 'service' | 'suspectedService' | 'mixer' | 'burn' | 'bridge' | 'feeTaker' | 'hopLimit';

export interface PlaceTable {
  readonly count: number;
  /** Index of the asset whose base units the place counts. */
  asset(place: PlaceId): number;
  /** Index of the (chain, address) that owns it: movements of one transaction are netted per owner. */
  owner(place: PlaceId): number;
  stop(place: PlaceId): StopKind | null;
  /**
   * True where the steps hold every movement of the place that the data have. Others only feed and receive clean money:
   * they are never short, and no balance is kept for them.
   */
  tracked(place: PlaceId): boolean;
}

export interface Leg {
  readonly from: PlaceId;
  readonly to: PlaceId;
  readonly amount: bigint;
  /** The caller's number of the transfer, handed back when the leg carries taint. */
  readonly row: number;
}

/** One transaction of an account chain; legs in order. A row without a transaction hash is a transaction of its own. */
export interface AccountStep {
  readonly kind: 'account';
  readonly time: number;
  readonly legs: readonly Leg[];
  /** A declared pass-through is among the owners: netted as one atom even where only one asset moves. */
  readonly atom?: boolean;
}

export interface UtxoEnd {
  readonly place: PlaceId;
  readonly value: bigint;
}

/** One UTXO transaction; the fee is what inputs exceed outputs by. */
export interface UtxoStep {
  readonly kind: 'utxo';
  readonly time: number;
  readonly inputs: readonly UtxoEnd[];
  readonly outputs: readonly UtxoEnd[];
  readonly row: number;
}

/** A theft enters: `amount` base units of the place's asset carry `units` source units of theft `theft`. */
export interface SeedStep {
  readonly kind: 'seed';
  readonly time: number;
  readonly theft: number;
  readonly place: PlaceId;
  readonly amount: bigint;
  readonly units: bigint;
  readonly mode: 'credit' | 'mark';
}

/**
 * A documented link: what went into a stop by transfer `departure` (its `row`) comes out at `place`, worth `amount` of that
 * place's asset. The movement itself is missing from the data (mode credit) or present as a clean arrival (mode mark).
 */
export interface ArrivalStep {
  readonly kind: 'arrival';
  readonly time: number;
  readonly departure: number;
  readonly place: PlaceId;
  readonly amount: bigint;
  readonly mode: 'credit' | 'mark';
}

export type Step = AccountStep | UtxoStep | SeedStep | ArrivalStep;

/** Thefts in order of seniority are computed from their first seed, never from the order of this list. */
export interface TheftInfo {
  readonly id: string;
}

export type MeetingRule = 'first' | 'share' | 'overlap';

export interface EngineOptions {
  readonly meeting: MeetingRule;
  /** Per theft: a moved parcel group with fewer source units than this goes to `belowThreshold`; 0n follows everything. */
  readonly minUnits: readonly bigint[];
  /** Places more than this many movements away from every seed hold what they get; null for no limit. */
  readonly maxHops: number | null;
}

export const BUCKETS = ['held', 'fee', 'absorbed', 'inFlight', 'leak', 'belowThreshold', 'senior'] as const;
export type Bucket = (typeof BUCKETS)[number];
export type Buckets = Record<Bucket, bigint>;

/** What one theft has at one place at the end. */
export interface Holding {
  readonly place: PlaceId;
  /** Tainted base units of the place's asset. */
  readonly amount: bigint;
  readonly units: bigint;
  /** Time of the last tainted arrival. */
  readonly lastArrival: number;
  /** Fewest movements from a seed. */
  readonly hops: number;
}

/** What one theft sent into one stop. */
export interface Absorption extends Holding {
  readonly bucket: 'absorbed' | 'inFlight' | 'leak';
  readonly stop: StopKind;
  readonly firstArrival: number;
  /** Row numbers of the transfers that carried it, in order. */
  readonly rows: readonly number[];
}

export interface Shortage {
  readonly place: PlaceId;
  readonly time: number;
  readonly amount: bigint;
  readonly row: number;
}

export interface TheftOutcome {
  readonly stolen: bigint;
  readonly buckets: Buckets;
  readonly holdings: readonly Holding[];
  readonly absorptions: readonly Absorption[];
}

/** One leg or output that carried taint. For poison, `tainted` is the whole amount and `units` is empty. */
export interface Touch {
  readonly row: number;
  readonly from: PlaceId;
  readonly to: PlaceId;
  readonly amount: bigint;
  readonly tainted: bigint;
  /** Source units moved, per theft index. */
  readonly units: readonly bigint[];
  readonly time: number;
  /** Poison only: indexes of the thefts whose reach passed through. */
  readonly thefts?: readonly number[];
}

export interface EngineOutcome {
  readonly method: string;
  readonly version: number;
  /** By theft index. */
  readonly thefts: readonly TheftOutcome[];
  readonly shortages: readonly Shortage[];
  /** Things a reader must know, counted: ambiguous swaps, swaps without a found output, overlaps. */
  readonly notes: Readonly<Record<string, number>>;
}

export interface PoisonOutcome {
  readonly method: 'poison';
  readonly version: number;
  /** By theft index: places reached, with the time each was first reached. */
  readonly reach: readonly (readonly { readonly place: PlaceId; readonly since: number; readonly hops: number }[])[];
  readonly notes: Readonly<Record<string, number>>;
}
