import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import {
  contentOf,
  FIXTURE_ASSETS,
  FIXTURE_CHAIN,
  FIXTURE_START,
  ledger,
  newTestFolder,
  person,
  RowStore,
  transfersOf,
} from './_account-fixture.ts';
import { type AccountBuilt, buildAccountIndex } from './account-build.ts';
import { FileAccountFlow } from './account-flow.ts';
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

/** Brings the index up, and compares all that it says with the plain builder. */
async function bringUp(store: RowStore, folder: string, tailRows?: number): Promise<AccountBuilt> {
  store.number();
  const options = { store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check: false, threads: 1 };
  const built = await buildAccountIndex(tailRows === undefined ? options : { ...options, tailRows });
  const { manifest } = built;
  const flow = new FileAccountFlow(FIXTURE_CHAIN, folder, Buffer.from(manifest.key, 'hex'), manifest.segments);
  assert.deepEqual(contentOf(flow), contentOf(accountFlowOf(FIXTURE_CHAIN, store.rows, store.kept)));
  flow.close();
  return built;
}

/** What may happen to a chain between two builds; numbers count seconds back from its head. */
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), legs: ledger(6, 12) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rollBack' as const), seconds: fc.nat(60) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('late' as const), seconds: fc.nat(150), legs: ledger(6, 3) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('open' as const),
      seconds: fc.nat(150),
      person: fc.nat(5),
      amount: fc.nat(99),
    }),
  },
);
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function headOf(store: RowStore): number {
  return Math.max(FIXTURE_START, ...store.rows.map(({ time }) => time));
}

function apply(store: RowStore, turn: number, made: Change): void {
  const head = headOf(store);
  if (made.kind === 'append') store.rows.push(...transfersOf(made.legs, head));
  else if (made.kind === 'rollBack') {
    store.rows = store.rows.filter(({ time }) => time <= head - made.seconds);
    store.kept = store.kept.filter(({ time }) => time <= head - made.seconds);
  } else if (made.kind === 'late') {
    const late = transfersOf(made.legs, Math.max(0, head - made.seconds));
    store.rows.push(
      ...late.map((row) => ({ ...row, leg: row.leg + 1000 * turn, tx: row.tx === null ? null : `${row.tx}${turn}` })),
    );
  } else {
    const time = Math.max(FIXTURE_START, head - made.seconds);
    const asset = FIXTURE_ASSETS[turn % 3]!;
    store.kept.push({ address: person(made.person), asset, block: BigInt(time), time, amount: BigInt(made.amount) });
  }
}

describe('an index that follows its store', () => {
  test('says the same as one built from nothing, whatever was added, taken back or came late', async () => {
    await fc.assert(
      fc.asyncProperty(
        ledger(6, 40),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.nat(12),
        async (legs, changes, tail) => {
          const store = new RowStore();
          store.rows = transfersOf(legs);
          const folder = newFolder();
          await bringUp(store, folder, tail);
          for (const [turn, made] of changes.entries()) {
            apply(store, turn + 1, made);
            await bringUp(store, folder, tail);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  test('keeps what holds: taking back the last blocks builds the tail alone', async () => {
    const store = new RowStore();
    const legs = Array.from({ length: 400 }, (_, row) => ({
      pause: 1,
      tx: null,
      from: row % 7,
      to: (row * 3 + 1) % 7,
      asset: 0,
      amount: BigInt(row + 1),
      fee: false,
      named: true,
    }));
    store.rows = transfersOf(legs);
    const folder = newFolder();
    const first = await bringUp(store, folder, 20);
    assert.deepEqual([first.manifest.segments.map(({ rows }) => rows)], [[380, 20]]);
    store.rows = [...store.rows.slice(0, 395), ...transfersOf(legs.slice(0, 4), store.rows[394]!.time)];
    const second = await bringUp(store, folder, 20);
    assert.deepEqual([second.kept, second.written], [1, 1]);
    const third = await bringUp(store, folder, 20);
    assert.deepEqual([third.kept, third.written], [2, 0]);
  });

  test('stays in few segments when blocks come one by one', async () => {
    const store = new RowStore();
    const folder = newFolder();
    let most = 0;
    let written = 0;
    for (let block = 0; block < 80; block += 1) {
      const legs = [0, 1, 2].map((row) => ({
        pause: row === 0 ? 12 : 0,
        tx: row,
        from: row,
        to: row + 1,
        asset: row % 2,
        amount: BigInt(block + 1),
        fee: false,
        named: true,
      }));
      store.rows.push(...transfersOf(legs, headOf(store)));
      const { manifest } = block % 20 === 19 ? await bringUp(store, folder) : await quietly(store, folder);
      most = Math.max(most, manifest.segments.length);
      written += manifest.segments.at(-1)!.rows;
    }
    assert.ok(most <= 8, `${most} segments`);
    assert.ok(written < 80 * 3 * 20, `${written} rows written`);
  });
});

async function quietly(store: RowStore, folder: string): Promise<AccountBuilt> {
  store.number();
  return buildAccountIndex({ store, chain: FIXTURE_CHAIN, folder, progress: SILENT, check: false, threads: 1 });
}
