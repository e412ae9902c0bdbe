import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HaetaeError } from '../base/errors.ts';
import { createEngine, METHODS, requireMethod } from './engine.ts';
import { createPoison } from './poison.ts';
import {
  BUCKETS,
  type EngineOptions,
  FEE,
  type Leg,
  type MeetingRule,
  OUTSIDE,
  type PlaceTable,
  type Step,
  type StopKind,
} from './step.ts';

const CONSERVING = Object.keys(METHODS).filter((name) => name !== 'poison');

function table(
  stops: Readonly<Record<number, StopKind>> = {},
  assets: Readonly<Record<number, number>> = {},
): PlaceTable {
  return {
    count: 10_000,
    asset: (place) => assets[place] ?? 0,
    owner: (place) => place % 100,
    stop: (place) => stops[place] ?? null,
    tracked: () => true,
  };
}

function options(thefts = 1, meeting: MeetingRule = 'first', maxHops: number | null = null): EngineOptions {
  return { meeting, maxHops, minUnits: new Array<bigint>(thefts).fill(0n) };
}

let rows = 0;
function pay(from: number, to: number, amount: bigint, time = 2): Step {
  rows += 1;
  return { kind: 'account', time, legs: [{ from, to, amount, row: rows }] };
}

function tx(...legs: (readonly [from: number, to: number, amount: bigint])[]): Step {
  const made = legs.map(([from, to, amount], row): Leg => ({ from, to, amount, row }));
  return { kind: 'account', time: 2, legs: made };
}

function seed(
  theft: number,
  place: number,
  amount: bigint,
  mode: 'credit' | 'mark' = 'credit',
  time = 1,
  units = amount,
): Step {
  return { kind: 'seed', time, theft, place, amount, units, mode };
}

function run(
  method: string,
  steps: readonly Step[],
  places = table(),
  settings = options(),
  ids = ['a', 'b'].slice(0, settings.minUnits.length),
) {
  const engine = createEngine(
    method,
    places,
    ids.map((id) => ({ id })),
    settings,
  );
  for (const step of steps) engine.apply(step);
  return engine;
}

const at = (engine: ReturnType<typeof run>, place: number, theft = 0): bigint => engine.tainted(place)[theft]!.amount;

test('methods are named, and lifo asks for its variant', () => {
  assert.deepEqual(Object.keys(METHODS).sort(), [
    'clean-first',
    'dirty-first',
    'fifo',
    'haircut',
    'lifo-in',
    'lifo-out',
    'poison',
    'tiho',
  ]);
  assert.throws(
    () => requireMethod('lifo'),
    (error) =>
      error instanceof HaetaeError &&
      error.code === 'E_METHOD_UNKNOWN' &&
      /lifo-in or lifo-out/.test(error.remedy ?? ''),
  );
  assert.throws(() => requireMethod('constructor'), /poison, haircut, fifo/);
});

test('B = 20, T = 10, ten sent to a, then ten to b: dirty-first says b has 0, clean-first says 10', () => {
  const steps = [pay(OUTSIDE, 0, 10n, 0), seed(0, 0, 10n), pay(0, 1, 10n), pay(0, 2, 10n)];
  const found = Object.fromEntries(
    CONSERVING.map((method) => [method, [1, 2].map((place) => at(run(method, steps), place))]),
  );
  assert.deepEqual(found, {
    haircut: [5n, 5n],
    fifo: [0n, 10n],
    'lifo-in': [10n, 0n],
    'lifo-out': [10n, 0n],
    tiho: [10n, 0n],
    'dirty-first': [10n, 0n],
    'clean-first': [0n, 10n],
  });
});

test('Clayton’s case: in a running account the first sum paid in is the first drawn out', () => {
  // The trustee pays in £100 of beneficiary A, then £50 of B, draws £120 and dissipates it: A is lost, £30 of B is left.
  const steps = [seed(0, 0, 100n), seed(1, 0, 50n, 'credit', 2), pay(0, 1, 120n, 3)];
  const engine = run('fifo', steps, table(), options(2));
  assert.deepEqual([at(engine, 0, 0), at(engine, 0, 1)], [0n, 30n]);
  assert.deepEqual([at(engine, 1, 0), at(engine, 1, 1)], [100n, 20n]);
});

