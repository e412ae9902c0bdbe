import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult, DuckDBValue } from '@duckdb/node-api';
import type { ChainId } from '../../model/chain.ts';
import type { UtxoInput, UtxoOutput, UtxoTransaction } from '../../model/transfer.ts';
import type { UtxoOutputRow } from '../port.ts';
import { tempTable } from './appender.ts';
import type { DuckdbApi } from './engine.ts';
import { ownerPrint, printTable, storedPrefixes } from './fingerprint.ts';

export const END_COLUMNS = `e.chain, e.tx, e.time::DOUBLE AS seconds, e.block, e.tx_index, e.side, e.other_tx, e.other_index::DOUBLE AS spent, e.value,
  e.address, e.batch, e.file, e.row::DOUBLE AS line`;
export const END_ORDER = 'e.time, e.chain, e.block, e.tx_index, e.tx, e.batch, e.file, e.row, e.side, e.position';
const CHUNK_TRANSACTIONS = 2048;

/** Whole transactions by print of (chain, tx), in order of (time, chain, block, txIndex, tx). */
export async function* readUtxoTransactions(
  connection: DuckDBConnection,
  api: DuckdbApi,
  key: string,
  txs: BigUint64Array,
): AsyncGenerator<readonly UtxoTransaction[]> {
  const chains = await storedPrefixes(connection, key, 'utxo');
  if (txs.length === 0 || chains.length === 0) return;
  await printTable(connection, api, 'wanted', txs);
  const parts = chains.map(
    (_, index) =>
      `SELECT * FROM utxo_end WHERE chain = $${2 * index + 1} AND ${ownerPrint(`$${2 * index + 2}`, 'tx')} IN (SELECT print FROM wanted)`,
  );
  const result = await connection.stream(
    `SELECT ${END_COLUMNS} FROM (${parts.join(' UNION ALL ')}) AS e ORDER BY ${END_ORDER}`,
    chains.flatMap(({ chain, prefix }) => [chain, prefix]),
  );
  yield* wholeTransactions(result);
}

/** Those of these transactions that are stored, in order. */
export async function readUtxoById(
  connection: DuckDBConnection,
  api: DuckdbApi,
  chain: ChainId,
  txs: readonly string[],
): Promise<UtxoTransaction[]> {
  if (txs.length === 0) return [];
  const wanted = Array.from(new Set(txs), (tx) => [tx] as const);
  await tempTable(connection, api, 'wanted_utxo', 'tx VARCHAR', wanted);
  const result = await connection.stream(
    `SELECT ${END_COLUMNS} FROM utxo_end AS e WHERE e.chain = $1 AND e.tx IN (SELECT tx FROM wanted_utxo) ORDER BY ${END_ORDER}`,
    [chain],
  );
  const found: UtxoTransaction[] = [];
  for await (const transactions of wholeTransactions(result)) found.push(...transactions);
  await connection.run('DROP TABLE wanted_utxo');
  return found;
}

/** Rows that come in order, put together. */
async function* wholeTransactions(result: DuckDBResult): AsyncGenerator<readonly UtxoTransaction[]> {
  const builder = new TransactionBuilder();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    addChunk(builder, chunk);
    if (builder.done.length >= CHUNK_TRANSACTIONS) yield builder.take();
  }
  builder.finish();
  if (builder.done.length > 0) yield builder.take();
}

/** The transactions of chunks that come in order. */
export function transactionsOf(chunks: readonly DuckDBDataChunk[]): readonly UtxoTransaction[] {
  const builder = new TransactionBuilder();
  for (const chunk of chunks) addChunk(builder, chunk);
  builder.finish();
  return builder.take();
}

function addChunk(builder: TransactionBuilder, chunk: DuckDBDataChunk): void {
  const columns = Array.from({ length: chunk.columnCount }, (_, index) => chunk.getColumnValues(index));
  for (let row = 0; row < chunk.rowCount; row += 1) builder.add(columns, row);
}

interface OpenTransaction extends UtxoTransaction {
  readonly inputs: UtxoInput[];
  readonly outputs: UtxoOutput[];
}

/** Puts ends that come in order together into transactions. */
class TransactionBuilder {
  done: UtxoTransaction[] = [];
  private open: OpenTransaction | null = null;

  add(columns: readonly DuckDBValue[][], row: number): void {
    const at = (column: number): DuckDBValue => columns[column]![row]!;
    const source = { batch: at(10) as number, file: at(11) as number, row: at(12) as number };
    if (!this.continues(at(1) as string, at(3) as bigint | null, source)) this.begin(at, source);
    const end = { value: at(8) as bigint, address: at(9) as string };
    if (at(5) === 1) this.open!.outputs.push(end);
    else this.open!.inputs.push({ ...end, outpoint: outpoint(at(6) as string | null, at(7) as number) });
  }

  /** The block counts too: coinbases before BIP 30 share ids. */
  private continues(tx: string, block: bigint | null, source: UtxoTransaction['source']): boolean {
    const open = this.open;
    if (open === null || open.tx !== tx || open.block !== block) return false;
    return open.source.batch === source.batch && open.source.file === source.file && open.source.row === source.row;
  }

  private begin(at: (column: number) => DuckDBValue, source: UtxoTransaction['source']): void {
    this.finish();
    this.open = {
      chain: at(0) as string,
      tx: at(1) as string,
      time: at(2) as number,
      block: at(3) as bigint | null,
      txIndex: at(4) as number,
      inputs: [],
      outputs: [],
      source,
    };
  }

  finish(): void {
    if (this.open !== null) this.done.push(this.open);
    this.open = null;
  }

  take(): readonly UtxoTransaction[] {
    const taken = this.done;
    this.done = [];
    return taken;
  }
}

function outpoint(tx: string | null, index: number): UtxoInput['outpoint'] {
  return tx === null ? null : { tx, index };
}

export async function readOutputsOf(
  connection: DuckDBConnection,
  chain: ChainId,
  address: string,
  tx: string | null,
): Promise<readonly UtxoOutputRow[]> {
  const result = await connection.runAndReadAll(
    `SELECT tx, position, value, time::DOUBLE FROM utxo_end
     WHERE side = 1 AND chain = $1 AND address = $2 AND ($3::VARCHAR IS NULL OR tx = $3)
     ORDER BY time, block, tx_index, tx, position`,
    [chain, address, tx],
  );
  return result.getRows().map(([id, index, value, time]) => ({
    tx: String(id),
    index: Number(index),
    value: value as bigint,
    time: Number(time),
  }));
}
