import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../api/remote-client.ts';
import { isAlive, readTokenFile, tokenPath } from '../api/token-file.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { Store } from '../store/port.ts';
import { type Arguments, type Terminal, terminalProgress } from './command.ts';
import { VERSION } from './version.ts';

export function storePath(args: Arguments, terminal: Terminal): string {
  return args.text('db') ?? terminal.env.HAETAE_DB ?? join(homedir(), '.haetae', 'haetae.duckdb');
}

/** For commands that fetch for hours: with the rest of the process it stays under 512 MB. */
export const LIVE_STORE_MB = 192;

/**
 * Opens the store, or reaches it through the server that holds it; runs the work and closes it whatever happens. Only an import makes a store that is
 * not there. Throws E_NOT_FOUND, E_STORE_LOCKED where something else than a server holds it, E_SERVER.
 */
export async function withStore<Result>(
  args: Arguments,
  terminal: Terminal,
  work: (store: Store, progress: Progress) => Promise<Result>,
  create: 'create' | 'existing' = 'existing',
  memoryLimitMb?: number,
): Promise<Result> {
  const path = storePath(args, terminal);
  if (create === 'existing' && path !== ':memory:' && !existsSync(path)) {
    throw new HaetaeError('E_NOT_FOUND', 'there is no store yet', {
      context: { db: path },
      remedy: 'import transfers or labels first, trace with --source, or check --db and HAETAE_DB',
    });
  }
  const store = await openOrReach(path, memoryLimitMb);
  const progress = terminalProgress(terminal, args.flag('quiet'));
  try {
    return await work(store, progress);
  } finally {
    progress.end();
    await store.close();
  }
}

/** The connection to the server that holds a database, or null where none does. Throws E_SERVER. */
export async function liveServer(database: string): Promise<Connection | null> {
  if (database === ':memory:' || readTokenFile(database) === null) return null;
  const remote = await import('../api/remote-client.ts');
  return remote.liveServer(database, VERSION);
}

/** For what needs the files themselves. Throws E_STORE_LOCKED. */
export async function requireNoServer(database: string): Promise<void> {
  const connection = await liveServer(database);
  if (connection === null) return;
  await connection.close();
  const { pid, url } = connection.server;
  throw new HaetaeError('E_STORE_LOCKED', 'a server holds the store; this cannot be done through it', {
    context: { db: database, pid, url },
    remedy: 'end haetae serve, run the command again, then start it anew',
    retry: true,
  });
}

async function openOrReach(path: string, memoryLimitMb: number | undefined): Promise<Store> {
  const connection = await liveServer(path);
  if (connection !== null) {
    const { storeOver } = await import('../api/remote-store.ts');
    return storeOver(connection);
  }
  const { openStore } = await import('../store/open.ts');
  try {
    return await openStore({ path, ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }) });
  } catch (error) {
    throw lockedByServer(error, path);
  }
}

/** Where the holder is a server that does not answer, that is what to look at. */
function lockedByServer(error: unknown, path: string): unknown {
  if (!(error instanceof HaetaeError) || error.code !== 'E_STORE_LOCKED' || path === ':memory:') return error;
  const server = readTokenFile(path);
  if (server === null || server.pid !== error.context.pid || !isAlive(server)) return error;
  return new HaetaeError('E_STORE_LOCKED', `${error.message}, a server that does not answer at ${server.url}`, {
    context: { ...error.context, tokenFile: tokenPath(path) },
    remedy: 'try again; if it hangs, end that process and start haetae serve again',
    cause: error,
    retry: true,
  });
}
