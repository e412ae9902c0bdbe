import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { DuckdbStore } from './duckdb/store.ts';
import type { Store } from './port.ts';

export interface OpenOptions {
  /** A file, or ':memory:'. */
  readonly path: string;
  /** Several processes may read one store at once while none writes. The store must exist (E_NOT_FOUND). */
  readonly readOnly?: boolean;
  /** What the engine may hold; the process needs about 200 MB beside it. Default 512. */
  readonly memoryLimitMb?: number;
  readonly threads?: number;
}

/**
 * Opens the default store, and makes it where it is missing (folder 0700, file 0600).
 * Throws E_STORE_LOCKED, E_STORE_VERSION, E_STORE_CORRUPT, E_STORE_WRITE, E_NOT_FOUND.
 */
export async function openStore(options: OpenOptions): Promise<Store> {
  if (options.path === ':memory:') return DuckdbStore.open(options);
  const path = resolve(options.path);
  if (options.readOnly === true) requireFile(path);
  else makeFolder(dirname(path));
  return DuckdbStore.open({ ...options, path });
}

function requireFile(path: string): void {
  if (existsSync(path)) return;
  throw new HaetaeError('E_NOT_FOUND', 'there is no store at this path', {
    context: { path },
    remedy: 'import something first, or name another store with --db',
  });
}

function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  } catch (error) {
    throw new HaetaeError('E_STORE_WRITE', 'the folder of the store cannot be made', {
      context: { folder },
      remedy: 'check who owns the folder above it, or name another store with --db',
      cause: error,
    });
  }
}
