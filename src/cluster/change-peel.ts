import type { ChangeEvidence, Payment } from './payment.ts';

/**
 * One in, two out, and exactly one output is spent in the same way: the next link of a peel chain.
 * Source: Meiklejohn et al. (IMC 2013); Kappos et al., "How to Peel a Million" (USENIX Security 2022); BlockSci "peeling chain".
 * Known error: a payee who pays on in the same shape looks alike, above all where the change was not yet spent.
 */
export function changeByPeeling({ inputs, outputs }: Payment): readonly ChangeEvidence[] {
  if (inputs.length !== 1 || outputs.length !== 2) return [];
  const links = outputs.filter(({ spentBy }) => spentBy !== null && spentBy.inputs === 1 && spentBy.outputs === 2);
  const [only] = links;
  if (only === undefined || links.length > 1) return [];
  return [
    { output: only.index, heuristic: 'peel', weight: 1, reason: 'spent again one in, two out: a peel chain goes on' },
  ];
}
