import { csvLine, spreadsheetText } from '../../../src/base/csv.ts';

interface ServiceLine {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly name: string | null;
  readonly category: string;
  readonly stop: string;
  readonly bucket: string;
  readonly recoverable: boolean;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly labelSource: string | null;
  readonly amount: string;
  readonly units: Readonly<Record<string, string>>;
  readonly transfers: readonly unknown[];
  readonly holds: readonly string[];
}

/** RFC 4180 with a line a service: amounts in base units, a column of source units for each method (empty: it says nothing of it). */
export function servicesCsv(items: readonly ServiceLine[], methods: readonly string[]): string {
  const head = [
    'name',
    'category',
    'stop',
    'bucket',
    'can_be_asked',
    'chain',
    'address',
    'asset',
    'symbol',
    'decimals',
    'amount',
    ...methods.map((method) => `units_${method}`),
    'first_time',
    'last_time',
    'transactions',
    'label_source',
    'hold_notices',
  ];
  const lines = items.map((item) => [
    item.name,
    item.category,
    item.stop,
    item.bucket,
    item.recoverable,
    item.chain,
    item.address,
    item.asset,
    item.symbol,
    item.decimals,
    item.amount,
    ...methods.map((method) => item.units[method] ?? null),
    item.firstTime,
    item.lastTime,
    item.transfers.length,
    item.labelSource,
    item.holds.join(' '),
  ]);
  const safe = (field: string | number | boolean | null): string | number | boolean | null =>
    typeof field === 'string' ? spreadsheetText(field) : field;
  return [head, ...lines].map((line) => `${csvLine(line.map(safe))}\r\n`).join('');
}
