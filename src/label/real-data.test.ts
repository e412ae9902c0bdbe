import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Category, Label } from '../model/label.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { readLabelFile } from './open.ts';
import { labelsByCategory, labelsOf, labelsOfMany } from './resolve.ts';
import { saveLabelList } from './save.ts';

const datasets = process.env.HAETAE_DATASETS ?? '';
const folder = join(datasets, 'sanctions');
const packs = join(datasets, 'labels', 'tagpacks', 'packs');
const skip =
  datasets !== '' && existsSync(folder) && existsSync(packs) ? false : 'HAETAE_DATASETS does not hold the label sets';

const day = (text: string): number => Date.parse(text) / 1000;
const BEFORE = { asOf: day('2024-12-01') };
const NOW = { asOf: day('2026-11-01') };

interface Programmes {
  readonly addresses: Readonly<Record<string, { readonly entries: readonly { readonly program: string }[] }>>;
}

function byFolded(labels: readonly Label[]): Map<string, Label[]> {
  const found = new Map<string, Label[]>();
  for (const label of labels) {
    const folded = label.address.toLowerCase();
    found.set(folded, [...(found.get(folded) ?? []), label]);
  }
  return found;
}

async function importFile(store: Store, path: string): Promise<number> {
  const parsed = await readLabelFile(path);
  assert.equal(parsed.refused.length, 0, path);
  for (const list of parsed.lists) await saveLabelList(store, list);
  return parsed.lists.reduce((sum, { entries }) => sum + entries.length, 0);
}

describe('the real lists', { skip }, () => {
  let store: Store;
  let listed2024: Map<string, string>;
  let programmes: Programmes;

  before(async () => {
    store = await openStore({ path: ':memory:' });
    const byAsset = join(folder, 'ofac-by-asset');
    const files = readdirSync(byAsset).filter((name) => name.startsWith('sanctioned_'));
    for (const name of files) await importFile(store, join(byAsset, name));
    const path = join(folder, 'ofac-programmes', 'sanctioned-addresses.json');
    assert.equal(await importFile(store, path), 977);
    programmes = JSON.parse(readFileSync(path, 'utf8')) as Programmes;
    const lines = files
      .filter((name) => name.endsWith('.txt'))
      .flatMap((name) => readFileSync(join(byAsset, name), 'utf8').split('\n'));
    listed2024 = new Map(lines.filter((line) => line !== '').map((line) => [line.toLowerCase(), line]));
    for (const name of ['ofac.yaml', 'lazarus.yaml', 'ronin_bridge.yaml', 'tornado_cash.yaml'])
      await importFile(store, join(packs, name));
  });
  after(() => store.close());

  test('the 90 addresses of the 2024 list that are gone in 2026 were in force then and have ended since', async () => {
    const gone = [...listed2024].filter(([folded]) => programmes.addresses[folded] === undefined);
    assert.equal(gone.length, 90);
    const then = byFolded(await labelsByCategory(store, ['sanctioned'], BEFORE));
    const now = byFolded(await labelsByCategory(store, ['sanctioned'], NOW));
    for (const [folded] of gone) {
      assert.ok(
        then.get(folded)?.some(({ status }) => status === 'current'),
        folded,
      );
      const ended = now.get(folded) ?? [];
      assert.ok(
        ended.length > 0 && ended.every(({ status, endedBy }) => status === 'ended' && endedBy === day('2026-08-20')),
        folded,
      );
    }
    // The same by single look-up.
    const tornado = await labelsOf(store, '0x910Cbd523D972eb0a6f4cAe4618aD62622b39DbF', NOW);
    assert.deepEqual(
      [...new Set(tornado.map(({ category, status }) => `${status} ${category}`))],
      ['current mixer', 'ended sanctioned'],
    );
  });

  test('all 125 entries of DPRK programmes are found: 40 joined to their spelling, 58 case lost, 27 never lost', async () => {
    const all = byFolded(await labelsByCategory(store, ['sanctioned'], NOW));
    let joined = 0;
    let lost = 0;
    let plain = 0;
    for (const [folded, { entries }] of Object.entries(programmes.addresses)) {
      const wanted = entries.filter(({ program }) => program.includes('DPRK'));
      if (wanted.length === 0) continue;
      const found = (all.get(folded) ?? []).filter(
        ({ status, programmes: named }) => status === 'current' && named.some((word) => word.startsWith('DPRK')),
      );
      assert.equal(found.length, wanted.length, folded);
      for (const label of found) {
        if (label.caseFrom !== null) joined += 1;
        else if (label.caseLost) lost += 1;
        else plain += 1;
      }
    }
    // Single look-ups: a joined spelling, and a lost one as it stands in the list.
    const [kept] = await labelsOf(store, 'LaizKtS5DUhPuP1nTQcc83MS7HwK6vk85z', NOW);
    assert.deepEqual([kept!.status, kept!.caseLost, kept!.caseFrom], ['current', false, 'ofac-sdn/LTC']);
    // The data README: 125 entries, 98 lower-cased, 58 of them not in the list that kept the case.
    assert.deepEqual({ joined, lost, plain }, { joined: 98 - 58, lost: 58, plain: 125 - 98 });
  });

  test('both forms of each list by asset are stored once', async () => {
    const lists = (await store.labelLists()).filter(({ source }) => source.startsWith('ofac-sdn/'));
    assert.equal(lists.length, 17);
    assert.ok(lists.every(({ listDate }) => listDate === day('2024-09-27')));
  });

  test('the Ronin exploiter: sanctioned and stolen, with entity and programme', async () => {
    const labels = await labelsOf(store, '0x098B716B8Aaf21512996dC57EB0615e2383E2f96', { ...NOW, chain: 'eip155:1' });
    const said = labels.map(({ category, list }) => `${category} ${list.source}`);
    assert.ok(said.includes('sanctioned ofac-sdn') && said.includes('stolen tagpack:ronin-bridge-hack'));
    assert.deepEqual(labels.find(({ list }) => list.source === 'ofac-sdn')!.programmes, ['DPRK3']);
  });
});

