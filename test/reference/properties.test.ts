import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../../src/base/errors.ts';
import { createEngine, type Engine } from '../../src/taint/engine.ts';
import { createPoison } from '../../src/taint/poison.ts';
import {
  BUCKETS,
  type EngineOutcome,
  type PlaceTable,
  type Step,
  type StopKind,
  type Touch,
} from '../../src/taint/step.ts';
import { ACCOUNTS, type Chain, chain, EVERYTHING, type Shape, UNTRACKED } from './chain.ts';

const CONSERVING = ['haircut', 'fifo', 'lifo-in', 'lifo-out', 'tiho', 'dirty-first', 'clean-first'];
const RUNS = Number(process.env.HAETAE_RUNS ?? 25);
const PLAIN: Shape = { swaps: false, utxo: true, links: false, stops: false, limits: false, marks: false, thefts: 1 };

function forAll(arbitrary: fc.Arbitrary<Chain>, check: (random: Chain) => void): void {
  fc.assert(fc.property(arbitrary, check), { numRuns: RUNS });
}

/** A mark that exceeds its balance is refused and the chain goes on: refusing is tested elsewhere. */
function applyAll(engine: Pick<Engine, 'apply'>, steps: readonly Step[], after: (step: Step) => void = () => {}): void {
  for (const step of steps) {
    try {
      engine.apply(step);
    } catch (error) {
      if (!(error instanceof HaetaeError) || error.code !== 'E_MARK_EXCEEDS') throw error;
    }
    after(step);
  }
}

function run(method: string, random: Chain): { outcome: EngineOutcome; engine: Engine; touches: Touch[] } {
  const touches: Touch[] = [];
  const engine = createEngine(method, random.table, random.thefts, random.options, (touch) => touches.push(touch));
  applyAll(engine, random.steps);
  return { outcome: engine.outcome(), engine, touches };
}

const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((total, n) => total + n, 0n);

function mapAmounts(step: Step, change: (amount: bigint) => bigint): Step {
  if (step.kind === 'account')
    return { ...step, legs: step.legs.map((leg) => ({ ...leg, amount: change(leg.amount) })) };
  if (step.kind === 'seed') return { ...step, amount: change(step.amount), units: change(step.units) };
  if (step.kind === 'arrival') return { ...step, amount: change(step.amount) };
  const scaled = (ends: readonly { place: number; value: bigint }[]) =>
    ends.map(({ place, value }) => ({ place, value: change(value) }));
  return { ...step, inputs: scaled(step.inputs), outputs: scaled(step.outputs) };
}

/** Movements one by one: no transaction of several legs. */
function flat(random: Chain): Chain {
  const steps = random.steps.flatMap((step): Step[] =>
    step.kind === 'account' ? step.legs.map((leg) => ({ kind: 'account', time: step.time, legs: [leg] })) : [step],
  );
  return { ...random, steps };
}

const movements = (steps: readonly Step[]): number =>
  steps.reduce(
    (count, step) =>
      count + (step.kind === 'account' ? step.legs.length : step.kind === 'utxo' ? step.outputs.length + 1 : 1),
    0,
  );

test('property 1: the buckets sum to what was stolen after every step, by every method', () => {
  forAll(chain(EVERYTHING), (random) => {
    for (const method of CONSERVING) {
      const engine = createEngine(method, random.table, random.thefts, random.options);
      let stolen = random.thefts.map(() => 0n);
      applyAll(engine, random.steps, () => {
        const { thefts } = engine.outcome();
        for (const theft of thefts) assert.equal(sum(BUCKETS.map((bucket) => theft.buckets[bucket])), theft.stolen);
        for (const [index, theft] of thefts.entries()) assert.ok(theft.stolen >= stolen[index]!);
        stolen = thefts.map((theft) => theft.stolen);
      });
    }
  });
});

test('property 2: taint lies between 0 and the value of every place after every step, and the parcels sum to the balance', () => {
  forAll(chain(EVERYTHING), (random) => {
    for (const method of CONSERVING) {
      const engine = createEngine(method, random.table, random.thefts, random.options);
      applyAll(engine, random.steps, (step) => {
        for (const place of placesOf(step)) {
          const parcels = engine.parcels(place);
          const tainted = sum(engine.tainted(place).map((claim) => claim.amount));
          assert.ok(parcels.every((parcel) => parcel.amount > 0n && parcel.units >= 0n));
          assert.equal(sum(parcels.map((parcel) => parcel.amount)), engine.balance(place));
          assert.equal(sum(parcels.filter((parcel) => parcel.theft >= 0).map((parcel) => parcel.amount)), tainted);
          assert.ok(tainted <= engine.balance(place));
        }
      });
    }
  });
});

