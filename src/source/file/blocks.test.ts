import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { describeError } from '../../base/errors.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import { little } from '../bitcoin/_fixture.ts';
import {
  blkFile,
  GENESIS,
  inChainOrder,
  obfuscated,
  type PlannedBlock,
  planChain,
} from '../bitcoin/block-files/_fixture.ts';
import { type Folder, importFiles, inFolder } from './_fixture.ts';
import type { FileFeedOptions } from './open.ts';

const CHAIN = 'bitcoin-regtest';
const KEY = Buffer.from('c0ffee00da11f0aa', 'hex');

async function importBlocks(folder: Folder, files: readonly string[], options: Partial<FileFeedOptions> = {}) {
  const refusedFile = folder.path('refused.csv');
  rmSync(refusedFile, { force: true });
  return importFiles(files, { preset: 'bitcoin-blocks', chain: CHAIN, refusedFile, ...options });
}

/** Every transaction of these blocks but that of the chain's first one. */
function expectedOf(blocks: readonly PlannedBlock[]): readonly UtxoTransaction[] {
  return blocks.flatMap(({ transactions }) => transactions);
}

function assertImported(utxo: readonly UtxoTransaction[], blocks: readonly PlannedBlock[]): void {
  const found = inChainOrder(utxo.filter(({ block }) => block !== 0n));
  assert.deepEqual(found, inChainOrder(expectedOf(blocks)));
}

async function refused(work: Promise<unknown>, code: string, fields: Record<string, unknown> = {}): Promise<Error> {
  let fault: unknown;
  await assert.rejects(work, (error: { code: string; context: Record<string, unknown> }) => {
    fault = error;
    assert.equal(error.code, code, String(error));
    for (const [name, value] of Object.entries(fields)) assert.equal(error.context[name], value, `${name}: ${error}`);
    return true;
  });
  return fault as Error;
}

const MAIN = planChain({ seed: 1, blocks: 12, transactions: 4 }).blocks;
const WHOLE = [GENESIS, ...MAIN];

