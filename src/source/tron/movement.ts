import type { AssetId } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';
import { addressOfHex } from './address.ts';
import { trc10, trx } from './asset.ts';
import { FIELDS, TYPE } from './contract.ts';
import { contractHex } from './contract-address.ts';
import { CONTRACT_LEG, FEE_LEG, type Leg } from './leg.ts';
import { ProtoMessage } from './protobuf.ts';
import type { InfoAnswer } from './schema.ts';
import type { TronTransaction } from './transaction.ts';

type Move = Omit<Leg, 'leg'>;

/** The fee, paid by failed transactions too; nothing where bandwidth and energy were covered by what is staked. */
export function feeLegs(chain: Chain, tx: TronTransaction, info: InfoAnswer | null): readonly Leg[] {
  if (info === null || info.fee === 0n || tx.owner === null) return [];
  return [{ leg: FEE_LEG, kind: 'gas', from: tx.owner, to: null, asset: trx(chain), amount: info.fee }];
}

/**
 * What a transaction's own contract moved, from its signed bytes; amounts that only the execution knows (rewards, what was unfrozen)
 * from the node's record of it. Failed transactions move nothing. Zero amounts are no movements. Throws ProtoFault.
 */
export function contractLegs(chain: Chain, tx: TronTransaction, info: InfoAnswer | null): readonly Leg[] {
  if (!tx.succeeded) return [];
  const moves = MOVES[tx.type]?.(new Fields(chain, tx, info)) ?? [];
  return moves.flatMap((move, i) => (move.amount === 0n ? [] : [{ leg: CONTRACT_LEG + i, ...move }]));
}

/** True where the contract names a token by a word, from before tokens had numbers. */
export function namesToken(tx: TronTransaction): boolean {
  const field = FIELDS[tx.type]?.asset_name;
  return field !== undefined && !/^\d+$/.test(textOf(tx.value, field));
}

const MOVES: Readonly<Record<number, (at: Fields) => readonly Move[]>> = {
  [TYPE.transfer]: (at) => [at.paid('transfer', at.trx, at.number('amount'))],
  [TYPE.transferAsset]: (at) => [at.paid('transfer', at.token('asset_name'), at.number('amount'))],
  [TYPE.participate]: (at) => [at.paid('transfer', at.trx, at.number('amount'))],
  [TYPE.assetIssue]: (at) => [at.arrives(at.issued(), at.number('total_supply') - at.frozenSupply())],
  [TYPE.freeze]: (at) => [at.leaves(at.trx, at.number('frozen_balance'))],
  [TYPE.freezeV2]: (at) => [at.leaves(at.trx, at.number('frozen_balance'))],
  [TYPE.unfreeze]: (at) => [at.arrives(at.trx, at.info?.unfreeze_amount ?? 0n)],
  [TYPE.withdraw]: (at) => [at.arrives(at.trx, at.info?.withdraw_amount ?? 0n)],
  [TYPE.unfreezeV2]: (at) => [at.arrives(at.trx, at.info?.withdraw_expire_amount ?? 0n)],
  [TYPE.withdrawExpired]: (at) => [at.arrives(at.trx, at.info?.withdraw_expire_amount ?? 0n)],
  [TYPE.cancelUnfreezeV2]: (at) => [at.arrives(at.trx, at.info?.withdraw_expire_amount ?? 0n)],
  [TYPE.create]: (at) => {
    const to = addressOfHex(contractHex(at.tx) ?? '');
    return [
      at.called(to, at.trx, at.tx.value.message(2).int64(5)),
      at.called(to, at.numbered('token_id'), at.number('call_token_value')),
    ];
  },
  [TYPE.trigger]: (at) => {
    const to = at.address('contract_address');
    return [
      at.called(to, at.trx, at.number('call_value')),
      at.called(to, at.numbered('token_id'), at.number('call_token_value')),
    ];
  },
  [TYPE.exchangeCreate]: (at) => [
    at.leaves(at.token('first_token_id'), at.number('first_token_balance')),
    at.leaves(at.token('second_token_id'), at.number('second_token_balance')),
  ],
  [TYPE.exchangeInject]: (at) => [at.leaves(at.token('token_id'), at.number('quant'))],
  [TYPE.exchangeTransaction]: (at) => [at.leaves(at.token('token_id'), at.number('quant'))],
  [TYPE.exchangeWithdraw]: (at) => [at.arrives(at.token('token_id'), at.number('quant'))],
  [TYPE.marketSell]: (at) => [at.leaves(at.token('sell_token_id'), at.number('sell_token_quantity'))],
};

/** One contract's fields by the names of the API. */
class Fields {
  readonly trx: AssetId;
  readonly tx: TronTransaction;
  readonly info: InfoAnswer | null;
  readonly #chain: Chain;

  constructor(chain: Chain, tx: TronTransaction, info: InfoAnswer | null) {
    this.#chain = chain;
    this.tx = tx;
    this.info = info;
    this.trx = trx(chain);
  }

  number(field: string): bigint {
    return this.tx.value.int64(this.#at(field));
  }

  address(field: string): string | null {
    return addressOfHex(this.tx.value.hex(this.#at(field)));
  }

  /** Exchanges and the market write TRX as an underscore. */
  token(field: string): AssetId {
    const text = textOf(this.tx.value, this.#at(field));
    return text === '_' ? this.trx : trc10(this.#chain, text);
  }

  numbered(field: string): AssetId {
    return trc10(this.#chain, this.number(field).toString());
  }

  issued(): AssetId {
    return trc10(this.#chain, this.info?.assetIssueID || textOf(this.tx.value, this.#at('name')));
  }

  frozenSupply(): bigint {
    return this.tx.value.all(5).reduce((sum, frozen) => sum + new ProtoMessage(frozen).int64(1), 0n);
  }

  /** In the genesis block the payer is no address: what is allocated there comes from outside. */
  paid(kind: 'transfer', asset: AssetId, amount: bigint): Move {
    const from = this.tx.owner;
    return { kind: from === null ? 'mint' : kind, from, to: this.address('to_address'), asset, amount };
  }

  called(to: string | null, asset: AssetId, amount: bigint): Move {
    return { kind: 'internal', from: this.tx.owner, to, asset, amount };
  }

  /** From outside what accounts can spend: rewards, what was staked. */
  arrives(asset: AssetId, amount: bigint): Move {
    return { kind: 'mint', from: null, to: this.tx.owner, asset, amount };
  }

  /** To where the account cannot spend it: staked, in an exchange or an order. */
  leaves(asset: AssetId, amount: bigint): Move {
    return { kind: 'adjust', from: this.tx.owner, to: null, asset, amount };
  }

  #at(field: string): number {
    return FIELDS[this.tx.type]?.[field] ?? 0;
  }
}

function textOf(value: ProtoMessage, field: number): string {
  return Buffer.from(value.bytes(field)).toString('utf8');
}
