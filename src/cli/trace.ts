import { basename } from 'node:path';
import { requireTime } from '../base/time.ts';
import { summaryText } from '../report/terminal.ts';
import { METHODS, requireMethod } from '../taint/engine.ts';
import { resultText, touchedText } from '../trace/case-files.ts';
import type { TheftInput } from '../trace/gather.ts';
import { DEFAULT_TRACE_OPTIONS, parseStops, STOP_OF_CATEGORY, type TraceOptions } from '../trace/options.ts';
import { runTrace } from '../trace/run.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import { withStore } from './_store.ts';
import { readTextFile, writeWhole } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { VERSION } from './version.ts';

const usage =
  'haetae trace THEFT.yaml [--method NAME]… [--all] [--until TIME] [--max-hops N] [--min-amount AMOUNT] [--stop WHAT]… ' +
  '[--max-counterparties N|none] [--max-transfers N] [--json] [--touched FILE.csv] [--db FILE] [--quiet]';

export const trace: Command = {
  usage,
  help: `Follows the thefts of a theft file through the imported transfers and keeps the result as a case.

  --method NAME          one method, repeatable or comma-separated: ${Object.keys(METHODS).join(', ')}
  --all                  every method (the default)
  --until TIME           movements after this time are not followed
  --max-hops N           follow at most N movements; places that the Nth reaches hold what they get
  --min-amount AMOUNT    smaller parcels (whole units of the stolen asset) go to belowThreshold
  --stop WHAT            where the money stops, repeatable: labelled (default), none, an address,
                         or a category: ${Object.keys(STOP_OF_CATEGORY).join(', ')}
  --max-counterparties N an unlabelled address with more is a suspected service (default 1000; none for no limit)
  --max-transfers N      a trace that would read more is refused (default 500000)
  --json                 prints the whole result as one JSON object
  --touched FILE.csv     writes every transfer that carried taint, method by method`,
  run: runTraceCommand,
};

async function runTraceCommand(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      method: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      until: { type: 'string' },
      'max-hops': { type: 'string' },
      'min-amount': { type: 'string' },
      stop: { type: 'string', multiple: true },
      'max-counterparties': { type: 'string' },
      'max-transfers': { type: 'string' },
      json: { type: 'boolean' },
      touched: { type: 'string' },
    },
    usage,
  );
  const [path, ...rest] = args.words;
  if (path === undefined || rest.length > 0) throw usageError('one theft file is needed', usage);
  const options = traceOptions(args);
  const input = await readTheftInput(path);
  const output = await withStore(args, terminal, (store, progress) =>
    runTrace(store, input, options, { version: VERSION, now: terminal.now() }, progress),
  );
  const touched = args.text('touched');
  if (touched !== undefined) await writeWhole(touched, touchedText(output.touched));
  if (args.flag('json')) terminal.out(resultText(output.result));
  else {
    terminal.out(summaryText(output.result, { width: terminal.columns, color: terminal.color }));
    terminal.out(
      `\nCase ${output.result.case} kept. Next: haetae case report ${output.result.case} | haetae case export ${output.result.case}\n`,
    );
  }
}

/** A theft file as a trace takes it. Throws E_NOT_FOUND, E_FILE_READ and what the file's schema throws. */
export async function readTheftInput(path: string): Promise<TheftInput> {
  const text = await readTextFile(path);
  return { text, fileName: basename(path), file: readTheftFile(text, basename(path)) };
}

function traceOptions(args: Arguments): TraceOptions {
  const named = args.list('method');
  for (const method of named) requireMethod(method);
  const until = args.text('until');
  const limit = args.text('max-counterparties');
  return {
    ...DEFAULT_TRACE_OPTIONS,
    ...parseStops(args.list('stop')),
    methods: named.length === 0 || args.flag('all') ? Object.keys(METHODS) : [...new Set(named)],
    until: until === undefined ? null : requireTime(until, '--until'),
    maxTransfers: args.whole('max-transfers', 1, 1e9) ?? DEFAULT_TRACE_OPTIONS.maxTransfers,
    maxHops: args.whole('max-hops', 1, 1_000_000) ?? null,
    minAmount: args.text('min-amount') ?? null,
    maxCounterparties:
      limit === 'none' ? null : (args.whole('max-counterparties', 1, 1e9) ?? DEFAULT_TRACE_OPTIONS.maxCounterparties),
  };
}
