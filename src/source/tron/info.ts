import type { Named } from '../net/fault.ts';
import { contractResult } from './block-id.ts';
import { CONTRACTS } from './contract.ts';
import { contractHex } from './contract-address.ts';
import { lie } from './fault.ts';
import type { InfoAnswer } from './schema.ts';
import type { TronTransaction } from './transaction.ts';

interface BlockPlace {
  readonly number: bigint;
  readonly timestamp: bigint;
}

/**
 * The node's record of each transaction's execution, in the order of the block. A block commits to none of it, so it is held against
 * what the block does commit to. The genesis block has none. Throws E_SOURCE_LIES.
 */
export function matchInfos(
  endpoint: Named,
  { number, timestamp }: BlockPlace,
  transactions: readonly TronTransaction[],
  infos: readonly InfoAnswer[],
): readonly (InfoAnswer | null)[] {
  if (number === 0n && infos.length === 0) return transactions.map(() => null);
  const byId = new Map(infos.map((info) => [info.id, info]));
  if (byId.size !== infos.length) throw lie(endpoint, 'one transaction has two records', number, 'transactionInfo.id');
  const matched = transactions.map((tx) => {
    const info = byId.get(tx.id);
    if (info === undefined) throw lie(endpoint, 'a transaction has no record', number, 'transactionInfo.id', tx.id);
    const wrong = wrongField(tx, info, number, timestamp);
    if (wrong !== null) {
      throw lie(
        endpoint,
        'the record of a transaction does not fit its block',
        number,
        `transactionInfo.${wrong}`,
        tx.id,
      );
    }
    return info;
  });
  if (infos.length !== transactions.length) {
    throw lie(endpoint, 'there is a record of a transaction that is not in the block', number, 'transactionInfo.id');
  }
  return matched;
}

function wrongField(tx: TronTransaction, info: InfoAnswer, number: bigint, timestamp: bigint): string | null {
  if (info.blockNumber !== number) return 'blockNumber';
  if (info.blockTimeStamp !== timestamp) return 'blockTimeStamp';
  if (!feeHolds(tx, info)) return 'fee';
  const runsCode = CONTRACTS[tx.type]?.runsCode === true;
  const said = info.receipt.result;
  if (runsCode && said !== '' && contractResult(said) !== contractResult(tx.results[0]?.contractRet ?? 0)) {
    return 'receipt.result';
  }
  if (tx.succeeded && info.result === 'FAILED') return 'result';
  const contract = contractHex(tx);
  return contract !== null && info.contract_address !== '' && info.contract_address !== contract
    ? 'contract_address'
    : null;
}

/** The fee is energy, bandwidth and what the kind of transaction costs besides; a plain call costs nothing besides. */
function feeHolds(tx: TronTransaction, { fee, receipt }: InfoAnswer): boolean {
  const used = receipt.energy_fee + receipt.net_fee;
  if (fee < used || fee < 0n || (tx.resultFee !== 0n && tx.resultFee !== fee)) return false;
  const plainCall = CONTRACTS[tx.type]?.runsCode === true && tx.signatures.length === 1 && !tx.memo;
  return !plainCall || fee === used;
}
