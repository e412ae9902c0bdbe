import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { placesCsv, servicesCsv } from '../report/csv.ts';
import { traceHtml } from '../report/html.ts';
import { summaryText } from '../report/terminal.ts';
import type { Store, StoredCase } from '../store/port.ts';
import { MANIFEST, sealBundle } from '../trace/bundle.ts';
import { readCaseFiles, replay } from '../trace/case-files.ts';
import type { TraceResult } from '../trace/result.ts';
import { withStore } from './_store.ts';
import { writeError, writeWhole } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage =
  'haetae case list | show ID [--json] | report ID [--out FILE.html] [--csv FOLDER] | export ID [--out FOLDER]';

export const caseCommand: Command = {
  usage,
  help: `Cases kept by haetae trace.

  list                     every case
  show ID                  its summary again (--json: the whole result)
  report ID                one HTML file that needs no network (--out; default ID.html); --csv FOLDER writes tables beside it
  export ID                the evidence bundle as a folder (--out; default ID.bundle); prints its digest for haetae verify`,
  run: runCase,
};

async function runCase(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    { out: { type: 'string' }, csv: { type: 'string' }, json: { type: 'boolean' } },
    usage,
  );
  const [verb, id] = args.words;
  const verbs: Record<string, (stored: StoredCase, args: Arguments, terminal: Terminal) => Promise<void>> = {
    show: showCase,
    report: reportCase,
    export: exportCase,
  };
  if (verb === 'list') return withStore(args, terminal, (store) => listCases(store, terminal));
  const act = verbs[verb ?? ''];
  if (act === undefined || id === undefined) throw usageError('a verb and a case are needed', usage);
  const stored = await withStore(args, terminal, (store) => requireCase(store, id));
  return act(stored, args, terminal);
}

async function listCases(store: Store, terminal: Terminal): Promise<void> {
  const cases = await store.cases();
  if (cases.length === 0) terminal.out('No case yet. Make one with haetae trace THEFT.yaml\n');
  for (const item of cases) {
    terminal.out(
      `${item.id}  ${formatTime(item.createdAt)}${item.simulated ? '  SIMULATED' : ''}  ${visibleText(item.title)}\n`,
    );
  }
}

/** A case by id, or by a beginning of it that only one case has. */
export async function requireCase(store: Store, id: string): Promise<StoredCase> {
  const matches = (await store.cases()).filter((item) => item.id === id || item.id.startsWith(id));
  const exact = matches.find((item) => item.id === id) ?? (matches.length === 1 ? matches[0] : undefined);
  const stored = exact === undefined ? null : await store.loadCase(exact.id);
  if (stored !== null) return stored;
  throw new HaetaeError('E_NOT_FOUND', matches.length > 1 ? 'several cases begin so' : 'no such case', {
    context: { case: id },
    remedy: 'haetae case list shows them',
  });
}

async function showCase(stored: StoredCase, args: Arguments, terminal: Terminal): Promise<void> {
  const text = new TextDecoder().decode(stored.files.get('results.json'));
  if (args.flag('json')) return terminal.out(text);
  const result = JSON.parse(text) as TraceResult;
  terminal.out(summaryText(result, { width: terminal.columns, color: terminal.color }));
}

async function reportCase(stored: StoredCase, args: Arguments, terminal: Terminal): Promise<void> {
  const written = await writeReport(stored, args.text('out') ?? `${stored.id}.html`, args.text('csv') ?? null);
  for (const path of written) terminal.out(`${path}\n`);
}

async function writeReport(stored: StoredCase, path: string, csvFolder: string | null): Promise<string[]> {
  const output = replay(readCaseFiles(stored.files));
  const { result } = output;
  await writeWhole(path, traceHtml(output));
  if (csvFolder === null) return [path];
  await mkdir(csvFolder, { recursive: true });
  const tables = { 'places.csv': placesCsv(result), 'services.csv': servicesCsv(result) };
  const paths = Object.keys(tables).map((name) => join(csvFolder, name));
  await Promise.all(Object.entries(tables).map(([name, text]) => writeWhole(join(csvFolder, name), text)));
  const touched = join(csvFolder, 'touched.csv');
  await writeWhole(touched, stored.files.get('touched.csv') ?? '');
  return [path, ...paths, touched];
}

async function exportCase(stored: StoredCase, args: Arguments, terminal: Terminal): Promise<void> {
  const folder = args.text('out') ?? `${stored.id}.bundle`;
  const digest = await writeBundle(stored, folder);
  terminal.out(`${folder}\ndigest ${digest}\ncheck it with: haetae verify ${folder} --expect ${digest}\n`);
}

/** Writes the case's files and its manifest into an empty or new folder; returns the digest. */
async function writeBundle(stored: StoredCase, folder: string): Promise<string> {
  if ((await readdir(folder).catch(() => [])).length > 0) {
    throw new HaetaeError('E_BUNDLE', 'the folder is not empty', {
      context: { folder },
      remedy: 'name a new folder with --out',
    });
  }
  const { manifest, digest } = sealBundle(stored.id, stored.files);
  const part = `${folder}.part-${process.pid}`;
  try {
    await mkdir(part, { recursive: true });
    await Promise.all([...stored.files].map(([name, bytes]) => writeFile(join(part, name), bytes)));
    await writeFile(join(part, MANIFEST), manifest);
    await rename(part, folder);
  } catch (cause) {
    await rm(part, { recursive: true, force: true }).catch(() => {});
    throw writeError(folder, cause);
  }
  return digest;
}
