import { keccakP } from '@noble/hashes/sha3.js';
import type { ParsedAddress } from './address-parsed.ts';

const HEX_ADDRESS = /^(?:0[xX]|\\[xX])?([0-9a-fA-F]{40})$/;
const PREFIX = /^(?:0[xX]|\\[xX])/;

/** 0x…, 0X…, \x… (PostgreSQL bytea) or 40 bare hex digits; mixed case must be the EIP-55 spelling. Canonical: 0x and lower case. */
export function parseEvm(text: string): ParsedAddress {
  const digits = HEX_ADDRESS.exec(text)?.[1];
  if (digits === undefined) {
    const rest = text.replace(PREFIX, '');
    return { ok: false, fault: /^[0-9a-fA-F]*$/.test(rest) ? 'length' : 'characters' };
  }
  const lower = digits.toLowerCase();
  const oneCase = digits === lower || digits === digits.toUpperCase();
  if (!oneCase && !isEip55(digits, lower)) return { ok: false, fault: 'checksum' };
  return { ok: true, address: `0x${lower}` };
}

const state = new Uint32Array(50);

/**
 * Keccak-256 of 40 lower-case hex digits into `state`. They are less than one block (136 bytes), so one permutation of a kept
 * state does it: twice as fast as the general hash.
 */
function hashDigits(lower: string): void {
  state.fill(0);
  for (let i = 0; i < 40; i++) state[i >> 2]! |= lower.charCodeAt(i) << ((i & 3) * 8);
  state[10] = 0x01;
  state[33] = 0x80000000;
  keccakP(state, 24);
}

/** Character `i` of the EIP-55 spelling: a letter is a capital where the same nibble of the hash is 8 or more. */
function spelledCode(lower: string, i: number): number {
  const nibble = (state[i >> 3]! >>> (((i >> 1) & 3) * 8 + ((i & 1) === 0 ? 4 : 0))) & 15;
  const code = lower.charCodeAt(i);
  return code > 57 && nibble >= 8 ? code - 32 : code;
}

function isEip55(digits: string, lower: string): boolean {
  hashDigits(lower);
  for (let i = 0; i < 40; i++) if (digits.charCodeAt(i) !== spelledCode(lower, i)) return false;
  return true;
}

/** The EIP-55 spelling of 40 lower-case hex digits. */
export function eip55(lower: string): string {
  hashDigits(lower);
  return String.fromCharCode(...Array.from({ length: 40 }, (_, i) => spelledCode(lower, i)));
}
