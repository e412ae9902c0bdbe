import type { RowAnswer, ScreeningRow } from '../api/operator.ts';
import { csvLine, spreadsheetText } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { DECISIONS, type Decision } from '../screen/verdict.ts';
import type { CsvRecord } from './_csv-records.ts';

/** Columns that are understood, with the longest value each may hold. */
const UNDERSTOOD = {
  address: 200,
  chain: 60,
  asset: 200,
  amount: 400,
  direction: 20,
  tx: 200,
  to: 200,
  customer: 200,
  segment: 60,
  at: 40,
} as const;
type Column = keyof typeof UNDERSTOOD;
const COLUMNS = Object.keys(UNDERSTOOD) as Column[];

/** Columns that are added. */
const ADDED = ['decision', 'score', 'reasons', 'verdict', 'error'] as const;

export interface Table {
  /** As written. */
  readonly header: readonly string[];
  readonly places: ReadonlyMap<Column, number>;
}

/** Throws E_MAP, E_COLUMN_MISSING. */
export function readHeader(header: readonly string[], chain: string | undefined, file: string): Table {
  const names = header.map((name) => name.trim().toLowerCase());
  const places = new Map<Column, number>();
  for (const [place, name] of names.entries()) {
    const column = COLUMNS.find((each) => each === name);
    if (column !== undefined && places.has(column)) throw refuseColumn(file, name, 'stands there twice');
    if (ADDED.some((each) => each === name)) throw refuseColumn(file, name, 'is one that is added');
    if (column !== undefined) places.set(column, place);
  }
  if (!places.has('address') && !places.has('tx')) throw missing(file, 'address', header);
  if (!places.has('chain') && chain === undefined) throw missing(file, 'chain', header);
  return { header, places };
}

function refuseColumn(file: string, column: string, what: string): HaetaeError {
  return new HaetaeError('E_MAP', `the column ${column} ${what}`, {
    context: { file, column },
    remedy: 'rename or remove it',
  });
}

function missing(file: string, column: string, header: readonly string[]): HaetaeError {
  return new HaetaeError('E_COLUMN_MISSING', `there is no column ${column}`, {
    context: { file, found: header.join(' ').slice(0, 200) },
    remedy: `the first line names columns, separated by commas: ${COLUMNS.join(', ')}${column === 'chain' ? '; or give --chain ID' : ''}`,
  });
}

export interface Asked {
  readonly chain: string | undefined;
  readonly asOf: string | undefined;
}

/** What a row asks, or the fault that it shows by itself. A row with a direction is a transfer; any other asks of its address alone. */
export function readRow({ places, header }: Table, record: CsvRecord, asked: Asked): ScreeningRow | RowAnswer {
  const { fields, torn } = record;
  if (torn) return fault('text stands behind a closing quote');
  if (fields.length !== header.length) return fault(`${fields.length} fields, where the header has ${header.length}`);
  const values: Partial<Record<Column, string>> = {};
  for (const [column, place] of places) {
    const value = Buffer.from(fields[place]!, 'latin1').toString('utf8').trim();
    if (value.length > UNDERSTOOD[column]) return fault(`${column} is longer than ${UNDERSTOOD[column]} letters`);
    if (value !== '') values[column] = value;
  }
  const { address, chain = asked.chain, asset, amount, direction, tx, to, customer, segment, at } = values;
  const { asOf } = asked;
  if (chain === undefined) return fault('chain is empty');
  if (direction === undefined) {
    if (address === undefined) return fault('address is empty');
    return { kind: 'address', question: { chain, address, asset, customer, segment, asOf } };
  }
  const way = direction.toLowerCase();
  if (way !== 'deposit' && way !== 'withdrawal') return fault('direction is deposit or withdrawal');
  if (asset === undefined) return fault('asset is empty');
  return {
    kind: 'transfer',
    question: { chain, asset, direction: way, amount, tx, address, to, customer, segment, at, asOf },
  };
}

function fault(detail: string): RowAnswer {
  return { error: { code: 'E_FIELD', detail } };
}

/** An amount, and nothing that says which way it went: the amount is not looked at. */
export function hasIdleAmount({ places }: Table, { fields }: CsvRecord): boolean {
  const filled = (column: Column): boolean => (fields[places.get(column) ?? -1] ?? '').trim() !== '';
  return filled('amount') && !filled('direction');
}

export function headerLine({ header }: Table): string {
  return csvLine([...header, ...ADDED]);
}

/** The row as it came, and its answer. Fields are latin1 (bytes as they came); a spreadsheet finds no formula in it. */
export function answerLine({ header }: Table, { fields }: CsvRecord, answer: RowAnswer): string {
  const carried = header.map((_, place) => safe(fields[place] ?? ''));
  if (answer.error !== null) {
    const { code, detail } = answer.error;
    return csvLine([...carried, '', '', '', '', safe(bytesOf(`${code}: ${detail}`))]);
  }
  const reasons = answer.reasons.map(({ rule, text }) => `${rule}: ${text}`).join('; ');
  return csvLine([...carried, answer.decision, answer.score, safe(bytesOf(reasons)), answer.id ?? '', '']);
}

function safe(text: string): string {
  return /^[+-]\d+(\.\d+)?$/.test(text) ? text : spreadsheetText(text);
}

function bytesOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Rows by decision, and those without one by the code of their error. */
export class Tally {
  readonly decisions: Record<Decision, number> = { allow: 0, review: 0, block: 0 };
  readonly faults = new Map<string, number>();
  rows = 0;

  add(answer: RowAnswer): void {
    this.#count(answer.error === null ? answer.decision : '', answer.error?.code ?? '');
  }

  /** A row that was written before. */
  addWritten({ fields }: CsvRecord): void {
    this.#count(fields.at(-ADDED.length) ?? '', (fields.at(-1) ?? '').split(':', 1)[0]!);
  }

  get refused(): number {
    return this.rows - DECISIONS.reduce((sum, decision) => sum + this.decisions[decision], 0);
  }

  #count(word: string, code: string): void {
    this.rows += 1;
    const decision = DECISIONS.find((each) => each === word);
    if (decision === undefined) this.faults.set(code, (this.faults.get(code) ?? 0) + 1);
    else this.decisions[decision] += 1;
  }
}
