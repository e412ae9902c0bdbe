import type { Category } from '../model/label.ts';
import type { Decision } from './verdict.ts';

/** A set of rules as loaded: named by the hash of its text, never changed afterwards. docs/rules.md says what each field means. */
export interface RuleSet {
  readonly name: string;
  /** SHA-256 of `text`, lower-case hex. */
  readonly hash: string;
  /** The YAML as written. */
  readonly text: string;
  readonly rules: readonly Rule[];
}

export interface Rule {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** Why it is there, and who says so. */
  readonly reason: string;
  readonly source: { readonly title: string; readonly url: string | null };
  /** A rule in test mode is evaluated and shown; it decides nothing. */
  readonly mode: 'live' | 'test';
  readonly decision: Decision;
  /** 0 to 100. */
  readonly score: number;
  readonly when: Conditions;
}

/** All that are given must hold. */
export interface Conditions {
  readonly kind?: readonly ('address' | 'transfer')[];
  readonly direction?: readonly ('deposit' | 'withdrawal')[];
  readonly segment?: readonly string[];
  readonly asset?: readonly string[];
  /** Label or exposure categories. */
  readonly category?: readonly (Category | string)[];
  /** direct: the counterparty or its entity bears the label (or is a place of a traced theft); indirect: money came or went through others. */
  readonly link?: 'direct' | 'indirect';
  readonly side?: 'received' | 'sent';
  readonly programme?: readonly string[];
  /** Where the counterparty or its entity bears a current label of one of these, the rule does not apply: what a service holds is not one customer's. */
  readonly except?: readonly Category[];
  /** Whose label it is: the counterparty's own, or that of another address of its entity. Either where left out. */
  readonly bearer?: 'itself' | 'entity';
  /** What a traced place did: holds the money, is a service that it came to, or passed it on. */
  readonly role?: readonly ('holds' | 'service' | 'passed')[];
  /** Weakest confidence (model/label CONFIDENCES) that counts. */
  readonly confidence?: string;
  /** Only labels weaker than this: for what a stricter rule does not take. */
  readonly weakerThan?: string;
  readonly signature?: readonly string[];
  /** Tainted by a traced theft. */
  readonly traced?: boolean;
  /** At least, in whole units as decimal text by asset symbol or CAIP-19 id; `other` for the rest. Of the transfer; for an address, of what it received or sent. */
  readonly amount?: Readonly<Record<string, string>>;
  /** At least, 0 to 1. */
  readonly share?: number;
  /** At most. */
  readonly hops?: number;
  /** At most so many days since the label was listed, or the last payment of the path was made. */
  readonly ageDays?: number;
  /** As `amount`, for the sum of one customer over so many days: fires even where each transfer stays under `amount`. All other conditions hold for each transfer. */
  readonly cumulative?: { readonly days: number; readonly amount: Readonly<Record<string, string>> };
}
