import { HaetaeError } from '../../base/errors.ts';
import { type Field, field, type Layout } from './layout.ts';

const ETHEREUM = 'eip155:1';
const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';

const BASE = {
  chain: ETHEREUM,
  asset: { kind: 'native' },
  unit: 'base',
  decimals: null,
  time: 'auto',
  order: 'index',
  duplicates: 'drop',
  companions: false,
} as const;

/** https://github.com/blockchain-etl/ethereum-etl/blob/develop/docs/schema.md; `receipt_` columns are those of its enriched tables. */
const TRANSACTION: readonly Field[] = [
  field('tx', 'need', 'hash', 'transaction_hash'),
  field('block', 'need', 'block_number'),
  field('txIndex', 'need', 'transaction_index'),
  field('from', 'need', 'from_address'),
  field('to', 'may', 'to_address'),
  field('amount', 'need', 'value'),
  field('time', 'if', 'block_timestamp'),
  field('contract', 'if', 'receipt_contract_address'),
  field('status', 'if', 'receipt_status'),
  field('gasUsed', 'if', 'receipt_gas_used'),
  field('price', 'if', 'receipt_effective_gas_price'),
  field('gasPrice', 'if', 'gas_price'),
  field('blobGasUsed', 'if', 'receipt_blob_gas_used'),
  field('blobGasPrice', 'if', 'receipt_blob_gas_price'),
  field('nonce', 'if', 'nonce'),
];

const TOKEN: readonly Field[] = [
  field('asset', 'need', 'token_address'),
  field('from', 'need', 'from_address'),
  field('to', 'need', 'to_address'),
  field('amount', 'need', 'value'),
  field('tx', 'need', 'transaction_hash'),
  field('leg', 'need', 'log_index'),
  field('block', 'need', 'block_number'),
  field('txIndex', 'if', 'transaction_index'),
  field('time', 'if', 'block_timestamp'),
];

const TRACE: readonly Field[] = [
  field('block', 'need', 'block_number'),
  field('tx', 'if', 'transaction_hash'),
  field('txIndex', 'may', 'transaction_index'),
  field('from', 'may', 'from_address'),
  field('to', 'may', 'to_address'),
  field('amount', 'may', 'value'),
  field('traceType', 'need', 'trace_type'),
  field('callType', 'may', 'call_type'),
  field('rewardType', 'if', 'reward_type'),
  field('traceAddress', 'may', 'trace_address'),
  field('error', 'may', 'error'),
  field('status', 'if', 'status'),
  field('traceId', 'if', 'trace_id'),
  field('time', 'if', 'block_timestamp'),
];

const BLOCKS: readonly Field[] = [
  field('block', 'need', 'number'),
  field('time', 'need', 'timestamp'),
  field('price', 'if', 'base_fee_per_gas'),
];

