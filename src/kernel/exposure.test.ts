import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { sampleCategories, sampleRows, sliceRows } from './_sample.ts';
import { createKernels, type Exposure, type ExposureOptions, type Kernels, type Rows } from './kernel.ts';
import { FEE, NONE, UNCATEGORISED } from './rows.ts';

const WASM = createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url)));
const TWIN = createKernels(null);
const FORMS: readonly Kernels[] = [WASM, TWIN];
const DIRECTIONS = ['forward', 'backward'] as const;

function assertSameBytes(one: Exposure, other: Exposure): void {
  const pieces = other.save();
  for (const [index, { name, bytes }] of one.save().entries())
    assert.ok(Buffer.compare(bytes, pieces[index]!.bytes) === 0, `${name} is the same`);
}

/** Rows in one piece for one form, in the order of its direction in pieces for the other. */
function runBoth(options: ExposureOptions, rows: Rows, piece: number): void {
  const [one, other] = FORMS.map((kernels) => kernels.exposure(options));
  one!.run(rows);
  const starts = Array.from({ length: Math.ceil(rows.count / piece) }, (_, index) => index * piece);
  if (options.direction === 'backward') starts.reverse();
  for (const start of starts) other!.run(sliceRows(rows, start, Math.min(rows.count, start + piece)));
  assertSameBytes(one!, other!);
}

test('both forms give the same bits, with every column there or not', () => {
  const flags = fc.record({
    seed: fc.nat(),
    direction: fc.constantFrom(...DIRECTIONS),
    count: fc.nat(300),
    places: fc.integer({ min: 1, max: 12 }),
    accounts: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    wide: fc.boolean(),
    gain: fc.boolean(),
    perRow: fc.boolean(),
    lanes: fc.constantFrom(4, 8, 12, 16, 20, 24, 28, 32),
    from: fc.constantFrom(0, 0, 5, 223),
    dust: fc.constantFrom(0, 10, 2 ** 40),
  });
  fc.assert(
    fc.property(flags, ({ seed, direction, count, places, accounts, wide, gain, perRow, lanes, from, dust }) => {
      const random = seededRandom(seed);
      const own = accounts === undefined ? {} : { accounts };
      const rows = sampleRows(random, { count, places, ...own, wide, gain, ...(perRow ? { categories: 40 } : {}) });
      const category = sampleCategories(random, places, 40);
      runBoth({ direction, places, ...own, categories: { from, count: lanes }, category, dust }, rows, 70);
    }),
    { numRuns: 150 },
  );
});

test('both forms give the same bits on many rows, small payments, and the widths that are compiled apart', () => {
  const random = seededRandom(11);
  const places = 2_000;
  const category = sampleCategories(random, places, 16);
  for (const gain of [false, true]) {
    const rows = sampleRows(random, { count: 60_000, places, accounts: 700, gain });
    for (const direction of DIRECTIONS)
      for (const count of [8, 16]) {
        const options = { direction, places, accounts: 700, categories: { from: 0, count }, category, dust: 100 };
        runBoth(options, rows, 21_000);
      }
  }
});

test('categories split over scans are the same as in one', () => {
  const random = seededRandom(12);
  const places = 300;
  const rows = sampleRows(random, { count: 20_000, places, gain: true });
  const category = sampleCategories(random, places, 16);
  for (const kernels of FORMS)
    for (const direction of DIRECTIONS) {
      const run = (from: number, count: number) => {
        const scan = kernels.exposure({ direction, places, categories: { from, count }, category, dust: 10 });
        scan.run(rows);
        return scan;
      };
      const whole = run(0, 16);
      for (const half of [run(0, 8), run(8, 8)]) {
        assert.deepEqual(half.total, whole.total);
        assert.deepEqual(half.smallRow, whole.smallRow);
        for (const name of ['held', 'received', 'direct'] as const)
          for (let entry = 0; entry < places * 8; entry += 1) {
            const at = Math.floor(entry / 8) * 16 + half.categories.from + (entry % 8);
            assert.equal(half[name][entry], whole[name][at]);
          }
        for (let number = 1; number <= whole.smallRows; number += 1) {
          const lanes = whole.small(number).amounts.subarray(half.categories.from, half.categories.from + 8);
          assert.deepEqual([...half.small(number).amounts], [...lanes]);
        }
      }
    }
});

const row = (from: number, to: number, amount: number, ratio: number) => ({ from, to, amount, ratio });

function rowsOf(given: readonly ReturnType<typeof row>[]): Rows {
  return {
    count: given.length,
    from: Uint32Array.from(given, ({ from }) => from),
    to: Uint32Array.from(given, ({ to }) => to),
    low: Uint32Array.from(given.flatMap(({ amount }) => [amount, 0])),
    high: null,
    ratio: Float64Array.from(given, ({ ratio }) => ratio),
  };
}

