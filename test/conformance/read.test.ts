import assert from 'node:assert/strict';
import { SILENT } from '../../src/base/progress.ts';
import type { Transfer } from '../../src/model/transfer.ts';
import type { UtxoEdgeChunk } from '../../src/store/port.ts';
import { everyStore } from './engines.ts';
import { address, allEdges, BITCOIN, ETHEREUM, feedOf, flat, hash, NOON, newBatch, spend, transfer } from './feed.ts';

everyStore('fingerprints tell chain, address and asset apart and are never 0', async (store) => {
  const asset = 'eip155:1/slip44:60';
  const keys = [
    { chain: ETHEREUM, address: address(1), asset },
    { chain: 'eip155:10', address: address(1), asset },
    { chain: ETHEREUM, address: address(2), asset },
    { chain: ETHEREUM, address: address(1), asset: 'eip155:1/erc20:x' },
    { chain: ETHEREUM, address: address(1), asset },
  ];
  const prints = await store.fingerprints(keys);
  assert.equal(new Set(prints).size, 4);
  assert.equal(prints[0], prints[4]);
  assert.ok(!prints.includes(0n));
  assert.equal((await store.fingerprints([])).length, 0);
});

everyStore('edges respect the window, both ends included', async (store) => {
  const rows = [0, 10, 20, 30].map((later, index) => transfer({ time: NOON + later, tx: hash(index), row: index + 1 }));
  await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
  const times = (await allEdges(store, NOON + 10, NOON + 20)).map((edge) => edge.time - NOON);
  assert.deepEqual(times, [10, 20]);
});

everyStore('batches that share time are read as one row of movements, whatever the order of import', async (store) => {
  const rows = (start: number): Transfer[] =>
    Array.from({ length: 50 }, (_, index) =>
      transfer({
        time: NOON + start + 4 * index,
        tx: hash(1000 * start + index),
        amount: BigInt(start + 1),
        row: index + 1,
      }),
    );
  const late = transfer({ time: NOON + 10_000, tx: hash(77) });
  await store.load(newBatch('late'), feedOf({ transfers: [late] }), SILENT);
  for (const start of [2, 1, 3]) {
    const shuffled = rows(start).reverse();
    await store.load(newBatch(`b${start}`), feedOf({ transfers: shuffled }), SILENT);
  }
  const times = (await allEdges(store)).map((edge) => edge.time);
  assert.equal(times.length, 151);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

everyStore('a place brings its whole transactions, in order, and nothing else', async (store) => {
  const rows = [
    transfer({ time: NOON + 9, tx: hash(2), from: address(2), to: address(3), row: 1 }),
    transfer({ leg: 1, from: address(8), to: address(9), row: 2 }),
    transfer({ row: 3 }),
    transfer({ time: NOON + 20, tx: hash(3), from: address(5), to: address(6), row: 4 }),
    transfer({ time: NOON + 21, tx: null, from: address(1), to: address(6), row: 5 }),
    transfer({ time: NOON + 22, tx: null, from: address(5), to: address(6), row: 6 }),
    transfer({ time: NOON + 23, tx: hash(4), from: address(1), to: address(6), amount: 0n, row: 7 }),
  ];
  await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
  const asset = rows[0]!.asset;
  const prints = await store.fingerprints([{ chain: ETHEREUM, address: address(1), asset }]);
  const found = await flat(store.transfersTouching(prints));
  assert.deepEqual(
    found.map((row) => row.source.row),
    [3, 2, 5],
  );
  assert.deepEqual(await flat(store.transfersTouching(new BigUint64Array(0))), []);
  assert.deepEqual(await flat(store.transfersTouching(new BigUint64Array([1n]))), []);
});

everyStore('the newest movements of an address, newest last', async (store) => {
  const rows = Array.from({ length: 9 }, (_, index) =>
    transfer({ time: NOON + index, tx: hash(index), row: index + 1 }),
  );
  await store.load(newBatch('a'), feedOf({ transfers: rows.toReversed() }), SILENT);
  const found = await store.transfersOf(ETHEREUM, address(2), 3);
  assert.deepEqual(
    found.map((row) => row.time - NOON),
    [6, 7, 8],
  );
  assert.equal((await store.transfersOf(ETHEREUM, address(2), 100)).length, 9);
  assert.deepEqual(await store.transfersOf(ETHEREUM, address(3), 5), []);
});

everyStore('busy addresses have more distinct counterparties than the limit, spam of zero left out', async (store) => {
  const hub = address(500);
  const pay = (from: string, to: string, row: number, amount = 1n): Transfer =>
    transfer({ from, to, tx: hash(row), txIndex: row, amount, row });
  const rows = [
    ...Array.from({ length: 6 }, (_, index) => pay(address(index), hub, index)),
    ...Array.from({ length: 6 }, (_, index) => pay(hub, address(index), 10 + index)),
    pay(hub, hub, 30),
    ...Array.from({ length: 9 }, (_, index) => pay(address(600), address(601), 40 + index)),
    ...Array.from({ length: 9 }, (_, index) => pay(address(700 + index), address(699), 60 + index, 0n)),
  ];
  await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
  assert.deepEqual(await store.busyAddresses(5), [{ chain: ETHEREUM, address: hub, counterparties: 6 }]);
  assert.deepEqual(await store.busyAddresses(6), []);
});

everyStore('a spend and the output it spends carry one outpoint fingerprint', async (store) => {
  const first = spend({ tx: '01'.repeat(32) });
  const input = { outpoint: { tx: first.tx, index: 1 }, value: 1500n, address: 'script:6a0400' };
  const second = spend({ tx: '02'.repeat(32), time: NOON + 600, inputs: [input], row: 2 });
  await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo: [second, first] }, []), SILENT);
  const [print] = await store.outpointFingerprints([{ chain: BITCOIN, tx: first.tx, index: 1 }]);
  const [owner] = await store.ownerFingerprints([{ chain: BITCOIN, address: 'script:6a0400' }]);
  const seen: [number, bigint, number][] = [];
  for await (const chunk of store.utxoEdges({ from: 0, until: null })) seen.push(...endsOf(chunk, print!));
  assert.deepEqual(seen, [
    [0, owner, NOON],
    [1, owner, NOON + 600],
  ]);
});