suite('raw blocks of a chain from its first block on', () => {
  test('in any order, over any files, with or without obfuscation and room, however little is kept in memory: the same transactions', async () => {
    const places = fc.array(fc.nat(2), { minLength: WHOLE.length, maxLength: WHOLE.length });
    const order = fc.shuffledSubarray(WHOLE, { minLength: WHOLE.length, maxLength: WHOLE.length });
    const setting = fc.record({
      key: fc.option(fc.constant(KEY), { nil: undefined }),
      room: fc.constantFrom(0, 1, 3, 40_000),
      recent: fc.constantFrom(0, 1, 7, 1000),
      copies: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(order, places, setting, async (blocks, files, { key, room, recent, copies }) => {
        await inFolder(async (folder) => {
          if (key !== undefined) folder.file('xor.dat', key);
          const parts = [0, 1, 2].map((file) => blocks.filter((_, at) => files[at] === file));
          parts[0]!.push(...blocks.slice(0, copies));
          const paths = parts.map((part, i) =>
            folder.file(`blk0000${i}.dat`, blkFile(part, key === undefined ? { room } : { room, key })),
          );
          const wanted = paths.filter((path) => readFileSync(path).length > 0);
          const { utxo, counts } = await importBlocks(folder, wanted, { recentOutputs: recent });
          assertImported(utxo, MAIN);
          assert.deepEqual(counts.refused, {});
          assert.equal(counts.rowsRead, utxo.length);
          const repeated = blocks
            .slice(0, copies)
            .reduce((sum, { transactions }) => sum + (transactions.length || 1), 0);
          assert.equal(counts.duplicates, repeated);
        });
      }),
      { numRuns: 20 },
    );
  });

  test('a block lies behind unused room; its first bytes look like room under the key', async () => {
    await inFolder(async (folder) => {
      // The first byte of the magic is the key's: obfuscated it is zero.
      const key = Buffer.from('fa00000000000000', 'hex');
      folder.file('xor.dat', key);
      const first = blkFile(WHOLE.slice(0, 4));
      const room = Buffer.alloc(8 - (first.length % 8) + 8 * 3000);
      const bytes = Buffer.concat([first, obfuscated(room, key), blkFile(WHOLE.slice(4))]);
      const file = Buffer.concat([obfuscated(bytes, key).subarray(0, first.length), room]);
      const both = Buffer.concat([file, obfuscated(bytes, key).subarray(first.length + room.length)]);
      const { utxo } = await importBlocks(folder, [folder.file('blk00000.dat', both)]);
      assertImported(utxo, MAIN);
    });
  });

  test('files of one block each, raw and hex, also as a node prints it', async () => {
    await inFolder(async (folder) => {
      const files = WHOLE.map(({ bytes }, i) => {
        const hex = bytes.toString('hex');
        if (i % 3 === 0) return folder.file(`${i}.bin`, bytes);
        return folder.file(`${i}.hex`, i % 3 === 1 ? `${hex}\n` : `"${hex.toUpperCase()}"`);
      });
      assertImported((await importBlocks(folder, files)).utxo, MAIN);
    });
  });

  test('a row says the file, the block in it and the file’s chain; the folder of a node stands for its files', async () => {
    await inFolder(async (folder) => {
      folder.file('blk00001.dat', blkFile(WHOLE.slice(5), { room: 100 }));
      folder.file('blk00000.dat', blkFile(WHOLE.slice(0, 5)));
      folder.file('rev00000.dat', 'undo');
      const { utxo, batch, assets } = await importBlocks(folder, [folder.path('.')], { chain: undefined as never });
      assert.deepEqual(
        batch.files.map(({ name }) => name),
        ['blk00000.dat', 'blk00001.dat'],
      );
      assert.equal(batch.chain, 'bip122:0f9188f13cb7b2c71f2a335e3a4fc328');
      assert.equal(assets[0]?.symbol, 'tBTC');
      const sixth = utxo.find(({ block, txIndex }) => block === 6n && txIndex === 1);
      assert.deepEqual(sixth?.source, { batch: 0, file: 1, row: 2 });
      const genesis = utxo.find(({ block }) => block === 0n);
      // Its coinbase is that of Bitcoin's first block.
      assert.equal(genesis?.tx, '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
    });
  });
});

suite('branches of raw blocks', () => {
  const below = MAIN[5]!;
  const side = planChain({ seed: 2, blocks: 3, below }).blocks;

  test('the branch of more work is the chain, wherever it lies; the other is checked, counted and listed', async () => {
    const longer = planChain({ seed: 3, blocks: 8, below }).blocks;
    for (const blocks of [
      [...WHOLE, ...longer],
      [...longer, ...WHOLE],
    ]) {
      await inFolder(async (folder) => {
        const { utxo, counts, refused: listed } = await importBlocks(folder, [folder.file('a.dat', blkFile(blocks))]);
        assertImported(utxo, [...MAIN.slice(0, 6), ...longer]);
        assert.deepEqual(counts.refused, { 'orphaned-block': 6 });
        assert.deepEqual(
          listed.map((row) => row[5]).sort(),
          MAIN.slice(6)
            .map(({ height, hash }) => `${height} ${hash}`)
            .sort(),
        );
      });
    }
  });

  test('of equal branches the one found first', async () => {
    const other = planChain({ seed: 4, blocks: 6, below }).blocks;
    await inFolder(async (folder) => {
      const file = folder.file('a.dat', blkFile([...WHOLE.slice(0, 7), ...other, ...MAIN.slice(6)]));
      assertImported((await importBlocks(folder, [file])).utxo, [...MAIN.slice(0, 6), ...other]);
    });
  });

  test('a byte changed in a block that lost is refused as well', async () => {
    await inFolder(async (folder) => {
      const bytes = blkFile([...WHOLE, ...side]);
      const at = bytes.length - side[2]!.bytes.length - 40;
      bytes[at]! ^= 1;
      await refused(importBlocks(folder, [folder.file('a.dat', bytes)]), 'E_FILE_READ', { block: 8 });
    });
  });
});

/** Block 357,238 of Bitcoin, hex in quotation marks: a vector of the npm package bitcore-lib. */
const REAL = 'node_modules/bitcore-lib/benchmark/block-357238.json';

suite('a real block of Bitcoin', { skip: existsSync(REAL) ? false : 'bitcore-lib is not installed' }, () => {
  test('by itself: its height, its coinbase, and what spends outputs of the block itself', async () => {
    await inFolder(async (folder) => {
      const { utxo, counts, batch } = await importBlocks(folder, [REAL], { chain: undefined as never });
      assert.equal(batch.chain, 'bip122:000000000019d6689c085ae165831e93');
      assert.equal(counts.rowsRead, 0x171);
      assert.deepEqual(new Set(utxo.map(({ block }) => block)), new Set([357_238n]));
      const [coinbase] = utxo;
      assert.deepEqual([coinbase?.txIndex, coinbase?.inputs[0]?.outpoint], [0, null]);
      const made = new Map(utxo.map((tx) => [tx.tx, tx]));
      // The subsidy of the third era, and fees: those of what is refused are not known here.
      assert.ok(coinbase!.outputs.reduce((sum, { value }) => sum + value, 0n) > 25_0000_0000n);
      for (const { inputs, txIndex } of utxo.slice(1)) {
        for (const { outpoint, value, address } of inputs) {
          const spent = made.get(outpoint!.tx);
          if (spent === undefined) continue;
          assert.ok(spent.txIndex < txIndex);
          assert.deepEqual({ value, address }, spent.outputs[outpoint!.index]);
        }
      }
    });
  });

  test('one byte changed anywhere is refused by name', async () => {
    const bytes = Buffer.from(readFileSync(REAL, 'latin1').replaceAll('"', '').trim(), 'hex');
    await inFolder(async (folder) => {
      const frame = Buffer.concat([Buffer.from('f9beb4d9', 'hex'), little(bytes.length, 4)]);
      for (let at = 0; at < bytes.length; at += at < 88 ? 3 : 4001) {
        const changed = Buffer.concat([frame, bytes]);
        changed[8 + at]! ^= 1 << (at % 8);
        const file = folder.file('blk00000.dat', changed);
        await refused(importBlocks(folder, [file], { chain: 'bitcoin' }), 'E_FILE_READ', {
          file: 'blk00000.dat',
          offset: 8,
        });
      }
    });
  });

  test('cut short anywhere behind its coinbase, it is refused by its height', async () => {
    const bytes = Buffer.from(JSON.parse(readFileSync(REAL, 'utf8')) as string, 'hex');
    await inFolder(async (folder) => {
      for (const length of [500, 2_000, 50_000, bytes.length - 1]) {
        const file = folder.file('a.dat', bytes.subarray(0, length));
        await refused(importBlocks(folder, [file], { chain: 'bitcoin' }), 'E_FILE_READ', { block: 357_238 });
      }
    });
  });
});

suite('raw blocks whose ancestors are not in the files', () => {
  test('heights come from the blocks; what spends outputs from before is refused and listed, the rest is kept', async () => {
    await inFolder(async (folder) => {
      const part = MAIN.slice(5);
      const { utxo, counts, refused: listed } = await importBlocks(folder, [folder.file('a.dat', blkFile(part))]);
      const made = new Set(expectedOf(part).map(({ tx }) => tx));
      const known = ({ inputs }: UtxoTransaction): boolean =>
        inputs.every(({ outpoint }) => outpoint === null || made.has(outpoint.tx));
      const kept = expectedOf(part).filter(known);
      const lost = expectedOf(part).filter((tx) => !known(tx));
      assert.ok(kept.length > part.length && lost.length > 0);
      assert.deepEqual(inChainOrder(utxo), inChainOrder(kept));
      assert.deepEqual(counts.refused, { 'no-previous-output': lost.length });
      assert.deepEqual(
        listed.map(([, row, line, reason, , value]) => [row, line, reason, value?.slice(0, 64)]),
        lost.map(({ block, txIndex, tx }) => [
          String(Number(block) - 5),
          String(txIndex + 1),
          'no-previous-output',
          tx,
        ]),
      );
    });
  });

  test('outputs that the store has are found there', async () => {
    await inFolder(async (folder) => {
      const before = new Map(expectedOf(MAIN.slice(0, 5)).map(({ tx, outputs }) => [tx, outputs]));
      const asked: string[] = [];
      const { utxo, counts } = await importBlocks(folder, [folder.file('a.dat', blkFile(MAIN.slice(5)))], {
        recentOutputs: 2,
        knownOutputs: async (chain, txs) => {
          assert.equal(chain, 'bip122:0f9188f13cb7b2c71f2a335e3a4fc328');
          asked.push(...txs);
          return new Map([...before].filter(([tx]) => txs.includes(tx)));
        },
      });
      assertImported(utxo, MAIN.slice(5));
      assert.deepEqual(counts.refused, {});
      assert.ok(asked.length > 0 && asked.every((tx) => before.has(tx)), 'only what is missing is asked for');
    });
  });

  test('blocks beside the chain whose neighbours are in other files are counted and listed', async () => {
    await inFolder(async (folder) => {
      const file = folder.file('a.dat', blkFile([MAIN[0]!, ...MAIN.slice(3, 9), MAIN[11]!]));
      const { utxo, counts } = await importBlocks(folder, [file]);
      assert.deepEqual(new Set(utxo.map(({ block }) => Number(block))), new Set([4, 5, 6, 7, 8, 9]));
      assert.equal(counts.refused['unconnected-block'], 2);
    });
  });

  test('a block missing in the middle of a chain from its first block on, and a branch in doubt, are refused', async () => {
    await inFolder(async (folder) => {
      const holed = [...WHOLE.slice(0, 4), ...WHOLE.slice(5)];
      const fault = await refused(importBlocks(folder, [folder.file('a.dat', blkFile(holed))]), 'E_FILE_READ');
      assert.match(fault.message, /blocks are missing: 4 to 4/);
      // The last block of the longer part is not what the next one stands on.
      const stale = planChain({ seed: 5, blocks: 1, below: MAIN[6]! }).blocks;
      const doubted = [...MAIN.slice(0, 7), ...stale, ...MAIN.slice(8)];
      await refused(importBlocks(folder, [folder.file('b.dat', blkFile(doubted))]), 'E_FILE_READ', { block: 9 });
    });
  });

  test('a height that the blocks contradict', async () => {
    await inFolder(async (folder) => {
      const file = folder.file('a.dat', blkFile(MAIN.slice(5)));
      assert.equal(
        (await importBlocks(folder, [file], { firstHeight: 6 })).counts.rowsRead,
        expectedOf(MAIN.slice(5)).length,
      );
      await refused(importBlocks(folder, [file], { firstHeight: 7 }), 'E_USAGE');
    });
  });
});

suite('raw blocks that do not hang together', () => {
  test('an altered header in the middle is named, or the block that no longer finds its parent; no gap is made up', async () => {
    await inFolder(async (folder) => {
      for (const [field, at] of Object.entries({ version: 0, parent: 10, merkleRoot: 40, time: 68, nonce: 77 })) {
        const altered = Buffer.from(WHOLE[5]!.bytes);
        altered[at]! ^= 1;
        const file = folder.file('a.dat', blkFile([...WHOLE.slice(0, 5), { bytes: altered }, ...WHOLE.slice(6)]));
        const fault = await refused(importBlocks(folder, [file]), 'E_FILE_READ', { file: 'a.dat' });
        assert.match(describeError(fault), /offset=\d+, block=[56]\b/, field);
        if (field !== 'parent') assert.doesNotMatch(fault.message, /\d to \d/);
      }
    });
  });

  test('blocks further off than a node reads ahead are a gap, also behind a longer chain', async () => {
    const far = planChain({ seed: 9, blocks: 2_400, transactions: 0 }).blocks;
    const all = [GENESIS, ...far];
    await inFolder(async (folder) => {
      const near = folder.file('a.dat', blkFile([...all.slice(0, 1_300), ...all.slice(1_310, 2_300)]));
      const { counts } = await importBlocks(folder, [near]);
      assert.deepEqual(counts.refused, { 'unconnected-block': 990 });
      const gap = folder.file('b.dat', blkFile([...all.slice(0, 1_300), ...all.slice(1_310)]));
      const fault = await refused(importBlocks(folder, [gap]), 'E_FILE_READ', { block: 1_310 });
      assert.match(fault.message, /blocks are missing: 1300 to 1309/);
    });
  });
});

suite('damaged files of raw blocks', () => {
  const short = planChain({ seed: 6, blocks: 4, transactions: 1 }).blocks;
  const file = blkFile([GENESIS, ...short]);
  /** Where each block's frame begins. */
  const frames = [0];
  for (const { bytes } of [GENESIS, ...short]) frames.push(frames.at(-1)! + 8 + bytes.length);

  test('one byte changed anywhere in a block that has one above it, or in its frame', async () => {
    await inFolder(async (folder) => {
      // Every byte of frame and header, and one in seven of the rest.
      for (let at = frames[2]!; at < frames[3]!; at += at < frames[2]! + 90 ? 1 : 7) {
        const bytes = Buffer.from(file);
        bytes[at]! ^= 1 << (at % 8);
        await refused(importBlocks(folder, [folder.file('a.dat', bytes)]), 'E_FILE_READ');
      }
    });
  });

  test('one byte changed in the transactions of any block: its height, file and offset are named', async () => {
    await inFolder(async (folder) => {
      for (let height = 1; height <= 4; height++) {
        const { length } = short[height - 1]!.bytes;
        for (const into of [81, 100, 140, Math.floor(length / 2), length - 20, length - 1]) {
          const bytes = Buffer.from(file);
          bytes[frames[height]! + 8 + into]! ^= 0x10;
          const fault = importBlocks(folder, [folder.file('a.dat', bytes)]);
          await refused(fault, 'E_FILE_READ', { block: height, file: 'a.dat', offset: frames[height]! + 8 });
        }
      }
    });
  });

  test('a file cut short anywhere in its last block says so, with the height once the header is there', async () => {
    await inFolder(async (folder) => {
      for (let cut = frames[4]! + 1; cut < frames[5]!; cut += cut < frames[4]! + 90 ? 1 : 13) {
        const fault = importBlocks(folder, [folder.file('a.dat', file.subarray(0, cut))]);
        const context = { offset: frames[4]!, ...(cut >= frames[4]! + 88 ? { block: 4 } : {}) };
        assert.match((await refused(fault, 'E_FILE_READ', context)).message, /cut short/);
      }
      assertImported(
        (await importBlocks(folder, [folder.file('a.dat', file.subarray(0, frames[4]!))])).utxo,
        short.slice(0, 3),
      );
    });
  });

  test('a block that the node has written in part, zeros behind it', async () => {
    await inFolder(async (folder) => {
      const bytes = Buffer.concat([file.subarray(0, frames[5]! - 60), Buffer.alloc(5000)]);
      await refused(importBlocks(folder, [folder.file('a.dat', bytes)]), 'E_FILE_READ', { block: 4 });
    });
  });

  test('anything else between two blocks; a length that cannot be', async () => {
    await inFolder(async (folder) => {
      const odd = Buffer.concat([file.subarray(0, frames[3]), Buffer.from('hello'), file.subarray(frames[3]!)]);
      await refused(importBlocks(folder, [folder.file('a.dat', odd)]), 'E_FILE_READ', { offset: frames[3]! });
      const long = Buffer.from(file);
      little(0x4000_0000, 4).copy(long, frames[3]! + 4);
      const context = { offset: frames[3]!, block: 3 };
      await refused(importBlocks(folder, [folder.file('a.dat', long)]), 'E_FILE_READ', context);
    });
  });
});

suite('files that are no raw blocks of the chain', () => {
  test('another network by the bytes before its blocks, another chain by its first block, two chains at once', async () => {
    await inFolder(async (folder) => {
      const testnet = join('node_modules/bitcore-lib/test/data/blk86756-testnet.dat');
      if (existsSync(testnet)) {
        assert.match((await refused(importBlocks(folder, [testnet]), 'E_FILE_READ')).message, /testnet3/);
      }
      const file = folder.file('a.dat', blkFile(WHOLE));
      for (const chain of ['bitcoin', 'litecoin', 'litecoin-regtest']) {
        const fault = await refused(importBlocks(folder, [file], { chain }), 'E_FILE_READ', { file: 'a.dat' });
        assert.match(fault.message, /bitcoin-regtest/);
      }
      const other = folder.file('b.dat', blkFile(WHOLE, { magic: 'f9beb4d9' }));
      await refused(importBlocks(folder, [file, other]), 'E_FILE_READ', { file: 'a.dat', otherFile: 'b.dat' });
    });
  });

  test('regression tests share their bytes: without the first block the chain must be named', async () => {
    await inFolder(async (folder) => {
      const file = folder.file('a.dat', blkFile(MAIN));
      const fault = await refused(importBlocks(folder, [file], { chain: undefined as never }), 'E_USAGE');
      assert.match(
        String((fault as { remedy?: string }).remedy),
        /--chain bitcoin-regtest or --chain litecoin-regtest/,
      );
    });
  });

  test('an obfuscated file without its key, a key of another length, a text, an empty file, room only, packed files', async () => {
    await inFolder(async (folder) => {
      const hidden = folder.file('a.dat', blkFile(WHOLE, { key: KEY }));
      const fault = await refused(importBlocks(folder, [hidden]), 'E_FILE_READ', { file: 'a.dat' });
      assert.match(String((fault as { remedy?: string }).remedy), /xor\.dat/);
      folder.file('xor.dat', KEY.subarray(1));
      await refused(importBlocks(folder, [hidden]), 'E_FILE_READ');
      folder.file('xor.dat', KEY);
      assertImported((await importBlocks(folder, [hidden])).utxo, MAIN);
      for (const content of [
        'time,from,to\n'.repeat(20),
        '',
        'x',
        'ab'.repeat(100),
        `${MAIN[0]!.bytes.toString('hex')}0`,
      ]) {
        await refused(importBlocks(folder, [folder.file('t.dat', content)]), 'E_FILE_READ', { file: 't.dat' });
      }
      await refused(importBlocks(folder, [folder.file('z.dat', Buffer.alloc(100_000))]), 'E_FILE_EMPTY');
      await refused(importBlocks(folder, [folder.file('g.dat', Buffer.from('1f8b0800', 'hex'))]), 'E_FILE_READ');
      await refused(importBlocks(folder, [folder.path('none.dat')]), 'E_FILE_READ');
    });
  });
});
