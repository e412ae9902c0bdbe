/**
 * FIFO and haircut, exact. The fast path over columns in memory beside a plain loop over the same columns, and the general engine,
 * which takes what the fast path cannot (wei, several thefts, swaps), beside a plain BigInt loop over the same steps.
 */
import { createEngine } from '../src/taint/engine.ts';
import { type FastColumns, type FastOutcome, whyNotEligible } from '../src/taint/fast/columns.ts';
import { fastFifo } from '../src/taint/fast/fifo.ts';
import { fastHaircut } from '../src/taint/fast/haircut.ts';
import type { AccountStep, PlaceTable, Step } from '../src/taint/step.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';
import { landings, traffic } from './_traffic.ts';

const TRANSFERS = 5_000_000;
const PLACES = 500_000;
const SIZE = `${count(TRANSFERS)} transfers, ${count(PLACES)} places`;

/** What any account method must at least do: move balances. */
function plainLoop({ placeCount, from, to, amount }: FastColumns): number {
  const balance = new Float64Array(placeCount);
  for (let row = 0; row < amount.length; row += 1) {
    const x = amount[row]!;
    const u = from[row]!;
    const v = to[row]!;
    if (u >= 0) balance[u] = balance[u]! - x;
    if (v >= 0) balance[v] = balance[v]! + x;
  }
  return balance[0]!;
}

function measure(
  name: string,
  columns: FastColumns,
  method: (columns: FastColumns) => FastOutcome,
  limit: number,
): void {
  const plain = fastest(5, () => plainLoop(columns)).seconds;
  const { seconds, result } = fastest(5, () => method(columns));
  if (result.kind !== 'exact') throw new Error(result.reason);
  const carried = result.tainted.reduce((sum, amount) => sum + (amount > 0 ? 1 : 0), 0);
  printFigure({
    name,
    value: TRANSFERS / seconds / 1e6,
    unit: 'M transfers/s',
    size: `${SIZE}, ${count(carried)} carry taint`,
    limit: { atLeast: limit },
    ratio: { to: 'plain loop', value: plain / seconds },
  });
}

const base = traffic(1, TRANSFERS, PLACES, []);
for (const [name, landed] of [
  ['one landing', 1],
  ['50,000 landings', 50_000],
] as const) {
  const columns = { ...base, seeds: landings(landed, TRANSFERS, PLACES) };
  if (whyNotEligible(columns) !== null) throw new Error('the bench must be eligible');
  measure(`fifo exact, ${name}`, columns, fastFifo, 4);
  measure(`haircut exact, ${name}`, columns, fastHaircut, 2);
}

const WEI_TRANSFERS = 1_000_000;
const WEI_PER_SATOSHI = 10n ** 10n;

/** The same traffic in wei, each movement a transaction. */
function stepsInWei({ from, to, amount, seeds }: FastColumns): Step[] {
  const steps: Step[] = [];
  const legs = (row: number) => [
    { from: from[row]!, to: to[row]!, amount: BigInt(amount[row]!) * WEI_PER_SATOSHI, row },
  ];
  const first = seeds[0]?.before ?? amount.length;
  for (let row = 0; row < first; row += 1) steps.push({ kind: 'account', time: row, legs: legs(row) });
  for (const { place, amount: seeded, mode } of seeds) {
    const units = BigInt(seeded) * WEI_PER_SATOSHI;
    steps.push({ kind: 'seed', time: first, theft: 0, place, amount: units, units, mode });
  }
  for (let row = first; row < amount.length; row += 1) steps.push({ kind: 'account', time: row, legs: legs(row) });
  return steps;
}

function plainBigIntLoop(steps: readonly Step[]): number {
  const balance = new Array<bigint>(PLACES).fill(0n);
  for (const step of steps.filter((each): each is AccountStep => each.kind === 'account')) {
    for (const { from, to, amount } of step.legs) {
      if (from >= 0) balance[from] = balance[from]! - amount;
      if (to >= 0) balance[to] = balance[to]! + amount;
    }
  }
  return balance.length;
}

function measureWei(method: string, steps: readonly Step[]): void {
  const table: PlaceTable = {
    count: PLACES,
    asset: () => 0,
    owner: (place) => place,
    stop: () => null,
    tracked: () => true,
  };
  const options = { meeting: 'first', minUnits: [0n], maxHops: null } as const;
  const plain = fastest(2, () => plainBigIntLoop(steps)).seconds;
  const { seconds } = fastest(2, () => {
    const engine = createEngine(method, table, [{ id: 'one' }], options);
    for (const step of steps) engine.apply(step);
    return engine.outcome();
  });
  printFigure({
    name: `${method} in wei, general engine`,
    value: WEI_TRANSFERS / seconds / 1e6,
    unit: 'M transfers/s',
    size: `${count(WEI_TRANSFERS)} transfers, ${count(PLACES)} places, 50,000 landings`,
    ratio: { to: 'plain BigInt loop', value: plain / seconds },
  });
}

printPeakMemory();
const inWei = stepsInWei(traffic(1, WEI_TRANSFERS, PLACES, landings(50_000, WEI_TRANSFERS, PLACES)));
for (const method of ['fifo', 'haircut']) measureWei(method, inWei);
printPeakMemory();
