import { bech32, bech32m } from '@scure/base';
import type { AddressFault, ParsedAddress } from './address-parsed.ts';

const LETTERS = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const DATA = /^[02-9ac-hj-np-z]+$/;

/** BIP-173 (version 0, bech32) and BIP-350 (versions 1 to 16, bech32m). Canonical: lower case. */
export function parseSegwit(text: string, hrp: string): ParsedAddress {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return bad('characters');
  if (lower.length > 90) return bad('length');
  if (!DATA.test(lower.slice(hrp.length + 1))) return bad('characters');
  const old = bech32.decodeUnsafe(lower, 90);
  const read = old ?? bech32m.decodeUnsafe(lower, 90);
  if (!read) return bad('checksum');
  if (read.prefix !== hrp) return bad('version');
  const version = read.words[0] ?? 99;
  if (version > 16) return bad('version');
  if ((version === 0) !== (old !== undefined)) return bad('checksum');
  const program = bech32.fromWordsUnsafe(read.words.slice(1));
  if (!program || program.length < 2 || program.length > 40) return bad('length');
  if (version === 0 && program.length !== 20 && program.length !== 32) return bad('length');
  return { ok: true, address: lower };
}

export function writeSegwit(hrp: string, version: number, program: Uint8Array): string {
  const words = [version, ...bech32.toWords(program)];
  return version === 0 ? bech32.encode(hrp, words, 90) : bech32m.encode(hrp, words, 90);
}

const CASH_SIZES = [20, 24, 28, 32, 40, 48, 56, 64];
/** Type bits: 0 and 1 are P2PKH and P2SH; 2 and 3 the same scripts, written by a wallet that knows tokens (CHIP-2022-02). */
const CASH_KINDS = ['p2pkh', 'p2sh', 'p2pkh', 'p2sh'] as const;

export interface CashHash {
  readonly kind: 'p2pkh' | 'p2sh';
  readonly hash: Uint8Array;
}

/** CashAddr (https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md), prefix given or left out. */
export function readCash(text: string, prefix: string): CashHash | { readonly fault: AddressFault } {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return { fault: 'characters' };
  const data = lower.startsWith(`${prefix}:`) ? lower.slice(prefix.length + 1) : lower;
  if (!DATA.test(data)) return { fault: 'characters' };
  if (data.length < 42 || data.length > 112) return { fault: 'length' };
  const words = [...data].map((letter) => LETTERS.indexOf(letter));
  if (cashChecksum([...prefixWords(prefix), ...words]) !== 0n) return { fault: 'checksum' };
  const bytes = bech32.fromWordsUnsafe(words.slice(0, -8));
  const version = bytes?.[0];
  if (!bytes || version === undefined || (version & 0x80) !== 0) return { fault: 'version' };
  const kind = CASH_KINDS[version >> 3];
  if (kind === undefined) return { fault: 'version' };
  const hash = bytes.slice(1);
  // A 32-byte hash is P2SH32; a key hash has 20 bytes.
  const fits =
    hash.length === CASH_SIZES[version & 7] && (hash.length === 20 || (hash.length === 32 && kind === 'p2sh'));
  return fits ? { kind, hash } : { fault: 'length' };
}

export function writeCash({ kind, hash }: CashHash, prefix: string): string {
  const version = (kind === 'p2sh' ? 8 : 0) | CASH_SIZES.indexOf(hash.length);
  const words = bech32.toWords(Uint8Array.from([version, ...hash]));
  const sum = cashChecksum([...prefixWords(prefix), ...words, 0, 0, 0, 0, 0, 0, 0, 0]);
  const check = Array.from({ length: 8 }, (_, i) => Number((sum >> BigInt(5 * (7 - i))) & 31n));
  return `${prefix}:${[...words, ...check].map((word) => LETTERS[word]).join('')}`;
}

function prefixWords(prefix: string): number[] {
  return [...[...prefix].map((letter) => letter.charCodeAt(0) & 31), 0];
}

const CASH_GENERATOR = [0x98f2bc8e61n, 0x79b76d99e2n, 0xf33e5fb3c4n, 0xae2eabe2a8n, 0x1e4f43e470n];

/** The 40-bit BCH code of the CashAddr specification. */
function cashChecksum(words: readonly number[]): bigint {
  let sum = 1n;
  for (const word of words) {
    const top = sum >> 35n;
    sum = ((sum & 0x07ffffffffn) << 5n) ^ BigInt(word);
    CASH_GENERATOR.forEach((generator, i) => {
      if (((top >> BigInt(i)) & 1n) === 1n) sum ^= generator;
    });
  }
  return sum ^ 1n;
}

function bad(fault: AddressFault): ParsedAddress {
  return { ok: false, fault };
}
