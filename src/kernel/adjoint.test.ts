import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { amountOf } from './_exposure.ts';
import { sampleCategories, sampleRows, sliceRows } from './_sample.ts';
import { createKernels, type Kernels, type Rows } from './kernel.ts';
import { NONE, UNCATEGORISED } from './rows.ts';

const WASM = createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url)));
const TWIN = createKernels(null);
const FORMS: readonly Kernels[] = [WASM, TWIN];
const CATEGORIES = 7;

/** What an account received of each category, by the forward rule in float64. */
function received(rows: Rows, places: number, category: Uint8Array, target: number, dust: number): Float64Array {
  const held = Array.from({ length: places }, () => new Float64Array(CATEGORIES));
  const total = new Float64Array(CATEGORIES);
  const of = (column: Uint8Array | null | undefined, place: number, row: number) =>
    column?.[row] ?? category[place] ?? UNCATEGORISED;
  for (let row = 0; row < rows.count; row += 1) {
    const [u, v] = [rows.from[row]!, rows.to[row]!];
    if (u === v && u < places) continue;
    const amount = amountOf(rows.low, rows.high, row);
    const given = of(rows.fromCategory, u, row);
    let carried = new Float64Array(CATEGORIES);
    if (given !== UNCATEGORISED) carried[given] = amount;
    else if (u < places) {
      const [r, gain] = [rows.ratio[row]!, rows.gain?.[row] ?? 1];
      carried = held[u]!.map((units) => units * r * gain);
      held[u] = held[u]!.map((units) => units * (1 - r));
    }
    if (v < places && of(rows.toCategory, v, row) === UNCATEGORISED)
      held[v] = held[v]!.map((units, lane) => units + carried[lane]!);
    if ((rows.receiver?.[row] ?? v) === target && amount > dust)
      for (const [lane, units] of carried.entries()) total[lane] = total[lane]! + units;
  }
  return total;
}

const cases = fc.record({
  seed: fc.nat(),
  count: fc.nat(400),
  places: fc.integer({ min: 2, max: 12 }),
  own: fc.boolean(),
  gain: fc.boolean(),
  perRow: fc.boolean(),
  dust: fc.constantFrom(0, 15, 2 ** 40),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function sample({ seed, count, places, own, gain, perRow }: Case) {
  const random = seededRandom(seed);
  const category = sampleCategories(random, places, CATEGORIES);
  const columns = { ...(own ? { accounts: 4 } : {}), ...(perRow ? { categories: CATEGORIES } : {}) };
  return { rows: sampleRows(random, { count, places, gain, ...columns }), category, target: random.below(2) };
}

test('agrees with forward exposure to 1e-9, category by category (property 6)', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const { rows, category, target } = sample(given);
      const expected = received(rows, given.places, category, target, given.dust);
      for (const kernels of FORMS) {
        const { places, dust } = given;
        const adjoint = kernels.adjoint({ places, target, category, dust, floor: 0 });
        adjoint.backward(rows);
        for (const [lane, units] of expected.entries())
          assert.ok(Math.abs(adjoint.contribution[lane]! - units) <= 1e-9 * Math.max(1, units));
        const { row, amount } = adjoint.contributions();
        assert.deepEqual(row, row.slice().sort().reverse(), 'the last row first');
        const all = amount.reduce((sum, units) => sum + units, 0);
        const whole = expected.reduce((sum, units) => sum + units, 0);
        assert.ok(Math.abs(all - whole) <= 1e-9 * Math.max(1, whole), 'rows above a floor of 0 are all rows');
      }
    }),
    { numRuns: 200 },
  );
});

test('both forms give the same bits on many rows, in whatever chunks, and keep the same rows', () => {
  const given = { seed: 21, count: 70_000, places: 500, own: true, gain: true, perRow: false, dust: 10 };
  const { rows, category, target } = sample(given);
  const options = { places: 500, target, category, dust: 10, floor: 1e6 };
  const one = WASM.adjoint(options);
  const other = TWIN.adjoint(options);
  one.backward(rows, 1000);
  for (let end = rows.count; end > 0; end -= 19_000) {
    const start = Math.max(0, end - 19_000);
    other.backward(sliceRows(rows, start, end), 1000 + start);
  }
  assert.deepEqual(one.save(), other.save());
  assert.deepEqual(one.contributions(), other.contributions());
  assert.ok(one.contributions().row.length > 100);
});

test('a target that is nobody takes nothing; a seeded place is asked for instead', () => {
  const rows: Rows = {
    count: 2,
    from: Uint32Array.of(0, 1),
    to: Uint32Array.of(1, NONE),
    low: Uint32Array.of(8, 0, 2, 0),
    high: null,
    ratio: Float64Array.of(1, 0.25),
  };
  for (const kernels of FORMS) {
    const adjoint = kernels.adjoint({ places: 2, target: NONE, category: Uint8Array.of(3, UNCATEGORISED) });
    adjoint.lambda[1] = 1;
    adjoint.backward(rows);
    // Of the 8 units that place 0 paid, three quarters are still at place 1.
    assert.equal(adjoint.contribution[3], 6);
  }
});
