import { scriptToAddress } from '../../model/address.ts';
import type { Chain } from '../../model/chain.ts';
import { sha256dInto } from './hash.ts';

/** Gives the address that the script bytes[start … end) pays, or `script:HEX`. */
export type ScriptAddress = (bytes: Buffer, start: number, end: number) => string;

/**
 * The same answers as scriptToAddress (model/address.ts), some thirty times as fast: P2PKH, P2SH and witness programmes are written
 * straight from the bytes. Version bytes and prefix are read off what scriptToAddress writes, so the two cannot differ by a table.
 */
export function scriptAddresses(chain: Chain): ScriptAddress {
  const p2pkh = base58Version(scriptToAddress(chain, `76a914${'00'.repeat(20)}88ac`));
  const p2sh = base58Version(scriptToAddress(chain, `a914${'00'.repeat(20)}87`));
  const witness = scriptToAddress(chain, `0014${'00'.repeat(20)}`);
  const prefix = witness.startsWith('script:') ? null : witness.slice(0, witness.lastIndexOf('1'));
  const start = prefix === null ? 0 : prefixChecksum(prefix);
  return (bytes, from, to) => {
    const length = to - from;
    if (isP2pkh(bytes, from, length)) return base58Address(p2pkh, bytes, from + 3);
    if (isP2sh(bytes, from, length)) return base58Address(p2sh, bytes, from + 2);
    if (prefix !== null && isWitness(bytes, from, length)) return witnessAddress(prefix, start, bytes, from, length);
    return `script:${bytes.toString('hex', from, to)}`;
  };
}

/** OP_DUP OP_HASH160 push-20 … OP_EQUALVERIFY OP_CHECKSIG */
function isP2pkh(b: Buffer, at: number, length: number): boolean {
  return (
    length === 25 &&
    b[at] === 0x76 &&
    b[at + 1] === 0xa9 &&
    b[at + 2] === 20 &&
    b[at + 23] === 0x88 &&
    b[at + 24] === 0xac
  );
}

/** OP_HASH160 push-20 … OP_EQUAL */
function isP2sh(b: Buffer, at: number, length: number): boolean {
  return length === 23 && b[at] === 0xa9 && b[at + 1] === 20 && b[at + 22] === 0x87;
}

/** BIP141: OP_0 or OP_1 to OP_16, then one push of 2 to 40 bytes; version 0 has 20 or 32. */
function isWitness(b: Buffer, at: number, length: number): boolean {
  if (length < 4 || length > 42 || b[at + 1] !== length - 2) return false;
  const opcode = b[at]!;
  return opcode === 0 ? length === 22 || length === 34 : opcode >= 0x51 && opcode <= 0x60;
}

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The version byte of an address of one version byte. */
function base58Version(address: string): number {
  let value = 0n;
  for (const letter of address) value = value * 58n + BigInt(BASE58.indexOf(letter));
  return Number(value >> 192n);
}

const payload = Buffer.alloc(25);
const digest = Buffer.alloc(32);
const body = payload.subarray(0, 21);
/** Four base-58 digits: with limbs of 24 bits every step stays under 2^48. */
const POWER = 58 ** 4;
const ROUNDS = 9;
const LETTERS = 4 * ROUNDS;
const letters = Buffer.alloc(LETTERS);
const limbs = new Float64Array(9);

function base58Address(version: number, bytes: Buffer, at: number): string {
  payload[0] = version;
  for (let i = 0; i < 20; i++) payload[i + 1] = bytes[at + i]!;
  sha256dInto(body, digest, 0);
  for (let i = 0; i < 4; i++) payload[21 + i] = digest[i]!;
  limbs[0] = payload[0]!;
  for (let i = 1; i < 9; i++) {
    const from = 3 * i - 2;
    limbs[i] = (payload[from]! << 16) | (payload[from + 1]! << 8) | payload[from + 2]!;
  }
  for (let round = 0; round < ROUNDS; round++) writeFour(divideLimbs(), LETTERS - 4 * round);
  return trimmed();
}

/** Divides the number in the limbs by 58^4 and gives the rest. */
function divideLimbs(): number {
  let rest = 0;
  for (let i = 0; i < 9; i++) {
    const value = rest * 0x100_0000 + limbs[i]!;
    const quotient = Math.floor(value / POWER);
    limbs[i] = quotient;
    rest = value - quotient * POWER;
  }
  return rest;
}

function writeFour(value: number, end: number): void {
  let rest = value | 0;
  for (let i = 1; i <= 4; i++) {
    const next = (rest / 58) | 0;
    letters[end - i] = BASE58.charCodeAt(rest - next * 58);
    rest = next;
  }
}

/** One leading 1 for each leading zero byte, and no other. */
function trimmed(): string {
  let zeros = 0;
  while (zeros < 25 && payload[zeros] === 0) zeros++;
  let ones = 0;
  while (ones < LETTERS && letters[ones] === 0x31) ones++;
  return letters.toString('latin1', Math.max(0, ones - zeros));
}

const BECH32 = Buffer.from('qpzry9x8gf2tvdw0s3jn54khce6mua7l', 'latin1');
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const BECH32_FINAL = 1;
const BECH32M_FINAL = 0x2bc830a3;

/** The remainder that five bits at the top leave behind, for all 32 values of them (BIP173). */
const STEP = Int32Array.from({ length: 32 }, (_, top) =>
  GENERATOR.reduce((sum, generator, bit) => ((top >> bit) & 1 ? sum ^ generator : sum), 0),
);

function step(sum: number, word: number): number {
  return ((sum & 0x1ffffff) << 5) ^ word ^ STEP[sum >>> 25]!;
}

/** The checksum's state after the prefix, the same for every address of a chain. */
function prefixChecksum(prefix: string): number {
  let sum = 1;
  for (let i = 0; i < prefix.length; i++) sum = step(sum, prefix.charCodeAt(i) >> 5);
  sum = step(sum, 0);
  for (let i = 0; i < prefix.length; i++) sum = step(sum, prefix.charCodeAt(i) & 31);
  return sum;
}

const words = Buffer.alloc(80);

/** BIP173 (version 0) and BIP350 (versions 1 to 16). */
function witnessAddress(prefix: string, start: number, bytes: Buffer, at: number, length: number): string {
  const version = bytes[at] === 0 ? 0 : bytes[at]! - 0x50;
  words[0] = BECH32[version]!;
  let sum = step(start, version);
  let size = 1;
  let bits = 0;
  let held = 0;
  for (let i = at + 2; i < at + length; i++) {
    held = ((held << 8) | bytes[i]!) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      const word = (held >>> bits) & 31;
      sum = step(sum, word);
      words[size++] = BECH32[word]!;
    }
  }
  if (bits > 0) {
    const word = (held << (5 - bits)) & 31;
    sum = step(sum, word);
    words[size++] = BECH32[word]!;
  }
  for (let i = 0; i < 6; i++) sum = step(sum, 0);
  sum ^= version === 0 ? BECH32_FINAL : BECH32M_FINAL;
  for (let i = 0; i < 6; i++) words[size++] = BECH32[(sum >>> (5 * (5 - i))) & 31]!;
  return `${prefix}1${words.toString('latin1', 0, size)}`;
}
