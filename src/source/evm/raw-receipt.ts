import { EMPTY_BLOOM } from './bloom.ts';
import {
  type At,
  address,
  answerFault,
  asList,
  asObject,
  data,
  fixed,
  hash,
  hashes,
  index,
  type Json,
  optionalAddress,
  optionalQuantity,
  quantity,
} from './raw-field.ts';

/** Outcome of one transaction, in hex as the node gave it. */
export interface RawReceipt {
  readonly type: number;
  /** null before Byzantium, where `root` stands in its place. */
  readonly status: number | null;
  readonly root: string | null;
  readonly cumulativeGasUsed: string;
  readonly gasUsed: string;
  readonly logsBloom: string;
  readonly logs: readonly RawLog[];
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly blockTimestamp: string | null;
  readonly from: string;
  readonly to: string | null;
  readonly contractAddress: string | null;
  readonly effectiveGasPrice: string | null;
  readonly blobGasUsed: string | null;
  readonly blobGasPrice: string | null;
  /** OP-stack chains: what the sender paid for data on the parent chain, and what a deposit's receipt commits to. */
  readonly l1Fee: string | null;
  readonly operatorFee: boolean;
  readonly depositNonce: string | null;
  readonly depositReceiptVersion: string | null;
}

export interface RawLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  /** Position among all logs of the block. */
  readonly logIndex: number;
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly blockTimestamp: string | null;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly removed: boolean;
}

/** What a receipt must turn out to say of its place; checked in verify-receipts.ts, used here to read it cheaply. */
export interface Expected {
  readonly blockHash: string;
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
}

/** Throws E_SOURCE_ANSWER. */
export function parseReceipt(value: unknown, block: string, expected: Expected): RawReceipt {
  const at: At = { block, tx: expected.hash };
  const source = asObject(value, at, 'receipts');
  const status = statusOf(source, at);
  return {
    type: isAbsent(source.type) ? 0 : index(source.type, 'type', at),
    status,
    root: status === null ? rootOf(source, at) : null,
    cumulativeGasUsed: quantity(source.cumulativeGasUsed, 'cumulativeGasUsed', at),
    gasUsed: quantity(source.gasUsed, 'gasUsed', at),
    logsBloom: source.logsBloom === EMPTY_BLOOM ? EMPTY_BLOOM : fixed(source.logsBloom, 'logsBloom', 256, at),
    logs: readLogs(source, at, expected),
    transactionHash: hash(source.transactionHash, 'transactionHash', at, expected.hash),
    transactionIndex: index(source.transactionIndex, 'transactionIndex', at),
    blockHash: hash(source.blockHash, 'blockHash', at, expected.blockHash),
    blockNumber: quantity(source.blockNumber, 'blockNumber', at),
    blockTimestamp: optionalQuantity(source.blockTimestamp, 'blockTimestamp', at),
    from: address(source.from, 'from', at, expected.from),
    to: optionalAddress(source.to, 'to', at, expected.to),
    contractAddress: optionalAddress(source.contractAddress, 'contractAddress', at),
    effectiveGasPrice: optionalQuantity(source.effectiveGasPrice, 'effectiveGasPrice', at),
    blobGasUsed: optionalQuantity(source.blobGasUsed, 'blobGasUsed', at),
    blobGasPrice: optionalQuantity(source.blobGasPrice, 'blobGasPrice', at),
    l1Fee: optionalQuantity(source.l1Fee, 'l1Fee', at),
    operatorFee: isAboveZero(source.operatorFeeScalar) || isAboveZero(source.operatorFeeConstant),
    depositNonce: optionalQuantity(source.depositNonce, 'depositNonce', at),
    depositReceiptVersion: optionalQuantity(source.depositReceiptVersion, 'depositReceiptVersion', at),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function isAboveZero(value: unknown): boolean {
  return (typeof value === 'string' && /[1-9a-f]/i.test(value.slice(2))) || (typeof value === 'number' && value > 0);
}

function statusOf({ status }: Json, at: At): number | null {
  if (isAbsent(status)) return null;
  const read = index(status, 'status', at);
  if (read <= 1) return read;
  throw answerFault(at, 'status', 'is neither 0 nor 1');
}

function rootOf({ root }: Json, at: At): string {
  if (isAbsent(root)) throw answerFault(at, 'status', 'is missing');
  return hash(root, 'root', at);
}

const NO_LOGS: readonly RawLog[] = [];

function readLogs(source: Json, at: At, expected: Expected): readonly RawLog[] {
  const list = asList(source.logs, at, 'logs');
  if (list.length === 0) return NO_LOGS;
  const inside: At = { block: at.block, tx: expected.hash, log: 0 };
  return list.map((each, position) => {
    inside.log = position;
    return readLog(asObject(each, inside, 'log'), inside, expected);
  });
}

function readLog(source: Json, at: At, expected: Expected): RawLog {
  const topics = hashes(source.topics, 'topics', at);
  if (topics.length > 4) throw answerFault(at, 'topics', 'has more than four entries');
  const { removed } = source;
  if (removed !== undefined && typeof removed !== 'boolean') throw answerFault(at, 'removed', 'is not true or false');
  return {
    address: address(source.address, 'address', at, expected.to),
    topics,
    data: data(source.data, 'data', at),
    logIndex: index(source.logIndex, 'logIndex', at),
    blockHash: hash(source.blockHash, 'blockHash', at, expected.blockHash),
    blockNumber: quantity(source.blockNumber, 'blockNumber', at),
    blockTimestamp: optionalQuantity(source.blockTimestamp, 'blockTimestamp', at),
    transactionHash: hash(source.transactionHash, 'transactionHash', at, expected.hash),
    transactionIndex: index(source.transactionIndex, 'transactionIndex', at),
    removed: removed === true,
  };
}
