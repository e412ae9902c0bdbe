import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { Store } from '../store/port.ts';
import { type Arguments, type Terminal, terminalProgress } from './command.ts';

export function storePath(args: Arguments, terminal: Terminal): string {
  return args.text('db') ?? terminal.env.HAETAE_DB ?? join(homedir(), '.haetae', 'haetae.duckdb');
}

/** For commands that fetch for hours: with the rest of the process it stays under 512 MB. */
export const LIVE_STORE_MB = 192;

/** Opens the store, runs the work, closes it whatever happens. Only an import makes a store that is not there. Throws E_NOT_FOUND. */
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
  const { openStore } = await import('../store/open.ts');
  const store = await openStore({ path, ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }) });
  const progress = terminalProgress(terminal, args.flag('quiet'));
  try {
    return await work(store, progress);
  } finally {
    progress.end();
    await store.close();
  }
}
