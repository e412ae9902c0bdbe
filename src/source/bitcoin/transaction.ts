import { type ByteReader, Malformed } from './bytes.ts';
import { displayHash, sha256dInto } from './hash.ts';
import type { ScriptAddress } from './script-address.ts';

/** A transaction as it lies in the bytes it was read from: what its ids are hashed from, and what it moves. */
export interface ParsedTransaction {
  /** null: a coinbase. */
  readonly inputs: readonly ({ readonly tx: string; readonly index: number } | null)[];
  readonly outputs: readonly { readonly value: bigint; readonly address: string }[];
  /** Where the whole of it begins and ends. */
  readonly start: number;
  readonly end: number;
  /** Inputs and outputs with their counts: with version and lock time, all that the txid is hashed from. */
  readonly coreStart: number;
  readonly coreEnd: number;
  readonly hasWitness: boolean;
  /** Litecoin's transaction at the end of a block, which carries the balance of the extension block. */
  readonly hogEx: boolean;
  /** The first input's script: of a coinbase, it begins with the height. */
  readonly firstScript: Buffer;
  /** The 32 bytes that a coinbase's witness holds; null where it holds anything else. */
  readonly reserved: Buffer | null;
  /** The last output that commits to the witnesses (BIP141): its 32 bytes; null where there is none. */
  readonly commitment: Buffer | null;
}

export interface TransactionRules {
  readonly address: ScriptAddress;
  /** Litecoin's flag 0x08 is known. */
  readonly mweb: boolean;
}

const MAX_VALUE = 0x7fff_ffff_ffff_ffffn;
const NO_HASH: Buffer = Buffer.alloc(32);
const WITNESS_FLAG = 0x01;
const MWEB_FLAG = 0x08;

/**
 * Reads one transaction, old form or with witnesses (BIP144). Throws Malformed as Bitcoin Core refuses: no inputs, unknown flags, a
 * witness that is there but empty, a negative value.
 */
export function parseTransaction(reader: ByteReader, rules: TransactionRules): ParsedTransaction {
  const start = reader.skip(4);
  const flags = readFlags(reader, rules.mweb);
  const coreStart = reader.at;
  const { inputs, firstScript } = readInputs(reader);
  const { outputs, commitment } = readOutputs(reader, rules.address);
  const coreEnd = reader.at;
  const hasWitness = (flags & WITNESS_FLAG) !== 0;
  const reserved = hasWitness ? readWitnesses(reader, inputs.length) : null;
  const hogEx = (flags & MWEB_FLAG) !== 0;
  if (hogEx && reader.u8() !== 0) throw new Malformed('a transaction carries extension-block data, which is not read');
  reader.skip(4);
  const end = reader.at;
  return { inputs, outputs, start, end, coreStart, coreEnd, hasWitness, hogEx, firstScript, reserved, commitment };
}

/** A count of no inputs is the mark of the form of BIP144; a byte of flags follows it. */
function readFlags(reader: ByteReader, mweb: boolean): number {
  if (reader.bytes[reader.at] !== 0) return 0;
  reader.skip(1);
  const flags = reader.u8();
  if (flags === WITNESS_FLAG) return flags;
  if (mweb && (flags === MWEB_FLAG || flags === (MWEB_FLAG | WITNESS_FLAG))) return flags;
  throw new Malformed('a transaction has no inputs, or flags that are not known');
}

function readInputs(reader: ByteReader): Pick<ParsedTransaction, 'inputs' | 'firstScript'> {
  const { bytes } = reader;
  const count = reader.count(41);
  if (count === 0) throw new Malformed('a transaction has no inputs');
  const inputs: ({ tx: string; index: number } | null)[] = [];
  let firstScript = NO_HASH;
  for (let i = 0; i < count; i++) {
    const at = reader.skip(32);
    const index = reader.u32();
    const length = reader.size();
    const script = reader.skip(length);
    reader.skip(4);
    if (i === 0) firstScript = bytes.subarray(script, script + length);
    const nothing = index === 0xffff_ffff && bytes.compare(NO_HASH, 0, 32, at, at + 32) === 0;
    inputs.push(nothing ? null : { tx: displayHash(bytes, at), index });
  }
  return { inputs, firstScript };
}

