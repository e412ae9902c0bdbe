import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoreTotals } from '../port.ts';

/** `schema` is one of our own names: main, or that of an attached copy. */
export async function readTotals(connection: DuckDBConnection, schema = 'main'): Promise<StoreTotals> {
  const count = (table: string, where = ''): string => `(SELECT count(*) FROM ${schema}.${table}${where})::DOUBLE`;
  const result = await connection.runAndReadAll(
    `SELECT ${count('transfer')}, ${count('utxo_tx')}, ${count('utxo_end', ' WHERE side = 0')}, ${count('utxo_end', ' WHERE side = 1')},
       ${count('label_entry')}, ${count('kept_case')}`,
  );
  const [transfers, utxoTransactions, utxoInputs, utxoOutputs, labels, cases] = result.getRows()[0]!.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { transfers, utxoTransactions, utxoInputs, utxoOutputs, labels, cases };
}
