import { describeError, HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { requireTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { readLabelFile } from '../label/open.ts';
import type { LabelFileOptions } from '../label/parsed.ts';
import { saveLabelList } from '../label/save.ts';
import type { ChainId } from '../model/chain.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import { detectPreset } from '../source/file/detect-preset.ts';
import { type FileFeedOptions, openFileFeed } from '../source/file/open.ts';
import { PRESETS } from '../source/file/preset.ts';
import {
  type Batch,
  type LoadResult,
  MOVES_NOTHING,
  type NewBatch,
  ORPHANED_BLOCK,
  type Store,
} from '../store/port.ts';
import { importPrices } from './_import-prices.ts';
import { withStore } from './_store.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage =
  'haetae import transfers FILE… [--preset NAME | --map MAP.yaml] [--chain ID] [--asset ID] [--decimals N] ' +
  '[--order index|row|inferred] [--duplicates keep|drop] [--complete] [--again] [--ids] [--height N] [--refused FILE.csv]\n' +
  '       haetae import labels FILE… [--list-date DATE] [--source NAME] [--asset CODE]\n' +
  '       haetae import prices FILE… [--asset ASSET] [--source NAME] [--map day=COLUMN,usd=COLUMN[,asset=COLUMN]] [--refused FILE.csv]';

export const importCommand: Command = {
  usage,
  help: `Transfers: CSV (also .gz), Parquet or text files, or a node's raw blocks, into the store. One command is one import: wholly there or not at all; the same import again adds nothing.

  --preset NAME       the layout (default: the one that the columns of the files fit):
${PRESETS.map((preset) => `      ${preset.name.padEnd(30)} ${preset.description}`).join('\n')}
  --map MAP.yaml      your own layout: columns to fields (docs/import.md)
  --chain ID          CAIP-2 id or name, where the layout does not fix it
  --asset ID          the asset of every row, where the layout does not fix it
  --decimals N        digits after the point of a pseudo-asset such as launder's dollars
  --order RULE        index, row, or inferred: inflows before the outflows they feed
  --duplicates RULE   keep or drop exact duplicate rows; both are counted
  --complete          the files hold every movement of their chain between their first and last block
  --ids               give addresses their numbers now, so that the index is built faster
  --again             import a file that is already there read in another way: its movements count twice
  --height N          raw blocks: height of the lowest one, where it is older than BIP34 and its ancestors are not in the files
  --refused FILE.csv  where refused rows go (default: FILE.refused.csv beside the first file)

Labels: GraphSense TagPack YAML, etherscan account JSON, OFAC lists by asset (txt, json) and by programme (json), or our own CSV (docs/labels.md).
  --list-date DATE    edition date of a list that carries none
  --source NAME       identity of the source, where the file gives none
  --asset CODE        asset of a by-asset list whose file name does not say it (XBT, ETH, …)

Prices: daily closing prices in US dollars, as asset,day,usd; or columns Date and Close; or header lines Price, Ticker, Date (docs/prices.md).
  --asset ASSET       CAIP-19 id or coin (ETH, BTC), where neither ticker nor file name (…ETH-USD…) says it
  --source NAME       who says so (default: the file's name)
  --map COLUMNS       another form: day=COLUMN,usd=COLUMN, and asset=COLUMN where the rows name it
  --refused FILE.csv  where refused rows go (default: the first five are printed)`,
  run: runImport,
};

async function runImport(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      preset: { type: 'string' },
      map: { type: 'string' },
      chain: { type: 'string' },
      asset: { type: 'string' },
      decimals: { type: 'string' },
      order: { type: 'string' },
      duplicates: { type: 'string' },
      complete: { type: 'boolean' },
      again: { type: 'boolean' },
      ids: { type: 'boolean' },
      height: { type: 'string' },
      refused: { type: 'string' },
      'list-date': { type: 'string' },
      source: { type: 'string' },
    },
    usage,
  );
  const [what, ...files] = args.words;
  if (files.length === 0 || (what !== 'transfers' && what !== 'labels' && what !== 'prices'))
    throw usageError('what to import, and the files', usage);
  if (what === 'prices')
    return withStore(args, terminal, (store) => importPrices(store, files, args, terminal, usage), 'create');
  if (what === 'labels')
    return withStore(args, terminal, (store) => importLabels(store, files, args, terminal), 'create');
  const options = await withPreset(transferOptions(files, args), terminal);
  const how = { again: args.flag('again'), ids: args.flag('ids') };
  return withStore(
    args,
    terminal,
    async (store, progress) => {
      terminal.out(loadText(await importTransfers(store, options, terminal, progress, how)));
    },
    'create',
  );
}

