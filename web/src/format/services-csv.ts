import type { z } from 'zod';
import type { pictureRoutes } from '../../../src/api/routes/pictures.ts';
import { csvLine, spreadsheetText } from '../../../src/base/csv.ts';

type Service = z.output<typeof pictureRoutes.listCaseServices.response>['items'][number];
/** Of its transfers only the number counts here. */
type ServiceLine = Omit<Service, 'transfers'> & { readonly transfers: readonly unknown[] };

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
