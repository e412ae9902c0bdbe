import type { z } from 'zod';
import { HaetaeError } from '../../base/errors.ts';
import { requireTime } from '../../base/time.ts';
import { visibleText } from '../../base/visible-text.ts';
import { addressForms, requireAddress } from '../../model/address.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import { requirePreset } from '../../source/file/preset.ts';
import { requireMethod } from '../../taint/engine.ts';
import { targetText } from '../../trace/live/drafting.ts';
import { parseTarget } from '../../trace/live/target.ts';
import type { jobRoutes } from '../routes/jobs.ts';
import { type JobSources, sourceWords } from './job-sources.ts';
import type { TheftOutline } from './theft-reader.ts';

export type Wish = z.output<typeof jobRoutes.startJob.body>;
type Traced = Extract<Wish, { kind: 'trace' }>;
type TracedFile = Extract<Wish, { kind: 'trace-file' }>;
type Imported = Extract<Wish, { upload: string }>;

/** What a job runs: words of the command line of Haetae itself, `--db` left out. */
export interface JobCommand {
  readonly title: string;
  readonly words: readonly string[];
  /** Files that it reads and the job writes first, in the job's own folder: name to text. */
  readonly files: Readonly<Record<string, string>>;
  /** May ask the sources of the server. */
  readonly live: boolean;
}

export interface CommandParts {
  readonly sources: JobSources;
  /** Of the job alone. */
  readonly folder: string;
  /** Of the wish, where it names one. */
  readonly upload: { readonly name: string; readonly path: string } | null;
  /** Of the wish, where it holds one. */
  readonly theft: TheftOutline | null;
}

/**
 * Every value was checked and stands as --name=value, or after `--`. Throws E_ASSET, E_ADDRESS, E_TIME, E_AMOUNT, E_FIELD, E_METHOD_UNKNOWN,
 * E_PRESET_UNKNOWN, E_STATE (no source).
 */
export function commandOf(wish: Wish, parts: CommandParts): JobCommand {
  if (wish.kind === 'trace') return traceCommand(wish, parts);
  if (wish.kind === 'trace-file') return traceFileCommand(wish, parts);
  if (wish.kind === 'drill') return drillCommand(wish, parts);
  return importCommand(wish, parts.upload!);
}

function traceCommand(wish: Traced, { sources }: CommandParts): JobCommand {
  const chain = requireChain(wish.chain);
  const targets = wish.targets.map((word) => readTarget(chain, word));
  const thieves = (wish.thieves ?? []).map((word) => requireAddress(chain, word, 'thieves'));
  if (thieves.length > 0 && !targets.some(({ kind }) => kind === 'transaction'))
    throw misplaced('thieves', 'thieves go with transactions: an address is the thief');
  if (wish.since !== undefined && !targets.some(({ kind }) => kind === 'address'))
    throw misplaced('since', 'since goes with addresses');
  if (wish.since !== undefined && !/^\d{1,12}$/.test(wish.since)) requireTime(wish.since, 'since');
  const [first, ...more] = targets.map(targetText);
  const title = wish.title === undefined ? null : visibleText(wish.title);
  const words = [
    'trace',
    `--chain=${chain.id}`,
    ...(wish.live ? sourceWords(sources, [chain.id]) : ['--stored']),
    ...(title === null ? [] : [`--title=${title}`]),
    ...(wish.since === undefined ? [] : [`--since=${wish.since}`]),
    ...thieves.map((address) => `--thief=${address}`),
    ...limitWords(wish),
    '--',
    ...targets.map((target) => (target.kind === 'transaction' ? target.tx : target.address)),
  ];
  const of = more.length === 0 ? first : `${first} and ${more.length} more`;
  return { title: title ?? `Trace of ${of} on ${chain.name}`, words, files: {}, live: wish.live };
}

function readTarget(chain: Chain, word: string) {
  if (addressForms(word).length > 0) requireAddress(chain, word, 'targets');
  const target = parseTarget(chain, word);
  if (target !== null) return target;
  throw new HaetaeError('E_ADDRESS', 'neither a transaction nor an address of the chain', {
    context: { chain: chain.id, target: visibleText(word.slice(0, 100)) },
    remedy: 'check the text and the chain: a transaction is 64 hex digits; an address must pass its checksum',
  });
}

function misplaced(field: string, message: string): HaetaeError {
  return new HaetaeError('E_FIELD', message, { context: { field }, remedy: 'leave the field out' });
}

function limitWords({ until, maxHops, minAmount, methods = [] }: Traced | TracedFile): string[] {
  if (until !== undefined) requireTime(until, 'until');
  if (minAmount !== undefined && !/^\d{1,40}(\.\d{1,40})?$/.test(minAmount)) {
    throw new HaetaeError('E_AMOUNT', 'minAmount is not an amount', {
      context: { field: 'minAmount', value: visibleText(minAmount) },
      remedy: 'write whole units of the stolen asset, such as 1.5',
    });
  }
  for (const method of methods) requireMethod(method);
  return [
    ...(until === undefined ? [] : [`--until=${until}`]),
    ...(maxHops === undefined ? [] : [`--max-hops=${maxHops}`]),
    ...(minAmount === undefined ? [] : [`--min-amount=${minAmount}`]),
    ...methods.map((method) => `--method=${method}`),
  ];
}

export const THEFT_NAME = 'theft.yaml';

function traceFileCommand(wish: TracedFile, { sources, folder, theft }: CommandParts): JobCommand {
  const { title, chains } = theft!;
  const words = [
    'trace',
    ...(wish.live ? sourceWords(sources, chains) : ['--stored']),
    ...limitWords(wish),
    '--',
    `${folder}/${THEFT_NAME}`,
  ];
  return { title, words, files: { [THEFT_NAME]: wish.text }, live: wish.live };
}

function drillCommand({ seed, scale }: Extract<Wish, { kind: 'drill' }>, { folder }: CommandParts): JobCommand {
  return {
    title: `Drill of seed ${seed} and ${scale} rows (simulated)`,
    words: ['drill', `--seed=${seed}`, `--scale=${scale}`, `--out=${folder}/drill`, '--trace'],
    files: {},
    live: false,
  };
}

function importCommand(wish: Imported, upload: { readonly name: string; readonly path: string }): JobCommand {
  const what = wish.kind === 'import-transfers' ? 'transfers' : wish.kind === 'import-labels' ? 'labels' : 'prices';
  const words = ['import', what, ...importWords(wish, upload.name), '--', upload.path];
  return { title: `Import of ${what} from ${upload.name}`, words, files: {}, live: false };
}

/** `name`: of the file as it was uploaded; on disk it may have lost what tells two sources apart. */
function importWords(wish: Imported, name: string): string[] {
  if (wish.kind === 'import-labels') return [];
  if (wish.kind === 'import-prices') {
    return [
      ...(wish.asset === undefined ? [] : [`--asset=${visibleText(wish.asset)}`]),
      `--source=${visibleText(wish.source ?? name)}`,
    ];
  }
  return [
    ...(wish.preset === undefined ? [] : [`--preset=${requirePreset(wish.preset).name}`]),
    ...(wish.chain === undefined ? [] : [`--chain=${requireChain(wish.chain).id}`]),
    ...(wish.complete ? ['--complete'] : []),
  ];
}
