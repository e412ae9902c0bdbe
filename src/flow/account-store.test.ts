import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { SILENT } from '../base/progress.ts';
import type { Asset } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import { openStore } from '../store/open.ts';
import type { Opening, Store } from '../store/port.ts';
import {
  contentOf,
  FIXTURE_ASSETS,
  FIXTURE_CHAIN,
  FIXTURE_START,
  ledger,
  newTestFolder,
  transfersOf,
} from './_account-fixture.ts';
import { buildIndex } from './build-index.ts';
import { checkIndex } from './check-index.ts';
import { accountFlowOf } from './memory.ts';
import { openIndex } from './open-index.ts';

let root = '';
let stores = 0;
before(() => {
  root = newTestFolder();
});
after(() => {
  rmSync(root, { recursive: true });
});

const ASSETS = FIXTURE_ASSETS.map(
  (id, index): Asset => ({ id, chain: FIXTURE_CHAIN, symbol: `A${index}`, decimals: 18 }),
);

async function keep(store: Store, transfers: readonly Transfer[], openings: readonly Opening[] = []): Promise<void> {
  const source = {
    sources: ['evm one.example.org'],
    at: 1_700_000_000,
    utxo: [],
    assets: ASSETS,
    blocks: [],
    covered: [],
  };
  await store.keepFetched({ chain: FIXTURE_CHAIN, ...source, transfers, openings });
}

async function allOf(store: Store, seconds: number): Promise<Transfer[]> {
  const times = Array.from({ length: seconds }, (_, second) => FIXTURE_START + second);
  const rows: Transfer[] = [];
  for await (const chunk of store.transfersAt(FIXTURE_CHAIN, times)) rows.push(...chunk);
  return rows;
}

/** Builds, and compares all that the index says with the plain builder over the rows that the store gives back. */
async function assertAgrees(store: Store, database: string, seconds: number): Promise<void> {
  await buildIndex(store, database, { chain: FIXTURE_CHAIN, progress: SILENT, threads: 1 });
  const index = openIndex(database);
  const rows = await allOf(store, seconds);
  const named = new Set(rows.flatMap(({ from, to }) => [from, to]));
  const openings = (await store.openings(FIXTURE_CHAIN, null)).filter(({ address }) => named.has(address));
  assert.deepEqual(contentOf(index.account(FIXTURE_CHAIN)), contentOf(accountFlowOf(FIXTURE_CHAIN, rows, openings)));
  assert.deepEqual(await index.lag(FIXTURE_CHAIN, store), { fresh: true, changedSegments: 0, laterRows: 0 });
  index.close();
  const {
    faults,
    rows: counted,
    difference,
  } = await checkIndex(store, database, { chain: FIXTURE_CHAIN, progress: SILENT, deep: true });
  assert.deepEqual([faults, difference, counted?.index], [[], null, counted?.store]);
}

/** Blocks that name themselves, of ids of their own. */
function blocksOf(legs: Parameters<typeof transfersOf>[0], start: number, branch: string): Transfer[] {
  return transfersOf(
    legs.map((leg) => ({ ...leg, named: true })),
    start,
  ).map((row) => ({
    ...row,
    tx: row.tx === null ? null : `${row.tx}${branch}`,
    txIndex: row.leg,
  }));
}

describe('an index beside a real store', () => {
  test('follows blocks that are fetched, taken back and fetched again', async () => {
    await fc.assert(
      fc.asyncProperty(ledger(6, 30), ledger(6, 12), ledger(6, 4), fc.nat(60), async (first, second, late, back) => {
        stores += 1;
        const database = join(root, `store-${stores}.duckdb`);
        const store = await openStore({ path: database, memoryLimitMb: 128, threads: 1 });
        try {
          const seconds = 50 * (first.length + second.length + late.length) + 200;
          const rows = blocksOf(first, FIXTURE_START, 'a');
          await keep(store, rows);
          await assertAgrees(store, database, seconds);
          const fork = Math.max(FIXTURE_START, (rows.at(-1)?.time ?? FIXTURE_START) - back);
          await store.rollBack(FIXTURE_CHAIN, BigInt(fork));
          await keep(store, blocksOf(second, fork + 1, 'b'));
          await assertAgrees(store, database, seconds);
          const start = FIXTURE_START + 3;
          const opening = {
            address: late[0]?.to === undefined ? null : blocksOf(late, start, 'c')[0]!.to,
            asset: FIXTURE_ASSETS[0]!,
          };
          await keep(
            store,
            blocksOf(late, start, 'c').map((row) => ({ ...row, txIndex: row.txIndex + 1000 })),
            opening.address === null
              ? []
              : [{ ...opening, address: opening.address, block: BigInt(start), time: start, amount: 9n }],
          );
          await assertAgrees(store, database, seconds);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 8 },
    );
  });
});
