import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROBBERY_SHAPES } from './exchange-plan.ts';
import { type ExchangeYearOptions, exchangeYear, isThief, roleOf } from './exchange-year.ts';

const MONTH: ExchangeYearOptions = { seed: 5, days: 30, withdrawalsPerDay: 1200, events: true, theft: null };
const DAY = 86_400;

test('an exchange’s month: the same options give the same rows, others give others', () => {
  const rows = (seed: number): string =>
    JSON.stringify([...exchangeYear({ ...MONTH, seed, days: 3 }).blocks()], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  assert.equal(rows(5), rows(5));
  assert.notEqual(rows(5), rows(6));
});

test('an exchange’s month: a thousand withdrawals a day, new customers all the time, never more paid than is there', () => {
  const { hot, blocks } = exchangeYear(MONTH);
  const held = new Map<string, bigint>();
  const customers = new Set<string>();
  const newByDay = new Array<number>(30).fill(0);
  let withdrawals = 0;
  let last = { number: 0n, time: 0 };
  for (const { number, time, transfers } of blocks()) {
    assert.ok(number > last.number && time > last.time, 'blocks come in order');
    last = { number, time };
    for (const { from, to, asset, amount } of transfers) {
      assert.ok(from === hot || to === hot);
      const sum = (held.get(asset) ?? 0n) + (to === hot ? amount : -amount);
      assert.ok(sum >= 0n && amount > 0n);
      held.set(asset, sum);
      if (to === null || roleOf(to) !== 'customer') continue;
      withdrawals += 1;
      if (customers.has(to)) continue;
      customers.add(to);
      newByDay[Math.floor((time - 1_704_067_200) / DAY)]! += 1;
    }
  }
  assert.ok(withdrawals >= 30_000, `${withdrawals}`);
  assert.ok(newByDay.every((count) => count > 100));
});

test('every kind of robbery takes most of something to addresses never paid before', () => {
  for (const shape of ROBBERY_SHAPES) {
    const year = exchangeYear({ ...MONTH, days: 12, events: false, theft: { shape, day: 10 } });
    const stolen = [...year.blocks()].flatMap(({ time, transfers }) =>
      transfers.filter(({ to }) => isThief(to ?? '')).map(({ to, asset }) => ({ time, to, asset })),
    );
    const seconds = stolen.at(-1)!.time - stolen[0]!.time;
    assert.ok(stolen.every(({ time }) => year.dayOf(time) === 10));
    const receivers = new Set(stolen.map(({ to }) => to)).size;
    if (shape === 'sweep') assert.equal(stolen.length, 1);
    if (shape === 'pieces') assert.deepEqual([stolen.length, receivers, Math.round(seconds / 60)], [31, 1, 12]);
    if (shape === 'tokens') assert.ok(new Set(stolen.map(({ asset }) => asset)).size >= 25 && receivers === 1);
    if (shape === 'spread') assert.ok(receivers >= 30 && receivers === stolen.length && seconds <= 40 * 60);
  }
});
