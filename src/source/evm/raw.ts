import { HaetaeError } from '../../base/errors.ts';
import type { UnixSeconds } from '../../base/time.ts';
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
  numberOf,
  optionalAddress,
  optionalHash,
  optionalQuantity,
  quantity,
} from './raw-field.ts';
import { parseReceipt, type RawReceipt } from './raw-receipt.ts';
import type { RawTraces } from './raw-trace.ts';

/**
 * Raw answers of the Ethereum JSON-RPC interface (https://ethereum.github.io/execution-apis/), read strictly and left in hex:
 * quantities without leading zeros, everything in lower case. Nothing here has been checked against a hash; see verify.ts.
 */
export interface RawHeader {
  readonly number: bigint;
  readonly time: UnixSeconds;
  readonly hash: string;
  readonly parentHash: string;
  readonly sha3Uncles: string;
  readonly miner: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  readonly logsBloom: string;
  readonly difficulty: string;
  readonly gasLimit: string;
  readonly gasUsed: string;
  readonly timestamp: string;
  readonly extraData: string;
  /** null where a chain's consensus has none. */
  readonly mixHash: string | null;
  readonly nonce: string | null;
  /** London (EIP-1559). */
  readonly baseFeePerGas: string | null;
  /** Shanghai (EIP-4895). */
  readonly withdrawalsRoot: string | null;
  /** Cancun (EIP-4844, EIP-4788). */
  readonly blobGasUsed: string | null;
  readonly excessBlobGas: string | null;
  readonly parentBeaconBlockRoot: string | null;
  /** Prague (EIP-7685). */
  readonly requestsHash: string | null;
  readonly uncles: readonly string[];
}

export interface RawBlock extends RawHeader {
  readonly transactions: readonly RawTransaction[];
  readonly withdrawals: readonly RawWithdrawal[];
}

export interface RawTransaction {
  readonly type: number;
  readonly hash: string;
  readonly index: number;
  readonly blockHash: string;
  readonly blockNumber: string;
  readonly blockTimestamp: string | null;
  readonly from: string;
  readonly to: string | null;
  readonly nonce: string;
  readonly gas: string;
  readonly value: string;
  readonly input: string;
  readonly gasPrice: string | null;
  readonly maxFeePerGas: string | null;
  readonly maxPriorityFeePerGas: string | null;
  readonly maxFeePerBlobGas: string | null;
  readonly chainId: string | null;
  readonly accessList: readonly RawAccess[];
  readonly blobVersionedHashes: readonly string[];
  readonly authorizationList: readonly RawAuthorization[];
  readonly v: string | null;
  readonly r: string | null;
  readonly s: string | null;
  readonly yParity: string | null;
  /** What a deposit of an OP-stack chain has in place of a signature; null for all others. */
  readonly deposit: RawDeposit | null;
}

export interface RawDeposit {
  readonly sourceHash: string;
  readonly mint: string;
  readonly isSystem: boolean;
}

export interface RawAccess {
  readonly address: string;
  readonly storageKeys: readonly string[];
}

export interface RawAuthorization {
  readonly chainId: string;
  readonly address: string;
  readonly nonce: string;
  readonly yParity: string;
  readonly r: string;
  readonly s: string;
}

/** EIP-4895; `amount` is in gwei. */
export interface RawWithdrawal {
  readonly index: string;
  readonly validatorIndex: string;
  readonly address: string;
  readonly amount: string;
}

/** One block with all that belongs to it; `traces` is null where the source has none. */
export interface RawBundle {
  readonly block: RawBlock;
  readonly receipts: readonly RawReceipt[];
  readonly traces: RawTraces | null;
}

export const DEPOSIT_TYPE = 0x7e;
const MAX_TRANSACTIONS = 100_000;

/** `number`: the height that was asked for, null for the newest. Throws E_SOURCE_ANSWER, E_SOURCE_LIES (another height). */
export function parseRawHeader(value: unknown, number: bigint | null): RawHeader {
  const at: At = { block: number === null ? 'latest' : number.toString() };
  return readHeader(asObject(value, at, 'block'), number, at);
}

