import { nativeAsset } from '../../model/asset.ts';
import {
  type FieldName,
  GAS_LEG,
  LOG_LEG,
  type Plan,
  REWARD_TX_INDEX,
  ROOT_LEG,
  type Shape,
  TIP_LEG,
  ZERO_ADDRESS,
} from './layout.ts';
import { literal } from './quote.ts';

/** Names of the fields in the staging tables. */
export const STAGED_NAMES: Readonly<Record<FieldName, string>> = {
  chain: 'chain',
  time: 'time',
  block: 'block',
  txIndex: 'tx_index',
  leg: 'leg',
  tx: 'tx',
  kind: 'kind',
  from: 'sender',
  to: 'receiver',
  asset: 'asset',
  amount: 'amount',
  contract: 'contract',
  status: 'status',
  gasUsed: 'gas_used',
  gasPrice: 'gas_price',
  price: 'price',
  blobGasUsed: 'blob_gas_used',
  blobGasPrice: 'blob_gas_price',
  nonce: 'nonce',
  traceAddress: 'trace_address',
  traceType: 'trace_type',
  callType: 'call_type',
  rewardType: 'reward_type',
  traceId: 'trace_id',
  error: 'error',
};

/** What the rows of one import need beyond themselves. */
export interface ShapeFacts {
  readonly plan: Plan;
  /** Grows from import to import: keeps rows without any index apart from those of other imports. */
  readonly sequence: number;
  /** TEMP tables that were made because the rows need them. */
  readonly ranked: boolean;
  readonly baseFees: boolean;
}

/** How a shape becomes movements. `legs`: SELECTs over staged_clean, to be joined by UNION ALL. */
export interface ShapeSql {
  readonly legs: readonly string[];
  /** Columns that name one row's event: rows that agree in them may be repeats. */
  readonly key: readonly string[];
  /** SQL condition under which a row moves nothing and leaves no leg. */
  readonly idle: string;
}

interface LegParts {
  readonly time?: string;
  readonly txIndex: string;
  readonly leg: string;
  readonly kind: string;
  readonly sender?: string;
  readonly receiver?: string;
  readonly asset: string;
  readonly amount?: string;
  readonly big?: string;
  readonly rounded?: string;
  readonly tx?: string;
  readonly chain?: string;
}

/** One SELECT in the order of the staging contract (store/duckdb/staging.ts). */
function leg(plan: Plan, parts: LegParts, from = 'staged_clean AS c', where = ''): string {
  const columns = [
    parts.chain ?? literal(plan.chain),
    parts.time ?? 'c.time',
    'c.block',
    `(${parts.txIndex})::INTEGER`,
    `(${parts.leg})::INTEGER`,
    parts.tx ?? 'c.tx',
    parts.kind,
    parts.sender ?? 'c.sender',
    parts.receiver ?? 'c.receiver',
    parts.asset,
    `(${parts.amount ?? 'c.amount'})::UHUGEINT`,
    parts.big ?? 'c.amount_big',
    parts.rounded ?? 'c.rounded',
    'c.file',
    'c.row',
  ];
  const names = 'chain time block tx_index leg tx kind sender receiver asset amount amount_big rounded file row'.split(
    ' ',
  );
  const list = columns.map((sql, i) => `${sql} AS ${names[i]}`).join(', ');
  return `SELECT ${list} FROM ${from}${where === '' ? '' : ` WHERE ${where}`}`;
}

export function shapeSql(facts: ShapeFacts): ShapeSql {
  return SHAPES[facts.plan.shape](facts);
}

const SHAPES: Readonly<Record<Shape, (facts: ShapeFacts) => ShapeSql>> = {
  transfer: transferSql,
  transaction: transactionSql,
  token: tokenSql,
  trace: traceSql,
  blocks: () => ({ legs: [], key: [], idle: 'false' }),
  'utxo-nested': () => ({ legs: [], key: [], idle: 'false' }),
  'utxo-text': () => ({ legs: [], key: [], idle: 'false' }),
  'utxo-blocks': () => ({ legs: [], key: [], idle: 'false' }),
};

function has(plan: Plan, name: FieldName): boolean {
  return plan.fields.some((field) => field.name === name);
}

