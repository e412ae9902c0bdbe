import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SILENT } from '../../src/base/progress.ts';
import { restoreBackup } from '../../src/store/duckdb/restore.ts';
import type { StoreContents } from '../../src/store/numbered.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/port.ts';
import { ETHEREUM, feedOf, NOON, newBatch, transfer } from './feed.ts';

const WINDOWS = [{ from: 0, to: NOON }];

async function withStore<Result>(path: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore({ path });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const contents = (path: string): Promise<StoreContents> =>
  withStore(path, (store) => store.contents(ETHEREUM, WINDOWS));

test('an index is of one store only: another store of the same files, or one restored, has other contents', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'haetae-identity-'));
  try {
    const [one, two] = ['one', 'two'].map((name) => join(folder, `${name}.duckdb`)) as [string, string];
    for (const path of [one, two])
      await withStore(path, (store) => store.load(newBatch('1'), feedOf({ transfers: [transfer()] }), SILENT));
    const before = await contents(one);
    assert.deepEqual(await contents(one), before);
    const other = await contents(two);
    assert.deepEqual(other.imports, before.imports);
    assert.notEqual(other.fetched[0]!.digest, before.fetched[0]!.digest);
    await withStore(one, (store) => store.backup(join(folder, 'backup'), SILENT));
    assert.deepEqual(await contents(one), before);
    await restoreBackup(join(folder, 'backup'), one, { replace: true });
    const restored = await contents(one);
    assert.deepEqual(restored.imports, before.imports);
    assert.notEqual(restored.fetched[0]!.digest, before.fetched[0]!.digest);
    assert.deepEqual(await contents(one), restored);
  } finally {
    await rm(folder, { recursive: true });
  }
});
