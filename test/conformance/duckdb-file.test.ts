import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { HaetaeError } from '../../src/base/errors.ts';
import { SILENT } from '../../src/base/progress.ts';
import { Engine } from '../../src/store/duckdb/engine.ts';
import { restoreBackup } from '../../src/store/duckdb/restore.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/port.ts';
import { withFolder } from './engines.ts';
import { allEdges, feedOf, hash, NOON, newBatch, transfer } from './feed.ts';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'child.js');

async function withStore<T>(path: string, work: (store: Store) => Promise<T>, readOnly = false): Promise<T> {
  const store = await openStore({ path, readOnly });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function loadOne(path: string): Promise<unknown> {
  return withStore(path, (store) => store.load(newBatch('first'), feedOf({ transfers: [transfer()] }), SILENT));
}

/** Resolves when the child has printed the words. */
function printed(child: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes(words)) resolve();
    });
    child.on('exit', () => reject(new Error(`the child ended: ${text}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
}

test('a store file and its folder are its owner’s alone, and what is stored is there after opening again', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'new', 'deep', 'haetae.duckdb');
    await loadOne(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(dirname(path))).mode & 0o777, 0o700);
    await withStore(path, async (store) => {
      assert.equal((await store.totals()).transfers, 1);
      const print = await store.fingerprints([
        { chain: 'eip155:1', address: transfer().from!, asset: transfer().asset },
      ]);
      assert.deepEqual(
        (await allEdges(store)).map((edge) => edge.from),
        [...print],
      );
    });
  }));

test('a second process is told who has the store, and readers may share it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    await loadOne(path);
    const holder = spawn(process.execPath, [CHILD, path, 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await printed(holder, 'open');
      await assert.rejects(openStore({ path }), (error: HaetaeError) => {
        assert.equal(error.code, 'E_STORE_LOCKED');
        assert.match(error.message, new RegExp(`in use by process ${holder.pid}\\b`));
        assert.equal(error.context.pid, holder.pid);
        assert.equal(error.retry, true);
        return true;
      });
    } finally {
      holder.kill('SIGKILL');
      await ended(holder);
    }
    await withStore(
      path,
      (first) =>
        withStore(
          path,
          async (second) => {
            assert.equal((await first.totals()).transfers, 1);
            assert.equal((await second.totals()).transfers, 1);
            const write = second.load(
              newBatch('b'),
              feedOf({ transfers: [transfer({ tx: hash(2), txIndex: 1 })] }),
              SILENT,
            );
            await assert.rejects(write, { code: 'E_STORE_WRITE' });
          },
          true,
        ),
      true,
    );
    await assert.rejects(openStore({ path: join(folder, 'none'), readOnly: true }), { code: 'E_NOT_FOUND' });
  }));

for (const [when, action, words] of [
  ['while rows are read', 'load', 'staged 40000'],
  ['when all is written and not committed', 'linger', 'written'],
] as const) {
  test(`a process killed ${when} leaves nothing of the load, and what was there before`, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'haetae.duckdb');
      await loadOne(path);
      const rows = action === 'load' ? '100000000' : '30000';
      const child = spawn(process.execPath, [CHILD, path, action, rows], { stdio: ['ignore', 'pipe', 'inherit'] });
      await printed(child, words);
      child.kill('SIGKILL');
      await ended(child);
      await withStore(path, async (store) => {
        assert.deepEqual([(await store.batches()).length, (await store.totals()).transfers], [1, 1]);
        const more = feedOf({ transfers: [transfer({ tx: hash(2), txIndex: 1 })] });
        assert.equal((await store.load(newBatch('again'), more, SILENT)).batch.id, 2);
        assert.equal((await allEdges(store)).length, 2);
      });
    }));
}

test('a full disk stops a load with its remedy, and what was stored before is still there', () =>
  withFolder(async (folder) => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    const canMount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', mounted]).status === 0;
    const path = join(mounted, 'haetae.duckdb');
    try {
      await loadOne(path);
      // Without the right to mount, a limit on the size of files fails the same writes.
      const limit = canMount ? '' : 'ulimit -f 4000; ';
      const command = `${limit}exec "$0" "$@"`;
      const child = spawnSync('sh', ['-c', command, process.execPath, CHILD, path, 'load', '30000'], {
        encoding: 'utf8',
      });
      assert.equal(child.status, 1, child.stdout + child.stderr);
      assert.match(child.stdout, /E_STORE_WRITE: the store could not be written: the disk is full/);
      assert.match(child.stdout, /remedy: free room on the disk/);
      await withStore(path, async (store) => {
        assert.deepEqual([(await store.batches()).length, (await store.totals()).transfers], [1, 1]);
      });
    } finally {
      if (canMount) spawnSync('umount', [mounted]);
    }
  }));

test('a store of a newer version, a foreign database and a file that is none are refused and left as they are', () =>
  withFolder(async (folder) => {
    const newer = join(folder, 'newer.duckdb');
    await loadOne(newer);
    await inEngine(newer, `UPDATE meta SET value = '999' WHERE name = 'version'`);
    await assert.rejects(openStore({ path: newer }), { code: 'E_STORE_VERSION' });
    const foreign = join(folder, 'foreign.duckdb');
    await inEngine(foreign, 'CREATE TABLE mine (a INTEGER)');
    await assert.rejects(openStore({ path: foreign }), { code: 'E_STORE_CORRUPT' });
    const text = join(folder, 'notes.txt');
    await writeFile(text, 'not a database at all, but some text that is long enough to be one');
    await assert.rejects(openStore({ path: text }), { code: 'E_STORE_CORRUPT' });
    assert.match(await readFile(text, 'utf8'), /^not a database/);
  }));

async function inEngine(path: string, sql: string): Promise<void> {
  const engine = await Engine.open({ path });
  await engine.write(async (connection) => {
    await connection.run(sql);
  });
  await engine.close();
}

test('a backup is restored whole, into a new place or over a store when told, and never from damaged files', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const backup = join(folder, 'backup');
    const rows = Array.from({ length: 3000 }, (_, index) =>
      transfer({ time: NOON + index, tx: hash(index), row: index + 1 }),
    );
    const edges = await withStore(path, async (store) => {
      await store.load(newBatch('a'), feedOf({ transfers: rows.toReversed() }), SILENT);
      await store.backup(backup, SILENT);
      await store.load(newBatch('later'), feedOf({ transfers: [transfer({ time: NOON + 9999 })] }), SILENT);
      return allEdges(store, 0, NOON + 5000);
    });
    const copy = join(folder, 'copy', 'haetae.duckdb');
    const manifest = await restoreBackup(backup, copy);
    assert.equal(manifest.totals.transfers, 3000);
    assert.deepEqual(await withStore(copy, allEdges), edges, 'same rows, same order, same fingerprints');
    await assert.rejects(restoreBackup(backup, path), { code: 'E_BACKUP' });
    await restoreBackup(backup, path, { replace: true });
    assert.equal((await withStore(path, (store) => store.totals())).transfers, 3000);
    const data = join(backup, 'haetae.duckdb');
    const bytes = await readFile(data);
    bytes[20_000]! ^= 1;
    await writeFile(data, bytes);
    await assert.rejects(restoreBackup(backup, path, { replace: true }), { code: 'E_BACKUP', message: /SHA-256/ });
    assert.equal((await withStore(path, (store) => store.totals())).transfers, 3000);
    assert.deepEqual((await readdir(folder)).sort(), ['backup', 'copy', 'haetae.duckdb']);
  }));

test('a backup whose totals are not those of its data is refused', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const backup = join(folder, 'backup');
    await loadOne(path);
    await withStore(path, (store) => store.backup(backup, SILENT));
    const name = join(backup, 'manifest.json');
    await writeFile(name, (await readFile(name, 'utf8')).replace('"transfers": 1', '"transfers": 2'));
    const restore = restoreBackup(backup, join(folder, 'copy.duckdb'));
    await assert.rejects(restore, { code: 'E_BACKUP', message: /it holds 1 transfers, not 2/ });
    assert.deepEqual((await readdir(folder)).sort(), ['backup', 'haetae.duckdb']);
  }));
