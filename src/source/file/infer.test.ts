import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inferOrder, type Movement } from './infer.ts';

/** The definition, word for word; O(n³). */
function naive(movements: readonly Movement[]): number[] {
  const left = movements.map((_, i) => i);
  const order: number[] = [];
  while (left.length > 0) {
    const pays = (i: number, j: number): boolean =>
      i !== j &&
      movements[i]!.asset === movements[j]!.asset &&
      movements[i]!.to !== null &&
      movements[i]!.to === movements[j]!.from;
    const pick = left.find((j) => !left.some((i) => pays(i, j))) ?? left[0]!;
    left.splice(left.indexOf(pick), 1);
    order.push(pick);
  }
  return order;
}

const place = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { freq: 8 });
const movement = fc.record({ from: place, to: place, asset: fc.constantFrom('x', 'x', 'x', 'y') });

test('the inferred order is the one that its definition gives (property 9)', () => {
  fc.assert(
    fc.property(fc.array(movement, { maxLength: 12 }), (movements) => {
      assert.deepEqual(inferOrder(movements), naive(movements));
    }),
    { numRuns: 2000 },
  );
});

test('inflows come before the outflows they feed, a cycle gives way at its lowest row, other assets do not feed', () => {
  const move = (from: string, to: string, asset = 'x'): Movement => ({ from, to, asset });
  assert.deepEqual(inferOrder([move('b', 'c'), move('a', 'b')]), [1, 0]);
  assert.deepEqual(inferOrder([move('a', 'b'), move('b', 'a'), move('c', 'a')]), [2, 0, 1]);
  assert.deepEqual(inferOrder([move('b', 'c'), move('a', 'b', 'y')]), [0, 1]);
  assert.deepEqual(inferOrder([move('b', 'b'), move('b', 'c')]), [0, 1]);
});

test('a block of 50,000 movements in one chain is put in order at once', () => {
  const chain = Array.from({ length: 50_000 }, (_, i) => ({
    from: `p${50_000 - i}`,
    to: `p${50_001 - i}`,
    asset: 'x',
  }));
  assert.deepEqual(inferOrder(chain).slice(0, 2), [49_999, 49_998]);
});
