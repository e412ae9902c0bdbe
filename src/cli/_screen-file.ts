import { createHash } from 'node:crypto';
import type { RowAnswer, ScreeningOperator, ScreeningRow } from '../api/operator.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { AnswerFile } from './_answer-file.ts';
import { BYTE_ORDER_MARK, type CsvRecord, CsvRecords, recordsOf } from './_csv-records.ts';
import {
  type Asked,
  answerLine,
  hasIdleAmount,
  headerLine,
  readHeader,
  readRow,
  type Table,
  Tally,
} from './_screen-rows.ts';

export interface FileQuestion extends Asked {
  readonly input: string;
  readonly output: string;
  readonly dry: boolean;
  /** Goes on after the last whole row of a run that was stopped. */
  readonly resume: boolean;
}

/** What is known of a file once it was read through. */
export interface SurveyedFile {
  readonly table: Table;
  readonly rows: number;
  readonly sha256: string;
  readonly marked: boolean;
}

export interface ScreenedFile {
  readonly tally: Tally;
  /** Rows that a run before had screened. */
  readonly resumed: number;
  /** Rows with an amount and no direction. */
  readonly idleAmounts: number;
}

/** Rows in one call, and calls under way: enough to keep the disk busy, few enough that memory stays flat. */
const GROUP = 250;
const CALLS = 4;

/** Reads the whole file once, so that nothing is screened of one that cannot be read to its end. Throws E_FILE_READ, E_FILE_EMPTY, E_COLUMN_MISSING, E_MAP. */
export async function surveyFile({ input, chain }: FileQuestion, progress: Progress): Promise<SurveyedFile> {
  const hash = createHash('sha256');
  const reader = new CsvRecords(input);
  let table: Table | null = null;
  let rows = 0;
  for await (const record of recordsOf(input, reader, { look: (piece) => hash.update(piece) })) {
    if (table === null) table = readHeader(record.fields, chain, input);
    else rows += 1;
    if (rows % 10_000 === 0) progress.report('read', rows, 0);
  }
  if (table === null || rows === 0) {
    throw new HaetaeError('E_FILE_EMPTY', 'the file holds no row', {
      context: { file: input },
      remedy: 'the first line names columns; every line after it is screened',
    });
  }
  return { table, rows, sha256: hash.digest('hex'), marked: reader.marked };
}

/** Throws E_USAGE where an unfinished run is in the way, E_NOT_FOUND where there is none to go on with, E_FILE_WRITE. */
export async function screenFile(
  screening: ScreeningOperator,
  question: FileQuestion,
  survey: SurveyedFile,
  progress: Progress,
): Promise<ScreenedFile> {
  const { input, output: path, resume, chain, asOf, dry } = question;
  const tally = new Tally();
  const asked = { sha256: survey.sha256, chain: chain ?? null, asOf: asOf ?? null, dry };
  const head = `${survey.marked ? BYTE_ORDER_MARK : ''}${headerLine(survey.table)}`;
  const files = { input, output: path, head, asked: `${JSON.stringify(asked)}\n` };
  const output = resume ? await AnswerFile.resume(files, (row) => tally.addWritten(row)) : AnswerFile.begin(files);
  const resumed = tally.rows;
  try {
    const idleAmounts = await screenRows(screening, question, survey, { output, tally, progress });
    output.finish();
    return { tally, resumed, idleAmounts };
  } finally {
    output.close();
  }
}

interface Work {
  readonly output: AnswerFile;
  readonly tally: Tally;
  readonly progress: Progress;
}

interface Group {
  readonly records: readonly CsvRecord[];
  readonly answers: Promise<readonly RowAnswer[]>;
}

async function screenRows(
  screening: ScreeningOperator,
  question: FileQuestion,
  { table, rows }: SurveyedFile,
  { output, tally, progress }: Work,
): Promise<number> {
  const under: Group[] = [];
  let skip = tally.rows + 1;
  let idleAmounts = 0;
  let group: CsvRecord[] = [];
  const begin = (): void => {
    const answers = answersOf(screening, table, group, question);
    // Heard here too, where it fails before its turn to be waited for.
    answers.catch(() => {});
    under.push({ records: group, answers });
    group = [];
  };
  const settle = async (): Promise<void> => {
    const { records, answers } = under[0]!;
    const found = await answers;
    under.shift();
    output.write(records.map((record, at) => answerLine(table, record, found[at]!)));
    for (const answer of found) tally.add(answer);
    progress.report('screen', tally.rows, rows);
  };
  try {
    for await (const record of recordsOf(question.input, new CsvRecords(question.input))) {
      if (hasIdleAmount(table, record)) idleAmounts += 1;
      if (skip > 0) {
        skip -= 1;
        continue;
      }
      group.push(record);
      if (group.length < GROUP) continue;
      begin();
      if (under.length >= CALLS) await settle();
    }
    if (group.length > 0) begin();
    while (under.length > 0) await settle();
  } finally {
    await Promise.allSettled(under.map(({ answers }) => answers));
  }
  return idleAmounts;
}

async function answersOf(
  screening: ScreeningOperator,
  table: Table,
  records: readonly CsvRecord[],
  question: FileQuestion,
): Promise<readonly RowAnswer[]> {
  const read = records.map((record) => readRow(table, record, question));
  const rows = read.filter((row): row is ScreeningRow => 'kind' in row);
  const screened = rows.length === 0 ? [] : await screening.screenRows(rows, { dry: question.dry });
  let next = 0;
  return read.map((row) => ('kind' in row ? screened[next++]! : row));
}