/** The options with the preset that the files fit, where neither preset nor map is named. */
async function withPreset(options: TransferOptions, terminal: Terminal): Promise<TransferOptions> {
  if (options.preset !== undefined || options.mapFile !== undefined) return options;
  const preset = await detectPreset(options.files);
  terminal.err(`note: read with --preset ${preset}, which fits the file\n`);
  return { ...options, preset };
}

type TransferOptions = Omit<FileFeedOptions, 'progress' | 'now'>;

function transferOptions(files: string[], args: Arguments): TransferOptions {
  return {
    files,
    ...given({
      preset: args.text('preset'),
      mapFile: args.text('map'),
      chain: args.text('chain'),
      asset: args.text('asset'),
      decimals: args.whole('decimals', 0, 77),
      order: oneOf(args, 'order', ['index', 'row', 'inferred'] as const),
      duplicates: oneOf(args, 'duplicates', ['keep', 'drop'] as const),
      complete: args.flag('complete') ? true : undefined,
      refusedFile: args.text('refused'),
      firstHeight: args.whole('height', 0, 0x7fff_ffff),
    }),
  };
}

type Given<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> };

/** Without the options that were not given: what is left out takes its default further down. */
function given<Options extends object>(options: Options): Given<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>;
}

function oneOf<Word extends string>(args: Arguments, name: string, words: readonly Word[]): Word | undefined {
  const value = args.text(name);
  if (value === undefined) return undefined;
  const word = words.find((item) => item === value);
  if (word === undefined) throw usageError(`--${name} takes ${words.join(', ')}`, usage);
  return word;
}

export async function importTransfers(
  store: Store,
  options: Omit<FileFeedOptions, 'progress' | 'now'>,
  terminal: Terminal,
  progress: Progress,
  { again = false, ids = false }: { readonly again?: boolean; readonly ids?: boolean } = {},
): Promise<LoadResult> {
  const blockTimes: FileFeedOptions['blockTimes'] = (chain, blocks) => store.blockTimes(chain, blocks);
  const known = await store.batches();
  const sequence = known.length;
  const { batch, feed, refusedList, notes } = await openFileFeed({
    ...options,
    blockTimes,
    knownOutputs: (chain, txs) => outputsOf(store, chain, txs),
    sequence,
    progress,
    now: terminal.now(),
  });
  if (!again) refuseSecondReading(batch, known);
  const loaded = await store.load({ ...batch, ids }, feed, progress);
  const list = refusedList();
  if (list !== null) terminal.err(`refused rows are listed in ${visibleText(list)}\n`);
  if (!loaded.repeated) for (const note of notes()) terminal.err(`${visibleText(note)}\n`);
  return loaded;
}

async function outputsOf(
  store: Store,
  chain: ChainId,
  txs: readonly string[],
): Promise<Map<string, UtxoTransaction['outputs']>> {
  const outputs = new Map<string, UtxoTransaction['outputs']>();
  const stored = await store.utxoTransactionsById(chain, txs);
  for (const tx of stored) outputs.set(tx.tx, tx.outputs);
  return outputs;
}

