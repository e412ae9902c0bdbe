import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { SILENT } from '../../src/base/progress.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import { openFileFeed } from '../../src/source/file/open.ts';
import { openStore } from '../../src/store/open.ts';
import { Workplace } from '../e2e/_cli.ts';
import { Desk, labelService, traceJson } from './_command.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { assertUtxoTruth, CHAIN, scriptUtxoTheft, type UtxoScript } from './_utxo-script.ts';

/** What a real node writes to its disk beside what it answers. */
interface Stage {
  node: Litecoind;
  desk: Desk;
  /** The node's folder of blocks. */
  blocks: string;
  /** Heights of the chain's tip. */
  tip: number;
  script: UtxoScript;
  /** Every transaction, as the node's answers give it. */
  said: readonly UtxoTransaction[];
}

const stage = {} as Stage;
const PRESET = ['--preset', 'bitcoin-blocks'] as const;

async function readNode(node: Litecoind, tip: number): Promise<UtxoTransaction[]> {
  const source = await openBitcoinSource(makeEndpoint(requireChain(CHAIN), 'bitcoin-rpc', node.url, {}));
  const all: UtxoTransaction[] = [];
  try {
    for await (const block of source.blocks(0n, BigInt(tip))) all.push(...(await source.resolve(block.transactions)));
  } finally {
    await source.close();
  }
  return all;
}

function plain(transactions: readonly UtxoTransaction[]): Omit<UtxoTransaction, 'source'>[] {
  return transactions
    .map(({ source: _, ...rest }) => rest)
    .sort((a, b) => Number(a.block! - b.block!) || a.txIndex - b.txIndex);
}

async function readFiles(files: readonly string[], recentOutputs: number) {
  const refusedFile = stage.desk.path('refused.csv');
  const options = { files, preset: 'bitcoin-blocks', recentOutputs, refusedFile, progress: SILENT };
  const { feed, batch } = await openFileFeed(options);
  const utxo: UtxoTransaction[] = [];
  for await (const chunk of feed.rows()) utxo.push(...chunk.utxo);
  const counts = await feed.finish(utxo.length);
  return { utxo, counts, batch };
}

/** The records of a blk file: magic, length and block, each as it stands there. */
function recordsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const records: Buffer[] = [];
  for (let at = 0; at + 8 < bytes.length && bytes.readUInt32LE(at) !== 0; at += records.at(-1)!.length) {
    records.push(bytes.subarray(at, at + 8 + bytes.readUInt32LE(at + 4)));
  }
  return records;
}

/** The same blocks in three files, out of order, obfuscated as Bitcoin Core 28 does. */
function reshuffled(folder: string, records: readonly Buffer[]): string {
  mkdirSync(folder);
  const key = Buffer.from('1badb002deadbeef', 'hex');
  writeFileSync(join(folder, 'xor.dat'), key);
  for (let file = 0; file < 3; file++) {
    const part = Buffer.concat(records.filter((_, i) => (7 * i) % 3 === file).reverse());
    const hidden = part.map((byte, at) => byte ^ key[at % 8]!);
    writeFileSync(join(folder, `blk0000${file}.dat`), Buffer.concat([hidden, Buffer.alloc(1000 * file)]));
  }
  return folder;
}

function testSame(): void {
  test('the files give what the node answers, whatever is kept in memory; the branch that lost is left out', async () => {
    assert.ok(stage.said.length > stage.tip);
    for (const recent of [400_000, 10]) {
      const { utxo, counts, batch } = await readFiles([stage.blocks], recent);
      assert.equal(batch.chain, CHAIN, 'told by the first block');
      assert.deepEqual(plain(utxo), plain(stage.said));
      assert.deepEqual(counts.refused, { 'orphaned-block': 3 });
    }
  });

  test('so do the same blocks out of order, in three files, obfuscated', async () => {
    const folder = reshuffled(stage.desk.path('shuffled'), recordsOf(join(stage.blocks, 'blk00000.dat')));
    const { utxo } = await readFiles([folder], 25);
    assert.deepEqual(plain(utxo), plain(stage.said));
  });
}

