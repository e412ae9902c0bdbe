import { csvLine, spreadsheetText } from '../base/csv.ts';
import type { TheftResult, TraceResult } from '../trace/result.ts';

const PLACE_COLUMNS = [
  'theft',
  'method',
  'chain',
  'address',
  'outpoint',
  'asset',
  'symbol',
  'decimals',
  'amount',
  'source_units',
  'edge_of_data',
  'label',
  'category',
  'last_arrival',
  'hops',
] as const;

const SERVICE_COLUMNS = [
  'theft',
  'method',
  'chain',
  'address',
  'asset',
  'symbol',
  'decimals',
  'name',
  'category',
  'stop',
  'bucket',
  'amount',
  'source_units',
  'share',
  'recoverable',
  'first_time',
  'last_time',
  'transfers',
  'label_source',
] as const;

/** Every place that still holds (poison: was reached), per theft and method; amounts in base units, all digits. */
export function placesCsv(result: TraceResult): string {
  return table(PLACE_COLUMNS, eachMethod(result, placeLines(result)));
}

/** Every service and other stop reached, per theft and method; amounts in base units, all digits. */
export function servicesCsv(result: TraceResult): string {
  return table(SERVICE_COLUMNS, eachMethod(result, serviceLines(result)));
}

type LinesOf = (theft: TheftResult, method: string) => string[];

function eachMethod(result: TraceResult, linesOf: LinesOf): string[] {
  return [result, ...result.furtherThefts].flatMap((theft) =>
    Object.keys(theft.methods).flatMap((method) => linesOf(theft, method)),
  );
}

function placeLines(result: TraceResult): LinesOf {
  return (theft, method) =>
    theft.methods[method]!.places.map((place) => {
      const asset = result.context.assets[place.asset];
      return csvLine([
        spreadsheetText(theft.theft.id),
        spreadsheetText(method),
        spreadsheetText(place.chain),
        spreadsheetText(place.address),
        spreadsheetText(place.outpoint ?? ''),
        spreadsheetText(place.asset),
        spreadsheetText(asset?.symbol ?? ''),
        asset?.decimals ?? null,
        place.amount,
        place.sourceUnits,
        place.edgeOfData,
        spreadsheetText(place.label ?? ''),
        spreadsheetText(place.category ?? ''),
        spreadsheetText(place.lastArrival),
        place.hops,
      ]);
    });
}

function serviceLines(result: TraceResult): LinesOf {
  return (theft, method) =>
    theft.methods[method]!.services.map((service) => {
      const asset = result.context.assets[service.asset];
      return csvLine([
        spreadsheetText(theft.theft.id),
        spreadsheetText(method),
        spreadsheetText(service.chain),
        spreadsheetText(service.address),
        spreadsheetText(service.asset),
        spreadsheetText(asset?.symbol ?? ''),
        asset?.decimals ?? null,
        spreadsheetText(service.name ?? ''),
        spreadsheetText(service.category),
        service.stop,
        spreadsheetText(service.bucket),
        service.amount,
        service.sourceUnits,
        spreadsheetText(service.share),
        service.recoverable,
        spreadsheetText(service.firstTime),
        spreadsheetText(service.lastTime),
        service.transfers.length,
        spreadsheetText(service.labelSource ?? ''),
      ]);
    });
}

function table(columns: readonly string[], lines: readonly string[]): string {
  return [columns.join(','), ...lines, ''].join('\n');
}
