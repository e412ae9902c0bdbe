import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstAtOrAfter, lowest } from './ascending.ts';

const values = fc.array(fc.nat(50), { maxLength: 40 }).map((list) => list.sort((a, b) => a - b));

test('both find what going through the list finds', () => {
  fc.assert(
    fc.property(values, fc.nat(52), (list, value) => {
      const found = list.findIndex((each) => each >= value);
      const expected = found < 0 ? list.length : found;
      assert.equal(firstAtOrAfter(Uint32Array.from(list), value), expected);
      assert.equal(
        lowest(list.length, (at) => list[at]! >= value),
        expected,
      );
    }),
  );
});
