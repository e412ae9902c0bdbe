import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import { assert } from '../../base/assert.ts';
import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import type { UnixSeconds } from '../../base/time.ts';
import type { FileDigest } from './digest.ts';
import { Judge, type Judged, type JudgedRow, type RawRow, type Refusal } from './judge.ts';
import type { Field, Plan } from './layout.ts';
import { type PlainField, plainField, plainRow, STAGED_TYPES } from './plain.ts';
import { lineOf, lineShifts, type RefusedRows } from './refused.ts';
import { STAGED_NAMES } from './shape.ts';
import { REJECTS, requireColumns, resolveColumns, type Table } from './table.ts';

/** Rows judged in JavaScript at a time. */
const PAGE_ROWS = 20_000;
/** Lines of one file that cannot be split into fields at all, before the file as a whole is refused. */
const MAX_REJECTS = 1000;
const BIG = 2n ** 128n;
/** CSV files of fewer bytes than this are copied to temporary space. */
export const COPY_BELOW_BYTES = 64 * 1024 * 1024;
/** More files than this are all copied: a statement that names each of them becomes slow to plan. */
const MAX_DIRECT_FILES = 16;

export interface StagedFile {
  readonly index: number;
  readonly table: Table;
  readonly names: ReadonlyMap<Field['name'], string>;
  /** The amount column is floating point. */
  readonly floats: boolean;
  /** The file is read again where it is needed; only its odd rows are copied. */
  readonly direct: boolean;
  /** SQL of file, row and the stored fields, in the columns of staged_row. */
  values: readonly string[];
  /** Of the rows that SQL took, where the file was surveyed. */
  plainCounts?: { readonly zeroValue: number; readonly rounded: number };
  /** Rows that SQL took have no time of their own. */
  untimed: boolean;
  /** Rows before this file's, and its own. */
  before: number;
  rows: number;
  /** At least one row went through the judge. */
  odd?: boolean;
  /** Read where a row is refused. */
  shifts?: Awaited<ReturnType<typeof lineShifts>>;
  /** Numbers (from 0, among rows split) before which a line was lost, one entry a line. */
  rejects: readonly number[];
}

/**
 * Reads files into TEMP table staged_row, one row a row, with what SQL reads exactly in typed columns; every other row
 * keeps its texts in `odd` and goes through the judge, which puts it into staged_fixed or refuses it.
 */
export class Staging {
  readonly files: StagedFile[] = [];
  private readonly connection: DuckDBConnection;
  private readonly plan: Plan;
  private readonly latest: UnixSeconds;
  private readonly refused: RefusedRows;
  private readonly progress: Progress;
  private readonly copyBelow: number;
  private stored: readonly Field[] = [];
  private direct = false;
  private fixedRows = 0;

  constructor(
    connection: DuckDBConnection,
    plan: Plan,
    latest: UnixSeconds,
    refused: RefusedRows,
    progress: Progress,
    copyBelow: number,
  ) {
    this.copyBelow = copyBelow;
    this.connection = connection;
    this.plan = plan;
    this.latest = latest;
    this.refused = refused;
    this.progress = progress;
  }

  get rowsRead(): number {
    return this.files.reduce((sum, file) => sum + file.rows + file.rejects.length, 0);
  }

  /** At least one of the files has a column of the field. */
  has(name: Field['name']): boolean {
    return this.stored.some((field) => field.name === name);
  }

  /** Columns of the fields that at least one of the files has. Throws E_COLUMN_MISSING. */
  async create(tables: readonly Table[]): Promise<void> {
    for (const table of tables) requireColumns(table, this.plan.fields, this.plan.name);
    const found = tables.map((table) => resolveColumns(table, this.plan.fields));
    this.direct = tables.length <= MAX_DIRECT_FILES;
    this.stored = this.plan.fields.filter((_, i) => found.some((columns) => columns[i] !== null));
    const columns = this.stored.map((field) => `${STAGED_NAMES[field.name]} ${STAGED_TYPES[field.type]}`);
    const shared = ['file INTEGER', 'row BIGINT', ...columns, 'rounded BOOLEAN'].join(', ');
    await this.connection.run(`CREATE TEMP TABLE staged_row (${shared}, odd VARCHAR[])`);
    await this.connection.run(`CREATE TEMP TABLE staged_fixed (${shared}, amount_big VARCHAR)`);
    for (const table of tables) await this.add(table);
  }