/** Layouts that `haetae import transfers --preset` knows, in the order in which its help lists them. */
export const PRESETS: readonly Layout[] = [
  {
    ...BASE,
    name: 'haetae',
    description: 'Haetae’s own CSV, as bundles hold it: convert to this when nothing else fits',
    shape: 'transfer',
    asset: { kind: 'column' },
    fields: [
      field('chain', 'need', 'chain'),
      field('time', 'need', 'time'),
      field('block', 'may', 'block'),
      field('txIndex', 'need', 'tx_index'),
      field('leg', 'need', 'leg'),
      field('tx', 'may', 'tx'),
      field('kind', 'need', 'kind'),
      field('from', 'may', 'from'),
      field('to', 'may', 'to'),
      field('asset', 'need', 'asset'),
      field('amount', 'need', 'amount'),
    ],
  },
  {
    ...BASE,
    name: 'ronin',
    description: 'ETH movements as Dune exported them for the Ronin theft: no hash, no block',
    shape: 'transfer',
    unit: 'decimal',
    order: 'row',
    duplicates: 'keep',
    fields: [
      field('time', 'need', 'block_time'),
      field('from', 'need', 'from'),
      field('to', 'need', 'to'),
      field('amount', 'need', 'total_eth'),
    ],
  },
  {
    ...BASE,
    name: 'launder',
    description: 'LaunderNetEvm41 flow records, in US dollars (MFTracer, SIGMETRICS 2026)',
    shape: 'transfer',
    asset: { kind: 'dollar' },
    unit: 'decimal',
    order: 'inferred',
    duplicates: 'keep',
    fields: [
      field('time', 'need', 'Timestamp'),
      field('block', 'need', 'Block'),
      field('tx', 'need', 'Tx_hash'),
      field('from', 'need', 'From'),
      field('to', 'need', 'To'),
      field('amount', 'need', 'Value_in_USD'),
    ],
  },
  {
    ...BASE,
    name: 'dumplings',
    description: 'Full Bitcoin transactions as text (Dumplings scanner): plain, .gz, or inside a .zip',
    shape: 'utxo-text',
    chain: BITCOIN,
    fields: [],
  },
  {
    ...BASE,
    name: 'aws-bitcoin',
    description: 'AWS public blockchain Parquet, btc/transactions (nested inputs and outputs, value in BTC)',
    shape: 'utxo-nested',
    chain: BITCOIN,
    unit: 'decimal',
    fields: [
      field('tx', 'need', 'hash'),
      field('block', 'need', 'block_number'),
      field('time', 'need', 'block_timestamp'),
      field('txIndex', 'need', 'index'),
    ],
  },
  {
    ...BASE,
    name: 'bitcoin-blocks',
    description:
      'raw blocks: blk*.dat of a Bitcoin, Litecoin or Dogecoin node (or its blocks folder), one block a file',
    shape: 'utxo-blocks',
    chain: BITCOIN,
    fields: [],
  },
  ...ethereumPresets('aws-ethereum', 'AWS public blockchain Parquet, eth'),
  ...ethereumPresets('ethereum-etl', 'ethereum-etl CSV or Parquet,'),
  {
    ...BASE,
    name: 'ethereum-etl-blocks',
    description: 'ethereum-etl CSV or Parquet, blocks: times of blocks only, for files that have none',
    shape: 'blocks',
    fields: BLOCKS,
  },
];

function ethereumPresets(prefix: string, source: string): Layout[] {
  return [
    {
      ...BASE,
      name: `${prefix}-transactions`,
      description: `${source} transactions; gas too where receipt columns are there`,
      shape: 'transaction',
      companions: true,
      fields: TRANSACTION,
    },
    {
      ...BASE,
      name: `${prefix}-token-transfers`,
      description: `${source} token_transfers`,
      shape: 'token',
      asset: { kind: 'column' },
      companions: true,
      fields: TOKEN,
    },
    {
      ...BASE,
      name: `${prefix}-traces`,
      description: `${source} traces: every movement of the native coin, internal ones too`,
      shape: 'trace',
      companions: true,
      fields: TRACE,
    },
  ];
}

/** Layouts whose files may stand beside another of ethereum-etl: block times, and indices of transactions. */
export const COMPANIONS: readonly { readonly kind: 'blocks' | 'transactions'; readonly fields: readonly Field[] }[] = [
  { kind: 'blocks', fields: BLOCKS },
  { kind: 'transactions', fields: TRANSACTION.filter(({ name }) => ['tx', 'block', 'txIndex', 'time'].includes(name)) },
];

/** Throws E_PRESET_UNKNOWN, with the names there are. */
export function requirePreset(name: string): Layout {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found !== undefined) return found;
  throw new HaetaeError('E_PRESET_UNKNOWN', `no preset is called ${name.slice(0, 60)}`, {
    context: { preset: name.slice(0, 60) },
    remedy: `use one of ${PRESETS.map((preset) => preset.name).join(', ')}, or describe the columns with --map MAP.yaml`,
  });
}