test('Hallett and Roscoe: own money is spent first, and later deposits do not restore the lowest intermediate balance', () => {
  // £100 of trust money joins £50 of the trustee's own. £110 is spent: 50 own, 60 trust; 40 of trust is left. £200 of own money
  // comes later and £190 goes out: it is own money. The trust claim stays at the lowest intermediate balance, £40.
  const start = [pay(OUTSIDE, 0, 50n, 0), seed(0, 0, 100n), pay(0, 1, 110n)];
  assert.equal(at(run('clean-first', start), 0), 40n);
  const later = run('clean-first', [...start, pay(OUTSIDE, 0, 200n), pay(0, 2, 190n)]);
  assert.deepEqual([at(later, 0), at(later, 1), at(later, 2)], [40n, 60n, 0n]);
  // Spent to nothing, the claim is gone for good.
  const emptied = run('clean-first', [...start, pay(0, 2, 40n), pay(OUTSIDE, 0, 500n)]);
  assert.equal(at(emptied, 0), 0n);
});

test('Barlow Clowes: pro rata among two thefts and own money', () => {
  const engine = run(
    'haircut',
    [seed(0, 0, 300n), seed(1, 0, 100n), pay(OUTSIDE, 0, 100n), pay(0, 1, 250n)],
    table(),
    options(2),
  );
  assert.deepEqual([at(engine, 1, 0), at(engine, 1, 1), engine.balance(1)], [150n, 50n, 250n]);
});

test('haircut in whole units: what stays never exceeds what stays of the balance', () => {
  // Two thefts of 1 in a balance of 2; 1 is paid: each exact part is ½. Both floors are 0, but only 1 stays: the senior gives.
  const engine = run('haircut', [seed(0, 0, 1n), seed(1, 0, 1n), pay(0, 1, 1n)], table(), options(2));
  assert.deepEqual([at(engine, 1, 0), at(engine, 1, 1)], [1n, 0n]);
});

/** Inputs 5 clean, 5 stolen, 2 clean; outputs 3, 6, 1; fee 2. */
const UTXO: readonly Step[] = [
  {
    kind: 'utxo',
    time: 0,
    inputs: [],
    outputs: [
      { place: 0, value: 5n },
      { place: 2, value: 2n },
    ],
    row: 0,
  },
  seed(0, 1, 5n),
  {
    kind: 'utxo',
    time: 2,
    inputs: [0, 1, 2].map((place) => ({ place, value: place === 2 ? 2n : 5n })),
    outputs: [3n, 6n, 1n].map((value, index) => ({ place: 10 + index, value })),
    row: 1,
  },
];

test('one UTXO transaction by every method', () => {
  const found = Object.fromEntries(
    CONSERVING.map((method) => {
      const engine = run(method, UTXO);
      return [method, [...[10, 11, 12].map((place) => at(engine, place)), engine.outcome().thefts[0]!.buckets.fee]];
    }),
  );
  assert.deepEqual(found, {
    // 5 · (3, 6, 1, 2) / 12 = 1.25, 2.5, 0.42, 0.83: the two units left go to the fee and to output 1.
    haircut: [1n, 3n, 0n, 1n],
    // The row is 5 clean, 5 stolen, 2 clean, cut after 3, 9 and 10.
    fifo: [0n, 4n, 1n, 0n],
    // The row is 2 clean, 5 stolen, 5 clean.
    'lifo-in': [1n, 4n, 0n, 0n],
    // Output 2 takes the first unit, output 1 the next six (4 clean, 2 stolen), output 0 three stolen.
    'lifo-out': [3n, 2n, 0n, 0n],
    tiho: [0n, 5n, 0n, 0n],
    'dirty-first': [3n, 2n, 0n, 0n],
    // 7 clean fill 3 and 4 of 6; then 2, 1 and the fee are stolen.
    'clean-first': [0n, 2n, 1n, 2n],
  });
});

test('a fee comes last, and spent outpoints are empty', () => {
  const engine = run('fifo', UTXO);
  assert.deepEqual(
    [0, 1, 2].map((place) => engine.balance(place)),
    [0n, 0n, 0n],
  );
});

