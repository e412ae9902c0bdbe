import { chmod } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { writeBackup } from '../manifest.ts';
import type { BackupManifest, StoreTotals } from '../port.ts';
import type { Engine } from './engine.ts';
import { TABLES } from './schema.ts';
import { readTotals } from './totals.ts';

export const BACKUP_DATA = 'haetae.duckdb';

/** A compact copy of the store in a file of its own, compared with the store table by table. Readers and writers may go on meanwhile. */
export function backupStore(engine: Engine, folder: string, progress: Progress): Promise<BackupManifest> {
  return writeBackup(folder, BACKUP_DATA, (path) =>
    engine.read(async (connection) => {
      await connection.run(`ATTACH '${path.replaceAll("'", "''")}' AS backup_copy`);
      try {
        return await copyTables(connection, path, progress);
      } finally {
        await connection.run('ROLLBACK').catch(() => {});
        await connection.run('DETACH backup_copy');
        await chmod(path, 0o600);
      }
    }),
  );
}

async function copyTables(connection: DuckDBConnection, path: string, progress: Progress): Promise<StoreTotals> {
  const own = String((await connection.runAndReadAll('SELECT current_database()')).getRows()[0]?.[0]);
  const source = `"${own.replaceAll('"', '""')}".main`;
  // One snapshot: what is loaded while the copy runs is in the next backup.
  await connection.run('BEGIN');
  await connection.run(`COPY FROM DATABASE "${own.replaceAll('"', '""')}" TO backup_copy (SCHEMA)`);
  for (const [done, table] of TABLES.entries()) {
    progress.report('backup', done, TABLES.length);
    await connection.run(`INSERT INTO backup_copy.main.${table} SELECT * FROM ${source}.${table}`);
  }
  for (const table of TABLES) {
    const before = await tableDigest(connection, `${source}.${table}`);
    if (before !== (await tableDigest(connection, `backup_copy.main.${table}`))) {
      throw new HaetaeError('E_BACKUP', `the copy of table ${table} differs from the store`, {
        context: { path },
        remedy: 'check the disk and run the backup again',
      });
    }
  }
  const totals = await readTotals(connection, 'backup_copy.main');
  await connection.run('COMMIT');
  progress.report('backup', TABLES.length, TABLES.length);
  return totals;
}

/** Rows and the sum of their hashes: the same for the same rows, whatever order they are read in. */
async function tableDigest(connection: DuckDBConnection, table: string): Promise<string> {
  const result = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR || ':' || coalesce(sum(hash(t)), 0)::VARCHAR FROM ${table} AS t`,
  );
  return String(result.getRows()[0]?.[0]);
}
