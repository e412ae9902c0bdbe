import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
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
import { address, allEdges, ETH, ETHEREUM, feedOf, hash, NOON, newBatch, transfer } from './feed.ts';
import { answer, BLOCK_ROWS, blockAnswer, blocksOf, movement, PEOPLE, range, stateOf } from './living.ts';

const CHILD = join(dirname(fileURLToPath(import.meta.url)), 'child.js');
const SPENDS = Array.from({ length: 30 }, (_, index) => `u${index + 1}`);

async function withStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ path });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Resolves when the child has printed the words so many times. */
function printed(child: ChildProcess, words: string, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.split(words).length > times) resolve();
    });
    child.on('exit', () => reject(new Error(`the child ended: ${text}`)));
  });
}

for (const [when, words, times, delay] of [
  ['while it fetches', 'kept 17', 1, 11],
  ['while it fetches again', 'kept 25', 2, 3],
  ['while it rolls back', 'kept 30', 1, 4],
] as const) {
  test(`a process killed ${when} leaves whole blocks and goes on from them`, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'haetae.duckdb');
      const child = spawn(process.execPath, [CHILD, path, 'follow'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const gone = new Promise((resolve) => child.once('exit', resolve));
      await printed(child, words, times);
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGKILL');
      await gone;
      await withStore(path, async (store) => {
        const blocks = await store.keptBlocks(ETHEREUM, 99);
        const last = blocks[0]!.number;
        assert.deepEqual(blocks.toReversed(), blocksOf(1n, last));
        assert.deepEqual(await store.covered(ETHEREUM, null), [range(address(1), 1n, last)]);
        assert.equal((await store.openings(ETHEREUM, null)).length, 1);
        assert.equal((await store.totals()).transfers, Number(last) * BLOCK_ROWS);
        assert.equal((await store.batches())[0]?.rowsKept, Number(last) * (BLOCK_ROWS + 1));
        assert.equal((await allEdges(store)).length, Number(last) * BLOCK_ROWS);
        assert.equal((await store.utxoTransactionsById(ETHEREUM, SPENDS)).length, Number(last));
        assert.equal((await store.keepFetched(blockAnswer(last + 1n))).added, BLOCK_ROWS + 1);
      });
    }));
}

test('a backup carries what was fetched, and the copy grows and rolls back like the store', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const backup = join(folder, 'backup');
    const state = (store: Store): Promise<unknown> => stateOf(store, PEOPLE, SPENDS);
    const before = await withStore(path, async (store) => {
      await store.load(newBatch('a'), feedOf({ transfers: [transfer({ tx: hash(-1), time: NOON + 30 })] }), SILENT);
      for (const block of [1n, 3n, 2n]) await store.keepFetched(blockAnswer(block));
      await store.keepFetched(answer({ transfers: [movement(4n, { kind: 'adjust', from: null })] }));
      const found = await state(store);
      await store.backup(backup, SILENT);
      await store.keepFetched(blockAnswer(5n));
      return found;
    });
    const copy = join(folder, 'copy.duckdb');
    await restoreBackup(backup, copy);
    await withStore(copy, async (store) => {
      assert.deepEqual(await state(store), before);
      await store.keepFetched(blockAnswer(5n));
      await store.rollBack(ETHEREUM, 4n);
      assert.deepEqual(await state(store), before);
    });
  }));

/** A store as version 1 left it, with three rows of a file in it. */
async function writeFirstVersion(path: string): Promise<void> {
  const engine = await Engine.open({ path });
  await migrate(engine, 1);
  const batch = newBatch('old');
  await engine.write(async (connection) => {
    await connection.run(
      `INSERT INTO batch VALUES (1, '${batch.contentId}', 'test', '${ETHEREUM}', '${JSON.stringify(batch.files)}', 'index', 'keep', false,
         1, '{"rowsRead": 3, "rowsKept": 3, "refused": {}, "duplicates": 0, "alreadyStored": 0, "rounded": 0, "zeroValue": 0}', ${NOON}, ${NOON + 2})`,
    );
    await connection.run(`INSERT INTO run VALUES (1, 'transfer', '${ETHEREUM}', ${NOON}, ${NOON + 2}, 3)`);
    for (const [index, kind] of ['transfer', 'tip', 'mint'].entries()) {
      await connection.run(
        `INSERT INTO transfer VALUES (1, '${ETHEREUM}', ${NOON + index}, ${index}, 0, 0, '${hash(index)}', '${kind}', '${address(1)}',
           '${address(2)}', '${ETH.id}', ${index + 1}, NULL, false, 0, ${index + 1})`,
      );
    }
  });
  await engine.close();
}

const KINDS = ['transfer', 'tip', 'mint'];

test('a store of version 1 is brought forward with its rows, and takes what is fetched', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    await writeFirstVersion(path);
    await assert.rejects(openStore({ path, readOnly: true }), { code: 'E_STORE_VERSION' });
    await withStore(path, async (store) => {
      const rows = await store.transfersOf(ETHEREUM, address(1), 9);
      assert.deepEqual(
        rows.map((row) => [row.kind, row.amount]),
        KINDS.map((kind, index) => [kind, BigInt(index + 1)]),
      );
      await store.keepFetched(answer({ transfers: [movement(4n, { kind: 'adjust', from: null })] }));
    });
    await withStore(path, async (store) => {
      assert.deepEqual(
        (await store.transfersOf(ETHEREUM, address(2), 9)).map((row) => row.kind),
        [...KINDS, 'adjust'],
      );
      await store.backup(join(folder, 'backup'), SILENT);
    });
    await restoreBackup(join(folder, 'backup'), join(folder, 'copy.duckdb'));
    const engine = await Engine.open({ path: join(folder, 'copy.duckdb'), readOnly: true });
    assert.deepEqual(await engine.rows(`SELECT value FROM meta WHERE name = 'version'`), [[String(STORE_VERSION)]]);
    await engine.close();
  }));

test('a long file with fetched rows in it keeps every row, chunk by chunk', () =>
  withStore(':memory:', async (store) => {
    const count = 70_000;
    const rows = Array.from({ length: count }, (_, index) =>
      movement(BigInt(index), { time: NOON + index, amount: BigInt(index + 1), tx: hash(index) }),
    );
    const fetched = (index: number): boolean =>
      index % 1000 < 3 || (index > 40_000 && index < 41_000) || index > 69_990;
    await store.load(newBatch('a'), feedOf({ transfers: rows.filter((_, index) => !fetched(index)) }), SILENT);
    await store.keepFetched(answer({ transfers: rows.filter((_, index) => fetched(index)).reverse() }));
    const amounts = (await allEdges(store)).map((edge) => Number(edge.amount));
    assert.equal(amounts.length, count);
    assert.ok(amounts.every((amount, index) => amount === index + 1));
    for await (const chunk of store.edges({ from: 0, until: null })) {
      assert.ok(chunk.count > 0);
      await store.rollBack(ETHEREUM, 10n);
      break;
    }
    assert.equal((await allEdges(store)).length, rows.filter((_, index) => !fetched(index) || index <= 10).length);
  }));
