import { basename } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { requireChain } from '../model/chain.ts';
import type { AccountSource, ChainSource } from '../source/chain-source.ts';
import type { Store } from '../store/port.ts';
import { alarmLines, alarmRecord, alarmSummary, pastText } from '../watch/alarm-text.ts';
import { readWalletFile, type WalletFile } from '../watch/wallet-file.ts';
import { DEFAULT_DEPTH, ONCE_BLOCKS, type WatchEvent } from '../watch/wallet-plan.ts';
import { watchWallets } from '../watch/wallet-watch.ts';
import { closeSources, noSource, openSources, readEndpoints, SOURCE_HELP, SOURCE_OPTIONS } from './_sources.ts';
import { withStore } from './_store.ts';
import { readTextFile } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage =
  'haetae watch WALLETS.yaml [--source [CHAIN=][KIND:]URL]… [--sources FILE.yaml] [--past-blocks N] [--from-block N] [--until-block N] ' +
  '[--once] [--store] [--json] [--db FILE] [--quiet]';

const MAX_BLOCK = 1e15;

export const watch: Command = {
  usage,
  help: `Watches wallets for a theft in progress: drains (S1), changed signers and large approvals (S0). Learns their past first, then
says within a block what is unusual. A reorganisation takes back the alarms of the blocks it undid. Ctrl-C ends it.

${SOURCE_HELP}
  --past-blocks N        blocks of past to learn (default: as many as the source lists quickly, else 300; 0 for none)
  --from-block N         judges blocks from this one on (default: from the next; with --once the last ${ONCE_BLOCKS})
  --until-block N        ends after this block
  --once                 ends at the present head
  --store                learns the wallets' movements in the store too, older than the blocks read (so does --db FILE)
  --json                 one JSON object a line: learnt, watching, alarm, withdrawn, reorganised, block, waiting
  --quiet                alarms and what takes them back only`,
  run: runWatch,
};

async function runWatch(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      ...SOURCE_OPTIONS,
      'past-blocks': { type: 'string' },
      'from-block': { type: 'string' },
      'until-block': { type: 'string' },
      once: { type: 'boolean' },
      store: { type: 'boolean' },
      json: { type: 'boolean' },
    },
    usage,
  );
  const [path, ...rest] = args.words;
  if (path === undefined || rest.length > 0) throw usageError('one file of wallets is needed', usage);
  const file = readWalletFile(await readTextFile(path), basename(path));
  // Checked before anything is opened.
  blockOptions(args);
  if (!args.flag('store') && args.text('db') === undefined) return watchFile(file, args, terminal, null);
  await withStore(args, terminal, (store) => watchFile(file, args, terminal, store));
}

function blockOptions(args: Arguments): Record<'pastBlocks' | 'fromBlock' | 'untilBlock', bigint | null> {
  const option = (name: string): bigint | null => {
    const value = args.whole(name, 0, MAX_BLOCK);
    return value === undefined ? null : BigInt(value);
  };
  const pastBlocks = option('past-blocks');
  const fromBlock = option('from-block');
  const untilBlock = option('until-block');
  if (fromBlock !== null && untilBlock !== null && fromBlock > untilBlock) {
    throw usageError(`--from-block ${fromBlock} is above --until-block ${untilBlock}`, usage);
  }
  return { pastBlocks, fromBlock, untilBlock };
}

async function watchFile(file: WalletFile, args: Arguments, terminal: Terminal, store: Store | null): Promise<void> {
  const chains = [...new Set(file.wallets.map(({ chain }) => chain))];
  const notice = (text: string): void => {
    if (!args.flag('quiet')) terminal.err(`${visibleText(text)}\n`);
  };
  const endpoints = await readEndpoints(args, terminal, chains.length === 1 ? requireChain(chains[0]!) : null);
  const missing = chains.find((chain) => !endpoints.some((endpoint) => endpoint.chain.id === chain));
  if (missing !== undefined) throw noSource(missing);
  const sources = await openSources(endpoints, chains, notice);
  const stop = stopSignal();
  const plan = {
    ...blockOptions(args),
    wallets: file.wallets,
    thresholds: file.thresholds,
    store,
    once: args.flag('once'),
    depth: DEFAULT_DEPTH,
    emit: (event: WatchEvent) => print(event, args, terminal),
    signal: stop.signal,
  };
  try {
    await watchWallets(plan, sources.map(accountSource));
  } finally {
    stop.end();
    await closeSources(sources);
  }
}

function accountSource(source: ChainSource): AccountSource {
  if (source.model === 'account') return source;
  throw new HaetaeError('E_SOURCE', 'only account chains can be watched', { context: { chain: source.chain } });
}

/** Ctrl-C ends the watch at the next block; a second one ends the program as it would any other. */
function stopSignal(): { readonly signal: AbortSignal; end(): void } {
  const stop = new AbortController();
  const others = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
  const back = (): void => {
    process.removeListener('SIGINT', onSignal);
    for (const listener of others) process.on('SIGINT', listener);
  };
  const onSignal = (): void => {
    back();
    stop.abort();
  };
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', onSignal);
  return { signal: stop.signal, end: () => stop.signal.aborted || back() };
}

function print(event: WatchEvent, args: Arguments, terminal: Terminal): void {
  const quiet = args.flag('quiet');
  if (args.flag('json')) {
    if (!quiet || ALARMING.has(event.event)) terminal.out(`${JSON.stringify(recordOf(event), bigText)}\n`);
    return;
  }
  if (quiet && !ALARMING.has(event.event)) return;
  for (const line of linesOf(event)) terminal.out(`${visibleText(line)}\n`);
}

const ALARMING: ReadonlySet<WatchEvent['event']> = new Set(['alarm', 'withdrawn', 'reorganised', 'waiting']);

function linesOf(event: WatchEvent): string[] {
  switch (event.event) {
    case 'learnt': {
      const { chain, wallet, name, past, blocks, holdings, notes } = event;
      const read =
        blocks.read === 0
          ? 'no block of the past read'
          : `${blocks.read} blocks read from ${blocks.from} to ${blocks.to}`;
      const who = `${chain} ${name === null ? wallet : `${name} (${wallet})`}`;
      return [
        `${who}: ${pastText(past)}; ${read}; holdings of ${holdings} kinds of assets known`,
        ...notes.map((note) => `  ${note}`),
      ];
    }
    case 'watching':
      return [`${event.chain}: watching ${event.wallets} wallets from block ${event.from}`];
    case 'alarm':
      return alarmLines(event.alarm, event.units);
    case 'withdrawn': {
      const { alarm, units } = event;
      return [
        `${alarm.chain} block ${alarm.block} is no longer part of the chain: WITHDRAWN ${alarm.id}: ${alarmSummary(alarm, units)}`,
      ];
    }
    case 'reorganised':
      return [
        `${event.chain} reorganised, ${event.depth} blocks deep: above block ${event.above} everything is judged anew`,
      ];
    case 'waiting':
      return [`${event.chain}: ${event.fault}; asked again in ${event.seconds} s`];
    case 'block':
      return event.moved === 0
        ? []
        : [
            `${formatTime(event.block.time)}  ${event.chain} block ${event.block.number}: ${event.moved} transactions of watched wallets`,
          ];
  }
}

function recordOf(event: WatchEvent): unknown {
  if (event.event === 'alarm') return alarmRecord(event.alarm, event.units);
  if (event.event !== 'withdrawn') return event;
  const { id, chain, wallet, block, blockHash } = event.alarm;
  return { event: 'withdrawn', id, chain, wallet, block, blockHash, summary: alarmSummary(event.alarm, event.units) };
}

function bigText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
