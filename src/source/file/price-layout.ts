import { HaetaeError } from '../../base/errors.ts';
import type { AssetId } from '../../model/asset.ts';
import { requirePricedAsset } from '../../model/price.ts';

/** Names of columns, for a file of another form. */
export interface PriceMap {
  readonly day: string;
  readonly usd: string;
  readonly asset?: string;
}

/** A column of prices and the asset they are of, or the column that names it. */
export interface PriceCell {
  readonly column: number;
  readonly asset: AssetId | { readonly column: number };
}

export interface PriceLayout {
  readonly headerRows: number;
  readonly day: number;
  readonly prices: readonly PriceCell[];
}

export interface LayoutOptions {
  readonly fileName: string;
  readonly asset: string | undefined;
  readonly map: PriceMap | undefined;
}

const DAY_NAMES = ['date', 'day', 'timestamp'];

/** Reads the header. Throws E_PRICES, E_COLUMN_MISSING, E_ASSET. */
export function priceLayoutOf(rows: readonly (readonly string[])[], options: LayoutOptions): PriceLayout {
  const header = (rows[0] ?? []).map(fold);
  if (options.map !== undefined) return mapped(header, options.map, options);
  if (['asset', 'day', 'usd'].every((name) => header.includes(name)))
    return mapped(header, { asset: 'asset', day: 'day', usd: 'usd' }, options);
  const starts = rows.slice(0, 3).map(([first = '']) => fold(first));
  if (starts.join() === 'price,ticker,date') return tickers(header, rows[1]!, options);
  const day = DAY_NAMES.map((name) => header.indexOf(name)).find((column) => column >= 0);
  const close = header.indexOf('close');
  if (day === undefined || close < 0) throw unknownLayout(options.fileName);
  return { headerRows: 1, day, prices: [{ column: close, asset: assetOf(options) }] };
}

function mapped(header: readonly string[], map: PriceMap, options: LayoutOptions): PriceLayout {
  const column = (name: string): number => {
    const at = header.indexOf(fold(name));
    if (at >= 0) return at;
    throw new HaetaeError('E_COLUMN_MISSING', `the file has no column ${name}`, {
      context: { file: options.fileName, columns: header.join(',').slice(0, 200) },
      remedy: 'name columns of the first line in --map',
    });
  };
  if (map.asset !== undefined && options.asset !== undefined) throw namesItself(options.fileName);
  const asset = map.asset === undefined ? assetOf(options) : { column: column(map.asset) };
  return { headerRows: 1, day: column(map.day), prices: [{ column: column(map.usd), asset }] };
}

/** Lines Price, Ticker, Date: a column Close for each ticker. */
function tickers(header: readonly string[], tickerRow: readonly string[], options: LayoutOptions): PriceLayout {
  const { fileName, asset } = options;
  const given = asset === undefined ? null : requirePricedAsset(asset);
  const prices = header.flatMap((name, column): PriceCell[] => {
    if (name !== 'close') return [];
    const own = assetOfTicker(tickerRow[column] ?? '', fileName);
    if (given === null || own === given) return [{ column, asset: own }];
    throw new HaetaeError('E_PRICES', 'the file is of another asset than --asset says', {
      context: { file: fileName, ticker: tickerRow[column] ?? '', asset: given },
      remedy: 'leave --asset out; to price one asset as another, write the rows as asset,day,usd',
    });
  });
  if (prices.length === 0) throw unknownLayout(fileName);
  return { headerRows: 3, day: 0, prices };
}

function assetOfTicker(ticker: string, fileName: string): AssetId {
  const symbol = /^([A-Za-z0-9]{1,20})-USD$/.exec(ticker.trim())?.[1];
  if (symbol !== undefined) return requirePricedAsset(symbol);
  throw new HaetaeError('E_PRICES', 'the ticker is no price in US dollars', {
    context: { file: fileName, ticker: ticker.slice(0, 40) },
    remedy: 'only SYMBOL-USD is read; write other prices as asset,day,usd in US dollars',
  });
}

/** As given, else as the name of the file has it: …BTC-USD… */
function assetOf({ asset, fileName }: LayoutOptions): AssetId {
  if (asset !== undefined) return requirePricedAsset(asset);
  const symbols = [...fileName.matchAll(/(?<![A-Za-z0-9])([A-Za-z0-9]{2,20})-USD(?![A-Za-z0-9])/g)];
  if (symbols.length === 1) return requirePricedAsset(symbols[0]![1]!);
  throw new HaetaeError('E_PRICES', 'the file does not say of which asset its prices are', {
    context: { file: fileName },
    remedy: 'add --asset with a CAIP-19 id such as eip155:1/slip44:60, or a coin such as ETH',
  });
}

function fold(name: string): string {
  return name.trim().toLowerCase();
}

function namesItself(file: string): HaetaeError {
  return new HaetaeError('E_PRICES', 'the rows of the file name their assets', {
    context: { file },
    remedy: 'leave --asset out',
  });
}

function unknownLayout(file: string): HaetaeError {
  return new HaetaeError('E_PRICES', 'not a file of prices of a known form', {
    context: { file },
    remedy:
      'known are asset,day,usd; columns Date and Close; header lines Price, Ticker, Date. Else add --map day=COLUMN,usd=COLUMN',
  });
}