function readOutputs(reader: ByteReader, address: ScriptAddress): Pick<ParsedTransaction, 'outputs' | 'commitment'> {
  const { bytes } = reader;
  const count = reader.count(9);
  if (count === 0) throw new Malformed('a transaction has no outputs');
  const outputs: { value: bigint; address: string }[] = [];
  let commitment: Buffer | null = null;
  for (let i = 0; i < count; i++) {
    const value = reader.u64();
    if (value > MAX_VALUE) throw new Malformed('a value is negative');
    const length = reader.size();
    const script = reader.skip(length);
    if (isCommitment(bytes, script, length)) commitment = bytes.subarray(script + 6, script + 38);
    outputs.push({ value, address: address(bytes, script, script + length) });
  }
  return { outputs, commitment };
}

/** OP_RETURN, push-36, aa21a9ed, 32 bytes; anything may follow (BIP141). */
function isCommitment(bytes: Buffer, at: number, length: number): boolean {
  return length >= 38 && bytes.readUInt32BE(at) === 0x6a24aa21 && bytes.readUInt16BE(at + 4) === 0xa9ed;
}

/** One stack an input. Gives the only item of the first, where it has one of 32 bytes. */
function readWitnesses(reader: ByteReader, inputs: number): Buffer | null {
  let items = 0;
  let reserved: Buffer | null = null;
  for (let i = 0; i < inputs; i++) {
    const count = reader.count(1);
    items += count;
    for (let item = 0; item < count; item++) {
      const length = reader.size();
      const at = reader.skip(length);
      if (i === 0 && count === 1 && length === 32) reserved = reader.bytes.subarray(at, at + 32);
    }
  }
  if (items === 0) throw new Malformed('a transaction has witnesses, but all are empty');
  return reserved;
}

/** Longer ones are hashed from a buffer of their own. */
const SCRATCH = Buffer.alloc(0x1_0000);

/** The bytes that the txid is hashed from: all of it, less marks and witnesses. */
export function withoutWitness(bytes: Buffer, parsed: ParsedTransaction): Buffer {
  return gathered(bytes, parsed, '');
}

/** The txid, in the order in which the bytes come, into `target`. */
export function writeTxid(bytes: Buffer, parsed: ParsedTransaction, target: Buffer, at: number): void {
  const plain = !parsed.hasWitness && !parsed.hogEx;
  const hashed = plain ? bytes.subarray(parsed.start, parsed.end) : withoutWitness(bytes, parsed);
  sha256dInto(hashed, target, at);
}

/** The wtxid likewise: the txid where there is no witness. The mark of a HogEx never counts. */
export function writeWtxid(bytes: Buffer, parsed: ParsedTransaction, target: Buffer, at: number): void {
  if (!parsed.hasWitness) writeTxid(bytes, parsed, target, at);
  else if (!parsed.hogEx) sha256dInto(bytes.subarray(parsed.start, parsed.end), target, at);
  else sha256dInto(gathered(bytes, parsed, 'witness'), target, at);
}

/** Version, core and lock time put together; with 'witness', the mark of BIP144 and the witnesses too. */
function gathered(bytes: Buffer, parsed: ParsedTransaction, keep: 'witness' | ''): Buffer {
  const { start, end, coreStart, coreEnd } = parsed;
  const stop = keep === 'witness' ? end - 5 : coreEnd;
  const mark = keep === 'witness' ? 2 : 0;
  const length = 8 + mark + stop - coreStart;
  const target = length <= SCRATCH.length ? SCRATCH : Buffer.allocUnsafe(length);
  bytes.copy(target, 0, start, start + 4);
  if (mark > 0) target.writeUInt16LE(WITNESS_FLAG << 8, 4);
  bytes.copy(target, 4 + mark, coreStart, stop);
  bytes.copy(target, 4 + mark + stop - coreStart, end - 4, end);
  return target.subarray(0, length);
}
