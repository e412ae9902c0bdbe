import assert from 'node:assert/strict';
import type { HaetaeError } from '../../src/base/errors.ts';
import { SILENT } from '../../src/base/progress.ts';
import { everyStore } from './engines.ts';
import {
  address,
  allEdges,
  BITCOIN,
  ETH,
  ETHEREUM,
  feedOf,
  hash,
  NOON,
  newBatch,
  spend,
  touching,
  transfer,
} from './feed.ts';

everyStore('an import is kept as a batch with its counts and times', async (store) => {
  const rows = [transfer({ time: NOON + 5 }), transfer({ amount: 0n, leg: 1, row: 2, to: address(3) })];
  const { batch, repeated } = await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
  assert.equal(repeated, false);
  assert.equal(batch.id, 1);
  assert.deepEqual([batch.rowsRead, batch.rowsKept, batch.alreadyStored, batch.zeroValue], [2, 2, 0, 1]);
  assert.deepEqual([batch.firstTime, batch.lastTime], [NOON, NOON + 5]);
  assert.deepEqual(await store.batches(), [batch]);
  assert.deepEqual(await store.findBatch(newBatch('a').contentId), batch);
  assert.equal(await store.findBatch('never loaded'), null);
  assert.equal((await store.totals()).transfers, 2);
  assert.deepEqual(await store.assets(), [ETH]);
});

everyStore('an import without rows is a batch without times', async (store) => {
  const { batch } = await store.load(newBatch('empty'), feedOf({}), SILENT);
  assert.deepEqual([batch.rowsKept, batch.firstTime, batch.lastTime], [0, null, null]);
  assert.deepEqual(await allEdges(store), []);
});

everyStore('the same import again adds nothing, and its feed is not read', async (store) => {
  const first = await store.load(newBatch('a'), feedOf({ transfers: [transfer()] }), SILENT);
  const unread = { ...feedOf({}), rows: () => assert.fail('the feed was read'), finish: () => assert.fail('finished') };
  const second = await store.load(newBatch('a'), unread, SILENT);
  assert.deepEqual(second, { batch: first.batch, repeated: true });
  assert.equal((await store.totals()).transfers, 1);
});

everyStore('rows that an earlier batch holds are counted and not stored twice', async (store) => {
  await store.load(newBatch('a'), feedOf({ transfers: [transfer(), transfer({ tx: hash(2), txIndex: 1 })] }), SILENT);
  const again = [
    transfer({ row: 7 }),
    transfer({ tx: hash(3), txIndex: 2, row: 8 }),
    transfer({ tx: null, leg: 4, row: 9 }),
  ];
  const { batch } = await store.load(newBatch('b'), feedOf({ transfers: again }), SILENT);
  assert.deepEqual([batch.rowsRead, batch.rowsKept, batch.alreadyStored], [3, 2, 1]);
  assert.equal((await store.totals()).transfers, 4);
});

everyStore('a batch whose every row is held already keeps none', async (store) => {
  await store.load(newBatch('a'), feedOf({ transfers: [transfer()] }), SILENT);
  const { batch } = await store.load(newBatch('b'), feedOf({ transfers: [transfer()] }), SILENT);
  assert.deepEqual([batch.rowsKept, batch.alreadyStored, batch.firstTime], [0, 1, NOON]);
  assert.equal((await allEdges(store)).length, 1);
});

everyStore('a source that knows block and index fits one that does not', async (store) => {
  await store.load(newBatch('a'), feedOf({ transfers: [transfer({ block: null, txIndex: 9 })] }), SILENT);
  const { batch } = await store.load(newBatch('b'), feedOf({ transfers: [transfer()] }), SILENT);
  assert.equal(batch.alreadyStored, 1);
});

