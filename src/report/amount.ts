import { formatAmount } from '../base/money.ts';

/** How to print amounts of one asset; `decimals` null: in base units, and said so. */
export interface Unit {
  readonly symbol: string;
  readonly decimals: number | null;
}

/** 1234567.8 as 1,234,567.8 */
export function groupDigits(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** All digits: (1234500n, 3) gives "1,234.5". */
export function exactAmount(units: bigint, unit: Unit): string {
  return groupDigits(formatAmount(units, unit.decimals ?? 0));
}

/** At most `places` digits after the point, rounded half up; something that rounds to nothing is "<0.0001". For display only. */
export function roundedAmount(units: bigint, unit: Unit, places = 4): string {
  const decimals = unit.decimals ?? 0;
  if (decimals <= places) return groupDigits(padFraction(formatAmount(units, decimals), decimals));
  const step = 10n ** BigInt(decimals - places);
  const rounded = (units * 2n + step) / (step * 2n);
  if (rounded === 0n && units > 0n) return `<${formatAmount(1n, places)}`;
  return groupDigits(padFraction(formatAmount(rounded, places), places));
}

/** A fraction is written to its last place, so that a column of them lines up; a whole number stays whole. */
function padFraction(decimal: string, places: number): string {
  const point = decimal.indexOf('.');
  return point < 0 ? decimal : decimal.padEnd(point + 1 + places, '0');
}

/** For a label in a picture: whole units from 1,000 on, about four digits below; for display only. */
export function compactAmount(units: bigint, unit: Unit): string {
  const decimals = unit.decimals ?? 0;
  const digits = units.toString().length - decimals;
  if (digits > 12) return `${formatAmount(units / 10n ** BigInt(decimals + digits - 3), 2)}e${digits - 1}`;
  return roundedAmount(units, unit, digits > 3 ? 0 : digits > 1 ? 2 : 4);
}

/** part/whole as a plain number, good to 12 digits; for widths and bars only. */
export function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * 1_000_000_000_000n) / whole) / 1e12;
}

/** 2022-03-23T13:29:00Z as 2022-03-23 13:29:00 UTC; any other text unchanged. */
export function displayTime(iso: string): string {
  return iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
}

/** Share of the whole with exactly two digits, for columns: "57.00 %", "<0.01 %", ">99.99 %", "0 %". For display only. */
export function percent(part: bigint, whole: bigint): string {
  if (part === 0n || whole === 0n) return '0 %';
  const hundredths = (part * 20_000n + whole) / (whole * 2n);
  if (hundredths === 0n) return '<0.01 %';
  if (hundredths === 10_000n && part < whole) return '>99.99 %';
  const digits = hundredths.toString().padStart(3, '0');
  return `${groupDigits(digits.slice(0, -2))}.${digits.slice(-2)} %`;
}