describe('the real packs and names', { skip }, () => {
  test('every pack is read whole: only what is no address of its chain is refused', async () => {
    let tags = 0;
    for (const name of readdirSync(packs).filter((file) => file !== 'samourai.yaml')) {
      const parsed = await readLabelFile(join(packs, name));
      assert.equal(parsed.format, 'tagpack');
      assert.deepEqual(parsed.refused, [], name);
      tags += parsed.lists[0]!.entries.length;
    }
    // 39,958 tags in all, 36,548 of them Samourai’s (counted with another YAML reader); none here makes two labels.
    assert.equal(tags, 39_958 - 36_548);
  });

  test('Etherscan’s names: every account has a label, and one in nine at most no category', async () => {
    const parsed = await readLabelFile(join(datasets, 'labels', 'etherscan-accounts.json'));
    assert.equal(parsed.lists[0]!.list.listDate, day('2023-10-31'));
    const { entries } = parsed.lists[0]!;
    assert.equal(new Set(entries.map(({ address }) => address)).size, 23_288);
    const count = (category: Category): number => entries.filter((entry) => entry.category === category).length;
    assert.ok(count('unknown') * 8 < 23_288, `unknown ${count('unknown')}`);
    assert.equal(count('sanctioned'), 72);
    assert.equal(count('burn'), 25);
    const tokens = entries.filter(({ category, label }) => category === 'exchange' && / Token$/.test(label));
    assert.deepEqual(tokens, []);
  });

  test('ten thousand owners in one look-up', async () => {
    const store = await openStore({ path: ':memory:' });
    const parsed = await readLabelFile(join(datasets, 'labels', 'etherscan-accounts.json'));
    for (const list of parsed.lists) await saveLabelList(store, list);
    const owners = [...new Set(parsed.lists[0]!.entries.map(({ address }) => address))]
      .slice(0, 10_000)
      .map((address) => ({ chain: 'eip155:1', address }));
    assert.equal((await labelsOfMany(store, owners)).size, 10_000);
    const stops = await labelsByCategory(store, ['exchange', 'mixer', 'bridge']);
    assert.ok(stops.length > 600);
    await store.close();
  });
});
