import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { DuckDBBlobValue } from '@duckdb/node-api';
import type { CaseSummary, StoredCase } from '../port.ts';
import type { Engine } from './engine.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Keeps a case; one of the same id is replaced as a whole. */
export async function writeCase(engine: Engine, stored: StoredCase): Promise<void> {
  const files = await Promise.all(
    [...stored.files].map(async ([name, content]) => ({ name, packed: await compress(content) })),
  );
  const bytes = [...stored.files.values()].reduce((sum, content) => sum + content.byteLength, 0);
  await engine.write(async (connection) => {
    await connection.run('DELETE FROM case_file WHERE case_id = $1', [stored.id]);
    await connection.run('DELETE FROM kept_case WHERE id = $1', [stored.id]);
    await connection.run('INSERT INTO kept_case VALUES ($1, $2, $3, $4, $5)', [
      stored.id,
      stored.title,
      BigInt(stored.createdAt),
      stored.simulated,
      BigInt(bytes),
    ]);
    for (const [position, { name, packed }] of files.entries()) {
      const content = engine.api.blobValue(packed);
      await connection.run('INSERT INTO case_file VALUES ($1, $2, $3, $4)', [stored.id, position, name, content]);
    }
  });
}

/** Oldest first. */
export async function readCases(engine: Engine): Promise<readonly CaseSummary[]> {
  const rows = await engine.rows(
    'SELECT id, title, created_at::DOUBLE, simulated, bytes::DOUBLE FROM kept_case ORDER BY created_at, id',
  );
  return rows.map(([id, title, createdAt, simulated, bytes]) => ({
    id: String(id),
    title: String(title),
    createdAt: Number(createdAt),
    simulated: simulated === true,
    bytes: Number(bytes),
  }));
}

export async function readCase(engine: Engine, id: string): Promise<StoredCase | null> {
  const summary = (await readCases(engine)).find((item) => item.id === id);
  if (summary === undefined) return null;
  const rows = await engine.rows('SELECT name, content FROM case_file WHERE case_id = $1 ORDER BY position', [id]);
  const files = new Map<string, Uint8Array>();
  for (const [name, content] of rows) {
    files.set(String(name), new Uint8Array(await expand((content as DuckDBBlobValue).bytes)));
  }
  const { title, createdAt, simulated } = summary;
  return { id, title, createdAt, simulated, files };
}
