import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { parseCsv } from '../../base/csv.ts';
import { HaetaeError } from '../../base/errors.ts';
import { parseTime, type UnixSeconds } from '../../base/time.ts';
import type { AssetId } from '../../model/asset.ts';
import { dayOf, type Price, type PriceList, parseUsd, requirePricedAsset } from '../../model/price.ts';
import { type PriceCell, type PriceMap, priceLayoutOf } from './price-layout.ts';
import { readWholeFile, textOfFile } from './whole-file.ts';

export interface PriceFileOptions {
  /** CAIP-19 or a coin's symbol, where the file does not say it. */
  readonly asset?: string;
  readonly source?: string;
  readonly map?: PriceMap;
  readonly now: UnixSeconds;
}

export interface RefusedPrice {
  /** Of the file, from 1. */
  readonly line: number;
  readonly reason: string;
  readonly value: string;
}

export interface ParsedPrices {
  readonly list: PriceList;
  /** One an asset and day, in order of the file. */
  readonly prices: readonly Price[];
  readonly refused: readonly RefusedPrice[];
  /** Cells that say again what an earlier row says of the same asset and day. */
  readonly repeated: number;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a file of daily closing prices in US dollars: `asset,day,usd`, a table with the columns Date and Close, or one with the three header lines
 * Price, Ticker and Date. Rows that are no price are refused one by one. Throws E_NOT_FOUND, E_FILE_READ, E_PRICES, E_COLUMN_MISSING, E_ASSET, and
 * E_FILE_EMPTY where nothing was taken.
 */
export async function readPriceFile(path: string, options: PriceFileOptions): Promise<ParsedPrices> {
  return parsePriceBytes(await readWholeFile(path, MAX_BYTES, tooLarge), basename(path), options);
}

/** As {@link readPriceFile}, for bytes at hand. */
export function parsePriceBytes(bytes: Uint8Array, fileName: string, options: PriceFileOptions): ParsedPrices {
  if (bytes.length > MAX_BYTES) throw tooLarge(fileName, bytes.length);
  const rows = linesOf(parseCsv(textOfFile(bytes, fileName, 'CSV in UTF-8'), fileName));
  const layout = priceLayoutOf(
    rows.map(({ cells }) => cells),
    { fileName, asset: options.asset, map: options.map },
  );
  const taken = new Taken(options.now);
  for (const row of rows.slice(layout.headerRows)) taken.row(row, layout.day, layout.prices);
  const { prices, refused, empty, repeated } = taken;
  if (prices.length === 0) throw nothingTaken(fileName, taken);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const source = options.source?.trim() ?? fileName;
  const counts = { empty, refused: refused.length };
  return { list: { source, fileName, sha256, importedAt: options.now, ...counts }, prices, refused, repeated };
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Without blank lines. A quoted cell may hold line breaks, so that the next row begins further down. */
function linesOf(records: readonly (readonly string[])[]): readonly Row[] {
  const rows: Row[] = [];
  let line = 1;
  for (const cells of records) {
    if (cells.length > 1 || cells[0]?.trim() !== '') rows.push({ line, cells });
    line += 1 + cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
  }
  return rows;
}

class Taken {
  readonly prices: Price[] = [];
  readonly refused: RefusedPrice[] = [];
  empty = 0;
  repeated = 0;
  readonly #today: string;
  readonly #known = new Map<string, string>();
  readonly #assets = new Map<string, AssetId | null>();

  constructor(now: UnixSeconds) {
    this.#today = dayOf(now);
  }

  row({ line, cells }: Row, dayColumn: number, prices: readonly PriceCell[]): void {
    const refuse = (reason: string, value: string): void => void this.refused.push({ line, reason, value });
    const day = this.#day(cells[dayColumn] ?? '');
    if (day.fault !== null) {
      refuse(day.fault, cells[dayColumn] ?? '');
      return;
    }
    for (const { column, asset } of prices) {
      const text = cells[column];
      const of = typeof asset === 'string' ? asset : this.#asset(cells[asset.column] ?? '');
      if (of === null) refuse('asset-not-known', typeof asset === 'string' ? asset : (cells[asset.column] ?? ''));
      else if (text === undefined) refuse('row-too-short', cells.join(','));
      else if (text.trim() === '') this.empty += 1;
      else this.#price(of, day.day, text, refuse);
    }
  }

  #price(asset: AssetId, day: string, text: string, refuse: (reason: string, value: string) => void): void {
    const parsed = parseUsd(text);
    if ('fault' in parsed) {
      refuse(parsed.fault, text);
      return;
    }
    const key = `${asset} ${day}`;
    const known = this.#known.get(key);
    if (known === undefined) {
      this.#known.set(key, parsed.usd);
      this.prices.push({ asset, day, usd: parsed.usd });
    } else if (known === parsed.usd) this.repeated += 1;
    else refuse('second-price-of-the-day', text);
  }

  /** A time of day would say that the price is of another moment than the end of that day in UTC. */
  #day(text: string): { readonly day: string; readonly fault: null } | { readonly fault: string } {
    const time = parseTime(text);
    if (time === null) return { fault: 'not-a-day' };
    if (time % 86_400 !== 0) return { fault: 'not-a-utc-day' };
    const day = dayOf(time);
    return day > this.#today ? { fault: 'day-to-come' } : { day, fault: null };
  }

  #asset(text: string): AssetId | null {
    const known = this.#assets.get(text);
    if (known !== undefined) return known;
    const asset = assetOrNull(text);
    this.#assets.set(text, asset);
    return asset;
  }
}

function assetOrNull(text: string): AssetId | null {
  try {
    return requirePricedAsset(text);
  } catch (error) {
    if (error instanceof HaetaeError && error.code === 'E_ASSET') return null;
    throw error;
  }
}

function tooLarge(file: string, bytes: number): HaetaeError {
  return new HaetaeError('E_PRICES', `the file is larger than ${MAX_BYTES} bytes`, {
    context: { file, bytes },
    remedy: 'split it into files of some years or assets each',
  });
}

function nothingTaken(file: string, { refused, empty }: Taken): HaetaeError {
  const first = refused[0];
  return new HaetaeError('E_FILE_EMPTY', 'no price of the file was taken', {
    context: {
      file,
      refused: refused.length,
      empty,
      ...(first === undefined ? {} : { first: first.reason, line: first.line, value: first.value.slice(0, 80) }),
    },
    remedy: first === undefined ? 'the file holds no prices' : 'check the columns; docs/prices.md says what each holds',
  });
}
