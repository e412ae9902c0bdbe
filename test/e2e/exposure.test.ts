import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import { openExposure } from '../../src/exposure/open.ts';
import { openIndex } from '../../src/flow/open-index.ts';
import { Workplace } from './_cli.ts';

const NATIVE = 'eip155:1/slip44:60';
const USDC = 'eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
const address = (digit: number): string => `0x${String(digit).repeat(40)}`;
const [THIEF, ALICE, BOB, MIXER, POOL] = [1, 2, 3, 4, 5].map(address) as [string, string, string, string, string];
const DAY = 86_400;
const START = 1_700_000_000;
const ETHER = '000000000000000000';

/** The thief pays Alice, who swaps dollars for ether and pays Bob; the mixer pays Bob, and sends him dust. */
const ROWS: readonly (readonly [day: number, tx: string, from: string, to: string, asset: string, amount: string])[] = [
  [0, 'a', '', POOL, NATIVE, `100${ETHER}`],
  [1, 'b', THIEF, ALICE, USDC, '6000000000'],
  [2, 'c', ALICE, POOL, USDC, '6000000000'],
  [2, 'c', POOL, ALICE, NATIVE, `3${ETHER}`],
  [3, 'd', ALICE, BOB, NATIVE, `2${ETHER}`],
  [4, 'e', MIXER, BOB, NATIVE, `1${ETHER}`],
  [5, 'f', MIXER, BOB, NATIVE, '1000000000000'],
];
const csv = ROWS.map(([day, tx, from, to, asset, amount], leg) => {
  const hash = `0x${tx.repeat(64)}`;
  const kind = from === '' ? 'mint' : asset === USDC ? 'token' : 'transfer';
  return `eip155:1,${START + day * DAY},${100 + day},0,${leg},${hash},${kind},${from},${to},${asset},${amount}`;
});
const LABELS = [
  'address,chain,label,category,source,list_date,confidence',
  `${MIXER},ethereum,Some Mixer,mixer,mixers,2023-01-01,forensic`,
  `${THIEF},ethereum,Big Exploiter,stolen,thefts,2024-01-01,forensic`,
  `${POOL},ethereum,Some Pool,dex,dexes,2023-01-01,forensic`,
  `${address(9)},ethereum,Nobody here,mixer,mixers,2023-01-01,forensic`,
];

interface Printed {
  category: string | null;
  labels: { neverSeen: number; later: number };
  assets: {
    asset: { symbol: string };
    exact: { received: string; small: string };
    received: { amount: number; small: number; categories: { category: string; direct: number; indirect: number }[] };
    paths: { category: string; amount: number; steps: { tx: string; amount: string; arrived: unknown }[] }[];
  }[];
}

const work = new Workplace();
after(() => work.remove());

async function ask(...words: string[]): Promise<Printed> {
  return JSON.parse(await work.ok('exposure', ...words, '--json')) as Printed;
}

