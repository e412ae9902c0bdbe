import { basename } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { requireTime } from '../base/time.ts';
import type { Answer } from '../exposure/ask.ts';
import { DEFAULT_CATEGORIES } from '../exposure/categories.ts';
import { type ExposureSettings, readCategoryFile } from '../exposure/category-file.ts';
import type { OpenedChain } from '../exposure/chain-flow.ts';
import { DEFAULT_DUST } from '../exposure/dust.ts';
import type { EntityIndex } from '../exposure/entity.ts';
import type { LabelsOf } from '../label/resolve.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import { CATEGORIES } from '../model/label.ts';
import type { Store } from '../store/port.ts';
import { exposureJson, exposureText, tableText } from './_exposure-text.ts';
import type { FoundChain } from './_find-chain.ts';
import { storePath, withStore } from './_store.ts';
import { readTextFile } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage =
  'haetae exposure ADDRESS [--chain ID] [--asset ASSET] [--as-of DATE] [--explain] [--paths N] [--categories FILE.yaml] [--json] [--db FILE] [--quiet]\n' +
  '       haetae exposure build [--chain ID] [--categories FILE.yaml]';

const DEFAULT_PATHS = 5;

export const exposure: Command = {
  usage,
  help: `Where the money of an address came from and went to, by category (sanctioned, stolen, mixer, exchange, …): directly from (to) an address of the
category, or through others, pro rata (haircut), stopping at services. Small payments that anybody can send unasked are set aside until they add up.

  --chain ID             the chain: CAIP-2 id or name; needed only where several chains hold the address
  --asset ASSET          one asset: symbol or CAIP-19 id (default: every asset the address moved)
  --as-of DATE           movements up to then, and labels as they were known then
  --explain              the strongest actual paths, transaction by transaction
  --paths N              so many paths for each asset (default ${DEFAULT_PATHS} with --explain)
  --categories FILE.yaml other categories and dust limits: docs/exposure.md
  --json                 prints one JSON object

build computes the exposure of every address at once from the index (haetae index build), into files that services look addresses up in; what came
since the last time is added, a changed label or category starts anew. Entities and deposit addresses give addresses without a label a category.`,
  run: runExposure,
};

async function runExposure(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      chain: { type: 'string' },
      asset: { type: 'string' },
      'as-of': { type: 'string' },
      explain: { type: 'boolean' },
      paths: { type: 'string' },
      categories: { type: 'string' },
      json: { type: 'boolean' },
    },
    usage,
  );
  const [address, ...rest] = args.words;
  if (address === undefined || rest.length > 0) throw usageError('one address is needed, or the word build', usage);
  if (address === 'build') refuseForBuild(args);
  const settings = await settingsOf(args);
  if (address === 'build') return buildTables(args, terminal, settings);
  const answer = await withStore(args, terminal, (store, progress) =>
    answerOf(store, progress, args, terminal, address, settings),
  );
  terminal.out(args.flag('json') ? exposureJson(answer) : exposureText(answer));
}

/** What speaks of one address says nothing to a build of all. */
function refuseForBuild(args: Arguments): void {
  const given = ['asset', 'as-of', 'paths'].filter((name) => args.text(name) !== undefined);
  given.push(...['explain', 'json'].filter((name) => args.flag(name)));
  if (given.length > 0) throw usageError(`--${given[0]} goes with an ADDRESS, not with build`, usage);
}

async function settingsOf(args: Arguments): Promise<ExposureSettings> {
  const file = args.text('categories');
  if (file === undefined) return { categories: DEFAULT_CATEGORIES, dust: DEFAULT_DUST };
  return readCategoryFile(await readTextFile(file), basename(file));
}

