import { keccak_256 } from '@noble/hashes/sha3.js';
import { hexBytes } from './block-id.ts';
import { FIELDS, TYPE } from './contract.ts';
import type { TronTransaction } from './transaction.ts';

/**
 * The contract that is called, or the one that is created (41 and the last 20 bytes of Keccak-256 over id and creator: java-tron,
 * WalletUtil.generateContractAddress), as 41… in hex. null where the transaction runs no code.
 */
export function contractHex(tx: TronTransaction): string | null {
  if (tx.type === TYPE.trigger) return tx.value.hex(FIELDS[TYPE.trigger]!.contract_address!);
  if (tx.type !== TYPE.create) return null;
  const hash = keccak_256(Buffer.concat([hexBytes(tx.id), tx.value.bytes(FIELDS[TYPE.create]!.owner_address!)]));
  return `41${Buffer.from(hash.subarray(12)).toString('hex')}`;
}
