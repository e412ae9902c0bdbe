import { HaetaeError } from '../../base/errors.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Where in an answer a field stands, for errors. `path` comes before the field's name, such as `logs.2.`. */
export interface At {
  readonly block: string;
  readonly tx?: string | number;
  readonly path?: string;
  /** In place of `path` where many are read: the log at hand. */
  log?: number;
}

const QUANTITY = /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/;
const HASH = /^0x[0-9a-f]{64}$/;
const ADDRESS = /^0x[0-9a-f]{40}$/;
const DATA = /^0x[0-9a-f]*$/;
const MAX_INDEX = 2 ** 31 - 1;

export function answerFault(at: At, field: string, problem: string): HaetaeError {
  const context = { block: at.block, field: `${pathOf(at)}${field}` };
  return new HaetaeError('E_SOURCE_ANSWER', `a field of a block's answer ${problem}`, {
    context: at.tx === undefined ? context : { ...context, tx: at.tx },
    remedy: 'ask another endpoint; this one does not keep to the Ethereum JSON-RPC interface',
  });
}

function pathOf({ path, log }: At): string {
  return log === undefined ? (path ?? '') : `logs.${log}.`;
}

function within({ block, tx }: At, path: string): At {
  return tx === undefined ? { block, path } : { block, tx, path };
}

export function asObject(value: unknown, at: At, field: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw answerFault(at, field, value === null || value === undefined ? 'is missing' : 'is not an object');
}

export function asList(value: unknown, at: At, field: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw answerFault(at, field, value === null || value === undefined ? 'is missing' : 'is not a list');
}

/** Hex in lower case that matches; nodes that print capitals are understood. */
function hex(value: unknown, field: string, form: RegExp, at: At, wanted: string): string {
  if (typeof value === 'string') {
    if (form.test(value)) return value;
    const lower = value.toLowerCase();
    if (form.test(lower)) return lower;
  }
  throw answerFault(at, field, value === null || value === undefined ? 'is missing' : `is not ${wanted}`);
}

/** A number in hex without leading zeros, up to 2^256 - 1. */
export function quantity(value: unknown, field: string, at: At): string {
  return typeof value === 'string' && QUANTITY.test(value) ? value : padded(value, field, at);
}

/** Some nodes pad numbers with zeros, or print them without hex where the interface wants hex: the value is the same. */
function padded(value: unknown, field: string, at: At): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return `0x${value.toString(16)}`;
  if (typeof value === 'string') {
    const plain = value.toLowerCase().replace(/^0x0+(?=[0-9a-f])/, '0x');
    if (QUANTITY.test(plain)) return plain;
  }
  throw answerFault(at, field, value === null || value === undefined ? 'is missing' : 'is not a number in hex');
}

export function optionalQuantity(value: unknown, field: string, at: At): string | null {
  return value === undefined || value === null ? null : quantity(value, field, at);
}

/** A number that fits an index. */
export function index(value: unknown, field: string, at: At): number {
  const read = numberOf(quantity(value, field, at));
  if (read <= MAX_INDEX) return read;
  throw answerFault(at, field, 'is too large for an index');
}

/** `expected`: what the field must turn out to be. It is compared first, which is cheaper, and its text is then kept once. */
export function hash(value: unknown, field: string, at: At, expected?: string): string {
  return expected !== undefined && value === expected ? expected : hex(value, field, HASH, at, '32 bytes in hex');
}

export function optionalHash(value: unknown, field: string, at: At): string | null {
  return value === undefined || value === null ? null : hash(value, field, at);
}

/** `expected`: as in {@link hash}. */
export function address(value: unknown, field: string, at: At, expected?: string | null): string {
  return typeof expected === 'string' && value === expected ? expected : hex(value, field, ADDRESS, at, 'an address');
}

export function optionalAddress(value: unknown, field: string, at: At, expected?: string | null): string | null {
  return value === undefined || value === null ? null : address(value, field, at, expected);
}

export function data(value: unknown, field: string, at: At): string {
  const read = hex(value, field, DATA, at, 'bytes in hex');
  if (read.length % 2 === 0) return read;
  throw answerFault(at, field, 'has half a byte');
}

/** Bytes of a fixed number. */
export function fixed(value: unknown, field: string, bytes: number, at: At): string {
  const read = data(value, field, at);
  if (read.length === 2 + 2 * bytes) return read;
  throw answerFault(at, field, `is not ${bytes} bytes`);
}

export function hashes(value: unknown, field: string, at: At): readonly string[] {
  const list = asList(value, at, field);
  for (const each of list) {
    if (typeof each !== 'string' || !HASH.test(each))
      return list.map((every, i) => hash(every, String(i), within(at, `${pathOf(at)}${field}.`)));
  }
  return list as readonly string[];
}

/** Digit by digit: twice as fast as parseInt of a slice. Exact up to 2^53. */
export function numberOf(quantityText: string): number {
  let value = 0;
  for (let i = 2; i < quantityText.length; i += 1) {
    const code = quantityText.charCodeAt(i);
    value = value * 16 + (code < 58 ? code - 48 : code - 87);
  }
  return value;
}

/** BigInt of hex costs several times BigInt of a number; most numbers of a block fit 52 bits. */
export function bigOf(quantityText: string): bigint {
  return quantityText.length <= 15 ? BigInt(numberOf(quantityText)) : BigInt(quantityText);
}
