import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import { anyChain, anyThreeBlocks, BITCOIN } from './_utxo-fixture.ts';
import { sameFlow } from './_utxo-same.ts';
import { PlainRows } from './_utxo-store.ts';
import { readManifest } from './manifest.ts';
import { utxoFlowOf } from './memory.ts';
import { buildUtxoIndex, type UtxoBuilt } from './utxo-build.ts';
import { FileUtxoFlow } from './utxo-flow.ts';
import { UTXO_FILES } from './utxo-segment.ts';

const root = mkdtempSync(join(tmpdir(), 'haetae-utxo-'));
let folders = 0;
after(() => rmSync(root, { recursive: true, force: true }));

/** When a transaction is in the store: an import from its step on, what was fetched until a reorganisation. */
interface Life {
  readonly from: number;
  readonly until: number;
}

const STEPS = 5;
const anyLife: fc.Arbitrary<Life> = fc.record({
  from: fc.nat(STEPS - 1),
  until: fc.integer({ min: 1, max: STEPS + 3 }),
});

suite('UTXO index', () => {
  test('after any growth, roll-back and import it holds what a build from nothing holds', async () => {
    const lives = fc.array(anyLife, { minLength: 24, maxLength: 24 });
    const tails = fc.array(fc.constantFrom(0, 1, 3, 1e9), { minLength: STEPS, maxLength: STEPS });
    const imports = fc.array(fc.nat(2), { minLength: 24, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(anyChain(), lives, imports, tails, async (transactions, life, batch, tail) => {
        const rows = new PlainRows();
        const folder = join(root, String(folders++));
        for (let step = 0; step < STEPS; step += 1) {
          rows.transactions = transactions.flatMap((tx, turn) => present(tx, life[turn]!, batch[turn]!, step));
          rows.assign();
          const built = await build(rows, folder, tail[step]!, step % 2 === 0);
          withFlow(folder, built, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
        }
        rmSync(folder, { recursive: true, force: true });
      }),
      { numRuns: 25 },
    );
  });
});

suite('UTXO index of three segments', () => {
  test('what one leaves open another ends, and a third finds ended, as in a build from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyThreeBlocks, async (blocks) => {
        const rows = new PlainRows();
        const folder = join(root, `three-${folders++}`);
        for (const block of blocks) {
          rows.transactions = [...rows.transactions, ...block];
          rows.assign();
          const built = await build(rows, folder, 1e9, false);
          withFlow(folder, built, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
        }
        assert.equal(readManifest(folder)!.segments.length, 3);
        rmSync(folder, { recursive: true, force: true });
      }),
      { numRuns: 20 },
    );
  });

  test('a transaction without a block changes the order of the whole chain, where blocks and times disagree', async () => {
    const rows = new PlainRows();
    const folder = join(root, `order-${folders++}`);
    const early = chainOf(0, 12).map((tx, turn) => (turn === 4 ? { ...tx, time: tx.time - 1000 } : tx));
    for (const more of [[], chainOf(12, 13).map((tx) => ({ ...tx, block: null }))]) {
      rows.transactions = [...early, ...more];
      rows.assign();
      const built = await build(rows, folder, 1e9, false);
      assert.equal(built.manifest.segments.length, 1);
      withFlow(folder, built, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
    }
  });
});

