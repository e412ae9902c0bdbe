import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../base/random.ts';
import { createEngine } from '../engine.ts';
import { DESTROYED, FEE, OUTSIDE, type PlaceTable, type Step, type Touch } from '../step.ts';
import {
  BUCKET_OF_CODE,
  columnsOfSteps,
  FAST_BUCKETS,
  FAST_STOPS,
  type FastColumns,
  type FastResult,
  type FastSeed,
} from './columns.ts';
import { fastFifo } from './fifo.ts';
import { fastHaircut } from './haircut.ts';

type Method = 'fifo' | 'haircut';
const RUN = { fifo: fastFifo, haircut: fastHaircut };
const THEFT = [{ id: 'one' }];
const OPTIONS = { meeting: 'first', minUnits: [0n], maxHops: null } as const;

function tableOf({ placeCount, stop, tracked }: Pick<FastColumns, 'placeCount' | 'stop' | 'tracked'>): PlaceTable {
  return {
    count: placeCount,
    asset: () => 0,
    owner: (place) => place,
    stop: (place) => FAST_STOPS[stop[place]! - 1] ?? null,
    tracked: (place) => tracked[place] === 1,
  };
}

/** The same case as the general engine reads it. */
function stepsOf({ from, to, amount, seeds }: FastColumns): Step[] {
  const steps: Step[] = [];
  for (let row = 0; row <= amount.length; row += 1) {
    for (const { before, place, amount: seeded, mode } of seeds) {
      const units = BigInt(seeded);
      if (before === row) steps.push({ kind: 'seed', time: row, theft: 0, place, amount: units, units, mode });
    }
    if (row === amount.length) break;
    const leg = { from: from[row]!, to: to[row]!, amount: BigInt(amount[row]!), row };
    steps.push({ kind: 'account', time: row, legs: [leg] });
  }
  return steps;
}

function runEngine(method: Method, columns: FastColumns) {
  const touches: Touch[] = [];
  const engine = createEngine(method, tableOf(columns), THEFT, OPTIONS, (touch) => touches.push(touch));
  for (const step of stepsOf(columns)) engine.apply(step);
  return { outcome: engine.outcome(), touches };
}

const credit = (place: number, amount: number, before = 0): FastSeed => ({ before, place, amount, mode: 'credit' });

