import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';

/** Where the server of a database listens for this machine, and what lets a command in. Whoever can read it may do everything. */
export interface ServerAddress {
  readonly pid: number;
  /** Of a loopback address, without path. */
  readonly url: string;
  readonly token: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly version: string;
}

/** By hand, as every command pays for what this file loads. */
const FORMS: Readonly<Record<keyof ServerAddress, (value: unknown) => boolean>> = {
  pid: isCount,
  url: (value) => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/.test(String(value)),
  token: (value) => /^[\w-]{32,128}$/.test(String(value)),
  startedAt: isCount,
  version: (value) => typeof value === 'string' && value.length <= 40,
};

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function addressOf(value: unknown): ServerAddress | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  return Object.entries(FORMS).every(([name, isSound]) => isSound(fields[name]))
    ? (fields as unknown as ServerAddress)
    : null;
}

/** Beside the database, by its real name, so that a link to it finds the same server. */
export function tokenPath(database: string): string {
  const path = resolve(database);
  return `${join(realPath(dirname(path)), basename(realPath(path)))}.server.json`;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export interface TokenFile {
  readonly path: string;
  /** Removes it, unless another server has put its own there. */
  remove(): void;
}

/**
 * Writes the file whole or not at all (0600). What stands there is replaced: only the holder of the database may call it, so it is of a server
 * that is gone. Throws E_FILE_WRITE.
 */
export function writeTokenFile(database: string, address: ServerAddress): TokenFile {
  assert(addressOf(address) !== null, 'the address of a server is a loopback one, its token 32 letters or more');
  const path = tokenPath(database);
  const unfinished = `${path}.${process.pid}`;
  try {
    rmSync(unfinished, { force: true });
    writeWhole(unfinished, `${JSON.stringify(address)}\n`);
    renameSync(unfinished, path);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw new HaetaeError('E_FILE_WRITE', 'the file by which commands find the server cannot be written', {
      context: { file: path },
      remedy: 'give this user write permission to the folder of the database, and room on the disk',
      cause,
    });
  }
  return {
    path,
    remove: () => {
      if (readTokenFile(database)?.token === address.token) rmSync(path, { force: true });
    },
  };
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Null where there is none, or none to trust: not sound, of another user, or open to others. */
export function readTokenFile(database: string): ServerAddress | null {
  try {
    const file = openSync(tokenPath(database), 'r');
    try {
      const { mode, uid } = fstatSync(file);
      const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0);
      return own ? addressOf(JSON.parse(readFileSync(file, 'utf8'))) : null;
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

/** Whether the process that wrote it may still run. */
export function isAlive({ pid }: ServerAddress): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
