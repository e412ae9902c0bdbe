import { HaetaeError } from './errors.ts';

/** The largest amount any chain here can carry: 2^256 - 1. */
export const MAX_AMOUNT = 2n ** 256n - 1n;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const MAX_TEXT_LENGTH = 400;

export type AmountFault = 'not-a-number' | 'negative' | 'excess-digits' | 'too-large';

/**
 * Decimal text (scientific notation too) to base units, exactly.
 * `decimals`: how many digits of the text stand after the point in base units (18 for ETH, 0 for base units).
 * Returns the fault instead of throwing: a refused row is an expected outcome.
 */
export function parseAmount(text: string, decimals: number): bigint | AmountFault {
  const match = text.length <= MAX_TEXT_LENGTH ? DECIMAL.exec(text.trim()) : null;
  if (match === null) return 'not-a-number';
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return 'not-a-number';
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  if (sign === '-') return 'negative';
  const shift = decimals + Number(exponent) - fraction.length;
  const trailingZeros = digits.length - digits.replace(/0+$/, '').length;
  if (shift < -trailingZeros) return 'excess-digits';
  if (digits.length + shift > 78) return 'too-large';
  const units = shift >= 0 ? BigInt(digits) * 10n ** BigInt(shift) : BigInt(digits.slice(0, shift));
  return units > MAX_AMOUNT ? 'too-large' : units;
}

/** As {@link parseAmount}, for a value that a person wrote: throws E_AMOUNT with the field's name. */
export function requireAmount(text: string, decimals: number, field: string): bigint {
  const parsed = parseAmount(text, decimals);
  if (typeof parsed === 'bigint') return parsed;
  throw new HaetaeError('E_AMOUNT', `${field} is not an exact amount with ${decimals} decimals: ${parsed}`, {
    context: { field, value: text.slice(0, 80) },
    remedy: `write a number of zero or more with at most ${decimals} digits after the point`,
  });
}

/** Base units to decimal text with no exponent and no trailing zeros: (1500n, 3) gives "1.5". */
export function formatAmount(units: bigint, decimals: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/** The share part/whole in per cent with `places` digits, rounded half up; for display only. */
export function formatShare(part: bigint, whole: bigint, places = 2): string {
  if (whole === 0n) return '0 %';
  const scale = 10n ** BigInt(places);
  const scaled = (part * 100n * scale * 2n + whole) / (whole * 2n);
  return `${formatAmount(scaled, places)} %`;
}
