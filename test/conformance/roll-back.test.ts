import assert from 'node:assert/strict';
import { SILENT } from '../../src/base/progress.ts';
import { branches } from './branches.ts';
import { everyStore } from './engines.ts';
import { address, BITCOIN, ETH, ETHEREUM, feedOf, newBatch } from './feed.ts';
import { answer, blockAt, blocksOf, blockTime, movement, spendAt } from './living.ts';

branches(8);

everyStore('a roll-back takes what was fetched above and leaves imports', async (store) => {
  const imported = [movement(9n, { txIndex: 5 })];
  await store.load(newBatch('a'), feedOf({ transfers: imported }), SILENT);
  const transfers = [movement(4n), movement(5n, { rounded: true }), movement(6n, { amount: 0n }), imported[0]!];
  const utxo = [spendAt(5n, 'u1'), spendAt(6n, 'u2')];
  const openings = [4n, 5n].map((block) => ({ address: address(2), asset: ETH.id, block, time: 1, amount: 1n }));
  const counts = await store.keepFetched(answer({ transfers, utxo, blocks: blocksOf(4n, 9n), openings }));
  assert.deepEqual(counts, { added: 5, alreadyStored: 1 });
  assert.deepEqual(await store.rollBack(ETHEREUM, 5n), { transfers: 1, utxoTransactions: 1 });
  const [first, live] = await store.batches();
  assert.equal(first?.rowsKept, 1);
  assert.deepEqual([live?.rowsKept, live?.rowsRead, live?.zeroValue, live?.rounded], [3, 3, 0, 1]);
  assert.deepEqual([live?.firstTime, live?.lastTime], [blockTime(4n), blockTime(5n)]);
  assert.deepEqual(await store.keptBlocks(ETHEREUM, 1), [blockAt(5n)]);
  assert.deepEqual(
    (await store.openings(ETHEREUM, null)).map((item) => item.block),
    [4n],
  );
  const left = await store.transfersOf(ETHEREUM, address(1), 99);
  assert.deepEqual(
    left.map((row) => row.block),
    [4n, 5n, 9n],
  );
  assert.deepEqual(await store.rollBack(ETHEREUM, 5n), { transfers: 0, utxoTransactions: 0 });
  assert.deepEqual(await store.rollBack(ETHEREUM, 0n), { transfers: 2, utxoTransactions: 1 });
  assert.equal((await store.batches())[1]?.firstTime, null);
  assert.deepEqual(await store.rollBack('eip155:10', 0n), { transfers: 0, utxoTransactions: 0 });
});

for (const [what, given] of [
  ['a file', {}],
  ['a file without an index', { orderRule: 'row' }],
] as const) {
  everyStore(`what was fetched and then brought by ${what} is not rolled back`, async (store) => {
    const chain = { chain: BITCOIN };
    const fetched = [movement(4n), movement(5n), movement(6n)];
    await store.keepFetched(answer({ transfers: fetched }));
    await store.keepFetched(answer({ ...chain, utxo: ['u1', 'u2'].map((tx) => spendAt(5n, tx, chain)), assets: [] }));
    const { batch } = await store.load(newBatch('a', given), feedOf({ transfers: [fetched[1]!] }), SILENT);
    assert.deepEqual([batch.alreadyStored, batch.rowsKept], [1, 0]);
    await store.load(newBatch('b', chain), feedOf({ utxo: [spendAt(5n, 'u2', chain)] }, []), SILENT);
    assert.deepEqual(await store.rollBack(ETHEREUM, 3n), { transfers: 2, utxoTransactions: 0 });
    assert.deepEqual(await store.rollBack(BITCOIN, 3n), { transfers: 0, utxoTransactions: 1 });
    assert.equal((await store.transfersOfTx(ETHEREUM, fetched[1]!.tx!)).length, 1);
    assert.equal((await store.utxoTransactionsById(BITCOIN, ['u1', 'u2'])).length, 1);
    assert.equal((await store.batches())[0]?.rowsKept, 1);
    assert.deepEqual(await store.keepFetched(answer({ transfers: fetched })), { added: 2, alreadyStored: 1 });
  });
}
