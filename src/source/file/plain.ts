import { nativeAsset } from '../../model/asset.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import { TRANSFER_KINDS } from '../../model/transfer.ts';
import type { Field, FieldName, FieldType, Plan } from './layout.ts';
import { literal } from './quote.ts';
import type { Column } from './table.ts';

/**
 * How SQL reads a field. `plain` holds only for texts that SQL reads exactly as base/ and model/ would; a row with any other
 * text is judged by those in JavaScript (judge.ts), so there is one parser for each thing and this is its fast lane.
 */
export interface PlainField {
  /** The text as a person would read it, for judging and for the list of refusals. */
  readonly raw: string;
  readonly value: string;
  readonly plain: string;
  /** For amounts: SQL condition that a plain one is 0, where that costs less than its value. */
  readonly zero?: string;
  /** For amounts: SQL condition that the source rounded it. */
  readonly rounded?: string;
}

export const STAGED_TYPES: Readonly<Record<FieldType, string>> = {
  time: 'BIGINT',
  int: 'BIGINT',
  amount: 'UHUGEINT',
  address: 'VARCHAR',
  asset: 'VARCHAR',
  chain: 'VARCHAR',
  hash: 'VARCHAR',
  kind: 'VARCHAR',
  path: 'VARCHAR',
  text: 'VARCHAR',
};

/** Largest index that still leaves room for the offset of logs below 2^31. */
export const MAX_INDEX = 2_000_000_000;
export const MAX_BLOCK = 2 ** 53;
/** Every whole number up to here is a double of its own. */
const EXACT_DOUBLE = 2 ** 53;
const WHOLE_TYPES = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,0\))$/;

/** What must hold between the fields of a row for SQL to take it; what does not is judged by `Judge.whole`. */
export function plainRow(plan: Plan, read: ReadonlyMap<FieldName, PlainField>): string | null {
  const value = (name: FieldName): string => read.get(name)?.value ?? 'NULL';
  if (plan.shape === 'transaction') {
    const nobody = `${value('to')} IS NULL AND ${value('contract')} IS NULL`;
    return `CASE WHEN ${nobody} THEN ${value('amount')} IS NOT DISTINCT FROM 0 ELSE true END`;
  }
  if (plan.shape === 'trace') {
    return `(${value('txIndex')} IS NOT NULL OR ${value('traceType')} IN ('reward', 'genesis', 'daofork'))`;
  }
  return null;
}

export function plainField(field: Field, column: Column | null, plan: Plan, latest: number): PlainField {
  if (column === null) {
    return {
      raw: 'NULL::VARCHAR',
      value: `NULL::${STAGED_TYPES[field.type]}`,
      plain: field.nullable ? 'true' : 'false',
    };
  }
  const read = READERS[field.type](column, plan, latest, field);
  const text = column.type === 'VARCHAR';
  const empty = text ? `${column.sql} = '' OR ${column.sql} IS NULL` : `${column.sql} IS NULL`;
  return field.nullable ? { ...read, plain: `(${empty} OR ${read.plain})` } : read;
}

type Reader = (column: Column, plan: Plan, latest: number, field: Field) => PlainField;

const READERS: Readonly<Record<FieldType, Reader>> = {
  time: readTime,
  int: readInt,
  amount: readAmount,
  address: (column, plan) => {
    const chain = requireChain(plan.chain);
    const x = asText(column);
    const plain = chain.addressFormat === 'evm' ? `regexp_full_match(${x}, '0x[0-9a-f]{40}')` : 'false';
    return { raw: x, value: `nullif(${x}, '')`, plain };
  },
  asset: readAsset,
  chain: (column, plan) => ({
    raw: asText(column),
    value: asText(column),
    plain: `${asText(column)} = ${literal(plan.chain)}`,
  }),
  hash: (column, plan) => {
    const x = asText(column);
    const evm = requireChain(plan.chain).addressFormat === 'evm';
    return { raw: x, value: `nullif(${x}, '')`, plain: evm ? `regexp_full_match(${x}, '0x[0-9a-f]{64}')` : 'false' };
  },
  kind: (column) => {
    const x = asText(column);
    return { raw: x, value: x, plain: `${x} IN (${TRANSFER_KINDS.map(literal).join(', ')})` };
  },
  path: (column) => {
    const x = asText(column);
    return { raw: x, value: `nullif(${x}, '')`, plain: `regexp_full_match(${x}, '[0-9]{1,6}(,[0-9]{1,6})*')` };
  },
  text: (column) => ({ raw: asText(column), value: `nullif(${asText(column)}, '')`, plain: 'true' }),
};