function placesOf(step: Step): number[] {
  if (step.kind === 'account') return step.legs.flatMap((leg) => [leg.from, leg.to]).filter((place) => place >= 0);
  if (step.kind === 'utxo') return [...step.inputs, ...step.outputs].map((end) => end.place);
  return [step.place];
}

test('property 3: what a step moves lies in the step interval of its own local state', () => {
  forAll(chain({ ...PLAIN, thefts: 2, marks: true }), (random) => {
    for (const method of CONSERVING) {
      let moved: Touch[] = [];
      const engine = createEngine(method, random.table, random.thefts, random.options, (touch) => moved.push(touch));
      for (const step of flat(random).steps) {
        moved = [];
        const before = localState(engine, step, random.table);
        applyAll(engine, [step]);
        if (step.kind === 'account') {
          const leg = step.legs[0]!;
          if (leg.from !== leg.to) within(moved, leg.to, leg.amount, before);
        } else if (step.kind === 'utxo')
          for (const { place, value } of step.outputs) within(moved, place, value, before);
      }
    }
  });
});

/** Value and taint that a step takes from, the missing part counted as clean. */
function localState(engine: Engine, step: Step, table: PlaceTable): { value: bigint; taint: bigint } {
  const taintAt = (place: number): bigint => sum(engine.tainted(place).map((claim) => claim.amount));
  if (step.kind === 'account') {
    const { from, amount } = step.legs[0]!;
    if (from < 0 || !table.tracked(from)) return { value: amount, taint: 0n };
    const balance = engine.balance(from);
    return { value: balance > amount ? balance : amount, taint: taintAt(from) };
  }
  if (step.kind !== 'utxo') return { value: 0n, taint: 0n };
  const paidIn = sum(step.inputs.map((input) => input.value));
  const paidOut = sum(step.outputs.map((output) => output.value));
  // Seeds may have put more on an outpoint than it is worth; then not all its taint is spent.
  const taint = sum(step.inputs.map(({ place, value }) => (engine.balance(place) > value ? -1000n : taintAt(place))));
  return { value: paidIn > paidOut ? paidIn : paidOut, taint };
}

function within(
  moved: readonly Touch[],
  place: number,
  amount: bigint,
  { value, taint }: { value: bigint; taint: bigint },
): void {
  if (taint < 0n) return;
  const tainted = sum(moved.filter((touch) => touch.to === place).map((touch) => touch.tainted));
  const clean = value - taint;
  assert.ok(tainted >= (amount > clean ? amount - clean : 0n), `at least: ${tainted} of ${amount}`);
  assert.ok(tainted <= (taint < amount ? taint : amount), `at most: ${tainted} of ${amount}`);
}

test('property 4: poison’s reach contains every other method’s support', () => {
  forAll(chain(EVERYTHING), (random) => {
    const poison = createPoison(random.table, random.thefts, random.options);
    applyAll(poison, random.steps);
    const reach = poison.outcome().reach.map((places) => new Map(places.map((item) => [item.place, item])));
    for (const method of CONSERVING) {
      const { outcome } = run(method, random);
      outcome.thefts.forEach((theft, index) => {
        for (const { place, hops } of [...theft.holdings, ...theft.absorptions]) {
          const reached = reach[index]!.get(place);
          assert.ok(reached !== undefined, `${method} has taint at ${place}`);
          assert.ok(reached.hops <= hops);
        }
      });
    }
  });
});

test('property 4: poison equals what is reachable forward in time', () => {
  forAll(chain({ ...PLAIN, stops: true, thefts: 2 }), (random) => {
    const poison = createPoison(random.table, random.thefts, random.options);
    applyAll(poison, random.steps);
    random.thefts.forEach((_, theft) => {
      const reached = new Set<number>();
      for (const step of random.steps) forward(step, theft, reached, random.table);
      assert.deepEqual(new Set(poison.outcome().reach[theft]!.map((item) => item.place)), reached);
    });
  });
});

function forward(step: Step, theft: number, reached: Set<number>, table: PlaceTable): void {
  const open = (place: number): boolean => reached.has(place) && table.stop(place) === null;
  if (step.kind === 'seed' && step.theft === theft) reached.add(step.place);
  if (step.kind === 'account')
    for (const leg of step.legs) if (leg.amount > 0n && leg.to >= 0 && open(leg.from)) reached.add(leg.to);
  if (step.kind === 'utxo' && step.inputs.some((input) => input.value > 0n && open(input.place))) {
    for (const output of step.outputs) if (output.value > 0n) reached.add(output.place);
  }
}

