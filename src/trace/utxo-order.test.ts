import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UtxoTransaction } from '../model/transfer.ts';
import { topologicalOrder } from './utxo-order.ts';

function transaction(tx: string, time: number, spends: string[]): UtxoTransaction {
  return {
    chain: 'bip122:0f9188f13cb7b2c71f2a335e3a4fc328',
    tx,
    time,
    block: null,
    txIndex: 0,
    inputs: spends.map((parent) => ({ outpoint: { tx: parent, index: 0 }, value: 1n, address: 'a' })),
    outputs: [{ value: 1n, address: 'b' }],
    source: { batch: 0, file: 0, row: 1 },
  };
}

test('a spend dated before what it spends comes after it, at its time', () => {
  const order = topologicalOrder([transaction('child', 5, ['parent']), transaction('parent', 10, ['outside'])]);
  assert.deepEqual(
    order.map((item) => [item.transaction.tx, item.time]),
    [
      ['parent', 10],
      ['child', 10],
    ],
  );
});

test('a chain of 20,000 spends given in reverse is ordered without recursion', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    transaction(`t${index}`, 20_000 - index, index === 0 ? [] : [`t${index - 1}`]),
  );
  const order = topologicalOrder(chain);
  assert.equal(order[0]?.transaction.tx, 't0');
  assert.equal(order.at(-1)?.transaction.tx, 't19999');
});
