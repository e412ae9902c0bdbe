import type { ChangeEvidence, Payment } from './payment.ts';

/**
 * The only output whose address was never paid before, where all others were and none is a payer's: a wallet makes a new address for its change.
 * One point more where the address is never paid again: change addresses are used once.
 * Source: Meiklejohn et al. (IMC 2013), heuristic 2 ("one-time change").
 * Known error: its authors estimated 13 % wrong by later reuse, and under 1 % where dice games were left out and a week was waited; since then payees
 * too give a new address for each payment, so that it seldom decides, and falsely where the payer's change goes to a used address.
 * "Before" and "again" mean in the data at hand.
 */
export function changeByFreshness({ inputs, outputs }: Payment): readonly ChangeEvidence[] {
  const payers = new Set(inputs.map(({ owner }) => owner));
  if (outputs.some(({ owner }) => payers.has(owner))) return [];
  const fresh = outputs.filter((output) => output.fresh);
  const [only] = fresh;
  if (only === undefined || fresh.length > 1) return [];
  const once = !only.paidAgain;
  const reason = `the only output to an address not paid before${once ? ', nor since' : ''}`;
  return [{ output: only.index, heuristic: 'fresh', weight: once ? 2 : 1, reason }];
}