/** Without an index there is no telling a movement from its copy: one file read in two ways would count its money twice. */
function refuseSecondReading(batch: NewBatch, known: readonly Batch[]): void {
  for (const earlier of known) {
    if (earlier.contentId === batch.contentId || (earlier.orderRule === 'index' && batch.orderRule === 'index'))
      continue;
    const file = batch.files.find(({ sha256 }) => earlier.files.some((other) => other.sha256 === sha256));
    if (file === undefined) continue;
    throw new HaetaeError('E_ALREADY_IMPORTED', 'the same file is already in the store, read in another way', {
      context: { file: file.name, import: earlier.id, preset: earlier.preset },
      remedy:
        'its movements would count twice: read it into a new store (--db), or add --again if that is what you want',
    });
  }
}

export function loadText({ batch, repeated }: LoadResult): string {
  if (repeated) return `already imported as ${batch.id}: nothing added\n`;
  const refused = Object.entries(batch.refused);
  const lines = [
    `import ${batch.id} (${batch.preset}, ${batch.chain}): ${batch.rowsRead} rows read, ${batch.rowsKept} kept`,
    ...refused.map(([reason, count]) => `  ${refusedText(reason, count)}`),
    ...(batch.zeroValue > 0 ? [`  of value zero: ${batch.zeroValue}`] : []),
    ...(batch.duplicates > 0
      ? [`  exact duplicates: ${batch.duplicates}, ${batch.duplicateRule === 'keep' ? 'kept' : 'dropped'}`]
      : []),
    ...(batch.alreadyStored > 0 ? [`  already stored by an earlier import: ${batch.alreadyStored}`] : []),
    ...(batch.rounded > 0
      ? [`  printed in floating point above 2^53, so their last digits may be wrong: ${batch.rounded}`]
      : []),
    `  order: ${batch.orderRule}`,
  ];
  return `${lines.join('\n')}\n`;
}

function refusedText(reason: string, count: number): string {
  if (reason === MOVES_NOTHING) return `rows that move nothing: ${count}`;
  if (reason === ORPHANED_BLOCK) return `blocks of branches that lost, left out: ${count}`;
  return `refused ${count}: ${reason}`;
}

async function importLabels(store: Store, files: string[], args: Arguments, terminal: Terminal): Promise<void> {
  const date = args.text('list-date');
  const options = given({
    listDate: date === undefined ? undefined : requireTime(date, '--list-date'),
    source: args.text('source'),
    asset: args.text('asset'),
  });
  const failed: HaetaeError[] = [];
  for (const file of files) {
    try {
      await importLabelFile(store, file, options, terminal);
    } catch (error) {
      if (!(error instanceof HaetaeError) || files.length === 1) throw error;
      failed.push(error);
      terminal.err(`${describeError(error)}\n`);
    }
  }
  if (failed.length === 0) return;
  throw new HaetaeError(
    'E_LABEL_FILE',
    `${failed.length} of ${files.length} files were not taken; the others are stored`,
  );
}

async function importLabelFile(
  store: Store,
  file: string,
  options: LabelFileOptions,
  terminal: Terminal,
): Promise<void> {
  const read = await readLabelFile(file, options);
  for (const parsed of read.lists) {
    const { added, sameAs } = await saveLabelList(store, parsed);
    const done = added
      ? `${parsed.entries.length} labels`
      : `already imported${sameAs === null ? '' : ` as ${sameAs}`}`;
    terminal.out(`${file}: ${done} (${parsed.list.source})\n`);
  }
  if (read.refused.length > 0) terminal.err(`  ${read.refused.length} entries refused\n`);
  for (const item of read.refused.slice(0, 5)) {
    terminal.err(`  line ${item.line ?? '?'}: ${item.reason}: ${visibleText(item.value)}\n`);
  }
  for (const warning of read.warnings) terminal.err(`  ${visibleText(warning)}\n`);
}
