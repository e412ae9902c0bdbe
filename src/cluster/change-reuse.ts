import type { ChangeEvidence, Payment } from './payment.ts';

/**
 * An output that pays an address which pays: change of a wallet that keeps one address.
 * Source: Meiklejohn et al. (IMC 2013), "self-change".
 * Known error: that the address is the payer's is certain; that it is change and not the payment is not, where a wallet moves
 * money to one of its own addresses.
 */
export function changeByReuse({ inputs, outputs }: Payment): readonly ChangeEvidence[] {
  const payers = new Set(inputs.map(({ owner }) => owner));
  return outputs
    .filter(({ owner }) => payers.has(owner))
    .map(({ index }) => ({
      output: index,
      heuristic: 'reuse',
      weight: 5,
      reason: 'pays an address that the transaction spends from',
    }));
}
