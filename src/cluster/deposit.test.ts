import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { FEE, NONE } from '../kernel/rows.ts';
import { type DepositRules, findDeposits } from './deposit.ts';
import type { DepositAsset, DepositEntries, DepositSegment } from './deposit-asset.ts';
import { senderGroups } from './deposit-senders.ts';

/** A movement: addresses 0 and 1 are main addresses of services 1 and 2, 2 is a hub. Places are addresses, backward. */
interface Row {
  readonly from: number;
  readonly to: number;
  readonly amount: bigint;
  readonly step: number;
}

const ADDRESSES = 8;
const HUB = 2;
const MAX_DIFFERENCE = 3n;
const WINDOW = 6;
const place = (address: number): number => (address >= FEE ? address : ADDRESSES - 1 - address);

const RULES: DepositRules = {
  addresses: ADDRESSES,
  mains: new Map([
    [0, 1],
    [1, 2],
  ]),
  excluded: (address) => address === HUB,
  recent: (arrival, forward) => forward - arrival <= WINDOW,
  minConfidence: 0.6,
};

function column(values: readonly number[]) {
  return { at: (index: number) => values[index]! };
}

function entries(rows: readonly Row[], own: 'from' | 'to', other: 'from' | 'to'): DepositEntries {
  const of = (at: number): number[] => rows.flatMap((row, index) => (place(row[own]) === at ? [index] : []));
  const lists = Array.from({ length: ADDRESSES }, (_, at) => of(at));
  const start = (at: number): number => lists.slice(0, at).flat().length;
  return {
    start,
    end: (at) => start(at) + lists[at]!.length,
    row: column(lists.flat()),
    peer: column(lists.flat().map((row) => place(rows[row]![other]))),
  };
}

function segment(rows: readonly Row[]): DepositSegment {
  const words = (shift: bigint) =>
    rows.flatMap(({ amount }) => [
      Number((amount >> shift) & 0xffff_ffffn),
      Number((amount >> (shift + 32n)) & 0xffff_ffffn),
    ]);
  return {
    low: column(words(0n)),
    high: rows.some(({ amount }) => amount >> 64n > 0n) ? column(words(64n)) : null,
    step: column(rows.map(({ step }) => step)),
    in: entries(rows, 'to', 'from'),
    out: entries(rows, 'from', 'to'),
    amount: (row) => rows[row]!.amount,
  };
}

/** The rows cut before each of `cuts`. */
function asset(rows: readonly Row[], cuts: readonly number[]): DepositAsset {
  const bounds = [0, ...[...cuts].sort((a, b) => a - b), rows.length];
  return {
    placeCount: ADDRESSES,
    addressOf: (at) => ADDRESSES - 1 - at,
    placeOf: (address) => place(address),
    segments: bounds.slice(1).map((end, at) => segment(rows.slice(bounds[at], end))),
    maxDifference: MAX_DIFFERENCE,
  };
}

/** The rule done plainly, over all rows: deposit address, service, payments passed on, to the service, in all, senders. */
function plainly(rows: readonly Row[]): unknown[] {
  const service = (address: number): number => RULES.mains.get(address) ?? 0;
  const person = (address: number): boolean => address < FEE && service(address) === 0 && address !== HUB;
  const passed = rows.flatMap((forward, at) => {
    if (service(forward.to) === 0 || !person(forward.from)) return [];
    const arrival = rows.findLastIndex(
      (row, earlier) =>
        earlier < at &&
        row.to === forward.from &&
        row.from !== row.to &&
        person(row.from) &&
        forward.step - row.step <= WINDOW &&
        row.amount >= forward.amount &&
        row.amount - forward.amount <= MAX_DIFFERENCE,
    );
    return arrival < 0 ? [] : [{ deposit: forward.from, service: service(forward.to), arrival }];
  });
  return [...new Set(passed.map(({ deposit }) => deposit))]
    .sort((a, b) => a - b)
    .flatMap((deposit) => {
      const own = passed.filter((each) => each.deposit === deposit);
      const count = (number: number): number => own.filter((each) => each.service === number).length;
      const best = count(2) > count(1) ? 2 : 1;
      const out = rows.filter((row) => row.from === deposit && row.to !== FEE);
      const there = out.filter((row) => service(row.to) === best).length;
      if ((there + 1) / (out.length + 2) < RULES.minConfidence) return [];
      const arrivals = own
        .filter((each) => each.service === best)
        .map(({ arrival }) => arrival)
        .sort((a, b) => a - b);
      const senders = [...new Set(arrivals.map((arrival) => rows[arrival]!.from))];
      return [[deposit, best, count(best), there, out.length, senders]];
    });
}

