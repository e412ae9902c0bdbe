import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SILENT } from '../base/progress.ts';
import { type Random, seededRandom } from '../base/random.ts';
import { contentOf, FIXTURE_CHAIN, type Leg, newTestFolder, RowStore, transfersOf } from './_account-fixture.ts';
import { type AccountBuildOptions, buildAccountIndex } from './account-build.ts';
import { FileAccountFlow } from './account-flow.ts';
import { accountFlowOf } from './memory.ts';
import { GROUP_ROWS } from './row-writer.ts';

let root = '';
before(() => {
  root = newTestFolder();
});
after(() => {
  rmSync(root, { recursive: true });
});

/** Enough rows for several groups, and enough people for an array by address. */
const ROWS = 2 * GROUP_ROWS + 4000;
const PEOPLE = 9000;

function legs(random: Random, assetOf: (row: number) => number): Leg[] {
  const person = (): number => Math.floor(PEOPLE * random.unit() ** 2);
  return Array.from({ length: ROWS }, (_, row) => ({
    pause: row % 5 === 0 ? 1 : 0,
    tx: row % 5 === 0 ? null : random.below(4),
    from: row % 40 === 0 ? null : person(),
    to: person(),
    asset: assetOf(row),
    // High words in some groups only; amounts of 2^128 and more here and there.
    amount:
      row > GROUP_ROWS && row < GROUP_ROWS + 3000
        ? 2n ** 80n + BigInt(row)
        : BigInt(random.next32()) * BigInt(random.next32() + 1) + 1n + (row % 9973 === 0 ? 2n ** 200n : 0n),
    fee: row % 23 === 0,
    named: true,
  }));
}

/** As one import: so that the store need not digest its rows. */
function importOf(made: readonly Leg[]): RowStore {
  const store = new RowStore();
  store.rows = transfersOf(made).map((row) => ({ ...row, source: { ...row.source, batch: 1 } }));
  store.chunk = 5000;
  const window = { from: store.rows[0]!.time, to: store.rows.at(-1)!.time };
  store.imports = [{ batch: 1, contentId: 'a', rows: made.length, window }];
  store.number();
  return store;
}

async function assertRight(name: string, store: RowStore, given: Partial<AccountBuildOptions>): Promise<void> {
  const folder = join(root, name);
  const options = { store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check: false, threads: 1 };
  const { manifest } = await buildAccountIndex({ ...options, ...given });
  const flow = new FileAccountFlow(FIXTURE_CHAIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
  flow.warm();
  assert.deepEqual(contentOf(flow), contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows)));
  flow.close();
}

describe('an index of many rows', () => {
  test('of one asset', async () => {
    await assertRight('one', importOf(legs(seededRandom(1), () => 0)), { threads: 2, threadRows: 1 });
  });

  test('of one asset and a few others, in several segments', async () => {
    const random = seededRandom(2);
    const store = importOf(
      legs(random, (row) => (row < 1000 || row > ROWS - 2000 || row % 50 > 0 ? 0 : random.below(3))),
    );
    await assertRight('some', store, { segmentRows: 20_000, tailRows: 3000, sortBatch: 700 });
  });

  test('of three assets row by row', async () => {
    const random = seededRandom(3);
    await assertRight('mixed', importOf(legs(random, () => random.below(3))), { tailRows: 900 });
  });
});
