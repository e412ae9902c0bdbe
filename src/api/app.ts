import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signInPath } from '../access/access-desk.ts';
import { Gate, LOCAL } from '../access/gate.ts';
import { SYSTEM } from '../access/principal.ts';
import { describeError, HaetaeError } from '../base/errors.ts';
import { ALL_ROUTES } from './all-routes.ts';
import { allOperations, registerFigures } from './app-operations.ts';
import { type AppParts, openParts, type PartsOptions } from './app-parts.ts';
import { ConsoleFiles } from './console-files.ts';
import { IndexWatch } from './index-watch.ts';
import { JobDesk, type JobSettings } from './jobs/job-desk.ts';
import { Metrics } from './metrics.ts';
import { SCREENING_METHODS } from './operator.ts';
import { attachRemote, type RemoteOptions } from './remote-server.ts';
import { type StoreMethod, storeTarget } from './remote-store.ts';
import { buildServer } from './server.ts';

export interface AppOptions extends PartsOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Host names that requests may use beside those of this machine. */
  readonly names?: readonly string[];
  /** Requests in flight from which on the server sheds. */
  readonly inFlight?: number;
  /** Folder of the built console; null or left out: none is served. */
  readonly console?: string | null;
  /** What long work is run by; null or left out: none is taken in. */
  readonly jobs?: JobSettings | null;
}

export interface App {
  readonly url: string;
  /** Where commands of this machine reach it, where that is not `url`. */
  readonly localUrl?: string;
  /** Lets the command line of this machine in. */
  readonly token: string;
  readonly parts: AppParts;
  /** Works once. */
  signInUrl(): string;
  /** Takes in nothing more, finishes what has begun, closes the store. */
  close(): Promise<void>;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);
/** No browser can ask for these, nor does the check of hosts let them in. */
const ANY_HOST: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const DRAIN_MS = 10_000;
const CHORES_MS = 60_000;
const ACCESS_METHODS = [
  'createKey',
  'listKeys',
  'rotateKey',
  'revokeKey',
  'listAudit',
  'signHead',
  'verifyAudit',
  'createSignInLink',
] as const;
const RULE_METHODS = ['list', 'get', 'load', 'activate', 'backTest', 'verdict', 'replay'] as const;

/** The screening service, listening. Throws E_SERVER (port in use; another host than this machine without a key) and what its parts throw. */
export async function openApp(options: AppOptions): Promise<App> {
  const log = options.log ?? ((line: string) => console.error(line));
  const parts = await openParts({ ...options, log });
  try {
    return await listen(parts, options, log);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function listen(parts: AppParts, options: AppOptions, log: (line: string) => void): Promise<App> {
  const { host, port, names = [], database, software, inFlight } = options;
  if (!LOOPBACK.has(host) && parts.keys.live() === 0) throw noKey(host);
  const token = randomBytes(32).toString('base64url');
  const metrics = new Metrics();
  registerFigures(metrics, parts);
  const ready = { now: false };
  const routes = Object.values(ALL_ROUTES);
  const jobs = await openJobs(options, parts, log);
  const operation = { ready: () => ready.now && server.ready, metrics, version: software, routes };
  const server = buildServer({
    operations: allOperations(parts, operation, jobs),
    gate: new Gate({ keys: parts.keys, sessions: parts.sessions, localToken: token }),
    kept: { records: parts.records, audited: parts.audited },
    metrics,
    console: options.console === undefined || options.console === null ? null : ConsoleFiles.read(options.console),
    names: LOOPBACK.has(host) || ANY_HOST.has(host) ? names : [...names, host.includes(':') ? `[${host}]` : host],
    clock: parts.clock,
    log,
    ...(inFlight === undefined ? {} : { limits: { inFlight } }),
  });
  const remoteOptions = { token, targets: targetsOf(parts, log) };
  const remote = attachRemote(server.http, remoteOptions);
  const { url } = await server.listen({ host, port });
  const local = LOOPBACK.has(host) ? null : await listenLocally(remoteOptions);
  ready.now = true;
  parts.webhooks.start();
  const background = (work: Promise<unknown>): void => {
    // What a closing server breaks off is found at its next start.
    work.catch((error) => ready.now && log(`in the background: ${describeError(error)}`));
  };
  background(parts.learning.catchUp());
  background(parts.pictures.prewarm());
  // The first search would wait until the names of all labels were read.
  background(parts.names.named('-', 1));
  const index = new IndexWatch(database, () => background(parts.learning.exposures('new blocks or exposures')));
  const chores = setInterval(() => background(doChores(parts)), CHORES_MS).unref();
  return {
    url,
    ...(local === null ? {} : { localUrl: local.url }),
    token,
    parts,
    signInUrl: () => `${reachable(url)}${signInPath(parts.sessions.createSignIn(LOCAL))}`,
    close: async () => {
      ready.now = false;
      clearInterval(chores);
      index.close();
      // They work through this server.
      await jobs?.close();
      await Promise.all([remote.close(), local?.close()]);
      await server.drain(DRAIN_MS);
      await parts.close();
    },
  };
}

async function openJobs(
  { jobs, database }: AppOptions,
  { records, audited, clock }: AppParts,
  log: (line: string) => void,
): Promise<JobDesk | null> {
  if (jobs === undefined || jobs === null || database === ':memory:') return null;
  return JobDesk.open({ ...jobs, database, records, audited, clock, log });
}

/** Beside a server that listens elsewhere: for commands of this machine alone. */
async function listenLocally(options: RemoteOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const remote = attachRemote(http, options);
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      await remote.close();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function targetsOf(parts: AppParts, log: (line: string) => void) {
  const wrote = async (method: StoreMethod): Promise<void> => {
    try {
      if (method === 'saveLabels') {
        await parts.ownLabels.refresh();
        await parts.learning.labels('new labels');
      } else if (method === 'saveCase') await parts.learning.cases('a traced theft');
      else if (method !== 'assignIds' && method !== 'savePrices') await parts.learning.exposures('new movements');
    } catch (error) {
      // What was written is kept: what it changes is found at the next change or start.
      log(`after ${method}: ${describeError(error)}`);
    }
  };
  return {
    store: storeTarget(parts.store, wrote),
    screening: { object: parts.screening, methods: SCREENING_METHODS },
    access: { object: parts.access, methods: ACCESS_METHODS },
    rules: { object: parts.rules, methods: RULE_METHODS },
  };
}

async function doChores(parts: AppParts): Promise<void> {
  const { sessions, approvals, holds, cumulative, audited, clock, learning } = parts;
  const at = clock();
  await learning.retry();
  await sessions.sweep(at);
  await approvals.sweep();
  await holds.expireDue(at);
  const stale = await cumulative.stale(at);
  if (stale.changes.length === 0) return;
  const detail = { records: stale.changes.length };
  await audited.commit(
    [{ actor: SYSTEM.id, action: 'cumulative.expire', subject: 'cumulative', detail }],
    stale.changes,
  );
  stale.settle();
}

/** With the name of this machine where the server listens on every address. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

function noKey(host: string): HaetaeError {
  return new HaetaeError('E_SERVER', 'there is no API key, so the server listens on this machine only', {
    context: { host },
    remedy: 'make one first with haetae key create --role admin, or leave out --host',
  });
}