  /** Throws E_FILE_READ. */
  private async add(table: Table): Promise<void> {
    const { plan } = this;
    const found = resolveColumns(table, plan.fields);
    const read = plan.fields.map((field, i) => plainField(field, found[i] ?? null, plan, this.latest));
    const amount = plan.fields.findIndex((field) => field.name === 'amount');
    const names = new Map(
      plan.fields.map((field, i) => [field.name, found[i]?.name ?? field.columns[0] ?? field.name]),
    );
    const floats = /^(DOUBLE|FLOAT)$/.test(found[amount]?.type ?? '');
    const file: StagedFile = {
      index: this.files.length,
      table,
      names,
      floats,
      direct: this.readsAgain(table),
      values: [],
      untimed: false,
      before: 0,
      rows: 0,
      rejects: [],
    };
    file.before = this.files.reduce((sum, other) => sum + other.rows, 0);
    await this.insert(file, read);
    this.files.push(file);
    if (table.malformed !== null) await this.collectRejects(file);
  }

  /**
   * Parquet is cheap to read column by column, and a large CSV costs less to read again than to copy; but not where it must be
   * unpacked each time, nor where the shape looks at its rows again and again.
   */
  private readsAgain(table: Table): boolean {
    if (!this.direct) return false;
    if (table.digest.format === 'parquet') return true;
    const { shape, order } = this.plan;
    const once = shape === 'transaction' || (shape === 'transfer' && order === 'index');
    return once && table.digest.format === 'text' && table.digest.bytes >= this.copyBelow;
  }

  private async insert(file: StagedFile, read: readonly PlainField[]): Promise<void> {
    const { table } = file;
    const { fields } = this.plan;
    const plain = read.map((field) => field.plain).filter((condition) => condition !== 'true');
    const between = plainRow(this.plan, new Map(fields.map((field, i) => [field.name, read[i]!])));
    if (between !== null) plain.push(between);
    if (table.malformed !== null) plain.unshift(`NOT ${table.malformed}`);
    const mark = table.malformed === null ? `''` : `CASE WHEN ${table.malformed} THEN 'columns' ELSE '' END`;
    const whole = plain.map((condition) => `coalesce(${condition}, false)`).join(' AND ') || 'true';
    const odd = `CASE WHEN ${whole} THEN NULL ELSE [${[mark, ...read.map((field) => field.raw)].join(', ')}] END`;
    const rounded = read.find((field) => field.rounded !== undefined)?.rounded ?? 'false';
    const values = read.filter((_, i) => this.stored.includes(fields[i]!)).map((field) => field.value);
    file.values = [String(file.index), table.rowNumber, ...values, rounded];
    const time = read[fields.findIndex((field) => field.name === 'time')]?.value ?? 'NULL';
    const amount = read[fields.findIndex((field) => field.name === 'amount')];
    const zero = amount?.zero ?? `${amount?.value ?? 'NULL'} = 0`;
    this.progress.report(`read ${table.digest.name}`, 0, 0);
    try {
      if (file.direct) await this.survey(file, { whole, time, zero, rounded, odd });
      else await this.copy(file, odd);
    } catch (cause) {
      throw cause instanceof HaetaeError ? cause : fileFault(table.digest, cause);
    }
    this.progress.report(`read ${table.digest.name}`, file.rows, file.rows);
  }

  /** Looks at every row, and copies the odd ones only. */
  private async survey(file: StagedFile, { whole, time, zero, rounded, odd }: RowSql): Promise<void> {
    const { table } = file;
    const counted = await this.connection.runAndReadAll(
      `SELECT count(*), count(*) FILTER (NOT whole), count(*) FILTER (whole AND untimed), count(*) FILTER (whole AND zero),
         count(*) FILTER (whole AND rounded)
       FROM (SELECT (${whole}) AS whole, ${time} IS NULL AS untimed, ${zero} AS zero, ${rounded} AS rounded FROM ${table.from})`,
    );
    const [rows = 0, oddRows = 0, untimed = 0, zeroValue = 0, roundedRows = 0] = counted.getRows()[0]!.map(Number);
    file.rows = rows;
    file.untimed = untimed > 0;
    file.plainCounts = { zeroValue, rounded: roundedRows };
    if (oddRows === 0) return;
    const columns = file.values.map((sql, i) => `${sql} AS v${i}`).join(', ');
    await this.connection.run(
      `INSERT INTO staged_row SELECT * FROM (SELECT ${columns}, ${odd} AS odd FROM ${table.from}) WHERE odd IS NOT NULL`,
    );
  }

