import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FifoMove, moveBackward, moveForward } from './fifo.ts';
import { Row } from './row.ts';

const PLACES = 6;
/** Fees, a stop and the outside (which covers shortages) are places like any other. */
const OUTSIDE = PLACES - 1;

test('property 7: FIFO run backward over FIFO run forward is the identity, over the full state', () => {
  const parcel = fc.record({
    theft: fc.integer({ min: -1, max: 1 }),
    amount: fc.bigInt(1n, 50n),
    units: fc.bigInt(0n, 99n),
  });
  const filling = fc.array(fc.array(parcel, { maxLength: 6 }), { minLength: PLACES, maxLength: PLACES });
  const moves = fc.array(fc.tuple(fc.nat(PLACES - 1), fc.nat(PLACES - 1), fc.bigInt(0n, 60n)), { maxLength: 60 });
  fc.assert(
    fc.property(filling, moves, (contents, list) => {
      const rows = contents.map((parcels) => {
        const row = new Row();
        row.putAll(parcels.map(({ theft, amount, units }) => ({ theft, amount, units: theft < 0 ? 0n : units })));
        return row;
      });
      rows[OUTSIDE]!.put({ theft: -1, amount: 10_000n, units: 0n });
      const before = rows.map((row) => [row.balance, row.parcels()]);
      const done: FifoMove[] = [];
      for (const [from, to, amount] of list) {
        if (from === to) continue;
        const missing = amount - rows[from]!.balance;
        if (missing > 0n && from === OUTSIDE) continue;
        if (missing > 0n) done.push(moveForward(rows[OUTSIDE]!, rows[from]!, missing));
        done.push(moveForward(rows[from]!, rows[to]!, amount));
      }
      for (const move of done.reverse()) moveBackward(move);
      assert.deepEqual(
        rows.map((row) => [row.balance, row.parcels()]),
        before,
      );
    }),
    { numRuns: 300, seed: 7 },
  );
});

test('a row is a deque: a movement costs what it moves, not what lies there', () => {
  const row = new Row();
  const count = 200_000;
  for (let index = 0; index < count; index += 1) row.put({ theft: index % 2, amount: 3n, units: 2n });
  for (let index = 0; index < count; index += 1) row.putAll(row.takeHead(3n));
  assert.equal(row.length, count);
  assert.deepEqual(row.claim(0), { amount: 300_000n, units: 200_000n });
});
