import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import { contentOf, FIXTURE_CHAIN, newTestFolder, RowStore, transfersOf } from './_account-fixture.ts';
import { type AccountBuilt, buildAccountIndex } from './account-build.ts';
import { FileAccountFlow } from './account-flow.ts';
import type { AccountFacts } from './account-format.ts';
import { SegmentReader } from './column-file.ts';
import { INDEX_VERSION, readManifest, writeManifest } from './manifest.ts';
import { accountFlowOf } from './memory.ts';

/** 600 rows of every kind: plain ones, swaps, fees, amounts of every size, and opening balances. */
function everyKind(): RowStore {
  const store = new RowStore();
  const legs = Array.from({ length: 600 }, (_, row) => ({
    pause: row % 3 === 0 ? 1 : 0,
    tx: row % 5 === 0 ? null : row % 2,
    from: row % 11 === 0 ? null : row % 13,
    to: (row * 7 + 1) % 13,
    asset: row % 3,
    amount: row % 50 === 7 ? 2n ** 200n + BigInt(row) : row % 9 === 0 ? 2n ** 90n : BigInt(row + 1),
    fee: row % 17 === 0,
    named: true,
  }));
  store.rows = transfersOf(legs);
  const { time } = store.rows[100]!;
  store.kept = [{ address: store.rows[5]!.to!, asset: store.rows[0]!.asset, block: BigInt(time), time, amount: 77n }];
  return store;
}

const store = everyKind();
const expected = contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows, store.kept));
let root = '';
let good = '';

before(async () => {
  root = newTestFolder();
  good = join(root, 'good');
  await build(good);
});
after(() => {
  rmSync(root, { recursive: true });
});

function build(folder: string, check = false): Promise<AccountBuilt> {
  store.number();
  const options = { store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check, threads: 1, tailRows: 50 };
  return buildAccountIndex(options);
}

function copyOfGood(name: string): string {
  const folder = join(root, name.replace('/', '-'));
  cpSync(good, folder, { recursive: true });
  return folder;
}

function open(folder: string): FileAccountFlow {
  const manifest = readManifest<AccountFacts>(folder)!;
  return new FileAccountFlow(FIXTURE_CHAIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x10;
  writeFileSync(path, bytes);
}

/** Files of both segments that hold anything. */
function filesOf(folder: string): string[] {
  return ['segment-1', 'segment-2'].flatMap((segment) =>
    readdirSync(join(folder, segment))
      .map((name) => `${segment}/${name}`)
      .filter((name) => statSync(join(folder, name)).size > 0),
  );
}

function isCorrupt(name: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.equal(error.code, 'E_INDEX_CORRUPT');
    assert.ok(String(error.context.file).endsWith(name), `${error.context.file}`);
    assert.match(error.remedy ?? '', /haetae index build/);
    return true;
  };
}

async function assertRepaired(folder: string, check: boolean): Promise<AccountBuilt> {
  const built = await build(folder, check);
  const flow = open(folder);
  assert.deepEqual(contentOf(flow), expected);
  flow.close();
  return built;
}

