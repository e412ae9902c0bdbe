import { changeByFreshness } from './change-fresh.ts';
import { changeByUnneededInput } from './change-optimal.ts';
import { changeByPeeling } from './change-peel.ts';
import { changeByReuse } from './change-reuse.ts';
import { changeByRoundness } from './change-round.ts';
import { changeByScript } from './change-script.ts';
import type { ChangeEvidence, Payment } from './payment.ts';

/** What speaks for one output being the payer's change. */
export interface ChangeFinding {
  /** Index in the transaction. */
  readonly output: number;
  /** Sum of the weights. */
  readonly weight: number;
  readonly evidence: readonly ChangeEvidence[];
}

/**
 * In the order in which evidence is listed. Weights are whole numbers that rank, set by how often each rule is said to be wrong in its
 * source; they are no probabilities and were not fitted. The sum orders the outputs of one transaction; nothing is joined by it, however large:
 * one wrong change link joins a payer with whom he paid, and clusters collapse (Möser and Narayanan 2022).
 */
const HEURISTICS: readonly ((payment: Payment) => readonly ChangeEvidence[])[] = [
  changeByReuse,
  changeByFreshness,
  changeByUnneededInput,
  changeByScript,
  changeByRoundness,
  changeByPeeling,
];

/**
 * Evidence for change, by output, strongest first (ties by index); outputs without any are left out. Empty for a coinbase, for a
 * transaction of one output (a sweep has no change), and for a mix, whose outputs are no payer's: the caller says so.
 */
export function changeEvidence(payment: Payment): readonly ChangeFinding[] {
  const { inputs, outputs, mix } = payment;
  if (mix || inputs.length === 0 || outputs.length < 2) return [];
  const byOutput = new Map<number, ChangeEvidence[]>();
  for (const evidence of HEURISTICS.flatMap((heuristic) => heuristic(payment)))
    byOutput.set(evidence.output, [...(byOutput.get(evidence.output) ?? []), evidence]);
  return [...byOutput]
    .map(([output, evidence]) => ({ output, evidence, weight: evidence.reduce((sum, { weight }) => sum + weight, 0) }))
    .sort((a, b) => b.weight - a.weight || a.output - b.output);
}