for (const [what, other] of [
  ['amount', { amount: 5n }],
  ['receiver', { to: address(9) }],
  ['time', { time: NOON + 12, txIndex: 4 }],
  ['block', { block: 14_442_836n }],
] as const) {
  everyStore(`a stored transfer given again with another ${what} is refused, and nothing is kept`, async (store) => {
    await store.load(
      newBatch('a'),
      feedOf({ transfers: [transfer({ row: 3 }), transfer({ tx: hash(9), time: NOON + 99 })] }),
      SILENT,
    );
    const rows = [transfer({ ...other, row: 2, file: 1 }), transfer({ tx: hash(5), txIndex: 5, row: 1 })];
    await assert.rejects(store.load(newBatch('b'), feedOf({ transfers: rows }), SILENT), (error: HaetaeError) => {
      assert.equal(error.code, 'E_TRANSFER_CONFLICT');
      assert.deepEqual(error.context, { file: 'b-2.csv', row: 2, tx: hash(1), storedFile: 'a.csv', storedRow: 3 });
      return true;
    });
    assert.equal((await store.totals()).transfers, 2);
    assert.equal((await store.batches()).length, 1);
  });
}

everyStore('files without an index share a transfer by its content, as often as both have it', async (store) => {
  const ranked = { orderRule: 'row' } as const;
  const twice = [transfer({ leg: 1, row: 1 }), transfer({ leg: 2, row: 2 })];
  await store.load(newBatch('a', ranked), feedOf({ transfers: twice }), SILENT);
  const thrice = [11, 12, 13].map((leg) => transfer({ leg, row: leg }));
  const { batch } = await store.load(newBatch('b', ranked), feedOf({ transfers: thrice }), SILENT);
  assert.deepEqual([batch.alreadyStored, batch.rowsKept], [2, 1]);
});

for (const [what, second] of [
  ['two payments of one place', transfer({ tx: hash(2), to: address(3), row: 2 })],
  ['a payment to and one from a place', transfer({ tx: hash(2), from: address(2), to: address(3), row: 2 })],
] as const) {
  everyStore(`${what} with one order key are refused in one import`, async (store) => {
    const load = store.load(newBatch('a'), feedOf({ transfers: [transfer(), second] }), SILENT);
    await assert.rejects(load, (error: HaetaeError) => {
      assert.equal(error.code, 'E_ORDER_CONFLICT');
      assert.deepEqual(
        [error.context.file, error.context.row, error.context.otherFile, error.context.otherRow],
        ['a.csv', 1, 'a.csv', 2],
      );
      return true;
    });
    assert.equal((await store.totals()).transfers, 0);
  });

  everyStore(`${what} with one order key are refused across imports`, async (store) => {
    await store.load(
      newBatch('a'),
      feedOf({ transfers: [transfer(), transfer({ time: NOON + 60, tx: hash(7) })] }),
      SILENT,
    );
    const load = store.load(newBatch('b'), feedOf({ transfers: [second] }), SILENT);
    await assert.rejects(load, (error: HaetaeError) => {
      assert.equal(error.code, 'E_ORDER_CONFLICT');
      assert.deepEqual([error.context.file, error.context.otherFile, error.context.otherRow], ['a.csv', 'b.csv', 2]);
      return true;
    });
    assert.equal((await store.totals()).transfers, 2);
  });
}

