import { z } from 'zod';

/**
 * The shapes of the API's answers, as java-tron's documentation and protocol files give them (github.com/tronprotocol: core/Tron.proto,
 * documentation-en/docs/api/http). Zero and empty fields are left out by the node. What we do not use is not looked at.
 */
const int64 = z.union([z.number().int(), z.string().regex(/^-?\d{1,19}$/)]).transform((value) => BigInt(value));
const hex = z
  .string()
  .regex(/^(?:[0-9a-fA-F]{2})*$/)
  .transform((text) => text.toLowerCase());
const hash = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/)
  .transform((text) => text.toLowerCase());
const amount = int64.default(0n);

const header = z.object({
  raw_data: z.object({
    timestamp: int64.default(0n),
    txTrieRoot: hex.default(''),
    parentHash: hex.default(''),
    number: int64.default(0n),
    witness_id: int64.default(0n),
    witness_address: hex.default(''),
    version: int64.default(0n),
    accountStateRoot: hex.default(''),
  }),
  witness_signature: hex.default(''),
});
export type Header = z.output<typeof header>;

/** Fields of Transaction.Result that stand in a block; strict, for each is part of what the root commits to. */
const result = z.strictObject({
  fee: amount,
  ret: z.union([z.string(), z.number().int()]).default(0),
  contractRet: z.union([z.string(), z.number().int()]).default(0),
  assetIssueID: z.string().default(''),
  withdraw_amount: amount,
  unfreeze_amount: amount,
  exchange_received_amount: amount,
  exchange_inject_another_amount: amount,
  exchange_withdraw_another_amount: amount,
  exchange_id: amount,
  shielded_transaction_fee: amount,
  orderId: hex.default(''),
  withdraw_expire_amount: amount,
});
export type ResultAnswer = z.output<typeof result>;

const contract = z.object({
  type: z.union([z.string(), z.number().int()]).default(0),
  parameter: z.object({ type_url: z.string().default(''), value: z.unknown() }).optional(),
  Permission_id: int64.default(0n),
});

const transaction = z.object({
  txID: hash,
  raw_data: z.object({ contract: z.array(contract).default([]), data: hex.default('') }),
  raw_data_hex: hex,
  signature: z.array(hex).default([]),
  ret: z.array(result).default([]),
});
export type TransactionAnswer = z.output<typeof transaction>;

const MAX_TRANSACTIONS = 20_000;

export const blockSchema = z.object({
  blockID: hash,
  block_header: header,
  transactions: z.array(transaction).max(MAX_TRANSACTIONS).default([]),
});
export type BlockAnswer = z.output<typeof blockSchema>;

/** The same without its transactions. */
export const blockHeaderSchema = blockSchema.omit({ transactions: true });
export type HeaderAnswer = z.output<typeof blockHeaderSchema>;

const log = z.object({ address: hex.default(''), topics: z.array(hex).default([]), data: hex.default('') });
export type LogAnswer = z.output<typeof log>;

const internal = z.object({
  hash: hex.default(''),
  caller_address: hex.default(''),
  transferTo_address: hex.default(''),
  callValueInfo: z.array(z.object({ callValue: amount, tokenId: z.string().default('') })).default([]),
  note: hex.default(''),
  rejected: z.boolean().default(false),
});
export type InternalAnswer = z.output<typeof internal>;

export const infoSchema = z.object({
  id: hash,
  fee: amount,
  blockNumber: amount,
  blockTimeStamp: amount,
  contract_address: hex.default(''),
  receipt: z
    .object({ energy_fee: amount, net_fee: amount, result: z.string().default('') })
    .default({ energy_fee: 0n, net_fee: 0n, result: '' }),
  log: z.array(log).default([]),
  result: z.string().default(''),
  assetIssueID: z.string().default(''),
  withdraw_amount: amount,
  unfreeze_amount: amount,
  withdraw_expire_amount: amount,
  internal_transactions: z.array(internal).default([]),
});
export type InfoAnswer = z.output<typeof infoSchema>;
/** `{}` is how a node says that there is none: null. */
function orNone<S extends z.ZodType>(schema: S) {
  return z.preprocess((answer) => (isEmptyObject(answer) ? null : answer), schema.nullable());
}

export const maybeBlockSchema = orNone(blockSchema);
export const maybeHeaderSchema = orNone(blockHeaderSchema);
export const maybeInfoSchema = orNone(infoSchema);

/** `{}` is how older nodes write an empty list. */
export const infosSchema = z.preprocess(
  (answer) => (isEmptyObject(answer) ? [] : answer),
  z.array(infoSchema).max(MAX_TRANSACTIONS),
);

function isEmptyObject(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && !Array.isArray(answer) && Object.keys(answer).length === 0;
}

export const accountSchema = z.object({
  balance: amount,
  assetV2: z.array(z.object({ key: z.string(), value: amount })).default([]),
});

export const constantCallSchema = z.object({
  result: z.object({ result: z.boolean().default(false) }).default({ result: false }),
  constant_result: z.array(hex).default([]),
});

export const trc10Schema = z.object({
  id: z.string().default(''),
  abbr: hex.default(''),
  precision: int64.default(0n),
});

/** One page of a list of TronGrid. Rows of three forms: transactions, internal transactions, TRC-20 transfers. */
export const pageSchema = z.object({
  success: z.literal(true),
  data: z
    .array(
      z.object({
        txID: hash.optional(),
        tx_id: hash.optional(),
        transaction_id: hash.optional(),
        blockNumber: int64.optional(),
        block_timestamp: int64,
      }),
    )
    .max(1000),
  meta: z.object({ fingerprint: z.string().max(4000).optional() }).default({}),
});
