import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as breathe } from 'node:timers/promises';
import { AuditLog } from '../access/audit-log.ts';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import { openRecords } from '../store/open-records.ts';
import { jsonChange, orderKey, type Records, readJson } from '../store/records.ts';
import { type Again, PENDING_KEY, Rescreener } from './rescreen.ts';
import { SubjectBook, type SubjectRow, subjectChange } from './subject-book.ts';

const ETHEREUM = 'eip155:1';

function row(seq: number, address: string, more: Partial<SubjectRow> = {}): SubjectRow {
  return {
    v: `v-${seq}-00af`,
    c: ETHEREUM,
    a: [address],
    k: 'address',
    d: 'a',
    s: 0,
    u: null,
    x: null,
    as: null,
    ...more,
  };
}

interface Stand {
  readonly records: Records;
  readonly audited: AuditLog;
  readonly subjects: SubjectBook;
  readonly rescreener: Rescreener;
  /** SEQ and cause, in the order of the calls. */
  readonly calls: string[];
}

async function stand(again: Again, rows: readonly SubjectRow[], kept?: Records): Promise<Stand> {
  const records = kept ?? (await openRecords({ path: ':memory:' }));
  await records.write(rows.map(subjectChange));
  const audited = await AuditLog.open(records, Date.now);
  const subjects = await SubjectBook.open(records, SILENT);
  const calls: string[] = [];
  const noted: Again = (ref, cause) => {
    calls.push(`${ref.table} ${ref.seq}${ref.line === null ? '' : `.${ref.line}`} ${cause}`);
    return again(ref, cause);
  };
  return {
    records,
    audited,
    subjects,
    rescreener: new Rescreener({ records, audited, subjects, again: noted }),
    calls,
  };
}

async function actions(records: Records): Promise<string[]> {
  return (await records.list('audit')).map(({ value }) => readJson<{ action: string }>(value).action);
}

const at = (address: string) => ({ chain: ETHEREUM, address });

test('the newest verdict of each touched address is screened again, and counted', async () => {
  const again: Again = async ({ seq }) => (seq === 3 ? 'changed' : 'same');
  const { rescreener, calls, records } = await stand(again, [
    row(1, '0xa'),
    row(2, '0xb'),
    row(3, '0xa'),
    row(4, '0xc'),
  ]);
  const result = await rescreener.touched({ addresses: [at('0xa'), at('0xc'), at('0xe')], cause: 'list of today' });
  assert.deepEqual(result, { looked: 2, changed: 1, failed: 0, firstFault: null });
  assert.deepEqual(calls, ['verdict 3 list of today', 'verdict 4 list of today']);
  assert.deepEqual(await actions(records), ['rescreen.begin', 'rescreen.done']);
  assert.equal(await records.get('meta', PENDING_KEY), null);
});

test('a change that concerns no past verdict leaves no trace', async () => {
  const { rescreener, records } = await stand(async () => 'same', [row(1, '0xa')]);
  assert.equal((await rescreener.touched({ addresses: [at('0xb')], cause: 'list' })).looked, 0);
  assert.deepEqual(await actions(records), []);
});

test('all are looked at where all are touched', async () => {
  const { rescreener, calls } = await stand(
    async () => 'same',
    [row(1, '0xa'), row(2, '0xb'), row(3, '0xa', { u: 'p' })],
  );
  assert.equal((await rescreener.touched({ addresses: 'all', cause: 'new rules' })).looked, 3);
  assert.deepEqual(calls.sort(), ['verdict 1 new rules', 'verdict 2 new rules', 'verdict 3 new rules']);
});

test('a plain line of a batch is screened again', async () => {
  const records = await openRecords({ path: ':memory:' });
  const batch = { id: 'b-5-00af', chain: ETHEREUM, asOf: null, addresses: ['0xa', '0xb'], verdicts: {} };
  await records.write([jsonChange('batch', orderKey(5), batch)]);
  const { rescreener, calls } = await stand(async () => 'same', [], records);
  await rescreener.touched({ addresses: [at('0xb')], cause: 'list' });
  assert.deepEqual(calls, ['batch 5.1 list']);
});

test('what the record does not bear out is not screened again', async () => {
  const { rescreener, calls, records } = await stand(async () => 'same', [row(1, '0xa')]);
  // As if the print of another address had led here.
  await records.write([subjectChange(row(1, '0xother'))]);
  const result = await rescreener.touched({ addresses: [at('0xa')], cause: 'list' });
  assert.deepEqual([result.looked, calls.length], [1, 0]);
});

