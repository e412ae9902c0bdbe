import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import { openRecords } from '../store/open-records.ts';
import { jsonChange, orderKey } from '../store/records.ts';
import { type SubjectBatch, SubjectBook, type SubjectRow, subjectChange } from './subject-book.ts';

const ETHEREUM = 'eip155:1';
const POLYGON = 'eip155:137';
const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';

function row(seq: number, addresses: readonly string[], more: Partial<SubjectRow> = {}): SubjectRow {
  return {
    v: `v-${seq}-00af`,
    c: ETHEREUM,
    a: addresses,
    k: 'address',
    d: 'a',
    s: 0,
    u: null,
    x: null,
    as: null,
    ...more,
  };
}

function batch(seq: number, addresses: readonly string[], verdicts: Record<string, string> = {}): SubjectBatch {
  return { id: `b-${seq}-00af`, chain: ETHEREUM, asOf: null, addresses, verdicts };
}

async function bookOf(rows: readonly SubjectRow[], batches: readonly SubjectBatch[] = []): Promise<SubjectBook> {
  const records = await openRecords({ path: ':memory:' });
  await records.write([
    ...rows.map(subjectChange),
    ...batches.map((each) => jsonChange('batch', orderKey(Number(each.id.split('-')[1])), each)),
  ]);
  return SubjectBook.open(records, SILENT);
}

test('verdicts and batch lines of an address come newest first, from disk and as they are added', async () => {
  const book = await bookOf([row(1, ['0xa']), row(3, ['0xb', '0xa'])], [batch(2, ['0xc', '0xa'])]);
  assert.deepEqual(book.of(ETHEREUM, '0xa'), [
    { table: 'verdict', seq: 3, line: null },
    { table: 'batch', seq: 2, line: 1 },
    { table: 'verdict', seq: 1, line: null },
  ]);
  book.addBatch(batch(5, ['0xa']));
  book.add(row(4, ['0xa']));
  assert.deepEqual(
    book.of(ETHEREUM, '0xa').map(({ seq }) => seq),
    [5, 4, 3, 2, 1],
  );
  assert.equal(book.size, 7);
  assert.deepEqual(book.of(ETHEREUM, '0xd'), []);
});

test('a line with a verdict of its own is not counted twice, and one that was refused not at all', async () => {
  const book = await bookOf([row(8, ['0xb'])], [batch(7, ['0xa', '0xb', ''], { '1': 'v-8-00af' })]);
  assert.deepEqual(book.of(ETHEREUM, '0xb'), [{ table: 'verdict', seq: 8, line: null }]);
  assert.deepEqual(book.of(ETHEREUM, '0xa'), [{ table: 'batch', seq: 7, line: 0 }]);
  // A line that was refused is of no address.
  assert.equal(book.size, 2);
});

test('a verdict as of a past date is no subject: nothing learned later concerns it', async () => {
  const book = await bookOf(
    [row(1, ['0xa'], { as: '2024-01-01T00:00:00Z' })],
    [{ ...batch(2, ['0xa']), asOf: '2024-01-01T00:00:00Z' }],
  );
  assert.equal(book.size, 0);
  assert.equal(book.has(ETHEREUM, '0xa'), false);
});

test('chains are told apart, and together where none is named', async () => {
  const book = await bookOf([row(1, ['0xa']), row(2, ['0xa'], { c: POLYGON })]);
  assert.deepEqual(
    book.of(POLYGON, '0xa').map(({ seq }) => seq),
    [2],
  );
  assert.deepEqual(
    book.ofAddress('0xa').map(({ seq }) => seq),
    [2, 1],
  );
  assert.equal(book.has('eip155:56', '0xa'), false);
  assert.equal(book.has(null, '0xa'), true);
});

test('spellings that differ in case alone are different addresses, but for a label that lost its case', async () => {
  const book = await bookOf([row(1, ['1AbC'], { c: BITCOIN }), row(2, ['1aBc'], { c: BITCOIN })]);
  assert.deepEqual(
    book.of(BITCOIN, '1AbC').map(({ seq }) => seq),
    [1],
  );
  assert.deepEqual(book.of(BITCOIN, '1abc'), []);
  assert.deepEqual(
    book.ofAddress('1abc', { folded: true }).map(({ seq }) => seq),
    [2, 1],
  );
  assert.equal(book.newest({ chain: null, address: '1abc', folded: true }).length, 2);
});

