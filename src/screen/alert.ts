import type { Principal } from '../access/principal.ts';
import type { ChainId } from '../model/chain.ts';
import type { RecordChange } from '../store/records.ts';
import type { Decision, Verdict } from './verdict.ts';

export const ALERT_STATES = ['open', 'assigned', 'closed'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

export const ALERT_KINDS = ['verdict', 'change'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export const OUTCOMES = ['true-positive', 'false-positive', 'filed', 'duplicate', 'released'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes that let blocked money go: two persons where so configured. */
export const RELEASES: readonly Outcome[] = ['false-positive', 'released'];

/** Most that one alert keeps: a reader gets it whole. */
export const ALERT_LIMITS = { comments: 500, commentLength: 4000, reasonLength: 4000, holds: 100, page: 500 } as const;

/** What the desk says of a verdict that a person must look at. Amounts are base units as decimal text, times ISO 8601 UTC. */
export interface AlertDraft {
  readonly at: string;
  /** change: a later verdict on the same request that decided otherwise. */
  readonly kind: AlertKind;
  readonly verdict: string;
  /** The verdict before, what it decided, and what changed since; null unless kind is change. */
  readonly previous: string | null;
  readonly before: Decision | null;
  readonly cause: string | null;
  readonly decision: Decision;
  readonly score: number;
  readonly chain: ChainId;
  /** The counterparty that the gravest reason names. */
  readonly address: string | null;
  readonly asset: string | null;
  readonly symbol: string | null;
  readonly decimals: number | null;
  readonly amount: string | null;
  readonly customer: string | null;
  readonly segment: string | null;
  readonly direction: 'deposit' | 'withdrawal' | null;
  readonly tx: string | null;
  readonly titles: readonly string[];
  readonly categories: readonly string[];
}

export interface Alert extends AlertDraft {
  /** al-SEQ-HHHH */
  readonly id: string;
  readonly state: AlertState;
  readonly assignee: string | null;
  readonly comments: readonly Comment[];
  readonly closed: Closing | null;
  readonly holds: readonly string[];
  /** Counts up with every change: what `expected` goes by. */
  readonly version: number;
}

export interface Comment {
  readonly at: string;
  readonly by: string;
  readonly text: string;
}

export interface Closing {
  readonly at: string;
  readonly by: string;
  readonly outcome: Outcome;
  readonly reason: string;
  /** Where two persons released it: the proposal's id and who approved it. */
  readonly approval: string | null;
  readonly approvedBy: string | null;
}

/** As shown. */
export interface AlertView extends Alert {
  /** Id of the proposal to release it that waits for a second person; the alert stays open meanwhile. */
  readonly pending: string | null;
}

/** Who does something, and when (milliseconds). */
export interface Act {
  readonly principal: Principal;
  readonly at: number;
  /** The version that the person saw: E_STATE where another change came first. */
  readonly expected?: number | undefined;
}

/** What webhooks are told, as changes to be committed with what it tells of. */
export interface Announcement {
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
}
export type Announce = (event: Announcement) => readonly RecordChange[];

/** `before`: what the verdict before decided, for a re-screening. */
export function alertOf(verdict: Verdict, before: Decision | null = null): AlertDraft {
  const { request, reasons } = verdict;
  const gravest = reasons.reduce<(typeof reasons)[number] | null>(
    (worst, reason) => (worst === null || reason.score > worst.score ? reason : worst),
    null,
  );
  return {
    at: verdict.at,
    kind: verdict.previous === null ? 'verdict' : 'change',
    verdict: verdict.id,
    previous: verdict.previous,
    before,
    cause: verdict.cause,
    decision: verdict.decision,
    score: verdict.score,
    chain: request.chain,
    address: gravest?.address ?? request.address ?? verdict.facts[0]?.address ?? null,
    asset: request.asset,
    symbol: request.symbol,
    decimals: request.decimals,
    amount: request.amount,
    customer: request.customer,
    segment: request.segment,
    direction: request.direction,
    tx: request.tx,
    titles: [...new Set(reasons.map((reason) => reason.title))],
    categories: [...new Set(reasons.flatMap((reason) => reason.category ?? []))].sort(),
  };
}
