import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SILENT } from '../../src/base/progress.ts';
import { Engine } from '../../src/store/duckdb/engine.ts';
import { restoreBackup } from '../../src/store/duckdb/restore.ts';
import { migrate, STORE_VERSION } from '../../src/store/duckdb/schema.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/port.ts';
import { withFolder } from './engines.ts';
import { ETH, ETHEREUM, feedOf, hash, NOON, newBatch, transfer } from './feed.ts';
import { addressesOf, namedRows } from './numbered-feed.ts';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'numbered-child.js');
const WHOLE = { chain: ETHEREUM, from: 0, to: null };

async function withStore<T>(path: string, work: (store: Store) => Promise<T>, memoryLimitMb = 200): Promise<T> {
  const store = await openStore({ path, memoryLimitMb });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function rowsOf(count: number, given: (row: number) => object = () => ({})) {
  return Array.from({ length: count }, (_, row) => {
    const names = { from: `payer ${row % 1000}`, to: `payee ${row}` };
    return transfer({ time: NOON + row, tx: hash(row), row: row + 1, ...names, ...given(row) });
  });
}

test('a process killed while it numbers names leaves the store as it was', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    await withStore(path, (store) => store.load(newBatch('1'), feedOf({ transfers: rowsOf(5000) }), SILENT));
    const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'exit');
    await withStore(path, async (store) => {
      assert.deepEqual(await addressesOf(store, ETHEREUM), []);
      assert.equal((await store.totals()).transfers, 5000);
      assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 6000, assets: 1, numbered: 5000 });
      assert.equal((await namedRows(store, WHOLE)).length, 5000);
    });
  }));

test('numbers are there after opening again, in a backup, and in the store restored from it', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const copy = join(folder, 'copy.duckdb');
    const state = async (store: Store): Promise<unknown> => [
      await addressesOf(store, ETHEREUM),
      await store.numberedAssets(ETHEREUM),
      await namedRows(store, WHOLE),
    ];
    const before = await withStore(path, async (store) => {
      await store.load(newBatch('1', { ids: true }), feedOf({ transfers: rowsOf(3000) }), SILENT);
      await store.backup(join(folder, 'backup'), SILENT);
      return state(store);
    });
    assert.deepEqual(await withStore(path, state), before);
    await restoreBackup(join(folder, 'backup'), copy);
    assert.deepEqual(await withStore(copy, state), before);
    await withStore(copy, async (store) => {
      assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 0, assets: 0, numbered: 0 });
    });
  }));

test('a store of version 2 is brought forward and its imports are numbered', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const engine = await Engine.open({ path });
    await migrate(engine, 2);
    const batch = newBatch('old');
    await engine.write(async (connection) => {
      await connection.run(
        `INSERT INTO batch VALUES (1, '${batch.contentId}', 'test', '${ETHEREUM}', '${JSON.stringify(batch.files)}', 'index', 'keep', false,
           1, '{"rowsRead": 1, "rowsKept": 1, "refused": {}, "duplicates": 0, "alreadyStored": 0, "rounded": 0, "zeroValue": 0}', ${NOON}, ${NOON})`,
      );
      await connection.run(`INSERT INTO run VALUES (1, 'transfer', '${ETHEREUM}', ${NOON}, ${NOON}, 1)`);
      await connection.run(
        `INSERT INTO transfer VALUES (1, '${ETHEREUM}', ${NOON}, 1, 0, 0, '${hash(1)}', 'transfer', 'a', 'b', '${ETH.id}', 7, NULL, false, 0, 1)`,
      );
    });
    await engine.close();
    assert.ok(STORE_VERSION >= 3);
    await withStore(path, async (store) => {
      assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), { addresses: 2, assets: 1, numbered: 1 });
      assert.deepEqual(
        (await namedRows(store, WHOLE)).map(({ from, to, amount }) => [from, to, amount]),
        [['a', 'b', 7n]],
      );
    });
  }));

/** Two names to which DuckDB's hash gives one number, found by solving it for the last block of the second. */
const TWINS = ['flTnBsZqm2ZK3DLJ', 'bUt208u91oxz03HW'] as const;

test('two names of one hash are two names', () =>
  withFolder((folder) =>
    withStore(join(folder, 'haetae.duckdb'), async (store) => {
      const engine = await Engine.open({ path: ':memory:' });
      assert.deepEqual(await engine.rows('SELECT hash($1) = hash($2)', [...TWINS]), [[true]]);
      await engine.close();
      const transfers = rowsOf(300, (row) => ({ from: TWINS[row & 1] }));
      await store.load(newBatch('1', { ids: true }), feedOf({ transfers }), SILENT);
      const rows = await namedRows(store, WHOLE);
      assert.deepEqual(
        rows.map(({ from, to }) => [from, to]),
        transfers.map(({ from, to }) => [from, to]),
      );
      assert.deepEqual((await addressesOf(store, ETHEREUM)).length, 302);
    }),
  ));

test('many slices, the first of nothing but zero amounts, number as one', () =>
  withFolder((folder) =>
    withStore(
      join(folder, 'haetae.duckdb'),
      async (store) => {
        const rows = 600_000;
        const feed = {
          ...feedOf({}),
          stagedInOrder: true,
          stage: async (connection: unknown) => {
            await (connection as { run: (sql: string) => Promise<unknown> }).run(
              `CREATE TEMP VIEW staged_transfer AS SELECT '${ETHEREUM}' AS chain, ${NOON} + i AS time, i AS block, 0 AS tx_index, 0 AS leg,
                 'h' || i AS tx, 'transfer' AS kind, 'a' || (i % 1000) AS sender, 'b' || i AS receiver, '${ETH.id}' AS asset,
                 (i >= 300000)::UHUGEINT AS amount, NULL::VARCHAR AS amount_big, false AS rounded, 0 AS file, i + 1 AS row
               FROM range(${rows}) AS r (i)`,
            );
          },
        };
        await store.load(newBatch('1'), feed, SILENT);
        const moved = rows - 300_000;
        assert.deepEqual(await store.assignIds(ETHEREUM, SILENT), {
          addresses: moved + 1000,
          assets: 1,
          numbered: moved,
        });
        let seen = 0;
        for await (const chunk of store.numberedTransfers(WHOLE)) {
          for (let row = 0; row < chunk.count; row += 1, seen += 1) {
            if (chunk.block[row] !== 300_000 + seen) assert.fail(`row ${seen} is of block ${chunk.block[row]}`);
          }
        }
        assert.equal(seen, moved);
        const texts = await addressesOf(store, ETHEREUM);
        assert.equal(texts.length, moved + 1000);
        assert.equal(new Set(texts).size, texts.length);
        assert.deepEqual(texts.slice(0, 4), ['a0', 'b300000', 'a1', 'b300001']);
      },
      80,
    ),
  ));