test('the newest of each customer, transaction, kind and chain stands for those before it', async () => {
  const book = await bookOf([
    row(1, ['0xa']),
    row(2, ['0xa'], { u: 'c1' }),
    row(3, ['0xa'], { u: 'c1', k: 'transfer', x: '0x1' }),
    row(4, ['0xa'], { u: 'c1', k: 'transfer', x: '0x2' }),
    row(5, ['0xa'], { c: POLYGON }),
    row(6, ['0xa']),
    row(7, ['0xa'], { u: 'c1' }),
  ]);
  const seqs = (refs: readonly number[]): number[] => refs.map((ref) => book.refAt(ref).seq);
  assert.deepEqual(seqs(book.newest({ chain: ETHEREUM, address: '0xa' })), [7, 6, 4, 3]);
  assert.deepEqual(seqs(book.newest({ chain: null, address: '0xa' })), [7, 6, 5, 4, 3]);
  assert.deepEqual([book.entries, seqs(book.newestOfEntry(0))], [1, [7, 6, 5, 4, 3]]);
});

test('seq and line of any size come back as they were', async () => {
  const book = new SubjectBook();
  const addresses = Array.from({ length: 10_000 }, (_, index) => `0x${index}`);
  book.addBatch(batch(2 ** 40 + 5, addresses));
  assert.deepEqual(book.of(ETHEREUM, '0x9999'), [{ table: 'batch', seq: 2 ** 40 + 5, line: 9999 }]);
  assert.deepEqual(book.of(ETHEREUM, '0x0'), [{ table: 'batch', seq: 2 ** 40 + 5, line: 0 }]);
});

test('a damaged row is named', async () => {
  const records = await openRecords({ path: ':memory:' });
  await records.write([{ table: 'subject', key: orderKey(4), value: Buffer.from('{"v":') }]);
  await assert.rejects(
    SubjectBook.open(records, SILENT),
    (error) => error instanceof HaetaeError && error.code === 'E_RECORDS' && error.context.key === orderKey(4),
  );
});

const ADDRESSES = ['0xa', '0xb', '0xc', '1Ab', '1aB', '1ab'];
const subject = fc.record({
  a: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { minLength: 1, maxLength: 3 }),
  c: fc.constantFrom(ETHEREUM, POLYGON, BITCOIN),
  k: fc.constantFrom('address' as const, 'transfer' as const),
  u: fc.constantFrom(null, 'p1', 'p2'),
  x: fc.constantFrom(null, '0x1'),
  as: fc.constantFrom(null, null, null, '2024-01-01T00:00:00Z'),
});

test('the book says what a walk over all rows says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(subject, { maxLength: 40 }), fc.nat(40), async (subjects, split) => {
      const rows = subjects.map((each, index) => row(index + 1, each.a, each));
      const book = await bookOf(rows.slice(0, split));
      for (const each of rows.slice(split)) book.add(each);
      const live = rows.filter(({ as }) => as === null).reverse();
      for (const address of ADDRESSES) {
        for (const chain of [ETHEREUM, POLYGON, BITCOIN]) {
          const own = live.filter(({ a, c }) => c === chain && a.includes(address));
          assert.deepEqual(
            book.of(chain, address).map(({ seq }) => `v-${seq}-00af`),
            own.map(({ v }) => v),
          );
          const newest = own.filter((each, index) => own.findIndex((other) => sameMatter(each, other)) === index);
          assert.deepEqual(
            book.newest({ chain, address }).map((ref) => `v-${book.refAt(ref).seq}-00af`),
            newest.map(({ v }) => v),
          );
        }
        const folded = live.flatMap(({ a, v }) => a.filter((own) => own.toLowerCase() === address).map(() => v));
        if (address === address.toLowerCase())
          assert.deepEqual(
            book.ofAddress(address, { folded: true }).map(({ seq }) => `v-${seq}-00af`),
            folded,
          );
      }
    }),
    { numRuns: 100 },
  );
});

function sameMatter(one: SubjectRow, other: SubjectRow): boolean {
  return one.k === other.k && one.u === other.u && one.x === other.x;
}