/** A block with whole transactions. Throws as {@link parseRawHeader}. */
export function parseRawBlock(value: unknown, number: bigint): RawBlock {
  const at: At = { block: number.toString() };
  const source = asObject(value, at, 'block');
  const header = readHeader(source, number, at);
  const list = asList(source.transactions, at, 'transactions');
  if (list.length > MAX_TRANSACTIONS) throw answerFault(at, 'transactions', 'is too long');
  const transactions = list.map((each, i) => readTransaction(each, i, at, header.hash));
  const withdrawals =
    source.withdrawals === undefined || source.withdrawals === null
      ? []
      : asList(source.withdrawals, at, 'withdrawals').map((each, i) => readWithdrawal(each, i, at));
  return { ...header, transactions, withdrawals };
}

/** Receipts of every transaction of the block, in its order. Throws E_SOURCE_ANSWER. */
export function parseReceipts(value: unknown, block: RawBlock): RawReceipt[] {
  const at: At = { block: block.number.toString() };
  const list = asList(value, at, 'receipts');
  if (list.length !== block.transactions.length)
    throw answerFault(at, 'receipts', `has ${list.length} entries for ${block.transactions.length} transactions`);
  return list.map((each, i) => parseReceipt(each, at.block, block.transactions[i]!));
}

function readHeader(source: Json, number: bigint | null, at: At): RawHeader {
  const height = BigInt(quantity(source.number, 'number', at));
  if (number !== null && height !== number) {
    throw new HaetaeError('E_SOURCE_LIES', 'the answer is a block of another height', {
      context: { block: number.toString(), field: 'number', given: height.toString() },
      remedy: 'ask another endpoint',
    });
  }
  const timestamp = quantity(source.timestamp, 'timestamp', at);
  if (timestamp.length > 14) throw answerFault(at, 'timestamp', 'is not a time');
  return {
    number: height,
    time: numberOf(timestamp),
    hash: hash(source.hash, 'hash', at),
    parentHash: hash(source.parentHash, 'parentHash', at),
    sha3Uncles: hash(source.sha3Uncles, 'sha3Uncles', at),
    miner: address(source.miner, 'miner', at),
    stateRoot: hash(source.stateRoot, 'stateRoot', at),
    transactionsRoot: hash(source.transactionsRoot, 'transactionsRoot', at),
    receiptsRoot: hash(source.receiptsRoot, 'receiptsRoot', at),
    logsBloom: fixed(source.logsBloom, 'logsBloom', 256, at),
    difficulty: quantity(source.difficulty, 'difficulty', at),
    gasLimit: quantity(source.gasLimit, 'gasLimit', at),
    gasUsed: quantity(source.gasUsed, 'gasUsed', at),
    timestamp,
    extraData: data(source.extraData, 'extraData', at),
    mixHash: optionalHash(source.mixHash, 'mixHash', at),
    nonce: source.nonce === undefined || source.nonce === null ? null : fixed(source.nonce, 'nonce', 8, at),
    baseFeePerGas: optionalQuantity(source.baseFeePerGas, 'baseFeePerGas', at),
    withdrawalsRoot: optionalHash(source.withdrawalsRoot, 'withdrawalsRoot', at),
    blobGasUsed: optionalQuantity(source.blobGasUsed, 'blobGasUsed', at),
    excessBlobGas: optionalQuantity(source.excessBlobGas, 'excessBlobGas', at),
    parentBeaconBlockRoot: optionalHash(source.parentBeaconBlockRoot, 'parentBeaconBlockRoot', at),
    requestsHash: optionalHash(source.requestsHash, 'requestsHash', at),
    uncles: source.uncles === undefined ? [] : hashes(source.uncles, 'uncles', at),
  };
}