async function answerOf(
  store: Store,
  progress: Progress,
  args: Arguments,
  terminal: Terminal,
  text: string,
  settings: ExposureSettings,
): Promise<Answer> {
  const { askExposure } = await import('../exposure/ask.ts');
  const { loadKernels } = await import('../flow/kernel-loader.ts');
  const date = args.text('as-of');
  const asOf = date === undefined ? null : requireTime(date, '--as-of');
  const database = storePath(args, terminal);
  const { chain, address } = await findLabelled(store, database, args.text('chain'), text);
  try {
    // Clusters are as of now: as of a date only labels count.
    const labels = asOf === null ? await allLabels(store) : undefined;
    const entities = labels === undefined ? null : await entitiesOf(store, database, chain, labels, progress);
    try {
      return await askExposure({
        store,
        flow: chain.flow,
        kernels: await loadKernels(),
        settings,
        address,
        asset: args.text('asset') ?? null,
        asOf,
        paths: args.whole('paths', 0, 1000) ?? (args.flag('explain') ? DEFAULT_PATHS : 0),
        labels,
        entities,
      });
    } finally {
      entities?.close();
    }
  } finally {
    chain.close();
  }
}

/** Looked up once for entities and categories. */
async function allLabels(store: Store): Promise<LabelsOf> {
  const { lookUpCategories } = await import('../label/resolve.ts');
  return lookUpCategories(store, CATEGORIES);
}

async function entitiesOf(
  store: Store,
  database: string,
  { flow, parts }: OpenedChain,
  labels: LabelsOf,
  progress: Progress,
): Promise<EntityIndex> {
  const { openEntities } = await import('../exposure/entity-open.ts');
  const { entityFolder } = await import('../exposure/entity-files.ts');
  const folder = parts === null ? null : entityFolder(database, flow.chain);
  return openEntities({ store, flow, parts: parts ?? [], folder, labels, progress });
}

/** As findChain; where no data name the address, the error says what labels do. */
async function findLabelled(
  store: Store,
  database: string,
  named: string | undefined,
  text: string,
): Promise<FoundChain> {
  const { findChain } = await import('./_find-chain.ts');
  try {
    return await findChain(store, database, named, text);
  } catch (error) {
    if (!(error instanceof HaetaeError) || error.code !== 'E_NOT_FOUND') throw error;
    const { labelsOf } = await import('../label/resolve.ts');
    const labels = (await labelsOf(store, text)).filter(({ status }) => status === 'current');
    if (labels.length === 0) throw error;
    const said = [...new Set(labels.map(({ category, label }) => `${category}: ${label}`))].slice(0, 3).join('; ');
    throw new HaetaeError('E_NOT_FOUND', `${error.message}, though labels do`, {
      context: { ...error.context, labels: said },
      remedy: 'import (or trace with --source) what it moved; haetae label says who it is',
      cause: error,
    });
  }
}

/** Brings the tables of the chains up to their index and the labels: what the screening service reads. */
async function buildTables(args: Arguments, terminal: Terminal, settings: ExposureSettings): Promise<void> {
  const named = args.text('chain');
  await withStore(args, terminal, async (store, progress) => {
    const chains =
      named === undefined ? (await store.numberedChains()).map(({ chain }) => chain) : [requireChain(named).id];
    const labels = await allLabels(store);
    const database = storePath(args, terminal);
    for (const chain of chains) terminal.out(await buildTable(store, database, chain, settings, labels, progress));
  });
}

async function buildTable(
  store: Store,
  database: string,
  chain: ChainId,
  settings: ExposureSettings,
  labels: LabelsOf,
  progress: Progress,
): Promise<string> {
  const { openIndexed } = await import('../exposure/chain-flow.ts');
  const { updateTable } = await import('../exposure/update.ts');
  const { loadKernels } = await import('../flow/kernel-loader.ts');
  const opened = await openIndexed(store, database, chain);
  try {
    const entities = await entitiesOf(store, database, opened, labels, progress);
    try {
      const { flow, parts } = opened;
      const kernels = await loadKernels();
      const options = { store, database, flow, parts, settings, labels, entities, kernels, progress };
      return tableText(await updateTable(options));
    } finally {
      entities.close();
    }
  } finally {
    opened.close();
  }
}
