import * as Secp256k1 from 'ox/Secp256k1';
import { HaetaeError } from '../../base/errors.ts';
import { keccakHex } from './keccak.ts';
import { DEPOSIT_TYPE, type RawTransaction } from './raw.ts';
import { bigOf } from './raw-field.ts';
import { encodeTyped, type RlpItem, rlpNumber } from './rlp.ts';

const SIGNED_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 3, 4]);

/** Whether the serialisation of its type is known here: 0 to 4 of Ethereum, and 0x7e, the deposit of OP-stack chains. */
export function isKnownType(type: number): boolean {
  return SIGNED_TYPES.has(type) || type === DEPOSIT_TYPE;
}

/**
 * The bytes that a block's transactionsRoot commits to and whose keccak-256 is the transaction's hash: with and without EIP-155,
 * EIP-2930, EIP-1559, EIP-4844 (without the blobs), EIP-7702, and the deposit of OP-stack chains
 * (https://specs.optimism.io/protocol/deposits.html). Throws E_SOURCE_ANSWER where a field of its type is missing.
 */
export function encodeTransaction(tx: RawTransaction): Uint8Array {
  if (tx.type === DEPOSIT_TYPE) return encodeTyped(tx.type, depositItem(tx));
  const last = tx.type === 0 ? need(tx, 'v') : (tx.yParity ?? need(tx, 'v'));
  return encodeTyped(tx.type, [...bodyItem(tx), rlpNumber(last), rlpNumber(need(tx, 'r')), rlpNumber(need(tx, 's'))]);
}

export function transactionHash(tx: RawTransaction): string {
  return keccakHex(encodeTransaction(tx));
}

/** Chain that a legacy transaction was signed for (EIP-155); null where it may stand on any. */
export function legacyChainId(tx: RawTransaction): bigint | null {
  const v = bigOf(need(tx, 'v'));
  return v >= 35n ? (v - 35n) / 2n : null;
}

/** The address whose key signed. Some milliseconds. Throws E_SOURCE_LIES where r, s and v are no signature. */
export function recoverSender(tx: RawTransaction, block: bigint): string {
  const yParity = parityOf(tx);
  try {
    return Secp256k1.recoverAddress({
      payload: keccakHex(encodeTyped(tx.type, signedItem(tx))) as `0x${string}`,
      signature: { r: word(need(tx, 'r')), s: word(need(tx, 's')), yParity },
    }).toLowerCase();
  } catch (cause) {
    throw new HaetaeError('E_SOURCE_LIES', 'the signature of a transaction is none', {
      context: { block: block.toString(), field: 'from', tx: tx.hash },
      remedy: 'ask another endpoint; on a test node, impersonated senders sign nothing',
      cause,
    });
  }
}

/** What the signature is over. A legacy transaction of EIP-155 has the chain's id and two zeros at the end. */
function signedItem(tx: RawTransaction): RlpItem[] {
  if (tx.type !== 0) return bodyItem(tx);
  const chain = legacyChainId(tx);
  return chain === null ? bodyItem(tx) : [...bodyItem(tx), rlpNumber(`0x${chain.toString(16)}`), '0x', '0x'];
}

function word(quantity: string): `0x${string}` {
  return `0x${quantity.slice(2).padStart(64, '0')}`;
}

/** v is 27 or 28, or 35 or 36 and twice the chain's id (EIP-155): even means 1. Typed transactions say 0 or 1. */
function parityOf(tx: RawTransaction): 0 | 1 {
  if (tx.type === 0) return bigOf(need(tx, 'v')) % 2n === 0n ? 1 : 0;
  return bigOf(tx.yParity ?? need(tx, 'v')) === 0n ? 0 : 1;
}

function bodyItem(tx: RawTransaction): RlpItem[] {
  const { type } = tx;
  const fees =
    type < 2
      ? [rlpNumber(need(tx, 'gasPrice'))]
      : [rlpNumber(need(tx, 'maxPriorityFeePerGas')), rlpNumber(need(tx, 'maxFeePerGas'))];
  const shared = [rlpNumber(tx.gas), tx.to ?? '0x', rlpNumber(tx.value), tx.input];
  if (type === 0) return [rlpNumber(tx.nonce), ...fees, ...shared];
  const item: RlpItem[] = [rlpNumber(need(tx, 'chainId')), rlpNumber(tx.nonce), ...fees, ...shared, accessItem(tx)];
  if (type === 3) item.push(rlpNumber(need(tx, 'maxFeePerBlobGas')), tx.blobVersionedHashes);
  if (type === 4) item.push(authorizationItem(tx));
  return item;
}

function accessItem(tx: RawTransaction): RlpItem {
  return tx.accessList.map(({ address, storageKeys }) => [address, storageKeys]);
}

function authorizationItem(tx: RawTransaction): RlpItem {
  return tx.authorizationList.map(({ chainId, address, nonce, yParity, r, s }) => [
    rlpNumber(chainId),
    address,
    rlpNumber(nonce),
    rlpNumber(yParity),
    rlpNumber(r),
    rlpNumber(s),
  ]);
}

function depositItem(tx: RawTransaction): RlpItem {
  const { sourceHash, mint, isSystem } = tx.deposit!;
  return [
    sourceHash,
    tx.from,
    tx.to ?? '0x',
    rlpNumber(mint),
    rlpNumber(tx.value),
    rlpNumber(tx.gas),
    isSystem ? '0x01' : '0x',
    tx.input,
  ];
}

function need(
  tx: RawTransaction,
  field: 'v' | 'r' | 's' | 'gasPrice' | 'maxFeePerGas' | 'maxPriorityFeePerGas' | 'maxFeePerBlobGas' | 'chainId',
): string {
  const value = tx[field];
  if (value !== null) return value;
  throw new HaetaeError('E_SOURCE_ANSWER', 'a transaction lacks a field that its type has', {
    context: { block: BigInt(tx.blockNumber).toString(), field, tx: tx.hash },
    remedy: 'ask another endpoint; without the field the transaction’s hash cannot be recomputed',
  });
}
