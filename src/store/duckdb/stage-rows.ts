import { createHash } from 'node:crypto';
import type { DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import { HaetaeError } from '../../base/errors.ts';
import { MAX_AMOUNT } from '../../base/money.ts';
import type { Progress } from '../../base/progress.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { FeedChunk, TransferFeed } from '../port.ts';
import { RowAppender } from './appender.ts';
import type { DuckdbApi } from './engine.ts';
import { STAGED_BLOCK, STAGED_BLOCK_COLUMNS, STAGED_TRANSFER, STAGED_TRANSFER_COLUMNS } from './staging.ts';

const AMOUNT_LIMIT = 2n ** 128n;
const VALUE_LIMIT = 2n ** 64n;
const INDEX_LIMIT = 2 ** 31;

/** Staged UTXO transactions; `number` ties a transaction to its ends. */
export const STAGED_UTXO_TX = 'staged_utxo_tx';
export const STAGED_UTXO_END = 'staged_utxo_end';

/** Stages a feed's rows through JavaScript: for sources that cannot stage inside DuckDB. */
export async function stageRows(
  connection: DuckDBConnection,
  api: DuckdbApi,
  feed: TransferFeed,
  progress: Progress,
): Promise<void> {
  const appenders = await openAppenders(connection, api);
  let staged = 0;
  for await (const chunk of feed.rows()) {
    stageChunk(appenders, chunk);
    staged += chunk.transfers.length + chunk.utxo.length;
    progress.report('staging', staged, 0);
  }
  appenders.transfer.close();
  appenders.block.close();
  appenders.utxo.tx.close();
  appenders.utxo.end.close();
}

interface Appenders {
  readonly transfer: RowAppender;
  readonly block: RowAppender;
  readonly utxo: UtxoAppenders;
}

async function openAppenders(connection: DuckDBConnection, api: DuckdbApi): Promise<Appenders> {
  await connection.run(`CREATE TEMP TABLE ${STAGED_BLOCK} (${declared(STAGED_BLOCK_COLUMNS)})`);
  return {
    transfer: await openTransfers(connection, api),
    block: await RowAppender.open(connection, api, STAGED_BLOCK),
    utxo: await openUtxo(connection, api),
  };
}

function declared(columns: readonly (readonly [string, string])[]): string {
  return columns.map(([name, type]) => `${name} ${type}`).join(', ');
}

async function openTransfers(connection: DuckDBConnection, api: DuckdbApi): Promise<RowAppender> {
  await connection.run(`CREATE TEMP TABLE ${STAGED_TRANSFER} (${declared(STAGED_TRANSFER_COLUMNS)})`);
  return RowAppender.open(connection, api, STAGED_TRANSFER);
}

interface UtxoAppenders {
  readonly tx: RowAppender;
  readonly end: RowAppender;
  /** Number of the next UTXO transaction. */
  next: number;
}

async function openUtxo(connection: DuckDBConnection, api: DuckdbApi): Promise<UtxoAppenders> {
  await connection.run(
    `CREATE TEMP TABLE ${STAGED_UTXO_TX} (
      number INTEGER, chain VARCHAR, tx VARCHAR, time BIGINT, block BIGINT, tx_index INTEGER, coinbase BOOLEAN, content VARCHAR,
      file INTEGER, row BIGINT)`,
  );
  await connection.run(
    `CREATE TEMP TABLE ${STAGED_UTXO_END} (
      number INTEGER, chain VARCHAR, time BIGINT, block BIGINT, tx_index INTEGER, tx VARCHAR, side UTINYINT, position INTEGER,
      other_tx VARCHAR, other_index BIGINT, value UBIGINT, address VARCHAR, file INTEGER, row BIGINT)`,
  );
  return {
    tx: await RowAppender.open(connection, api, STAGED_UTXO_TX),
    end: await RowAppender.open(connection, api, STAGED_UTXO_END),
    next: 0,
  };
}

/** Stages movements that the caller holds. */
export async function stageTransfers(
  connection: DuckDBConnection,
  api: DuckdbApi,
  rows: readonly Transfer[],
): Promise<void> {
  const appender = await openTransfers(connection, api);
  for (const row of rows) stageTransfer(appender, row);
  appender.close();
}

/** Stages UTXO transactions that the caller holds. */
export async function stageUtxo(
  connection: DuckDBConnection,
  api: DuckdbApi,
  rows: readonly UtxoTransaction[],
): Promise<void> {
  const appenders = await openUtxo(connection, api);
  for (const tx of rows) stageTransaction(appenders, tx);
  appenders.tx.close();
  appenders.end.close();
}

function stageChunk(appenders: Appenders, chunk: FeedChunk): void {
  for (const row of chunk.transfers) stageTransfer(appenders.transfer, row);
  for (const { chain, block, time } of chunk.blocks) appenders.block.add([chain, block, BigInt(time)]);
  for (const tx of chunk.utxo) stageTransaction(appenders.utxo, tx);
}

function stageTransfer(appender: RowAppender, row: Transfer): void {
  assert(row.amount >= 0n && row.amount <= MAX_AMOUNT, 'an amount is 0 to 2^256 - 1');
  assert(row.leg >= 0 && row.leg < INDEX_LIMIT, 'a leg is 0 to 2^31 - 1');
  const big = row.amount >= AMOUNT_LIMIT;
  appender.add([
    row.chain,
    BigInt(row.time),
    row.block,
    row.txIndex,
    row.leg,
    row.tx,
    row.kind,
    row.from,
    row.to,
    row.asset,
    big ? null : row.amount,
    big ? row.amount.toString() : null,
    row.rounded,
    row.source.file,
    BigInt(row.source.row),
  ]);
}

function stageTransaction(appenders: UtxoAppenders, tx: UtxoTransaction): void {
  const number = appenders.next;
  appenders.next += 1;
  const key = [tx.chain, BigInt(tx.time), tx.block, tx.txIndex, tx.tx] as const;
  const place = [tx.source.file, BigInt(tx.source.row)] as const;
  const coinbase = tx.inputs.length > 0 && tx.inputs.every((input) => input.outpoint === null);
  const [chain, time, block, txIndex, id] = key;
  appenders.tx.add([number, chain, id, time, block, txIndex, coinbase, contentDigest(tx), ...place]);
  tx.inputs.forEach((input, position) => {
    const outpoint = input.outpoint === null ? [null, null] : [input.outpoint.tx, BigInt(input.outpoint.index)];
    appenders.end.add([number, ...key, 0, position, ...outpoint, value(input.value, tx), input.address, ...place]);
  });
  tx.outputs.forEach((output, position) => {
    appenders.end.add([number, ...key, 1, position, null, null, value(output.value, tx), output.address, ...place]);
  });
}

function value(units: bigint, tx: UtxoTransaction): bigint {
  if (units >= 0n && units < VALUE_LIMIT) return units;
  throw new HaetaeError('E_AMOUNT', 'an input or output of a UTXO transaction is not 0 to 2^64 - 1', {
    context: { tx: tx.tx, value: units.toString().slice(0, 90), file: tx.source.file, row: tx.source.row },
    remedy: 'check the unit of the column: values are whole base units',
  });
}

/** What two sources must agree on when they give one transaction twice: its inputs and outputs. */
export function contentDigest(tx: UtxoTransaction): string {
  const inputs = tx.inputs.map(({ outpoint, value: units, address }) => [
    outpoint === null ? null : `${outpoint.tx}:${outpoint.index}`,
    units.toString(),
    address,
  ]);
  const outputs = tx.outputs.map(({ value: units, address }) => [units.toString(), address]);
  return createHash('sha256')
    .update(JSON.stringify([inputs, outputs]))
    .digest('hex')
    .slice(0, 32);
}
