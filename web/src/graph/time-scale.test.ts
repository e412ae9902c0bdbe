import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { momentsOf, placeOfMoment } from './time-scale.ts';

describe('moments of a replay', () => {
  it('stays at the time that was shown when another method has other moments', () => {
    const haircut = [100, 200, 300, 400, 500];
    const fifo = [100, 350, 500];
    assert.equal(placeOfMoment(haircut, 300), 2);
    assert.equal(placeOfMoment(fifo, 300), 0);
    assert.equal(placeOfMoment(fifo, 400), 1);
  });

  it('is the first moment before all, and the whole after all', () => {
    assert.equal(placeOfMoment([100, 200], 50), 0);
    assert.equal(placeOfMoment([100, 200], 200), null);
    assert.equal(placeOfMoment([100, 200], null), null);
    assert.equal(placeOfMoment([], 5), null);
  });

  it('never shows what had not moved by then, but for the first moment', () => {
    const times = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 11_000 }), fc.integer({ min: 2, max: 50 }), (given, time, most) => {
        const moments = momentsOf(given, most);
        const at = placeOfMoment(moments, time);
        if (at === null) assert.ok(moments.at(-1)! <= time);
        else {
          assert.ok(at === 0 || moments[at]! <= time);
          assert.ok(moments[at + 1] === undefined || moments[at + 1]! > time);
        }
      }),
    );
  });
});
