import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { A, B, C, importFiles, inFolder, TOKEN } from './_fixture.ts';
import { parseMap } from './map.ts';

const COLUMNS = 'columns: { time: t, from: f, to: to, amount: a }';

test('a map names columns, unit and asset; order is the row’s and repeats are kept unless it says otherwise', async () => {
  await inFolder(async (folder) => {
    const map = folder.file('m.yaml', `name: desk\n${COLUMNS}\nunit: decimal\nasset: USDC\n`);
    const rows = [
      `2022-04-15,${A},${B},1.5`,
      `2022-04-15,${A},${B},1.5`,
      `2022-04-14,${B},${C},0.000001`,
      `2022-04-14,${B},${C},0.0000001`,
    ];
    const file = folder.file('x.csv', `t,f,to,a\n${rows.join('\n')}\n`);
    const { transfers, counts, batch, assets } = await importFiles([file], { mapFile: map, sequence: 7 });
    assert.deepEqual(
      transfers.map((row) => [row.txIndex, row.leg, row.amount]),
      [
        [7, 3, 1n],
        [7, 1, 1_500_000n],
        [7, 2, 1_500_000n],
      ],
    );
    assert.deepEqual([batch.preset, batch.orderRule, batch.duplicateRule], ['desk', 'row', 'keep']);
    assert.deepEqual(counts.refused, { 'excess-digits': 1 });
    assert.equal(counts.duplicates, 1);
    assert.equal(assets[0]?.id, `eip155:1/erc20:${TOKEN}`);
  });
});

test('a map may name the asset by column, the index of a log, and milliseconds; two files do not tie', async () => {
  await inFolder(async (folder) => {
    const map = folder.file(
      'm.yaml',
      'columns: { time: ms, from: f, to: to, amount: a, asset: token, block: b, txIndex: i, leg: l }\nunit: decimal\ntime: unix-ms\n',
    );
    const one = folder.file(
      '1.csv',
      `ms,f,to,a,token,b,i,l\n1650000000999,${A},${B},2.5,USDC,7,0,1\n1650000000999,${A},${B},3,,7,0,2\n`,
    );
    const two = folder.file(
      '2.csv',
      `ms,f,to,a,token,b,i,l\n1650000012000,${A},${B},4,0x1111111111111111111111111111111111111111,8,0,1\n`,
    );
    const { transfers, counts, batch } = await importFiles([one, two], { mapFile: map });
    assert.equal(batch.orderRule, 'index');
    assert.deepEqual(
      transfers.map((row) => [row.time, row.leg, row.amount, row.source.file]),
      [
        [1_650_000_000, 1, 2_500_000n, 0],
        [1_650_000_000, 2, 3n * 10n ** 18n, 0],
      ],
    );
    assert.deepEqual(counts.refused, { 'unknown-decimals': 1 });
    const rowMap = folder.file('r.yaml', `${COLUMNS}\nunit: base\n`);
    const files = ['p', 'q'].map((name) =>
      folder.file(`${name}.csv`, `t,f,to,a\n2022-04-15,${A},${B},${name === 'p' ? 1 : 2}\n`),
    );
    const rows = await importFiles(files, { mapFile: rowMap });
    assert.deepEqual(
      rows.transfers.map((row) => [row.leg, row.source.file, row.source.row]),
      [
        [1, 0, 1],
        [2, 1, 1],
      ],
    );
  });
});

test('a TRON map takes base58 addresses by their checksum', async () => {
  await inFolder(async (folder) => {
    const map = folder.file('m.yaml', `chain: tron\n${COLUMNS}\nunit: decimal\nasset: USDT\n`);
    const good = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t';
    const file = folder.file(
      'x.csv',
      `t,f,to,a\n2022-04-15,${good},${good},1\n2022-04-15,${good.toLowerCase()},${good},1\n`,
    );
    const { transfers, counts } = await importFiles([file], { mapFile: map });
    assert.equal(transfers[0]?.from, good);
    assert.equal(transfers.length, 1);
    assert.equal(Object.keys(counts.refused)[0]?.startsWith('address-'), true);
  });
});

test('what is wrong with a map is said with its place', () => {
  const fault = (text: string): HaetaeError => {
    try {
      parseMap(text, 'm.yaml');
    } catch (error) {
      assert.ok(error instanceof HaetaeError);
      return error;
    }
    throw new Error('expected E_MAP');
  };
  assert.equal(fault('columns: {}').code, 'E_MAP');
  assert.match(String(fault(`${COLUMNS}\nunit: gwei\n`).context.field), /unit/);
  assert.match(fault(`${COLUMNS}\nunit: base\nextra: 1\n`).message, /extra/);
  assert.match(fault(`${COLUMNS}\nunit: base\norder: index\n`).message, /leg/);
  assert.match(
    fault('columns: { time: t, from: f, to: to, amount: a, asset: x }\nunit: base\nasset: ETH\n').message,
    /twice/,
  );
  assert.equal(fault('a: [').code, 'E_MAP');
});
