import { assert } from '../base/assert.ts';
import type { Rows } from './kernel.ts';

/** An end of a row that is no place: outside the data, or destroyed. */
export const NONE = 0xffff_ffff;
/** Paid to the chain; only as `to`. */
export const FEE = 0xffff_fffe;
/** No category. */
export const UNCATEGORISED = 255;

type Column = { readonly length: number } | null | undefined;

/** Columns that are there hold `count` rows. AssertionFailure otherwise. */
export function checkRows(rows: Pick<Rows, 'count' | 'from' | 'to'> & Partial<Rows>): void {
  const { count } = rows;
  assert(Number.isSafeInteger(count) && count >= 0, 'rows have a count');
  const columns: readonly Column[] = [rows.from, rows.to, rows.ratio, rows.gain, rows.payer, rows.receiver];
  const categories: readonly Column[] = [rows.fromCategory, rows.toCategory];
  for (const column of [...columns, ...categories])
    assert(column == null || column.length >= count, 'a column holds every row');
  for (const column of [rows.low, rows.high])
    assert(column == null || column.length >= 2 * count, 'an amount has two words');
}

/** What a scan says of ids that are no places: nothing was written for them, and nothing else is to be trusted. */
export function checkIds(bad: number): void {
  assert(bad === 0, 'every id is below its count, NONE or FEE');
}

/** A view of other numbers as bytes. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
