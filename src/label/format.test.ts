import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelBytes, readLabelFile } from './open.ts';
import { type LabelFileOptions, type ParsedLabels, refusedByReason } from './parsed.ts';

const A = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const GENESIS = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';

function read(text: string, name: string, options: LabelFileOptions = {}): ParsedLabels {
  return parseLabelBytes(new TextEncoder().encode(text), name, options);
}

function entries(parsed: ParsedLabels) {
  return parsed.lists.flatMap((list) => list.entries);
}

const PACK = `title: Test pack
creator: nobody
currency: ETH
label: of the header
category: exchange
confidence: service_data
lastmod: 2022-04-05
owner: somebody
source: https://example.org
tags:
- address: '${A}'
  label: own label
  category: mixing_service
  confidence: forensic
  is_cluster_definer: true
- address: ${A}
- address: ${GENESIS}
  currency: BTC
  abuse: service_hack
- address: '0x098b716b8aaf21512996dc57eb0615e2383e2f9'
- label: a transaction
  tx_hash: 0xabc
- just text
- address: '0xabcdefabcdefabcdefabcdefabcdefabcdefabcd'
  network: BSC
`;

test('a TagPack: tags inherit the header and override it; bad tags are refused with their line', () => {
  const parsed = read(PACK, 'anything.txt');
  assert.equal(parsed.format, 'tagpack');
  const { list } = parsed.lists[0]!;
  assert.deepEqual(
    [list.source, list.title, list.listDate],
    ['tagpack:test-pack', 'Test pack', Date.UTC(2022, 3, 5) / 1000],
  );
  const got = entries(parsed).map(({ chain, label, category, confidence }) => [chain, label, category, confidence]);
  assert.deepEqual(got, [
    ['eip155:1', 'own label', 'mixer', 'forensic'],
    ['eip155:1', 'of the header', 'exchange', 'service_data'],
    ['bip122:000000000019d6689c085ae165831e93', 'of the header', 'stolen', 'service_data'],
    ['eip155:56', 'of the header', 'exchange', 'service_data'],
  ]);
  // An unquoted address is a number to YAML; it must not lose its digits.
  assert.equal(entries(parsed)[1]!.address, A);
  assert.deepEqual(
    parsed.refused.map(({ reason, line, field }) => [reason, line, field]),
    [
      ['address-length', 20, 'address'],
      ['address-missing', 21, 'address'],
      ['not-a-tag', 23, 'tags'],
    ],
  );
  assert.deepEqual(parsed.ignoredFields, { owner: 1, is_cluster_definer: 1, tx_hash: 1 });
  assert.deepEqual(refusedByReason(parsed.refused), { 'address-length': 1, 'address-missing': 1, 'not-a-tag': 1 });
});

test('a TagPack without a date says so, takes the newest of its tags, and takes the user’s', () => {
  const undated = `title: t\ncurrency: BTC\nlabel: l\ntags:\n- address: ${GENESIS}`;
  assert.equal(read(undated, 'x').lists[0]!.list.listDate, null);
  assert.match(read(undated, 'x').warnings[0]!, /no date/);
  assert.equal(read(undated, 'x', { listDate: 7 }).lists[0]!.list.listDate, 7);
  const tagged = `${undated}\n  lastmod: 2023-08-16 12:18:52.619444`;
  assert.equal(read(tagged, 'x').lists[0]!.list.listDate, Date.UTC(2023, 7, 16, 12, 18, 52) / 1000);
});

