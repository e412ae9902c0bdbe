import type { CounterpartyFacts, CumulativeFact } from './facts.ts';
import type { RuleSet } from './rule.ts';
import type { Decision, Reason, VerdictRequest } from './verdict.ts';

/** All that decides a verdict beside the rule set. */
export interface Evidence {
  readonly request: VerdictRequest;
  /** Milliseconds: when the verdict is given; ages count back from it (from `asOf` where the request has one). */
  readonly at: number;
  readonly facts: readonly CounterpartyFacts[];
  readonly cumulative: readonly CumulativeFact[];
}

export interface Evaluation {
  readonly decision: Decision;
  readonly score: number;
  readonly reasons: readonly Reason[];
  readonly tested: readonly Reason[];
  /** Counterparties for which a rule needs, or a reason would be stronger with, paths that the facts do not have yet. Paths cost; so they are sought only then. */
  readonly wantsPaths: readonly string[];
  /** What of this transfer counts toward later sums: by category and link, in the transfer's asset. Only where a rule has a cumulative limit on it. */
  readonly accrues: readonly Accrual[];
}

/** Rounded up, so that pieces never sum to less than the whole. */
export interface Accrual {
  /** The customer's pseudonym; the counterparty's address where the request names no customer. */
  readonly of: string;
  readonly category: string;
  readonly link: 'direct' | 'indirect';
  readonly asset: string;
  readonly amount: string;
}

/** Pure: same rule set and evidence, same evaluation. */
export type Evaluate = (rules: RuleSet, evidence: Evidence) => Evaluation;