function readTransaction(value: unknown, position: number, block: At, blockHash: string): RawTransaction {
  const named = { block: block.block, tx: position };
  if (typeof value === 'string') throw answerFault(named, 'transactions', 'holds hashes in place of transactions');
  const source = asObject(value, named, 'transactions');
  const id = hash(source.hash, 'hash', named);
  const at: At = { block: block.block, tx: id };
  const type = source.type === undefined || source.type === null ? 0 : index(source.type, 'type', at);
  return {
    type,
    hash: id,
    index: index(source.transactionIndex, 'transactionIndex', at),
    blockHash: hash(source.blockHash, 'blockHash', at, blockHash),
    blockNumber: quantity(source.blockNumber, 'blockNumber', at),
    blockTimestamp: optionalQuantity(source.blockTimestamp, 'blockTimestamp', at),
    from: address(source.from, 'from', at),
    to: optionalAddress(source.to, 'to', at),
    nonce: quantity(source.nonce, 'nonce', at),
    gas: quantity(source.gas, 'gas', at),
    value: quantity(source.value, 'value', at),
    input: data(source.input, 'input', at),
    gasPrice: optionalQuantity(source.gasPrice, 'gasPrice', at),
    maxFeePerGas: optionalQuantity(source.maxFeePerGas, 'maxFeePerGas', at),
    maxPriorityFeePerGas: optionalQuantity(source.maxPriorityFeePerGas, 'maxPriorityFeePerGas', at),
    maxFeePerBlobGas: optionalQuantity(source.maxFeePerBlobGas, 'maxFeePerBlobGas', at),
    chainId: optionalQuantity(source.chainId, 'chainId', at),
    accessList: readAccessList(source, at),
    blobVersionedHashes: isAbsent(source.blobVersionedHashes)
      ? NONE
      : hashes(source.blobVersionedHashes, 'blobVersionedHashes', at),
    authorizationList: readAuthorizations(source, at),
    v: optionalQuantity(source.v, 'v', at),
    r: optionalQuantity(source.r, 'r', at),
    s: optionalQuantity(source.s, 's', at),
    yParity: optionalQuantity(source.yParity, 'yParity', at),
    deposit: type === DEPOSIT_TYPE ? readDeposit(source, at) : null,
  };
}

const NONE: readonly never[] = [];

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function readAccessList(source: Json, at: At): readonly RawAccess[] {
  if (isAbsent(source.accessList)) return NONE;
  return asList(source.accessList, at, 'accessList').map((each, i) => {
    const inside = { ...at, path: `accessList.${i}.` };
    const entry = asObject(each, at, `accessList.${i}`);
    return {
      address: address(entry.address, 'address', inside),
      storageKeys: hashes(entry.storageKeys, 'storageKeys', inside),
    };
  });
}

function readAuthorizations(source: Json, at: At): readonly RawAuthorization[] {
  if (isAbsent(source.authorizationList)) return NONE;
  return asList(source.authorizationList, at, 'authorizationList').map((each, i) => {
    const inside = { ...at, path: `authorizationList.${i}.` };
    const entry = asObject(each, at, `authorizationList.${i}`);
    return {
      chainId: quantity(entry.chainId, 'chainId', inside),
      address: address(entry.address, 'address', inside),
      nonce: quantity(entry.nonce, 'nonce', inside),
      yParity: quantity(entry.yParity ?? entry.v, 'yParity', inside),
      r: quantity(entry.r, 'r', inside),
      s: quantity(entry.s, 's', inside),
    };
  });
}

function readDeposit(source: Json, at: At): RawDeposit {
  return {
    sourceHash: hash(source.sourceHash, 'sourceHash', at),
    mint: optionalQuantity(source.mint, 'mint', at) ?? '0x0',
    isSystem: source.isSystemTx === true,
  };
}

function readWithdrawal(value: unknown, position: number, block: At): RawWithdrawal {
  const at: At = { block: block.block, path: `withdrawals.${position}.` };
  const source = asObject(value, block, `withdrawals.${position}`);
  return {
    index: quantity(source.index, 'index', at),
    validatorIndex: quantity(source.validatorIndex, 'validatorIndex', at),
    address: address(source.address, 'address', at),
    amount: quantity(source.amount, 'amount', at),
  };
}
