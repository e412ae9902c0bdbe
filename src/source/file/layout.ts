import type { AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { OrderRule } from '../../model/transfer.ts';

/** What a layout may read from a row. Each is one column of the staging table. */
export const FIELDS = [
  'chain',
  'time',
  'block',
  'txIndex',
  'leg',
  'tx',
  'kind',
  'from',
  'to',
  'asset',
  'amount',
  'contract',
  'status',
  'gasUsed',
  'gasPrice',
  'price',
  'blobGasUsed',
  'blobGasPrice',
  'nonce',
  'traceAddress',
  'traceType',
  'callType',
  'rewardType',
  'traceId',
  'error',
] as const;
export type FieldName = (typeof FIELDS)[number];

export type FieldType = 'time' | 'int' | 'amount' | 'address' | 'asset' | 'chain' | 'hash' | 'kind' | 'path' | 'text';

export interface Field {
  readonly name: FieldName;
  readonly type: FieldType;
  /** Names of the column, first match wins, compared without case. */
  readonly columns: readonly string[];
  /** The file must have the column. */
  readonly required: boolean;
  /** A row may leave it empty. */
  readonly nullable: boolean;
}

/**
 * How rows become movements. `transfer`: one row, one movement. `transaction`: value and gas. `token`: a token's log.
 * `trace`: a call of a call tree. `blocks`: times only. The last three are Bitcoin's full transactions, `utxo-blocks` in raw blocks.
 */
export type Shape =
  | 'transfer'
  | 'transaction'
  | 'token'
  | 'trace'
  | 'blocks'
  | 'utxo-nested'
  | 'utxo-text'
  | 'utxo-blocks';

export type AssetRule =
  | { readonly kind: 'native' }
  | { readonly kind: 'dollar' }
  | { readonly kind: 'fixed'; readonly asset: string }
  /** The field `asset` names it. */
  | { readonly kind: 'column' };

export interface Layout {
  readonly name: string;
  readonly description: string;
  readonly shape: Shape;
  readonly chain: ChainId;
  readonly asset: AssetRule;
  /** `base`: the text counts base units. `decimal`: whole units, with as many digits after the point as the asset has. */
  readonly unit: 'base' | 'decimal';
  /** Digits after the point where they are not the asset's own. */
  readonly decimals: number | null;
  readonly time: 'auto' | 'unix-ms';
  readonly fields: readonly Field[];
  readonly order: OrderRule;
  readonly duplicates: 'keep' | 'drop';
  /** Files of these layouts may stand beside it in one command, to give block times and transaction indices. */
  readonly companions: boolean;
}

/** The layout with the user's choices applied: nothing is optional any more. */
export interface Plan extends Layout {
  readonly assetId: AssetId | null;
  readonly amountDecimals: number | null;
}

/** Legs inside one transaction: fees first, then calls by trace order from the root, then logs. */
export const GAS_LEG = 0;
export const TIP_LEG = 1;
export const ROOT_LEG = 2;
export const LOG_LEG = 1_000_000;
/** Rewards and state changes of a block that belong to no transaction come after its transactions. */
export const REWARD_TX_INDEX = 1_000_000_000;
export const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

const TYPES: Readonly<Record<FieldName, FieldType>> = {
  chain: 'chain',
  time: 'time',
  block: 'int',
  txIndex: 'int',
  leg: 'int',
  tx: 'hash',
  kind: 'kind',
  from: 'address',
  to: 'address',
  asset: 'asset',
  amount: 'amount',
  contract: 'address',
  status: 'int',
  gasUsed: 'int',
  gasPrice: 'int',
  price: 'int',
  blobGasUsed: 'int',
  blobGasPrice: 'int',
  nonce: 'int',
  traceAddress: 'path',
  traceType: 'text',
  callType: 'text',
  rewardType: 'text',
  traceId: 'text',
  error: 'text',
};

/** `need`: column and value must be there. `may`: the column must be there, the value may be empty. `if`: neither. */
export function field(name: FieldName, rule: 'need' | 'may' | 'if', ...columns: string[]): Field {
  return { name, type: TYPES[name], columns, required: rule !== 'if', nullable: rule !== 'need' };
}
