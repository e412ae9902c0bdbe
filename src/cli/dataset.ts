import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { DATASETS, type DatasetRecipe } from './_dataset-recipes.ts';
import { type Command, parseWords, type Terminal, terminalProgress, usageError } from './command.ts';

const usage = `haetae dataset list | get NAME [--out FOLDER]`;
const MAX_BYTES = 100_000_000;
const TIMEOUT_MS = 60_000;

export const dataset: Command = {
  usage,
  help: `Public data sets, fetched from their original address at a fixed commit and checked by SHA-256.

${DATASETS.map((recipe) => `  ${recipe.name.padEnd(16)} ${recipe.title} (${recipe.licence})`).join('\n')}`,
  run: runDataset,
};

async function runDataset(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { out: { type: 'string' } }, usage);
  const [verb, name] = args.words;
  if (verb === 'list') {
    for (const recipe of DATASETS) terminal.out(`${recipe.name}\t${recipe.licence}\t${recipe.title}\n`);
    return;
  }
  if (verb !== 'get' || name === undefined) throw usageError('get NAME or list', usage);
  const recipe = DATASETS.find((item) => item.name === name);
  if (recipe === undefined) {
    const known = DATASETS.map((item) => item.name).join(', ');
    throw new HaetaeError('E_DATASET', 'no such data set', { context: { name }, remedy: `one of ${known}` });
  }
  const folder = args.text('out') ?? join(homedir(), '.haetae', 'datasets', recipe.name);
  const progress = terminalProgress(terminal, args.flag('quiet'));
  await mkdir(folder, { recursive: true });
  for (const [index, file] of recipe.files.entries()) {
    progress.report(`fetching ${recipe.name}`, index, recipe.files.length);
    const path = join(folder, file.saveAs);
    await writeFile(`${path}.part`, await fetchChecked(recipe, file));
    await rename(`${path}.part`, path);
  }
  progress.end();
  terminal.out(`${folder}: ${recipe.files.length} files, licence ${recipe.licence}, from ${recipe.base}\n`);
  if (recipe.next !== null) terminal.out(`next: ${recipe.next}\n`);
}

async function fetchChecked(recipe: DatasetRecipe, file: DatasetRecipe['files'][number]): Promise<Uint8Array> {
  const url = recipe.base + file.path;
  let bytes: Uint8Array;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new HaetaeError('E_DATASET', `cannot fetch ${url}: ${reasonOf(cause)}`, {
      cause,
      retry: true,
      remedy: 'this needs the internet; without it, put the files in a folder by hand and import them from there',
    });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length <= MAX_BYTES && sha256 === file.sha256) return bytes;
  throw new HaetaeError('E_DATASET', 'the file fetched is not the one expected', {
    context: { url, expected: file.sha256, found: sha256 },
  });
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? inner.message : String(inner);
}
