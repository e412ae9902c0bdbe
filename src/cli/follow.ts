import { formatAmount } from '../base/money.ts';
import { formatTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { labelsOfMany } from '../label/resolve.ts';
import { type Asset, nativeAsset } from '../model/asset.ts';
import { requireChain } from '../model/chain.ts';
import { FEE_KINDS, type UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import { readCaseFiles } from '../trace/case-files.ts';
import type { TheftInput } from '../trace/gather.ts';
import { ownerKey } from '../trace/places.ts';
import type { TheftResult } from '../trace/result.ts';
import { runTrace } from '../trace/run.ts';
import { decidingLabel } from '../trace/stops.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import { type FollowEvent, followCase } from '../watch/follow.ts';
import { closeSources, noSource, openSources, readEndpoints, SOURCE_HELP, SOURCE_OPTIONS } from './_sources.ts';
import { LIVE_STORE_MB, withStore } from './_store.ts';
import { requireCase } from './case.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { chainsOf, fetchHooks } from './trace.ts';
import { VERSION } from './version.ts';

const usage =
  'haetae follow CASE [--source [KIND:]URL]… [--sources FILE.yaml] [--once] [--max-blocks N] [--json] [--db FILE] [--quiet]';

export const follow: Command = {
  usage,
  help: `Stays with the head of the chain: fetches what happened since the case was traced, then applies each new block as it comes
and says when traced money moves. A reorganisation is undone and read again. The case keeps its id and is computed anew after
each movement. Ctrl-C ends it; the same command goes on where it stopped.

${SOURCE_HELP}
  --once                 catches up with the present head and ends
  --max-blocks N         a catch-up that must read more blocks one by one is refused
  --json                 one JSON object a line: following, moved, block, reorganised, retraced`,
  run: runFollow,
};

async function runFollow(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    { ...SOURCE_OPTIONS, once: { type: 'boolean' }, 'max-blocks': { type: 'string' }, json: { type: 'boolean' } },
    usage,
  );
  const [id, ...rest] = args.words;
  if (id === undefined || rest.length > 0) throw usageError('one case is needed', usage);
  await withStore(
    args,
    terminal,
    async (store, progress) => {
      const stored = await requireCase(store, id);
      const { evidence } = readCaseFiles(stored.files);
      const input: TheftInput = {
        text: evidence.theftText,
        fileName: evidence.theftFileName,
        file: readTheftFile(evidence.theftText, evidence.theftFileName),
      };
      const options = { ...evidence.options, until: null };
      const hooks = fetchHooks(args, terminal, progress);
      if (evidence.options.until !== null) hooks.notice('the case ended at a time; followed, it has no end');
      const chains = chainsOf(input.file);
      const endpoints = await readEndpoints(args, terminal, requireChain(chains[0]!));
      const sources = await openSources(endpoints, chains, hooks.notice);
      if (sources.length === 0) throw noSource(chains.join(', '));
      const printer = new FollowPrinter(store, args, terminal);
      try {
        await followCase(
          {
            store,
            input,
            options,
            hooks,
            retrace: () =>
              runTrace(store, input, options, { version: VERSION, now: terminal.now(), caseId: stored.id }, progress),
            emit: (event) => printer.print(event),
            signal: new AbortController().signal,
            once: args.flag('once'),
            now: () => terminal.now(),
          },
          sources,
        );
        await printer.settled();
      } finally {
        await closeSources(sources);
      }
    },
    'existing',
    LIVE_STORE_MB,
  );
}

/** Prints events in the order they come; amounts in whole units and receivers by name, where the store knows them. */
class FollowPrinter {
  readonly #store: Store;
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #terminal: Terminal;
  #queue: Promise<void> = Promise.resolve();

  constructor(store: Store, args: Arguments, terminal: Terminal) {
    this.#store = store;
    this.#json = args.flag('json');
    this.#quiet = args.flag('quiet');
    this.#terminal = terminal;
  }

  print(event: FollowEvent): void {
    if (this.#json) this.#terminal.out(`${JSON.stringify(eventRecord(event), bigText)}\n`);
    else this.#queue = this.#queue.then(() => this.#line(event));
  }

  settled(): Promise<void> {
    return this.#queue;
  }

  async #line(event: FollowEvent): Promise<void> {
    for (const line of await this.#lines(event)) this.#terminal.out(`${visibleText(line)}\n`);
  }

  async #lines(event: FollowEvent): Promise<string[]> {
    if (event.event === 'retraced') {
      const { result } = event.output;
      return [result, ...result.furtherThefts].map((theft) => `case ${result.case}: ${theftLine(theft)}`);
    }
    if (event.event === 'reorganised')
      return [
        `${event.chain} reorganised, ${event.depth} blocks deep: above block ${event.above} everything is read anew`,
      ];
    const at = `${formatTime(event.block.time)}  ${event.chain} block ${event.block.number}`;
    if (event.event === 'following') return [`${at}: following from here`];
    if (event.event === 'block') return this.#quiet || event.moved > 0 ? [] : [`${at}: nothing moved`];
    const moves =
      event.event === 'moved'
        ? event.transfers.flatMap(({ from, to, asset, amount, tx, kind }) =>
            amount === 0n || FEE_KINDS.has(kind) ? [] : [{ from, to, asset, amount, tx }],
          )
        : event.transactions.flatMap(movesOfUtxo);
    const assets = new Map((await this.#store.assets()).map((asset) => [asset.id, asset]));
    const native = nativeAsset(event.chain);
    assets.set(native.id, native);
    const names = await this.#names(event.chain, moves);
    return moves.map(
      ({ from, to, asset, amount, tx }) =>
        `${at}: MOVED ${amountText(amount, asset, assets.get(asset))} from ${from ?? 'outside'} to ${to ?? 'nobody (fee or burn)'}${names.get(to ?? '') ?? ''} in ${tx ?? 'no transaction'}`,
    );
  }

  async #names(chain: string, moves: readonly Move[]): Promise<ReadonlyMap<string, string>> {
    const addresses = [...new Set(moves.flatMap((move) => move.to ?? []))];
    const labels = await labelsOfMany(
      this.#store,
      addresses.map((address) => ({ chain, address })),
    );
    return new Map(
      addresses.flatMap((address) => {
        const label = decidingLabel(labels.get(ownerKey(chain, address)) ?? []);
        return label === null ? [] : [[address, ` (${label.label}, ${label.category})`] as const];
      }),
    );
  }
}

interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: string;
  readonly amount: bigint;
  readonly tx: string | null;
}

function movesOfUtxo({ tx, inputs, outputs, chain }: UtxoTransaction): Move[] {
  const from = [...new Set(inputs.map((input) => input.address))].slice(0, 3).join(', ');
  return outputs
    .filter((output) => output.value > 0n)
    .map(({ address, value }) => ({ from, to: address, asset: nativeAsset(chain).id, amount: value, tx }));
}

function amountText(amount: bigint, asset: string, known: Asset | undefined): string {
  return known?.decimals === undefined || known.decimals === null
    ? `${amount} base units of ${known?.symbol ?? asset}`
    : `${formatAmount(amount, known.decimals)} ${known.symbol}`;
}

/** Where a theft stands by the first conserving method of the case. */
function theftLine({ theft, methods }: TheftResult): string {
  const first = Object.entries(methods).find(([, method]) => method.buckets !== null);
  if (first === undefined) return theft.id;
  const [name, { buckets }] = first;
  const parts = Object.entries(buckets ?? {})
    .filter(([, units]) => units !== '0')
    .map(
      ([bucket, units]) => `${bucket} ${theft.decimals === null ? units : formatAmount(BigInt(units), theft.decimals)}`,
    );
  return `${theft.id} by ${name}: ${parts.join(', ')} ${theft.symbol}`;
}

function eventRecord(event: FollowEvent): unknown {
  if (event.event !== 'retraced') return event;
  const { result } = event.output;
  const thefts = [result, ...result.furtherThefts].map(({ theft, methods }) => ({
    theft: theft.id,
    buckets: Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.buckets])),
  }));
  return { event: 'retraced', case: result.case, thefts };
}

function bigText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
