import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HaetaeError } from '../../base/errors.ts';
import { createDrill } from '../../drill/drill.ts';
import { inFolder } from './_fixture.ts';
import { detectPreset } from './detect-preset.ts';
import { PRESETS } from './preset.ts';

const datasets = process.env.HAETAE_DATASETS;
const skip = datasets === undefined ? 'HAETAE_DATASETS is not set' : false;

function refused(...named: string[]): (error: unknown) => boolean {
  return (error) =>
    error instanceof HaetaeError &&
    error.code === 'E_PRESET_UNKNOWN' &&
    named.every((name) => error.remedy?.includes(name) === true);
}

test('the Ronin data', { skip }, async () => {
  assert.equal(await detectPreset([join(datasets!, 'ronin', 'transfers.csv')]), 'ronin');
});

test('LaunderNet', { skip }, async () => {
  const folder = join(datasets!, 'launder', 'cluster-2');
  const file = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => /\.csv$/.test(name));
  if (file === undefined) return;
  assert.equal(await detectPreset([join(folder, file)]), 'launder');
});

test('Bitcoin transactions as text in a .zip', { skip }, async () => {
  const file = join(datasets!, 'coinjoin', 'dumplings__sw_202403.zip');
  if (existsSync(file)) assert.equal(await detectPreset([file]), 'dumplings');
});

test('both kinds of file that a drill writes, plain and packed', async () => {
  await inFolder(async ({ file }) => {
    const wanted = new Map([
      ['transfers.csv', 'haetae'],
      ['bitcoin.txt', 'dumplings'],
    ]);
    for (const { name, chunks } of createDrill({ seed: 1, scale: 200 }).files()) {
      const preset = wanted.get(name);
      if (preset === undefined) continue;
      const bytes = Buffer.concat([...chunks]);
      assert.equal(await detectPreset([file(name, bytes)]), preset);
      assert.equal(await detectPreset([file(`${name}.gz`, gzipSync(bytes))]), preset);
    }
  });
});

test('files of ethereum-etl: the layout that reads most of them, whatever stands beside', async () => {
  const tokens =
    'token_address,from_address,to_address,value,transaction_hash,log_index,block_number,transaction_index\n';
  const traces =
    'block_number,transaction_hash,transaction_index,from_address,to_address,value,trace_type,call_type,trace_address,error\n';
  const transactions = 'hash,block_number,transaction_index,from_address,to_address,value,gas_price,block_timestamp\n';
  const blocks = 'number,timestamp,base_fee_per_gas\n';
  await inFolder(async ({ file }) => {
    assert.equal(await detectPreset([file('t.csv', tokens)]), 'ethereum-etl-token-transfers');
    assert.equal(await detectPreset([file('c.csv', traces)]), 'ethereum-etl-traces');
    const [transactionFile, blockFile] = [file('x.csv', transactions), file('b.csv', blocks)];
    assert.equal(await detectPreset([transactionFile]), 'ethereum-etl-transactions');
    assert.equal(await detectPreset([blockFile, transactionFile]), 'ethereum-etl-transactions');
    assert.equal(await detectPreset([blockFile]), 'ethereum-etl-blocks');
    await assert.rejects(
      detectPreset([transactionFile, file('t2.csv', tokens)]),
      refused('ethereum-etl-transactions', 'ethereum-etl-token-transfers'),
    );
  });
});

test('what no preset or more than one fits is refused with the names to choose from', async () => {
  await inFolder(async ({ file, path }) => {
    await assert.rejects(detectPreset([file('a.csv', 'a,b\n1,2\n')]), refused(...PRESETS.map(({ name }) => name)));
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const parquet = path('t.parquet');
    await connection.run(
      `COPY (SELECT '' AS hash, 1 AS block_number, 0 AS transaction_index, '' AS from_address, '' AS to_address, '1' AS value) TO '${parquet}' (FORMAT parquet)`,
    );
    connection.closeSync();
    await assert.rejects(detectPreset([parquet]), refused('aws-ethereum-transactions', 'ethereum-etl-transactions'));
  });
});