suite('UTXO index in trouble', () => {
  test('a file changed on disk is noticed when it is read, and built anew', async () => {
    for (const file of Object.values(UTXO_FILES)) {
      const { rows, folder, built } = await twoSegments();
      const segment = built.manifest.segments.at(-1)!;
      const entry = segment.files.find(({ name }) => name === file);
      if (entry === undefined || entry.bytes === 0) continue;
      flipLastByte(join(folder, segment.name, file));
      assert.equal(readManifest(folder)!.segments.length, 2);
      const again = await build(rows, folder, 1e9, true);
      assert.deepEqual([again.kept, again.written, again.faults.map(({ code }) => code)], [1, 1, ['E_INDEX_CORRUPT']]);
      withFlow(folder, again, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
    }
  });

  test('a damaged page that an append needs is built anew, also where no check was asked for', async () => {
    const { rows, folder, built } = await twoSegments();
    flipLastByte(join(folder, built.manifest.segments[0]!.name, UTXO_FILES.openPrint));
    rows.transactions = [...rows.transactions, ...chainOf(13, 14)];
    rows.assign();
    const again = await build(rows, folder, 1e9, false);
    assert.deepEqual(
      again.faults.map(({ code }) => code),
      ['E_INDEX_CORRUPT'],
    );
    withFlow(folder, again, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
  });

  test('what a killed build left is removed, and the index before it still stands', async () => {
    const { rows, folder, built } = await twoSegments();
    mkdirSync(join(folder, 'segment-99'));
    writeFileSync(join(folder, 'segment-99', 'output.value'), 'half');
    const again = await build(rows, folder, 1e9, true);
    assert.deepEqual([again.kept, again.written], [2, 0]);
    assert.deepEqual(again.manifest, built.manifest);
    assert.ok(!existsSync(join(folder, 'segment-99')));
  });

  test('a manifest of another version, or damaged, is built anew', async () => {
    for (const text of ['{"sha256":"0","manifest":{"version":999}}', '{"sha256":"0","manifest":{"version":1}}', 'x']) {
      const { rows, folder } = await twoSegments();
      writeFileSync(join(folder, 'manifest.json'), text);
      const again = await build(rows, folder, 1e9, false);
      assert.equal(again.faults.length, 1);
      withFlow(folder, again, (flow) => sameFlow(flow, utxoFlowOf(BITCOIN, rows.transactions)));
    }
  });

  test('an output spent as worth more than it was created with is refused, and the index before it still stands', async () => {
    const { rows, folder } = await twoSegments();
    const [spend] = chainOf(12, 13);
    const input = { ...spend!.inputs[0]!, value: spend!.inputs[0]!.value + 1n };
    rows.transactions = [...chainOf(0, 12), { ...spend!, inputs: [input] }];
    await assert.rejects(build(rows, folder, 1e9, false), { code: 'E_TRANSFER_CONFLICT' });
    assert.equal(readManifest(folder)!.segments.length, 2);
  });

  test('a store that changes while it is read gives no index', async () => {
    const { rows, folder } = await twoSegments();
    rows.transactions = [...rows.transactions, ...chainOf(13, 15)];
    rows.assign();
    const more = chainOf(0, 16);
    const numberedUtxo = rows.numberedUtxo.bind(rows);
    rows.numberedUtxo = (query) => {
      const chunks = numberedUtxo(query);
      rows.transactions = more;
      return chunks;
    };
    await assert.rejects(build(rows, folder, 1e9, false), { code: 'E_INDEX_STALE' });
  });
});

/** Blocks `from` to `to` - 1 of one transaction each, which spends the one before. */
function chainOf(from: number, to: number): UtxoTransaction[] {
  return Array.from({ length: to - from }, (_, index) => {
    const number = from + index;
    const end = (of: number) => ({ value: BigInt(1000 - of), address: `addr${of % 3}` });
    return {
      chain: BITCOIN,
      tx: `tx${number}`,
      time: 1_700_000_000 + number * 600,
      block: BigInt(number),
      txIndex: 0,
      inputs: number === 0 ? [] : [{ outpoint: { tx: `tx${number - 1}`, index: 0 }, ...end(number - 1) }],
      outputs: [end(number)],
      source: { batch: 0, file: 0, row: number + 1 },
    };
  });
}

/** An index of a large segment and a small one that spends from it. */
async function twoSegments(): Promise<{ rows: PlainRows; folder: string; built: UtxoBuilt }> {
  const rows = new PlainRows();
  const folder = join(root, `trouble-${folders++}`);
  for (const blocks of [12, 13]) {
    rows.transactions = chainOf(0, blocks);
    rows.assign();
    await build(rows, folder, 1e9, false);
  }
  const built = await build(rows, folder, 1e9, false);
  assert.equal(built.manifest.segments.length, 2);
  return { rows, folder, built };
}

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}

/** An import's transactions come together at the step of its number and stay. */
function present(tx: UtxoTransaction, { from, until }: Life, batch: number, step: number): UtxoTransaction[] {
  const here = batch === 0 ? step >= from && step < until : step >= batch;
  return here ? [{ ...tx, source: { ...tx.source, batch } }] : [];
}

function build(rows: PlainRows, folder: string, tail: number, check: boolean): Promise<UtxoBuilt> {
  const newest = rows.transactions.reduce((most, { time }) => Math.max(most, time), 0);
  return buildUtxoIndex({ store: rows, chain: BITCOIN, folder, progress: SILENT, newest, check, tail });
}

function withFlow(folder: string, { manifest }: UtxoBuilt, work: (flow: FileUtxoFlow) => void): void {
  const flow = new FileUtxoFlow(BITCOIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
  try {
    work(flow);
  } finally {
    flow.close();
  }
}