const PLACES = 7;
/** Small amounts meet and part often; large ones make products far beyond 2^53. */
const amounts = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 2 ** 44, max: 2 ** 46 }) },
);
const chains: fc.Arbitrary<FastColumns> = fc
  .record({
    moves: fc.array(
      fc.tuple(
        fc.integer({ min: OUTSIDE, max: PLACES - 1 }),
        fc.constantFrom(FEE, DESTROYED, 0, 1, 2, 3, 4, 5, 6),
        amounts,
      ),
      {
        maxLength: 40,
      },
    ),
    stop: fc.array(fc.constantFrom(0, 0, 0, 0, 0, 1, 3, 5, 6), { minLength: PLACES, maxLength: PLACES }),
    seeds: fc.array(
      fc.record({
        before: fc.nat(40),
        place: fc.nat(PLACES - 1),
        amount: amounts,
        mode: fc.constantFrom('credit' as const, 'credit' as const, 'mark' as const),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  })
  .map(({ moves, stop, seeds }) => ({
    placeCount: PLACES,
    from: Int32Array.from(moves, (move) => move[0]),
    to: Int32Array.from(moves, (move) => move[1]),
    amount: Float64Array.from(moves, (move) => move[2]),
    tracked: new Uint8Array(PLACES).fill(1),
    stop: Uint8Array.from(stop),
    seeds: seeds
      .map((seed) => ({ ...seed, before: Math.min(seed.before, moves.length) }))
      .sort((a, b) => a.before - b.before),
  }));

/** Drops the seeds that do not fit, so that most chains run; null where another reason stands. */
function fitted(columns: FastColumns, method: Method): FastColumns | null {
  let { seeds } = columns;
  for (let attempt = 0; attempt < 13; attempt += 1) {
    const outcome = RUN[method]({ ...columns, seeds });
    if (outcome.kind === 'exact') return { ...columns, seeds };
    if (!/seed|mark/.test(outcome.reason)) return null;
    seeds = seeds.filter((_, at) => at !== outcome.at);
  }
  return null;
}

/** Every number of the two results, each against each. */
function assertSame(method: Method, columns: FastColumns): void {
  const fast = RUN[method](columns) as FastResult;
  const { outcome, touches } = runEngine(method, columns);
  const theft = outcome.thefts[0]!;
  assert.equal(BigInt(fast.stolen), theft.stolen);
  for (const bucket of FAST_BUCKETS) assert.equal(BigInt(fast.buckets[bucket]), theft.buckets[bucket], bucket);
  const sparse = (values: Float64Array) =>
    [...values].flatMap((value, at) => (value === 0 ? [] : [[at, BigInt(value)]]));
  assert.deepEqual(
    sparse(fast.held),
    theft.holdings.map(({ place, amount }) => [place, amount]),
  );
  assert.deepEqual(
    sparse(fast.absorbed),
    theft.absorptions.map(({ place, amount }) => [place, amount]),
  );
  assert.deepEqual(
    sparse(fast.tainted),
    touches.map(({ row, tainted }) => [row, tainted]),
  );
  const shortages = Array.from(fast.shortages.movement, (row, at) => [row, BigInt(fast.shortages.amount[at]!)]);
  assert.deepEqual(
    shortages,
    outcome.shortages.map(({ row, amount }) => [row, amount]),
  );
}

for (const method of ['fifo', 'haircut'] as const) {
  test(`15. fast ${method} equals the general engine bit for bit`, () => {
    let ran = 0;
    fc.assert(
      fc.property(chains, (any) => {
        const columns = fitted(any, method);
        if (columns === null) return;
        ran += 1;
        assertSame(method, columns);
      }),
      { numRuns: 3000 },
    );
    assert.ok(ran > 2500, `only ${ran} chains were eligible`);
  });

  test(`15. fast ${method} equals the general engine over long rows of parcels`, () => {
    const random = seededRandom(15);
    const placeCount = 300;
    const moves = Array.from({ length: 20_000 }, (_, row): [number, number, number] => {
      const from = row % 9 === 0 ? OUTSIDE : random.below(placeCount);
      return [from, random.below(placeCount), random.below(from === OUTSIDE ? 100_000 : 3_000)];
    });
    const seeds = Array.from({ length: 900 }, (_, at) =>
      credit(random.below(placeCount), 1 + random.below(5_000), at * 20),
    );
    assertSame(method, columnsOf(moves, seeds, placeCount));
  });

  test(`1. fast ${method}: the buckets sum to what was stolen, each from its places`, () => {
    fc.assert(
      fc.property(chains, (any) => {
        const columns = fitted(any, method);
        if (columns === null) return;
        const { buckets, stolen, held, absorbed } = RUN[method](columns) as FastResult;
        assert.equal(
          FAST_BUCKETS.reduce((total, bucket) => total + buckets[bucket], 0),
          columns.seeds.reduce((total, seed) => total + seed.amount, 0),
        );
        assert.equal(
          stolen,
          columns.seeds.reduce((total, seed) => total + seed.amount, 0),
        );
        assert.equal(
          buckets.held,
          held.reduce((total, amount) => total + amount, 0),
        );
        for (const bucket of ['absorbed', 'inFlight', 'leak'] as const) {
          const taken = absorbed.filter((_, place) => BUCKET_OF_CODE[columns.stop[place]!] === bucket);
          assert.equal(
            buckets[bucket],
            taken.reduce((total, amount) => total + amount, 0),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  test(`8. fast ${method}: nothing is tainted before the first seed, and a clean place stays clean`, () => {
    fc.assert(
      fc.property(chains, (any) => {
        const columns = fitted(any, method);
        if (columns === null) return;
        const first = columns.seeds.find((seed) => seed.amount > 0)?.before ?? columns.amount.length;
        const { tainted } = RUN[method](columns) as FastResult;
        assert.ok(tainted.subarray(0, first).every((amount) => amount === 0));
      }),
      { numRuns: 500 },
    );
  });
}

function columnsOf(
  moves: readonly [number, number, number][],
  seeds: readonly FastSeed[],
  placeCount = 3,
): FastColumns {
  return {
    placeCount,
    from: Int32Array.from(moves, (move) => move[0]),
    to: Int32Array.from(moves, (move) => move[1]),
    amount: Float64Array.from(moves, (move) => move[2]),
    tracked: new Uint8Array(placeCount).fill(1),
    stop: new Uint8Array(placeCount),
    seeds,
  };
}

const MAX = Number.MAX_SAFE_INTEGER;

test('15. what leaves 2^53 is refused, never rounded', () => {
  for (const fast of Object.values(RUN)) {
    const refused = (columns: FastColumns) => {
      const outcome = fast(columns);
      return outcome.kind === 'exact' ? 'exact' : `${outcome.reason} at ${outcome.at}`;
    };
    assert.equal(refused(columnsOf([[OUTSIDE, 0, MAX]], [credit(1, MAX)])), 'exact');
    assert.equal(
      refused(
        columnsOf(
          [
            [OUTSIDE, 0, MAX],
            [1, 0, 1],
          ],
          [credit(1, 1)],
        ),
      ),
      'balance leaves 2^53 at 1',
    );
    assert.equal(
      refused(
        columnsOf(
          [
            [OUTSIDE, 0, MAX],
            [OUTSIDE, 0, MAX],
          ],
          [],
        ),
      ),
      'balance leaves 2^53 at 1',
    );
    assert.equal(refused(columnsOf([[OUTSIDE, 0, MAX]], [credit(0, 1, 1)])), 'balance leaves 2^53 at 0');
    assert.equal(refused(columnsOf([], [credit(0, MAX), credit(1, 1)])), 'stolen leaves 2^53 at 1');
    const wrong = 'amount is not a whole number below 2^53 at 0';
    for (const amount of [2 ** 53, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      assert.equal(refused(columnsOf([[0, 1, amount]], [])), wrong);
    assert.equal(refused(columnsOf([[0, 3, 1]], [])), 'place out of range at 0');
    assert.equal(refused(columnsOf([[0, OUTSIDE, 1]], [])), 'place out of range at 0');
    assert.equal(refused(columnsOf([], [credit(0, 1, 1)])), 'place out of range at 0');
    assert.equal(refused(columnsOf([], [credit(0, 0)])), 'a seed of nothing at 0');
    const stopped = { ...columnsOf([], [credit(0, 1)]), stop: Uint8Array.of(1, 0, 0) };
    assert.equal(refused(stopped), 'a seed where no balance is kept at 0');
    const mark = { before: 1, place: 0, amount: 8, mode: 'mark' as const };
    assert.equal(refused(columnsOf([[OUTSIDE, 0, 7]], [mark])), 'mark exceeds the unmarked balance at 0');
  }
});

test('4. taint that reaches a place without a balance is refused, clean money is not', () => {
  for (const fast of Object.values(RUN)) {
    const columns = { ...columnsOf([[0, 1, 5]], [credit(2, 1)]), tracked: Uint8Array.of(1, 0, 1) };
    assert.equal(fast(columns).kind, 'exact');
    const reached = fast({ ...columns, seeds: [credit(0, 1)] });
    assert.deepEqual(reached, { kind: 'not eligible', reason: 'taint reaches a place that is not tracked', at: 0 });
  }
});

test('FIFO pays in order of arrival and haircut in proportion (docs/accounting.md)', () => {
  // 10 clean, then 10 stolen; 5 and then 10 go on.
  const columns = columnsOf(
    [
      [OUTSIDE, 0, 10],
      [0, 1, 5],
      [0, 2, 10],
    ],
    [credit(0, 10, 1)],
  );
  assert.deepEqual([...(fastFifo(columns) as FastResult).held], [5, 0, 5]);
  // ⌊10·5/20⌋ = 2 of 10 go first, then ⌊8·10/15⌋ = 5.
  assert.deepEqual([...(fastHaircut(columns) as FastResult).held], [3, 2, 5]);
});

test('15. the engine’s own steps become the same columns, or say why they cannot', () => {
  const columns = columnsOf(
    [
      [OUTSIDE, 0, 10],
      [0, 1, 5],
      [0, 2, 10],
    ],
    [credit(0, 10, 1)],
  );
  const steps = stepsOf(columns);
  const table = tableOf(columns);
  const built = columnsOfSteps(steps, table, THEFT, OPTIONS);
  assert.ok(built.kind === 'columns');
  assert.deepEqual(built.columns, columns);
  assert.deepEqual([...built.rows], [0, 1, 2]);
  const why = (...args: Parameters<typeof columnsOfSteps>) => {
    const outcome = columnsOfSteps(...args);
    return outcome.kind === 'columns' ? 'columns' : outcome.reason;
  };
  assert.equal(why(steps, table, [...THEFT, { id: 'two' }], OPTIONS), 'several thefts');
  assert.equal(why(steps, table, THEFT, { ...OPTIONS, maxHops: 3 }), 'threshold or hop limit');
  assert.equal(why(steps, table, THEFT, { ...OPTIONS, minUnits: [2n] }), 'threshold or hop limit');
  assert.equal(why(steps, { ...table, asset: (place) => place }, THEFT, OPTIONS), 'several assets');
  assert.equal(why(steps, { ...table, stop: () => 'hopLimit' }, THEFT, OPTIONS), 'threshold or hop limit');
  const wei = 10n ** 18n;
  const leg = { from: 0, to: 1, amount: wei, row: 0 };
  const tooLarge = 'amount is not a whole number below 2^53';
  assert.equal(why([{ kind: 'account', time: 0, legs: [leg] }], table, THEFT, OPTIONS), tooLarge);
  const seed = { kind: 'seed', time: 0, theft: 0, place: 0, amount: 5n, units: 4n, mode: 'credit' } as const;
  assert.equal(why([seed], table, THEFT, OPTIONS), 'source units are not base units of the asset');
  assert.equal(why([{ ...seed, amount: wei, units: wei }], table, THEFT, OPTIONS), tooLarge);
  const plain = 'not a plain account movement';
  assert.equal(why([{ kind: 'account', time: 0, legs: [leg], atom: true }], table, THEFT, OPTIONS), plain);
  assert.equal(why([{ kind: 'utxo', time: 0, inputs: [], outputs: [], row: 0 }], table, THEFT, OPTIONS), plain);
});