test('shortage: money the data never showed arriving is clean, at the tail, and reported', () => {
  const engine = run('fifo', [seed(0, 0, 4n), pay(0, 1, 10n)]);
  assert.deepEqual(engine.parcels(1), [
    { theft: 0, amount: 4n, units: 4n },
    { theft: -1, amount: 6n, units: 0n },
  ]);
  assert.deepEqual(
    engine.outcome().shortages.map(({ place, amount }) => [place, amount]),
    [[0, 6n]],
  );
});

test('stops by kind, with the transfers behind them', () => {
  const stops: Record<number, StopKind> = { 1: 'service', 2: 'bridge', 3: 'feeTaker', 4: 'mixer', 5: 'hopLimit' };
  const engine = run(
    'fifo',
    [seed(0, 0, 15n), ...[1, 2, 3, 4, 5].map((place) => pay(0, place, 3n, 1 + place)), pay(1, 6, 3n)],
    table(stops),
  );
  const [theft] = engine.outcome().thefts;
  assert.deepEqual(theft!.buckets, {
    held: 3n,
    fee: 0n,
    absorbed: 6n,
    inFlight: 3n,
    leak: 3n,
    belowThreshold: 0n,
    senior: 0n,
  });
  assert.deepEqual(
    theft!.absorptions.map((item) => [item.place, item.stop, item.bucket, item.units, item.rows.length]),
    [
      [1, 'service', 'absorbed', 3n, 1],
      [2, 'bridge', 'inFlight', 3n, 1],
      [3, 'feeTaker', 'leak', 3n, 1],
      [4, 'mixer', 'absorbed', 3n, 1],
    ],
  );
  assert.equal(at(engine, 6), 0n, 'a stop passes nothing on');
});

test('hops: beyond the limit a place holds what it gets, and its money goes on as clean', () => {
  const steps = [seed(0, 0, 9n), pay(0, 1, 9n), pay(1, 2, 9n), pay(2, 3, 9n)];
  const engine = run('haircut', steps, table(), options(1, 'first', 1));
  assert.deepEqual(
    engine.outcome().thefts[0]!.holdings.map(({ place, units, hops }) => [place, units, hops]),
    [[2, 9n, 2]],
  );
  assert.equal(engine.balance(3), 9n);
  const poison = createPoison(table(), [{ id: 'a' }], options(1, 'first', 1));
  for (const step of steps) poison.apply(step);
  assert.deepEqual(
    poison.outcome().reach[0]!.map((item) => item.place),
    [0, 1, 2],
  );
});

test('a documented link carries on what one transfer put into a stop, scaled as in a swap', () => {
  const stops: Record<number, StopKind> = { 1: 'bridge' };
  const step = pay(0, 1, 10n);
  const departure = step.kind === 'account' ? step.legs[0]!.row : 0;
  for (const method of CONSERVING) {
    const engine = run(
      method,
      [
        seed(0, 0, 10n, 'credit', 1, 700n),
        step,
        { kind: 'arrival', time: 3, departure, place: 4, amount: 2n, mode: 'credit' },
      ],
      table(stops),
    );
    assert.deepEqual(engine.tainted(4), [{ amount: 2n, units: 700n }]);
    assert.deepEqual(engine.outcome().thefts[0]!.absorptions, []);
  }
});

test('a mark takes what came last; larger than the unmarked balance it is refused and changes nothing', () => {
  const engine = run('fifo', [pay(OUTSIDE, 0, 4n, 0), pay(OUTSIDE, 0, 6n, 0), seed(0, 0, 7n, 'mark')]);
  assert.deepEqual(engine.parcels(0), [
    { theft: -1, amount: 3n, units: 0n },
    { theft: 0, amount: 7n, units: 7n },
  ]);
  const before = engine.outcome();
  assert.throws(
    () => engine.apply(seed(0, 0, 4n, 'mark')),
    (error) => error instanceof HaetaeError && error.code === 'E_MARK_EXCEEDS' && error.context.unmarked === '3',
  );
  assert.deepEqual(engine.outcome(), before);
});

