import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AtomLeg, atomFlows, atomReceivers, isAtom } from './swap.ts';

/** "alice:ETH" pays to "pool:ETH": places are owner and asset. */
function leg(from: string | null, to: string | null, amount: bigint): AtomLeg<string> {
  const owner = (place: string | null): string | null => place?.split(':')[0] ?? null;
  return { from, fromOwner: owner(from), to, toOwner: owner(to), asset: (from ?? to)!.split(':')[1]!, amount };
}

const reached = (legs: AtomLeg<string>[], payer: string): string[] =>
  atomReceivers(legs, payer).map((out) => out.place);

test('a swap through a router: the payer’s money becomes what the payer got, and the router vanishes', () => {
  const legs = [
    leg('alice:ETH', 'router:ETH', 10n),
    leg('router:ETH', 'pool:ETH', 10n),
    leg('pool:USDC', 'router:USDC', 30_000n),
    leg('router:USDC', 'alice:USDC', 30_000n),
  ];
  assert.ok(isAtom(legs));
  assert.deepEqual(reached(legs, 'alice:ETH'), ['alice:USDC']);
  assert.deepEqual(reached(legs, 'pool:USDC'), ['pool:ETH']);
  assert.deepEqual(reached(legs, 'router:ETH'), []);
  assert.deepEqual(
    atomFlows(legs).receipts.map((receipt) => [receipt.place, receipt.amount]),
    [
      ['pool:ETH', 10n],
      ['alice:USDC', 30_000n],
    ],
  );
});

test('a swap paid out to another address, less a platform fee in the same asset', () => {
  const legs = [
    leg('alice:ETH', 'pool:ETH', 10n),
    leg('pool:USDC', 'bob:USDC', 29_700n),
    leg('pool:USDC', 'platform:USDC', 300n),
  ];
  const [gift] = atomFlows(legs).gifts;
  assert.deepEqual(gift!.plain, []);
  assert.deepEqual(gift!.conversions, [
    {
      amount: 30_000n,
      outs: [
        { place: 'bob:USDC', owner: 'bob', amount: 29_700n },
        { place: 'platform:USDC', owner: 'platform', amount: 300n },
      ],
    },
  ]);
});

test('a payment of two assets to two receivers is two plain movements', () => {
  const legs = [leg('bridge:ETH', 'thief:ETH', 173_600n), leg('bridge:USDC', 'thief:USDC', 25_500_000n)];
  assert.deepEqual(reached(legs, 'bridge:ETH'), ['thief:ETH']);
  assert.deepEqual(reached(legs, 'bridge:USDC'), ['thief:USDC']);
});

test('redeemed shares: what is destroyed was given for both assets received', () => {
  const legs = [leg('alice:LP', null, 5n), leg('pool:ETH', 'alice:ETH', 2n), leg('pool:USDC', 'alice:USDC', 6000n)];
  const [gift] = atomFlows(legs).gifts;
  assert.deepEqual(
    gift!.conversions.map((conversion) => conversion.outs[0]!.place),
    ['alice:ETH', 'alice:USDC'],
  );
  // The pool only gives: its money found no output.
  assert.deepEqual(reached(legs, 'pool:ETH'), []);
});

test('shares bought with two assets: each is worth half of them, for nothing compares the two', () => {
  const legs = [leg('alice:ETH', 'pool:ETH', 1n), leg('alice:USDC', 'pool:USDC', 3000n), leg(null, 'alice:LP', 7n)];
  const parts = atomFlows(legs).gifts.map((gift) => [gift.place, gift.conversions[0]?.amount]);
  assert.deepEqual(parts, [
    ['alice:ETH', 4n],
    ['alice:USDC', 3n],
    [null, undefined],
  ]);
});

test('two payers of one asset into one received asset share it by what they gave, largest remainder', () => {
  const legs = [leg('a:ETH', 'pool:ETH', 1n), leg('b:ETH', 'pool:ETH', 2n), leg('pool:USDC', 'c:USDC', 100n)];
  const parts = atomFlows(legs)
    .gifts.slice(0, 2)
    .map((gift) => gift.conversions[0]!.amount);
  assert.deepEqual(parts, [33n, 67n]);
});

test('legs of no amount and to oneself are no second asset', () => {
  assert.equal(isAtom([leg('a:ETH', 'b:ETH', 1n), leg('a:USDC', 'b:USDC', 0n), leg('a:DAI', 'a:DAI', 4n)]), false);
});
