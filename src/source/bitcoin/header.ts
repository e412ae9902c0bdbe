import type { BlockRef } from '../chain-source.ts';
import type { Named } from '../net/fault.ts';
import { type AuxPow, auxPowFault, parseAuxPow } from './aux-pow.ts';
import type { ByteReader } from './bytes.ts';
import { displayHash, scryptHash, sha256d } from './hash.ts';
import { blockLie } from './lie.ts';
import type { ChainRules } from './rules.ts';

export const HEADER_BYTES = 80;

export interface Header {
  readonly hash: string;
  readonly parent: string;
  /** In the order in which the bytes come. */
  readonly merkleRoot: Buffer;
  readonly time: number;
  /** The target, packed. */
  readonly bits: number;
  readonly bytes: Buffer;
  /** Work proved on another chain's header (merged mining). */
  readonly aux: AuxPow | null;
}

const AUX_FLAG = 0x100;

/** 80 bytes: version, parent, merkle root, time, bits, nonce; on Dogecoin the proof of merged mining where it is flagged. */
export function parseHeader(reader: ByteReader, rules: ChainRules): Header {
  const bytes = reader.take(HEADER_BYTES);
  const flagged = rules.auxChain !== null && (bytes.readUInt32LE(0) & AUX_FLAG) !== 0;
  return {
    hash: displayHash(sha256d(bytes)),
    parent: displayHash(bytes, 4),
    merkleRoot: bytes.subarray(36, 68),
    time: bytes.readUInt32LE(68),
    bits: bytes.readUInt32LE(72),
    bytes,
    aux: flagged ? parseAuxPow(reader) : null,
  };
}

/** A packed target ("compact", as arith_uint256::SetCompact reads it); null for one that is negative or over 256 bits. */
export function unpackTarget(bits: number): bigint | null {
  const size = bits >>> 24;
  const mantissa = BigInt(bits & 0x7f_ffff);
  if ((bits & 0x80_0000) !== 0 && mantissa !== 0n) return null;
  const target = size <= 3 ? mantissa >> BigInt(8 * (3 - size)) : mantissa << BigInt(8 * (size - 3));
  return target >> 256n === 0n ? target : null;
}

/**
 * Checks that a header is the one asked for and proves its work. Throws E_SOURCE_LIES with the field hash, bits or proofOfWork.
 * `number` is what the endpoint says; null where it did not.
 */
export function checkHeader(
  header: Header,
  hash: string,
  number: bigint | null,
  rules: ChainRules,
  source: Named,
): void {
  const block = number ?? hash;
  if (header.hash !== hash) throw blockLie(source, block, 'hash', 'a block header is not that of the hash asked for');
  const target = unpackTarget(header.bits);
  if (target === null || target === 0n || target > easiestTarget(rules, number)) {
    throw blockLie(source, block, 'bits', 'a block claims a target that the chain does not allow');
  }
  const fault = header.aux === null ? null : auxPowFault(header.aux, header, rules.auxChain ?? 0);
  if (fault !== null) throw blockLie(source, block, 'proofOfWork', `the proof of merged mining fails: ${fault}`);
  const proof = workHash(header.aux?.parentHeader ?? header.bytes, rules);
  if (proof > target) throw blockLie(source, block, 'proofOfWork', 'a block header does not prove its work');
}

function easiestTarget({ easiest, floor }: ChainRules, number: bigint | null): bigint {
  return floor !== null && number !== null && number >= BigInt(floor.height) ? floor.target : easiest;
}

function workHash(header: Uint8Array, { work }: ChainRules): bigint {
  return BigInt(`0x${displayHash(work === 'scrypt' ? scryptHash(header) : sha256d(header))}`);
}

/** Whether a block's target may follow its parent's. True where the chain's rule for it is not known here (Dogecoin). */
export function targetFollows(parentBits: number, bits: number, number: bigint, { retarget }: ChainRules): boolean {
  if (retarget === null || parentBits === bits) return true;
  if (retarget === 0 || number % BigInt(retarget) !== 0n) return false;
  const before = unpackTarget(parentBits);
  const after = unpackTarget(bits);
  // Packing rounds down: hence 5 in the place of 4.
  return before !== null && after !== null && after <= before * 4n && after * 5n >= before;
}

export function blockRefOf(header: Header, number: bigint): BlockRef {
  return { number, hash: header.hash, parent: header.parent, time: header.time };
}
