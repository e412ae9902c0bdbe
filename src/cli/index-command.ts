import { describeError, HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { formatTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { Built, Lag } from '../flow/bring-up.ts';
import type { IndexCheck, IndexSummary } from '../flow/check-index.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { storePath, withStore } from './_store.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = `haetae index build [--chain CHAIN] [--json] [--db FILE] [--quiet]
haetae index status [--chain CHAIN] [--json] [--db FILE]
haetae index check [--chain CHAIN] [--deep] [--json] [--db FILE] [--quiet]`;

export const indexCommand: Command = {
  usage,
  help: `The columns of whole chains beside the store (FILE.index): traces of large stores, entities and exposure read them.

build    brings them to what the store holds: later movements are added, what changed is built anew from the first second that
         changed on, and so is what is damaged. Stopped in the middle, it begins again with the import that was not wholly in.
status   what is indexed, up to when, and how far it is behind the store
check    reads every byte, computes every checksum anew and compares the counts with the store; status 1 where something is wrong

--chain  one chain only (by name or CAIP-2 id); all by default
--deep   with check: compares every movement with the store's
--json   for programs`,
  run: runIndex,
};

interface Work {
  readonly store: Store;
  readonly database: string;
  readonly chains: readonly ChainId[];
  readonly progress: Progress;
  readonly args: Arguments;
  readonly out: (line: string) => void;
}

async function runIndex(words: string[], terminal: Terminal): Promise<void> {
  const options = { chain: { type: 'string' }, json: { type: 'boolean' }, deep: { type: 'boolean' } } as const;
  const args = parseWords(words, options, usage);
  const [verb, ...rest] = args.words;
  const run = verb === undefined ? undefined : VERBS[verb];
  if (run === undefined || rest.length > 0) throw usageError('index takes build, status or check', usage);
  const database = storePath(args, terminal);
  await withStore(args, terminal, async (store, progress) => {
    const chains = await chainsOf(store, args);
    const out = (line: string): void => terminal.out(`${visibleText(line)}\n`);
    await run({ store, database, chains, progress, args, out });
  });
}

const VERBS: Readonly<Record<string, (work: Work) => Promise<void>>> = {
  build: runBuild,
  status: runStatus,
  check: runCheck,
};

async function chainsOf(store: Store, args: Arguments): Promise<readonly ChainId[]> {
  const held = (await store.numberedChains()).map(({ chain }) => chain);
  const named = args.text('chain');
  if (named === undefined) return held;
  const chain = requireChain(named).id;
  if (held.includes(chain)) return [chain];
  throw new HaetaeError('E_NOT_FOUND', 'the store holds nothing of this chain', {
    context: { chain },
    remedy: held.length === 0 ? 'import something first' : `name one of ${held.join(', ')}`,
  });
}

async function runBuild({ store, database, chains, progress, args, out }: Work): Promise<void> {
  const { buildIndex } = await import('../flow/build-index.ts');
  const results: unknown[] = [];
  for (const chain of chains) {
    const started = performance.now();
    const built = await buildIndex(store, database, { chain, progress, check: true });
    const seconds = (performance.now() - started) / 1000;
    if (args.flag('json')) results.push(builtValue(chain, built));
    else for (const line of builtLines(chain, built, seconds)) out(line);
  }
  if (args.flag('json')) out(JSON.stringify({ chains: results }));
  else if (chains.length === 0) out('the store holds no movements yet');
}

function builtValue(chain: ChainId, { manifest, kept, written, faults }: Built): object {
  const rows = manifest.segments.reduce((sum, segment) => sum + segment.rows, 0);
  return { chain, rows, segmentsKept: kept, segmentsWritten: written, repaired: faults.map(({ message }) => message) };
}

function builtLines(chain: ChainId, { manifest, kept, written, faults }: Built, seconds: number): string[] {
  const rows = manifest.segments.reduce((sum, segment) => sum + segment.rows, 0);
  const fresh = manifest.segments.slice(kept).reduce((sum, segment) => sum + segment.rows, 0);
  const what = manifest.model === 'utxo' ? 'transactions' : 'movements';
  const damage = faults.map((fault) => `  was damaged: ${fault.message}${placeOf(fault)}`);
  if (written === 0) return [...damage, `${chain}: up to date, ${rows} ${what}`];
  const whole = kept === 0 ? ', all anew' : `, after ${kept} segments that stay`;
  return [...damage, `${chain}: ${rows} ${what} indexed (${fresh} in ${seconds.toFixed(1)} s${whole})`];
}

function placeOf({ context }: HaetaeError): string {
  const words = Object.entries(context).map(([key, value]) => `${key}=${value}`);
  return words.length === 0 ? '' : ` (${words.join(', ')})`;
}

async function runStatus({ store, database, chains, args, out }: Work): Promise<void> {
  const [{ openIndex }, { summarise }] = await Promise.all([
    import('../flow/open-index.ts'),
    import('../flow/check-index.ts'),
  ]);
  const index = openIndex(database);
  const results: object[] = [];
  for (const chain of chains) {
    const state = await stateOf(async () => ({
      summary: index.has(chain) ? summarise(index, database, chain) : null,
      lag: index.has(chain) ? await index.lag(chain, store) : null,
    }));
    if ('fault' in state) results.push({ chain, fault: state.fault.code, message: state.fault.message });
    else results.push({ chain, ...state.value.summary, ...state.value.lag });
    if (args.flag('json')) continue;
    if ('fault' in state) out(`${chain}: ${describeError(state.fault)}`);
    else out(statusLine(chain, state.value.summary, state.value.lag));
  }
  index.close();
  if (args.flag('json')) out(JSON.stringify({ chains: results }));
  else if (chains.length === 0) out('the store holds no movements yet');
}

async function stateOf<Value>(work: () => Promise<Value>): Promise<{ value: Value } | { fault: HaetaeError }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (error instanceof HaetaeError) return { fault: error };
    throw error;
  }
}