test('property 5: haircut is linear: two thefts in one pass equal the sum of two passes, within a unit a movement and theft', () => {
  forAll(chain({ ...PLAIN, swaps: true, thefts: 2 }), (random) => {
    const large = { ...random, steps: random.steps.map((step) => mapAmounts(step, (amount) => amount * 10n ** 12n)) };
    const together = run('haircut', large).engine;
    const alone = run('haircut', { ...large, options: { ...large.options, meeting: 'overlap' } }).engine;
    const tolerance = BigInt(4 * movements(large.steps));
    for (let place = 0; place < random.table.count; place += 1) {
      const separate = alone.tainted(place);
      together.tainted(place).forEach((claim, theft) => {
        const apart = claim.amount - separate[theft]!.amount;
        assert.ok((apart < 0n ? -apart : apart) <= tolerance, `${claim.amount} against ${separate[theft]!.amount}`);
      });
      assert.equal(together.balance(place), alone.balance(place));
    }
  });
});

test('property 8: nothing is tainted before the theft', () => {
  forAll(chain({ ...EVERYTHING, thefts: 1 }), (random) => {
    const seeds = random.steps.filter((step) => step.kind === 'seed');
    const others = random.steps.filter((step) => step.kind !== 'seed');
    for (const method of CONSERVING) {
      const { outcome, touches } = run(method, { ...random, steps: [...others, ...seeds] });
      assert.deepEqual(touches, []);
      assert.deepEqual(outcome.thefts[0]!.absorptions, []);
    }
  });
});

test('property 8: the order of independent transactions changes nothing', () => {
  forAll(chain({ ...EVERYTHING, links: false }), (random) => {
    const swapped = [...random.steps];
    for (let index = 0; index + 1 < swapped.length; index += 1) {
      const [a, b] = [swapped[index]!, swapped[index + 1]!];
      const apart = !placesOf(a).some((place) => placesOf(b).includes(place));
      if (!apart || a.kind === 'seed' || b.kind === 'seed') continue;
      swapped[index] = b;
      swapped[index + 1] = a;
    }
    for (const method of CONSERVING) {
      assert.deepEqual(run(method, { ...random, steps: swapped }).outcome.thefts, run(method, random).outcome.thefts);
    }
  });
});

test('property 9: the same order gives the same result, another order of one place may not', () => {
  forAll(chain(EVERYTHING), (random) => {
    for (const method of CONSERVING) assert.deepEqual(run(method, random).outcome, run(method, random).outcome);
  });
  const [first, second] = [pay(0, 1, 5n, 1), pay(0, 2, 5n, 2)];
  const loot: Step[] = [
    seedStep(0, 0, 5n),
    { kind: 'account', time: 0, legs: [{ from: -1, to: 0, amount: 5n, row: 0 }] },
  ];
  const heldAt = (steps: readonly Step[]) =>
    run('fifo', plainChain([...loot, ...steps])).outcome.thefts[0]!.holdings.map((item) => item.place);
  assert.deepEqual(heldAt([first, second]), [1]);
  assert.deepEqual(heldAt([second, first]), [2]);
});

function pay(from: number, to: number, amount: bigint, row: number): Step {
  return { kind: 'account', time: 1, legs: [{ from, to, amount, row }] };
}

function seedStep(theft: number, place: number, amount: bigint): Step {
  return { kind: 'seed', time: 0, theft, place, amount, units: amount, mode: 'credit' };
}

function plainChain(steps: readonly Step[]): Chain {
  const table: PlaceTable = {
    count: 99,
    asset: () => 0,
    owner: (place) => place,
    stop: () => null,
    tracked: () => true,
  };
  return { table, thefts: [{ id: 'a' }], options: { meeting: 'first', minUnits: [0n], maxHops: null }, steps };
}

test('property 10: all amounts times c give c times the taint; by haircut within c units a movement', () => {
  forAll(chain({ ...PLAIN, stops: true }), (random) => {
    const c = 7n;
    const scaled = { ...random, steps: random.steps.map((step) => mapAmounts(step, (amount) => amount * c)) };
    for (const method of CONSERVING) {
      const once = run(method, random).engine;
      const times = run(method, scaled).engine;
      const tolerance = method === 'haircut' ? c * 2n * BigInt(movements(random.steps)) : 0n;
      for (let place = 0; place < random.table.count; place += 1) {
        const apart = times.tainted(place)[0]!.amount - c * once.tainted(place)[0]!.amount;
        assert.ok((apart < 0n ? -apart : apart) <= tolerance, `${method} at ${place}: ${apart}`);
      }
    }
  });
});

