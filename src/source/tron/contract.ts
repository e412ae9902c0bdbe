/**
 * The contract types of core/Tron.proto and what each does to balances. Field numbers as in core/contract/*.proto.
 */
export interface ContractType {
  readonly name: string;
  /** Runs code of the virtual machine, so that logs and internal moves can come of it. */
  readonly runsCode?: true;
  /** What of it only a node's state could tell; such transactions are named in what is unchecked. */
  readonly unseen?: string;
}

export const TYPE = {
  transfer: 1,
  transferAsset: 2,
  assetIssue: 6,
  participate: 9,
  accountUpdate: 10,
  freeze: 11,
  unfreeze: 12,
  withdraw: 13,
  setAccountId: 19,
  create: 30,
  trigger: 31,
  exchangeCreate: 41,
  exchangeInject: 42,
  exchangeWithdraw: 43,
  exchangeTransaction: 44,
  permissionUpdate: 46,
  marketSell: 52,
  freezeV2: 54,
  unfreezeV2: 55,
  withdrawExpired: 56,
  cancelUnfreezeV2: 59,
} as const;

const OTHER_SIDE = 'the other side of an exchange';

export const CONTRACTS: Readonly<Record<number, ContractType>> = {
  0: { name: 'AccountCreateContract' },
  1: { name: 'TransferContract' },
  2: { name: 'TransferAssetContract' },
  3: { name: 'VoteAssetContract' },
  4: { name: 'VoteWitnessContract' },
  5: { name: 'WitnessCreateContract' },
  6: { name: 'AssetIssueContract' },
  8: { name: 'WitnessUpdateContract' },
  9: { name: 'ParticipateAssetIssueContract', unseen: 'the tokens bought of an issuer' },
  10: { name: 'AccountUpdateContract' },
  11: { name: 'FreezeBalanceContract' },
  12: { name: 'UnfreezeBalanceContract' },
  13: { name: 'WithdrawBalanceContract' },
  14: { name: 'UnfreezeAssetContract', unseen: 'tokens an issuer unfroze' },
  15: { name: 'UpdateAssetContract' },
  16: { name: 'ProposalCreateContract' },
  17: { name: 'ProposalApproveContract' },
  18: { name: 'ProposalDeleteContract' },
  19: { name: 'SetAccountIdContract' },
  20: { name: 'CustomContract' },
  30: { name: 'CreateSmartContract', runsCode: true },
  31: { name: 'TriggerSmartContract', runsCode: true },
  32: { name: 'GetContract' },
  33: { name: 'UpdateSettingContract' },
  41: { name: 'ExchangeCreateContract' },
  42: { name: 'ExchangeInjectContract', unseen: OTHER_SIDE },
  43: { name: 'ExchangeWithdrawContract', unseen: OTHER_SIDE },
  44: { name: 'ExchangeTransactionContract', unseen: OTHER_SIDE },
  45: { name: 'UpdateEnergyLimitContract' },
  46: { name: 'AccountPermissionUpdateContract' },
  48: { name: 'ClearABIContract' },
  49: { name: 'UpdateBrokerageContract' },
  51: { name: 'ShieldedTransferContract', unseen: 'what a shielded transfer moves' },
  52: { name: 'MarketSellAssetContract', unseen: 'what an order on the market brought' },
  53: { name: 'MarketCancelOrderContract', unseen: 'what a cancelled order gave back' },
  54: { name: 'FreezeBalanceV2Contract' },
  55: { name: 'UnfreezeBalanceV2Contract' },
  56: { name: 'WithdrawExpireUnfreezeContract' },
  57: { name: 'DelegateResourceContract' },
  58: { name: 'UnDelegateResourceContract' },
  59: { name: 'CancelAllUnfreezeV2Contract' },
};

const OWNER = { owner_address: 1 } as const;

/** The fields that movements are read from, by contract type: name in the API's JSON → number in the bytes. */
export const FIELDS: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [TYPE.transfer]: { ...OWNER, to_address: 2, amount: 3 },
  [TYPE.transferAsset]: { asset_name: 1, owner_address: 2, to_address: 3, amount: 4 },
  [TYPE.assetIssue]: { ...OWNER, name: 2, total_supply: 4 },
  [TYPE.participate]: { ...OWNER, to_address: 2, asset_name: 3, amount: 4 },
  [TYPE.accountUpdate]: { owner_address: 2 },
  [TYPE.setAccountId]: { owner_address: 2 },
  [TYPE.freeze]: { ...OWNER, frozen_balance: 2 },
  [TYPE.unfreeze]: OWNER,
  [TYPE.withdraw]: OWNER,
  [TYPE.create]: { ...OWNER, call_token_value: 3, token_id: 4 },
  [TYPE.trigger]: { ...OWNER, contract_address: 2, call_value: 3, data: 4, call_token_value: 5, token_id: 6 },
  [TYPE.exchangeCreate]: {
    ...OWNER,
    first_token_id: 2,
    first_token_balance: 3,
    second_token_id: 4,
    second_token_balance: 5,
  },
  [TYPE.exchangeInject]: { ...OWNER, token_id: 3, quant: 4 },
  [TYPE.exchangeWithdraw]: { ...OWNER, token_id: 3, quant: 4 },
  [TYPE.exchangeTransaction]: { ...OWNER, token_id: 3, quant: 4 },
  [TYPE.permissionUpdate]: OWNER,
  [TYPE.marketSell]: { ...OWNER, sell_token_id: 2, sell_token_quantity: 3 },
  [TYPE.freezeV2]: { ...OWNER, frozen_balance: 2 },
  [TYPE.unfreezeV2]: OWNER,
  [TYPE.withdrawExpired]: OWNER,
  [TYPE.cancelUnfreezeV2]: OWNER,
};
