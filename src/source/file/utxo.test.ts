import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { importFiles, inFolder, parquet } from './_fixture.ts';

const id = (digit: string): string => digit.repeat(64);
/** P2WPKH of 20 zero bytes; the address is that of the hash by BIP 173. */
const SCRIPT = `0014${'00'.repeat(20)}`;
const ADDRESS = 'bc1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq9e75rs';
const RETURN = '6a0568656c6c6f';

function line(tx: string, index: number, inputs: string[], outputs: string[], time = 1_717_213_995): string {
  return [id(tx), id('0'), index, time, inputs.join('}{'), outputs.join('}{')].join(':::');
}

const spend = (tx: string, index: number, value: number): string =>
  `${id(tx)}-${index}-${value}+${SCRIPT}+TxWitnessV0Keyhash`;
const pay = (value: number, script = SCRIPT): string => `${value}+${script}+T`;

test('dumplings: inputs, outputs, addresses from scripts, OP_RETURN without one; plain and .gz alike', async () => {
  await inFolder(async (folder) => {
    const text = `${line('a', 5, [spend('b', 1, 900)], [pay(0, RETURN), pay(800)])}\n`;
    for (const file of [folder.file('x.txt', text), folder.file('x.txt.gz', gzipSync(text))]) {
      const { utxo, counts } = await importFiles([file], { preset: 'dumplings' });
      assert.deepEqual(utxo[0]?.inputs, [{ outpoint: { tx: id('b'), index: 1 }, value: 900n, address: ADDRESS }]);
      assert.deepEqual(utxo[0]?.outputs, [
        { value: 0n, address: `script:${RETURN}` },
        { value: 800n, address: ADDRESS },
      ]);
      assert.deepEqual([utxo[0]?.txIndex, utxo[0]?.block], [5, null]);
      assert.deepEqual(counts.refused, {});
    }
  });
});

test('dumplings: what does not hold is refused for its reason; a line cut short, outputs above inputs, a time before Bitcoin', async () => {
  await inFolder(async (folder) => {
    const lines = [
      line('a', 5, [spend('b', 1, 900)], [pay(901)]),
      line('c', 5, [spend('b', 1, 900)], [pay(900)], 1_000_000_000),
      line('d', 5, [spend('b', 1, 900)], ['x+00+T']),
      line('e', 5, [`${id('b')}-900+${SCRIPT}+T`], [pay(1)]),
      line('f', 0, [], [pay(5_000_000_000)]),
      line('1', 5, [spend('b', 1, 900)], [pay(900)]).slice(0, 150),
    ];
    const { utxo, refused } = await importFiles([folder.file('x.txt', lines.join('\n'))], { preset: 'dumplings' });
    assert.deepEqual(
      utxo.map((tx) => tx.tx),
      [id('f')],
      'a coinbase may pay more than it spends',
    );
    assert.deepEqual(
      refused.map((row) => [row[1], row[3]]),
      [
        ['1', 'outputs-exceed-inputs'],
        ['2', 'before-genesis'],
        ['3', 'bad-output'],
        ['4', 'bad-input'],
        ['6', 'wrong-columns'],
      ],
    );
  });
});

test('dumplings: a transaction that comes twice goes out once, with the index that one of the rows knows', async () => {
  await inFolder(async (folder) => {
    const unknown = line('a', 0, [spend('b', 1, 900)], [pay(800)]);
    const known = line('a', 5, [spend('b', 1, 900)], [pay(800)]);
    const other = line('c', 0, [spend('d', 1, 900)], [pay(800)]);
    const file = folder.file('x.txt', [unknown, known, known, other].join('\n'));
    const { utxo, counts } = await importFiles([file], { preset: 'dumplings' });
    assert.deepEqual(
      utxo.map((tx) => [tx.tx, tx.txIndex]),
      [
        [id('a'), 5],
        [id('c'), 0],
      ],
    );
    assert.equal(counts.duplicates, 2);
  });
});

test('aws-bitcoin: doubles in BTC become satoshi exactly, ends are put in their own order, scripts decide addresses', async () => {
  await inFolder(async (folder) => {
    const input = (value: string): string =>
      `{index: 0::BIGINT, spent_transaction_hash: '${id('b')}', spent_output_index: 1::BIGINT, script_hex: '', address: '${ADDRESS}', value: ${value}::DOUBLE}`;
    const output = (index: number, value: string, script: string): string =>
      `{index: ${index}::BIGINT, script_hex: '${script}', address: NULL::VARCHAR, value: ${value}::DOUBLE}`;
    const row = (tx: string, index: number, coinbase: boolean, inputs: string, outputs: string): string =>
      `SELECT '${id(tx)}' AS hash, 840000::BIGINT AS block_number, TIMESTAMP '2024-04-20 00:09:27' AS block_timestamp, ${index}::BIGINT AS index,
        ${coinbase} AS is_coinbase, ${inputs} AS inputs, ${outputs} AS outputs`;
    const path = await parquet(
      folder.path('btc.parquet'),
      [
        row('f', 0, true, `[${input('0')}][2:]`, `[${output(0, '40.75178425', SCRIPT)}]`),
        row(
          'a',
          1,
          false,
          `[${input('20999999.97690000')}]`,
          `[${output(1, '0.1', SCRIPT)}, ${output(0, '20999999.8768', SCRIPT)}]`,
        ),
        row('c', 2, false, `[${input('1e-8')}]`, `[${output(0, '0.000000001', SCRIPT)}]`),
      ].join(' UNION ALL '),
    );
    const { utxo, refused } = await importFiles([path], { preset: 'aws-bitcoin' });
    assert.deepEqual(
      utxo.map((tx) => tx.tx),
      [id('f'), id('a')],
    );
    assert.deepEqual(utxo[0]?.inputs, []);
    assert.deepEqual(utxo[0]?.outputs, [{ value: 4_075_178_425n, address: ADDRESS }]);
    assert.deepEqual(
      utxo[1]?.outputs.map((end) => end.value),
      [2_099_999_987_680_000n, 10_000_000n],
    );
    assert.equal(utxo[1]?.inputs[0]?.value, 2_099_999_997_690_000n);
    assert.equal(utxo[1]?.time, Date.UTC(2024, 3, 20, 0, 9, 27) / 1000);
    assert.deepEqual(
      refused.map((part) => part[3]),
      ['excess-digits'],
    );
  });
});
