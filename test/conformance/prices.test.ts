import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../../src/base/progress.ts';
import type { Price, PriceList } from '../../src/model/price.ts';
import { Engine } from '../../src/store/duckdb/engine.ts';
import { restoreBackup } from '../../src/store/duckdb/restore.ts';
import { migrate } from '../../src/store/duckdb/schema.ts';
import { openStore } from '../../src/store/open.ts';
import { oddText } from './arbitrary.ts';
import { everyStore, withEveryFreshStore, withFolder } from './engines.ts';
import { ETH, NOON } from './feed.ts';

const TOKEN = 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7';

function listOf(source: string, sha: string): PriceList {
  return { source, fileName: `${source}.csv`, sha256: sha.repeat(64), importedAt: NOON, empty: 3, refused: 2 };
}

const price = (day: string, usd: string, asset = ETH.id): Price => ({ asset, day, usd });

everyStore('prices of every source are kept, by day and in the order they came', async (store) => {
  assert.deepEqual(await store.priceLists(), []);
  const long = `1.${'0'.repeat(58)}1`;
  assert.deepEqual(await store.savePrices(listOf('b', '1'), [price('2022-03-24', long), price('2022-03-23', '3')]), {
    added: true,
  });
  await store.savePrices(listOf('a', '2'), [price('2022-03-23', '4'), price('2022-03-23', '1', TOKEN)]);
  assert.deepEqual(await store.pricesOf(ETH.id, '2022-03-23', '2022-03-24'), [
    { ...price('2022-03-23', '3'), list: 1, source: 'b', sha256: '1'.repeat(64), importedAt: NOON },
    { ...price('2022-03-23', '4'), list: 2, source: 'a', sha256: '2'.repeat(64), importedAt: NOON },
    { ...price('2022-03-24', long), list: 1, source: 'b', sha256: '1'.repeat(64), importedAt: NOON },
  ]);
  assert.equal((await store.pricesOf(ETH.id, '2022-03-24', '2022-03-30')).length, 1);
  assert.deepEqual(await store.pricesOf(ETH.id, '2022-03-25', '2022-03-24'), []);
  assert.deepEqual(await store.priceLists(), [
    { ...listOf('b', '1'), id: 1, prices: 2, assets: [ETH.id], firstDay: '2022-03-23', lastDay: '2022-03-24' },
    { ...listOf('a', '2'), id: 2, prices: 2, assets: [TOKEN, ETH.id], firstDay: '2022-03-23', lastDay: '2022-03-23' },
  ]);
});

everyStore('the same file of prices twice is one import, whatever it is called', async (store) => {
  await store.savePrices(listOf('a', '1'), [price('2022-03-23', '3')]);
  assert.deepEqual(await store.savePrices(listOf('b', '1'), [price('2022-03-23', '4')]), { added: false });
  assert.deepEqual(
    (await store.pricesOf(ETH.id, '2022-03-23', '2022-03-23')).map(({ usd }) => usd),
    ['3'],
  );
  assert.equal((await store.priceLists()).length, 1);
});

everyStore('a file without prices is kept as such', async (store) => {
  await store.savePrices(listOf('a', '1'), []);
  const [list] = await store.priceLists();
  assert.deepEqual([list?.prices, list?.assets, list?.firstDay, list?.lastDay], [0, [], null, null]);
  await store.savePrices(listOf('b', '2'), [price('2022-03-23', '3')]);
  assert.equal((await store.pricesOf(ETH.id, '0000-01-01', '9999-12-31')).length, 1);
});

test('random prices come back as they went in, odd text included', () =>
  fc.assert(
    fc.asyncProperty(
      oddText,
      fc.uniqueArray(fc.record({ asset: oddText, day: fc.constantFrom('2022-03-23', '2022-03-24'), usd: oddText }), {
        selector: ({ asset, day }) => JSON.stringify([asset, day]),
        maxLength: 12,
      }),
      (source, prices) =>
        withEveryFreshStore(async (store) => {
          await store.savePrices({ ...listOf('a', '1'), source }, prices);
          for (const { asset, day, usd } of prices) {
            const found = await store.pricesOf(asset, day, day);
            assert.deepEqual(
              found.map((row) => [row.asset, row.usd, row.source]),
              [[asset, usd, source]],
            );
          }
        }),
    ),
    { numRuns: 15 },
  ));

test('prices outlive a restart, and a backup carries them', () =>
  withFolder(async (folder) => {
    const [path, copy] = [join(folder, 'haetae.duckdb'), join(folder, 'copy.duckdb')];
    const store = await openStore({ path });
    await store.savePrices(listOf('a', '1'), [price('2022-03-23', '3.25')]);
    await store.close();
    const again = await openStore({ path });
    const state = async (from: typeof again) => ({
      lists: await from.priceLists(),
      prices: await from.pricesOf(ETH.id, '2022-03-23', '2022-03-23'),
    });
    const before = await state(again);
    assert.equal(before.prices[0]?.usd, '3.25');
    await again.backup(join(folder, 'backup'), SILENT);
    await again.close();
    await restoreBackup(join(folder, 'backup'), copy);
    const restored = await openStore({ path: copy });
    assert.deepEqual(await state(restored), before);
    await restored.close();
  }));

test('a store of version 3 is brought forward and takes prices', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'haetae.duckdb');
    const engine = await Engine.open({ path });
    await migrate(engine, 3);
    await engine.close();
    const store = await openStore({ path });
    assert.deepEqual(await store.priceLists(), []);
    await store.savePrices(listOf('a', '1'), [price('2022-03-23', '3')]);
    assert.equal((await store.pricesOf(ETH.id, '2022-03-23', '2022-03-23')).length, 1);
    await store.close();
  }));
