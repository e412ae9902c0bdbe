import type { ChangeEvidence, Payment } from './payment.ts';

/** Zeros at the end by which the payments must outdo the change. */
const MORE_ZEROS = 3;

/**
 * The only output that is not round where all others are: people pay round amounts, what is left over is not.
 * Round: at least three zeros more at the end, in base units.
 * Source: Androulaki et al. (FC 2013); BlockSci "power of ten value" (Kalodner et al. 2020).
 * Known error: amounts that are round in dollars, not in the coin; services that pay odd amounts.
 */
export function changeByRoundness({ outputs }: Payment): readonly ChangeEvidence[] {
  const zeros = outputs.map(({ value }) => zerosOf(value));
  const least = Math.min(...zeros);
  const at = zeros.indexOf(least);
  if (zeros.some((count, index) => index !== at && count < least + MORE_ZEROS)) return [];
  return [
    { output: outputs[at]!.index, heuristic: 'round', weight: 1, reason: 'the only output that is no round amount' },
  ];
}

/** Zeros at the end of its decimal digits. */
function zerosOf(value: bigint): number {
  if (value <= 0n) return 0;
  const digits = value.toString();
  return digits.length - digits.replace(/0+$/, '').length;
}
