import { appendFileSync, createReadStream, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { lowest } from '../../base/ascending.ts';
import { csvLine } from '../../base/csv.ts';
import { HaetaeError } from '../../base/errors.ts';
import type { RefusedRow } from '../../store/port.ts';
import type { FileDigest } from './digest.ts';

const HEADER = ['file', 'row', 'line', 'reason', 'field', 'value'];
const FLUSH_ROWS = 5000;
const VALUE_LENGTH = 200;

/** Counts refused rows by reason and writes each to the side file, which is made when the first one comes. */
export class RefusedRows {
  private readonly counts = new Map<string, number>();
  private readonly wanted: string;
  private lines: string[] = [];
  private opened: string | null = null;

  constructor(path: string) {
    this.wanted = path;
  }

  add(row: RefusedRow): void {
    this.count(row.reason, 1);
    const value = row.value.length > VALUE_LENGTH ? `${row.value.slice(0, VALUE_LENGTH)}…` : row.value;
    this.lines.push(csvLine([row.file, row.row, row.line, row.reason, row.field, value]));
    if (this.lines.length >= FLUSH_ROWS) this.flush();
  }

  /** Counted, and too plain to be listed row by row. */
  count(reason: string, rows: number): void {
    if (rows > 0) this.counts.set(reason, (this.counts.get(reason) ?? 0) + rows);
  }

  flush(): void {
    if (this.lines.length === 0) return;
    this.opened ??= this.open();
    appendFileSync(this.opened, `${this.lines.join('\n')}\n`);
    this.lines = [];
  }

  /** Path of the side file; null where nothing was refused. */
  get path(): string | null {
    return this.opened;
  }

  totals(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Beside the first file, or in the working folder where that folder cannot be written. */
  private open(): string {
    let fault: unknown;
    for (const path of [this.wanted, resolve(basename(this.wanted))]) {
      try {
        writeFileSync(path, `${HEADER.join(',')}\n`);
        return path;
      } catch (cause) {
        fault = cause;
      }
    }
    throw new HaetaeError('E_STORE_WRITE', 'the list of refused rows cannot be written', {
      context: { file: this.wanted },
      remedy: 'name a file that can be written with --refused FILE',
      cause: fault,
    });
  }
}

/**
 * Line of a row where they do not simply run together (blank lines, line ends inside quotes): pairs of a row and how many
 * more lines than rows stand before it. Read only where a row was refused.
 */
export async function lineShifts(digest: FileDigest): Promise<readonly (readonly [row: number, shift: number])[]> {
  const shifts: [number, number][] = [];
  let open = false;
  let filled = false;
  let row = 0;
  let shift = 0;
  const raw = createReadStream(digest.path);
  for await (const chunk of digest.format === 'gzip' ? raw.pipe(createGunzip()) : raw) {
    for (const byte of chunk as Buffer) {
      if (byte === 0x22) open = !open;
      if (byte !== 0x0a) {
        if (byte !== 0x0d) filled = true;
        continue;
      }
      if (filled && !open) row += 1;
      else {
        shift += 1;
        shifts.push([row + (open ? 1 : 0), shift]);
      }
      if (!open) filled = false;
    }
  }
  return shifts;
}

/** Rows count from 1 below the header, lines from 1 with it. */
export function lineOf(row: number, shifts: readonly (readonly [row: number, shift: number])[]): number {
  const before = lowest(shifts.length, (at) => shifts[at]![0] > row);
  return row + 1 + (shifts[before - 1]?.[1] ?? 0);
}
