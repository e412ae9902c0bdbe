import { existsSync } from 'node:fs';
import { HaetaeError } from '../base/errors.ts';
import type { Verdict } from '../screen/verdict.ts';
import { type FileQuestion, type ScreenedFile, type SurveyedFile, screenFile, surveyFile } from './_screen-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, terminalProgress, usageError } from './command.ts';
import { withService } from './through-server.ts';

const usage = `haetae screen ADDRESS --chain ID [--asset A] [--as-of DATE] [--dry] [--json]
haetae screen FILE.csv [--out FILE] [--chain ID] [--as-of DATE] [--dry] [--resume]`;

const help = `Screens one address, or every row of a CSV file: allow, review or block, and why. Each verdict is kept, with its entry in the audit log.
--chain   a chain's name or CAIP-2 id: bitcoin, eip155:1. Of a file: for rows that name none
--asset   exposure of this asset only
--as-of   labels as they were known at that date
--dry     looks up only: no verdict, alert or entry is kept, and no transfer adds up with another
--json    the verdict's bytes

A file's first line names columns, separated by commas, in any order: address, chain, asset, amount, direction, tx, to, customer, segment, at. Columns of
other names are carried through. A row with a direction (deposit or withdrawal) is a transfer: address is its counterparty, to one's own address, amount in
whole units. A row without one asks of its address alone.
--out     left out: FILE.screened.csv. It has the columns of FILE and decision, score, reasons, verdict, error
--resume  goes on after the last whole row of a run that was stopped (its rows are in OUT.part)
A row that cannot be screened says why in error and fails no other; the command then ends with 1.`;

const OPTIONS = {
  chain: { type: 'string' },
  asset: { type: 'string' },
  'as-of': { type: 'string' },
  out: { type: 'string' },
  dry: { type: 'boolean' },
  resume: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export const screen: Command = { usage, help, run: runScreen };

async function runScreen(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, OPTIONS, usage);
  const [what, ...more] = args.words;
  if (what === undefined || more.length > 0) throw usageError('one address or one CSV file is needed', usage);
  return isFile(what) ? runFile(what, args, terminal) : runAddress(what, args, terminal);
}

/** No address has a dot or a slash. */
function isFile(word: string): boolean {
  return /[./\\]/.test(word) || existsSync(word);
}

async function runAddress(address: string, args: Arguments, terminal: Terminal): Promise<void> {
  const chain = args.text('chain');
  if (chain === undefined) throw usageError('--chain is needed: the same address may stand on several', usage);
  if (args.flag('resume') || args.text('out') !== undefined)
    throw usageError('--out and --resume go with a file', usage);
  const question = { chain, address, asset: args.text('asset'), asOf: args.text('as-of') };
  const { id, bytes } = await withService(args, terminal, ({ screening }) =>
    screening.screenAddress(question, { dry: args.flag('dry') }),
  );
  const text = new TextDecoder().decode(bytes);
  if (args.flag('json')) return terminal.out(`${text}\n`);
  const { screenedText } = await import('./_screened-text.ts');
  terminal.out(screenedText(JSON.parse(text) as Verdict, id));
}

async function runFile(input: string, args: Arguments, terminal: Terminal): Promise<void> {
  if (args.flag('json') || args.text('asset') !== undefined)
    throw usageError('--json and --asset go with one address', usage);
  const question: FileQuestion = {
    input,
    output: args.text('out') ?? `${input.replace(/\.csv$/i, '')}.screened.csv`,
    chain: args.text('chain'),
    asOf: args.text('as-of'),
    dry: args.flag('dry'),
    resume: args.flag('resume'),
  };
  const progress = terminalProgress(terminal, args.flag('quiet'));
  const survey = await surveyFile(question, progress);
  const screened = await withService(args, terminal, ({ screening }) =>
    screenFile(screening, question, survey, progress).finally(() => progress.end()),
  );
  terminal.out(summaryText(question, survey, screened));
  refuseFaults(question, screened);
}

function summaryText(
  { input, output, dry }: FileQuestion,
  { rows }: SurveyedFile,
  { tally, resumed, idleAmounts }: ScreenedFile,
): string {
  const { allow, review, block } = tally.decisions;
  const lines = [
    `${input}: ${number(rows)} rows: ${number(block)} block, ${number(review)} review, ${number(allow)} allow, ${number(tally.refused)} not screened`,
    ...(resumed > 0 ? [`${number(resumed)} of them by the run that was stopped`] : []),
    ...(idleAmounts > 0
      ? [`${number(idleAmounts)} rows have an amount and no direction: their address alone was screened`]
      : []),
    ...(dry ? ['looked up only: nothing was kept'] : []),
    `written to ${output}`,
  ];
  return `${lines.join('\n')}\n`;
}

function refuseFaults({ output }: FileQuestion, { tally }: ScreenedFile): void {
  if (tally.refused === 0) return;
  throw new HaetaeError('E_FIELD', `${number(tally.refused)} of ${number(tally.rows)} rows could not be screened`, {
    context: Object.fromEntries([...tally.faults].sort(([a], [b]) => (a < b ? -1 : 1))),
    remedy: `the column error of ${output} says why for each; correct them and screen them again`,
  });
}

function number(value: number): string {
  return value.toLocaleString('en');
}
