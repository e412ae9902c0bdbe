import type { DuckDBConnection } from '@duckdb/node-api';
import type { PlaceKey } from '../port.ts';
import { tempTable } from './appender.ts';
import type { DuckdbApi, Engine } from './engine.ts';

/**
 * Fingerprints are 64-bit hashes with the store's secret key in front of the name, in one string: addresses are chosen by
 * attackers, and a key mixed in after the name would leave pairs found offline equal. The lowest bit is set, so none is 0.
 * SQL pieces; `prefix` (key and chain) is a bound parameter such as $1, or a column.
 */
export function ownerPrint(prefix: string, column: string): string {
  return `(hash(${prefix} || ${column}) | 1)`;
}

export function assetPrint(prefix: string, column: string): string {
  return `(hash(${prefix} || ${column}) | 1)`;
}

export function placePrint(owner: string, asset: string): string {
  return `(hash(${owner}, ${asset}) | 1)`;
}

/** What stands before a name of the chain when it is hashed. */
export function chainPrefix(key: string, chain: string): string {
  return `${key}|${chain}|`;
}

/** An outpoint's, from the print of its transaction (without the lowest bit set) and the output's index. */
export function outpointPrint(prefix: string, tx: string, index: string): string {
  return `(hash(hash(${prefix} || ${tx}), ${index}::BIGINT) | 1)`;
}

export function placePrints(engine: Engine, key: string, places: readonly PlaceKey[]): Promise<BigUint64Array> {
  const rows = places.map(({ chain, address, asset }) => [chainPrefix(key, chain), address, asset] as const);
  return printsOf(engine, rows, `${placePrint(ownerPrint('prefix', 'name'), assetPrint('prefix', 'extra'))}`);
}

export function ownerPrints(
  engine: Engine,
  key: string,
  owners: readonly { readonly chain: string; readonly address: string }[],
): Promise<BigUint64Array> {
  const rows = owners.map(({ chain, address }) => [chainPrefix(key, chain), address, ''] as const);
  return printsOf(engine, rows, ownerPrint('prefix', 'name'));
}

export function outpointPrints(
  engine: Engine,
  key: string,
  outpoints: readonly { readonly chain: string; readonly tx: string; readonly index: number }[],
): Promise<BigUint64Array> {
  const rows = outpoints.map(({ chain, tx, index }) => [chainPrefix(key, chain), tx, String(index)] as const);
  return printsOf(engine, rows, outpointPrint('prefix', 'name', 'extra'));
}

/** SQL computes every print, so that one name has one print wherever it is asked for. */
async function printsOf(
  engine: Engine,
  rows: readonly (readonly [prefix: string, name: string, extra: string])[],
  expression: string,
): Promise<BigUint64Array> {
  const prints = new BigUint64Array(rows.length);
  if (rows.length === 0) return prints;
  await engine.read(async (connection) => {
    const numbered = rows.map((row, turn) => [turn, ...row] as const);
    const columns = 'turn INTEGER, prefix VARCHAR, name VARCHAR, extra VARCHAR';
    await tempTable(connection, engine.api, 'wanted', columns, numbered);
    const result = await connection.stream(`SELECT turn, ${expression} FROM wanted`);
    for await (const chunk of result) {
      const turns = chunk.getColumnValues(0);
      chunk.getColumnValues(1).forEach((print, index) => {
        prints[Number(turns[index])] = print as bigint;
      });
    }
  });
  return prints;
}

/** Chains that hold rows of a kind, each with the prefix of its names: what a query by print must go through. */
export async function storedPrefixes(
  connection: DuckDBConnection,
  key: string,
  kind: 'transfer' | 'utxo',
): Promise<readonly { readonly chain: string; readonly prefix: string }[]> {
  const result = await connection.runAndReadAll('SELECT DISTINCT chain FROM run WHERE kind = $1 ORDER BY chain', [
    kind,
  ]);
  return result.getRows().map(([chain]) => ({ chain: String(chain), prefix: chainPrefix(key, String(chain)) }));
}

/** A TEMP table of prints, one column `print`. */
export async function printTable(
  connection: DuckDBConnection,
  api: DuckdbApi,
  name: string,
  prints: BigUint64Array,
): Promise<void> {
  await tempTable(
    connection,
    api,
    name,
    'print UBIGINT',
    Array.from(prints, (print) => [print] as const),
  );
}