function endsOf(chunk: UtxoEdgeChunk, print: bigint): [number, bigint, number][] {
  const found: [number, bigint, number][] = [];
  for (let index = 0; index < chunk.count; index += 1) {
    if (chunk.outpoint[index] === print) found.push([chunk.spends[index]!, chunk.owner[index]!, chunk.time[index]!]);
  }
  return found;
}

everyStore('outputs of an address, of all transactions or of one', async (store) => {
  const utxo = [spend({ tx: '01'.repeat(32) }), spend({ tx: '02'.repeat(32), time: NOON + 5, row: 2 })];
  await store.load(newBatch('a', { chain: BITCOIN }), feedOf({ utxo }, []), SILENT);
  const expected = utxo.map((tx) => ({ tx: tx.tx, index: 0, value: 3000n, time: tx.time }));
  assert.deepEqual(await store.utxoOutputsOf(BITCOIN, 'bc1qreceiver', null), expected);
  assert.deepEqual(await store.utxoOutputsOf(BITCOIN, 'bc1qreceiver', '02'.repeat(32)), expected.slice(1));
  assert.deepEqual(await store.utxoOutputsOf(ETHEREUM, 'bc1qreceiver', null), []);
});

everyStore('readers may be left half-way, and run beside each other and beside a load', async (store) => {
  const rows = Array.from({ length: 10_000 }, (_, index) =>
    transfer({ time: NOON + index, tx: hash(index), row: index + 1 }),
  );
  await store.load(newBatch('a'), feedOf({ transfers: rows }), SILENT);
  for await (const chunk of store.edges({ from: 0, until: null })) {
    assert.ok(chunk.count > 0);
    break;
  }
  let seen = 0;
  for await (const chunk of store.edges({ from: 0, until: null })) {
    seen += chunk.count;
    await store.fingerprints([{ chain: ETHEREUM, address: address(1), asset: 'x' }]);
    const more = [transfer({ tx: hash(20_000 + seen), time: NOON + 20_000 + seen })];
    await store.load(newBatch(`more ${seen}`), feedOf({ transfers: more }), SILENT);
  }
  assert.equal(seen, 10_000);
});
