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
import type { Endpoint } from '../source/endpoint.ts';
import type { Store } from '../store/port.ts';
import { METHODS, requireMethod } from '../taint/engine.ts';
import { resultText, touchedText } from '../trace/case-files.ts';
import type { TheftInput } from '../trace/gather.ts';
import { type Target, type TargetOptions, targetText } from '../trace/live/drafting.ts';
import { DEFAULT_MAX_BLOCKS, type FetchHooks, fetchForTrace } from '../trace/live/fetch.ts';
import { draftTheft, parseTarget } from '../trace/live/target.ts';
import { DEFAULT_TRACE_OPTIONS, parseStops, STOP_OF_CATEGORY, type TraceOptions } from '../trace/options.ts';
import { runTrace } from '../trace/run.ts';
import { draftStored } from '../trace/stored-draft.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import type { TraceOutput } from '../trace/trace.ts';
import { closeSources, openSources, readEndpoints, SOURCE_HELP, SOURCE_OPTIONS } from './_sources.ts';
import { LIVE_STORE_MB, storePath, withStore } from './_store.ts';
import { readTextFile, writeWhole } from './_text-file.ts';
import { openTraceIndex, withTraceIndex } from './_trace-index.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { VERSION } from './version.ts';

/** Each may take a pass over the store. */
const MAX_TARGETS = 200;

const usage =
  'haetae trace THEFT.yaml | TRANSACTION|ADDRESS… [--chain ID] [--source [KIND:]URL]… [--sources FILE.yaml] [--stored] ' +
  '[--since BLOCK|TIME] [--thief ADDRESS]… [--title TEXT] [--theft-out FILE.yaml] [--max-blocks N] [--method NAME]… [--all] [--until TIME] [--max-hops N] ' +
  '[--min-amount AMOUNT] [--stop WHAT]… [--max-counterparties N|none] [--max-transfers N] [--json] [--touched FILE.csv] ' +
  '[--db FILE] [--quiet]';

