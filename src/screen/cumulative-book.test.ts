import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openRecords } from '../store/open-records.ts';
import { ETHER } from './_evidence-fixture.ts';
import { CumulativeBook, DAY_MS } from './cumulative-book.ts';
import type { Accrual } from './evaluation.ts';

const AT = Date.parse('2026-03-01T00:00:00.000Z');

function accrual(of: string, amount: number, more: Partial<Accrual> = {}): Accrual {
  return { of, category: 'stolen', link: 'indirect', asset: ETHER, amount: `${amount}`, ...more };
}

function sumOf(book: CumulativeBook, of: string, at = AT, except: string | null = null): bigint {
  return book
    .factsFor([of], at, except)
    .flatMap(({ earlier }) => earlier)
    .reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

test('what is on disk counts, by customer, category, link and asset, oldest first; after a restart the same', async () => {
  const records = await openRecords({ path: ':memory:' });
  const book = await CumulativeBook.open(records, { at: AT });
  const put = async (verdict: string, at: number, ...accrues: readonly Accrual[]): Promise<void> => {
    const { changes, settle } = book.changesFor({ accrues, verdict, replaces: null, at });
    assert.equal(book.factsFor([verdict], AT).length, 0);
    await records.write(changes);
    settle();
  };
  await put('v-2', AT - 5 * DAY_MS, accrual('c-1', 2), accrual('c-1', 7, { category: 'mixer' }));
  await put('v-1', AT - 9 * DAY_MS, accrual('c-1', 1), accrual('c-2', 4));
  const expected = [
    {
      of: 'c-1',
      category: 'mixer',
      link: 'indirect',
      asset: ETHER,
      earlier: [{ at: '2026-02-24T00:00:00.000Z', amount: '7', verdict: 'v-2' }],
    },
    {
      of: 'c-1',
      category: 'stolen',
      link: 'indirect',
      asset: ETHER,
      earlier: [
        { at: '2026-02-20T00:00:00.000Z', amount: '1', verdict: 'v-1' },
        { at: '2026-02-24T00:00:00.000Z', amount: '2', verdict: 'v-2' },
      ],
    },
  ];
  assert.deepEqual(book.factsFor(['c-1'], AT), expected);
  const again = await CumulativeBook.open(records, { at: AT });
  assert.deepEqual(again.factsFor(['c-1'], AT), expected);
  assert.deepEqual(
    again.factsFor(['c-1'], AT - 6 * DAY_MS).map(({ earlier }) => earlier.length),
    [1],
  );
  assert.equal(sumOf(again, 'c-1', AT, 'v-2'), 1n);
  const short = await CumulativeBook.open(records, { at: AT, windowDays: 7 });
  assert.equal(sumOf(short, 'c-1'), 9n);
  await records.close();
});

test('a verdict that is screened again counts once', async () => {
  const records = await openRecords({ path: ':memory:' });
  const book = await CumulativeBook.open(records, { at: AT });
  for (const [verdict, replaces, amount] of [
    ['v-1', null, 5],
    ['v-2', null, 1],
    ['v-3', 'v-1', 8],
  ] as const) {
    const { changes, settle } = book.changesFor({ accrues: [accrual('c', amount)], verdict, replaces, at: AT - 1000 });
    await records.write(changes);
    settle();
  }
  assert.equal(sumOf(book, 'c'), 9n);
  assert.equal(sumOf(await CumulativeBook.open(records, { at: AT }), 'c'), 9n);
  await records.close();
});

test('a customer who is erased is gone from memory and disk; others stay', async () => {
  const records = await openRecords({ path: ':memory:' });
  const book = await CumulativeBook.open(records, { at: AT });
  const put = book.changesFor({
    accrues: [accrual('a', 1), accrual('b', 2)],
    verdict: 'v',
    replaces: null,
    at: AT - 1,
  });
  await records.write(put.changes);
  put.settle();
  const { changes, settle } = await book.erase('a');
  await records.write(changes);
  settle();
  assert.deepEqual([sumOf(book, 'a'), sumOf(book, 'b'), book.held], [0n, 2n, 1]);
  assert.equal(sumOf(await CumulativeBook.open(records, { at: AT }), 'a'), 0n);
  await records.close();
});

test('what no window reaches is removed', async () => {
  const records = await openRecords({ path: ':memory:' });
  const book = await CumulativeBook.open(records, { at: AT - 500 * DAY_MS });
  for (const days of [450, 401, 399]) {
    const put = book.changesFor({
      accrues: [accrual('c', days)],
      verdict: 'v',
      replaces: null,
      at: AT - days * DAY_MS,
    });
    await records.write(put.changes);
    put.settle();
  }
  const { changes, settle } = await book.stale(AT);
  await records.write(changes);
  settle();
  assert.deepEqual([book.held, await records.count('cumulative'), sumOf(book, 'c')], [1, 1, 399n]);
  await records.close();
});

test('joining by day loses nothing of a sum; what makes room is counted', async () => {
  const records = await openRecords({ path: ':memory:' });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40 * 24), { minLength: 150, maxLength: 700 }), async (hours) => {
      const book = await CumulativeBook.open(records, { at: AT });
      hours.forEach((hour, at) => {
        book
          .changesFor({ accrues: [accrual('c', 1)], verdict: `v-${at}`, replaces: null, at: AT - hour * 3_600_000 })
          .settle();
      });
      assert.equal(sumOf(book, 'c'), BigInt(hours.length));
      assert.ok(book.held <= 250);
      const times = book.factsFor(['c'], AT)[0]!.earlier.map(({ at }) => at);
      assert.deepEqual(times, [...times].sort());
    }),
    { numRuns: 30 },
  );
  const small = await CumulativeBook.open(records, { at: AT, maxHeld: 100 });
  for (let at = 0; at < 1000; at++)
    small
      .changesFor({ accrues: [accrual(`c-${at}`, 1)], verdict: 'v', replaces: null, at: AT - 100_000 + at })
      .settle();
  assert.ok(small.held <= 100);
  assert.equal(small.held + small.dropped, 1000);
  await records.close();
});