function statusLine(chain: ChainId, summary: IndexSummary | null, lag: Lag | null): string {
  if (summary === null || lag === null) return `${chain}: not indexed; run haetae index build`;
  const what = summary.model === 'utxo' ? 'transactions' : 'movements';
  const size = `${(summary.bytes / 2 ** 20).toFixed(1)} MiB in ${summary.segments} segments`;
  if (summary.damaged.length > 0)
    return `${chain}: ${summary.rows} ${what}, ${size}; damaged: ${summary.damaged.join(', ')}; run haetae index build`;
  const block = summary.lastBlock === null ? '' : ` (block ${summary.lastBlock})`;
  const last = summary.lastTime === null ? '' : `, up to ${formatTime(summary.lastTime)}${block}`;
  const held = `${summary.rows} ${what}, ${summary.addresses} addresses, ${summary.assets} assets, ${size}${last}`;
  return `${chain}: ${held}; ${lagText(lag)}`;
}

function lagText({ fresh, changedSegments, laterRows }: Lag): string {
  if (fresh) return 'up to date';
  const parts = [
    ...(laterRows > 0 ? [`about ${laterRows} rows behind`] : []),
    ...(changedSegments > 0 ? [`${changedSegments} segments changed in the store`] : []),
  ];
  return `${parts.join(', ')}; run haetae index build`;
}

async function runCheck({ store, database, chains, progress, args, out }: Work): Promise<void> {
  const [{ checkIndex }, { openIndex }] = await Promise.all([
    import('../flow/check-index.ts'),
    import('../flow/open-index.ts'),
  ]);
  const indexed = openIndex(database);
  const results: object[] = [];
  let wrong = 0;
  for (const chain of chains.filter((item) => indexed.has(item))) {
    const deep = args.flag('deep');
    const state = await stateOf(() => checkIndex(store, database, { chain, progress, deep }));
    const faults = 'fault' in state ? [state.fault] : faultsOf(chain, state.value);
    wrong += faults.length;
    results.push({ chain, faults: faults.map(({ code, message, context }) => ({ code, message, ...context })) });
    if (args.flag('json')) continue;
    for (const fault of faults) out(`${chain}: ${describeError(fault)}`);
    if (faults.length === 0 && 'value' in state)
      out(`${chain}: ${state.value.bytes} bytes checked, ${state.value.rows?.index ?? 0} rows as in the store`);
  }
  if (args.flag('json')) out(JSON.stringify({ chains: results }));
  else if (results.length === 0) out('nothing is indexed yet; run haetae index build');
  if (wrong > 0) process.exitCode = 1;
}

/** Damage of files, and where the index says other than the store. */
function faultsOf(chain: ChainId, { faults, rows, difference }: IndexCheck): HaetaeError[] {
  const remedy = 'run haetae index build';
  const found = [...faults];
  if (rows !== null && rows.store !== rows.index) {
    const context = { chain, store: rows.store, index: rows.index };
    found.push(new HaetaeError('E_INDEX_STALE', 'the store has other rows than were indexed', { context, remedy }));
  }
  if (difference !== null)
    found.push(
      new HaetaeError('E_INDEX_CORRUPT', difference, {
        context: { chain },
        remedy: `remove the folder of the index, then ${remedy}`,
      }),
    );
  return found;
}
