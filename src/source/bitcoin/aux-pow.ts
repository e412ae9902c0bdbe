import { type ByteReader, Malformed } from './bytes.ts';
import { sha256d } from './hash.ts';
import { branchRoot } from './merkle.ts';
import { type ParsedTransaction, parseTransaction, withoutWitness } from './transaction.ts';

/**
 * Merged mining: the work was done on another chain's header, whose coinbase names our block. Form and checks as Dogecoin Core's
 * CAuxPow (src/auxpow.cpp).
 */
export interface AuxPow {
  readonly coinbaseId: Buffer;
  readonly coinbaseScript: Buffer;
  readonly isCoinbase: boolean;
  /** From the coinbase to the parent's merkle root. */
  readonly coinbaseBranch: readonly Buffer[];
  readonly coinbaseIndex: number;
  /** From our block to the root that the coinbase names. */
  readonly chainBranch: readonly Buffer[];
  readonly chainIndex: number;
  readonly parentHeader: Buffer;
}

const MAX_BRANCH = 30;

export function parseAuxPow(reader: ByteReader): AuxPow {
  const coinbase = parseTransaction(reader, { address: () => '', mweb: false });
  const coinbaseId = sha256d(withoutWitness(reader.bytes, coinbase));
  reader.skip(32);
  const coinbaseBranch = readBranch(reader);
  const coinbaseIndex = reader.u32();
  const chainBranch = readBranch(reader);
  const chainIndex = reader.u32();
  return {
    coinbaseId,
    coinbaseScript: coinbase.firstScript,
    isCoinbase: isCoinbase(coinbase),
    coinbaseBranch,
    coinbaseIndex,
    chainBranch,
    chainIndex,
    parentHeader: reader.take(80),
  };
}

export function isCoinbase({ inputs }: ParsedTransaction): boolean {
  return inputs.length === 1 && inputs[0] === null;
}

function readBranch(reader: ByteReader): Buffer[] {
  const count = reader.count(32);
  if (count > MAX_BRANCH) throw new Malformed('a branch of merged mining is too long');
  return Array.from({ length: count }, () => reader.take(32));
}

/** Why the parent's work does not stand for our block; null where it does. */
export function auxPowFault(aux: AuxPow, ours: { readonly bytes: Buffer }, chain: number): string | null {
  if (ours.bytes.readUInt32LE(0) >>> 16 !== chain) return 'the block is of another chain';
  if (aux.parentHeader.readUInt32LE(0) >>> 16 === chain) return 'the parent is of the same chain';
  if (!aux.isCoinbase || aux.coinbaseIndex !== 0) return 'the parent transaction is not a coinbase';
  const root = branchRoot(aux.coinbaseId, aux.coinbaseBranch, 0);
  if (root === null || !root.equals(aux.parentHeader.subarray(36, 68)))
    return 'the coinbase is not in the parent block';
  const named = branchRoot(sha256d(ours.bytes), aux.chainBranch, aux.chainIndex);
  return named === null ? 'the branch does not hold the block' : namingFault(aux, Buffer.from(named).reverse(), chain);
}

const MARK = Buffer.from('fabe6d6d', 'hex');

/** The coinbase must name the root once, behind the mark (or, in old blocks, near its start), then size and nonce of the tree. */
function namingFault(aux: AuxPow, root: Buffer, chain: number): string | null {
  const script = aux.coinbaseScript;
  const at = script.indexOf(root);
  if (at < 0) return 'the parent coinbase does not name the block';
  const mark = script.indexOf(MARK);
  if (mark >= 0 && script.indexOf(MARK, mark + 1) >= 0) return 'the parent coinbase has two marks';
  if (mark >= 0 ? mark + 4 !== at : at > 20) return 'the parent coinbase names the block at a wrong place';
  if (script.length < at + 40) return 'the parent coinbase is cut short';
  const height = aux.chainBranch.length;
  if (script.readUInt32LE(at + 32) !== 2 ** height) return 'the tree of chains has another size';
  return aux.chainIndex === chainSlot(script.readUInt32LE(at + 36), chain, height)
    ? null
    : 'the block is at a wrong slot';
}

/** Where a chain stands in the tree of merged chains: fixed, so that one work cannot count twice for one chain. */
export function chainSlot(nonce: number, chain: number, height: number): number {
  const first = (Math.imul(nonce, 1103515245) + 12345 + chain) >>> 0;
  const second = (Math.imul(first, 1103515245) + 12345) >>> 0;
  return second % 2 ** height;
}
