import type { RawUtxoTransaction, UtxoBlock } from '../chain-source.ts';
import type { Named } from '../net/fault.ts';
import { isCoinbase } from './aux-pow.ts';
import { ByteReader, Malformed } from './bytes.ts';
import { displayHash, sha256d } from './hash.ts';
import { blockRefOf, checkHeader, HEADER_BYTES, type Header, parseHeader } from './header.ts';
import { blockLie } from './lie.ts';
import { merkleLeaves, merkleRoot } from './merkle.ts';
import type { ChainRules } from './rules.ts';
import { type ParsedTransaction, parseTransaction, writeTxid, writeWtxid } from './transaction.ts';

export interface CheckedBlock {
  readonly block: UtxoBlock;
  readonly bits: number;
  /** Length of the raw block. */
  readonly bytes: number;
}

/** The block that was asked for: the hash and the height that the endpoint names. */
export interface Asked {
  readonly hash: string;
  readonly number: bigint;
}

interface Read {
  readonly header: Header;
  readonly bytes: Buffer;
  readonly transactions: readonly ParsedTransaction[];
}

/**
 * A raw block, checked: header hash, proof of work, merkle root (no doubled transactions), witness commitment, height in the coinbase.
 * Throws E_SOURCE_LIES with the field that does not fit.
 */
export function decodeBlock(bytes: Uint8Array, asked: Asked, rules: ChainRules, source: Named): CheckedBlock {
  const { number } = asked;
  const read = readBlock(bytes, asked, rules, source);
  const ids = checkMerkleRoot(read, number, source);
  checkWitnesses(read, number, rules, source);
  if (number >= BigInt(rules.heightFrom)) checkHeight(read, number, source);
  const ref = blockRefOf(read.header, number);
  const transactions = read.transactions.map(
    ({ inputs, outputs }, txIndex): RawUtxoTransaction => ({
      chain: rules.chain.id,
      tx: ids[txIndex]!,
      block: number,
      time: ref.time,
      txIndex,
      inputs,
      outputs,
    }),
  );
  return {
    block: { ref, transactions, unchecked: uncheckedOf(read, number, rules) },
    bits: read.header.bits,
    bytes: bytes.length,
  };
}

function readBlock(bytes: Uint8Array, asked: Asked, rules: ChainRules, source: Named): Read {
  const reader = new ByteReader(bytes);
  return guarded(asked.number, source, () => {
    if (bytes.length < HEADER_BYTES) throw new Malformed('a block is shorter than its header');
    const header = parseHeader(reader, rules);
    checkHeader(header, asked.hash, asked.number, rules, source);
    const count = reader.count(60);
    const transactions: ParsedTransaction[] = [];
    for (let i = 0; i < count; i++) transactions.push(parseTransaction(reader, rules));
    checkShape(transactions, reader);
    return { header, bytes: reader.bytes, transactions };
  });
}

/** One coinbase, at the front; nothing behind the transactions but, where a HogEx ends them, Litecoin's extension block. */
function checkShape(transactions: readonly ParsedTransaction[], reader: ByteReader): void {
  const [first, ...rest] = transactions;
  if (first === undefined || !isCoinbase(first)) throw new Malformed('the first transaction is no coinbase');
  if (rest.some(({ inputs }) => inputs.includes(null))) throw new Malformed('a second coinbase');
  if (transactions.some(({ hogEx }, i) => hogEx && i !== transactions.length - 1)) {
    throw new Malformed('an extension-block transaction is not the last one');
  }
  if (reader.left > 0 && rest.at(-1)?.hogEx !== true) throw new Malformed('bytes behind the last transaction');
}

function guarded<T>(number: bigint, source: Named, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw blockLie(source, number, 'transactions', `a raw block cannot be read: ${error.message}`);
  }
}

/** Gives the ids in order. The root covers every one of them. */
function checkMerkleRoot({ bytes, header, transactions }: Read, number: bigint, source: Named): string[] {
  const leaves = merkleLeaves(transactions.length);
  const ids: string[] = [];
  for (let i = 0; i < transactions.length; i++) {
    writeTxid(bytes, transactions[i]!, leaves, 32 * i);
    ids.push(displayHash(leaves, 32 * i));
  }
  const { root, doubled } = merkleRoot(leaves, transactions.length);
  if (doubled) throw blockLie(source, number, 'merkleRoot', 'a block has the same transaction twice (CVE-2012-2459)');
  if (!root.equals(header.merkleRoot)) {
    throw blockLie(source, number, 'merkleRoot', 'the transactions of a block do not give its merkle root');
  }
  return ids;
}

/** BIP141: the coinbase commits to every witness. Without a commitment no transaction may have one. */
function checkWitnesses(read: Read, number: bigint, rules: ChainRules, source: Named): void {
  const { bytes, transactions } = read;
  const coinbase = transactions[0]!;
  const due = rules.witnessFrom !== null && number >= BigInt(rules.witnessFrom) && coinbase.commitment !== null;
  if (!due) {
    if (!transactions.some(({ hasWitness }) => hasWitness)) return;
    throw blockLie(source, number, 'witnessCommitment', 'a block has witnesses but does not commit to them');
  }
  if (coinbase.reserved === null) {
    const what = 'a block comes without the witnesses that it commits to (a node with -rpcserialversion=0 answers so)';
    throw blockLie(source, number, 'witnessCommitment', what);
  }
  const leaves = merkleLeaves(transactions.length).fill(0, 0, 32);
  for (let i = 1; i < transactions.length; i++) writeWtxid(bytes, transactions[i]!, leaves, 32 * i);
  const { root } = merkleRoot(leaves, transactions.length);
  const commitment = sha256d(Buffer.concat([root, coinbase.reserved]));
  if (!commitment.equals(coinbase.commitment!)) {
    throw blockLie(source, number, 'witnessCommitment', 'the witnesses of a block do not give its commitment');
  }
}

function checkHeight({ transactions }: Read, number: bigint, source: Named): void {
  const script = transactions[0]!.firstScript;
  const due = heightScript(number);
  if (script.subarray(0, due.length).equals(due)) return;
  throw blockLie(source, number, 'height', 'the coinbase of a block names another height');
}

/** `CScript() << height`: OP_1 to OP_16, else a push of as few little-endian bytes as hold it with a clear sign bit. */
export function heightScript(number: bigint): Buffer {
  if (number <= 16n) return Buffer.from([number === 0n ? 0 : 0x50 + Number(number)]);
  const bytes: number[] = [];
  for (let rest = number; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn));
  if (bytes.at(-1)! >= 0x80) bytes.push(0);
  return Buffer.from([bytes.length, ...bytes]);
}

function uncheckedOf({ transactions }: Read, number: bigint, rules: ChainRules): string[] {
  const unchecked: string[] = [];
  if (number > 0n && number < BigInt(rules.heightFrom)) {
    unchecked.push('the height: blocks from before BIP34 do not name their own');
  }
  if (transactions.at(-1)?.hogEx === true) {
    unchecked.push('the extension block (MWEB): what moves inside it is hidden');
  }
  return unchecked;
}
