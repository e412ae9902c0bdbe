import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { HaetaeError } from '../../base/errors.ts';
import { differs, fileDigest, verifiedManifest } from '../manifest.ts';
import type { BackupManifest, StoreTotals } from '../port.ts';
import { BACKUP_DATA } from './backup.ts';
import { Engine } from './engine.ts';
import { DuckdbStore } from './store.ts';

export interface RestoreOptions {
  /** Puts the backup in the place of a store that is there. Without it such a store is left as it is (E_BACKUP). */
  readonly replace?: boolean;
}

/**
 * Checks a backup (hashes, then totals of the copy as it opens) and makes it the store at `targetPath`; until then nothing at that path changes.
 * Throws E_BACKUP with what differs, E_STORE_LOCKED where the store to be replaced is in use.
 */
export async function restoreBackup(
  folder: string,
  targetPath: string,
  options: RestoreOptions = {},
): Promise<BackupManifest> {
  const target = resolve(targetPath);
  if (existsSync(target) && options.replace !== true) {
    throw new HaetaeError('E_BACKUP', 'there is a store at the path to restore to', {
      context: { path: target },
      remedy: 'name another path with --db, or add --replace',
    });
  }
  const manifest = await verifiedManifest(folder);
  const data = manifest.files.find((file) => file.name === BACKUP_DATA);
  if (data === undefined)
    throw differs(folder, `it holds no ${BACKUP_DATA} (a backup of a store in memory is for reading only)`);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const temporary = `${target}.restoring-${process.pid}`;
  try {
    await copyFile(join(folder, BACKUP_DATA), temporary);
    await chmod(temporary, 0o600);
    const copied = await fileDigest(temporary);
    if (copied !== data.sha256) throw differs(folder, `the copy has the SHA-256 ${copied}, not ${data.sha256}`);
    await compareTotals(folder, temporary, manifest.totals);
    await markRestored(temporary);
    await requireUnused(target);
    await rename(temporary, target);
    await rm(`${target}.wal`, { force: true });
  } catch (error) {
    throw restoreFault(error, target);
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.wal`, { force: true });
  }
  return manifest;
}

/** Opened for writing: a backup of an older version is brought forward here. */
async function compareTotals(folder: string, path: string, expected: StoreTotals): Promise<void> {
  const store = await DuckdbStore.open({ path });
  try {
    const totals = await store.totals();
    for (const name of Object.keys(expected) as (keyof StoreTotals)[]) {
      if (totals[name] !== expected[name])
        throw differs(folder, `it holds ${totals[name]} ${name}, not ${expected[name]}`);
    }
  } finally {
    await store.close();
  }
}

/** So that an index of what was at the path before is not taken for one of this: the same numbers may go to other names from here on. */
async function markRestored(path: string): Promise<void> {
  const engine = await Engine.open({ path });
  try {
    await engine.write(async (connection) => {
      await connection.run(`DELETE FROM meta WHERE name = 'restored'`);
      await connection.run(`INSERT INTO meta VALUES ('restored', $1)`, [randomBytes(16).toString('hex')]);
    });
  } finally {
    await engine.close();
  }
}

/** A store that is open somewhere must not be pulled from under its feet; opening and closing also settles its log. */
async function requireUnused(target: string): Promise<void> {
  if (!existsSync(target)) return;
  try {
    await (await DuckdbStore.open({ path: target })).close();
  } catch (error) {
    if (error instanceof HaetaeError && error.code === 'E_STORE_LOCKED') throw error;
    // A store that cannot be opened for another reason is why one restores a backup.
  }
}

function restoreFault(error: unknown, target: string): HaetaeError {
  if (error instanceof HaetaeError && (error.code === 'E_BACKUP' || error.code === 'E_STORE_LOCKED')) return error;
  return new HaetaeError(
    'E_BACKUP',
    `the backup could not be restored: ${error instanceof Error ? error.message : String(error)}`,
    {
      context: { path: target },
      remedy: 'check the room on the disk and the rights on the folder; what was at the path is still there',
      cause: error,
    },
  );
}
