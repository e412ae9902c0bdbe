import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeAsset } from '../../model/asset.ts';
import type { Transfer } from '../../model/transfer.ts';
import { AccountReach } from './account-reach.ts';
import { UtxoReach } from './utxo-reach.ts';

const CHAIN = 'eip155:1';
const ETH = nativeAsset(CHAIN).id;

function paid(number: number, from: string, to: string): Transfer {
  return {
    chain: CHAIN,
    tx: `0x${number}`,
    kind: 'transfer',
    from,
    to,
    asset: ETH,
    amount: 1n,
    time: number,
    block: BigInt(number),
    txIndex: 0,
    leg: 0,
    rounded: false,
    source: { batch: 0, file: 0, row: number },
  };
}

test('an output at the limit of hops is not open: nobody looked whether it was spent', () => {
  const spend = (tx: string, spent: string): Parameters<UtxoReach['apply']>[0] => ({
    tx,
    block: 1n,
    time: 1,
    inputs: [{ tx: spent, index: 0 }],
    outputs: [{ value: 5n, address: `of ${tx}` }],
  });
  for (const [maxHops, open] of [
    [0, []],
    [1, ['b:0']],
    [null, ['c:0']],
  ] as const) {
    const reach = new UtxoReach(new Set(), maxHops === null ? null : maxHops);
    reach.seed({ outpoint: 'theft:0', address: 'thief', block: 0n, time: 0 });
    reach.apply(spend('b', 'theft'));
    if (maxHops === null) reach.apply(spend('c', 'b'));
    assert.deepEqual([...reach.open.keys()], open, `limit ${maxHops}`);
  }
});

test('who moves too often is named, never given up by itself: a label may know it, and a seed is never named', () => {
  const seed = { address: 'thief', asset: ETH, block: 0n, tx: null };
  const reach = new AccountReach([seed], new Set(), { maxHops: null, maxCounterparties: 2 });
  reach.apply([paid(1, 'thief', 'hub')]);
  for (let number = 2; number < 9; number += 1) reach.apply([paid(number, `stranger ${number}`, 'hub')]);
  for (let number = 9; number < 15; number += 1) reach.apply([paid(number, 'thief', `wallet ${number}`)]);
  assert.deepEqual([...reach.overLimit.keys()], ['hub']);
  assert.ok(reach.reaches('hub'), 'followed until it is judged');
  reach.giveUp('hub', 8);
  reach.apply([paid(20, 'hub', 'other'), paid(20, 'thief', 'hub')]);
  assert.ok(!reach.reaches('hub') && !reach.reaches('other'), 'a stop from then on');
});