function testStore(): void {
  test('one import, wholly there, and the same again is none', async () => {
    const { desk } = stage;
    const words = ['import', 'transfers', stage.blocks, ...PRESET, '--complete', '--refused', desk.path('refused.csv')];
    const out = await desk.ok(...words);
    assert.match(out, new RegExp(`${stage.said.length} rows read, ${stage.said.length} kept`));
    assert.match(out, /blocks of branches that lost, left out: 3/);
    assert.match(readFileSync(desk.path('refused.csv'), 'utf8'), /orphaned-block/);
    assert.match(await desk.ok(...words), /^already imported as 1/);
    const store = await openStore({ path: desk.db });
    try {
      const ids = stage.said.map(({ tx }) => tx);
      assert.deepEqual(plain(await store.utxoTransactionsById(CHAIN, ids)), plain(stage.said));
      assert.equal((await store.totals()).utxoTransactions, stage.said.length);
    } finally {
      await store.close();
    }
  });

  test('a trace over the imported blocks puts every litoshi where the script put it', async () => {
    const { desk, node, script } = stage;
    const living = new Desk();
    try {
      await labelService(living, CHAIN, script.service);
      const file = desk.path('theft.yaml');
      const found = await traceJson(living, script.theft, '--chain', CHAIN, '--source', node.url, '--theft-out', file);
      assertUtxoTruth(found, script);
      assertUtxoTruth(await traceJson(desk, file), script);
    } finally {
      living.remove();
    }
  });

  test('the last blocks by themselves find their inputs in what was imported before', async () => {
    const desk = new Desk();
    try {
      const records = recordsOf(join(stage.blocks, 'blk00000.dat'));
      const early = desk.path('early.dat');
      const late = desk.path('late.dat');
      writeFileSync(early, Buffer.concat(records.slice(0, 108)));
      writeFileSync(late, Buffer.concat(records.slice(108)));
      const other = desk.path('other.duckdb');
      const refused = ['--refused', desk.path('refused.csv')];
      const alone = await desk.ok('import', 'transfers', late, ...PRESET, ...refused, '--chain', CHAIN, '--db', other);
      assert.match(alone, /refused \d+: no-previous-output/);
      await desk.ok('import', 'transfers', early, ...PRESET, '--quiet');
      const out = await desk.ok('import', 'transfers', late, ...PRESET, ...refused, '--chain', CHAIN);
      assert.doesNotMatch(out, /no-previous-output/);
      const store = await openStore({ path: desk.db });
      try {
        assert.deepEqual(
          plain(
            await store.utxoTransactionsById(
              CHAIN,
              stage.said.map(({ tx }) => tx),
            ),
          ),
          plain(stage.said),
        );
      } finally {
        await store.close();
      }
    } finally {
      desk.remove();
    }
  });
}

function testRefused(): void {
  test('a byte changed refuses the file by height and place, and stores nothing; the program says so', async () => {
    const work = new Workplace();
    try {
      const folder = work.path('blocks');
      cpSync(stage.blocks, folder, { recursive: true });
      const file = join(folder, 'blk00000.dat');
      const bytes = readFileSync(file);
      const offset = recordsOf(file)
        .slice(0, 50)
        .reduce((sum, { length }) => sum + length, 8);
      bytes[offset + 120]! ^= 4;
      writeFileSync(file, bytes);
      const said = await work.refused('E_FILE_READ', 'import', 'transfers', folder, ...PRESET);
      assert.match(said, new RegExp(`file=blk00000.dat, offset=${offset}, block=50`));
      assert.match(await work.ok('status'), /^0 transfers, 0 UTXO transactions/m);
    } finally {
      work.remove();
    }
  });
}

suite('block files of a real node', { skip: noLitecoind }, () => {
  before(async () => {
    stage.desk = new Desk();
    const folder = stage.desk.path('node');
    mkdirSync(folder);
    stage.node = await startLitecoind({ args: [`-blocksdir=${folder}`] });
    stage.blocks = join(folder, 'regtest', 'blocks');
    const script = await scriptUtxoTheft(stage.node);
    stage.script = script;
    await labelService(stage.desk, CHAIN, script.service);
    await script.stage.reorganise(3);
    stage.tip = await stage.node.rpc<number>('getblockcount');
    stage.said = await readNode(stage.node, stage.tip);
  });
  after(async () => {
    await stage.node?.stop();
    stage.desk.remove();
  });
  testSame();
  testStore();
  testRefused();
});
