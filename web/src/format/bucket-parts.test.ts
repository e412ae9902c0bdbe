import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BUCKETS } from '../../../src/taint/step.ts';
import { outcomeOf } from './bucket-parts.ts';

describe('parts of what was stolen', () => {
  const units = fc.bigInt({ min: 0n, max: 10n ** 30n });

  test('sum to the buckets, to the last unit, those of no known name too', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom<string>(...BUCKETS, 'other-bucket', 'toString'), units, {
          noNullPrototype: true,
        }),
        fc.nat(100),
        fc.nat(100),
        (buckets, askable, edge) => {
          const part = (name: string, share: number): string =>
            (((Object.hasOwn(buckets, name) ? buckets[name]! : 0n) * BigInt(share)) / 100n).toString();
          const outcome = outcomeOf({
            buckets: Object.fromEntries(Object.entries(buckets).map(([name, value]) => [name, value.toString()])),
            recoverable: part('absorbed', askable),
            heldAtEdge: part('held', edge),
          });
          const whole = Object.values(buckets).reduce((sum, value) => sum + value, 0n);
          assert.equal(outcome.sum, whole);
          for (const each of outcome.parts) assert.ok(each.units >= 0n, each.name);
        },
      ),
    );
  });

  test('splits what can be asked for from what cannot, and what is at the edge of the data', () => {
    const { parts } = outcomeOf({ buckets: { held: '10', absorbed: '7' }, recoverable: '3', heldAtEdge: '4' });
    const shown = Object.fromEntries(parts.filter((part) => part.units > 0n).map((part) => [part.name, part.units]));
    assert.deepEqual(shown, { askable: 3n, held: 6n, heldEdge: 4n, otherStops: 4n });
  });

  test('poison has none', () => {
    assert.equal(outcomeOf({ buckets: null, recoverable: null, heldAtEdge: null }).sum, 0n);
  });
});