  private async copy(file: StagedFile, odd: string): Promise<void> {
    await this.connection.run(
      `INSERT INTO staged_row SELECT ${file.values.join(', ')}, ${odd} FROM ${file.table.from}`,
    );
    const untimed = this.has('time') ? 'time IS NULL AND odd IS NULL' : 'true';
    const counted = await this.connection.runAndReadAll(
      `SELECT count(*), max(row), count(*) FILTER (${untimed}) FROM staged_row WHERE file = ${file.index}`,
    );
    const [rows, last, without] = counted.getRows()[0]!.map((value) => Number(value ?? 0));
    file.rows = rows ?? 0;
    file.untimed = (without ?? 0) > 0;
    assert(rows === last, 'rows are numbered from 1 without a gap');
  }

  /** Lines that could not be split into fields are no rows of staged_row, and yet have a number. */
  private async collectRejects(file: StagedFile): Promise<void> {
    const result = await this.connection.runAndReadAll(
      `SELECT line::BIGINT, min(error_type::VARCHAR), min(csv_line) FROM ${REJECTS} GROUP BY line ORDER BY line LIMIT ${MAX_REJECTS + 1}`,
    );
    const lines = result.getRows();
    await this.connection.run(`DELETE FROM ${REJECTS}`);
    if (lines.length === 0) return;
    if (lines.length > MAX_REJECTS)
      throw fileFault(file.table.digest, new Error('too many lines cannot be split into columns'));
    const shifts = await lineShifts(file.table.digest);
    file.rejects = lines.map(([line], lost) => Number(line) - 2 - lost);
    lines.forEach(([line, type, text], lost) => {
      const reason =
        String(type) === 'INVALID ENCODING' || String(type) === 'INVALID UNICODE' ? 'not-utf-8' : 'wrong-columns';
      const row = (file.rejects[lost] ?? 0) + lost + 1;
      this.refused.add({
        file: file.table.digest.path,
        row,
        line: Math.max(Number(line), lineOf(row, shifts)),
        reason,
        field: '',
        value: String(text ?? ''),
      });
    });
  }

  /** Judges every odd row, a page at a time. */
  async judgeOdd(): Promise<void> {
    for (const file of this.files) {
      const judge = new Judge(this.plan, this.latest, file.names);
      for (let page = await this.oddPage(file, 0); page.length > 0; ) {
        file.odd = true;
        const fixed: FixedRow[] = [];
        for (const { place, odd } of page) {
          const judged = this.judgeRow(judge, odd, file);
          if ('reason' in judged) await this.refuse(file, place, judged);
          else fixed.push({ judged, place });
        }
        await this.appendFixed(file, fixed);
        const last = page.at(-1)!.place;
        this.progress.report(`judge ${file.table.digest.name}`, last, file.rows);
        page = await this.oddPage(file, last);
      }
    }
    this.refused.flush();
  }

  /** `place`: number of the row among those of the file that could be split. */
  private async refuse(file: StagedFile, place: number, refusal: Refusal): Promise<void> {
    const row = place + file.rejects.filter((lost) => lost < place).length;
    this.refused.add({ file: file.table.digest.path, row, line: await this.lineOf(file, row), ...refusal });
  }

  /** Line of a row; in Parquet, which has none, the row. */
  async lineOf(file: StagedFile, row: number): Promise<number> {
    if (file.table.malformed === null) return row;
    file.shifts ??= await lineShifts(file.table.digest);
    return lineOf(row, file.shifts);
  }

  private async oddPage(file: StagedFile, after: number): Promise<{ place: number; odd: (string | null)[] }[]> {
    const result = await this.connection.runAndReadAll(
      `SELECT row, odd FROM staged_row WHERE file = $1 AND row > $2 AND odd IS NOT NULL ORDER BY row LIMIT ${PAGE_ROWS}`,
      [file.index, BigInt(after)],
    );
    return result.getRowsJS().map(([row, odd]) => ({ place: Number(row), odd: odd as (string | null)[] }));
  }

  private judgeRow(judge: Judge, odd: readonly (string | null)[], file: StagedFile): JudgedRow | Refusal {
    const [mark, ...texts] = odd;
    if (mark === 'columns') {
      const text = texts.filter((part) => part !== null).join(' ');
      return { reason: 'wrong-columns', field: '', value: text };
    }
    const raw: RawRow = Object.fromEntries(this.plan.fields.map((field, i) => [field.name, texts[i] ?? null]));
    return judge.row(raw, file.floats);
  }

  private async appendFixed(file: StagedFile, rows: readonly FixedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const appender = await this.connection.createAppender('staged_fixed', 'main', 'temp');
    for (const { judged, place } of rows) {
      appender.appendInteger(file.index);
      appender.appendBigInt(BigInt(place));
      for (const field of this.stored) appendValue(appender, judged[field.name] ?? null);
      appender.appendBoolean(judged.rounded ?? false);
      const { amount } = judged;
      appendValue(appender, typeof amount === 'bigint' && amount >= BIG ? amount.toString() : null);
      appender.endRow();
    }
    appender.closeSync();
    this.fixedRows += rows.length;
  }