test('property 11: a self-transfer changes no total, and nothing else', () => {
  forAll(
    fc.tuple(chain({ ...EVERYTHING, links: false }), fc.nat(ACCOUNTS - 1)).map(([random, at]) => ({ ...random, at })),
    (random) => {
      for (const method of CONSERVING) {
        const plain = run(method, random);
        const engine = createEngine(method, random.table, random.thefts, random.options);
        const { at } = random as Chain & { at: number };
        applyAll(engine, random.steps, () => engine.apply(pay(at, at, engine.balance(at), -1)));
        assert.deepEqual(engine.outcome(), plain.outcome);
      }
    },
  );
});

test('property 11: a move from one place to a fresh one changes no total', () => {
  forAll(chain({ ...PLAIN, marks: true, thefts: 2 }), (random) => {
    for (const method of CONSERVING) {
      const fresh = 1000;
      const wide: PlaceTable = {
        count: fresh * 3,
        asset: (place) => random.table.asset(place % fresh),
        owner: (place) => place,
        stop: () => null,
        tracked: (place) => random.table.tracked(place % fresh),
      };
      const { engine, outcome } = run(method, { ...random, table: wide });
      for (let place = 0; place < random.table.count; place += 1) {
        if (random.table.tracked(place) && place < ACCOUNTS)
          engine.apply(pay(place, place + fresh, engine.balance(place), -1));
        const value = engine.balance(place);
        if (place >= ACCOUNTS)
          engine.apply({
            kind: 'utxo',
            time: 9,
            inputs: [{ place, value }],
            outputs: [{ place: place + fresh, value }],
            row: -1,
          });
      }
      const moved = engine.outcome();
      assert.deepEqual(
        moved.thefts.map((theft) => theft.buckets),
        outcome.thefts.map((theft) => theft.buckets),
      );
      const claims = (holdings: EngineOutcome['thefts'][number]['holdings']) =>
        holdings.map(({ place, amount, units }) => [place % fresh, amount, units]);
      for (const [index, theft] of moved.thefts.entries())
        assert.deepEqual(claims(theft.holdings), claims(outcome.thefts[index]!.holdings));
    }
  });
});

test('property 12: adding a stop never adds outside the stops, in total and per place', () => {
  const oneUnitEach = (step: Step): Step => (step.kind === 'seed' ? { ...step, units: step.amount } : step);
  forAll(
    fc
      .tuple(chain({ ...PLAIN, utxo: false }), fc.integer({ min: 0, max: UNTRACKED - 1 }))
      .map(([random, owner]) => ({ ...flat(random), owner })),
    (random) => {
      const { owner } = random as Chain & { owner: number };
      // A place that a seed names is never a stop.
      const steps = random.steps
        .filter((step) => step.kind !== 'seed' || random.table.owner(step.place) !== owner)
        .map(oneUnitEach);
      const stop = (place: number): StopKind | null => (random.table.owner(place) === owner ? 'service' : null);
      for (const method of CONSERVING) {
        const open = run(method, { ...random, steps });
        const closed = run(method, { ...random, steps, table: { ...plainTable(random.table), stop } });
        for (let place = 0; place < ACCOUNTS; place += 1) {
          if (stop(place) !== null) continue;
          assert.ok(
            closed.engine.tainted(place)[0]!.amount <= open.engine.tainted(place)[0]!.amount,
            `${method} at ${place}`,
          );
        }
        const outside = ({ outcome }: typeof open): bigint =>
          outcome.thefts[0]!.stolen - outcome.thefts[0]!.buckets.absorbed;
        const atOwner = sum(
          open.outcome.thefts[0]!.holdings.filter((item) => stop(item.place) !== null).map((item) => item.units),
        );
        assert.ok(outside(closed) <= outside(open) - atOwner);
      }
    },
  );
});

function plainTable(table: PlaceTable): PlaceTable {
  return {
    count: table.count,
    asset: (place) => table.asset(place),
    owner: (place) => table.owner(place),
    stop: (place) => table.stop(place),
    tracked: (place) => table.tracked(place),
  };
}

test('property 14: rolling back and applying others equals applying them from scratch', () => {
  forAll(chain(EVERYTHING), (random) => {
    const half = Math.floor(random.steps.length / 2);
    const [start, end] = [random.steps.slice(0, half), random.steps.slice(half)];
    const other = end.filter((_, index) => index % 2 === 0).reverse();
    for (const method of CONSERVING) {
      const engine = createEngine(method, random.table, random.thefts, random.options);
      applyAll(engine, start);
      const snapshot = engine.snapshot();
      for (const branch of [end, other, end]) {
        engine.restore(snapshot);
        applyAll(engine, branch);
        assert.deepEqual(engine.outcome(), run(method, { ...random, steps: [...start, ...branch] }).outcome);
      }
    }
  });
});