function assetSql(plan: Plan): string {
  const fixed = literal(plan.assetId ?? nativeAsset(plan.chain).id);
  return plan.asset.kind === 'column' ? `coalesce(c.asset, ${fixed})` : fixed;
}

/** `block` and `tx` are NULL columns of staged_clean where the layout has none. */
function transferSql({ plan, sequence, ranked }: ShapeFacts): ShapeSql {
  const indexed = plan.order === 'index';
  const place = ranked ? 'coalesce(r.leg, c.ordinal)' : 'c.ordinal';
  const legs = leg(
    plan,
    {
      txIndex: indexed ? (has(plan, 'txIndex') ? 'c.tx_index' : '0') : String(sequence),
      leg: indexed ? 'c.leg' : place,
      kind: has(plan, 'kind') ? 'c.kind' : `'transfer'`,
      asset: assetSql(plan),
    },
    ranked ? 'staged_clean AS c LEFT JOIN staged_rank AS r ON r.ordinal = c.ordinal' : undefined,
  );
  const key = indexed
    ? ['block', 'tx_index', 'leg', 'kind'].filter((name) =>
        plan.fields.some((field) => STAGED_NAMES[field.name] === name),
      )
    : ['time', 'tx', 'sender', 'receiver', 'amount'];
  return { legs: [legs], key: indexed && !key.includes('block') ? [...key, 'time'] : key, idle: 'false' };
}

/**
 * Gas is paid whatever the outcome; value moves unless the receipt says that the transaction failed. Blob gas is burnt with the
 * rest. With the block's base fee known, gas is told apart as what is burnt and what is tipped.
 */
function transactionSql({ plan, baseFees }: ShapeFacts): ShapeSql {
  const native = literal(nativeAsset(plan.chain).id);
  const index = 'c.tx_index';
  const moves = 'c.status IS DISTINCT FROM 0';
  const blob = 'coalesce(c.blob_gas_used::UHUGEINT * c.blob_gas_price::UHUGEINT, 0::UHUGEINT)';
  const price = 'coalesce(c.price, c.gas_price)::UHUGEINT';
  const gas = `(c.gas_used::UHUGEINT * ${price} + ${blob})`;
  const paid = 'c.gas_used IS NOT NULL AND coalesce(c.price, c.gas_price) IS NOT NULL';
  const fee = { txIndex: index, receiver: 'NULL', asset: native, big: 'NULL', rounded: 'false' } as const;
  const value = leg(
    plan,
    {
      txIndex: index,
      leg: String(ROOT_LEG),
      kind: `'transfer'`,
      receiver: 'coalesce(c.receiver, c.contract)',
      asset: native,
    },
    undefined,
    moves,
  );
  const idle = `NOT (${moves}) AND NOT (${paid})`;
  const key = ['block', 'tx_index'];
  if (!baseFees) {
    return {
      legs: [value, leg(plan, { ...fee, leg: String(GAS_LEG), kind: `'gas'`, amount: gas }, undefined, paid)],
      key,
      idle,
    };
  }
  const from = 'staged_clean AS c LEFT JOIN staged_known_time AS b ON b.block = c.block';
  const known = `b.base_fee IS NOT NULL AND b.base_fee <= ${price}`;
  const burnt = `(c.gas_used::UHUGEINT * b.base_fee::UHUGEINT + ${blob})`;
  const tip = `(c.gas_used::UHUGEINT * (${price} - b.base_fee::UHUGEINT))`;
  return {
    legs: [
      value,
      leg(plan, { ...fee, leg: String(GAS_LEG), kind: `'burn'`, amount: burnt }, from, `${paid} AND ${known}`),
      leg(
        plan,
        { ...fee, leg: String(TIP_LEG), kind: `'tip'`, amount: tip },
        from,
        `${paid} AND ${known} AND c.gas_used > 0`,
      ),
      leg(
        plan,
        { ...fee, leg: String(GAS_LEG), kind: `'gas'`, amount: gas },
        from,
        `${paid} AND NOT coalesce(${known}, false)`,
      ),
    ],
    key,
    idle,
  };
}