function asText(column: Column): string {
  if (column.type === 'VARCHAR') return column.sql;
  // A list such as [0, 1] reads as 0,1 the way ethereum-etl writes trace addresses.
  if (column.type.endsWith('[]')) return `array_to_string(${column.sql}, ',')`;
  return `(${column.sql})::VARCHAR`;
}

const TIME_ENDS = ['', 'Z', ' UTC', '+00:00', '.000', '.000Z', '.000 UTC', '.000000', '.000000Z', '.000000 UTC'];

function readTime(column: Column, plan: Plan, latest: number): PlainField {
  const inside = (value: string): string => `${value} BETWEEN ${requireChain(plan.chain).genesis} AND ${latest}`;
  if (/^(TIMESTAMP|DATE)/.test(column.type)) {
    const zoned = column.type.includes('ZONE') || column.type === 'TIMESTAMPTZ';
    const micros = zoned ? `epoch_us(${column.sql})` : `epoch_us((${column.sql})::TIMESTAMP)`;
    const value = `(${micros} // 1000000)`;
    return { raw: `make_timestamp(${micros})::VARCHAR`, value, plain: inside(value) };
  }
  if (WHOLE_TYPES.test(column.type)) {
    const value = plan.time === 'unix-ms' ? `((${column.sql})::BIGINT // 1000)` : `(${column.sql})::BIGINT`;
    return { raw: asText(column), value, plain: inside(value) };
  }
  const x = asText(column);
  const whole = `try_cast(${x} AS BIGINT)`;
  if (plan.time === 'unix-ms') {
    return {
      raw: x,
      value: `(${whole} // 1000)`,
      plain: `(${whole}::VARCHAR = ${x} AND ${inside(`(${whole} // 1000)`)})`,
    };
  }
  const stamp = `try_cast(${x}[:19] AS TIMESTAMP)`;
  const written = `(strlen(${x}) >= 19 AND ${stamp}::VARCHAR = replace(${x}[:19], 'T', ' ') AND ${x}[20:] IN (${TIME_ENDS.map(literal).join(', ')}))`;
  const value = `CASE WHEN strlen(${x}) < 12 THEN ${whole} ELSE epoch_us(${stamp}) // 1000000 END`;
  const shaped = `CASE WHEN strlen(${x}) < 12 THEN strlen(${x}) > 8 AND ${whole}::VARCHAR = ${x} ELSE ${written} END`;
  return { raw: x, value, plain: `(${shaped} AND ${inside(`(${value})`)})` };
}

function readInt(column: Column, _plan: Plan, _latest: number, field: Field): PlainField {
  const most = field.name === 'leg' || field.name === 'txIndex' ? MAX_INDEX : MAX_BLOCK;
  if (WHOLE_TYPES.test(column.type)) {
    const value = `try_cast(${column.sql} AS BIGINT)`;
    return { raw: asText(column), value, plain: `${value} BETWEEN 0 AND ${most}` };
  }
  const x = asText(column);
  const value = `try_cast(${x} AS BIGINT)`;
  return { raw: x, value, plain: `(${value}::VARCHAR = ${x} AND ${value} BETWEEN 0 AND ${most})` };
}

function readAmount(column: Column, plan: Plan): PlainField {
  const decimals = plan.unit === 'base' ? 0 : plan.amountDecimals;
  if (decimals === null) return { raw: amountText(column), value: 'NULL::UHUGEINT', plain: 'false' };
  if (column.type === 'DOUBLE' || column.type === 'FLOAT') return readDouble(column, decimals);
  if (decimals === 0 && WHOLE_TYPES.test(column.type)) {
    return {
      raw: asText(column),
      value: `try_cast(${column.sql} AS UHUGEINT)`,
      plain: `try_cast(${column.sql} AS UHUGEINT) IS NOT NULL`,
    };
  }
  return decimalText(asText(column), decimals);
}

/** Whole digits, or digits with a point and no more behind it than the asset has; together at most 38, so below 2^128. */
export function decimalText(x: string, decimals: number): PlainField {
  const whole = 38 - decimals;
  if (whole < 1) return { raw: x, value: 'NULL::UHUGEINT', plain: 'false' };
  if (decimals === 0) {
    const value = `try_cast(${x} AS UHUGEINT)`;
    const zero = `CASE WHEN starts_with(${x}, '0') THEN ${value} = 0 ELSE false END`;
    return { raw: x, value, plain: `regexp_full_match(${x}, '[0-9]{1,38}')`, zero };
  }
  const behind = `(CASE WHEN contains(${x}, '.') THEN strlen(${x}) - strpos(${x}, '.') ELSE 0 END)`;
  const plain = `regexp_full_match(${x}, '[0-9]{1,${whole}}(\\.[0-9]{1,${decimals}})?')`;
  const digits = `replace(${x}, '.', '') || repeat('0', ${decimals} - ${behind})`;
  return { raw: x, value: `CASE WHEN ${plain} THEN try_cast(${digits} AS UHUGEINT) END`, plain };
}

/**
 * A double up to 2^53 is the number itself. Above, the shortest decimal text that reads back as the same double is taken, for
 * that is what the source held before it was rounded more often than any other number that it may stand for.
 */
function readDouble(column: Column, decimals: number): PlainField {
  const x = `(${column.sql})::DOUBLE`;
  const t = `(${x})::VARCHAR`;
  if (decimals !== 0) return { raw: t, value: 'NULL::UHUGEINT', plain: 'false' };
  const exact = `(${x} BETWEEN 0 AND ${EXACT_DOUBLE} AND ${x} = floor(${x}))`;
  const large = `(${x} >= 1e17 AND ${x} < 1e38)`;
  const mantissa = `replace(split_part(${t}, 'e+', 1), '.', '')`;
  const shifted = `${mantissa} || repeat('0', try_cast(split_part(${t}, 'e+', 2) AS INTEGER) + 1 - strlen(${mantissa}))`;
  return {
    raw: t,
    value: `CASE WHEN ${exact} THEN ${x}::UHUGEINT WHEN ${large} THEN try_cast(${shifted} AS UHUGEINT) END`,
    plain: `(${exact} OR ${large})`,
    rounded: `${x} > ${EXACT_DOUBLE}`,
  };
}

function amountText(column: Column): string {
  return column.type === 'FLOAT' ? `(${column.sql})::DOUBLE::VARCHAR` : asText(column);
}

function readAsset(column: Column, plan: Plan): PlainField {
  const chain: Chain = requireChain(plan.chain);
  const x = asText(column);
  if (chain.addressFormat !== 'evm') return { raw: x, value: 'NULL::VARCHAR', plain: 'false' };
  const prefix = `${chain.id}/erc20:`;
  const contract = `regexp_full_match(${x}, '0x[0-9a-f]{40}')`;
  // eip155:N has nothing that a regular expression would read as more than itself.
  const token = `regexp_full_match(${x}, '${prefix}0x[0-9a-f]{40}')`;
  const native = `${x} = ${literal(nativeAsset(chain.id).id)}`;
  const value = `CASE WHEN ${contract} THEN ${literal(prefix)} || ${x} ELSE nullif(${x}, '') END`;
  return { raw: x, value, plain: `(${contract} OR ${native} OR ${token})` };
}
