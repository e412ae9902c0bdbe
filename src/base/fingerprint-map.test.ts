import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FingerprintMap } from './fingerprint-map.ts';

test('it says what a Map says, through every growth', () => {
  const key = fc.bigInt(1n, 2n ** 64n - 1n);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.nat()), { maxLength: 300 }), (entries) => {
      const ours = new FingerprintMap(4);
      for (const [print, value] of entries) ours.set(Number(print & 0xffffffffn), Number(print >> 32n), value);
      const plain = new Map(entries);
      assert.equal(ours.size, plain.size);
      for (const [print, value] of plain)
        assert.equal(ours.get(Number(print & 0xffffffffn), Number(print >> 32n)), value);
      assert.deepEqual([...ours.keys()].sort(), [...plain.keys()].sort());
    }),
  );
});

test('a key that is not there reads -1', () => {
  assert.equal(new FingerprintMap().get(1, 2), -1);
});
