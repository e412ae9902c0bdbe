import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { createKernels, type Kernels, type Rows } from './kernel.ts';
import { FEE, NONE, UNCATEGORISED } from './rows.ts';

const FORMS: readonly Kernels[] = [
  createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url))),
  createKernels(null),
];
const PLACES = 5;
const LANES = 4;

/** A number as units of 2^-SCALE: every ratio is a multiple of 2^-4, so that products of 40 rows are exact. */
const SCALE = 200n;
const ONE = 1n << SCALE;
const times = (a: bigint, b: bigint) => {
  const product = a * b;
  assert.equal(product & (ONE - 1n), 0n, 'the reference is exact');
  return product >> SCALE;
};

const chains = fc.record({
  moves: fc.array(
    fc.record({
      from: fc.constantFrom(NONE, 0, 1, 2, 3, 4),
      to: fc.constantFrom(NONE, FEE, 0, 1, 2, 3, 4),
      amount: fc.integer({ min: 0, max: 2 ** 31 }),
      sixteenths: fc.integer({ min: 0, max: 16 }),
    }),
    { maxLength: 40 },
  ),
  category: fc.array(fc.constantFrom(UNCATEGORISED, UNCATEGORISED, UNCATEGORISED, 0, 1, 2), {
    minLength: PLACES,
    maxLength: PLACES,
  }),
});
type Chain = typeof chains extends fc.Arbitrary<infer T> ? T : never;
type Matrix = bigint[][];

const zeros = (rows: number): Matrix => Array.from({ length: rows }, () => new Array<bigint>(LANES).fill(0n));
const unit = (category: number) => Array.from({ length: LANES }, (_, lane) => (lane === category ? ONE : 0n));
const categoryOf = ({ category }: Chain, place: number) => (place < PLACES ? category[place]! : UNCATEGORISED);

/** What of each category (column) is absorbed by each category (row), by the rule of kernel.ts in exact numbers. */
function forward(chain: Chain): Matrix {
  const held = zeros(PLACES);
  const absorbed = zeros(LANES);
  for (const { from, to, amount, sixteenths } of chain.moves) {
    if (from === to && from < PLACES) continue;
    const r = (ONE * BigInt(sixteenths)) / 16n;
    const given = categoryOf(chain, from);
    let carried = unit(given).map((share) => share * BigInt(amount));
    if (given === UNCATEGORISED && from < PLACES) {
      carried = held[from]!.map((units) => times(r, units));
      held[from] = held[from]!.map((units, lane) => units - carried[lane]!);
    }
    const taken = categoryOf(chain, to);
    const into = taken !== UNCATEGORISED ? absorbed[taken]! : to < PLACES ? held[to]! : null;
    for (const [lane, units] of carried.entries()) if (into !== null) into[lane] = into[lane]! + units;
  }
  return absorbed;
}

/** The same by the rule backward: what each category (row) sent that reaches each category (column). */
function backward(chain: Chain): Matrix {
  const value = zeros(PLACES);
  const sent = zeros(LANES);
  for (const { from, to, amount, sixteenths } of chain.moves.toReversed()) {
    if (from === to && from < PLACES) continue;
    const r = (ONE * BigInt(sixteenths)) / 16n;
    const taken = categoryOf(chain, to);
    const share = taken !== UNCATEGORISED ? unit(taken) : to < PLACES ? value[to]! : unit(UNCATEGORISED);
    const given = categoryOf(chain, from);
    if (given !== UNCATEGORISED) sent[given] = sent[given]!.map((units, lane) => units + share[lane]! * BigInt(amount));
    else if (from < PLACES) value[from] = value[from]!.map((had, lane) => had + times(r, share[lane]! - had));
  }
  return sent;
}

function rowsOf({ moves, category }: Chain): Rows {
  const account = (place: number) => (place < PLACES && category[place]! < LANES ? category[place]! : NONE);
  return {
    count: moves.length,
    from: Uint32Array.from(moves, ({ from }) => from),
    to: Uint32Array.from(moves, ({ to }) => to),
    low: Uint32Array.from(moves.flatMap(({ amount }) => [amount, 0])),
    high: null,
    ratio: Float64Array.from(moves, ({ sixteenths }) => sixteenths / 16),
    payer: Uint32Array.from(moves, ({ from }) => account(from)),
    receiver: Uint32Array.from(moves, ({ to }) => account(to)),
  };
}

test('backward is the transpose of forward: exact in whole numbers (property 6)', () => {
  fc.assert(
    fc.property(chains, (chain) => {
      const absorbed = forward(chain);
      const sent = backward(chain);
      for (let one = 0; one < LANES; one += 1)
        for (let other = 0; other < LANES; other += 1) assert.equal(absorbed[other]![one], sent[one]![other]);
    }),
    { numRuns: 300 },
  );
});

function assertNear(value: number, exact: bigint): void {
  const expected = Number(exact) / Number(ONE);
  assert.ok(Math.abs(value - expected) <= 1e-5 * Math.max(1, expected), `${value} is ${expected}`);
}

test('both directions of both forms are within 1e-5 of the exact rule', () => {
  fc.assert(
    fc.property(chains, (chain) => {
      const exact = forward(chain);
      const category = Uint8Array.from(chain.category);
      const options = { places: PLACES, accounts: LANES, categories: { from: 0, count: LANES }, category };
      for (const kernels of FORMS) {
        const absorbed = kernels.exposure({ ...options, direction: 'forward' });
        absorbed.run(rowsOf(chain));
        const sent = kernels.exposure({ ...options, direction: 'backward' });
        sent.run(rowsOf(chain));
        for (let one = 0; one < LANES; one += 1)
          for (let other = 0; other < LANES; other += 1) {
            assertNear(absorbed.received[other * LANES + one]!, exact[other]![one]!);
            assertNear(sent.received[one * LANES + other]!, exact[other]![one]!);
          }
      }
    }),
    { numRuns: 200 },
  );
});
