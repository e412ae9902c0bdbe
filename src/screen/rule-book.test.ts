import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { HaetaeError } from '../base/errors.ts';
import { openRecords } from '../store/open-records.ts';
import type { RecordChange, Records } from '../store/records.ts';
import { RuleBook } from './rule-book.ts';
import { readDefaultRules } from './rule-default.ts';

const AT = Date.parse('2026-03-01T00:00:00.000Z');
const OTHER = `name: other
rules:
  - id: one
    version: 1
    title: One
    reason: because
    source: { title: a book }
    decision: block
    score: 90
    when: { link: direct, category: sanctioned }
`;

test('the first time the default rules decide; a set that was loaded decides once it is activated, after a restart too', async () => {
  const records = await openRecords({ path: ':memory:' });
  const audited = await AuditLog.open(records, () => AT);
  const book = await RuleBook.open(records, audited, undefined, AT);
  assert.equal(book.active.text, await readDefaultRules());
  const first = book.active.hash;
  const loaded = await book.load(OTHER, 'key:a', AT + 1, 'other.yaml');
  assert.equal(book.active.hash, first);
  assert.deepEqual(
    book.list().map(({ hash, name, active, loadedBy }) => [hash, name, active, loadedBy]),
    [
      [loaded.hash, 'other', null, 'key:a'],
      [first, book.active.name, { at: AT, by: 'system' }, 'system'],
    ],
  );
  await book.activate(loaded.hash, 'key:b', AT + 2);
  assert.equal(book.active.name, 'other');
  const again = await RuleBook.open(records, audited, 'not even read', AT + 3);
  assert.deepEqual(again.active, loaded);
  assert.deepEqual(again.entry(loaded.hash).active, { at: AT + 2, by: 'key:b' });
  assert.equal((await again.ofHash(first)).hash, first);
  assert.equal(again.hashOf(first.slice(0, 8)), first);
  const actions: string[] = [];
  for (const { value } of await records.list('audit')) actions.push(new TextDecoder().decode(value));
  assert.match(actions.join('\n'), /rules\.load/);
  assert.match(actions.join('\n'), /rules\.activate.*key:b|key:b.*rules\.activate/);
  await records.close();
});

test('the same text twice is one set; a bad one and an unknown hash are E_RULES and change nothing', async () => {
  const records = await openRecords({ path: ':memory:' });
  const book = await RuleBook.open(records, await AuditLog.open(records, () => AT), OTHER, AT);
  await book.load(OTHER, 'key:a', AT + 1);
  assert.equal(book.list().length, 1);
  await assert.rejects(book.load(OTHER.replace('score: 90', 'score: x'), 'key:a', AT), { code: 'E_RULES' });
  await assert.rejects(book.ofHash('0'.repeat(64)), { code: 'E_RULES' });
  await assert.rejects(book.activate('0'.repeat(64), 'key:a', AT), { code: 'E_RULES' });
  for (const beginning of ['', 'abc', 'zzzz', '0000']) assert.throws(() => book.hashOf(beginning), { code: 'E_RULES' });
  await records.close();
});

test('where the disk is full nothing changes', async () => {
  const records = await openRecords({ path: ':memory:' });
  const audited = await AuditLog.open(records, () => AT);
  const book = await RuleBook.open(records, audited, OTHER, AT);
  const before = book.active;
  const full = failing(records);
  const stuck = await RuleBook.open(full, { commit: (_, changes) => full.write(changes) });
  await assert.rejects(stuck.load(OTHER.replace('One', 'Two'), 'key:a', AT), { code: 'E_STORE_WRITE' });
  assert.deepEqual([stuck.list().length, stuck.active], [1, before]);
  await records.close();
});

/** The records of a disk on which nothing can be written any more. */
function failing(records: Records): Records {
  return {
    get: (table, key) => records.get(table, key),
    list: (table, range) => records.list(table, range),
    scan: (table, range) => records.scan(table, range),
    count: (table) => records.count(table),
    write: async (_: readonly RecordChange[]) => {
      throw new HaetaeError('E_STORE_WRITE', 'no space left');
    },
    close: () => records.close(),
  };
}