test('property 14: poison rolls back as well', () => {
  forAll(chain(EVERYTHING), (random) => {
    const half = Math.floor(random.steps.length / 2);
    const poison = createPoison(random.table, random.thefts, random.options);
    const scratch = createPoison(random.table, random.thefts, random.options);
    applyAll(poison, random.steps.slice(0, half));
    const snapshot = poison.snapshot();
    applyAll(poison, random.steps.slice(half));
    poison.restore(snapshot);
    applyAll(poison, random.steps.slice(half));
    applyAll(scratch, random.steps);
    assert.deepEqual(poison.outcome(), scratch.outcome());
  });
});

test('property 15: steps one by one, with the outcome read in between, equal all steps at once', () => {
  forAll(chain(EVERYTHING), (random) => {
    for (const method of CONSERVING) {
      const engine = createEngine(method, random.table, random.thefts, random.options);
      applyAll(engine, random.steps, () => engine.outcome());
      assert.deepEqual(engine.outcome(), run(method, random).outcome);
    }
  });
});

test('property 16: what a threshold drops lands in its bucket and still counts', () => {
  let dropped = 0n;
  forAll(chain({ ...EVERYTHING, limits: false }), (random) => {
    const limited = { ...random, options: { ...random.options, minUnits: random.thefts.map(() => 9n) } };
    for (const method of CONSERVING) {
      const { outcome, touches } = run(method, limited);
      for (const { buckets, stolen } of outcome.thefts) {
        dropped += buckets.belowThreshold;
        assert.equal(sum(BUCKETS.map((bucket) => buckets[bucket])), stolen);
      }
      for (const touch of touches) {
        // Netted legs are parts of one movement and may be smaller than it; single ones may not.
        if (touch.to >= 0 && alone(touch, random)) assert.ok(touch.units.every((units) => units === 0n || units >= 9n));
      }
    }
  });
  assert.ok(dropped > 0n);
});

function alone(touch: Touch, { steps }: Chain): boolean {
  return steps.some(
    (step) =>
      step.kind === 'account' && step.atom !== true && step.legs.length === 1 && step.legs[0]!.row === touch.row,
  );
}

test('property 18: source units survive swaps whatever the prices', () => {
  const price = fc.bigInt({ min: 1n, max: 10n ** 30n });
  const swaps = fc.array(fc.record({ part: fc.integer({ min: 1, max: 100 }), price }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(swaps, (list) => {
      for (const method of CONSERVING) {
        const table: PlaceTable = {
          count: 99,
          asset: (place) => place % 50,
          owner: (place) => (place < 50 ? 0 : 1),
          stop: () => null,
          tracked: (place) => place < 50,
        };
        const engine = createEngine(method, table, [{ id: 'a' }], { meeting: 'first', minUnits: [0n], maxHops: null });
        engine.apply({ kind: 'seed', time: 0, theft: 0, place: 0, amount: 10n ** 9n, units: 173_600n, mode: 'credit' });
        list.forEach(({ price: got }, asset) => {
          // All of asset n is swapped for asset n + 1 at a random price.
          const all = engine.balance(asset);
          const legs = [
            { from: asset, to: 50 + asset, amount: all, row: 0 },
            { from: 51 + asset, to: asset + 1, amount: got, row: 1 },
          ];
          engine.apply({ kind: 'account', time: 1, legs });
        });
        assert.deepEqual(engine.tainted(list.length), [{ amount: engine.balance(list.length), units: 173_600n }]);
        assert.equal(engine.outcome().thefts[0]!.buckets.held, 173_600n);
      }
    }),
    { numRuns: RUNS },
  );
});

test('property 19: seniority does not depend on the order in which thefts are listed', () => {
  forAll(chain(EVERYTHING), (random) => {
    const order = [2, 0, 1];
    const relisted: Chain = {
      ...random,
      thefts: order.map((theft) => random.thefts[theft]!),
      options: { ...random.options, minUnits: order.map((theft) => random.options.minUnits[theft]!) },
      steps: random.steps.map((step) => (step.kind === 'seed' ? { ...step, theft: order.indexOf(step.theft) } : step)),
    };
    for (const method of CONSERVING) {
      const { outcome } = run(method, relisted);
      const before = run(method, random).outcome;
      for (const [index, theft] of order.entries()) assert.deepEqual(outcome.thefts[index], before.thefts[theft]);
    }
  });
});
