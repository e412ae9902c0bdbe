import type { ChangeEvidence, Payment } from './payment.ts';

/**
 * The only output of the kind of script that all inputs are of: wallets keep to one kind.
 * Source: BlockSci (Kalodner et al., USENIX Security 2020), "address type"; Möser and Narayanan (FC 2022).
 * Known error: wallets that follow the payee's kind on purpose, or moved to a new one; it says nothing where payer and payee use the same.
 */
export function changeByScript({ inputs, outputs }: Payment): readonly ChangeEvidence[] {
  const form = inputs[0]!.script;
  if (form === 'other' || inputs.some(({ script }) => script !== form)) return [];
  const same = outputs.filter(({ script }) => script === form);
  const [only] = same;
  if (only === undefined || same.length > 1) return [];
  return [
    { output: only.index, heuristic: 'script', weight: 2, reason: `the only output of the inputs' kind (${form})` },
  ];
}