test('runs that wait are done as one, each address for its own causes', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const again: Again = async () => {
    await gate;
    return 'same';
  };
  const { rescreener, calls, records } = await stand(again, [row(1, '0xa'), row(2, '0xb'), row(3, '0xc')]);
  const first = rescreener.touched({ addresses: [at('0xa')], cause: 'one' });
  while (calls.length === 0) await breathe();
  const second = rescreener.touched({ addresses: [at('0xa'), at('0xb')], cause: 'two' });
  const third = rescreener.touched({ addresses: [at('0xb'), at('0xc')], cause: 'three' });
  while ((await actions(records)).length < 3) await breathe();
  open();
  assert.equal((await first).looked, 1);
  assert.deepEqual(await second, await third);
  assert.deepEqual(calls, ['verdict 1 one', 'verdict 1 two', 'verdict 2 two; three', 'verdict 3 three']);
  assert.equal(await records.get('meta', PENDING_KEY), null);
});

test('one fault stops nothing, is counted, and is tried again later', async () => {
  let broken = true;
  const again: Again = async ({ seq }) => {
    if (seq === 2 && broken) throw new HaetaeError('E_STORE_WRITE', 'the disk is full');
    return 'same';
  };
  const { rescreener, calls, records } = await stand(again, [row(1, '0xa'), row(2, '0xb'), row(3, '0xc')]);
  const result = await rescreener.touched({ addresses: [at('0xa'), at('0xb'), at('0xc')], cause: 'list' });
  assert.deepEqual([result.looked, result.failed], [3, 1]);
  assert.match(result.firstFault ?? '', /E_STORE_WRITE/);
  assert.notEqual(await records.get('meta', PENDING_KEY), null);
  broken = false;
  assert.deepEqual(await rescreener.resume(), { looked: 1, changed: 0, failed: 0, firstFault: null });
  assert.equal(calls.at(-1), 'verdict 2 list');
  assert.equal(await records.get('meta', PENDING_KEY), null);
});

test('what never succeeds is given up in the end', async () => {
  const again: Again = () => Promise.reject(new Error('cannot be read'));
  const { rescreener, calls, records } = await stand(again, [row(1, '0xa')]);
  await rescreener.touched({ addresses: 'all', cause: 'rules' });
  for (let round = 0; round < 20; round += 1) await rescreener.resume();
  assert.equal(calls.length, 5);
  assert.equal(await records.get('meta', PENDING_KEY), null);
});

test('a process that ends in the middle leaves the rest to the next', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => row(index + 1, `0x${index}`));
  const before = await stand(() => new Promise(() => {}), rows);
  // Killed: never settled.
  void before.rescreener.touched({ addresses: rows.map(({ a }) => at(a[0]!)), cause: 'list' });
  while (before.calls.length === 0) await breathe();
  const after = await stand(async () => 'changed', [], before.records);
  assert.deepEqual(await after.rescreener.resume(), { looked: 200, changed: 200, failed: 0, firstFault: null });
  assert.equal(await after.records.get('meta', PENDING_KEY), null);
  assert.equal((await after.rescreener.resume()).looked, 0);
});

test('a stop waits for what is under way and keeps the rest', async () => {
  const rows = Array.from({ length: 100 }, (_, index) => row(index + 1, `0x${index}`));
  const { rescreener, calls, records } = await stand(async () => {
    await breathe();
    return 'same';
  }, rows);
  const run = rescreener.touched({ addresses: 'all', cause: 'rules' });
  run.catch(() => {});
  while (calls.length < 10) await breathe();
  await rescreener.stop();
  await assert.rejects(run, (error) => error instanceof HaetaeError && error.code === 'E_INTERRUPTED');
  assert.ok(calls.length < 100);
  assert.notEqual(await records.get('meta', PENDING_KEY), null);
});

test('a verdict on its way when the change comes is found', async () => {
  const { rescreener, calls, subjects, audited } = await stand(async () => 'same', []);
  const late = row(1, '0xa');
  const screening = audited.commit([], [subjectChange(late)]).then(() => subjects.add(late));
  await rescreener.touched({ addresses: [at('0xa')], cause: 'list' });
  await screening;
  assert.deepEqual(calls, ['verdict 1 list']);
});
