import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATEGORIES, type Label } from '../model/label.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import { parseLabelBytes } from './open.ts';
import type { LabelFileOptions } from './parsed.ts';
import { labelsByCategory, labelsOf, labelsOfMany, lookUpCategories, speaksFor } from './resolve.ts';
import { type SavedList, saveLabelList } from './save.ts';

const EXPLOITER = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const OTHER = '0x910cbd523d972eb0a6f4cae4618ad62622b39dbf';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
const day = (text: string): number => Date.parse(text) / 1000;

let store: Store;

/** With a store of its own: a hook of the file would run before every test of all suites, which share one process. */
function testWithStore(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    store = await openStore({ path: ':memory:' });
    try {
      await work();
    } finally {
      await store.close();
    }
  });
}

async function load(text: string, name: string, options: LabelFileOptions = {}): Promise<SavedList[]> {
  const saved: SavedList[] = [];
  for (const list of parseLabelBytes(new TextEncoder().encode(text), name, options).lists) {
    saved.push(await saveLabelList(store, list));
  }
  return saved;
}

const byAsset = (asset: string, date: string, ...addresses: string[]): Promise<SavedList[]> =>
  load(`${addresses.join('\n')}\n`, `sanctioned_addresses_${asset}.txt`, { listDate: day(date) });

/** OFAC by programme, US date; keys are written as given (the real file lower-cases them). */
function programmes(date: string, asset: string, ...addresses: string[]): Promise<SavedList[]> {
  const type = `Digital Currency Address - ${asset}`;
  const entries = [{ entity: 'LAZARUS GROUP', program: 'DPRK3', uid: '1', type }];
  const file = {
    metadata: { sdnListDate: date },
    addresses: Object.fromEntries(addresses.map((address) => [address, { type, entries }])),
  };
  return load(JSON.stringify(file), 'sanctioned-addresses.json');
}

const statuses = (labels: readonly Label[]): string[] => labels.map(({ status, label }) => `${status} ${label}`);

testWithStore('a newer edition of a source ends what it no longer holds, and only from its date on', async () => {
  await byAsset('ETH', '2024-09-27', EXPLOITER, OTHER);
  await programmes('08/20/2026', 'ETH', EXPLOITER);
  assert.deepEqual(statuses(await labelsOf(store, OTHER, { asOf: day('2024-12-01') })), ['current OFAC SDN (ETH)']);
  assert.deepEqual(statuses(await labelsOf(store, OTHER, { asOf: day('2026-11-01') })), ['ended OFAC SDN (ETH)']);
  assert.deepEqual(statuses(await labelsOf(store, OTHER)), ['ended OFAC SDN (ETH)']);
  assert.deepEqual(statuses(await labelsOf(store, OTHER, { asOf: day('2024-01-01') })), ['later OFAC SDN (ETH)']);
  const [held] = await labelsOf(store, EXPLOITER);
  assert.deepEqual(
    [held!.label, held!.status, held!.firstListed, held!.lastListed, held!.endedBy],
    ['LAZARUS GROUP', 'current', day('2024-09-27'), day('2026-08-20'), null],
  );
  const [ended] = await labelsOf(store, OTHER);
  assert.deepEqual([ended!.lastListed, ended!.endedBy], [day('2024-09-27'), day('2026-08-20')]);
});

testWithStore('a list of one asset ends nothing of another asset', async () => {
  await programmes('08/20/2024', 'ETH', EXPLOITER);
  await byAsset('XBT', '2025-01-01', GENESIS);
  assert.equal((await labelsOf(store, EXPLOITER))[0]!.status, 'current');
  await byAsset('ETH', '2025-02-01', OTHER);
  assert.equal((await labelsOf(store, EXPLOITER))[0]!.status, 'ended');
});

testWithStore('the order of import changes nothing', async () => {
  const steps = [
    () => byAsset('ETH', '2024-09-27', EXPLOITER, OTHER),
    () => programmes('08/20/2026', 'ETH', EXPLOITER),
    () =>
      load(
        `title: ofac list\ncurrency: ETH\nlabel: listed\ncategory: user\nlastmod: 2023-01-01\ntags:\n- address: ${OTHER}\n`,
        'x.yaml',
      ),
  ];
  for (const step of steps) await step();
  const forward = [await labelsOf(store, OTHER), await labelsOf(store, EXPLOITER)];
  await store.close();
  store = await openStore({ path: ':memory:' });
  for (const step of steps.reverse()) await step();
  assert.deepEqual([await labelsOf(store, OTHER), await labelsOf(store, EXPLOITER)], forward);
});

