import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Progress } from '../base/progress.ts';
import type { Store } from '../store/port.ts';
import { type Arguments, type Terminal, terminalProgress } from './command.ts';

export function storePath(args: Arguments, terminal: Terminal): string {
  return args.text('db') ?? terminal.env.HAETAE_DB ?? join(homedir(), '.haetae', 'haetae.duckdb');
}

/** Opens the store, runs the work, closes it whatever happens. */
export async function withStore<Result>(
  args: Arguments,
  terminal: Terminal,
  work: (store: Store, progress: Progress) => Promise<Result>,
): Promise<Result> {
  const { openStore } = await import('../store/open.ts');
  const store = await openStore({ path: storePath(args, terminal) });
  const progress = terminalProgress(terminal, args.flag('quiet'));
  try {
    return await work(store, progress);
  } finally {
    progress.end();
    await store.close();
  }
}
