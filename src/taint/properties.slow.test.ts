import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../base/random.ts';
import { createEngine, type Engine, METHODS } from './engine.ts';
import {
  BUCKETS,
  type EngineOptions,
  FEE,
  type Leg,
  OUTSIDE,
  type PlaceTable,
  type Step,
  type StopKind,
} from './step.ts';

const TRANSACTIONS = Number(process.env.HAETAE_TRANSACTIONS ?? 1_000_000);
/** Whole outcomes are checked this often; places of the step after every step. */
const CHECK_EVERY = 20_000;
const OWNERS = 400;
const ASSETS = 3;
const ACCOUNTS = OWNERS * ASSETS;
/** Outpoints in use at once: a slot is created anew only after it was spent. */
const SLOTS = 600;
const WEI = 10n ** 15n;

const TABLE: PlaceTable = {
  count: ACCOUNTS + SLOTS,
  asset: (place) => (place < ACCOUNTS ? place % ASSETS : ASSETS),
  owner: (place) => (place < ACCOUNTS ? Math.floor(place / ASSETS) : place),
  stop: (place): StopKind | null => {
    if (place >= ACCOUNTS) return null;
    const owner = Math.floor(place / ASSETS);
    return owner === 7 ? 'service' : owner === 8 ? 'bridge' : owner === 9 ? 'feeTaker' : null;
  },
  tracked: () => true,
};
const OPTIONS: EngineOptions = { meeting: 'share', minUnits: [0n, 1000n, 0n], maxHops: null };
const THEFTS = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];

/** Transactions of a busy small world: payments, swaps, gas, UTXO joins and splits, thefts now and then. */
class World {
  readonly #random: Random;
  readonly #value = new Array<bigint>(SLOTS).fill(0n);
  #time = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  step(index: number): Step {
    this.#time += this.#random.below(2);
    if (index % 5000 === 0) return this.#theft((index / 5000) % THEFTS.length);
    const kind = this.#random.below(10);
    if (kind < 5) return this.#account([this.#leg(index, this.#random.below(ASSETS))]);
    if (kind < 6) return this.#swap(index);
    if (kind < 7) return this.#account(Array.from({ length: 3 }, () => this.#leg(index, 0)));
    return this.#utxo(index);
  }

  #amount(): bigint {
    return BigInt(this.#random.below(1 << 30)) * WEI + BigInt(this.#random.below(1 << 30));
  }

  #account(legs: readonly Leg[]): Step {
    return { kind: 'account', time: this.#time, legs };
  }

  #leg(row: number, asset: number): Leg {
    const from = this.#random.below(200) === 0 ? OUTSIDE : this.#random.below(OWNERS) * ASSETS + asset;
    const to = from !== OUTSIDE && this.#random.below(50) === 0 ? FEE : this.#random.below(OWNERS) * ASSETS + asset;
    return { from, to, amount: this.#amount(), row };
  }

  #swap(row: number): Step {
    const [user, pool] = [this.#random.below(OWNERS) * ASSETS, this.#random.below(OWNERS) * ASSETS];
    const legs = [
      { from: user, to: pool, amount: this.#amount(), row },
      { from: pool + 1, to: user + 1, amount: this.#amount(), row },
      { from: user, to: FEE, amount: BigInt(this.#random.below(1 << 20)), row },
    ];
    return this.#account(legs);
  }

  #theft(theft: number): Step {
    const place = (10 + this.#random.below(OWNERS - 10)) * ASSETS;
    const amount = this.#amount() + 1n;
    return { kind: 'seed', time: this.#time, theft, place, amount, units: amount / 3n + 1n, mode: 'credit' };
  }

  /** Inputs are live slots or coinbases, outputs free ones. */
  #utxo(row: number): Step {
    const slots = [...new Set(Array.from({ length: 5 }, () => this.#random.below(SLOTS)))];
    const inputs = slots.filter((slot) => this.#value[slot]! > 0n).map((slot) => ({ slot, value: this.#value[slot]! }));
    let left = inputs.reduce((total, input) => total + input.value, 0n);
    if (left === 0n) left = this.#amount();
    const outputs = slots.map((slot) => {
      const value = (left * BigInt(this.#random.below(100))) / 100n;
      left -= value;
      return { slot, value };
    });
    for (const { slot, value } of outputs) this.#value[slot] = value;
    const ends = (list: readonly { slot: number; value: bigint }[]) =>
      list.map(({ slot, value }) => ({ place: ACCOUNTS + slot, value }));
    return { kind: 'utxo', time: this.#time, inputs: ends(inputs), outputs: ends(outputs), row };
  }
}

function bounded(engine: Engine, place: number): void {
  if (place < 0) return;
  let tainted = 0n;
  for (const claim of engine.tainted(place)) {
    assert.ok(claim.amount >= 0n && claim.units >= 0n);
    tainted += claim.amount;
  }
  assert.ok(tainted <= engine.balance(place), `place ${place}: ${tainted} of ${engine.balance(place)}`);
}

/** A thief's UTXO money: taint enters the slots by a mark on one that holds something. */
function markSlot(engine: Engine, index: number): void {
  const place = ACCOUNTS + ((index / 1000) % SLOTS);
  const clean = engine.parcels(place).reduce((total, parcel) => total + (parcel.theft < 0 ? parcel.amount : 0n), 0n);
  if (clean > 0n) engine.apply({ kind: 'seed', time: 0, theft: 0, place, amount: clean, units: clean, mode: 'mark' });
}

for (const method of Object.keys(METHODS).filter((name) => name !== 'poison')) {
  test(`properties 1 and 2: ${method} conserves and stays in bounds over ${TRANSACTIONS} random transactions`, () => {
    const world = new World(1992);
    const engine = createEngine(method, TABLE, THEFTS, OPTIONS);
    for (let index = 0; index < TRANSACTIONS; index += 1) {
      const step = world.step(index);
      engine.apply(step);
      if (step.kind === 'account') for (const leg of step.legs) bounded(engine, leg.to);
      if (step.kind === 'utxo') for (const output of step.outputs) bounded(engine, output.place);
      if (index % 1000 === 999) markSlot(engine, index - 999);
      if (index % CHECK_EVERY !== 0 && index !== TRANSACTIONS - 1) continue;
      for (const { buckets, stolen } of engine.outcome().thefts) {
        assert.equal(
          BUCKETS.reduce((total, bucket) => total + buckets[bucket], 0n),
          stolen,
        );
      }
      for (let place = 0; place < TABLE.count; place += 1) bounded(engine, place);
    }
    assert.ok(engine.outcome().thefts.every((theft) => theft.stolen > 0n));
  });
}
