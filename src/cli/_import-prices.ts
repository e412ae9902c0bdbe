import { writeFileSync } from 'node:fs';
import { csvLine, spreadsheetText } from '../base/csv.ts';
import { describeError, HaetaeError } from '../base/errors.ts';
import { visibleText } from '../base/visible-text.ts';
import {
  type ParsedPrices,
  type PriceFileOptions,
  type RefusedPrice,
  readPriceFile,
} from '../source/file/price-file.ts';
import type { PriceMap } from '../source/file/price-layout.ts';
import type { Store, StoredPriceList } from '../store/port.ts';
import { type Contradiction, contradictionsOf } from '../store/prices.ts';
import { type Arguments, type Terminal, usageError } from './command.ts';

/** Refused rows and contradictions that are printed one by one. */
const SHOWN = 5;

/** Each file by itself: one that is not taken does not keep the others out. */
export async function importPrices(
  store: Store,
  files: readonly string[],
  args: Arguments,
  terminal: Terminal,
  usage: string,
): Promise<void> {
  const options = optionsOf(args, terminal, usage);
  const refused: (RefusedPrice & { readonly file: string })[] = [];
  const failed: HaetaeError[] = [];
  for (const file of files) {
    try {
      const parsed = await readPriceFile(file, options);
      await keep(store, file, parsed, terminal);
      for (const row of parsed.refused) refused.push({ ...row, file });
    } catch (error) {
      if (!(error instanceof HaetaeError) || files.length === 1) throw error;
      failed.push(error);
      terminal.err(`${describeError(error)}\n`);
    }
  }
  const target = args.text('refused');
  if (target !== undefined) writeRefused(target, refused);
  if (failed.length === 0) return;
  throw new HaetaeError('E_PRICES', `${failed.length} of ${files.length} files were not taken; the others are stored`);
}

function optionsOf(args: Arguments, terminal: Terminal, usage: string): PriceFileOptions {
  const [asset, source, map] = [args.text('asset'), args.text('source'), args.text('map')];
  if (source !== undefined && source.trim() === '') throw usageError('--source is empty', usage);
  return {
    now: terminal.now(),
    ...(asset === undefined ? {} : { asset }),
    ...(source === undefined ? {} : { source }),
    ...(map === undefined ? {} : { map: mapOf(map, usage) }),
  };
}

function mapOf(text: string, usage: string): PriceMap {
  const pairs = text.split(',').map((pair) => pair.split('='));
  const names = Object.fromEntries(pairs.map(([field, column = '']) => [field, column.trim()]));
  const { day, usd, asset, ...others } = names;
  const whole = pairs.every((pair) => pair.length === 2 && pair[1]!.trim() !== '') && Object.keys(others).length === 0;
  if (!whole || !day || !usd) throw usageError('--map takes day=COLUMN,usd=COLUMN[,asset=COLUMN]', usage);
  return { day, usd, ...(asset === undefined ? {} : { asset }) };
}

async function keep(store: Store, file: string, parsed: ParsedPrices, terminal: Terminal): Promise<void> {
  const { list, prices, refused, repeated } = parsed;
  const known = (await store.priceLists()).find(({ sha256 }) => sha256 === list.sha256);
  if (known !== undefined) refuseOther(known, parsed);
  const contradictions = known === undefined ? await contradictionsOf(store, prices) : [];
  const added = known === undefined && (await store.savePrices(list, prices)).added;
  const source = visibleText(known?.source ?? list.source);
  terminal.out(`${visibleText(file)}: ${added ? `${prices.length} prices` : 'already imported'} (${source})\n`);
  if (added) for (const line of spansOf(parsed)) terminal.out(`  ${line}\n`);
  if (list.empty > 0) terminal.out(`  no price (empty cells): ${list.empty}\n`);
  if (repeated > 0) terminal.out(`  said twice: ${repeated}\n`);
  for (const line of refusedLines(refused)) terminal.err(`  ${line}\n`);
  for (const line of contradictionLines(contradictions)) terminal.err(`  ${line}\n`);
}

/** The same bytes read as prices of something else would contradict what is there. */
function refuseOther(known: StoredPriceList, { list, prices }: ParsedPrices): void {
  const assets = [...new Set(prices.map(({ asset }) => asset))].sort();
  if (assets.join() === known.assets.join()) return;
  throw new HaetaeError('E_ALREADY_IMPORTED', 'the same file is already in the store, as prices of another asset', {
    context: { file: list.fileName, import: known.id, stored: known.assets.join(), now: assets.join() },
    remedy: 'check --asset; to price one asset as another, write the rows as asset,day,usd',
  });
}

function spansOf({ prices }: ParsedPrices): string[] {
  const spans = new Map<string, { readonly first: string; readonly last: string }>();
  for (const { asset, day } of prices) {
    const { first, last } = spans.get(asset) ?? { first: day, last: day };
    spans.set(asset, { first: day < first ? day : first, last: day > last ? day : last });
  }
  return [...spans].map(([asset, { first, last }]) => `${asset} from ${first} to ${last}`);
}

function* refusedLines(refused: readonly RefusedPrice[]): Generator<string> {
  const reasons = new Map<string, number>();
  for (const { reason } of refused) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  for (const [reason, rows] of reasons) yield `refused ${rows}: ${reason}`;
  for (const { line, reason, value } of refused.slice(0, SHOWN)) {
    yield `line ${line}: ${reason}: ${visibleText(value.slice(0, 80))}`;
  }
  if (refused.length > SHOWN) yield `and ${refused.length - SHOWN} more: --refused FILE.csv writes all of them`;
}

function* contradictionLines(found: readonly Contradiction[]): Generator<string> {
  if (found.length === 0) return;
  yield `${found.length} prices differ by more than 5 % from one that is there; both are kept. Furthest apart:`;
  const furthest = found.toSorted((a, b) => (a.apart < b.apart ? 1 : a.apart > b.apart ? -1 : 0)).slice(0, SHOWN);
  for (const { price, other, apart } of furthest) {
    const percent = `${apart / 100n}.${String(apart % 100n).padStart(2, '0')} %`;
    yield `${price.asset} ${price.day}: ${price.usd}, but ${other.usd} by ${visibleText(other.source)} (${percent})`;
  }
}

function writeRefused(path: string, rows: readonly (RefusedPrice & { readonly file: string })[]): void {
  const lines = rows.map(({ file, line, reason, value }) => {
    return csvLine([spreadsheetText(file), line, reason, spreadsheetText(value)]);
  });
  try {
    writeFileSync(path, `${['file,line,reason,value', ...lines].join('\n')}\n`, { mode: 0o600 });
  } catch (error) {
    throw new HaetaeError('E_FILE_WRITE', 'the list of refused rows could not be written; what was taken is stored', {
      context: { file: path },
      remedy: 'check the folder and its rights',
      cause: error,
    });
  }
}
