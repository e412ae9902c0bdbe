import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAmount } from '../base/money.ts';
import { parseTime } from '../base/time.ts';
import { findFanOuts, MIN_OUTPUTS, WINDOW_SECONDS } from './fan-out.ts';
import type { Movement } from './movement.ts';

const HOUR = 3600;

function pay(from: string | null, to: string | null, amount: number | bigint, time: number, asset = 'eth'): Movement {
  return { chain: 'c', from, to, asset, amount: BigInt(amount), time, tx: null };
}

interface Fan {
  readonly outputs?: number;
  readonly apart?: number;
  readonly amount?: (index: number) => number;
  readonly emptied?: (index: number) => number;
}

/** A payer with money, and wallets that each get some and pay it on two days later, one after the other. */
function fan({ outputs = 8, apart = 600, amount = (i) => 10_000 + i, emptied = () => 1 }: Fan = {}): Movement[] {
  const wallets = Array.from({ length: outputs }, (_, index) => index);
  return [
    pay(null, 'payer', 1_000_000, 0),
    ...wallets.map((index) => pay('payer', `w${index}`, amount(index), 1000 + index * apart)),
    ...wallets.flatMap((index) => {
      const paid = Math.floor(amount(index) * emptied(index));
      return paid > 0 ? [pay(`w${index}`, 'next', paid, 1000 + 48 * HOUR + index * 3600)] : [];
    }),
  ];
}

test('S3 finds a fan of nearly equal outputs to fresh wallets that are emptied in turn', () => {
  const [finding, ...rest] = findFanOuts(fan());
  assert.equal(rest.length, 0);
  assert.deepEqual(finding!.addresses, ['payer', 'w0', 'w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7']);
  assert.equal(finding!.firstTime, 1000);
  assert.equal(finding!.lastTime, 1000 + 7 * 600);
  assert.equal(finding!.evidence.outputs, '8');
  assert.equal(finding!.evidence.sum, String(8 * 10_000 + 28));
  assert.equal(finding!.evidence.emptiedInOrder, '8 of 8');
});

test('S3 stays silent where one part of the signature is missing', () => {
  const silent = (movements: Movement[]) => assert.deepEqual(findFanOuts(movements), []);
  silent([]);
  silent(fan({ outputs: MIN_OUTPUTS - 1 }));
  silent(fan({ apart: WINDOW_SECONDS }));
  silent(fan({ amount: (index) => 10_000 * 2 ** index }));
  silent(fan({ emptied: () => 0 }));
  silent(fan({ emptied: () => 0.5 }));
  // Not fresh: each wallet paid somebody before.
  silent([...fan(), ...Array.from({ length: 8 }, (_, index) => pay(`w${index}`, 'shop', 1, 10))]);
  // A hot wallet: the equal outputs are a small part of what it pays meanwhile.
  silent([...fan(), pay(null, 'payer', 900_000, 1), pay('payer', 'customer', 900_000, 2000)]);
});

test('S3 takes gas money that came before, and another asset, for what they are', () => {
  const gas = Array.from({ length: 8 }, (_, index) => pay('gas station', `w${index}`, 300, 500 + index));
  const found = findFanOuts([...gas, ...fan()]);
  assert.deepEqual(
    found.map((finding) => finding.addresses[0]),
    ['payer'],
  );
  const other = Array.from({ length: 8 }, (_, index) => pay('gas station', `w${index}`, 30_000, 500 + index, 'trx'));
  assert.equal(findFanOuts([...other, ...fan()]).length, 1);
});

const traffic = fc.array(
  fc.tuple(fc.nat(9), fc.nat(9), fc.integer({ min: 0, max: 30_000 }), fc.integer({ min: 0, max: 60 * HOUR })),
  { maxLength: 60 },
);

test('S3: unrelated traffic, in any order, removes no finding', () => {
  fc.assert(
    fc.property(traffic, fc.integer(), (rows, turn) => {
      const other = rows.map(([from, to, amount, time]) => pay(`x${from}`, `y${to}`, amount, time));
      const mixed = [...other, ...fan()];
      const cut = Math.abs(turn) % mixed.length;
      const found = findFanOuts([...mixed.slice(cut), ...mixed.slice(0, cut)]);
      assert.deepEqual(
        found.find((finding) => finding.addresses[0] === 'payer'),
        findFanOuts(fan())[0],
      );
    }),
    { numRuns: 200 },
  );
});

test('S3 reads 100,000 movements of one busy payer in linear time', () => {
  const start = performance.now();
  const busy = Array.from({ length: 50_000 }, (_, index) => [
    pay('hot', `w${index}`, 10_000 + (index % 97), index),
    pay(`w${index}`, 'hot', 10_000, index + 100_000),
  ]).flat();
  assert.ok(findFanOuts(busy).length > 0);
  assert.ok(performance.now() - start < 5000, `took ${performance.now() - start} ms`);
});

const ronin = join(process.env.HAETAE_DATASETS ?? '', 'ronin/transfers.csv');
const absent = process.env.HAETAE_DATASETS && existsSync(ronin) ? false : 'HAETAE_DATASETS has no ronin/transfers.csv';

test('S3 on the Ronin rows: every finding holds by the rows themselves', { skip: absent }, () => {
  const movements = readFileSync(ronin, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line): Movement => {
      const [time = '', from = '', to = '', eth = ''] = line.split(',');
      return {
        chain: 'eip155:1',
        from,
        to,
        asset: 'ETH',
        amount: parseAmount(eth, 18) as bigint,
        time: parseTime(time)!,
        tx: null,
      };
    });
  for (const { addresses, firstTime, lastTime } of findFanOuts(movements)) {
    const [payer, ...wallets] = addresses;
    const outputs = movements.filter(
      ({ from, to, time, amount }) =>
        from === payer && wallets.includes(to!) && time >= firstTime && time <= lastTime && amount > 0n,
    );
    assert.ok(new Set(outputs.map((output) => output.to)).size >= MIN_OUTPUTS);
    for (const wallet of wallets) assert.ok(movements.some(({ from, time }) => from === wallet && time >= firstTime));
  }
});
