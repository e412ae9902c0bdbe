/** An amount as text: `exact` holds every digit, `short` at most four behind the point and is marked where it was cut. */
export interface AmountText {
  readonly exact: string;
  readonly short: string;
}

const SHOWN_DIGITS = 4;

/** `units`: base units as decimal text. Decimals not known: the base units themselves. */
export function amountText(units: string | bigint, decimals: number | null, language: string): AmountText {
  const value = BigInt(units);
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString();
  const places = decimals ?? 0;
  const padded = digits.padStart(places + 1, '0');
  const whole = BigInt(padded.slice(0, padded.length - places));
  const fraction = places === 0 ? '' : padded.slice(-places).replace(/0+$/, '');
  const grouped = `${sign}${whole.toLocaleString(language)}`;
  const exact = fraction === '' ? grouped : `${grouped}.${fraction}`;
  if (fraction.length <= SHOWN_DIGITS) return { exact, short: exact };
  const cut = fraction.slice(0, SHOWN_DIGITS).replace(/0+$/, '');
  if (whole === 0n && cut === '') return { exact, short: `${sign}<0.0001` };
  return { exact, short: cut === '' ? `~${grouped}` : `~${grouped}.${cut}` };
}

/** The part of a whole in per cent with two digits, such as "12.34 %". */
export function shareText(part: string | bigint, whole: string | bigint): string {
  const total = BigInt(whole);
  if (total === 0n) return '–';
  const hundredths = (BigInt(part) * 10_000n * 2n + total) / (total * 2n);
  return `${hundredths / 100n}.${(hundredths % 100n).toString().padStart(2, '0')} %`;
}

/** For widths and sizes only, never for what is written. */
export function ratio(part: string | bigint, whole: string | bigint): number {
  const total = BigInt(whole);
  return total === 0n ? 0 : Number((BigInt(part) * 1_000_000_000n) / total) / 1e9;
}

export function countText(count: number, language: string): string {
  return count.toLocaleString(language);
}

/** "1,234.50" of dollars as decimal text. */
export function usdText(value: string, language: string): string {
  const [whole = '0', cents] = value.split('.');
  return `${BigInt(whole).toLocaleString(language)}${cents === undefined ? '' : `.${cents}`}`;
}
