import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Asset } from '../../model/asset.ts';
import type { OrderRule } from '../../model/transfer.ts';
import { mergeAsset } from '../asset.ts';
import type { Batch, ImportCounts } from '../port.ts';

const COLUMNS = `id, content_id, preset, chain, files, order_rule, duplicate_rule, complete, imported_at::DOUBLE, counts,
  first_time::DOUBLE, last_time::DOUBLE`;

/** In order of id. */
export async function readBatches(connection: DuckDBConnection): Promise<readonly Batch[]> {
  return (await connection.runAndReadAll(`SELECT ${COLUMNS} FROM batch ORDER BY id`)).getRows().map(batchOf);
}

export async function readBatch(connection: DuckDBConnection, contentId: string): Promise<Batch | null> {
  return (await readBatches(connection)).find((batch) => batch.contentId === contentId) ?? null;
}

export async function writeBatch(connection: DuckDBConnection, batch: Batch): Promise<void> {
  const { rowsRead, rowsKept, refused, duplicates, alreadyStored, rounded, zeroValue } = batch;
  const counts: ImportCounts = { rowsRead, rowsKept, refused, duplicates, alreadyStored, rounded, zeroValue };
  await connection.run('INSERT INTO batch VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)', [
    batch.id,
    batch.contentId,
    batch.preset,
    batch.chain,
    JSON.stringify(batch.files),
    batch.orderRule,
    batch.duplicateRule,
    batch.complete,
    BigInt(batch.importedAt),
    JSON.stringify(counts),
    batch.firstTime === null ? null : BigInt(batch.firstTime),
    batch.lastTime === null ? null : BigInt(batch.lastTime),
  ]);
}

/** For a live batch, which is written anew as it changes. */
export async function removeBatch(connection: DuckDBConnection, id: number): Promise<void> {
  await connection.run('DELETE FROM batch WHERE id = $1', [id]);
}

function batchOf(row: readonly DuckDBValue[]): Batch {
  const [id, contentId, preset, chain, files, orderRule, duplicateRule, complete, importedAt, counts, first, last] =
    row;
  return {
    id: Number(id),
    contentId: String(contentId),
    preset: String(preset),
    chain: String(chain),
    files: JSON.parse(String(files)) as Batch['files'],
    orderRule: orderRule as OrderRule,
    duplicateRule: duplicateRule as Batch['duplicateRule'],
    complete: complete === true,
    importedAt: Number(importedAt),
    ...(JSON.parse(String(counts)) as ImportCounts),
    firstTime: first === null ? null : Number(first),
    lastTime: last === null ? null : Number(last),
  };
}

/** In order of id. */
export async function readAssets(connection: DuckDBConnection): Promise<readonly Asset[]> {
  const result = await connection.runAndReadAll('SELECT id, chain, symbol, decimals FROM asset ORDER BY id');
  return result.getRows().map(assetOf);
}

/** The first decimals a source gave win; a source that contradicts them is refused (E_ASSET). */
export async function writeAssets(connection: DuckDBConnection, assets: readonly Asset[]): Promise<void> {
  const known = new Map((await readAssets(connection)).map((asset) => [asset.id, asset]));
  for (const asset of assets) {
    const merged = mergeAsset(known.get(asset.id), asset);
    if (merged === known.get(asset.id)) continue;
    await connection.run('DELETE FROM asset WHERE id = $1', [asset.id]);
    await connection.run('INSERT INTO asset VALUES ($1, $2, $3, $4)', [
      merged.id,
      merged.chain,
      merged.symbol,
      merged.decimals,
    ]);
    known.set(merged.id, merged);
  }
}

function assetOf(row: readonly DuckDBValue[]): Asset {
  const [id, chain, symbol, decimals] = row;
  return {
    id: String(id),
    chain: String(chain),
    symbol: String(symbol),
    decimals: decimals === null || decimals === undefined ? null : Number(decimals),
  };
}
