import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { createEngine } from '../taint/engine.ts';
import * as step from '../taint/step.ts';
import { sampleRows, sliceRows } from './_sample.ts';
import { createKernels, type Kernels, type TaintSeed } from './kernel.ts';
import { FEE, NONE } from './rows.ts';

const WASM = createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url)));
const TWIN = createKernels(null);
const FORMS: readonly Kernels[] = [WASM, TWIN];
const PLACES = 6;

const chains = fc.record({
  moves: fc.array(
    fc.record({
      from: fc.constantFrom(NONE, 0, 1, 2, 3, 4, 5),
      to: fc.constantFrom(NONE, FEE, 0, 1, 2, 3, 4, 5),
      amount: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 2 ** 46 })),
    }),
    { maxLength: 40 },
  ),
  stop: fc.array(fc.constantFrom(0, 0, 0, 1), { minLength: PLACES, maxLength: PLACES }),
  seed: fc.record({ before: fc.nat(10), place: fc.nat(PLACES - 1), amount: fc.integer({ min: 1, max: 2 ** 46 }) }),
});
type Chain = typeof chains extends fc.Arbitrary<infer T> ? T : never;

/** Units at each place, the seeded place being no stop, by the exact engine. */
function exact({ moves, stop, seed }: Chain) {
  const places: step.PlaceTable = {
    count: PLACES,
    asset: () => 0,
    owner: (place) => place,
    stop: (place) => (stop[place] === 1 ? 'mixer' : null),
    tracked: () => true,
  };
  const engine = createEngine(
    'haircut',
    places,
    [{ id: 'one' }],
    { meeting: 'first', minUnits: [0n], maxHops: null },
    () => {},
  );
  const end = (id: number) => (id === FEE ? step.FEE : id === NONE ? step.DESTROYED : id);
  const units = BigInt(seed.amount);
  for (let row = 0; row <= moves.length; row += 1) {
    if (row === seed.before)
      engine.apply({ kind: 'seed', time: row, theft: 0, place: seed.place, amount: units, units, mode: 'credit' });
    if (row === moves.length) break;
    const { from, to, amount } = moves[row]!;
    const leg = { from: from === NONE ? step.OUTSIDE : from, to: end(to), amount: BigInt(amount), row };
    engine.apply({ kind: 'account', time: row, legs: [leg] });
  }
  return engine;
}

function ratiosOf({ moves, seed }: Chain) {
  const rows = {
    count: moves.length,
    from: Uint32Array.from(moves, ({ from }) => from),
    to: Uint32Array.from(moves, ({ to }) => to),
    low: Uint32Array.from(moves.flatMap(({ amount }) => [amount >>> 0, Math.floor(amount / 2 ** 32)])),
    high: null,
    ratio: new Float64Array(moves.length),
  };
  const balances = TWIN.balances({ places: PLACES });
  const cut = Math.min(seed.before, rows.count);
  balances.run(sliceRows(rows, 0, cut), rows.ratio.subarray(0, cut));
  balances.credit(seed.place, BigInt(seed.amount));
  balances.run(sliceRows(rows, cut, rows.count), rows.ratio.subarray(cut));
  return rows;
}

test('agrees with the exact engine to 1e-12 and one unit a step (property 20)', () => {
  fc.assert(
    fc.property(chains, (given) => {
      fc.pre(given.seed.before < given.moves.length && given.stop[given.seed.place] === 0);
      const engine = exact(given);
      const rows = ratiosOf(given);
      for (const kernels of FORMS) {
        const taint = kernels.taint({ places: PLACES, stop: Uint8Array.from(given.stop) });
        taint.run(rows, { seeds: [given.seed] });
        for (let place = 0; place < PLACES; place += 1) {
          if (given.stop[place] === 1) continue;
          const held = engine.tainted(place).reduce((sum, claim) => sum + Number(claim.amount), 0);
          assert.ok(Math.abs(held - taint.taint[place]!) <= given.moves.length + given.seed.amount * 1e-12);
        }
        const all = taint.taint.reduce((sum, units) => sum + units, taint.fee + taint.gone);
        assert.ok(Math.abs(all - given.seed.amount) <= given.seed.amount * 1e-12, 'nothing is lost');
      }
    }),
    { numRuns: 200 },
  );
});

test('both forms give the same bits on many rows, in whatever chunks, with seeds and stops', () => {
  const places = 400;
  const rows = sampleRows(seededRandom(3), { count: 150_000, places });
  const stop = Uint8Array.from({ length: places }, (_, place) => (place % 37 === 5 ? 1 : 0));
  const seeds: TaintSeed[] = [
    { before: 0, place: 3, amount: 1e12 },
    { before: 70_000, place: 5, amount: 7 },
    { before: 70_001, place: 8, amount: 1e9 },
  ];
  const one = WASM.taint({ places, stop });
  const other = TWIN.taint({ places, stop });
  const whole = new Float64Array(rows.count);
  const parts = new Float64Array(rows.count);
  one.run(rows, { seeds, tainted: whole });
  for (let first = 0; first < rows.count; first += 23_456) {
    const end = Math.min(rows.count, first + 23_456);
    other.run(sliceRows(rows, first, end), { first, seeds, tainted: parts.subarray(first, end) });
  }
  assert.deepEqual(parts, whole);
  assert.deepEqual(one.save(), other.save());
  assert.ok(one.taint[5]! > 7, 'a stop keeps what was placed and what arrived');
});

test('two thefts in one pass are the sum of two passes (property 5)', () => {
  const places = 50;
  const rows = sampleRows(seededRandom(4), { count: 3_000, places });
  const seeds: TaintSeed[] = [
    { before: 10, place: 1, amount: 1e6 },
    { before: 900, place: 2, amount: 3e6 },
  ];
  const run = (chosen: TaintSeed[]) => {
    const taint = WASM.taint({ places });
    taint.run(rows, { seeds: chosen });
    return taint;
  };
  const both = run(seeds);
  const [first, second] = seeds.map((seed) => run([seed]));
  for (let place = 0; place < places; place += 1)
    assert.ok(Math.abs(both.taint[place]! - first!.taint[place]! - second!.taint[place]!) < 1e-6);
});

test('rows may lie in shared memory', () => {
  const rows = sampleRows(seededRandom(9), { count: 500, places: 9 });
  const share = <T extends Uint32Array | Float64Array>(column: T): T => {
    const shared = new SharedArrayBuffer(column.byteLength);
    const copy = column instanceof Uint32Array ? new Uint32Array(shared) : new Float64Array(shared);
    copy.set(column);
    return copy as T;
  };
  const shared = { ...rows, from: share(rows.from), to: share(rows.to), ratio: share(rows.ratio) };
  for (const kernels of FORMS) {
    const [one, other] = [kernels.taint({ places: 9 }), kernels.taint({ places: 9 })];
    one.run(rows, { seeds: [{ before: 0, place: 0, amount: 5 }] });
    other.run(shared, { seeds: [{ before: 0, place: 0, amount: 5 }] });
    assert.deepEqual(one.save(), other.save());
  }
});
