import type { ChangeEvidence, Payment } from './payment.ts';

/**
 * The only output that is smaller than every input: were it the payment, one input would have been needed less ("unnecessary input").
 * Source: Nick, "Data-Driven De-Anonymization in Bitcoin" (master thesis, ETH Zurich 2015), "optimal change"; BlockSci (Kalodner et al. 2020).
 * Known error: a wallet that gathers small coins on purpose, and a payment that is itself smaller than all inputs.
 */
export function changeByUnneededInput({ inputs, outputs }: Payment): readonly ChangeEvidence[] {
  if (inputs.length < 2) return [];
  const smallest = inputs.reduce((least, { value }) => (value < least ? value : least), inputs[0]!.value);
  const below = outputs.filter(({ value }) => value < smallest);
  const [only] = below;
  if (only === undefined || below.length > 1) return [];
  const reason = 'smaller than every input: as the payment it would have made one needless';
  return [{ output: only.index, heuristic: 'unneeded-input', weight: 2, reason }];
}
