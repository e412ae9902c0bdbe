import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openRecords } from '../../src/store/open-records.ts';
import {
  jsonChange,
  orderKey,
  type RecordChange,
  type RecordRange,
  type Records,
  readJson,
} from '../../src/store/records.ts';
import { withFolder } from './engines.ts';

const ENGINES: readonly (readonly [name: string, pathIn: (folder: string) => string])[] = [
  ['memory', () => ':memory:'],
  ['lmdb', (folder) => join(folder, 'records')],
];

/** One test an engine, each with empty records. */
function everyRecords(title: string, work: (records: Records) => Promise<void>): void {
  for (const [name, pathIn] of ENGINES) {
    test(`${name} records: ${title}`, () =>
      withFolder(async (folder) => {
        const records = await openRecords({ path: pathIn(folder) });
        try {
          await work(records);
        } finally {
          await records.close();
        }
      }));
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const put = (key: string, text: string = key): RecordChange => ({ table: 'alert', key, value: bytes(text) });
const remove = (key: string): RecordChange => ({ table: 'alert', key, value: null });

async function keys(records: Records, range?: RecordRange): Promise<string[]> {
  return (await records.list('alert', range)).map(({ key }) => key);
}

everyRecords('what is written is read, replaced and removed', async (records) => {
  assert.equal(await records.get('alert', 'a'), null);
  await records.write([put('a', 'one'), put('b', 'two')]);
  assert.deepEqual(Buffer.from((await records.get('alert', 'a'))!).toString(), 'one');
  await records.write([put('a', 'three'), remove('b'), remove('never there')]);
  assert.deepEqual(Buffer.from((await records.get('alert', 'a'))!).toString(), 'three');
  assert.equal(await records.get('alert', 'b'), null);
  assert.equal(await records.count('alert'), 1);
});

everyRecords('tables are apart', async (records) => {
  await records.write([put('a'), { table: 'hold', key: 'a', value: bytes('of hold') }]);
  await records.write([{ table: 'hold', key: 'a', value: null }]);
  assert.deepEqual([await records.count('alert'), await records.count('hold')], [1, 0]);
  assert.deepEqual(await records.list('webhook'), []);
});

everyRecords('keys come in byte order, in ranges, against it, and no more than asked for', async (records) => {
  await records.write(['b', 'a', 'B', 'ab', 'c', '0', '~', 'a b'].map((key) => put(key)));
  assert.deepEqual(await keys(records), ['0', 'B', 'a', 'a b', 'ab', 'b', 'c', '~']);
  assert.deepEqual(await keys(records, { from: 'a', until: 'b' }), ['a', 'a b', 'ab']);
  assert.deepEqual(await keys(records, { from: 'aa', until: 'bb' }), ['ab', 'b']);
  assert.deepEqual(await keys(records, { reverse: true, limit: 2 }), ['~', 'c']);
  assert.deepEqual(await keys(records, { from: 'a', until: 'b', reverse: true }), ['ab', 'a b', 'a']);
  assert.deepEqual(await keys(records, { from: 'a', reverse: true, limit: 1 }), ['~']);
  assert.deepEqual(await keys(records, { until: 'b', limit: 1 }), ['0']);
  assert.deepEqual(await keys(records, { from: 'b', until: 'b' }), []);
  assert.deepEqual(await keys(records, { from: 'c', until: 'a' }), []);
  assert.deepEqual(await keys(records, { from: 'c', until: 'a', reverse: true }), []);
  assert.deepEqual(await keys(records, { limit: 0 }), []);
});

const letters = fc.string({
  unit: fc.constantFrom('0', '9', 'A', 'a', 'b', ' ', '~', '-', '.'),
  minLength: 1,
  maxLength: 5,
});
const bound = fc.option(letters, { nil: undefined });

for (const [name, pathIn] of ENGINES) {
  test(`${name} records: any range is what a sorted list says`, () =>
    withFolder(async (folder) => {
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(letters, { maxLength: 20 }),
          fc.uniqueArray(letters, { maxLength: 10 }),
          bound,
          bound,
          fc.boolean(),
          fc.option(fc.nat(6), { nil: undefined }),
          async (added, removed, from, until, reverse, limit) => {
            round += 1;
            const records = await openRecords({ path: pathIn(join(folder, String(round))) });
            await records.write(added.map((key) => put(key)));
            await records.write(removed.map(remove));
            const left = added
              .filter((key) => !removed.includes(key))
              .filter((key) => (from === undefined || key >= from) && (until === undefined || key < until))
              .sort();
            if (reverse) left.reverse();
            const range = {
              reverse,
              ...(from === undefined ? {} : { from }),
              ...(until === undefined ? {} : { until }),
              ...(limit === undefined ? {} : { limit }),
            };
            const expected = left.slice(0, limit);
            assert.deepEqual(await keys(records, range), expected);
            const scanned: string[] = [];
            for await (const rows of records.scan('alert', range)) scanned.push(...rows.map(({ key }) => key));
            assert.deepEqual(scanned, expected);
            await records.close();
          },
        ),
        { numRuns: 60 },
      );
    }));
}

