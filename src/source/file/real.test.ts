import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Transfer } from '../../model/transfer.ts';
import { DATASETS, importFiles, inFolder, needsDatasets } from './_fixture.ts';

const set = (name: string): string => join(DATASETS ?? '', name);

test(
  'Ronin: 436 rows, 125 of value zero, and the exploiter’s sums to the wei (README of the data)',
  needsDatasets,
  async () => {
    await inFolder(async (folder) => {
      const file = set('ronin/transfers.csv');
      const refusedFile = folder.path('refused.csv');
      const { transfers, counts } = await importFiles([file], { preset: 'ronin', refusedFile });
      assert.deepEqual(counts, { rowsRead: 436, refused: {}, duplicates: 0, rounded: 0, zeroValue: 125 });
      assert.equal(existsSync(refusedFile), false);
      const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
      assert.equal(lines.filter((line) => /e-?\d+\s*$/.test(line)).length, 84, 'in scientific notation');
      const exploiter = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
      const sum = (end: 'from' | 'to'): bigint =>
        transfers.filter((row) => row[end] === exploiter).reduce((total, row) => total + row.amount, 0n);
      assert.equal(sum('to'), 8_565_903_082_267_597_648_050n);
      assert.equal(sum('from'), 182_163_956_030_000_000_000_000n);
      assert.equal(new Set(transfers.map((row) => row.leg)).size, 436);
      assert.ok(
        transfers.every((row, i) => i === 0 || row.time >= transfers[i - 1]!.time),
        'in time order, which the file is not',
      );
    });
  },
);

/** Per cent of rows that leave a place which the sources reach, in the order given. */
function poisonReach(transfers: readonly Transfer[], sources: readonly string[]): string {
  const reached = new Set(sources);
  let touched = 0;
  for (const { from, to } of transfers) {
    if (!reached.has(from ?? '')) continue;
    touched += 1;
    reached.add(to ?? '');
  }
  return ((100 * touched) / transfers.length).toFixed(2);
}

test(
  'LaunderNet: the inferred order lets poison reach 82.15, 100 and 100 % of rows, row order 78.3 % in set 2',
  needsDatasets,
  async () => {
    const reach = async (cluster: number, order: 'row' | 'inferred'): Promise<string> => {
      const folder = set(`launder/cluster-${cluster}`);
      const sources = readFileSync(join(folder, 'source-addresses.csv'), 'utf8').toLowerCase().split(/\s+/);
      const { transfers, counts } = await importFiles([join(folder, 'flow-records.csv')], { preset: 'launder', order });
      assert.equal(transfers.length, { 2: 3887, 3: 135, 4: 292 }[cluster]);
      assert.equal(counts.duplicates, cluster === 2 ? 275 : 0);
      return poisonReach(transfers, sources);
    };
    assert.equal(await reach(2, 'inferred'), '82.15');
    assert.equal(Number(await reach(2, 'row')).toFixed(1), '78.3');
    assert.equal(await reach(3, 'inferred'), '100.00');
    assert.equal(await reach(4, 'inferred'), '100.00');
  },
);

test('LaunderNet: dollars become whole cents, and finer ones where decimals are asked for', needsDatasets, async () => {
  const file = set('launder/cluster-3/flow-records.csv');
  const { transfers, assets } = await importFiles([file], { preset: 'launder', decimals: 4 });
  assert.equal(transfers.find((row) => row.source.row === 1)?.amount, 3_475_500n);
  assert.equal(assets[0]?.decimals, 4);
});

test(
  'CoinJoin set: 7,036 transactions, 62,550 inputs, 55,361 outputs; every spend inside the set matches in value and script',
  needsDatasets,
  async () => {
    const files = ['jm_202406', 'sw_202403', 'ww1_202405'].map((name) => set(`coinjoin/dumplings__${name}.zip`));
    const { utxo, counts } = await importFiles(files, { preset: 'dumplings' });
    assert.equal(utxo.length, 7036);
    assert.equal(
      utxo.reduce((sum, tx) => sum + tx.inputs.length, 0),
      62_550,
    );
    assert.equal(
      utxo.reduce((sum, tx) => sum + tx.outputs.length, 0),
      55_361,
    );
    assert.deepEqual(counts, { rowsRead: 7111, refused: {}, duplicates: 75, rounded: 0, zeroValue: 0 });
    const byId = new Map(utxo.map((tx) => [tx.tx, tx]));
    let matched = 0;
    for (const input of utxo.flatMap((tx) => tx.inputs)) {
      const created = byId.get(input.outpoint?.tx ?? '')?.outputs[input.outpoint?.index ?? -1];
      if (created === undefined) continue;
      assert.deepEqual({ value: input.value, address: input.address }, created);
      matched += 1;
    }
    assert.equal(matched, 19_859);
  },
);
