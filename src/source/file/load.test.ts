import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { SILENT } from '../../base/progress.ts';
import type { Transfer } from '../../model/transfer.ts';
import { DuckdbStore } from '../../store/duckdb/store.ts';
import { MemoryStore } from '../../store/memory/store.ts';
import type { LoadResult, Store } from '../../store/port.ts';
import { A, B, C, hash, inFolder, NOW } from './_fixture.ts';
import { type FileFeedOptions, openFileFeed } from './open.ts';

const T0 = 1_650_000_000;
const TX =
  'hash,block_number,transaction_index,from_address,to_address,value,block_timestamp,receipt_gas_used,receipt_effective_gas_price,receipt_status';
const TRACE =
  'block_number,transaction_hash,transaction_index,from_address,to_address,value,trace_type,call_type,trace_address,error,status';

async function load(store: Store, files: string[], options: Partial<FileFeedOptions>): Promise<LoadResult> {
  const blockTimes: FileFeedOptions['blockTimes'] = (chain, blocks) => store.blockTimes(chain, blocks);
  const sequence = (await store.batches()).length;
  const { batch, feed } = await openFileFeed({ files, now: NOW, sequence, blockTimes, progress: SILENT, ...options });
  return store.load(batch, feed, SILENT);
}

async function everything(store: Store): Promise<Transfer[]> {
  const asset = 'eip155:1/slip44:60';
  const prints = await store.fingerprints([A, B, C].map((address) => ({ chain: 'eip155:1', address, asset })));
  const found: Transfer[] = [];
  for await (const rows of store.transfersTouching(prints)) found.push(...rows);
  return found;
}

async function inStores(work: (store: Store) => Promise<void>): Promise<void> {
  for (const store of [await DuckdbStore.open({ path: ':memory:' }), new MemoryStore()]) {
    await work(store);
    await store.close();
  }
}

test('both stores hold the same after the same imports; a transaction and the root of its trace are stored once', async () => {
  await inFolder(async (folder) => {
    const txs = [
      `${hash('1')},7,3,${A},${B},100,${T0},21000,2,1`,
      `${hash('2')},8,0,${B},${C},40,${T0 + 12},21000,2,0`,
      `${hash('2')},8,x,,,,,,,`,
    ];
    const tx = folder.file('tx.csv', `${TX}\n${txs.join('\n')}\n`);
    const calls = [`7,${hash('1')},3,${A},${B},100,call,call,,,1`, `7,${hash('1')},3,${B},${C},30,call,call,0,,1`];
    const traces = folder.file('tr.csv', `${TRACE}\n${calls.join('\n')}\n`);
    const states: unknown[] = [];
    await inStores(async (store) => {
      const first = await load(store, [tx], { preset: 'ethereum-etl-transactions' });
      assert.equal(first.batch.rowsRead, 3);
      assert.equal(first.batch.rowsKept, 3, 'two gas legs and one of value');
      const again = await load(store, [tx], { preset: 'ethereum-etl-transactions' });
      assert.equal(again.repeated, true);
      const second = await load(store, [traces], { preset: 'ethereum-etl-traces' });
      assert.deepEqual([second.batch.rowsKept, second.batch.alreadyStored], [1, 1]);
      states.push((await everything(store)).map((row) => ({ ...row, source: { ...row.source } })));
    });
    assert.deepEqual(states[0], states[1]);
  });
});

test('two files without any index, imported one after the other, do not tie', async () => {
  await inFolder(async (folder) => {
    const file = (name: string, to: string): string =>
      folder.file(name, `block_time,from,to,total_eth\n2022-04-15T05:20:00,${A},${to},1\n`);
    await inStores(async (store) => {
      await load(store, [file('1.csv', B)], { preset: 'ronin' });
      await load(store, [file('2.csv', C)], { preset: 'ronin' });
      assert.deepEqual(
        (await everything(store)).map((row) => [row.txIndex, row.to]),
        [
          [0, B],
          [1, C],
        ],
      );
    });
  });
});

test('a load that fails leaves nothing behind and the store works on', async () => {
  await inFolder(async (folder) => {
    const good = folder.file('good.csv', `${TX}\n${hash('1')},7,3,${A},${B},100,${T0},21000,2,1\n`);
    const clash = folder.file(
      'clash.csv',
      `${TX}\n${hash('1')},7,3,${A},${B},100,${T0},,,1\n${hash('1')},7,3,${A},${C},100,${T0},,,1\n`,
    );
    const bad = folder.file('bad.csv', `${TX}\n${hash('1')},7,3,${A},${B},-1,${T0},21000,2,1\n`);
    await inStores(async (store) => {
      for (const [file, code] of [
        [clash, /E_ORDER_CONFLICT|E_TRANSFER_CONFLICT/],
        [bad, /E_FILE_EMPTY/],
      ] as const) {
        await assert.rejects(load(store, [file], { preset: 'ethereum-etl-transactions' }), (error: unknown) => {
          assert.ok(error instanceof HaetaeError, String(error));
          return code.test(error.code);
        });
        assert.equal((await store.totals()).transfers, 0);
      }
      await load(store, [good], { preset: 'ethereum-etl-transactions' });
      assert.equal((await store.totals()).transfers, 2);
    });
  });
});
