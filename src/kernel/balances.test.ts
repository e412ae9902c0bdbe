import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { sampleRows, sliceRows } from './_sample.ts';
import { type Balances, createKernels, type Kernels, type Rows } from './kernel.ts';
import { FEE, NONE } from './rows.ts';

const WASM = createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url)));
const TWIN = createKernels(null);
const FORMS: readonly Kernels[] = [WASM, TWIN];
const MAX = 2n ** 128n - 1n;

interface Movement {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
}

function rowsOf(movements: readonly Movement[]): Omit<Rows, 'ratio'> {
  const words = (amount: bigint) => [Number(amount & 0xffff_ffffn), Number((amount >> 32n) & 0xffff_ffffn)];
  return {
    count: movements.length,
    from: Uint32Array.from(movements, ({ from }) => from),
    to: Uint32Array.from(movements, ({ to }) => to),
    low: Uint32Array.from(movements.flatMap(({ amount }) => words(amount))),
    high: Uint32Array.from(movements.flatMap(({ amount }) => words(amount >> 64n))),
  };
}

/** The rule in whole numbers; a ratio is a fraction. */
function reference(movements: readonly Movement[], places: number) {
  const balance = new Array<bigint>(places).fill(0n);
  const ratios: (readonly [bigint, bigint])[] = [];
  let shortage = 0n;
  let shortages = 0;
  let overflows = 0;
  for (const { from, to, amount } of movements) {
    ratios.push(from === NONE ? [1n, 1n] : ratioOf(amount, balance[from]!));
    if (from !== NONE) {
      if (amount > balance[from]!) {
        shortage += amount - balance[from]!;
        shortages += 1;
        balance[from] = amount;
      }
      if (from === to) continue;
      balance[from] = balance[from]! - amount;
    }
    if (to >= FEE) continue;
    const sum = balance[to]! + amount;
    balance[to] = sum < MAX ? sum : MAX;
    if (sum >= MAX) overflows += 1;
  }
  return { balance, ratios, shortage, shortages, overflows };
}

function ratioOf(amount: bigint, balance: bigint): readonly [bigint, bigint] {
  if (amount === 0n) return [0n, 1n];
  return amount >= balance ? [1n, 1n] : [amount, balance];
}

const places = 5;
const amounts = fc.oneof(
  fc.bigInt({ min: 0n, max: 20n }),
  fc.bigInt({ min: 0n, max: 2n ** 55n }),
  fc.bigInt({ min: 2n ** 62n, max: 2n ** 66n }),
  fc.bigInt({ min: 0n, max: MAX }),
  fc.constantFrom(0n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n, 2n ** 64n, MAX),
);
const movements = fc.array(
  fc.record({
    from: fc.constantFrom(NONE, 0, 1, 2, 3, 4),
    to: fc.constantFrom(NONE, FEE, 0, 1, 2, 3, 4),
    amount: amounts,
  }),
  { maxLength: 40 },
);

/** |value - n/d| in units of the last place of `value`, to 2^-40; `value` from 2^-128 to 1. */
function ulpsFrom(value: number, [n, d]: readonly [bigint, bigint]): number {
  if (n === 0n) return value === 0 ? 0 : 2;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const exponent = bits.getUint16(0) >> 4;
  const mantissa = (bits.getBigUint64(0) & (2n ** 52n - 1n)) | (2n ** 52n);
  // value = mantissa / 2^shift exactly, and one unit of its last place is 1 / 2^shift.
  const shift = BigInt(1075 - exponent);
  const difference = mantissa * d - (n << shift);
  return Number(((difference < 0n ? -difference : difference) << 40n) / d) / 2 ** 40;
}

function check(balances: Balances, given: readonly Movement[], ratio: Float64Array): void {
  const expected = reference(given, places);
  assert.deepEqual(
    [...Array(places).keys()].map((place) => balances.balance(place)),
    expected.balance,
  );
  const { shortage, shortages, overflows } = balances;
  assert.deepEqual(
    { shortage, shortages, overflows },
    { shortage: expected.shortage, shortages: expected.shortages, overflows: expected.overflows },
  );
  for (const [row, fraction] of expected.ratios.entries()) {
    assert.ok(ratio[row]! >= 0 && ratio[row]! <= 1);
    assert.ok(ulpsFrom(ratio[row]!, fraction) <= 0.51, `${ratio[row]} is ${fraction}`);
  }
}

test('balances are exact to 128 bits, ratios are right to the last place, shortages are credited and counted', () => {
  fc.assert(
    fc.property(movements, (given) => {
      const results = FORMS.map((kernels) => {
        const balances = kernels.balances({ places });
        const ratio = new Float64Array(given.length);
        balances.run(rowsOf(given), ratio);
        check(balances, given, ratio);
        return { ratio, pieces: balances.save() };
      });
      assert.deepEqual(results[0]!.ratio, results[1]!.ratio);
      assert.deepEqual(results[0]!.pieces, results[1]!.pieces);
    }),
    { numRuns: 300 },
  );
});

test('both forms give the same bits on many rows, in whatever chunks', () => {
  for (const wide of [false, true]) {
    const rows = sampleRows(seededRandom(wide ? 1 : 2), { count: 120_000, places: 300, wide });
    const [one, other] = FORMS.map((kernels) => kernels.balances({ places: 300 }));
    const whole = new Float64Array(rows.count);
    const parts = new Float64Array(rows.count);
    one!.run(rows, whole);
    for (let start = 0; start < rows.count; start += 33_333) {
      const end = Math.min(rows.count, start + 33_333);
      other!.run(sliceRows(rows, start, end), parts.subarray(start, end));
    }
    assert.deepEqual(parts, whole);
    assert.deepEqual(one!.save(), other!.save());
  }
});

test('a credit raises a balance, once at most to 2^128 - 1, and state goes from one form to the other', () => {
  const one = WASM.balances({ places });
  one.credit(2, 2n ** 100n + 7n);
  one.credit(3, MAX - 1n);
  one.credit(3, 5n);
  assert.deepEqual([one.balance(2), one.balance(3), one.overflows], [2n ** 100n + 7n, MAX, 1]);
  const other = TWIN.balances({ places });
  other.load(one.save());
  assert.deepEqual(other.save(), one.save());
});

test('a place that is none is a fault', () => {
  for (const kernels of FORMS) {
    const balances = kernels.balances({ places });
    const ratio = new Float64Array(1);
    for (const [from, to] of [
      [places, 0],
      [0, places],
      [FEE, 0],
    ] as const)
      assert.throws(() => balances.run(rowsOf([{ from, to, amount: 1n }]), ratio), /below its count/);
  }
});
