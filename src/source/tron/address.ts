import { base58 } from '@scure/base';
import { parseTron } from '../../model/address-base58.ts';

/** 41 and 20 zero bytes, T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb: where tokens are minted from. */
export const ZERO_ADDRESS_HEX = `41${'0'.repeat(40)}`;

/** Base58 costs 20 µs, and the same few thousand addresses fill most blocks. */
const MAX_KNOWN = 100_000;
const known = new Map<string, string>();

/** 41… of 21 bytes in hex to T…; null where it is no address. */
export function addressOfHex(hex: string): string | null {
  const found = known.get(hex);
  if (found !== undefined) return found;
  if (hex.length !== 42 || !hex.startsWith('41')) return null;
  const parsed = parseTron(hex);
  if (!parsed.ok) return null;
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(hex, parsed.address);
  return parsed.address;
}

/** The address in the low 20 bytes of a 32-byte word (hex) of a log or a call; null where it is no such word. */
export function addressOfWord(word: string): string | null {
  return word.length === 64 ? addressOfHex(`41${word.slice(24)}`) : null;
}

/** T… to 41… in hex. The address must be canonical. */
export function hexOfAddress(address: string): string {
  return Buffer.from(base58.decode(address)).subarray(0, 21).toString('hex');
}
