import { keccakBytes } from './keccak.ts';
import { bytesHex, hexBytes } from './rlp.ts';

export const BLOOM_BYTES = 256;
export const EMPTY_BLOOM = `0x${'00'.repeat(BLOOM_BYTES)}`;

/** Addresses and topics met lately, with their three bits: a block names the same tokens and events again and again. */
const bitsOf = new Map<string, number>();
const MAX_KNOWN = 50_000;

interface Logged {
  readonly address: string;
  readonly topics: readonly string[];
}

/**
 * The 2048-bit Bloom filter over addresses and topics of logs: three bits for each, from the low 11 bits of the first three
 * pairs of bytes of its keccak-256 (Yellow Paper, section 4.3.1).
 */
export function logsBloom(logs: readonly Logged[]): string {
  if (logs.length === 0) return EMPTY_BLOOM;
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) {
    put(bloom, address);
    for (const topic of topics) put(bloom, topic);
  }
  return bytesHex(bloom);
}

/** The bits of any of the blooms. */
export function joinBlooms(blooms: readonly string[]): string {
  const joined = new Uint8Array(BLOOM_BYTES);
  for (const bloom of blooms) {
    if (bloom === EMPTY_BLOOM) continue;
    hexBytes(bloom).forEach((byte, i) => {
      joined[i]! |= byte;
    });
  }
  return bytesHex(joined);
}

function put(bloom: Uint8Array, hex: string): void {
  const packed = bitsOf.get(hex) ?? remember(hex);
  set(bloom, packed & 2047);
  set(bloom, (packed >>> 11) & 2047);
  // Three times 11 bits are one more than a signed word holds: the third is kept in what is above 2^22.
  set(bloom, Math.floor(packed / 2 ** 22));
}

function set(bloom: Uint8Array, bit: number): void {
  bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
}

function remember(hex: string): number {
  const hash = keccakBytes(hexBytes(hex));
  const [first, second, third] = [0, 2, 4].map((at) => ((hash[at]! << 8) | hash[at + 1]!) & 2047);
  const packed = first! + second! * 2 ** 11 + third! * 2 ** 22;
  if (bitsOf.size >= MAX_KNOWN) bitsOf.clear();
  bitsOf.set(hex, packed);
  return packed;
}