/**
 * A token's log does not say the index of its transaction. Where no file says it either, the lowest log index of the transaction
 * stands for it: it grows with the index inside a block, so the order among tokens is the chain's.
 */
function tokenSql({ plan }: ShapeFacts): ShapeSql {
  const minted = `c.sender = ${literal(ZERO_ADDRESS)}`;
  const legs = leg(
    plan,
    {
      txIndex: 'coalesce(c.tx_index, k.tx_index, first_log)',
      leg: `${LOG_LEG} + c.leg`,
      kind: `CASE WHEN ${minted} THEN 'mint' ELSE 'token' END`,
      sender: `CASE WHEN ${minted} THEN NULL ELSE c.sender END`,
      asset: assetSql(plan),
    },
    `(SELECT *, min(leg) OVER (PARTITION BY block, tx) AS first_log FROM staged_clean) AS c
     LEFT JOIN staged_known_index AS k ON k.tx = c.tx`,
  );
  return { legs: [legs], key: ['block', 'leg'], idle: 'false' };
}

/** Value moves with plain calls, creations and self-destructs that did not fail and do not stand below one that did. */
function traceSql({ plan }: ShapeFacts): ShapeSql {
  const native = literal(nativeAsset(plan.chain).id);
  const asset = native;
  const inside = `c.trace_type IN ('call', 'create', 'create2', 'suicide', 'selfdestruct')`;
  const callMoves = `(c.trace_type <> 'call' OR coalesce(c.call_type, 'call') = 'call')`;
  const done = 'NOT c.failed AND (c.amount IS NOT NULL OR c.amount_big IS NOT NULL)';
  const root = 'len(c.path) = 0';
  const inTx = `${inside} AND ${callMoves} AND ${done}`;
  const outside = `c.trace_type IN ('reward', 'genesis', 'daofork') AND ${done}`;
  const rank = `row_number() OVER (PARTITION BY block, tx_index ORDER BY path, file, row)`;
  const rankOutside = `row_number() OVER (PARTITION BY block, trace_type ORDER BY coalesce(reward_type, ''), ordinal)`;
  const from = `(SELECT *, (${rank}) - 1 AS place, (${rankOutside}) - 1 AS order_in_block FROM staged_trace) AS c`;
  return {
    legs: [
      leg(
        plan,
        {
          txIndex: 'c.tx_index',
          leg: `${ROOT_LEG} + c.place`,
          kind: `CASE WHEN ${root} THEN 'transfer' ELSE 'internal' END`,
          asset,
        },
        from,
        inTx,
      ),
      leg(
        plan,
        {
          txIndex: `${REWARD_TX_INDEX} + CASE c.trace_type WHEN 'daofork' THEN 1 WHEN 'genesis' THEN 2 ELSE 0 END`,
          leg: 'c.order_in_block',
          kind: `CASE WHEN c.trace_type = 'daofork' THEN 'internal' ELSE 'mint' END`,
          asset,
          tx: 'NULL',
        },
        from,
        outside,
      ),
    ],
    key: ['block', 'tx_index', 'trace_type', 'trace_address', 'receiver'],
    idle: `NOT (coalesce(${inTx}, false) OR coalesce(${outside}, false))`,
  };
}

/**
 * staged_clean with the call path as a list (root: empty) and whether the call failed, by its own error or that of a call above
 * it. ethereum-etl's status says the latter too; other exports may not.
 */
export const TRACE_VIEW = `CREATE TEMP VIEW staged_trace AS
  WITH traced AS (
    SELECT *, coalesce(string_split(nullif(trim(trace_address, '[] '), ''), ',')::INTEGER[], []::INTEGER[]) AS path,
      (status IS NOT DISTINCT FROM 0 OR error IS NOT NULL) AS own_fault FROM staged_clean),
  fault AS (SELECT DISTINCT block, tx_index, path FROM traced WHERE own_fault)
  SELECT *, own_fault OR EXISTS (SELECT 1 FROM fault AS f WHERE f.block = traced.block AND f.tx_index = traced.tx_index
    AND len(f.path) < len(traced.path) AND traced.path[1:len(f.path)] = f.path) AS failed FROM traced`;
