import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mulDivFloor } from './mul-div.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** Whole numbers of every size, and those near powers of two, where rounding turns. */
const whole = fc.oneof(
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 200 }).map((back) => MAX - back),
  fc.tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -3, max: 3 })).map(([power, off]) => {
    return Math.min(MAX, Math.max(0, 2 ** power + off));
  }),
  fc.tuple(fc.integer({ min: 1, max: 53 }), fc.maxSafeNat()).map(([bits, seed]) => seed % 2 ** bits),
);

function reference(a: number, b: number, c: number): number {
  return Number((BigInt(a) * BigInt(b)) / BigInt(c));
}

test('15. mulDivFloor equals BigInt for all whole numbers below 2^53', () => {
  fc.assert(
    fc.property(whole, whole, whole, (a, x, y) => {
      const c = Math.max(x, y, 1);
      const b = Math.min(x, y);
      assert.equal(mulDivFloor(a, b, c), reference(a, b, c));
    }),
    { numRuns: 20_000 },
  );
});

test('15. mulDivFloor is exact on both sides of every whole quotient', () => {
  fc.assert(
    fc.property(whole, whole, (a, c) => {
      fc.pre(a > 1 && c > 1);
      // b such that a·b/c lies as near to a whole number as it can.
      const q = BigInt(a) / 3n + 1n;
      const b = Number((q * BigInt(c)) / BigInt(a));
      for (const near of [b - 1, b, b + 1]) {
        if (near >= 0 && near <= c) assert.equal(mulDivFloor(a, near, c), reference(a, near, c));
      }
    }),
    { numRuns: 10_000 },
  );
});

test('mulDivFloor at the corners', () => {
  const corners = [0, 1, 2, 3, 2 ** 26, 2 ** 27 + 1, 2 ** 52 - 1, 2 ** 52, 2 ** 52 + 1, MAX - 2, MAX - 1, MAX];
  for (const a of corners)
    for (const b of corners)
      for (const c of corners)
        if (c > 0 && b <= c) assert.equal(mulDivFloor(a, b, c), reference(a, b, c), `${a}·${b}/${c}`);
});