describe('a damaged index', () => {
  test('is told, file by file, and built anew', async () => {
    const names = filesOf(good);
    assert.ok(names.length > 40, `${names.length} files`);
    for (const [at, name] of names.entries()) {
      const folder = copyOfGood(name);
      const { size } = statSync(join(folder, name));
      flipByte(join(folder, name), Math.floor(size / 2));
      const faults = readManifest(folder)!.segments.flatMap((segment) => new SegmentReader(folder, segment).check());
      assert.equal(faults.length, 1, name);
      isCorrupt(name)(faults[0]);
      if (at % 6 > 0) continue;
      const built = await assertRepaired(folder, true);
      assert.equal(built.faults.length, 1);
      assert.equal(built.kept, name.startsWith('segment-2') ? 1 : 0, name);
    }
  });

  test('gives no wrong answer: whoever reads the page is told', () => {
    let told = 0;
    for (const name of filesOf(good)) {
      const folder = copyOfGood(name);
      flipByte(join(folder, name), 0);
      try {
        const flow = open(folder);
        assert.deepEqual(contentOf(flow), expected, name);
        flow.close();
      } catch (error) {
        isCorrupt(name)(error);
        told += 1;
      }
      rmSync(folder, { recursive: true });
    }
    assert.ok(told > 40, `${told} files`);
  });

  test('is built anew without a look at every page where building meets the damage', async () => {
    const folder = copyOfGood('met');
    flipByte(join(folder, 'segment-2/balance'), 4);
    store.rows.push(...transfersOf([{ ...LATE_LEG }], store.rows.at(-1)!.time + 1));
    const now = contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows, store.kept));
    const built = await build(folder);
    store.rows.pop();
    assert.equal(built.faults.length, 1);
    const flow = open(folder);
    assert.deepEqual(contentOf(flow), now);
    flow.close();
  });

  test('tells of a file that is cut short, too long, or gone', async () => {
    const folder = copyOfGood('cut');
    truncateSync(join(folder, 'segment-1/from'), 100);
    rmSync(join(folder, 'segment-1/to'));
    appendFileSync(join(folder, 'segment-2/ratio'), 'more');
    const faults = readManifest(folder)!.segments.flatMap((segment) => new SegmentReader(folder, segment).check());
    assert.deepEqual(
      faults.map(({ code, context }) => [code, String(context.file).slice(folder.length + 1)]),
      [
        ['E_INDEX_CORRUPT', 'segment-1/from'],
        ['E_INDEX_CORRUPT', 'segment-1/to'],
        ['E_INDEX_CORRUPT', 'segment-2/ratio'],
      ],
    );
    await assertRepaired(folder, true);
  });
});

const LATE_LEG = { pause: 1, tx: null, from: 0, to: 1, asset: 0, amount: 5n, fee: false, named: true };

describe('an index that something else touches', () => {
  test('notices a file that changes while it is open', () => {
    const folder = copyOfGood('open');
    const flow = open(folder);
    assert.equal(flow.assets[0]!.segments[0]!.from.at(0), open(good).assets[0]!.segments[0]!.from.at(0));
    flipByte(join(folder, 'segment-1/to'), 8);
    assert.throws(() => flow.assets[0]!.segments[0]!.to.at(0), isCorrupt('segment-1/to'));
    flow.close();
  });

  test('is whole, as it was opened, while it is built anew', async () => {
    const folder = copyOfGood('replaced');
    const flow = open(folder);
    flow.warm();
    flipByte(join(folder, 'segment-1/step'), 3);
    await build(folder, true);
    assert.deepEqual(contentOf(flow), expected);
    flow.close();
  });

  test('of another version is told, and built anew', async () => {
    const folder = copyOfGood('version');
    writeManifest(folder, { ...readManifest(folder)!, version: INDEX_VERSION + 1 });
    assert.throws(
      () => readManifest(folder),
      (error) => error instanceof HaetaeError && error.code === 'E_INDEX_VERSION',
    );
    const built = await assertRepaired(folder, false);
    assert.equal(built.kept, 0);
    assert.deepEqual(
      built.faults.map(({ code }) => code),
      ['E_INDEX_VERSION'],
    );
  });

  test('with a manifest that was changed is told, and built anew', async () => {
    for (const at of [0, 100, 300]) {
      const folder = copyOfGood(`manifest${at}`);
      flipByte(join(folder, 'manifest.json'), at);
      assert.throws(() => readManifest(folder), isCorrupt('manifest.json'));
      await assertRepaired(folder, false);
    }
  });

  test('loses what a killed build left', async () => {
    const folder = copyOfGood('killed');
    mkdirSync(join(folder, 'segment-9'));
    writeFileSync(join(folder, 'segment-9/from'), 'half');
    writeFileSync(join(folder, 'manifest.json.new'), '{');
    assert.deepEqual(contentOf(open(folder)), expected);
    const built = await build(folder);
    assert.deepEqual([built.kept, built.written], [2, 0]);
    assert.ok(!existsSync(join(folder, 'segment-9')) && !existsSync(join(folder, 'manifest.json.new')));
  });
});