/** Place 3 is of category 1 (say a mixer), place 4 of category 2 (an exchange). */
const NAMED = Uint8Array.of(UNCATEGORISED, UNCATEGORISED, UNCATEGORISED, 1, 2);
/** The mixer pays 0, which gives half of it to 1, and 1 a quarter of its own to the exchange. A dust payment of the mixer comes last. */
const STORY = rowsOf([row(3, 0, 80, 1), row(0, 1, 40, 0.5), row(1, 4, 10, 0.25), row(3, 1, 2, 1), row(1, 1, 9, 0.5)]);

test('forward: what came from the mixer, direct and not, small payments apart', () => {
  for (const kernels of FORMS) {
    const options = {
      direction: 'forward',
      places: 5,
      categories: { from: 0, count: 4 },
      category: NAMED,
      dust: 5,
    } as const;
    const scan = kernels.exposure(options);
    scan.run(STORY);
    const lane = (view: Float32Array) => [0, 1, 2, 3, 4].map((place) => view[place * 4 + 1]);
    assert.deepEqual(lane(scan.held), [40, 32, 0, 0, 0]);
    assert.deepEqual(lane(scan.received), [80, 40, 0, 0, 10]);
    assert.deepEqual(lane(scan.direct), [80, 0, 0, 0, 0]);
    assert.deepEqual([...scan.total], [80, 40, 0, 0, 10]);
    assert.deepEqual([...scan.smallRow], [0, 1, 0, 0, 0]);
    assert.deepEqual(scan.small(1), { account: 1, sum: 2, count: 1, amounts: Float32Array.of(0, 2, 0, 0) });
  }
});

test('backward: what went to the exchange', () => {
  for (const kernels of FORMS) {
    const options = { direction: 'backward', places: 5, categories: { from: 0, count: 4 }, category: NAMED } as const;
    const scan = kernels.exposure(options);
    scan.run(STORY);
    const lane = (view: Float32Array) => [0, 1, 2, 3, 4].map((place) => view[place * 4 + 2]);
    assert.deepEqual(lane(scan.held), [0.125, 0.25, 0, 0, 0]);
    assert.deepEqual(lane(scan.received), [10, 10, 0, 10, 0]);
    assert.deepEqual(lane(scan.direct), [0, 10, 0, 0, 0]);
    assert.deepEqual([...scan.total], [40, 10, 0, 82, 0]);
  }
});

test('many small payments of many accounts: the table grows, and is loaded again', () => {
  const places = 30_000;
  const count = 2 * places;
  const rows: Rows = {
    count,
    from: new Uint32Array(count).fill(NONE),
    to: Uint32Array.from({ length: count }, (_, index) => index % places),
    low: Uint32Array.from({ length: 2 * count }, (_, index) => (index % 2 === 0 ? 1 : 0)),
    high: null,
    ratio: new Float64Array(count).fill(1),
    fromCategory: new Uint8Array(count).fill(30),
  };
  for (const kernels of FORMS) {
    const options = { direction: 'forward', places, categories: { from: 0, count: 32 }, dust: 1 } as const;
    const scan = kernels.exposure(options);
    scan.run(rows);
    assert.equal(scan.smallRows, places);
    for (const number of [1, 7, places]) {
      const { account, sum, count: payments, amounts } = scan.small(number);
      assert.deepEqual([account, sum, payments, amounts[30]], [number - 1, 2, 2, 2]);
    }
    assert.ok(scan.total.every((total) => total === 0));
    const other = (kernels === WASM ? TWIN : WASM).exposure(options);
    other.load(scan.save());
    other.run(rows);
    scan.run(rows);
    assertSameBytes(scan, other);
  }
});

test('ids beyond their counts are faults, and a scan beyond 4 GiB is refused with what fits', () => {
  for (const kernels of FORMS)
    for (const direction of DIRECTIONS) {
      const scan = kernels.exposure({ direction, places: 2, categories: { from: 0, count: 4 } });
      for (const [from, to] of [
        [2, 0],
        [0, 2],
        [FEE, 0],
      ] as const)
        assert.throws(() => scan.run(rowsOf([row(from, to, 1, 1)])), /below its count/);
    }
  const tooMany = () => WASM.exposure({ direction: 'forward', places: 40_000_000, categories: { from: 0, count: 16 } });
  assert.throws(tooMany, (error: unknown) => {
    assert.ok(error instanceof HaetaeError && error.code === 'E_MEMORY');
    assert.match(error.message, /which is 20\d{6} places/);
    assert.match(error.remedy ?? '', /split the categories/);
    return true;
  });
});