test('two thefts mark the same money: first, share and overlap', () => {
  // 100 there; theft a marks 80, theft b 60: 20 clean and 40 contested.
  const steps = [pay(OUTSIDE, 0, 100n, 0), seed(0, 0, 80n, 'mark', 1, 80n), seed(1, 0, 60n, 'mark', 2, 60n)];
  const results = (meeting: MeetingRule): bigint[] => {
    const { thefts } = run('haircut', steps, table(), options(2, meeting)).outcome();
    return thefts.flatMap((theft) => [theft.buckets.held, theft.buckets.senior]);
  };
  assert.deepEqual(results('first'), [80n, 0n, 20n, 40n]);
  // 40 · 60 / 140 = 17.14 and 22.86: b wins 17, a keeps 23 of the contested part.
  assert.deepEqual(results('share'), [63n, 17n, 37n, 23n]);
  assert.deepEqual(results('overlap'), [80n, 0n, 60n, 0n]);
  assert.equal(run('haircut', steps, table(), options(2, 'overlap')).outcome().notes.overlap, 1);
});

test('the theft whose first seed is earlier is senior; at one time the smaller id', () => {
  const steps = (timeOfB: number) => [
    pay(OUTSIDE, 0, 10n, 0),
    seed(1, 0, 10n, 'mark', timeOfB),
    seed(0, 0, 10n, 'mark', 5),
  ];
  const held = (timeOfB: number) =>
    run('fifo', steps(timeOfB), table(), options(2))
      .outcome()
      .thefts.map((theft) => theft.buckets.held);
  assert.deepEqual(held(4), [0n, 10n]);
  assert.deepEqual(held(5), [10n, 0n], 'theft a takes over what theft b marked in the same second');
});

test('meeting in a movement: first takes the senior’s units, share takes pro rata', () => {
  const steps = [seed(0, 0, 6n), seed(1, 0, 3n), pay(0, 1, 4n)];
  const moved = (meeting: MeetingRule) => {
    const engine = run('dirty-first', steps, table(), options(2, meeting));
    return [at(engine, 1, 0), at(engine, 1, 1)];
  };
  assert.deepEqual(moved('first'), [4n, 0n]);
  assert.deepEqual(moved('share'), [3n, 1n]);
});

test('thresholds: a small group is dropped into its bucket and its money goes on as clean', () => {
  const engine = run('fifo', [seed(0, 0, 10n), pay(0, 1, 2n), pay(0, 2, 8n)], table(), {
    ...options(),
    minUnits: [5n],
  });
  assert.deepEqual(engine.outcome().thefts[0]!.buckets.belowThreshold, 2n);
  assert.deepEqual(engine.parcels(1), [{ theft: -1, amount: 2n, units: 0n }]);
});

/** Owner n holds asset 0 at place n, asset 1 at 100 + n, asset 2 at 200 + n. */
const ASSETS = Object.fromEntries(Array.from({ length: 300 }, (_, place) => [place, Math.floor(place / 100)]));

test('a swap carries source units to what was received, gas apart', () => {
  for (const method of CONSERVING) {
    const engine = run(method, [seed(0, 1, 100n), tx([1, 9, 90n], [109, 101, 7n], [1, FEE, 10n])], table({}, ASSETS));
    assert.deepEqual(engine.tainted(101), [{ amount: 7n, units: 90n }]);
    assert.equal(engine.outcome().thefts[0]!.buckets.fee, 10n);
    assert.equal(at(engine, 9), 0n, 'the pool gets clean money');
  }
});

test('a swap without an output leaks and says so; one with several splits and says so', () => {
  const leaked = run('fifo', [seed(0, 1, 10n), tx([1, 9, 10n], [109, 110, 5n], [10, 9, 5n])], table({}, ASSETS));
  assert.equal(leaked.outcome().thefts[0]!.buckets.leak, 10n);
  assert.equal(leaked.outcome().notes.swapWithoutOutput, 1);
  const split = run('fifo', [seed(0, 1, 11n), tx([1, 9, 11n], [109, 101, 5n], [209, 201, 5n])], table({}, ASSETS));
  assert.deepEqual([split.tainted(101)[0]!.units, split.tainted(201)[0]!.units], [6n, 5n]);
  assert.equal(split.outcome().notes.ambiguousSwap, 1);
});