everyRecords('a scan gives every row that stands all along, once, while others come and go', async (records) => {
  const total = 9000;
  for (let first = 0; first < total; first += 3000)
    await records.write(Array.from({ length: 3000 }, (_, index) => put(`k${orderKey(first + index)}`)));
  const seen: string[] = [];
  let chunks = 0;
  for await (const rows of records.scan('alert')) {
    chunks += 1;
    seen.push(...rows.map(({ key }) => key));
    await records.write([put(`a${chunks}`), remove(`k${orderKey(total - chunks)}`), put(`z${chunks}`)]);
  }
  assert.ok(chunks > 2, `${chunks} chunks`);
  assert.equal(new Set(seen).size, seen.length);
  assert.deepEqual([...seen].sort(), seen);
  const lasting = seen.filter((key) => key.startsWith('k') && key < `k${orderKey(total - 100)}`);
  assert.equal(lasting.length, total - 100);
  const backwards: string[] = [];
  for await (const rows of records.scan('alert', { from: 'k', until: 'l', reverse: true, limit: 5000 }))
    backwards.push(...rows.map(({ key }) => key));
  assert.deepEqual(
    backwards,
    seen
      .filter((key) => key.startsWith('k'))
      .filter((key) => key < `k${orderKey(total - chunks)}`)
      .slice(-5000)
      .reverse(),
  );
});

everyRecords('writes take effect in the order of the calls, none waiting for the last', async (records) => {
  const writes: Promise<void>[] = [];
  for (let number = 1; number <= 200; number += 1) {
    writes.push(records.write([put('last', String(number)), put(orderKey(number))]));
    if (number % 3 === 0) writes.push(records.write([remove(orderKey(number))]));
  }
  const ended: number[] = [];
  await Promise.all(writes.map((write, index) => write.then(() => ended.push(index))));
  assert.deepEqual(ended, [...writes.keys()]);
  assert.equal(readJson<number>((await records.get('alert', 'last'))!), 200);
  assert.equal(await records.count('alert'), 200 - 66 + 1);
});

everyRecords('a key twice in one write: the later change holds', async (records) => {
  await records.write([put('a', 'one'), remove('a'), put('a', 'two'), put('b'), remove('b')]);
  assert.equal(Buffer.from((await records.get('alert', 'a'))!).toString(), 'two');
  assert.deepEqual(await keys(records), ['a']);
});

everyRecords('what was written is seen once its write resolves', async (records) => {
  for (let number = 0; number < 50; number += 1) {
    await records.write([put('n', String(number))]);
    assert.equal(readJson<number>((await records.get('alert', 'n'))!), number);
    assert.equal(await records.count('alert'), 1);
  }
});

everyRecords('values of no byte, of any byte and of a megabyte come back as they were', async (records) => {
  const large = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) & 0xff);
  const every = Uint8Array.from({ length: 256 }, (_, index) => index);
  await records.write([
    { table: 'batch', key: 'large', value: large },
    { table: 'batch', key: 'every', value: every },
    { table: 'batch', key: 'none', value: new Uint8Array(0) },
    { table: 'batch', key: 'part', value: large.subarray(1000, 1010) },
  ]);
  const read = async (key: string): Promise<number[]> => [...(await records.get('batch', key))!];
  assert.ok(Buffer.from((await records.get('batch', 'large'))!).equals(large));
  assert.deepEqual(await read('every'), [...every]);
  assert.deepEqual(await read('none'), []);
  assert.deepEqual(await read('part'), [...large.subarray(1000, 1010)]);
});

everyRecords('bytes that were read stay as they are, whatever is written after', async (records) => {
  await records.write([put('a', 'first'), put('b', 'other')]);
  const got = (await records.get('alert', 'a'))!;
  const listed = (await records.list('alert'))[0]!.value;
  for (let number = 0; number < 200; number += 1) await records.write([put('a', `later ${number}`), put(`c${number}`)]);
  await records.get('alert', 'b');
  assert.equal(Buffer.from(got).toString(), 'first');
  assert.equal(Buffer.from(listed).toString(), 'first');
});

everyRecords('what was given to a write may be used again once it resolves', async (records) => {
  const value = Buffer.from('before');
  await records.write([{ table: 'alert', key: 'a', value }]);
  value.fill(0);
  assert.equal(Buffer.from((await records.get('alert', 'a'))!).toString(), 'before');
});

everyRecords('keys of one and of 200 letters', async (records) => {
  const long = 'x'.repeat(200);
  await records.write([put('x'), put(long), put(`${'x'.repeat(199)}y`)]);
  assert.deepEqual(await keys(records), ['x', long, `${'x'.repeat(199)}y`]);
});

everyRecords('a write of a key that cannot be kept keeps nothing, and harms no other', async (records) => {
  const bad = [put('good'), put('x'.repeat(5000)), put('good too')];
  const before = records.write([put('before')]);
  await assert.rejects(records.write(bad));
  const after = records.write([put('after')]);
  await Promise.all([before, after]);
  assert.deepEqual(await keys(records), ['after', 'before']);
});

everyRecords('a write of nothing waits for those before it', async (records) => {
  let ended = false;
  void records.write([put('a')]).then(() => {
    ended = true;
  });
  await records.write([]);
  assert.ok(ended);
});

for (const [name, pathIn] of ENGINES) {
  test(`${name} records: closing waits for writes under way`, () =>
    withFolder(async (folder) => {
      const records = await openRecords({ path: pathIn(folder) });
      let ended = 0;
      for (let number = 0; number < 50; number += 1)
        void records.write([put(orderKey(number))]).then(() => {
          ended += 1;
        });
      await records.close();
      assert.equal(ended, 50);
      await assert.rejects(records.write([put('late')]));
    }));
}

everyRecords('JSON comes back as it went', async (records) => {
  const value = { a: [1, null, 'ä€𝄞'], b: { c: false } };
  await records.write([jsonChange('case', 'x', value)]);
  assert.deepEqual(readJson((await records.get('case', 'x'))!), value);
});
