import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { requireTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { addressForms, requireAddress } from '../model/address.ts';
import { type Chain, requireChain } from '../model/chain.ts';
import type { TheftFile } from '../model/theft.ts';
import { summaryText } from '../report/terminal.ts';
import type { ChainSource } from '../source/chain-source.ts';
import type { Store } from '../store/port.ts';
import { METHODS, requireMethod } from '../taint/engine.ts';
import { resultText, touchedText } from '../trace/case-files.ts';
import type { TheftInput } from '../trace/gather.ts';
import { DEFAULT_MAX_BLOCKS, type FetchHooks, fetchForTrace } from '../trace/live/fetch.ts';
import { draftTheft, parseTarget, type Target } from '../trace/live/target.ts';
import { DEFAULT_TRACE_OPTIONS, parseStops, STOP_OF_CATEGORY, type TraceOptions } from '../trace/options.ts';
import { runTrace } from '../trace/run.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import type { TraceOutput } from '../trace/trace.ts';
import { closeSources, noSource, openSources, readEndpoints, SOURCE_HELP, SOURCE_OPTIONS } from './_sources.ts';
import { LIVE_STORE_MB, storePath, withStore } from './_store.ts';
import { readTextFile, writeWhole } from './_text-file.ts';
import { openTraceIndex, withTraceIndex } from './_trace-index.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { VERSION } from './version.ts';

const usage =
  'haetae trace THEFT.yaml | TRANSACTION | ADDRESS [--chain ID] [--source [KIND:]URL]… [--sources FILE.yaml] [--since BLOCK|TIME] ' +
  '[--thief ADDRESS]… [--theft-out FILE.yaml] [--max-blocks N] [--method NAME]… [--all] [--until TIME] [--max-hops N] ' +
  '[--min-amount AMOUNT] [--stop WHAT]… [--max-counterparties N|none] [--max-transfers N] [--json] [--touched FILE.csv] ' +
  '[--db FILE] [--quiet]';

export const trace: Command = {
  usage,
  help: `Follows thefts through the transfers in the store and keeps the result as a case. With a source of the living chain it first
fetches what the trace needs, from a theft file, or from nothing but the transaction of the theft or an address the loot came to.

  --chain ID             the chain of TRANSACTION or ADDRESS: CAIP-2 id or name (default ethereum)
${SOURCE_HELP}
  --since BLOCK|TIME     of an ADDRESS: what it receives from then on is the loot
  --thief ADDRESS        of a TRANSACTION: only what this address gained is the loot, repeatable (default: whoever gained)
  --theft-out FILE.yaml  writes the theft file that was drawn up, to be read, corrected and traced again
  --max-blocks N         a fetch that must read more blocks one by one is refused (default ${DEFAULT_MAX_BLOCKS})
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
      ...SOURCE_OPTIONS,
      chain: { type: 'string' },
      since: { type: 'string' },
      thief: { type: 'string', multiple: true },
      'theft-out': { type: 'string' },
      'max-blocks': { type: 'string' },
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
  const [word, ...rest] = args.words;
  if (word === undefined || rest.length > 0)
    throw usageError('one theft file, transaction or address is needed', usage);
  const options = traceOptions(args);
  const chain = requireChain(args.text('chain') ?? 'ethereum');
  if (!existsSync(word) && addressForms(word).length > 0) requireAddress(chain, word, 'the address');
  const target = existsSync(word) || /\.(ya?ml|json)$/i.test(word) ? null : parseTarget(chain, word);
  const output =
    target === null
      ? await traceFile(args, terminal, word, options)
      : await traceTarget(args, terminal, chain, target, options);
  await printOutput(args, terminal, output);
}

async function printOutput(args: Arguments, terminal: Terminal, output: TraceOutput): Promise<void> {
  const touched = args.text('touched');
  if (touched !== undefined) await writeWhole(touched, touchedText(output.touched));
  if (args.flag('json')) return terminal.out(resultText(output.result));
  terminal.out(summaryText(output.result, { width: terminal.columns, color: terminal.color }));
  terminal.out(
    `\nCase ${output.result.case} kept. Next: haetae case report ${output.result.case} | haetae case export ${output.result.case}\n`,
  );
}

/** A theft file: through the store alone, or with what its chains' sources add. */
async function traceFile(
  args: Arguments,
  terminal: Terminal,
  path: string,
  options: TraceOptions,
): Promise<TraceOutput> {
  const input = await readTheftInput(path);
  const live = args.texts('source').length > 0 || args.text('sources') !== undefined;
  const chains = chainsOf(input.file);
  const endpoints = live ? await readEndpoints(args, terminal, requireChain(args.text('chain') ?? chains[0]!)) : [];
  return withStore(
    args,
    terminal,
    async (store, progress) => {
      const hooks = fetchHooks(args, terminal, progress);
      const sources = await openSources(endpoints, chains, hooks.notice);
      return withSources(sources, () =>
        fetchAndTrace(store, storePath(args, terminal), input, options, sources, hooks),
      );
    },
    live ? 'create' : 'existing',
    live ? LIVE_STORE_MB : undefined,
  );
}

export function chainsOf(file: TheftFile): string[] {
  const seeds = [...file.thefts.flatMap((theft) => theft.seeds), ...file.links.map((link) => link.to)];
  return [...new Set(seeds.map((seed) => seed.chain.id))];
}

async function traceTarget(
  args: Arguments,
  terminal: Terminal,
  chain: Chain,
  target: Target,
  options: TraceOptions,
): Promise<TraceOutput> {
  const endpoints = await readEndpoints(args, terminal, chain);
  if (target.kind === 'address' && args.list('thief').length > 0)
    throw usageError('--thief goes with a TRANSACTION: an ADDRESS is the thief', usage);
  if (target.kind === 'transaction' && args.text('since') !== undefined)
    throw usageError('--since goes with an ADDRESS', usage);
  const thieves = args.list('thief').map((address) => requireAddress(chain, address, '--thief'));
  const since = args.text('since') ?? null;
  return withStore(
    args,
    terminal,
    async (store, progress) => {
      const hooks = fetchHooks(args, terminal, progress);
      const sources = await openSources(endpoints, [chain.id], hooks.notice);
      const source = sources[0];
      if (source === undefined) throw noSource(chain.id);
      return withSources(sources, async () => {
        const input = await draftTheft(store, source, target, { thieves, since, trace: options }, hooks);
        const out = args.text('theft-out');
        if (out !== undefined) await writeWhole(out, input.text);
        return fetchAndTrace(store, storePath(args, terminal), input, options, sources, hooks);
      });
    },
    'create',
    LIVE_STORE_MB,
  );
}

async function withSources<Result>(sources: readonly ChainSource[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await closeSources(sources);
  }
}

async function fetchAndTrace(
  store: Store,
  database: string,
  input: TheftInput,
  options: TraceOptions,
  sources: readonly ChainSource[],
  hooks: FetchHooks,
): Promise<TraceOutput> {
  if (sources.length > 0) await fetchForTrace(store, input, options, sources, hooks);
  const index = await openTraceIndex(store, database, chainsOf(input.file), hooks.notice);
  const at = { version: VERSION, now: hooks.now() };
  return withTraceIndex(index, hooks.notice, (indexed) => runTrace(store, input, options, at, hooks.progress, indexed));
}

export function fetchHooks(args: Arguments, terminal: Terminal, progress: Progress): FetchHooks {
  return {
    progress,
    notice: (text) => {
      if (!args.flag('quiet')) terminal.err(`note: ${visibleText(text)}\n`);
    },
    now: () => terminal.now(),
    maxBlocks: args.whole('max-blocks', 1, 1e9) ?? DEFAULT_MAX_BLOCKS,
  };
}

/** A theft file as a trace takes it. Throws E_NOT_FOUND, E_FILE_READ and what the file's schema throws. */
export async function readTheftInput(path: string): Promise<TheftInput> {
  if (!existsSync(path) && !/\.(ya?ml|json)$/i.test(path)) {
    throw new HaetaeError('E_NOT_FOUND', 'neither a file nor a transaction or address of the chain', {
      context: { target: path.slice(0, 100) },
      remedy: 'check the word, and --chain (a transaction is 64 hex digits; an address must pass its checksum)',
    });
  }
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
