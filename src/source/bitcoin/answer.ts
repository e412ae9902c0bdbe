import { badAnswer, type Named } from '../net/fault.ts';
import { isHash } from './hash.ts';

/** A field of a JSON answer; undefined where the answer is no object or has no such field. */
export function fieldOf(answer: unknown, name: string): unknown {
  return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>)[name] : undefined;
}

export function requireHash(source: Named, value: unknown, what: string): string {
  const text = typeof value === 'string' ? value.trim() : value;
  if (isHash(text)) return text;
  throw badAnswer(source, `the answer has no ${what} where one must be`);
}

/** Heights and positions: a whole number from 0 to 2^31 - 1. */
export function requireNumber(source: Named, value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 0x8000_0000) return value;
  throw badAnswer(source, `the answer has no ${what} where one must be`);
}

const HEX = /^(?:[0-9a-f]{2})+$/i;

export function requireHex(source: Named, value: unknown, what: string): Buffer {
  const text = typeof value === 'string' ? value.trim() : '';
  const bytes = Buffer.from(text, 'hex');
  // Buffer stops at what is not hex; a regular expression over a block's eight million digits would take longer.
  if (bytes.length > 0 && bytes.length * 2 === text.length) return bytes;
  throw badAnswer(source, `the answer has no ${what} where one must be`);
}

export function requireList(source: Named, value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw badAnswer(source, `the answer has no ${what} where one must be`);
}

export function isHex(text: unknown): text is string {
  return typeof text === 'string' && HEX.test(text);
}

/** A node that knows of headers whose blocks it has not loaded lags: what it says of the head is old. */
export function lagOf(info: unknown, source: Named): string | null {
  const blocks = requireNumber(source, fieldOf(info, 'blocks'), 'height');
  const headers = requireNumber(source, fieldOf(info, 'headers'), 'height');
  return headers > blocks + 1 ? `${source.name} is still loading the chain: block ${blocks} of ${headers}` : null;
}
