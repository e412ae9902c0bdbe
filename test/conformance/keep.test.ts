import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SILENT } from '../../src/base/progress.ts';
import type { LabelEntry } from '../../src/model/label.ts';
import { verifiedManifest } from '../../src/store/manifest.ts';
import { everyStore } from './engines.ts';
import { BITCOIN, ETHEREUM, feedOf, labelList, NOON, newBatch, someCase, spend, transfer } from './feed.ts';

function entry(given: Partial<LabelEntry>): LabelEntry {
  return {
    address: '0xabc',
    chain: ETHEREUM,
    currency: null,
    label: 'a label',
    category: 'exchange',
    actor: null,
    abuse: null,
    programmes: [],
    confidence: 'unknown',
    url: null,
    caseLost: false,
    validFrom: null,
    validTo: null,
    ...given,
  };
}

everyStore('an edition already stored is left as it is; another source may have the same file', async (store) => {
  assert.deepEqual(await store.saveLabels(labelList('ofac', NOON), [entry({})]), { added: true });
  assert.deepEqual(await store.saveLabels(labelList('ofac', NOON + 9), [entry({}), entry({})]), { added: false });
  assert.deepEqual(await store.saveLabels(labelList('other', NOON), [entry({ label: 'b' })]), { added: true });
  assert.deepEqual(
    (await store.labelRows(['0xabc'])).map((row) => [row.listId, row.label]),
    [
      [1, 'a label'],
      [2, 'b'],
    ],
  );
});

everyStore('editions are listed oldest first, undated before dated', async (store) => {
  await store.saveLabels(labelList('new', NOON, '1'), [entry({})]);
  await store.saveLabels(labelList('undated', null, '2'), []);
  await store.saveLabels(labelList('old', NOON - 5, '3'), []);
  const lists = await store.labelLists();
  assert.deepEqual(
    lists.map(({ source, entries, id }) => [source, entries, id]),
    [
      ['undated', 0, 2],
      ['old', 0, 3],
      ['new', 1, 1],
    ],
  );
  assert.deepEqual(lists[2], { ...labelList('new', NOON, '1'), id: 1, entries: 1 });
});

everyStore(
  'a label that lost its case is found by the spelling that kept it; others only by their own',
  async (store) => {
    const rows = [
      entry({ address: '3cbq7t1', caseLost: true }),
      entry({ address: '3CBQ7T1' }),
      entry({ address: 'tabc' }),
    ];
    await store.saveLabels(labelList('ofac', NOON), rows);
    const found = await store.labelRows(['3Cbq7T1', 'TAbc']);
    assert.deepEqual(
      found.map((row) => [row.address, row.caseLost]),
      [['3cbq7t1', true]],
    );
    assert.deepEqual(await store.labelRows([]), []);
    assert.deepEqual(await store.labelRowsByCategory([]), []);
  },
);

everyStore(
  'cases are listed oldest first with their size, and one saved again replaces the old whole',
  async (store) => {
    const bytes = new TextEncoder().encode('seven b');
    await store.saveCase({ ...someCase('b', [['one', bytes]]), createdAt: NOON + 1 });
    await store.saveCase(
      someCase('a', [
        ['one', bytes],
        ['two', bytes],
      ]),
    );
    await store.saveCase(someCase('a', [['three', bytes]]));
    assert.deepEqual(
      (await store.cases()).map(({ id, bytes: size }) => [id, size]),
      [
        ['a', 7],
        ['b', 7],
      ],
    );
    assert.deepEqual([...(await store.loadCase('a'))!.files.keys()], ['three']);
    assert.equal(await store.loadCase('none'), null);
    assert.equal((await store.totals()).cases, 2);
  },
);

everyStore('a backup names every file with its hash and says what it holds', async (store, folder) => {
  await store.load(newBatch('a'), feedOf({ transfers: [transfer()] }), SILENT);
  await store.load(newBatch('b', { chain: BITCOIN }), feedOf({ utxo: [spend()] }, []), SILENT);
  await store.saveLabels(labelList('ofac', NOON), [entry({})]);
  await store.saveCase(someCase('a', [['one', new Uint8Array(10)]]));
  const target = join(folder, "it's a backup", 'deep');
  const manifest = await store.backup(target, SILENT);
  assert.deepEqual(manifest.totals, await store.totals());
  assert.equal(manifest.totals.utxoOutputs, 2);
  assert.deepEqual(await verifiedManifest(target), manifest);
  assert.deepEqual(await readdir(join(folder, "it's a backup")), ['deep'], 'no temporary folder is left');
});

everyStore(
  'a backup goes into an empty folder only, and a changed byte or missing file is told',
  async (store, folder) => {
    await store.load(newBatch('a'), feedOf({ transfers: [transfer()] }), SILENT);
    const full = join(folder, 'full');
    await mkdir(full);
    await writeFile(join(full, 'mine.txt'), 'mine');
    await assert.rejects(store.backup(full, SILENT), { code: 'E_BACKUP' });
    assert.deepEqual(await readdir(full), ['mine.txt']);
    const target = join(folder, 'empty');
    await mkdir(target);
    const manifest = await store.backup(target, SILENT);
    const data = join(target, manifest.files[0]!.name);
    const bytes = await readFile(data);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(data, bytes);
    await assert.rejects(verifiedManifest(target), { code: 'E_BACKUP', message: /has the SHA-256/ });
    await writeFile(data, bytes.subarray(1));
    await assert.rejects(verifiedManifest(target), { code: 'E_BACKUP', message: /bytes, not/ });
    await writeFile(join(target, 'manifest.json'), '{"version": 2}');
    await assert.rejects(verifiedManifest(target), { code: 'E_BACKUP', message: /not a manifest/ });
  },
);
