import { createHash } from 'node:crypto';
import { bytesField, itemField, numberField, type ProtoField, writeFields } from './protobuf.ts';
import type { Header, ResultAnswer } from './schema.ts';

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export function hexBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** BlockHeader.raw as java-tron serialises it; its SHA-256 is what the witness signs and what the block id ends with. */
export function headerBytes({ raw_data: raw }: Header): Uint8Array {
  return writeFields([
    ...numberField(1, raw.timestamp),
    ...bytesField(2, hexBytes(raw.txTrieRoot)),
    ...bytesField(3, hexBytes(raw.parentHash)),
    ...numberField(7, raw.number),
    ...numberField(8, raw.witness_id),
    ...bytesField(9, hexBytes(raw.witness_address)),
    ...numberField(10, raw.version),
    ...bytesField(11, hexBytes(raw.accountStateRoot)),
  ]);
}

/** Eight bytes of height, then the last 24 of the header's SHA-256 (java-tron, BlockCapsule.BlockId). */
export function blockId(header: Header): string {
  const height = header.raw_data.number.toString(16).padStart(16, '0');
  return height + sha256(headerBytes(header)).toString('hex').slice(16);
}

/** What of one transaction the root of a block commits to. */
export interface RootLeaf {
  readonly rawData: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  readonly results: readonly ResultAnswer[];
}

/** SHA-256 of the whole Transaction message (java-tron, TransactionCapsule.getMerkleHash). */
export function leafHash({ rawData, signatures, results }: RootLeaf): Buffer {
  return sha256(
    writeFields([
      ...bytesField(1, rawData),
      ...signatures.map((signature) => itemField(2, signature)),
      ...results.map((result) => itemField(5, resultBytes(result))),
    ]),
  );
}

/** Pairs hashed upwards; a last one without a partner goes up as it is (java-tron, MerkleTree). Empty: 32 zero bytes. */
export function merkleRoot(leaves: readonly Buffer[]): string {
  if (leaves.length === 0) return '0'.repeat(64);
  let row = leaves;
  while (row.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < row.length; i += 2) {
      const left = row[i]!;
      const right = row[i + 1];
      above.push(right === undefined ? left : sha256(Buffer.concat([left, right])));
    }
    row = above;
  }
  return row[0]!.toString('hex');
}

/** Transaction.Result.contractResult of core/Tron.proto. */
const CONTRACT_RESULTS = [
  'DEFAULT',
  'SUCCESS',
  'REVERT',
  'BAD_JUMP_DESTINATION',
  'OUT_OF_MEMORY',
  'PRECOMPILED_CONTRACT',
  'STACK_TOO_SMALL',
  'STACK_TOO_LARGE',
  'ILLEGAL_OPERATION',
  'STACK_OVERFLOW',
  'OUT_OF_ENERGY',
  'OUT_OF_TIME',
  'JVM_STACK_OVER_FLOW',
  'UNKNOWN',
  'TRANSFER_FAILED',
  'INVALID_CODE',
];
const CODES = ['SUCESS', 'FAILED'];

/** The number of contractRet; null where the name is not one of the protocol's. */
export function contractResult(value: string | number): number | null {
  return enumNumber(CONTRACT_RESULTS, value);
}

function enumNumber(names: readonly string[], value: string | number): number | null {
  if (typeof value === 'number') return value;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const found = names.indexOf(value);
  return found < 0 ? null : found;
}

/** A name that is not the protocol's is written as a number no node writes, so that the root cannot hold. */
function enumField(number: number, names: readonly string[], value: string | number): readonly ProtoField[] {
  return numberField(number, BigInt(enumNumber(names, value) ?? -1));
}

function resultBytes(result: ResultAnswer): Uint8Array {
  return writeFields([
    ...numberField(1, result.fee),
    ...enumField(2, CODES, result.ret),
    ...enumField(3, CONTRACT_RESULTS, result.contractRet),
    ...bytesField(14, Buffer.from(result.assetIssueID)),
    ...numberField(15, result.withdraw_amount),
    ...numberField(16, result.unfreeze_amount),
    ...numberField(18, result.exchange_received_amount),
    ...numberField(19, result.exchange_inject_another_amount),
    ...numberField(20, result.exchange_withdraw_another_amount),
    ...numberField(21, result.exchange_id),
    ...numberField(22, result.shielded_transaction_fee),
    ...bytesField(25, hexBytes(result.orderId)),
    ...numberField(27, result.withdraw_expire_amount),
  ]);
}
