import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HaetaeError } from '../base/errors.ts';
import { traceHtml } from '../report/html.ts';
import { liveServer, withStore } from './_store.ts';
import { writeWhole } from './_text-file.ts';
import { type CaseSources, drillSources, traceFiles } from './_trace-files.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';
import { writeDrill } from './drill.ts';

const usage =
  'haetae start [--out DIR] [--once] [--port 8338] [--no-open] [--organisation NAME --contact TEXT] [--quiet]';
const PORT = '8338';
const DRILL_SEED = 1;
const DRILL_SCALE = 20_000;
const EXAMPLES = resolve(dirname(fileURLToPath(import.meta.url)), '../../../examples');

export const start: Command = {
  usage,
  help: `Makes a case and shows it: imports, traces by every method, prints the summary, writes the HTML report, then serves the console until Ctrl-C.
Where HAETAE_DATASETS names a folder that holds the Ronin set, it follows the Ronin theft; else a small drill.

  --out DIR            where the store and the report go (default out)
  --once               ends after the summary; nothing is served
  --port N             of the console on 127.0.0.1 (default ${PORT}; another free one where that is taken)
  --no-open            opens no browser; the address is printed in any case
  --organisation NAME  who draws up hold notices, above what is set in the console; with --contact TEXT: whom to answer`,
  run: runStart,
};

interface Job {
  readonly name: string;
  readonly sources: CaseSources;
}

async function runStart(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      out: { type: 'string' },
      once: { type: 'boolean' },
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      organisation: { type: 'string' },
      contact: { type: 'string' },
    },
    usage,
  );
  if (args.words.length > 0) throw usageError('start takes no words', usage);
  const out = resolve(args.text('out') ?? 'out');
  const datasets = terminal.env.HAETAE_DATASETS;
  const hasRonin = datasets !== undefined && existsSync(join(datasets, 'ronin', 'transfers.csv'));
  const job = hasRonin ? await roninJob(datasets) : await drillJob(out, terminal, args);
  const database = args.text('db') ?? join(out, `${job.name}.duckdb`);
  await runJob(job, out, database, args, terminal);
  if (!args.flag('once')) await showConsole(database, args, terminal);
}

/** The console over what was made, until it is stopped. */
async function showConsole(database: string, args: Arguments, terminal: Terminal): Promise<void> {
  const running = await liveServer(database);
  if (running !== null) {
    await running.close();
    return terminal.out(`\nThe console runs already: ${running.server.url}\n`);
  }
  const { serve } = await import('./serve.ts');
  const words = ['--db', database, ...(args.flag('no-open') ? [] : ['--open'])];
  for (const name of ['organisation', 'contact'] as const) {
    const value = args.text(name);
    if (value !== undefined) words.push(`--${name}=${value}`);
  }
  if (args.flag('quiet')) words.push('--quiet');
  const port = args.text('port');
  terminal.out('\n');
  try {
    await serve.run([...words, `--port=${port ?? PORT}`], terminal);
  } catch (error) {
    const taken = error instanceof HaetaeError && error.context.reason === 'EADDRINUSE';
    if (!taken || port !== undefined) throw error;
    terminal.err(`note: port ${PORT} is taken; another one is used\n`);
    await serve.run([...words, '--port=0'], terminal);
  }
}

async function roninJob(datasets: string): Promise<Job> {
  const byAsset = join(datasets, 'sanctions', 'ofac-by-asset', 'sanctioned_addresses_ETH.txt');
  const packs = join(datasets, 'labels', 'tagpacks', 'packs');
  const names = existsSync(packs)
    ? (await readdir(packs)).filter((name) => /^(ronin_bridge|tornado_cash|lazarus2?)\.yaml$/.test(name))
    : [];
  const prices = join(datasets, 'prices');
  return {
    name: 'ronin',
    sources: {
      imports: [{ files: [join(datasets, 'ronin', 'transfers.csv')], preset: 'ronin' }],
      labels: [...names.map((name) => join(packs, name)), ...(existsSync(byAsset) ? [byAsset] : [])],
      prices: existsSync(prices)
        ? (await readdir(prices)).filter((name) => /eth-usd.*\.csv$/i.test(name)).map((name) => join(prices, name))
        : [],
      theft: join(EXAMPLES, 'ronin.theft.yaml'),
    },
  };
}

async function drillJob(out: string, terminal: Terminal, args: Arguments): Promise<Job> {
  const folder = join(out, 'drill');
  terminal.out('No real data at hand (HAETAE_DATASETS): this is a drill. SIMULATED: no real address, no real money.\n');
  await writeDrill(folder, DRILL_SEED, DRILL_SCALE, terminal, args.flag('quiet'));
  return { name: 'drill', sources: drillSources(folder) };
}

async function runJob(job: Job, out: string, database: string, args: Arguments, terminal: Terminal): Promise<void> {
  const store: Arguments = { ...args, text: (name) => (name === 'db' ? database : args.text(name)) };
  await withStore(
    store,
    terminal,
    async (open, progress) => {
      const output = await traceFiles(open, job.sources, terminal, progress);
      const report = join(out, `${job.name}.report.html`);
      await writeWhole(report, traceHtml(output));
      terminal.out(`\nreport   ${report}\ncase     ${output.result.case} in ${database}\n`);
    },
    'create',
  );
}