test('YAML that is broken, hostile or no pack is E_LABEL_FILE with file and line', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\ntitle: t\nconcepts: [*c,*c,*c,*c,*c]\ntags:\n- address: ${GENESIS}\n`;
  assert.throws(() => read(bomb, 'bomb.yaml'), { code: 'E_LABEL_FILE' });
  const deep = `title: t\ntags: ${'['.repeat(20_000)}`;
  assert.throws(() => read(deep, 'deep.yaml'), { code: 'E_LABEL_FILE' });
  const broken = 'title: t\ntags:\n- address: "open\n';
  assert.throws(
    () => read(broken, 'broken.yaml'),
    (error: { code: string; context: { file: string; line: number } }) => {
      assert.deepEqual([error.code, error.context.file], ['E_LABEL_FILE', 'broken.yaml']);
      assert.ok(error.context.line >= 3);
      return true;
    },
  );
  assert.throws(() => read('creator: x\ntags:\n- address: x\n', 'untitled.yaml'), {
    code: 'E_LABEL_FILE',
    context: { file: 'untitled.yaml', line: 1, field: 'title' },
  });
});

test('OFAC by asset: the asset is in the name or given; both forms say the same', () => {
  const text = read(`${GENESIS}\n\n${A}\n${'0l'.repeat(15)}\n`, 'sanctioned_addresses_XBT.txt');
  const json = read(JSON.stringify([GENESIS, A]), 'sanctioned_addresses_XBT.json');
  assert.deepEqual(entries(text), entries(json));
  assert.equal(text.lists[0]!.list.source, 'ofac-sdn/XBT');
  // OFAC does list an Ethereum address under XBT: it is kept, where it belongs.
  assert.deepEqual(
    entries(text).map(({ chain, currency }) => [chain, currency]),
    [
      ['bip122:000000000019d6689c085ae165831e93', 'XBT'],
      ['eip155:1', 'XBT'],
    ],
  );
  assert.deepEqual(refusedByReason(text.refused), { 'address-characters': 1 });
  assert.throws(() => read(`${GENESIS}\n`, 'list.txt'), { code: 'E_LABEL_FILE' });
  assert.equal(read(`${GENESIS}\n`, 'list.txt', { asset: 'xbt', listDate: 5 }).lists[0]!.list.listDate, 5);
});

test('OFAC by programme: case is lost for base58 only; bad entries are counted', () => {
  const entry = { entity: 'LAZARUS GROUP', program: 'CYBER2, DPRK3', uid: '27307', akas: ['x'] };
  const bech32 = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
  const file = {
    metadata: { sdnListDate: '08/20/2026' },
    addresses: {
      [GENESIS.toLowerCase()]: { type: 'Digital Currency Address - XBT', entries: [entry] },
      [bech32]: { type: 'Digital Currency Address - XBT', entries: [entry] },
      [A]: {
        type: 'Digital Currency Address - ETH',
        entries: [entry, { ...entry, type: 'Digital Currency Address - ARB' }],
      },
      tabcdefghijkmnopqrstuvwxyz12345678: { type: 'Digital Currency Address - USDT', entries: [entry] },
      '0x12': { type: 'Digital Currency Address - ETH', entries: [entry] },
      nothing: { type: 'x' },
      [`${A.slice(0, -1)}7`]: { type: 'Digital Currency Address - ETH', entries: [{ program: 'x' }] },
    },
  };
  const parsed = read(JSON.stringify(file), 'whatever.json');
  assert.equal(parsed.format, 'ofac-programmes');
  assert.deepEqual(
    [parsed.lists[0]!.list.source, parsed.lists[0]!.list.listDate],
    ['ofac-sdn', Date.UTC(2026, 7, 20) / 1000],
  );
  assert.deepEqual(
    entries(parsed).map(({ chain, caseLost }) => [chain?.slice(0, 9), caseLost]),
    [
      ['bip122:00', true],
      ['bip122:00', false],
      ['eip155:1', false],
      ['eip155:42', false],
      ['tron:0x2b', true],
    ].map(([chain, lost], i) => [i === 3 ? 'eip155:42' : chain, lost]),
  );
  assert.deepEqual(entries(parsed)[0]!.programmes, ['CYBER2', 'DPRK3']);
  assert.deepEqual(refusedByReason(parsed.refused), { 'address-length': 1, 'entries-missing': 1, 'entity-missing': 1 });
  assert.deepEqual(parsed.ignoredFields, { akas: 6 });
});

test('our own CSV: required columns, categories, dates, several sources', () => {
  const csv = [
    'address,chain,label,category,actor,source,confidence,valid_from,valid_to,note',
    `${A},ethereum,"Vault, old",exchange,acme,desk,ownership,2022-01-01,2022-12-31,hi`,
    `${GENESIS},bitcoin,Genesis,user,,other list,,,,`,
    `${GENESIS},bitcoin,Genesis,nonsense,,desk,,,,`,
    `${GENESIS},bitcoin,Genesis,user,,desk,,soon,,`,
    `${A.slice(0, 20)},ethereum,Short,user,,desk,,,,`,
    `${A},bitcoin,Wrong way,user,,desk,,2022-02-01,2022-01-01,`,
  ].join('\r\n');
  const parsed = read(csv, 'My labels.csv', { listDate: 10 });
  assert.equal(parsed.format, 'haetae-labels');
  assert.deepEqual(
    parsed.lists.map(({ list, entries: rows }) => [list.source, list.listDate, rows.length]),
    [
      ['desk', 10, 1],
      ['other list', 10, 1],
    ],
  );
  assert.equal(entries(parsed)[0]!.validTo, Date.UTC(2022, 11, 31) / 1000);
  assert.deepEqual(
    parsed.refused.map(({ reason, line }) => [reason, line]),
    [
      ['category-unknown', 4],
      ['time', 5],
      ['address-length', 6],
      ['time-order', 7],
    ],
  );
  assert.deepEqual(parsed.ignoredFields, { note: 6 });
  assert.throws(() => read('address,chain\nx,y\n', 'x.csv'), {
    code: 'E_LABEL_FILE',
    context: { file: 'x.csv', line: 1, field: 'label' },
  });
  assert.equal(
    read(`address,label,chain\n${A},x,ethereum\n`, 'My labels.csv').lists[0]!.list.source,
    'labels:my-labels',
  );
});

test('an Etherscan list is told by its content, and control characters do not pass', () => {
  const parsed = read(
    JSON.stringify({
      [A]: { name: 'Binance\u001b[31m 14', labels: ['binance'], extra: 1 },
      zzz: { name: 'x', labels: [] },
    }),
    'list.json',
  );
  assert.equal(parsed.format, 'etherscan-accounts');
  assert.equal(entries(parsed)[0]!.label, 'Binance [31m 14');
  assert.deepEqual(refusedByReason(parsed.refused), { 'address-characters': 1 });
  assert.deepEqual(parsed.ignoredFields, { extra: 1 });
});

test('what is no label file, is broken or holds nothing says so', async () => {
  assert.throws(() => read('hello world, nothing here', 'x.txt'), { code: 'E_LABEL_FILE' });
  assert.throws(() => read('{"a": {"name": "x", "labels": [', 'cut.json'), {
    code: 'E_LABEL_FILE',
    context: { file: 'cut.json', line: 1, fault: 'Unexpected end of JSON input' },
  });
  assert.throws(() => parseLabelBytes(Uint8Array.from([0xff, 0xfe, 0x00]), 'x.bin'), { code: 'E_FILE_READ' });
  assert.throws(() => read('[]', 'x.json'), { code: 'E_LABEL_FILE' });
  assert.throws(() => read(`title: t\ntags:\n- address: zz\n  label: l\n  currency: BTC\n`, 'x.yaml'), {
    code: 'E_FILE_EMPTY',
  });
  await assert.rejects(readLabelFile('/nowhere/labels.yaml'), { code: 'E_NOT_FOUND' });
});
