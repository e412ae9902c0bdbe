import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SILENT } from '../../../base/progress.ts';
import { inFolder } from '../../file/_fixture.ts';
import { rulesOf } from '../rules.ts';
import { blkFile, GENESIS, planChain, REGTEST } from './_fixture.ts';
import { probeBlockFile } from './block-file.ts';
import { openBlockSet } from './open-set.ts';

const MAIN = planChain({ seed: 11, blocks: 30, transactions: 1 }).blocks;

/** The set's first height and size, read with BIP34 in force from a height on. */
async function opened(
  bytes: Buffer,
  heightFrom: number,
  firstHeight?: number,
): Promise<{ first: number; size: number }> {
  return inFolder(async (folder) => {
    const file = probeBlockFile(folder.file('blk00000.dat', bytes));
    const rules = { ...rulesOf(REGTEST), heightFrom };
    const set = await openBlockSet([file], rules, { firstHeight, progress: SILENT });
    try {
      for (let above = 0; above < set.size; above++) await set.block(above);
      return { first: set.chosen.first, size: set.size };
    } finally {
      await set.close();
    }
  });
}

suite('heights of blocks in files', () => {
  test('from the first block of the chain, whether blocks must name theirs or not', async () => {
    for (const from of [1, 20, 1000]) {
      assert.deepEqual(await opened(blkFile([GENESIS, ...MAIN]), from), { first: 0, size: 31 });
    }
  });

  test('from any block that must name it, also for those below', async () => {
    assert.deepEqual(await opened(blkFile(MAIN.slice(9)), 1), { first: 10, size: 21 });
    assert.deepEqual(await opened(blkFile(MAIN.slice(9)), 30), { first: 10, size: 21 });
  });

  test('from the user where no block must; refused where the user says nothing, or what the blocks contradict', async () => {
    const file = blkFile(MAIN.slice(9, 20));
    assert.deepEqual(await opened(file, 1000, 10), { first: 10, size: 11 });
    assert.deepEqual(await opened(file, 1000, 500), { first: 500, size: 11 }, 'nothing contradicts it');
    await assert.rejects(opened(file, 1000), (error: { code: string; remedy: string }) => {
      assert.equal(error.code, 'E_USAGE');
      assert.match(error.remedy, /--height N/);
      return true;
    });
    await assert.rejects(opened(file, 15, 9), { code: 'E_USAGE' });
  });

  test('blocks beside the chain whose height nothing tells are refused', async () => {
    const parts = [...MAIN.slice(0, 4), ...MAIN.slice(8)];
    await assert.rejects(opened(blkFile(parts), 25), { code: 'E_FILE_READ' });
  });
});
