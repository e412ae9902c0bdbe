import { keccak_256 } from '@noble/hashes/sha3.js';

/**
 * Address of the contract that a transaction without receiver creates: the last 20 bytes of keccak-256 over the RLP list of
 * sender and nonce (Ethereum Yellow Paper, section 7). `sender`: 0x and lower-case hex.
 */
export function createdAddress(sender: string, nonce: number): string {
  const digits = nonce === 0 ? '' : nonce.toString(16);
  const bytes = digits.length % 2 === 0 ? digits : `0${digits}`;
  const length = bytes.length / 2;
  // One byte below 0x80 is itself in RLP; anything else is 0x80 + length, then the bytes.
  const item = length === 1 && Number.parseInt(bytes, 16) < 0x80 ? bytes : hex(0x80 + length) + bytes;
  const payload = `94${sender.slice(2)}${item}`;
  const list = Buffer.from(hex(0xc0 + payload.length / 2) + payload, 'hex');
  return `0x${Buffer.from(keccak_256(list)).toString('hex').slice(24)}`;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
