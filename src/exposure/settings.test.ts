import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nativeAsset, requireAsset, tokenAsset } from '../model/asset.ts';
import type { Category, Label } from '../model/label.ts';
import { DEFAULT_CATEGORIES, NO_CATEGORY } from './categories.ts';
import { categoriesOfLabels } from './categorise.ts';
import { readCategoryFile } from './category-file.ts';
import { decide } from './deciding.ts';
import { addsUp, DEFAULT_DUST, dustOf } from './dust.ts';
import { exposureSide } from './vector.ts';

function label(category: Category, more: Partial<Label> = {}): Label {
  return {
    address: 'a',
    chain: 'eip155:1',
    currency: null,
    label: category,
    category,
    actor: null,
    abuse: null,
    programmes: [],
    confidence: 'web_crawl',
    url: null,
    caseLost: false,
    validFrom: null,
    validTo: null,
    list: { source: 's', listDate: null, title: '', url: null, licence: null, sha256: '', fileName: '' },
    firstListed: 1,
    lastListed: 1,
    endedBy: null,
    status: 'current',
    caseFrom: null,
    ...more,
  };
}

const nameOf = (labels: readonly Label[]): string | undefined =>
  DEFAULT_CATEGORIES.names[decide(labels, DEFAULT_CATEGORIES).lane];

describe('which label decides', () => {
  test('a sanction before all, however sure the others are', () => {
    const labels = [label('exchange', { confidence: 'ownership' }), label('sanctioned', { confidence: 'heuristic' })];
    assert.equal(nameOf(labels), 'sanctioned');
    assert.equal(decide(labels, DEFAULT_CATEGORIES).against.length, 0, 'a sanctioned exchange is no contradiction');
  });

  test('then the surest, then the gravest, then the one listed last; the order of import never', () => {
    const exchange = label('exchange', { confidence: 'forensic' });
    const scam = label('scam');
    assert.equal(nameOf([scam, exchange]), 'exchange');
    assert.equal(nameOf([exchange, scam]), 'exchange');
    assert.equal(decide([scam, exchange], DEFAULT_CATEGORIES).against[0]?.category, 'scam');
    assert.equal(nameOf([label('exchange'), label('mixer')]), 'mixer');
    const older = label('scam', { label: 'older' });
    const newer = label('scam', { label: 'newer', lastListed: 9 });
    for (const labels of [
      [older, newer],
      [newer, older],
    ])
      assert.equal(decide(labels, DEFAULT_CATEGORIES).label, newer);
  });

  test('labels that say nothing of money, and those not in force, do not', () => {
    for (const category of ['user', 'wallet', 'token', 'burn', 'unknown'] as const)
      assert.equal(decide([label(category)], DEFAULT_CATEGORIES).lane, NO_CATEGORY);
    assert.equal(decide([label('mixer', { status: 'later' })], DEFAULT_CATEGORIES).lane, NO_CATEGORY);
    assert.equal(decide([label('mixer', { status: 'ended' })], DEFAULT_CATEGORIES).lane, NO_CATEGORY);
  });

  test('labels for addresses never seen, contradictions and labels of other dates are counted', () => {
    const book = {
      chain: 'eip155:1',
      size: 2,
      text: (id: number) => 'ab'[id]!,
      find: (text: string) => 'ab'.indexOf(text),
    };
    const labels = [
      label('mixer'),
      label('scam'),
      label('exchange', { address: 'b', status: 'later' }),
      label('exchange', { address: 'nobody' }),
      label('exchange', { address: 'elsewhere', chain: 'eip155:10' }),
    ];
    const { counts, lanes, sources } = categoriesOfLabels(labels, book, DEFAULT_CATEGORIES);
    assert.deepEqual(counts, { labelled: 1, belonging: 0, neverSeen: 1, ended: 0, later: 1, contradicting: 1 });
    assert.deepEqual([...lanes], [DEFAULT_CATEGORIES.names.indexOf('scam'), NO_CATEGORY]);
    assert.deepEqual([...sources], [['s', 1]]);
  });

  test('a label whose source lost the case finds the address that the chain spells', () => {
    const spelt = '1AbCdEf';
    const book = { chain: 'x', size: 1, text: () => spelt, find: (text: string) => (text === spelt ? 0 : -1) };
    const lost = label('sanctioned', { address: spelt.toLowerCase(), caseLost: true, chain: null });
    assert.equal(categoriesOfLabels([lost], book, DEFAULT_CATEGORIES).counts.labelled, 1);
  });
});

