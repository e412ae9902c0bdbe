import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServerAddress, tokenPath, writeTokenFile } from '../api/token-file.ts';
import { HaetaeError } from '../base/errors.ts';
import { openBrowser } from './_browser.ts';
import { jobSources } from './_job-sources.ts';
import { SOURCE_OPTIONS } from './_sources.ts';
import { liveServer, storePath } from './_store.ts';
import { type Arguments, type Command, parseWords, type Terminal, terminalProgress, usageError } from './command.ts';
import { VERSION } from './version.ts';

const usage =
  'haetae serve [--db FILE] [--host 127.0.0.1] [--port 8338] [--name HOST]… [--allow-private-webhooks] [--two-persons] [--organisation NAME --contact TEXT] [--source CHAIN=[KIND:]URL]… [--sources FILE.yaml] [--open] [--quiet]';

const HOST = '127.0.0.1';
const PORT = 8338;
/** Jobs are commands of it. */
const ENTRY = fileURLToPath(new URL('../main.js', import.meta.url));
/** Built by npm run build. */
const CONSOLE = fileURLToPath(new URL('../../console', import.meta.url));

export const serve: Command = {
  usage,
  help: `Runs the screening service over the store, and makes the store where there is none. While it runs, every other command works through it.
Ctrl-C or SIGTERM takes in nothing more, finishes what has begun and ends; a second one ends at once.

  --host ADDRESS            where to listen; another address than this machine's own needs an API key first (haetae key create)
  --port N                  default ${PORT}; 0: a free one
  --name HOST               a host name that requests may use, beside those of this machine; more than one may be given
  --allow-private-webhooks  webhooks may go to private and loopback addresses
  --two-persons             releasing what is blocked, sending holds and activating rules need a second person
  --organisation NAME       who draws up hold notices, above what is set in the console; with --contact TEXT: whom to answer
  --source CHAIN=[KIND:]URL an endpoint of a living chain, repeatable: traces started from the console may ask it (docs/live.md)
  --sources FILE.yaml       such endpoints with their keys and limits; without either, traces started there see the store alone
  --open                    opens the console in the browser of this machine

It prints a link with which a browser signs in once, and writes FILE.server.json (0600), by which commands of this user find it.`,
  run: runServe,
};

async function runServe(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    {
      host: { type: 'string' },
      port: { type: 'string' },
      name: { type: 'string', multiple: true },
      'allow-private-webhooks': { type: 'boolean' },
      'two-persons': { type: 'boolean' },
      organisation: { type: 'string' },
      contact: { type: 'string' },
      open: { type: 'boolean' },
      ...SOURCE_OPTIONS,
    },
    usage,
  );
  if (args.words.length > 0) throw usageError('serve takes no words', usage);
  const database = databaseOf(args, terminal);
  await refuseSecond(database);
  const sources = await jobSources(args, terminal);
  const progress = terminalProgress(terminal, args.flag('quiet'));
  const { openApp } = await import('../api/app.ts');
  const app = await openApp({
    database,
    host: args.text('host') ?? HOST,
    port: args.whole('port', 0, 65_535) ?? PORT,
    names: args.list('name'),
    allowPrivateWebhooks: args.flag('allow-private-webhooks'),
    twoPersons: args.flag('two-persons'),
    organisation: organisationOf(args),
    software: VERSION,
    console: CONSOLE,
    jobs: { entry: ENTRY, sources },
    progress,
  }).finally(() => progress.end());
  await untilStopped(app, database, { quiet: args.flag('quiet'), open: args.flag('open') }, terminal);
}

function organisationOf(args: Arguments): { readonly name: string; readonly contact: string } | null {
  const name = args.text('organisation');
  const contact = args.text('contact');
  if (name === undefined && contact === undefined) return null;
  if (name === undefined || contact === undefined) throw usageError('--organisation and --contact go together', usage);
  return { name, contact };
}

/** What openApp of api/app.ts gives. */
interface RunningApp {
  readonly url: string;
  /** Where it listens on a loopback address, where that is not `url`. */
  readonly localUrl?: string;
  readonly token: string;
  signInUrl(): string | Promise<string>;
  close(): Promise<void>;
}

function databaseOf(args: Arguments, terminal: Terminal): string {
  const path = storePath(args, terminal);
  if (path === ':memory:') throw usageError('serve needs a store in a file: no verdict may be lost', usage);
  return resolve(path);
}

async function refuseSecond(database: string): Promise<void> {
  const running = await liveServer(database);
  if (running === null) return;
  await running.close();
  const { url, pid } = running.server;
  throw new HaetaeError('E_SERVER', 'a server runs on this store already', {
    context: { db: database, url, pid },
    remedy: 'use that one, end it first, or name another store with --db',
  });
}

interface Manner {
  readonly quiet: boolean;
  readonly open: boolean;
}

async function untilStopped(
  app: RunningApp,
  database: string,
  { quiet, open }: Manner,
  terminal: Terminal,
): Promise<void> {
  const address: ServerAddress = {
    pid: process.pid,
    url: app.localUrl ?? app.url,
    token: app.token,
    startedAt: terminal.now(),
    version: VERSION,
  };
  const stopped = firstSignal(terminal);
  try {
    const tokenFile = writeTokenFile(database, address);
    process.once('exit', tokenFile.remove);
    try {
      terminal.out(`listening on ${app.url}\n`);
      if (!quiet) {
        const shown = open && (await openBrowser(await app.signInUrl(), terminal.env));
        if (shown) terminal.out('opened in the browser\n');
        terminal.out(`sign in once with a browser: ${await app.signInUrl()}\n`);
        terminal.out(`commands on ${database} work through it (${tokenPath(database)})\n`);
      }
      const signal = await stopped.signal;
      if (!quiet) terminal.err(`${signal}: finishing what has begun; once more ends it at once\n`);
    } finally {
      // Before the rest closes, so that no command comes to a server that is going.
      tokenFile.remove();
      process.off('exit', tokenFile.remove);
    }
  } finally {
    await app.close();
    stopped.forget();
  }
  if (!quiet) terminal.err('stopped; everything acknowledged is on disk\n');
}

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The first signal asks for an orderly end, the second ends the process. */
function firstSignal(terminal: Terminal): { readonly signal: Promise<string>; forget(): void } {
  let asked = false;
  let tell: (signal: string) => void = () => {};
  const signal = new Promise<string>((resolveSignal) => {
    tell = resolveSignal;
  });
  const onSignal = (name: NodeJS.Signals): void => {
    if (asked) {
      terminal.err(`${name}: ended at once\n`);
      process.exit(SIGNALS[name as keyof typeof SIGNALS]);
    }
    asked = true;
    tell(name);
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal,
    forget: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
