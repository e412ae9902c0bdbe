import { sha256 } from '@noble/hashes/sha2.js';
import { base58, createBase58check } from '@scure/base';
import type { AddressFault, ParsedAddress } from './address-parsed.ts';

const check = createBase58check(sha256);
const ALPHABET = /^[1-9A-HJ-NP-Za-km-z]+$/;

/** Version bytes of a chain; `others` are spellings of the same two kinds that are read and rewritten. */
export interface Base58Rule {
  readonly p2pkh: readonly number[];
  readonly p2sh: readonly number[];
  readonly others?: readonly { readonly version: readonly number[]; readonly as: 'p2pkh' | 'p2sh' }[];
}

export interface HashAddress {
  readonly kind: 'p2pkh' | 'p2sh';
  readonly hash: Uint8Array;
}

/** Version, 20 bytes of hash and a four-byte checksum. */
export function readBase58(text: string, rule: Base58Rule): HashAddress | { readonly fault: AddressFault } {
  if (!ALPHABET.test(text)) return { fault: 'characters' };
  if (text.length < 25 || text.length > 36) return { fault: 'length' };
  const bytes = base58.decode(text);
  const versionLength = rule.p2pkh.length;
  if (!checksumHolds(bytes)) return { fault: bytes.length === versionLength + 24 ? 'checksum' : 'length' };
  if (bytes.length !== versionLength + 24) return { fault: 'version' };
  const hash = bytes.subarray(versionLength, -4);
  if (startsWith(bytes, rule.p2pkh)) return { kind: 'p2pkh', hash };
  if (startsWith(bytes, rule.p2sh)) return { kind: 'p2sh', hash };
  const other = rule.others?.find(({ version }) => startsWith(bytes, version));
  return other === undefined ? { fault: 'version' } : { kind: other.as, hash };
}

export function writeBase58({ kind, hash }: HashAddress, rule: Base58Rule): string {
  return check.encode(Uint8Array.from([...rule[kind], ...hash]));
}

export function parseBase58(text: string, rule: Base58Rule): ParsedAddress {
  const read = readBase58(text, rule);
  if ('fault' in read) return { ok: false, fault: read.fault };
  // Only another spelling needs to be written anew: the encoding is one to one.
  return { ok: true, address: rule.others === undefined ? text : writeBase58(read, rule) };
}

const TRON: Base58Rule = { p2pkh: [0x41], p2sh: [0x41] };
const TRON_HEX = /^(?:0x)?41([0-9a-f]{40})$/i;

/** T… (base58check, version 0x41), or the hex form 41… of nodes and event logs. Canonical: T…. */
export function parseTron(text: string): ParsedAddress {
  const hex = TRON_HEX.exec(text)?.[1];
  if (hex === undefined) return parseBase58(text, TRON);
  return { ok: true, address: writeBase58({ kind: 'p2pkh', hash: bytesOfHex(hex) }, TRON) };
}

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function checksumHolds(bytes: Uint8Array): boolean {
  if (bytes.length < 5) return false;
  const digest = sha256(sha256(bytes.subarray(0, -4)));
  const given = bytes.subarray(-4);
  return given.every((byte, i) => byte === digest[i]);
}

function startsWith(bytes: Uint8Array, version: readonly number[]): boolean {
  return version.every((byte, i) => bytes[i] === byte);
}
