import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import type { NumberedChunk } from '../store/numbered.ts';
import { contentOf, FIXTURE_CHAIN, newTestFolder, RowStore, transfersOf } from './_account-fixture.ts';
import { type AccountBuildOptions, type AccountBuilt, buildAccountIndex } from './account-build.ts';
import { FileAccountFlow } from './account-flow.ts';
import { readManifest } from './manifest.ts';
import { accountFlowOf } from './memory.ts';

let root = '';
before(() => {
  root = newTestFolder();
});
after(() => {
  rmSync(root, { recursive: true });
});

const LEGS = Array.from({ length: 400 }, (_, row) => ({
  pause: row % 4 === 0 ? 1 : 0,
  tx: row % 3,
  from: row % 17,
  to: (row * 5 + 1) % 17,
  asset: row % 3,
  amount: row % 40 === 0 ? 2n ** 220n : BigInt(row + 1),
  fee: false,
  named: true,
}));

/** A store in which something happens when the stream comes to a row. */
class TroubledStore extends RowStore {
  happens: (() => void) | null = null;
  atRow = 0;

  override async *numberedTransfers(query: { from: number; to: number | null }): AsyncGenerator<NumberedChunk> {
    let rows = 0;
    for await (const chunk of super.numberedTransfers(query)) {
      if (rows >= this.atRow) this.happens?.();
      rows += chunk.count;
      yield chunk;
    }
  }
}

function troubled(atRow: number, happens: () => void): TroubledStore {
  const store = new TroubledStore();
  store.rows = transfersOf(LEGS);
  store.number();
  store.atRow = atRow;
  store.happens = happens;
  return store;
}

function build(store: RowStore, folder: string, given: Partial<AccountBuildOptions> = {}): Promise<AccountBuilt> {
  const options = { store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check: false, tailRows: 20 };
  return buildAccountIndex({ ...options, ...given });
}

function assertRight(store: RowStore, folder: string, { manifest }: AccountBuilt): void {
  const flow = new FileAccountFlow(FIXTURE_CHAIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
  assert.deepEqual(contentOf(flow), contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows)));
  flow.close();
}

function isCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof HaetaeError && error.code === code;
}

for (const threads of [1, 2]) {
  const given = { threads, threadRows: 1 };

  describe(`a build of an index by ${threads} threads`, () => {
    test('goes on from the last segment when it was stopped', async () => {
      const folder = join(root, `stopped-${threads}`);
      const store = troubled(300, () => {
        throw new Error('stopped');
      });
      await assert.rejects(build(store, folder, { ...given, segmentRows: 50 }), /stopped/);
      store.happens = null;
      const written = readManifest(folder)?.segments.length ?? 0;
      if (threads === 1) assert.ok(written > 0, 'segments are in the manifest as they are made');
      const built = await build(store, folder, given);
      assert.ok(built.written > 0);
      assertRight(store, folder, built);
    });

    test('tells when the store changes under it, and is right the next time', async () => {
      const folder = join(root, `changed-${threads}`);
      const store = troubled(200, () => {
        store.happens = null;
        store.rows.push({ ...store.rows[10]!, leg: 5000, amount: 3n });
      });
      await assert.rejects(build(store, folder, given), isCode('E_INDEX_STALE'));
      assertRight(store, folder, await build(store, folder, given));
    });

    test('tells what it cannot write, and leaves the index as it was', async () => {
      const folder = join(root, `unwritable-${threads}`);
      const store = troubled(0, () => {
        const { nextSegment } = readManifest(folder) ?? { nextSegment: 1 };
        mkdirSync(join(folder, `segment-${nextSegment}`), { recursive: true });
        writeFileSync(join(folder, `segment-${nextSegment}`, 'ratio'), 'in the way');
        store.happens = null;
      });
      await assert.rejects(build(store, folder, given), isCode('E_INDEX_WRITE'));
      assertRight(store, folder, await build(store, folder, given));
    });
  });
}