everyStore(
  'one order key is no conflict where places differ, by address or by asset, nor for a self-transfer',
  async (store) => {
    const rows = [
      transfer({ to: address(1) }),
      transfer({ tx: hash(2), from: address(3), to: address(4), row: 2 }),
      transfer({ kind: 'token', asset: 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7', row: 3 }),
      transfer({ tx: hash(3), from: null, to: null, row: 4 }),
      transfer({ tx: hash(4), from: null, to: null, row: 5 }),
    ];
    const { batch } = await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
    assert.equal(batch.rowsKept, 5);
    assert.equal((await touching(store, rows)).length, 3);
  },
);

everyStore('a feed that fails half-way, or in finish, leaves nothing', async (store) => {
  const broken = feedOf({ transfers: [transfer()] });
  const halfWay = {
    ...broken,
    async *rows() {
      yield { transfers: [transfer()], utxo: [], blocks: [] };
      throw new Error('the file ended');
    },
  };
  await assert.rejects(store.load(newBatch('a'), halfWay, SILENT));
  await assert.rejects(store.load(newBatch('a'), { ...broken, finish: () => Promise.reject(new Error('no')) }, SILENT));
  assert.deepEqual(await store.batches(), []);
  assert.equal((await store.totals()).transfers, 0);
  assert.equal((await store.load(newBatch('a'), broken, SILENT)).batch.id, 1);
});

everyStore('the first decimals of an asset win, and a contradiction is refused', async (store) => {
  const token = { id: `${ETHEREUM}/erc20:${address(7)}`, chain: ETHEREUM, symbol: 'T', decimals: null };
  await store.load(newBatch('a'), feedOf({}, [token]), SILENT);
  await store.load(newBatch('b'), feedOf({}, [{ ...token, symbol: 'TOK', decimals: 6 }]), SILENT);
  await store.load(newBatch('c'), feedOf({}, [token]), SILENT);
  assert.deepEqual(await store.assets(), [{ ...token, symbol: 'TOK', decimals: 6 }]);
  const other = store.load(newBatch('d'), feedOf({ transfers: [transfer()] }, [{ ...token, decimals: 8 }]), SILENT);
  await assert.rejects(other, { code: 'E_ASSET' });
  assert.equal((await store.totals()).transfers, 0);
});

everyStore('block times come from what a source names and from the rows themselves', async (store) => {
  const blocks = [
    { chain: ETHEREUM, block: 5n, time: NOON - 100 },
    { chain: ETHEREUM, block: 5n, time: NOON - 100 },
    { chain: BITCOIN, block: 6n, time: NOON },
  ];
  await store.load(newBatch('a'), feedOf({ transfers: [transfer()], blocks }), SILENT);
  const times = await store.blockTimes(ETHEREUM, [5n, 6n, 14_442_835n, 5n]);
  assert.deepEqual(
    [...times].sort((a, b) => Number(a[0] - b[0])),
    [
      [5n, NOON - 100],
      [14_442_835n, NOON],
    ],
  );
  const other = feedOf({ blocks: [{ chain: ETHEREUM, block: 5n, time: NOON }] });
  await assert.rejects(store.load(newBatch('b'), other, SILENT), { code: 'E_TRANSFER_CONFLICT' });
});

everyStore('a UTXO transaction given twice is stored once; with other content it is refused', async (store) => {
  const bitcoin = { chain: BITCOIN };
  const first = await store.load(newBatch('a', bitcoin), feedOf({ utxo: [spend(), spend({ row: 2 })] }, []), SILENT);
  assert.deepEqual([first.batch.rowsKept, first.batch.alreadyStored], [1, 1]);
  const second = await store.load(newBatch('b', bitcoin), feedOf({ utxo: [spend({ block: 800_000n })] }, []), SILENT);
  assert.deepEqual([second.batch.rowsKept, second.batch.alreadyStored], [0, 1]);
  const changed = spend({ outputs: [{ value: 3001n, address: 'bc1qreceiver' }] });
  await assert.rejects(store.load(newBatch('c', bitcoin), feedOf({ utxo: [changed] }, []), SILENT), {
    code: 'E_TRANSFER_CONFLICT',
  });
  const totals = await store.totals();
  assert.deepEqual([totals.utxoTransactions, totals.utxoInputs, totals.utxoOutputs], [1, 1, 2]);
});

everyStore('two coinbases of different blocks may share an id (Bitcoin blocks 91722 and 91880)', async (store) => {
  const coinbase = { inputs: [{ outpoint: null, value: 0n, address: 'coinbase' }], tx: 'e3'.repeat(32) };
  const utxo = [spend({ ...coinbase, block: 91_722n }), spend({ ...coinbase, block: 91_880n, time: NOON + 9, row: 2 })];
  const { batch } = await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo }, []), SILENT);
  assert.equal(batch.rowsKept, 2);
});
