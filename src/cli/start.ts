import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readLabelFile } from '../label/open.ts';
import { saveLabelList } from '../label/save.ts';
import { reportHtml } from '../report/html.ts';
import { summaryText } from '../report/terminal.ts';
import { METHODS } from '../taint/engine.ts';
import { DEFAULT_TRACE_OPTIONS } from '../trace/options.ts';
import { runTrace } from '../trace/run.ts';
import { withStore } from './_store.ts';
import { writeWhole } from './_text-file.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { writeDrill } from './drill.ts';
import { importTransfers, loadText } from './import.ts';
import { readTheftInput } from './trace.ts';
import { VERSION } from './version.ts';

const usage = 'haetae start [--out DIR] [--quiet]';
const DRILL_SEED = 1;
const DRILL_SCALE = 20_000;
const EXAMPLES = resolve(dirname(fileURLToPath(import.meta.url)), '../../../examples');

export const start: Command = {
  usage,
  help: `Runs the main job once and ends: imports, traces by every method, prints the summary, writes the HTML report and says where.
Where HAETAE_DATASETS names a folder that holds the Ronin set, it follows the Ronin theft; else a small drill. --out DIR (default out).`,
  run: runStart,
};

/** What one run of the main job reads. */
interface Job {
  readonly name: string;
  readonly imports: readonly {
    readonly files: string[];
    readonly preset: string;
    readonly chain?: string;
    readonly complete?: boolean;
  }[];
  readonly labels: readonly string[];
  readonly theft: string;
}

async function runStart(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { out: { type: 'string' } }, usage);
  if (args.words.length > 0) throw usageError('start takes no words', usage);
  const out = resolve(args.text('out') ?? 'out');
  const datasets = terminal.env.HAETAE_DATASETS;
  const hasRonin = datasets !== undefined && existsSync(join(datasets, 'ronin', 'transfers.csv'));
  const job = hasRonin ? await roninJob(datasets) : await drillJob(out, terminal, args);
  await runJob(job, out, args, terminal);
}

async function roninJob(datasets: string): Promise<Job> {
  const byAsset = join(datasets, 'sanctions', 'ofac-by-asset', 'sanctioned_addresses_ETH.txt');
  const packs = join(datasets, 'labels', 'tagpacks', 'packs');
  const names = existsSync(packs)
    ? (await readdir(packs)).filter((name) => /^(ronin_bridge|tornado_cash|lazarus2?)\.yaml$/.test(name))
    : [];
  return {
    name: 'ronin',
    imports: [{ files: [join(datasets, 'ronin', 'transfers.csv')], preset: 'ronin' }],
    labels: [...names.map((name) => join(packs, name)), ...(existsSync(byAsset) ? [byAsset] : [])],
    theft: join(EXAMPLES, 'ronin.theft.yaml'),
  };
}

async function drillJob(out: string, terminal: Terminal, args: Arguments): Promise<Job> {
  const folder = join(out, 'drill');
  terminal.out('No real data at hand (HAETAE_DATASETS): this is a drill. SIMULATED: no real address, no real money.\n');
  await writeDrill(folder, DRILL_SEED, DRILL_SCALE, terminal, args.flag('quiet'));
  return {
    name: 'drill',
    imports: [
      { files: [join(folder, 'transfers.csv')], preset: 'haetae', complete: true },
      { files: [join(folder, 'bitcoin.txt')], preset: 'dumplings', chain: 'bitcoin-regtest', complete: true },
    ],
    labels: [join(folder, 'labels.csv')],
    theft: join(folder, 'theft.yaml'),
  };
}

async function runJob(job: Job, out: string, args: Arguments, terminal: Terminal): Promise<void> {
  const store: Arguments = {
    ...args,
    text: (name) => (name === 'db' ? (args.text('db') ?? join(out, `${job.name}.duckdb`)) : args.text(name)),
  };
  await withStore(
    store,
    terminal,
    async (open, progress) => {
      for (const item of job.imports) terminal.out(loadText(await importTransfers(open, item, terminal, progress)));
      for (const path of job.labels) {
        const read = await readLabelFile(path, {});
        for (const parsed of read.lists) await saveLabelList(open, parsed);
      }
      const input = await readTheftInput(job.theft);
      const options = { ...DEFAULT_TRACE_OPTIONS, methods: Object.keys(METHODS) };
      const { result, flow } = await runTrace(
        open,
        input,
        options,
        { version: VERSION, now: terminal.now() },
        progress,
      );
      terminal.out(`\n${summaryText(result, { width: terminal.columns, color: terminal.color })}`);
      const report = join(out, `${job.name}.report.html`);
      await writeWhole(report, reportHtml(result, flow()));
      terminal.out(`\nreport   ${report}\ncase     ${result.case} in ${join(out, `${job.name}.duckdb`)}\n`);
    },
    'create',
  );
}
