import type { AssetId } from '../../model/asset.ts';
import type { Price, PriceList } from '../../model/price.ts';
import type { StoredPrice, StoredPriceList } from '../port.ts';
import { RowAppender } from './appender.ts';
import type { Engine } from './engine.ts';

export function writePrices(engine: Engine, list: PriceList, prices: readonly Price[]): Promise<{ added: boolean }> {
  return engine.write(async (connection) => {
    const known = await connection.runAndReadAll('SELECT 1 FROM price_list WHERE sha256 = $1', [list.sha256]);
    if (known.currentRowCount > 0) return { added: false };
    const ids = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM price_list');
    const id = Number(ids.getRows()[0]?.[0]);
    const days = prices.map(({ day }) => day).sort();
    const assets = [...new Set(prices.map(({ asset }) => asset))].sort();
    await connection.run('INSERT INTO price_list VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
      id,
      list.source,
      list.fileName,
      list.sha256,
      BigInt(list.importedAt),
      list.empty,
      list.refused,
      prices.length,
      JSON.stringify(assets),
      days[0] ?? null,
      days.at(-1) ?? null,
    ]);
    if (prices.length === 0) return { added: true };
    await connection.run('CREATE OR REPLACE TEMP TABLE fresh_price AS SELECT * FROM price LIMIT 0');
    const appender = await RowAppender.open(connection, engine.api, 'fresh_price');
    for (const { asset, day, usd } of prices) appender.add([id, asset, day, usd]);
    appender.close();
    await connection.run('INSERT INTO price SELECT * FROM fresh_price');
    await connection.run('DROP TABLE fresh_price');
    return { added: true };
  });
}

export async function readPriceLists(engine: Engine): Promise<readonly StoredPriceList[]> {
  const rows = await engine.rows(
    `SELECT id, source, file_name, sha256, imported_at::DOUBLE, empty, refused, prices, assets, first_day, last_day FROM price_list
     ORDER BY id`,
  );
  return rows.map(([id, source, fileName, sha256, importedAt, empty, refused, prices, assets, first, last]) => ({
    id: Number(id),
    source: String(source),
    fileName: String(fileName),
    sha256: String(sha256),
    importedAt: Number(importedAt),
    empty: Number(empty),
    refused: Number(refused),
    prices: Number(prices),
    assets: JSON.parse(String(assets)) as AssetId[],
    firstDay: first as string | null,
    lastDay: last as string | null,
  }));
}

export async function readPrices(
  engine: Engine,
  asset: AssetId,
  fromDay: string,
  untilDay: string,
): Promise<readonly StoredPrice[]> {
  const rows = await engine.rows(
    `SELECT asset, day, usd, list_id, source, sha256, imported_at::DOUBLE FROM price JOIN price_list ON id = list_id
     WHERE asset = $1 AND day >= $2 AND day <= $3 ORDER BY day, list_id`,
    [asset, fromDay, untilDay],
  );
  return rows.map(([of, day, usd, list, source, sha256, importedAt]) => ({
    asset: String(of),
    day: String(day),
    usd: String(usd),
    list: Number(list),
    source: String(source),
    sha256: String(sha256),
    importedAt: Number(importedAt),
  }));
}
