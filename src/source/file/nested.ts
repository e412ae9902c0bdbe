import type { DuckDBConnection } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import { parseAmount } from '../../base/money.ts';
import { parseAddress } from '../../model/address.ts';
import type { Chain } from '../../model/chain.ts';
import type { RowSource, UtxoInput, UtxoOutput, UtxoTransaction } from '../../model/transfer.ts';
import { checkSums, scriptAddress } from './dumplings.ts';
import type { Refusal } from './judge.ts';
import type { Plan } from './layout.ts';
import { plainField } from './plain.ts';
import { requireColumns, resolveColumns, type Table } from './table.ts';

/** One row as DuckDB hands it over: hash, block, time, index, coinbase, inputs, outputs. */
export type NestedRow = readonly unknown[];
type Struct = Readonly<Record<string, unknown>>;

/**
 * AWS public blockchain, btc/transactions: nested inputs and outputs with values in BTC as DOUBLE
 * (https://github.com/aws-solutions-library-samples/guidance-for-digital-assets-on-aws, analytics/consumer/schema/btc.md).
 * The shortest decimal text of each double is the amount on the chain: 2.1e15 satoshi are less than 2^53.
 */
export async function* nestedRows(
  connection: DuckDBConnection,
  table: Table,
  plan: Plan,
  latest: number,
): AsyncIterable<readonly NestedRow[]> {
  requireColumns(table, plan.fields, plan.name);
  const outputs = table.columns.find((column) => column.name.toLowerCase() === 'outputs');
  if (outputs === undefined) {
    throw new HaetaeError('E_COLUMN_MISSING', `${plan.name} needs a column outputs`, {
      context: {
        file: table.digest.path,
        column: 'outputs',
        found: table.columns
          .map(({ name }) => name)
          .join(',')
          .slice(0, 400),
      },
      remedy: 'choose the preset that fits the file',
    });
  }
  const named = (name: string): string =>
    table.columns.find((column) => column.name.toLowerCase() === name)?.sql ?? 'NULL';
  const found = resolveColumns(table, plan.fields);
  const fields = new Map(
    plan.fields.map((field, i) => [field.name, plainField(field, found[i] ?? null, plan, latest)]),
  );
  const { value: time } = fields.get('time')!;
  const sql = `SELECT ${fields.get('tx')!.raw}, ${fields.get('block')!.value}, ${time}, ${fields.get('txIndex')!.value},
    ${named('is_coinbase')}, ${named('inputs')}, ${outputs.sql} FROM ${table.from}`;
  const result = await connection.stream(sql);
  for await (const rows of result.yieldRowsJs()) yield rows;
}

export function parseNested(
  row: NestedRow,
  chain: Chain,
  latest: number,
  source: RowSource,
): UtxoTransaction | Refusal {
  const [hash, block, seconds, index, coinbase, rawInputs, rawOutputs] = row;
  const tx = String(hash ?? '').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(tx)) return { reason: 'bad-hash', field: 'hash', value: tx };
  const txIndex = Number(index ?? -1);
  if (!(txIndex >= 0 && txIndex < 2 ** 31)) return { reason: 'not-an-index', field: 'index', value: String(index) };
  if (seconds === null || block === null) return { reason: 'missing-field', field: 'block_timestamp', value: tx };
  const time = Number(seconds);
  if (time < chain.genesis) return { reason: 'before-genesis', field: 'block_timestamp', value: String(time) };
  if (time > latest) return { reason: 'in-the-future', field: 'block_timestamp', value: String(time) };
  const inputs: UtxoInput[] = [];
  for (const entry of inOrder(rawInputs)) {
    const input = parseInput(entry, chain);
    if ('reason' in input) return input;
    inputs.push(input);
  }
  const outputs: UtxoOutput[] = [];
  for (const entry of inOrder(rawOutputs)) {
    const output = parseEnd(entry, chain, 'outputs');
    if ('reason' in output) return output;
    outputs.push(output);
  }
  if (outputs.length === 0) return { reason: 'missing-field', field: 'outputs', value: tx };
  if (coinbase === true) inputs.length = 0;
  const made = { chain: chain.id, tx, time, block: block as bigint, txIndex, inputs, outputs, source };
  return checkSums(made) ?? made;
}

/** Entries by their own index; a list without one is in order. */
function inOrder(list: unknown): Struct[] {
  const entries = Array.isArray(list) ? (list as Struct[]) : [];
  return [...entries].sort((a, b) => Number(a.index ?? 0) - Number(b.index ?? 0));
}

function parseInput(entry: Struct, chain: Chain): UtxoInput | Refusal {
  const end = parseEnd(entry, chain, 'inputs');
  if ('reason' in end) return end;
  const spent = String(entry.spent_transaction_hash ?? '').toLowerCase();
  if (spent === '' || /^0+$/.test(spent)) return { outpoint: null, ...end };
  if (!/^[0-9a-f]{64}$/.test(spent)) return { reason: 'bad-hash', field: 'inputs', value: spent };
  const index = Number(entry.spent_output_index ?? -1);
  if (!(index >= 0)) return { reason: 'not-an-index', field: 'inputs', value: String(entry.spent_output_index) };
  return { outpoint: { tx: spent, index }, ...end };
}

function parseEnd(entry: Struct, chain: Chain, field: string): UtxoOutput | Refusal {
  const text = String(entry.value ?? '');
  const value = parseAmount(text, chain.native.decimals);
  if (typeof value !== 'bigint') return { reason: value, field, value: text };
  const address = addressOf(entry, chain);
  return address === null
    ? { reason: 'address-characters', field, value: String(entry.address ?? entry.script_hex ?? '') }
    : { value, address };
}

/**
 * The script decides where it is an output's (of an input it is the unlocking script); else the address that the source worked
 * out. bitcoin-etl writes `nonstandard…` where a script has none.
 */
function addressOf(entry: Struct, chain: Chain): string | null {
  const script = typeof entry.script_hex === 'string' ? entry.script_hex : '';
  const isOutput = !('spent_transaction_hash' in entry);
  if (isOutput && script !== '') return scriptAddress(script, chain);
  // bitcoin-etl itself writes a list, which holds more than one address only for bare multisig.
  const listed = Array.isArray(entry.addresses) && entry.addresses.length === 1 ? entry.addresses[0] : '';
  const given = typeof entry.address === 'string' ? entry.address : String(listed);
  if (given === '' || given.startsWith('nonstandard')) return 'script:';
  const parsed = parseAddress(chain, given);
  return parsed.ok ? parsed.address : null;
}
