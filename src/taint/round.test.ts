import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jointRound } from './joint-round.ts';
import { largestRemainder } from './round.ts';

test('largest remainder: ties go to the lowest output index, the fee last', () => {
  // 7 units over 2, 2, 2 and a fee of 2 of 8: 1.75 each. Three units are left and four remainders are equal: the fee loses.
  assert.deepEqual(largestRemainder(7n, [2n, 2n, 2n, 2n]), [2n, 2n, 2n, 1n]);
  // 5 over 3, 3, 4 of 10: 1.5, 1.5, 2. One unit, two equal remainders: the first.
  assert.deepEqual(largestRemainder(5n, [3n, 3n, 4n]), [2n, 1n, 2n]);
  // 10 over 1, 5, 3 of 9: 1.11, 5.56, 3.33: the second has the largest remainder.
  assert.deepEqual(largestRemainder(10n, [1n, 5n, 3n]), [1n, 6n, 3n]);
});

test('largest remainder: nothing to share by gives nothing', () => {
  assert.deepEqual(largestRemainder(0n, [3n, 4n]), [0n, 0n]);
  assert.deepEqual(largestRemainder(0n, [0n, 0n]), [0n, 0n]);
  assert.deepEqual(largestRemainder(5n, [0n, 7n]), [0n, 5n]);
});

test('joint rounding: two thefts, worked by hand', () => {
  // Thefts of 1 and 1, clean 1; outputs of 1 and 1, fee 1: every cell is 1/3. The senior theft takes its first cell (tie to the
  // lowest column); the second theft cannot have that column, so it takes the next; the clean unit is the fee.
  assert.deepEqual(jointRound([1n, 1n, 1n], [1n, 1n, 1n]), [
    [1n, 0n, 0n],
    [0n, 1n, 0n],
    [0n, 0n, 1n],
  ]);
  // Thefts 5 and 3, clean 2; outputs 4 and 5, fee 1. Exact: 2, 2.5, 0.5 | 1.2, 1.5, 0.3 | 0.8, 1, 0.2. The senior's remainders
  // tie at one half: column 1 goes up. That fills column 1 (3 + 1 + 1 = 5), so theft 2 cannot go up there; its next is the fee
  // (0.3): 3 + 0 + 1 would leave column 0 at 2 + 1 + 1 = 4 and the fee at 0 + 1 + 0 = 1: it can be completed.
  assert.deepEqual(jointRound([5n, 3n, 2n], [4n, 5n, 1n]), [
    [2n, 3n, 0n],
    [1n, 1n, 1n],
    [1n, 1n, 0n],
  ]);
});

test('joint rounding: a large table keeps every sum, and every cell within one of its exact value', () => {
  const columns = Array.from({ length: 2500 }, (_, index) => BigInt((index * 7919) % 1009));
  const total = columns.reduce((sum, column) => sum + column, 0n);
  const rows = [total / 7n, total / 11n, 12_345n, 1n];
  rows.push(total - rows.reduce((sum, row) => sum + row, 0n));
  const table = jointRound(rows, columns);
  for (const [k, row] of table.entries()) {
    assert.equal(
      row.reduce((sum, cell) => sum + cell, 0n),
      rows[k],
    );
    for (const [j, cell] of row.entries()) {
      const floor = (rows[k]! * columns[j]!) / total;
      assert.ok(cell === floor || (cell === floor + 1n && (rows[k]! * columns[j]!) % total > 0n));
    }
  }
  for (const [j, column] of columns.entries())
    assert.equal(
      table.reduce((sum, row) => sum + row[j]!, 0n),
      column,
    );
});
