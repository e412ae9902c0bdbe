import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import type { Transfer } from '../model/transfer.ts';
import { contentOf, FIXTURE_CHAIN, ledger, newTestFolder, RowStore, transfersOf } from './_account-fixture.ts';
import { type AccountBuildOptions, buildAccountIndex } from './account-build.ts';
import { FileAccountFlow } from './account-flow.ts';
import { SegmentReader } from './column-file.ts';
import { accountFlowOf } from './memory.ts';

let root = '';
let folders = 0;
before(() => {
  root = newTestFolder();
});
after(() => {
  rmSync(root, { recursive: true });
});

function newFolder(): string {
  folders += 1;
  return join(root, `${folders}`);
}

async function built(
  store: RowStore,
  folder: string,
  options: Partial<AccountBuildOptions> = {},
): Promise<{ content: unknown; segments: number; kept: number }> {
  store.number();
  const base = { store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check: false, threads: 1 };
  const { manifest, kept } = await buildAccountIndex({ ...base, ...options });
  const flow = new FileAccountFlow(FIXTURE_CHAIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
  const content = contentOf(flow);
  flow.close();
  return { content, segments: manifest.segments.length, kept };
}

function expected(store: RowStore): unknown {
  return contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows, store.kept));
}

function storeOf(rows: Transfer[]): RowStore {
  const store = new RowStore();
  store.rows = rows;
  return store;
}

describe('an index of an account chain', () => {
  test('says what the plain builder says', async () => {
    await fc.assert(
      fc.asyncProperty(ledger(6, 60), fc.integer({ min: 1, max: 20 }), async (legs, chunk) => {
        const store = storeOf(transfersOf(legs));
        store.chunk = chunk;
        const { content } = await built(store, newFolder(), { sortBatch: 5 });
        assert.deepEqual(content, expected(store));
      }),
      { numRuns: 60 },
    );
  });

  test('says the same however it is cut into segments', async () => {
    await fc.assert(
      fc.asyncProperty(ledger(6, 60), fc.integer({ min: 1, max: 20 }), async (legs, tailRows) => {
        const store = storeOf(transfersOf(legs));
        const { content } = await built(store, newFolder(), { tailRows, segmentRows: 7 });
        assert.deepEqual(content, expected(store));
      }),
      { numRuns: 30 },
    );
  });

  test('is the same files, byte for byte, whether one thread sorts or two do', async () => {
    const legs = fc.sample(ledger(9, 300), { numRuns: 20, seed: 4 }).flat();
    const store = storeOf(transfersOf(legs));
    store.number();
    const tables = [];
    for (const threads of [1, 2]) {
      const options = { store, chain: FIXTURE_CHAIN, folder: newFolder(), progress: SILENT, check: false };
      const { manifest } = await buildAccountIndex({ ...options, threads, threadRows: 1, tailRows: 50 });
      // The key of the address tables is drawn anew for each index: those files are left out.
      const reader = manifest.segments.map((segment) => new SegmentReader(options.folder, segment));
      const files = reader.flatMap((item) =>
        item
          .names()
          .filter((name) => !name.startsWith('book.'))
          .map((name) => [name, item.words(name)]),
      );
      tables.push(files);
    }
    assert.deepEqual(tables[1], tables[0]);
  });
});