suite('haetae exposure', () => {
  before(async () => {
    writeFileSync(
      work.path('rows.csv'),
      `chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount\n${csv.join('\n')}\n`,
    );
    writeFileSync(work.path('labels.csv'), `${LABELS.join('\n')}\n`);
    await work.ok('import', 'transfers', work.path('rows.csv'), '--preset', 'haetae');
    await work.ok('import', 'labels', work.path('labels.csv'));
  });

  test('says where money came from, through a swap, with dust apart and the transactions that carried it', async () => {
    const { assets, category, labels } = await ask(BOB, '--explain');
    assert.equal(category, null);
    assert.equal(labels.neverSeen, 1);
    assert.equal(assets.length, 1);
    const [{ asset, exact, received, paths }] = assets as [Printed['assets'][number]];
    assert.equal(asset.symbol, 'ETH');
    assert.deepEqual([exact.received, exact.small], [`3${ETHER}`, '1000000000000']);
    assert.deepEqual(
      received.categories.map((each) => [each.category, each.direct / 1e18, each.indirect / 1e18]),
      [
        ['stolen', 0, 2],
        ['mixer', 1, 0],
      ],
    );
    assert.deepEqual([received.amount / 1e18, received.small], [3, 1e12]);
    const [stolen, mixer] = paths as [
      Printed['assets'][number]['paths'][number],
      Printed['assets'][number]['paths'][number],
    ];
    assert.deepEqual(
      stolen.steps.map(({ tx, arrived }) => [tx[2], arrived !== null]),
      [
        ['b', false],
        ['c', true],
        ['d', false],
      ],
    );
    assert.deepEqual([stolen.category, mixer.category, mixer.steps.length], ['stolen', 'mixer', 1]);
  });

  test('as of a date: movements up to then, and labels as they were known', async () => {
    const before = await ask(BOB, '--as-of', '2023-11-19');
    assert.deepEqual(
      before.assets[0]!.received.categories.map(({ category }) => category),
      ['mixer'],
      'the theft was not known yet',
    );
    assert.equal(before.labels.later, 1);
    const earlier = await ask(BOB, '--as-of', new Date((START + 3 * DAY) * 1000).toISOString());
    assert.deepEqual([earlier.assets[0]!.exact.received, earlier.assets[0]!.received.categories], [`2${ETHER}`, []]);
  });

  test('other categories, and what a user may get wrong', wrongWords);
});

suite('haetae exposure build', () => {
  test('says the same with an index as without; the table of all addresses agrees', async () => {
    const plain = await work.ok('exposure', BOB, '--explain', '--json');
    await work.refused('E_INDEX_STALE', 'exposure', 'build');
    await work.ok('index', 'build');
    assert.equal(await work.ok('exposure', BOB, '--explain', '--json'), plain);
    assert.match(await work.ok('exposure', 'build'), /computed anew: there was no table/);
    assert.match(await work.ok('exposure', 'build'), /nothing to do/);
    const index = openIndex(work.db);
    const history = index.manifest('eip155:1').segments.map(({ table }) => table);
    const table = openExposure(work.db, index.flow('eip155:1'), history);
    const found = table.exposureOf(BOB, NATIVE)!;
    table.close();
    index.close();
    const exact = (JSON.parse(plain) as Printed).assets[0]!.received;
    assert.equal(found.received.amount, exact.amount);
    found.received.categories.forEach(({ direct, indirect }, at) => {
      assert.ok(Math.abs(direct - exact.categories[at]!.direct) <= 1e-5 * direct);
      assert.ok(Math.abs(indirect - exact.categories[at]!.indirect) <= 1e-5 * indirect);
    });
    await work.ok('import', 'labels', relabelled());
    assert.match(await work.ok('exposure', 'build'), /computed anew: labels changed/);
  });
});

async function wrongWords(): Promise<void> {
  const file = work.path('categories.yaml');
  writeFileSync(file, 'categories:\n  illicit: [stolen, mixer]\ndust:\n  ETH: 0\n');
  const { assets } = await ask(BOB, '--categories', file, '--asset', 'ETH');
  assert.deepEqual(
    assets[0]!.received.categories.map(({ category }) => category),
    ['illicit'],
  );
  assert.equal(assets[0]!.received.small, 0);
  writeFileSync(file, 'categories:\n  illicit: [stole]\n');
  assert.match(await work.refused('E_CATEGORY_FILE', 'exposure', BOB, '--categories', file), /line=2.*remedy/s);
  assert.match(await work.refused('E_NOT_FOUND', 'exposure', address(9)), /though labels do.*Nobody here/s);
  await work.refused('E_NOT_FOUND', 'exposure', BOB, '--asset', 'USDC');
  await work.refused('E_ADDRESS', 'exposure', `${BOB}0`);
}

function relabelled(): string {
  const path = work.path('more.csv');
  writeFileSync(path, `${LABELS[0]}\n${ALICE},ethereum,Alice’s Shop,payment,shops,2024-01-01,forensic\n`);
  return path;
}