describe('a file of categories', () => {
  const read = (text: string) => readCategoryFile(text, 'c.yaml');

  test('names its own categories and dust limits', () => {
    const { categories, dust } = read('categories:\n  bad: [sanctioned, stolen]\n  mixing: mixer\ndust:\n  ETH: 0.5\n');
    assert.deepEqual(categories.names, ['bad', 'mixing']);
    assert.equal(categories.laneOf.get('stolen'), 0);
    assert.equal(categories.laneOf.get('exchange'), undefined);
    assert.equal(dustOf(nativeAsset('eip155:1'), dust), 5e17);
  });

  const wrong: readonly (readonly [string, string, RegExp, number])[] = [
    [
      'a label category that does not exist',
      'categories:\n  a: [mixer]\n  b: [mixr]\n',
      /mixr is no category of labels/,
      3,
    ],
    ['one named twice', 'categories:\n  a: [mixer]\n  b: [mixer]\n', /stands under a already/, 3],
    ['a field that does not exist', 'categories:\n  a: [mixer]\ndusts: {}\n', /no field of that name/, 3],
    ['a name that is none', 'categories:\n  A B: [mixer]\n', /lower-case letters/, 2],
    ['unknown as a category', 'categories:\n  unknown: [mixer]\n', /in no category/, 2],
    ['an amount that is none', 'categories:\n  a: [mixer]\ndust:\n  ETH: lots\n', /number of whole units/, 4],
    ['no list at all', 'categories:\n  a: {x: y}\n', /not a list of label categories/, 2],
    ['no categories', 'dust:\n  ETH: 1\n', /names no categories/, 1],
    ['text that is not YAML', 'categories:\n  a: [mixer\nb', /not YAML/, 3],
  ];
  for (const [what, text, message, line] of wrong)
    test(`${what} is told with its line`, () => {
      assert.throws(
        () => read(text),
        (error: { code: string; message: string; remedy: string; context: { line: number } }) => {
          assert.deepEqual([error.code, error.context.line], ['E_CATEGORY_FILE', line]);
          assert.match(error.message, message);
          return error.remedy.length > 0;
        },
      );
    });

  test('more categories than fit a pass are refused', () => {
    const lines = Array.from({ length: 33 }, (_, at) => `  c${at}: [exchange]`).join('\n');
    assert.throws(() => read(`categories:\n${lines}\n`), { code: 'E_CATEGORY_FILE' });
  });
});

describe('what is small', () => {
  test('about a dollar of what is known by its contract; a ten-thousandth of a unit of anything else', () => {
    assert.equal(dustOf(nativeAsset('bitcoin'), DEFAULT_DUST), 1000);
    assert.equal(dustOf(nativeAsset('ethereum'), DEFAULT_DUST), 1e14);
    assert.equal(dustOf(requireAsset('USDT', 'tron:0x2b6653dc'), DEFAULT_DUST), 1e5);
    const contract = `0x${'9'.repeat(40)}`;
    assert.equal(dustOf(tokenAsset('eip155:1', contract, 'USDT', 6), DEFAULT_DUST), 100, 'a symbol is anybody’s');
    assert.equal(dustOf(tokenAsset('eip155:1', contract), DEFAULT_DUST), 0, 'decimals not known');
  });

  test('a hundred times the limit may be set aside, or a ten-thousandth of the rest', () => {
    assert.equal(addsUp(100, 0, 1), false);
    assert.equal(addsUp(101, 0, 1), true);
    assert.equal(addsUp(101, 2_000_000, 1), false);
  });

  test('one category’s small payments never make another’s count', () => {
    const large = { total: 1000, direct: [0, 0], all: [200, 0] };
    const side = exposureSide(['a', 'b'], large, { total: 3000, direct: [], all: [0, 50] }, 1);
    const [a, b] = side.categories;
    assert.deepEqual([a!.amount, b!.amount, b!.small, b!.smallCounts], [200, 0, 50, false]);
    assert.deepEqual([side.unknown.amount, side.amount], [800 + 2950, 1000 + 2950]);
  });
});
