import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog } from '../access/audit-log.ts';
import { listAudit } from '../access/list-audit.ts';
import { type Principal, SCOPES_OF } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import { openRecords } from '../store/open-records.ts';
import type { Records } from '../store/records.ts';
import { holdHtml } from './hold-html.ts';
import { drawNotice, type NoticeSubject, type Party } from './hold-notice.ts';
import { OwnOrganisation } from './organisation.ts';

const START = Date.UTC(2026, 5, 1, 12);
const kim: Principal = {
  id: 'key:kim',
  person: 'kim',
  role: 'admin',
  scopes: new Set(SCOPES_OF.admin),
  rate: null,
};
const act = { principal: kim, at: START };
const OURS = { name: 'Our Exchange', contact: 'desk@ours.example' };
const code = (expected: string) => (fault: { code?: string }) => fault.code === expected;

async function openOver(records: Records, commandLine: Party | null = null) {
  const audited = await AuditLog.open(records, () => START);
  return OwnOrganisation.open({ records, audited, commandLine });
}

async function logged(records: Records) {
  const { items } = await listAudit(records, { action: 'organisation', limit: 50 });
  return items.map(({ actor, action, detail }) => ({ actor, action, ...detail }));
}

test('what is set is kept, with who and what in the log; what is as before is not written', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-organisation-'));
  const path = join(folder, 'records');
  try {
    const records = await openRecords({ path });
    const own = await openOver(records);
    assert.deepEqual(own.view(), { organisation: null, source: null, changed: null, version: 0 });
    await own.set({ name: '  Our Exchange ', contact: 'desk@ours.example\r\n+82 2 000 0000\n' }, act);
    const kept = { name: 'Our Exchange', contact: 'desk@ours.example\n+82 2 000 0000' };
    assert.deepEqual(own.current, kept);
    for (const expected of [0, 1]) assert.equal((await own.set(kept, { ...act, expected })).version, 1);
    const entry = { actor: 'key:kim', action: 'organisation.set', ...kept, person: 'kim', version: 1 };
    assert.deepEqual(await logged(records), [entry]);
    const view = own.view();
    await records.close();
    const again = await openRecords({ path });
    assert.deepEqual((await openOver(again)).view(), view);
    assert.deepEqual([view.source, view.changed?.by, view.version], ['set', 'kim', 1]);
    await again.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the command line stands above what was set, which comes back without it', async () => {
  const records = await openRecords({ path: ':memory:' });
  await (await openOver(records)).set(OURS, act);
  const given = { name: 'Of the start', contact: 'start@ours.example' };
  const started = await openOver(records, given);
  assert.deepEqual(started.view(), { organisation: given, source: 'command line', changed: null, version: 1 });
  await assert.rejects(started.set(OURS, act), (fault) => {
    assert.ok(fault instanceof HaetaeError);
    assert.equal(fault.code, 'E_STATE');
    assert.match(fault.remedy ?? '', /--organisation/);
    return true;
  });
  assert.deepEqual((await openOver(records)).current, OURS);
  assert.equal((await logged(records)).length, 1);
});

test('of two who change what both saw, one is refused', async () => {
  const records = await openRecords({ path: ':memory:' });
  const own = await openOver(records);
  const wishes = ['First', 'Second'].map((name) => own.set({ ...OURS, name }, { ...act, expected: 0 }));
  const done = await Promise.allSettled(wishes);
  assert.deepEqual(
    done.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal(own.current?.name, 'First');
  assert.equal((await own.set({ ...OURS, name: 'Second' }, { ...act, expected: 1 })).version, 2);
  assert.deepEqual(
    (await logged(records)).map((entry) => 'name' in entry && entry.name),
    ['Second', 'First'],
  );
});

test('a write that fails changes nothing', async () => {
  const records = await openRecords({ path: ':memory:' });
  const own = await openOver(records);
  const { write } = records;
  records.write = async () => {
    throw new HaetaeError('E_STORE_WRITE', 'the disk is full');
  };
  await assert.rejects(own.set(OURS, act), code('E_STORE_WRITE'));
  records.write = write;
  assert.equal(own.current, null);
  assert.equal((await own.set(OURS, { ...act, expected: 0 })).version, 1);
});

test('what hides, is empty or too long is refused, by the command line too', async () => {
  const records = await openRecords({ path: ':memory:' });
  const own = await openOver(records);
  const unsound: Partial<Party>[] = [
    { name: ' ' },
    { name: 'a\nb' },
    { name: 'a\u202eb' },
    { name: 'n'.repeat(201) },
    { contact: '\t' },
    { contact: 'a\u0000b' },
    { contact: 'c'.repeat(1001) },
  ];
  for (const wish of unsound) {
    await assert.rejects(own.set({ ...OURS, ...wish }, act), code('E_FIELD'), JSON.stringify(wish));
    await assert.rejects(openOver(records, { ...OURS, ...wish }), code('E_FIELD'), JSON.stringify(wish));
  }
  assert.equal(own.view().version, 0);
});

test('markup in it is text in the notice for print', async () => {
  const own = await openOver(await openRecords({ path: ':memory:' }));
  await own.set({ name: '</title><script>run()</script>', contact: '"><img src=x onerror=run()>\n&amp;' }, act);
  const subject: NoticeSubject = {
    what: { chain: 'eip155:1', asset: null, symbol: null, decimals: null, amount: null, transactions: [] },
    concerned: [],
    why: { alert: 'al-1-0000', verdict: null, decidedAt: null, case: null, stolenAt: null, reasons: [] },
  };
  const notice = drawNotice('hn-1-0000', '2026-06-01T12:00:00.000Z', own.current!, subject, {
    to: OURS,
    address: '0xa',
    tlp: 'TLP:AMBER',
    amount: null,
    statement: 's',
    legalBasis: 'l',
    expiresAt: '2026-07-01T00:00:00.000Z',
  });
  const page = holdHtml(notice);
  assert.doesNotMatch(page, /<script|<img/i);
  assert.ok(page.includes('&lt;/title&gt;&lt;script&gt;run()&lt;/script&gt;'));
  assert.ok(page.includes('&quot;&gt;&lt;img src=x onerror=run()&gt;<br>&amp;amp;'));
});
