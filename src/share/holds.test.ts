import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { Approvals } from '../access/approvals.ts';
import { AuditLog } from '../access/audit-log.ts';
import { type Principal, type Role, SCOPES_OF } from '../access/principal.ts';
import { type AlertDraft, alertOf } from '../screen/alert.ts';
import { AlertBook } from '../screen/alert-book.ts';
import type { Verdict } from '../screen/verdict.ts';
import { openRecords } from '../store/open-records.ts';
import { jsonChange, orderKey } from '../store/records.ts';
import { holdHtml } from './hold-html.ts';
import { holdsDigest } from './hold-notice.ts';
import { type HoldDraft, Holds } from './holds.ts';

const START = Date.UTC(2026, 5, 1, 12);
const iso = (ms: number): string => new Date(ms).toISOString();
const code = (expected: string) => (fault: { code?: string }) => fault.code === expected;

function person(name: string, role: Role): Principal {
  return { id: `key:${name}`, person: name, role, scopes: new Set(SCOPES_OF[role]), rate: null };
}
const kim = person('kim', 'analyst');
const park = person('park', 'approver');

const ADDRESS = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
const label = {
  category: 'sanctioned' as const,
  label: '<script>alert(1)</script> & "Lazarus"',
  actor: 'Lazarus Group',
  programmes: ['DPRK3'],
  confidence: 'authority_data',
  source: 'ofac-sdn',
  file: 'sdn.csv',
  url: 'https://example.org/list',
  listed: '2022-04-14T00:00:00Z',
  lastListed: '2026-05-01T00:00:00Z',
  ended: null,
  status: 'current' as const,
  atTransfer: true,
  caseLost: false,
  via: null,
  saidOf: null,
};
const verdict = {
  format: 1,
  id: 'v-7-00aa',
  at: iso(START),
  request: {
    kind: 'transfer',
    chain: 'eip155:1',
    address: ADDRESS,
    direction: 'deposit',
    asset: 'eip155:1/slip44:60',
    amount: '1500000000000000001',
    decimals: 18,
    symbol: 'ETH',
    tx: '0xaa',
    transferAt: null,
    asOf: null,
    customer: null,
    segment: null,
  },
  decision: 'block',
  score: 100,
  reasons: [
    {
      rule: 'sanctioned',
      ruleVersion: 1,
      title: 'Sanctioned',
      decision: 'block',
      score: 100,
      address: ADDRESS,
      category: 'sanctioned',
      entity: null,
      link: 'direct',
      asset: null,
      amount: null,
      share: null,
      hops: null,
      path: {
        amount: '5',
        origin: ADDRESS,
        label: null,
        steps: [{ tx: '0xbb', time: iso(START), from: ADDRESS, to: '0xto', asset: 'ETH', amount: '5' }],
      },
      label,
      method: null,
      listedAfterTransfer: false,
      cumulative: null,
      text: 'It is listed.',
    },
  ],
  tested: [],
  basis: {} as Verdict['basis'],
  facts: [
    {
      address: ADDRESS,
      traces: [
        { stolenAt: iso(START - 100_000), simulated: false },
        { stolenAt: iso(START - 900_000), simulated: true },
      ],
    },
  ] as unknown as Verdict['facts'],
  cumulative: [],
  previous: null,
  cause: null,
} satisfies Verdict as Verdict;

async function openHolds(twoPersons = false) {
  const records = await openRecords({ path: ':memory:' });
  const held = { now: START };
  const clock = (): number => held.now;
  const audited = await AuditLog.open(records, clock);
  const approvals = await Approvals.open({ records, audited, clock, twoPersons });
  const alerts = await AlertBook.open({ records, audited, approvals, clock });
  const told: string[] = [];
  const parts = {
    records,
    audited,
    approvals,
    alerts,
    clock,
    organisation: { current: { name: 'Our Exchange', contact: 'desk@ours.example' } },
    verdictOf: async () => verdict,
    caseOf: async () => null,
    announce: ({ type }: { type: string }) => {
      told.push(type);
      return [];
    },
  };
  const raised = alerts.raise(alertOf(verdict) satisfies AlertDraft);
  await audited.commit(raised.entries, raised.changes);
  raised.settle();
  return { parts, holds: await Holds.open(parts), alerts, approvals, alert: raised.alert.id, clock: held, told };
}

