import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { openRecords } from '../store/open-records.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import { openDesk, START } from './_fixture.ts';
import { type AuditEntry, GENESIS } from './audit-entry.ts';
import { AuditLog } from './audit-log.ts';
import type { AuditDraft } from './audited.ts';
import { verifyAudit } from './verify-audit.ts';

const draft = (number: number): AuditDraft => ({
  actor: 'local',
  action: 'alert.close',
  subject: `al-${number}`,
  detail: { number },
});

async function entriesOf(records: Records): Promise<AuditEntry[]> {
  return (await records.list('audit')).map(({ value }) => readJson<AuditEntry>(value));
}

test('each entry holds the hash of the one before, over the bytes that anybody can hash again', async () => {
  const { records, audited } = await openDesk();
  await audited.commit([draft(1), draft(2)], []);
  await audited.commit([{ actor: 'key:1', action: 'key.create', subject: 'naïve "name" \n ' }], []);
  const rows = await records.list('audit');
  let prev = GENESIS;
  for (const [index, { key, value }] of rows.entries()) {
    const text = Buffer.from(value).toString('utf8');
    const said = text.slice(0, text.lastIndexOf(',"hash":'));
    const entry = JSON.parse(text) as AuditEntry;
    assert.equal(key, orderKey(index + 1));
    assert.equal(entry.prev, prev);
    assert.equal(entry.hash, createHash('sha256').update(said, 'utf8').digest('hex'));
    prev = entry.hash;
  }
  assert.equal(rows.length, 3);
  assert.equal(readJson<AuditEntry>(rows[2]!.value).subject, 'naïve "name" \n ');
  assert.deepEqual(audited.head(), { seq: 3, hash: prev, at: '2026-01-01T00:00:00.000Z' });
});

test('what waits goes in one write, in the order of the calls, with its changes', async () => {
  const records = await openRecords({ path: ':memory:' });
  const writes: number[] = [];
  const counted: Records = {
    get: (...words) => records.get(...words),
    list: (...words) => records.list(...words),
    scan: (...words) => records.scan(...words),
    count: (...words) => records.count(...words),
    close: () => records.close(),
    write: (changes) => {
      writes.push(changes.length);
      return records.write(changes);
    },
  };
  const audited = await AuditLog.open(counted, () => START);
  const commits = Array.from({ length: 50 }, (_, number) =>
    audited.commit([draft(number)], [jsonChange('alert', orderKey(number), number)]),
  );
  await Promise.all(commits);
  assert.deepEqual(writes, [101], 'fifty entries, fifty changes and the head');
  assert.deepEqual(
    (await entriesOf(records)).map(({ subject }) => subject),
    Array.from({ length: 50 }, (_, number) => `al-${number}`),
  );
  assert.equal(await records.count('alert'), 50);
});

/** Real records whose disk is full when the test says so. */
async function withFullDisk(): Promise<{ records: Records; disk: { full: boolean }; audited: AuditLog }> {
  const records = await openRecords({ path: ':memory:' });
  const disk = { full: false };
  const write = (changes: readonly RecordChange[]): Promise<void> =>
    disk.full ? Promise.reject(new HaetaeError('E_STORE_WRITE', 'no space left')) : records.write(changes);
  const failing: Records = {
    get: (...words) => records.get(...words),
    list: (...words) => records.list(...words),
    scan: (...words) => records.scan(...words),
    count: (...words) => records.count(...words),
    close: () => records.close(),
    write,
  };
  return { records, disk, audited: await AuditLog.open(failing, () => START) };
}

test('a write that fails leaves no gap: its group is refused, the next one follows the head', async () => {
  const { records, disk, audited } = await withFullDisk();
  await audited.commit([draft(1)], []);
  const head = audited.head();
  disk.full = true;
  const refused = [audited.commit([draft(2)], []), audited.commit([draft(3)], [])];
  for (const commit of refused) await assert.rejects(commit, { code: 'E_STORE_WRITE' });
  assert.deepEqual(audited.head(), head);
  disk.full = false;
  await audited.commit([draft(4)], []);
  assert.deepEqual(
    (await entriesOf(records)).map(({ seq, subject }) => [seq, subject]),
    [
      [1, 'al-1'],
      [2, 'al-4'],
    ],
  );
  assert.equal((await verifyAudit(records)).ok, true);
});

test('whatever fails and whenever, the log holds exactly what was acknowledged and verifies', async () => {
  const steps = fc.array(
    fc.record({ entries: fc.integer({ min: 0, max: 4 }), full: fc.boolean(), wait: fc.boolean() }),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { records, disk, audited } = await withFullDisk();
      let number = 0;
      const commits: Promise<readonly string[]>[] = [];
      for (const { entries, full, wait } of plan) {
        disk.full = full;
        const drafts = Array.from({ length: entries }, () => draft(++number));
        const subjects = drafts.map(({ subject }) => subject);
        commits.push(
          audited.commit(drafts, [jsonChange('case', `c${number}`, 1)]).then(
            () => subjects,
            () => [],
          ),
        );
        if (wait) await audited.settled();
      }
      const acknowledged = (await Promise.all(commits)).flat();
      assert.deepEqual(
        (await entriesOf(records)).map(({ subject }) => subject),
        acknowledged,
      );
      assert.equal((await verifyAudit(records)).ok, true);
      const again = await AuditLog.open(records, () => START);
      assert.deepEqual(again.head(), audited.head());
    }),
    { numRuns: 60 },
  );
});

test('an entry that cannot be written harms no other of its group', async () => {
  const { records, audited } = await openDesk();
  const detail = { amount: 5n } as never;
  const commits = await Promise.allSettled([
    audited.commit([draft(1)], []),
    audited.commit([{ ...draft(2), detail }], []),
    audited.commit([draft(3)], [jsonChange('case', 'x'.repeat(201), 1)]),
    audited.commit([draft(4)], []),
  ]);
  assert.deepEqual(
    commits.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(
    (await entriesOf(records)).map(({ subject }) => subject),
    ['al-1', 'al-4'],
  );
});

test('a clock set back a little stands still; set back more, nothing is written', async () => {
  const { records, audited, clock } = await openDesk();
  await audited.commit([draft(1)], []);
  clock.now -= 5000;
  await audited.commit([draft(2)], []);
  assert.equal(audited.head().at, new Date(START).toISOString());
  clock.now -= 1;
  await assert.rejects(audited.commit([draft(3)], [jsonChange('case', 'one', 1)]), (fault) => {
    assert(fault instanceof HaetaeError);
    assert.equal(fault.code, 'E_CLOCK');
    assert.deepEqual(fault.context, { clock: '2025-12-31T23:59:54.999Z', last: '2026-01-01T00:00:00.000Z' });
    assert.match(fault.remedy ?? '', /clock/);
    return true;
  });
  assert.equal(await records.count('case'), 0);
  await assert.rejects((await AuditLog.open(records, () => clock.now)).commit([draft(4)], []), { code: 'E_CLOCK' });
  clock.now = START + 1;
  await audited.commit([draft(5)], []);
  assert.equal(audited.head().seq, 3);
});

test('a log that does not end at its head is not carried on', async () => {
  const { records, audited } = await openDesk();
  await audited.commit([draft(1), draft(2)], []);
  await records.write([{ table: 'audit', key: orderKey(2), value: null }]);
  await assert.rejects(
    AuditLog.open(records, () => START),
    { code: 'E_AUDIT' },
  );
});
