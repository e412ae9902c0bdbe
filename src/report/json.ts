import type { TraceResult } from '../trace/result.ts';

/** A trace as JSON: keys in one fixed order whatever the order they were made in, two spaces (or `compact`), a line feed at the end. */
export function resultJson(result: TraceResult, options: { readonly compact?: boolean } = {}): string {
  return `${JSON.stringify(ordered(result, LEADING), null, options.compact === true ? 0 : 2)}\n`;
}

// The shape that the documentation shows comes first; whatever else an object has follows in alphabetical order.
const LEADING = [
  'case',
  'theft',
  'methods',
  'stolen',
  'buckets',
  'held',
  'fee',
  'absorbed',
  'inFlight',
  'leak',
  'belowThreshold',
  'senior',
  'places',
  'chain',
  'address',
  'asset',
  'amount',
  'sourceUnits',
  'edgeOfData',
  'services',
];

function ordered(value: unknown, leading: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((entry) => ordered(entry, leading));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => rank(a, leading) - rank(b, leading) || (a < b ? -1 : 1));
  // fromEntries defines own properties, so that a key such as __proto__ from outside stays data.
  return Object.fromEntries(entries.map(([key, entry]) => [key, ordered(entry, leading)]));
}

function rank(key: string, leading: readonly string[]): number {
  const place = leading.indexOf(key);
  return place < 0 ? leading.length : place;
}