function wish(alert: string, more: Partial<HoldDraft> = {}): HoldDraft {
  return {
    alert,
    to: { name: 'Their Exchange', contact: 'compliance@theirs.example' },
    address: '0xdeposit',
    statement: 'Stolen from us.\nPlease hold.',
    legalBasis: 'Article 1',
    expiresAt: iso(START + 86_400_000),
    tlp: 'TLP:AMBER',
    ...more,
  };
}

test('a notice says exactly what, where and why; its digest shows a change', async () => {
  const { holds, alerts, alert } = await openHolds();
  const { id, notice } = await holds.create(wish(alert), { principal: kim, at: START });
  assert.deepEqual((await alerts.get(alert)).holds, [id]);
  assert.equal(notice.what.amountText, '1.500000000000000001');
  assert.deepEqual(notice.what.transactions, ['0xaa', '0xbb']);
  assert.equal(notice.why.stolenAt, iso(START - 100_000));
  assert.equal(notice.why.reasons[0]?.label?.source, 'ofac-sdn');
  assert.ok(holdsDigest(JSON.parse(JSON.stringify(notice))));
  assert.ok(!holdsDigest({ ...notice, legalBasis: 'Article 2' }));
});

test('its page runs nothing and lets nothing through', async () => {
  const { holds, alert } = await openHolds();
  const { notice } = await holds.create(wish(alert, { statement: 'a"><img src=x onerror=1>' }), {
    principal: kim,
    at: START,
  });
  const page = holdHtml(notice);
  assert.doesNotMatch(page, /<script|<img|onerror=1>|javascript:|<link|src=x on.*(?<!&gt;)>$/i);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &amp; &quot;Lazarus&quot;/);
  assert.match(page, /1\.500000000000000001 ETH/);
  assert.ok(page.includes(notice.digest));
  assert.equal(page, holdHtml(notice));
});

test('a notice is from whoever is named when it is drawn up, and stays from them', async () => {
  const { parts, alert } = await openHolds();
  const organisation: { current: { name: string; contact: string } | null } = { current: null };
  const approvals = await Approvals.open({ ...parts, twoPersons: false });
  const holds = await Holds.open({ ...parts, approvals, organisation });
  const act = { principal: kim, at: START };
  assert.equal(holds.organisation, null);
  await assert.rejects(holds.create(wish(alert), act), code('E_STATE'));
  organisation.current = { name: 'First', contact: 'first@ours.example' };
  const first = await holds.create(wish(alert), act);
  organisation.current = { name: 'Second', contact: 'second@ours.example' };
  const second = await holds.create(wish(alert), act);
  assert.deepEqual((await holds.get(first.id)).notice, first.notice);
  assert.deepEqual([first.notice.from.name, second.notice.from.name], ['First', 'Second']);
  assert.ok(holdsDigest((await holds.get(first.id)).notice));
  assert.equal(holds.organisation, 'Second');
});

test('sent, acknowledged: time-to-hold from theft, alert and sending', async () => {
  const { holds, parts, alert, clock, told } = await openHolds();
  const { id } = await holds.create(wish(alert), { principal: kim, at: START });
  await assert.rejects(holds.send(id, { principal: kim, at: START }), code('E_FORBIDDEN'));
  const early = holds.acknowledge(id, { by: 'x' }, { principal: kim, at: START });
  await assert.rejects(early, code('E_STATE'));
  clock.now = START + 60_000;
  assert.equal((await holds.send(id, { principal: park, at: clock.now })).state, 'sent');
  await assert.rejects(holds.send(id, { principal: park, at: clock.now }), code('E_STATE'));
  clock.now = START + 400_000;
  const act = { principal: kim, at: clock.now };
  const future = { by: 'x', at: iso(clock.now + 5000) };
  await assert.rejects(holds.acknowledge(id, future, act), code('E_TIME'));
  await assert.rejects(holds.acknowledge(id, { by: 'x', amount: '1.5' }, act), code('E_AMOUNT'));
  const done = await holds.acknowledge(id, { by: 'J. Doe', amount: '15', at: iso(START + 360_000) }, act);
  assert.deepEqual(done.timeToHold, { fromTheft: 460, fromAlert: 360, fromSent: 300 });
  assert.deepEqual(told, ['hold.sent', 'hold.acknowledged']);
  const again = await Holds.open({ ...parts, approvals: await Approvals.open({ ...parts, twoPersons: false }) });
  assert.deepEqual(again.figures().fromSent, [300]);
  assert.equal(again.figures().states.acknowledged, 1);
});

