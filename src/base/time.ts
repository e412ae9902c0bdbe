import { HaetaeError } from './errors.ts';

/** Seconds since 1970-01-01T00:00:00Z, whole. */
export type UnixSeconds = number;

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;

/**
 * ISO 8601 (date alone, or date and time with or without offset; no offset means UTC) or Unix seconds, to whole seconds.
 * Returns null where the text is neither, or names no real instant (2022-02-30).
 */
export function parseTime(text: string): UnixSeconds | null {
  const trimmed = text.trim();
  if (/^\d{9,11}$/.test(trimmed)) return Number(trimmed);
  const match = ISO.exec(trimmed);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', zone = 'Z'] = match;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  const back = new Date(utc);
  // Date.UTC takes the years 0 to 99 for those of the last century.
  const sameYear = back.getUTCFullYear() === Number(year);
  const real = sameYear && back.getUTCMonth() === Number(month) - 1 && back.getUTCDate() === Number(day);
  if (!real || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  return utc / 1000 - offsetSeconds(zone);
}

function offsetSeconds(zone: string): number {
  if (zone === 'Z' || zone === 'UTC') return 0;
  const digits = zone.slice(1).replace(':', '');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return zone.startsWith('-') ? -seconds : seconds;
}

/** As {@link parseTime}, for a value that a person wrote: throws E_TIME with the field's name. */
export function requireTime(text: string, field: string): UnixSeconds {
  const parsed = parseTime(text);
  if (parsed !== null) return parsed;
  throw new HaetaeError('E_TIME', `${field} is not a time`, {
    context: { field, value: text.slice(0, 40) },
    remedy: 'write ISO 8601 such as 2022-03-23T13:29:00Z, or Unix seconds',
  });
}

/** 2022-03-23T13:29:00Z */
export function formatTime(seconds: UnixSeconds): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
