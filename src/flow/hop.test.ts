import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Transfer } from '../model/transfer.ts';
import { type Credit, ratiosWithCredits } from './credit.ts';
import { FEE, NONE } from './flow.ts';
import { hop } from './hop.ts';
import { accountFlowOf } from './memory.ts';

const CHAIN = 'eip155:1';
const ASSETS = ['eip155:1/slip44:60', 'eip155:1/erc20:0x00000000000000000000000000000000000000aa'];
const PEOPLE = 5;

const address = (person: number): string => `0x${person.toString(16).padStart(40, '0')}`;

interface Leg {
  readonly tx: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly asset: number;
  readonly amount: bigint;
}

/** Rows of a second each ten, of few transactions, between few people or nobody. */
const ledger: fc.Arbitrary<Leg[]> = fc.array(
  fc.record({
    tx: fc.option(fc.nat(2)),
    from: fc.option(fc.nat(PEOPLE - 1), { freq: 8 }),
    to: fc.option(fc.nat(PEOPLE - 1), { freq: 8 }),
    asset: fc.nat(1),
    amount: fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 2n ** 130n)),
  }),
  { minLength: 1, maxLength: 40 },
);

function transferOf({ tx, from, to, asset, amount }: Leg, index: number): Transfer {
  const time = 1_648_037_340 + Math.floor(index / 10);
  return {
    chain: CHAIN,
    time,
    block: null,
    txIndex: 0,
    leg: index,
    tx: tx === null ? null : `0x${time}${tx}`,
    kind: 'token',
    from: from === null ? null : address(from),
    to: to === null ? null : address(to),
    asset: ASSETS[asset]!,
    amount,
    rounded: false,
    source: { batch: 1, file: 0, row: index + 1 },
  };
}

describe('hop', () => {
  test('finds the rows that a look at every row finds', () => {
    fc.assert(
      fc.property(
        ledger,
        fc.array(fc.nat(PEOPLE - 1), { maxLength: 6 }),
        fc.nat(40),
        fc.nat(40),
        (legs, people, from, length) => {
          const flow = accountFlowOf(CHAIN, legs.map(transferOf));
          for (const asset of flow.assets) {
            const places = people
              .map((person) => asset.placeOf(flow.addresses.find(address(person))))
              .filter((place) => place >= 0);
            for (const direction of ['out', 'in'] as const) {
              const window = { from, to: from + length };
              const found = hop(asset, Uint32Array.from(places), direction, window);
              const expected = places.flatMap((place, origin) =>
                asset.segments.flatMap((segment, number) =>
                  Array.from({ length: segment.count }, (_, row) => row)
                    .filter((row) => (direction === 'out' ? segment.from : segment.to).at(row) === place)
                    .filter((row) => segment.step.at(row) >= window.from && segment.step.at(row) < window.to)
                    .map((row) => [origin, number, row, (direction === 'out' ? segment.to : segment.from).at(row)]),
                ),
              );
              const rows = Array.from({ length: found.count }, (_, at) => [
                found.origin[at],
                found.segment[at],
                found.row[at],
                found.peer[at],
              ]);
              assert.deepEqual(rows, expected);
            }
          }
        },
      ),
    );
  });
});

/** Every ratio of a chain by the row's place in the ledger, and those of swaps in order. */
function ratios(legs: readonly Transfer[]): { rows: Map<string, number>; swaps: number[] } {
  const flow = accountFlowOf(CHAIN, legs);
  const rows = new Map<string, number>();
  for (const asset of flow.assets) {
    asset.segments.forEach((segment) => {
      for (let row = 0; row < segment.count; row += 1) {
        const text = (place: number): string =>
          place === NONE || place === FEE ? '' : flow.addresses.text(asset.addressOf(place));
        if (segment.from.at(row) === NONE) continue;
        const [from, to] = [text(segment.from.at(row)), text(segment.to.at(row))];
        const time = flow.steps.time(segment.step.at(row));
        const key = `${asset.asset}|${from}|${to}|${segment.amount(row)}|${time}`;
        let nth = 0;
        while (rows.has(`${key}|${nth}`)) nth += 1;
        rows.set(`${key}|${nth}`, segment.ratio.at(row));
      }
    });
  }
  return { rows, swaps: flow.swaps.flows.map((item) => item.ratio) };
}

describe('ratios with credits', () => {
  test('are those of a chain whose data hold the money', () => {
    fc.assert(
      fc.property(
        ledger,
        fc.nat(39),
        fc.nat(PEOPLE - 1),
        fc.nat(1),
        fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 2n ** 131n)),
        (legs, at, person, assetNumber, amount) => {
          const rows = legs.map(transferOf);
          const flow = accountFlowOf(CHAIN, rows);
          const asset = flow.assets.findIndex((item) => item.asset === ASSETS[assetNumber]);
          const place = asset < 0 ? -1 : flow.assets[asset]!.placeOf(flow.addresses.find(address(person)));
          fc.pre(place >= 0);
          const time = rows[Math.min(at, rows.length - 1)]!.time;
          const credit: Credit = { asset, place, step: flow.steps.firstAt(time), amount };
          const changed = ratiosWithCredits(flow, [credit]);
          const held: Transfer = {
            ...rows[0]!,
            time,
            leg: -1,
            tx: null,
            from: null,
            to: address(person),
            asset: ASSETS[assetNumber]!,
            amount,
          };
          const before = ratios(rows);
          const expected = ratios([held, ...rows]);
          const found = new Map(before.rows);
          const keys = keysByRow(rows);
          for (const row of changed.rows) found.set(keys.get(`${row.asset}/${row.segment}/${row.row}`)!, row.ratio);
          assert.deepEqual(found, expected.rows);
          const swaps = [...before.swaps];
          for (const { flow: index, ratio } of changed.swaps) swaps[index] = ratio;
          assert.deepEqual(swaps, expected.swaps);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** The names that `ratios` gives rows, by asset, segment and row. */
function keysByRow(legs: readonly Transfer[]): Map<string, string> {
  const flow = accountFlowOf(CHAIN, legs);
  const names = [...ratios(legs).rows.keys()];
  const keys = new Map<string, string>();
  let next = 0;
  flow.assets.forEach((asset, index) => {
    asset.segments.forEach((segment, number) => {
      for (let row = 0; row < segment.count; row += 1) {
        if (segment.from.at(row) === NONE) continue;
        keys.set(`${index}/${number}/${row}`, names[next]!);
        next += 1;
      }
    });
  });
  return keys;
}