test('TIHO nets a transaction and fills its largest receiver first; unlinked payments stay apart', () => {
  const through = tx([0, 5, 10n], [5, 1, 3n], [5, 2, 7n]);
  const engine = run('tiho', [pay(OUTSIDE, 0, 5n, 0), seed(0, 0, 5n), through]);
  assert.deepEqual(
    [1, 2, 5].map((place) => at(engine, place)),
    [0n, 5n, 0n],
  );
  const apart = run('tiho', [seed(0, 0, 5n), tx([0, 1, 5n], [OUTSIDE, 2, 9n], [3, 4, 8n])]);
  assert.deepEqual(
    [1, 2, 4].map((place) => at(apart, place)),
    [5n, 0n, 0n],
  );
});

test('property 13: zero values, dust, self-spends, coinbases, data outputs and repeated ids lose nothing', () => {
  const odd: Step[] = [
    {
      kind: 'utxo',
      time: 0,
      inputs: [],
      outputs: [
        { place: 20, value: 0n },
        { place: 21, value: 50n },
      ],
      row: 1,
    },
    { kind: 'utxo', time: 0, inputs: [], outputs: [], row: 2 },
    seed(0, 21, 30n, 'mark'),
    // The same outpoint is created again (two coinbases of one id, BIP 30).
    { kind: 'utxo', time: 2, inputs: [], outputs: [{ place: 21, value: 50n }], row: 3 },
    {
      kind: 'utxo',
      time: 3,
      inputs: [{ place: 21, value: 50n }],
      outputs: [
        { place: 22, value: 0n },
        { place: 23, value: 49n },
      ],
      row: 4,
    },
    {
      kind: 'utxo',
      time: 4,
      inputs: [
        { place: 23, value: 49n },
        { place: 23, value: 49n },
      ],
      outputs: [{ place: 24, value: 1n }],
      row: 5,
    },
    { kind: 'utxo', time: 5, inputs: [{ place: 24, value: 1n }], outputs: [{ place: 25, value: 0n }], row: 6 },
    seed(0, 0, 3n, 'credit', 6),
    pay(0, 0, 3n, 7),
    pay(0, 0, 9n, 7),
    pay(0, 1, 0n, 7),
    pay(0, FEE, 0n, 7),
    tx([0, 1, 0n], [0, 0, 1n], [OUTSIDE, FEE, 0n]),
    pay(0, 1, 1n, 8),
  ];
  for (const method of CONSERVING) {
    const engine = createEngine(method, table(), [{ id: 'a' }], options());
    for (const step of odd) {
      engine.apply(step);
      const [theft] = engine.outcome().thefts;
      assert.equal(
        BUCKETS.reduce((sum, bucket) => sum + theft!.buckets[bucket], 0n),
        theft!.stolen,
      );
      assert.ok(
        theft!.holdings.every(
          (item) => item.amount >= 0n && Number.isFinite(item.hops) && Number.isFinite(item.lastArrival),
        ),
      );
    }
    assert.equal(engine.outcome().thefts[0]!.stolen, 33n);
  }
});

test('thousands of inputs and outputs in one transaction', () => {
  const many = Array.from({ length: 4000 }, (_, index) => index);
  const inputs = many.map((place) => ({ place, value: 7n }));
  const outputs = many.map((place) => ({ place: 5000 + place, value: 6n }));
  const seeds = [seed(0, 3, 7n), seed(1, 777, 5n), seed(0, 3999, 2n)];
  for (const method of CONSERVING) {
    const engine = run(method, [...seeds, { kind: 'utxo', time: 2, inputs, outputs, row: 1 }], table(), options(2));
    assert.deepEqual(
      engine.outcome().thefts.map((theft) => theft.stolen),
      [9n, 5n],
    );
  }
});

test('taint for a place that is not tracked is a programmer’s fault', () => {
  const blind: PlaceTable = { ...table(), tracked: (place) => place === 0 };
  assert.throws(() => run('fifo', [seed(0, 0, 3n), pay(0, 1, 3n)], blind), /tracked places only/);
});