test('two persons send it', async () => {
  const { holds, approvals, alert } = await openHolds(true);
  const { id } = await holds.create(wish(alert), { principal: kim, at: START });
  const waiting = await holds.send(id, { principal: kim, at: START });
  assert.equal(waiting.state, 'draft');
  await approvals.approve(waiting.pending!, park);
  const sent = await holds.get(id);
  assert.deepEqual([sent.state, sent.sent?.by, sent.sent?.approvedBy, sent.pending], ['sent', 'kim', 'park', null]);
});

test('unanswered it expires; a late answer is recorded; a draft that ran out is not sent', async () => {
  const { holds, alert, clock } = await openHolds();
  const act = { principal: park, at: START };
  const first = await holds.create(wish(alert), act);
  const second = await holds.create(wish(alert), act);
  await holds.send(first.id, act);
  clock.now = START + 86_400_000;
  assert.equal((await holds.get(first.id)).state, 'expired');
  await assert.rejects(holds.send(second.id, { ...act, at: clock.now }), code('E_STATE'));
  const late = { ...act, at: clock.now + 1000 };
  assert.equal((await holds.refuse(first.id, 'needs a court order', late)).state, 'refused');
  await assert.rejects(holds.withdraw(first.id, 'x', late), code('E_STATE'));
  assert.equal((await holds.withdraw(second.id, 'too late', late)).state, 'withdrawn');
  assert.deepEqual((await holds.list({ limit: 1 })).next, second.id);
  assert.deepEqual(
    (await holds.list({ limit: 1, cursor: second.id })).items.map(({ id }) => id),
    [first.id],
  );
});

test('a wish that is not sound is refused by field', async () => {
  const { holds, alert } = await openHolds();
  const create = (more: Partial<HoldDraft>) => holds.create(wish(alert, more), { principal: kim, at: START });
  await assert.rejects(create({ alert: 'al-9-0000' }), code('E_NOT_FOUND'));
  await assert.rejects(create({ amount: '-1' }), code('E_AMOUNT'));
  await assert.rejects(create({ expiresAt: iso(START) }), code('E_TIME'));
  await assert.rejects(create({ expiresAt: 'soon' }), code('E_TIME'));
  await assert.rejects(create({ statement: 'a\u202eb' }), code('E_FIELD'));
});

test('a hold of before there were holds from cases reads as one of no case, and its notice keeps its digest', async () => {
  const { holds, parts, alert } = await openHolds();
  const { id, pending: _, ...made } = await holds.create(wish(alert), { principal: kim, at: START });
  const { case: none, ...hold } = made;
  const { case: noCase, ...why } = made.notice.why;
  assert.deepEqual([none, noCase], [null, null]);
  const { digest: _digest, legalBasis, ...head } = { ...made.notice, why };
  const before = { ...head, legalBasis };
  const notice = { ...before, digest: hash('sha256', JSON.stringify(before)) };
  await parts.audited.commit([], [jsonChange('hold', orderKey(1), { id, ...hold, notice })]);
  const again = await Holds.open({ ...parts, approvals: await Approvals.open({ ...parts, twoPersons: false }) });
  const read = await again.get(id);
  assert.deepEqual([read.case, read.alert, read.notice], [null, alert, notice]);
  assert.ok(holdsDigest(read.notice));
  assert.match(holdHtml(read.notice), new RegExp(`alert ${alert}, verdict v-7-00aa`));
  assert.deepEqual((await again.list({ limit: 9, case: 'x' })).items, []);
});

test('a notice is drawn up from an alert or from a case, and from one of them only', async () => {
  const { holds, alert } = await openHolds();
  const from = { id: 'c', theft: 't', method: 'haircut', chain: 'ethereum', address: ADDRESS, asset: 'a' };
  const act = { principal: kim, at: START };
  await assert.rejects(holds.create({ ...wish(alert), alert: undefined }, act), code('E_FIELD'));
  await assert.rejects(holds.create({ ...wish(alert), case: from }, act), code('E_FIELD'));
  await assert.rejects(holds.create({ ...wish(alert), alert: undefined, case: from }, act), code('E_NOT_FOUND'));
});
