import type { AuthorityChange } from '../../model/authority.ts';
import { addressOfHex } from './address.ts';
import { TYPE } from './contract.ts';
import { ProtoMessage } from './protobuf.ts';
import type { TronTransaction } from './transaction.ts';

/** AccountPermissionUpdateContract: owner 2, actives 4. Permission: keys 7. Key: address 1. */
const OWNER = 2;
const ACTIVES = 4;
const KEYS = 7;

/** Keys that an account gives its rights to, other than its own: how hijacked accounts are held. Throws ProtoFault. */
export function permissionSignals(tx: TronTransaction): readonly AuthorityChange[] {
  if (tx.type !== TYPE.permissionUpdate || !tx.succeeded || tx.owner === null) return [];
  const sender = tx.owner;
  const keys = [...tx.value.all(OWNER), ...tx.value.all(ACTIVES)]
    .flatMap((permission) => new ProtoMessage(permission).all(KEYS))
    .map((key) => addressOfHex(new ProtoMessage(key).hex(1)));
  return [...new Set(keys)]
    .filter((key) => key !== null && key !== sender)
    .map((grantee) => ({
      kind: 'ownershipTransferred',
      account: sender,
      grantee,
      asset: null,
      amount: null,
      tx: tx.id,
      txIndex: tx.index,
      logIndex: null,
      sender,
    }));
}