testWithStore('what repeats OFAC’s list ends with OFAC’s own; what a pack says on its own does not', async () => {
  const pack = (title: string, more: string) =>
    `title: ${title}\ncurrency: ETH\nlabel: ${title}\n${more}\nlastmod: 2023-01-01\ntags:\n- address: ${OTHER}\n`;
  await load(pack('US Treasury OFAC list', 'category: user'), 'a.yaml');
  await load(pack('Tornado', 'category: mixing_service'), 'b.yaml');
  await load(pack('Seized by others', 'abuse: sanction'), 'c.yaml');
  await byAsset('ETH', '2024-09-27', EXPLOITER);
  assert.deepEqual(statuses(await labelsOf(store, OTHER)), [
    'current Tornado',
    'current Seized by others',
    'ended US Treasury OFAC list',
  ]);
});

testWithStore('the two forms of one list do not double, and one file twice adds nothing', async () => {
  assert.deepEqual(await byAsset('ETH', '2024-09-27', EXPLOITER, OTHER), [{ added: true, sameAs: null }]);
  const json = JSON.stringify([OTHER, EXPLOITER]);
  const twin = await load(json, 'sanctioned_addresses_ETH.json', { listDate: day('2024-09-27') });
  assert.deepEqual(twin, [{ added: false, sameAs: 'sanctioned_addresses_ETH.txt' }]);
  assert.deepEqual(await byAsset('ETH', '2024-09-27', EXPLOITER, OTHER), [{ added: false, sameAs: null }]);
  assert.equal((await store.totals()).labels, 2);
  // Same bytes, another asset: another list.
  assert.deepEqual(await byAsset('ARB', '2024-09-27', EXPLOITER, OTHER), [{ added: true, sameAs: null }]);
  assert.equal((await labelsOf(store, EXPLOITER)).length, 2);
});

testWithStore('twins that were stored all the same are one label', async () => {
  for (const sha256 of ['a', 'b']) {
    const parsed = parseLabelBytes(new TextEncoder().encode(EXPLOITER), 'sanctioned_addresses_ETH.txt', {
      listDate: 1,
    });
    await store.saveLabels({ ...parsed.lists[0]!.list, sha256 }, parsed.lists[0]!.entries);
  }
  assert.equal((await labelsOf(store, EXPLOITER)).length, 1);
});

testWithStore('a case-lost entry is hit by a sound spelling, and joined where another list kept it', async () => {
  await programmes('08/20/2026', 'XBT', GENESIS.toLowerCase());
  const [lost] = await labelsOf(store, GENESIS);
  assert.deepEqual(
    [lost!.caseLost, lost!.caseFrom, lost!.address, lost!.status],
    [true, null, GENESIS.toLowerCase(), 'current'],
  );
  const [folded] = await labelsOf(store, GENESIS.toLowerCase());
  assert.equal(folded!.caseLost, true);
  // Equal but for case, and no address: its checksum fails.
  const wrong = GENESIS.replace('A1zP', 'A1zp');
  assert.deepEqual(await labelsOf(store, wrong), []);

  await byAsset('XBT', '2024-09-27', GENESIS);
  const [joined] = await labelsOf(store, GENESIS);
  assert.deepEqual(
    [joined!.address, joined!.caseLost, joined!.caseFrom, joined!.label, joined!.firstListed],
    [GENESIS, false, 'ofac-sdn/XBT', 'LAZARUS GROUP', day('2024-09-27')],
  );
  const all = await labelsByCategory(store, ['sanctioned']);
  assert.deepEqual(
    all.map(({ address, caseFrom }) => [address, caseFrom]),
    [[GENESIS, 'ofac-sdn/XBT']],
  );
});

