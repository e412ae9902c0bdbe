import type { ChainId } from '../model/chain.ts';
import type { CounterpartyFacts, CumulativeFact, LabelFact, PathFact } from './facts.ts';

export const DECISIONS = ['allow', 'review', 'block'] as const;
export type Decision = (typeof DECISIONS)[number];

/** What was asked, put into one form: canonical chain, address, asset; base units; pseudonym in place of the customer's reference. */
export interface VerdictRequest {
  readonly kind: 'address' | 'transfer';
  readonly chain: ChainId;
  /** The counterparty's: sender of a deposit, recipient of a withdrawal. null: told by the transaction. */
  readonly address: string | null;
  readonly direction: 'deposit' | 'withdrawal' | null;
  readonly asset: string | null;
  /** Base units. */
  readonly amount: string | null;
  readonly decimals: number | null;
  readonly symbol: string | null;
  readonly tx: string | null;
  /** When the transfer was or will be made; null for an address. */
  readonly transferAt: string | null;
  /** Knowledge as of this date; null: now. */
  readonly asOf: string | null;
  /** Keyed pseudonym; null where no reference was given. */
  readonly customer: string | null;
  readonly segment: string | null;
}

/** As of what a verdict holds. Same basis and facts, same verdict. */
export interface Basis {
  /** Of all label lists that were known. */
  readonly labels: { readonly hash: string; readonly lists: number };
  readonly rules: { readonly hash: string; readonly name: string };
  /** Last block and second of the chain that the store holds; null where it holds none. */
  readonly chain: { readonly block: string | null; readonly time: string | null };
  /** Exposure table used; null: none of this chain. `behind`: index segments that are not in it. */
  readonly exposure: { readonly hash: string; readonly until: string | null; readonly behind: number } | null;
  /** Of the traced cases that were known. */
  readonly traces: { readonly hash: string; readonly cases: number };
  readonly software: string;
}

/** One rule that fired on one counterparty. */
export interface Reason {
  readonly rule: string;
  readonly ruleVersion: number;
  readonly title: string;
  readonly decision: Decision;
  readonly score: number;
  readonly address: string;
  readonly category: string | null;
  readonly entity: string | null;
  readonly link: 'direct' | 'indirect' | null;
  readonly asset: string | null;
  /** Of this transfer, base units: what of it falls under the rule; for an address, what it received or sent. */
  readonly amount: string | null;
  readonly share: number | null;
  readonly hops: number | null;
  readonly path: PathFact | null;
  readonly label: LabelFact | null;
  /** haircut, where an amount or a share goes by an accounting method; else null. */
  readonly method: string | null;
  /** Every label behind it was listed only after the transfer. */
  readonly listedAfterTransfer: boolean;
  /** Set where only the sum over the window reaches the threshold. */
  readonly cumulative: {
    readonly days: number;
    readonly amount: string;
    readonly limit: string;
    readonly transfers: number;
  } | null;
  /** One sentence for a person. */
  readonly text: string;
}

/** Key order is part of the format: its JSON is the verdict's bytes. Made by `writeVerdict` alone. */
export interface Verdict {
  readonly format: 1;
  readonly id: string;
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly request: VerdictRequest;
  readonly decision: Decision;
  /** 0 to 100: the gravest reason's. */
  readonly score: number;
  readonly reasons: readonly Reason[];
  /** Rules in test mode that would have fired: they decide nothing. */
  readonly tested: readonly Reason[];
  readonly basis: Basis;
  readonly facts: readonly CounterpartyFacts[];
  readonly cumulative: readonly CumulativeFact[];
  /** Set by a re-screening: the verdict before, and what changed since. */
  readonly previous: string | null;
  readonly cause: string | null;
}
