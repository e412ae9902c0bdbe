import type { HaetaeError } from '../../base/errors.ts';
import { type Named, sourceFault } from '../net/fault.ts';

/** The fields by which a lie about a block or a transaction is named. */
export type LieField =
  | 'hash'
  | 'bits'
  | 'proofOfWork'
  | 'transactions'
  | 'merkleRoot'
  | 'witnessCommitment'
  | 'height'
  | 'txid'
  | 'merkleProof'
  | 'blockHash'
  | 'previousOutput'
  | 'spender';

const REMEDY = 'do not trust this endpoint; name another one of the same chain';

/** E_SOURCE_LIES about a block, by its height or hash. */
export function blockLie(source: Named, block: bigint | string, field: LieField, what: string): HaetaeError {
  return sourceFault('E_SOURCE_LIES', source, what, REMEDY, { block: String(block), field });
}

export function transactionLie(source: Named, tx: string, field: LieField, what: string): HaetaeError {
  return sourceFault('E_SOURCE_LIES', source, what, REMEDY, { tx, field });
}