function found(rows: readonly Row[], cuts: readonly number[]): unknown[] {
  const table = findDeposits([asset(rows, cuts)], RULES);
  return Array.from({ length: table.count }, (_, at) => [
    table.address[at],
    table.service[at],
    table.forwards[at],
    table.toService[at],
    table.outgoing[at],
    [...table.sender.subarray(table.senderStart[at], table.senderStart[at + 1])],
  ]);
}

const anyRows: fc.Arbitrary<readonly Row[]> = fc
  .array(
    fc.record({
      from: fc.oneof({ weight: 9, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(NONE) }),
      to: fc.oneof(
        { weight: 4, arbitrary: fc.nat(1) },
        { weight: 9, arbitrary: fc.nat(5) },
        { weight: 1, arbitrary: fc.constantFrom(FEE, NONE) },
      ),
      amount: fc
        .tuple(fc.constantFrom(100n, 100n, 2n ** 62n, 2n ** 100n), fc.bigInt({ min: 0n, max: 4n }))
        .map(([a, b]) => a + b),
      wait: fc.nat(3),
    }),
    { minLength: 4, maxLength: 40 },
  )
  .map((drafts) => {
    let step = 0;
    return drafts.map(({ wait, ...row }) => {
      step += wait;
      return { ...row, step };
    });
  });

suite('deposit addresses over columns', () => {
  test('are those of the rule done plainly, however the columns are cut into segments', () => {
    fc.assert(
      fc.property(anyRows, fc.array(fc.nat(40), { maxLength: 3 }), (rows, cuts) => {
        const inside = cuts.filter((cut) => cut <= rows.length);
        assert.deepEqual(found(rows, inside), plainly(rows));
      }),
      { numRuns: 1_000 },
    );
  });

  test('senders join the first one in the order of their payments; tills and deposit addresses among them do not', () => {
    const rows: Row[] = [
      { from: 4, to: 5, amount: 9n, step: 1 },
      { from: 5, to: 0, amount: 9n, step: 2 },
      { from: 3, to: 5, amount: 7n, step: 3 },
      { from: 5, to: 0, amount: 7n, step: 4 },
      { from: 6, to: 5, amount: 5n, step: 5 },
      { from: 5, to: 0, amount: 5n, step: 6 },
    ];
    const joined = (all: readonly Row[], most: number): unknown => {
      const { members, txs } = senderGroups(findDeposits([asset(all, [])], RULES), most);
      return [[...members], [...txs]];
    };
    assert.deepEqual(joined(rows, 3), [
      [4, 3, 4, 6],
      [3, 5],
    ]);
    assert.deepEqual(joined(rows, 2), [[], []]);
    // 3 is a deposit address itself: of service 2.
    const other: Row[] = [
      { from: 7, to: 3, amount: 7n, step: 0 },
      { from: 3, to: 1, amount: 7n, step: 0 },
      { from: 7, to: 3, amount: 4n, step: 0 },
      { from: 3, to: 1, amount: 4n, step: 0 },
      { from: 7, to: 3, amount: 2n, step: 0 },
      { from: 3, to: 1, amount: 2n, step: 0 },
    ];
    assert.deepEqual(joined([...other, ...rows], 3), [[4, 6], [5]]);
  });
});
