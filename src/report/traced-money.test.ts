import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { MemoryStore } from '../store/memory/store.ts';
import { BUCKETS } from '../taint/step.ts';
import type { MethodResult, ServiceResult, TheftResult, TraceResult } from '../trace/result.ts';
import { randomSample, sampleTrace } from './sample.ts';
import { moneyStatesOf, TracedMoney } from './traced-money.ts';

const text = new TextEncoder();
const { result: sample } = sampleTrace(randomSample(300, 3));

async function put(
  store: MemoryStore,
  id: string,
  result: TraceResult,
  createdAt = 1,
  simulated = true,
): Promise<void> {
  const files = new Map([['results.json', text.encode(JSON.stringify(result))]]);
  await store.saveCase({ id, title: `case ${id}`, createdAt, simulated, files });
}

function counted(store: MemoryStore): { readonly money: TracedMoney; readonly reads: string[] } {
  const reads: string[] = [];
  const loadCase = (id: string) => {
    reads.push(id);
    return store.loadCase(id);
  };
  return { money: new TracedMoney({ loadCase }), reads };
}

/** One unit at each stop, and one in each bucket that is not of a stop. */
function methodOf(stops: readonly (readonly [ServiceResult['stop'], boolean])[]): MethodResult {
  const services = stops.map(([stop, recoverable]) => {
    const bucket = stop === 'bridge' ? 'inFlight' : stop === 'feeTaker' ? 'leak' : 'absorbed';
    return { stop, recoverable, bucket, sourceUnits: '1' } as ServiceResult;
  });
  const buckets = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 1]));
  for (const { bucket } of services) buckets[bucket]! += 1;
  buckets.absorbed! -= 1;
  const units = Object.fromEntries(Object.entries(buckets).map(([name, count]) => [name, String(count)]));
  const stolen = String(Object.values(buckets).reduce((sum, count) => sum + count, 0));
  return { version: 1, stolen, buckets: units, places: [], services, shortages: [], notes: {}, touched: 0 };
}

suite('the money of thefts by state', () => {
  test('services that can be asked, mixers, bridges, and the rest', () => {
    const method = methodOf([
      ['service', true],
      ['suspectedService', true],
      ['service', false],
      ['mixer', false],
      ['mixer', false],
      ['burn', false],
      ['bridge', false],
      ['feeTaker', false],
    ]);
    // Bridged: one that was seen to go in, one in flight. Other: fee, leak twice, below the threshold, senior, a service that cannot be asked, a burn.
    assert.deepEqual(moneyStatesOf(method), {
      stolen: 14n,
      held: 1n,
      services: 2n,
      mixed: 2n,
      bridged: 2n,
      other: 7n,
    });
  });

  test('the five sum to what was stolen, whatever the trace', () =>
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 120 }), (seed, transfers) => {
        const { methods } = sampleTrace(randomSample(transfers, seed)).result;
        for (const method of Object.values(methods)) {
          const { stolen, held, services, mixed, bridged, other } = moneyStatesOf(method)!;
          assert.equal(held + services + mixed + bridged + other, stolen);
          for (const part of [held, services, mixed, bridged, other]) assert.ok(part >= 0n);
          assert.equal(stolen, BigInt(method.stolen));
        }
      }),
      { numRuns: 50 },
    ));

  test('what does not sum is no state of the money', async () => {
    const method = methodOf([['service', true]]);
    assert.equal(moneyStatesOf({ ...method, stolen: '1' }), null);
    assert.equal(moneyStatesOf({ ...method, buckets: { ...method.buckets, fee: '9' } }), null);
    const store = new MemoryStore();
    const broken = { ...sample, methods: { haircut: { ...method, stolen: '1' } } };
    await put(store, 'a', broken);
    const money = new TracedMoney(store);
    await assert.rejects(money.newest(await store.cases(), 9), { code: 'E_CASE' });
    await put(store, 'a', sample);
    assert.equal((await money.newest(await store.cases(), 9)).length, 1, 'and is read again');
  });

  test('poison alone has no amounts', () => {
    const poison = { ...methodOf([]), buckets: null, stolen: '7' };
    assert.deepEqual(moneyStatesOf(poison), { stolen: 7n, held: 0n, services: 0n, mixed: 0n, bridged: 0n, other: 7n });
  });
});

suite('thefts of the newest cases', () => {
  test('newest case first, at most so many thefts, by the leading method', async () => {
    const store = new MemoryStore();
    const second: TheftResult = { theft: { ...sample.theft, id: 'second' }, methods: sample.methods };
    await put(store, 'old', sample, 1);
    await put(store, 'new', { ...sample, furtherThefts: [second] }, 2, false);
    const { money, reads } = counted(store);
    const all = await money.newest(await store.cases(), 9);
    assert.deepEqual(
      all.map((row) => [row.case, row.caseTitle, row.theft, row.simulated, row.method]),
      [
        ['new', 'case new', 'sample', false, 'haircut'],
        ['new', 'case new', 'second', false, 'haircut'],
        ['old', 'case old', 'sample', true, 'haircut'],
      ],
    );
    assert.equal(all[0]?.stolen, sample.theft.stolen);
    assert.equal((await money.newest(await store.cases(), 1)).length, 1);
    assert.deepEqual(reads, ['new', 'old']);
  });

  test('a case is read once, and again when it was saved anew', async () => {
    const store = new MemoryStore();
    await put(store, 'a', sample);
    await put(store, 'b', sample);
    const { money, reads } = counted(store);
    const cases = await store.cases();
    const [one, two] = await Promise.all([money.newest(cases, 9), money.newest(cases, 9)]);
    assert.deepEqual(one, two);
    assert.deepEqual(reads.sort(), ['a', 'b']);
    const changed = { ...sample, theft: { ...sample.theft, title: 'Another title of the theft' } };
    await put(store, 'b', changed);
    const rows = await money.newest(await store.cases(), 9);
    assert.deepEqual(reads, ['a', 'b', 'b']);
    assert.equal(rows.find((row) => row.case === 'b')?.title, 'Another title of the theft');
  });
});
