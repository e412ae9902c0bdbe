import { isAscii } from 'node:buffer';
import { HaetaeError } from '../base/errors.ts';

export interface JsonLimits {
  /** Objects and arrays inside each other. */
  readonly depth: number;
  /** Keys of all objects together. */
  readonly keys: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 32, keys: 20_000 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UNDERSCORE = 0x5f;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/**
 * JSON from outside. Depth and keys are counted in one pass over the bytes before anything is built; text that is no UTF-8 and keys that would reach
 * an object's prototype are refused. Throws E_BODY.
 */
export function parseJsonBody(bytes: Buffer, limits: JsonLimits = JSON_LIMITS): unknown {
  measure(bytes, limits);
  const text = isAscii(bytes) ? bytes.toString('latin1') : decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('the body is not JSON', 'send one JSON value');
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw refuse('the body is not UTF-8', 'encode it as UTF-8');
  }
}

function measure(bytes: Buffer, limits: JsonLimits): void {
  let depth = 0;
  let keys = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const end = endOfString(bytes, at + 1);
      const first = bytes[at + 1];
      if ((first === UNDERSCORE || first === BACKSLASH) && isKey(bytes, end + 1)) refusePrototype(bytes, at, end);
      at = end;
    } else if (byte === COLON) {
      if (++keys > limits.keys) throw refuse(`the body has more than ${limits.keys} keys`, 'send less at once');
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (++depth > limits.depth) throw refuse(`the body is nested deeper than ${limits.depth}`, 'send it flatter');
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
  }
}

/** Place of the closing quote, or the end. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return bytes.length;
}

function isKey(bytes: Buffer, start: number): boolean {
  let at = start;
  while (at < bytes.length && bytes[at]! <= SPACE) at++;
  return bytes[at] === COLON;
}

function refusePrototype(bytes: Buffer, start: number, end: number): void {
  // A longest spelling: nine characters, each as \u0000.
  if (end - start > 60) return;
  try {
    if (JSON.parse(bytes.toString('utf8', start, end + 1)) !== '__proto__') return;
  } catch {
    return; // No JSON: the parser will say so.
  }
  throw refuse('the body has a key __proto__', 'leave it out');
}

/** `refused`: size gives 413, type 415, form 400. */
export function refuse(message: string, remedy: string, refused: 'size' | 'type' | 'form' = 'form'): HaetaeError {
  return new HaetaeError('E_BODY', message, { context: { refused }, remedy });
}