  /** SELECT of all accepted rows: the layout's fields, file, row (in its file), ordinal (in the import), amount_big, rounded. */
  acceptedSql(): string {
    const stored = this.stored.map((field) => STAGED_NAMES[field.name]);
    const absent = new Map(
      [...ALWAYS, ...this.plan.fields].map((field) => [STAGED_NAMES[field.name], STAGED_TYPES[field.type]]),
    );
    for (const name of stored) absent.delete(name);
    const nulls = [...absent].map(([name, type]) => `NULL::${type} AS ${name}`);
    const columns = [
      'file',
      ...stored,
      ...nulls,
      'rounded',
      `${this.perFile(numbered)} AS row`,
      `${this.perFile(counted)} AS ordinal`,
    ];
    const list = columns.join(', ');
    const branches = this.files.filter((file) => file.direct).map((file) => this.directSql(file, list));
    // A branch without rows is left out: DuckDB reads a union in order with one thread.
    const copied = branches.length < this.files.length || branches.length === 0;
    if (copied) branches.push(`SELECT ${list}, NULL::VARCHAR AS amount_big FROM staged_row WHERE odd IS NULL`);
    if (this.fixedRows > 0) branches.push(`SELECT ${list}, amount_big FROM staged_fixed`);
    return branches.join(' UNION ALL ');
  }

  private directSql(file: StagedFile, list: string): string {
    const names = ['file', 'row', ...this.stored.map((field) => STAGED_NAMES[field.name]), 'rounded'];
    const columns = file.values.map((sql, i) => `${sql} AS ${names[i]}`).join(', ');
    const odd = file.odd ? ` WHERE row NOT IN (SELECT row FROM staged_row WHERE file = ${file.index})` : '';
    return `SELECT ${list}, NULL::VARCHAR AS amount_big FROM (SELECT ${columns} FROM ${file.table.from})${odd}`;
  }

  private perFile(sql: (file: StagedFile) => string): string {
    const [only] = this.files;
    if (this.files.length === 1 && only !== undefined) return sql(only);
    return `CASE file ${this.files.map((file) => `WHEN ${file.index} THEN ${sql(file)}`).join(' ')} END`;
  }
}

/** Fields that every shape may ask for, whether or not the layout has them. */
const ALWAYS: readonly Pick<Field, 'name' | 'type'>[] = [
  { name: 'block', type: 'int' },
  { name: 'tx', type: 'hash' },
  { name: 'txIndex', type: 'int' },
];

/** SQL over one row of a file. */
interface RowSql {
  /** True where SQL reads every field exactly. */
  readonly whole: string;
  readonly time: string;
  /** A plain amount is 0. */
  readonly zero: string;
  readonly rounded: string;
  /** The texts of a row that is not whole, else NULL. */
  readonly odd: string;
}

interface FixedRow {
  readonly judged: JudgedRow;
  readonly place: number;
}

/** Row in the file: the place among rows that could be split, plus the lines lost before it. */
function numbered({ rejects }: StagedFile): string {
  if (rejects.length === 0) return 'row';
  return `(row + len(list_filter([${rejects.join(', ')}]::BIGINT[], lambda lost: lost < row)))`;
}

/** Number over all files of the import. */
function counted({ before }: StagedFile): string {
  return before === 0 ? 'row' : `(row + ${before})`;
}

/** An amount of 2^128 and more stands in amount_big. */
function appendValue(appender: DuckDBAppender, value: Judged): void {
  if (value === null) appender.appendNull();
  else if (typeof value === 'bigint' && value < BIG) appender.appendUHugeInt(value);
  else if (typeof value === 'bigint') appender.appendNull();
  else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
  else appender.appendVarchar(String(value));
}

/** What DuckDB says of a file that it cannot read to its end is the file's fault; a full disk is not. */
function fileFault(digest: FileDigest, cause: unknown): unknown {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/No space left|could not write|Out of Memory|out of memory|INTERRUPT/i.test(message)) return cause;
  return new HaetaeError(
    'E_FILE_READ',
    `the file cannot be read to its end: ${message.split('\n').slice(0, 2).join(' ').slice(0, 300)}`,
    {
      context: { file: digest.path },
      remedy: 'check that the file is whole and of the declared format. Nothing of this import was stored',
      cause,
    },
  );
}