testWithStore('one look-up for all categories gives of some what a look-up of their own does', async () => {
  await programmes('08/20/2026', 'XBT', GENESIS.toLowerCase());
  await byAsset('XBT', '2024-09-27', GENESIS);
  const rows = [`${OTHER},ethereum,Desk,exchange,mine`, `${EXPLOITER},ethereum,Wallet,wallet,mine`];
  await load(`address,chain,label,category,source\n${rows.join('\n')}\n`, 'mine.csv');
  const look = await lookUpCategories(store, CATEGORIES);
  for (const some of [['exchange', 'sanctioned'], ['burn', 'wallet'], [], ...CATEGORIES.map((category) => [category])])
    assert.deepEqual(look(some), await labelsByCategory(store, some));
  assert.deepEqual(
    look(['sanctioned', 'exchange']).map(({ address }) => address),
    [GENESIS, OTHER],
  );
});

testWithStore('a label speaks for its chain; between EVM chains only sanctions and thefts do', async () => {
  await load(
    JSON.stringify({
      [EXPLOITER]: { name: 'Ronin Bridge Exploiter', labels: ['ofac-sanctions-lists'] },
      [OTHER]: { name: 'Binance 14', labels: ['binance'] },
    }),
    'e.json',
  );
  const owners = [
    { chain: 'eip155:1', address: OTHER },
    { chain: 'eip155:56', address: OTHER },
    { chain: 'eip155:56', address: EXPLOITER },
  ];
  const found = await labelsOfMany(store, owners);
  assert.deepEqual([...found.keys()], [`eip155:1|${OTHER}`, `eip155:56|${EXPLOITER}`]);
  assert.deepEqual((await labelsOf(store, OTHER, { chain: 'eip155:56' })).length, 0);
  assert.equal((await labelsOf(store, OTHER.toUpperCase().replace('0X', '0x')))[0]!.label, 'Binance 14');
  assert.equal(speaksFor({ chain: null, category: 'exchange' }, 'eip155:1'), true);
  assert.equal(speaksFor({ chain: 'eip155:1', category: 'sanctioned' }, 'tron:0x2b6653dc'), false);
});

testWithStore('burn addresses are known without any list, on every EVM chain', async () => {
  const [zero] = await labelsOf(store, `0x${'0'.repeat(40)}`, { chain: 'eip155:56' });
  assert.deepEqual([zero!.category, zero!.chain, zero!.status], ['burn', 'eip155:56', 'current']);
  assert.equal(
    (await labelsOf(store, '0x000000000000000000000000000000000000dEaD', { chain: 'eip155:1' }))[0]!.category,
    'burn',
  );
  // 0x…64 is a live system contract of Arbitrum; 1 to 9 are precompiles of Ethereum and said of no other chain.
  assert.deepEqual(await labelsOf(store, `0x${'64'.padStart(40, '0')}`, { chain: 'eip155:42161' }), []);
  assert.deepEqual(await labelsOf(store, `0x${'1'.padStart(40, '0')}`, { chain: 'eip155:42161' }), []);
  assert.equal((await labelsOf(store, '1BitcoinEaterAddressDontSendf59kuE')).length, 1);
  const burns = await labelsByCategory(store, ['burn']);
  assert.ok(burns.length > 20 && burns.every(({ chain }) => chain !== null));
});

testWithStore('a source’s own dates of validity count at the date asked for', async () => {
  const csv = `address,chain,label,category,source,valid_from,valid_to\n${OTHER},ethereum,Desk,exchange,mine,2022-01-01,2022-12-31\n`;
  await load(csv, 'mine.csv', { listDate: day('2021-01-01') });
  const at = async (text: string) => (await labelsOf(store, OTHER, { asOf: day(text) }))[0]!.status;
  assert.deepEqual(
    [await at('2021-06-01'), await at('2022-06-01'), await at('2023-06-01')],
    ['later', 'current', 'ended'],
  );
  assert.equal((await labelsOf(store, OTHER))[0]!.status, 'ended');
});

testWithStore('an undated list counts as older than every dated one', async () => {
  const pack = (date: string, address: string) =>
    `title: Pack\ncurrency: ETH\nlabel: x\ncategory: exchange\n${date}tags:\n- address: ${address}\n`;
  await load(pack('', OTHER), 'undated.yaml');
  assert.deepEqual(
    (await labelsOf(store, OTHER, { asOf: 1 })).map(({ status, firstListed }) => [status, firstListed]),
    [['current', null]],
  );
  await load(pack('lastmod: 2023-01-01\n', EXPLOITER), 'dated.yaml');
  assert.equal((await labelsOf(store, OTHER))[0]!.status, 'ended');
});
