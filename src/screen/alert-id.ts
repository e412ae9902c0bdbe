import { randomInt } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';

/** A number for order and four random hex digits, so that an id from elsewhere is not taken for one of ours: al-17-9c3e. */
export function makeId(prefix: string, sequence: number): string {
  return idWith(prefix, sequence, randomInt(0x10000));
}

export function idWith(prefix: string, sequence: number, tail: number): string {
  return `${prefix}-${sequence}-${tail.toString(16).padStart(4, '0')}`;
}

export interface ParsedId {
  readonly sequence: number;
  readonly tail: number;
}

const ID = /^([a-z]{1,4})-([1-9]\d{0,15})-([0-9a-f]{4})$/;

export function parseId(prefix: string, id: string): ParsedId | null {
  const match = ID.exec(id);
  const sequence = Number(match?.[2]);
  if (match?.[1] !== prefix || !Number.isSafeInteger(sequence)) return null;
  return { sequence, tail: Number.parseInt(match[3]!, 16) };
}

/** Throws E_NOT_FOUND: an id that is not of its form names nothing. */
export function requireId(prefix: string, id: string, what: string): ParsedId {
  const parsed = parseId(prefix, id);
  if (parsed === null) throw unknownId(id, what);
  return parsed;
}

export function unknownId(id: string, what: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', `no such ${what}`, {
    context: { [what.replaceAll(' ', '')]: id.slice(0, 60) },
  });
}
