import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findDrains, MIN_HOLDING_SECONDS, WINDOW_SECONDS } from './drain.ts';
import type { Movement } from './movement.ts';

const DAY = 86_400;
const HOT = [{ chain: 'c', address: 'hot' }];

function pay(from: string | null, to: string | null, amount: number, time: number, asset = 'eth'): Movement {
  return { chain: 'c', from, to, asset, amount: BigInt(amount), time, tx: null };
}

/** Thirty days of withdrawals, at most 100 of one asset to one customer within an hour. */
const PAST: readonly Movement[] = [
  pay(null, 'hot', 5_000, 0),
  pay(null, 'hot', 5_000, 0, 'usdc'),
  ...Array.from({ length: 30 }, (_, day) =>
    pay('hot', `customer${day}`, 50 + ((day * 37) % 51), day * DAY + 60, day % 2 ? 'eth' : 'usdc'),
  ),
];
const THEFT = 30 * DAY;

function drained(amount: number, asset = 'eth', payments = 6): Movement[] {
  return Array.from({ length: payments }, (_, index) =>
    pay('hot', 'thief', amount / payments, THEFT + index * 60, asset),
  );
}

test('S1 finds an outflow far above the wallet’s own past to an address first seen', () => {
  const [finding, ...rest] = findDrains([...PAST, ...drained(1200)], HOT);
  assert.equal(rest.length, 0);
  assert.deepEqual(finding!.addresses, ['hot', 'thief']);
  assert.deepEqual([finding!.firstTime, finding!.lastTime], [THEFT, THEFT + 300]);
  assert.equal(finding!.evidence.payments, '6');
  assert.match(finding!.evidence.eth!, /^1200 \(/);
});

test('S1 asks for less where the variety of assets jumps too', () => {
  const two = [...drained(420), ...drained(420, 'usdc')];
  assert.equal(findDrains([...PAST, ...two], HOT).length, 1);
  assert.deepEqual(findDrains([...PAST, ...drained(420)], HOT), []);
});

test('S1 compares with what others got, not with the one cold wallet or the one move of house', () => {
  const cold = pay('hot', 'cold', 2000, 10 * DAY);
  assert.equal(
    findDrains([...PAST, cold, ...drained(1200)], HOT).filter(({ addresses }) => addresses[1] === 'thief').length,
    1,
  );
});

test('S1 takes a large withdrawal for no drain where most stays', () => {
  const rich = pay(null, 'hot', 20_000, 0);
  assert.deepEqual(findDrains([rich, ...PAST, ...drained(1200)], HOT), []);
});

test('S1 without a past: a wallet that held for a day pays out nearly all', () => {
  const held = pay(null, 'hot', 1000, 0);
  const at = MIN_HOLDING_SECONDS;
  assert.equal(findDrains([held, pay('hot', 'thief', 950, at)], HOT).length, 1);
  assert.deepEqual(findDrains([held, pay('hot', 'thief', 800, at)], HOT), []);
  assert.deepEqual(findDrains([held, pay('hot', 'thief', 950, at - 1)], HOT), [], 'a pass-through');
  assert.deepEqual(findDrains([pay('hot', 'thief', 950, at)], HOT), [], 'nothing known to be held');
});

test('S1 stays silent on no rows, on a known receiver, and on wallets nobody asked about', () => {
  assert.deepEqual(findDrains([], HOT), []);
  const theft = drained(1200);
  assert.deepEqual(findDrains([...PAST, pay('thief', 'shop', 1, THEFT - WINDOW_SECONDS - 1), ...theft], HOT), []);
  assert.deepEqual(findDrains([...PAST, ...theft], [{ chain: 'd', address: 'hot' }]), []);
  assert.equal(findDrains([...PAST, pay('gas', 'thief', 1, THEFT - 600), ...theft], HOT).length, 1, 'gas goes ahead');
});

test('S1: unrelated traffic, in any order, removes no finding', () => {
  const rows = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.integer({ min: 0, max: 9999 }), fc.nat(40 * DAY)), {
    maxLength: 60,
  });
  const theft = [...PAST, ...drained(1200)];
  fc.assert(
    fc.property(rows, (others) => {
      const mixed = [...others.map(([from, to, amount, time]) => pay(`x${from}`, `y${to}`, amount, time)), ...theft];
      assert.deepEqual(findDrains(mixed, HOT), findDrains(theft, HOT));
    }),
    { numRuns: 200 },
  );
});

test('S1 reads 100,000 movements of one busy wallet in linear time', () => {
  const start = performance.now();
  const busy = Array.from({ length: 100_000 }, (_, index) =>
    pay('hot', `w${index % 5000}`, 10, index, `asset${index % 700}`),
  );
  findDrains([...busy, ...drained(1200)], HOT);
  assert.ok(performance.now() - start < 5000, `took ${performance.now() - start} ms`);
});
