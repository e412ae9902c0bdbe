import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../../src/base/errors.ts';
import { createEngine, type Engine } from '../../src/taint/engine.ts';
import type { Step, Touch } from '../../src/taint/step.ts';
import { type Chain, chain, EVERYTHING } from './chain.ts';
import { absorptionsOf, bucketsOf, holdingsOf } from './outcome.ts';
import { Reference } from './reference.ts';
import { amountOf } from './rules.ts';

export const CONSERVING = ['haircut', 'fifo', 'lifo-in', 'lifo-out', 'tiho', 'dirty-first', 'clean-first'];

function applyBoth(engine: Engine, reference: Reference, step: Step): void {
  let refused = false;
  try {
    engine.apply(step);
  } catch (error) {
    if (!(error instanceof HaetaeError) || error.code !== 'E_MARK_EXCEEDS') throw error;
    refused = true;
  }
  if (refused) assert.throws(() => reference.apply(step), /E_MARK_EXCEEDS/);
  else reference.apply(step);
}

function compare(method: string, { table, thefts, options, steps }: Chain): void {
  const touches: Touch[] = [];
  const engine = createEngine(method, table, thefts, options, (touch) => touches.push(touch));
  const reference = new Reference(method, table, thefts, options);
  for (const step of steps) {
    applyBoth(engine, reference, step);
    assert.deepEqual(touches.slice(-4), reference.touches.slice(-4));
  }
  assert.deepEqual(touches, reference.touches);
  for (let place = 0; place < table.count; place += 1) {
    assert.deepEqual(engine.parcels(place), reference.bits(place), `place ${place}`);
    assert.equal(engine.balance(place), amountOf(reference.bits(place)));
  }
  const outcome = engine.outcome();
  assert.deepEqual(outcome.shortages, reference.shortages);
  assert.deepEqual(outcome.notes, Object.fromEntries(Object.entries(reference.notes).sort()));
  outcome.thefts.forEach((theft, index) => {
    assert.equal(theft.stolen, reference.stolen[index]);
    assert.deepEqual(theft.buckets, bucketsOf(reference, index));
    assert.deepEqual(theft.holdings, holdingsOf(reference, index));
    assert.deepEqual(theft.absorptions, absorptionsOf(reference, index));
  });
}

for (const method of CONSERVING) {
  test(`property 15: ${method} agrees with the BigInt reference bit for bit on random chains`, () => {
    fc.assert(
      fc.property(chain(EVERYTHING), (random) => compare(method, random)),
      { numRuns: Number(process.env.HAETAE_RUNS ?? 40) },
    );
  });
}
