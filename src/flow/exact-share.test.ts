import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { setBigint } from './amount-words.ts';
import { exactShare } from './exact-share.ts';
import { share } from './swaps.ts';

function ofWords(x: bigint, b: bigint): number {
  const words = new Uint32Array(8);
  setBigint(words, 0, 4, x);
  setBigint(words, 4, 4, b);
  return exactShare(words, words.subarray(2), 0, words, 4);
}

/** x below b, of every size. */
const pair = fc
  .tuple(fc.integer({ min: 1, max: 128 }), fc.bigInt(1n, 2n ** 128n - 1n), fc.bigInt(1n, 2n ** 128n - 1n))
  .map(([bits, one, other]) => [one >> BigInt(128 - bits), other] as const)
  .filter(([x, b]) => x > 0n && x !== b)
  .map(([x, b]) => (x < b ? ([x, b] as const) : ([b, x] as const)));

describe('a share of a balance', () => {
  test('is the double nearest to the quotient, whatever the size', () => {
    fc.assert(
      fc.property(pair, ([x, b]) => {
        assert.equal(ofWords(x, b), share(x, b));
      }),
      { numRuns: 5000 },
    );
  });

  test('is so where the quotient lies in the middle of two doubles, or next to it', () => {
    fc.assert(
      fc.property(
        fc.bigInt(2n ** 52n, 2n ** 53n - 1n),
        fc.integer({ min: 54, max: 73 }),
        fc.integer({ min: -1, max: 1 }),
        (mantissa, shift, off) => {
          // (2m + 1) / 2^(54 + k): halfway between m / 2^(53 + k) and the double above it.
          const scale = BigInt(shift);
          const b = 1n << (scale + 54n);
          const x = ((2n * mantissa + 1n) << scale) + BigInt(off);
          assert.equal(ofWords(x, b), share(x, b));
          assert.equal(ofWords(x, b + 1n), share(x, b + 1n));
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('is what a division by hand gives', () => {
    assert.equal(ofWords(1n, 3n), 1 / 3);
    assert.equal(ofWords(2n ** 127n, 2n ** 128n - 1n), 0.5);
    assert.equal(ofWords(1n, 2n ** 100n), 2 ** -100);
  });
});