export const trace: Command = {
  usage,
  help: `Follows thefts through the transfers in the store and keeps the result as a case: from a theft file, or from nothing but the
transactions of the theft or addresses the loot came to. With a source of the living chain it first fetches what the trace needs.
Several transactions and addresses of one chain are one theft; what moves on from one to another is counted once.

  --chain ID             the chain of TRANSACTION or ADDRESS: CAIP-2 id or name (default ethereum)
${SOURCE_HELP}
  --stored               only what the store holds, even where a sources file names the chain
  --since BLOCK|TIME     of an ADDRESS: what it receives from then on is the loot (default, without a source: all that it received)
  --thief ADDRESS        of a TRANSACTION: only what this address gained is the loot, repeatable (default: whoever gained)
  --title TEXT           of the theft of a TRANSACTION or ADDRESS
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
      stored: { type: 'boolean' },
      title: { type: 'string' },
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
  const [word] = args.words;
  if (word === undefined) throw usageError('a theft file, transactions or addresses are needed', usage);
  if (args.flag('stored') && (args.texts('source').length > 0 || args.text('sources') !== undefined))
    throw usageError('--stored and a source exclude each other', usage);
  const options = traceOptions(args);
  const chain = requireChain(args.text('chain') ?? 'ethereum');
  const targets = readTargets(chain, args.words);
  const output =
    targets === null
      ? await traceFile(args, terminal, word, options)
      : await traceTargets(args, terminal, chain, targets, options);
  await printOutput(args, terminal, output);
}

/** Null: the one word is a theft file. Throws E_USAGE, E_ADDRESS, E_NOT_FOUND. */
function readTargets(chain: Chain, words: readonly string[]): readonly Target[] | null {
  const [only, ...more] = words;
  if (more.length === 0 && (existsSync(only!) || /\.(ya?ml|json)$/i.test(only!))) return null;
  if (words.length > MAX_TARGETS) throw usageError(`at most ${MAX_TARGETS} transactions and addresses at once`, usage);
  const targets = words.map((word) => {
    if (addressForms(word).length > 0) requireAddress(chain, word, 'the address');
    const target = parseTarget(chain, word);
    if (target === null) throw noTarget(word);
    return target;
  });
  return [...new Map(targets.map((target) => [targetText(target), target])).values()];
}

async function printOutput(args: Arguments, terminal: Terminal, output: TraceOutput): Promise<void> {
  const touched = args.text('touched');
  if (touched !== undefined) await writeWhole(touched, touchedText(output.touched));
  terminal.tell?.({ kind: 'case', id: output.result.case });
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
  const chain = requireChain(args.text('chain') ?? chains[0]!);
  const endpoints = live ? await readEndpoints(args, terminal, chain, chains) : [];
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

async function traceTargets(
  args: Arguments,
  terminal: Terminal,
  chain: Chain,
  targets: readonly Target[],
  trace: TraceOptions,
): Promise<TraceOutput> {
  const draft = targetOptions(args, chain, targets, trace);
  const endpoints = args.flag('stored') ? [] : await readEndpoints(args, terminal, chain);
  if (endpoints.some((endpoint) => endpoint.chain.id === chain.id))
    return traceLive(args, terminal, chain, targets, draft, endpoints);
  return withStore(args, terminal, async (store, progress) => {
    const hooks = fetchHooks(args, terminal, progress);
    const index = await openTraceIndex(store, storePath(args, terminal), [chain.id], hooks.notice);
    const at = { version: VERSION, now: hooks.now() };
    return withTraceIndex(index, hooks.notice, async (indexed) => {
      const input = await draftStored({ store, chain, targets, options: draft, hooks, indexed });
      await writeTheftOut(args, input);
      return runTrace(store, input, trace, at, hooks.progress, indexed);
    });
  });
}

function targetOptions(args: Arguments, chain: Chain, targets: readonly Target[], trace: TraceOptions): TargetOptions {
  const has = (kind: Target['kind']): boolean => targets.some((target) => target.kind === kind);
  if (args.list('thief').length > 0 && !has('transaction'))
    throw usageError('--thief goes with a TRANSACTION: an ADDRESS is the thief', usage);
  const since = args.text('since') ?? null;
  if (since !== null && !has('address')) throw usageError('--since goes with an ADDRESS', usage);
  const thieves = args.list('thief').map((address) => requireAddress(chain, address, '--thief'));
  return { thieves, since, title: args.text('title') ?? null, trace };
}

function traceLive(
  args: Arguments,
  terminal: Terminal,
  chain: Chain,
  targets: readonly Target[],
  draft: TargetOptions,
  endpoints: readonly Endpoint[],
): Promise<TraceOutput> {
  return withStore(
    args,
    terminal,
    async (store, progress) => {
      const hooks = fetchHooks(args, terminal, progress);
      const sources = await openSources(endpoints, [chain.id], hooks.notice);
      return withSources(sources, async () => {
        const input = await draftTheft(store, sources[0]!, targets, draft, hooks);
        await writeTheftOut(args, input);
        return fetchAndTrace(store, storePath(args, terminal), input, draft.trace, sources, hooks);
      });
    },
    'create',
    LIVE_STORE_MB,
  );
}

async function writeTheftOut(args: Arguments, input: TheftInput): Promise<void> {
  const out = args.text('theft-out');
  if (out !== undefined) await writeWhole(out, input.text);
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
  if (!existsSync(path) && !/\.(ya?ml|json)$/i.test(path)) throw noTarget(path);
  const text = await readTextFile(path);
  return { text, fileName: basename(path), file: readTheftFile(text, basename(path)) };
}

function noTarget(word: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'neither a file nor a transaction or address of the chain', {
    context: { target: word.slice(0, 100) },
    remedy: 'check the word, and --chain (a transaction is 64 hex digits; an address must pass its checksum)',
  });
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
