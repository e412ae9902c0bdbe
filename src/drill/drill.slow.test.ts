import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Balances, readRows, readUtxo, Unspent } from './_replay.ts';
import { createDrill } from './drill.ts';

test('a large drill keeps every balance and spends every coin once; ten thefts are in it', () => {
  const drill = createDrill({ seed: 11, scale: 1_200_000 });
  assert.equal(drill.truth.thefts.length, 10);
  const balances = new Balances();
  let rows = 0;
  for (const row of readRows(drill)) {
    balances.apply(row);
    rows += 1;
  }
  assert.ok(rows >= 1_200_000);
  const unspent = new Unspent();
  for (const tx of readUtxo(drill)) unspent.apply(tx);
});

test('two hundred seeds each make a drill whose plan and truth balance', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const drill = createDrill({ seed, scale: 100 + seed * 97 });
    assert.equal(drill.truth.thefts.length, 2);
    for (const theft of drill.truth.thefts) assert.ok(theft.stages.length >= 12);
    const balances = new Balances();
    for (const row of readRows(drill)) balances.apply(row);
  }
});
