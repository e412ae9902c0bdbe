import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { draft, openAlertDesk, person, raise, START } from './_alert-fixture.ts';
import { CaseFileBook } from './case-file-book.ts';

const kim = person('kim');
const lee = person('lee');
const boss = person('park', 'approver');
const act = (principal = kim, expected?: number) => ({ principal, at: START + 60_000, expected });
const code = (expected: string) => (fault: { code?: string }) => fault.code === expected;

test('an alert is there once its commit is settled, and after the book is opened again', async () => {
  const desk = await openAlertDesk();
  const raised = desk.alerts.raise(draft());
  assert.equal((await desk.alerts.list({})).items.length, 0);
  await desk.audited.commit(raised.entries, raised.changes);
  raised.settle();
  const [shown] = (await desk.alerts.list({})).items;
  assert.deepEqual(shown, { ...raised.alert, pending: null });
  const again = await openAlertDesk({ records: desk.records });
  assert.deepEqual(await again.alerts.get(raised.alert.id), { ...raised.alert, pending: null });
  const next = await raise(again);
  assert.match(next.id, /^al-2-[0-9a-f]{4}$/);
});

test('an id with another tail names nothing', async () => {
  const desk = await openAlertDesk();
  const alert = await raise(desk);
  const other = alert.id.replace(/....$/, alert.id.endsWith('0000') ? '0001' : '0000');
  for (const id of [other, 'al-9-0000', 'x', '', 'al-1-00000', '../../x']) {
    await assert.rejects(desk.alerts.get(id), code('E_NOT_FOUND'));
  }
});

test('of two who close at once one is refused', async () => {
  const desk = await openAlertDesk();
  const { id } = await raise(desk, { decision: 'review' });
  const closing = (principal = kim) => desk.alerts.close(id, { outcome: 'filed', reason: 'filed' }, act(principal));
  const results = await Promise.allSettled([closing(kim), closing(lee)]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((result) => result.status === 'rejected')!;
  assert.equal((refused.reason as { code: string }).code, 'E_STATE');
});

test('who saw an older version is refused', async () => {
  const desk = await openAlertDesk();
  const { id } = await raise(desk);
  const assigned = await desk.alerts.assign(id, 'kim', act(kim, 1));
  assert.equal(assigned.version, 2);
  assert.equal(assigned.state, 'assigned');
  await assert.rejects(desk.alerts.comment(id, 'late', act(lee, 1)), code('E_STATE'));
  assert.equal((await desk.alerts.get(id)).comments.length, 0);
});

test('one person with the scope approve releases a block; an analyst does not', async () => {
  const desk = await openAlertDesk();
  const { id } = await raise(desk);
  const wanted = { outcome: 'released', reason: 'not the same person' } as const;
  await assert.rejects(desk.alerts.close(id, wanted, act(kim)), code('E_FORBIDDEN'));
  const closed = await desk.alerts.close(id, wanted, act(boss));
  assert.deepEqual([closed.state, closed.closed?.by, closed.closed?.approvedBy], ['closed', 'park', null]);
  const open = await desk.alerts.reopen(id, 'new list', act(kim));
  assert.deepEqual([open.state, open.closed, open.comments.length], ['open', null, 1]);
});

test('two persons release a block; it stays open until the second', async () => {
  const desk = await openAlertDesk({ twoPersons: true });
  const { id } = await raise(desk);
  const waiting = await desk.alerts.close(id, { outcome: 'false-positive', reason: 'namesake' }, act(kim));
  assert.equal(waiting.state, 'open');
  assert.notEqual(waiting.pending, null);
  const again = desk.alerts.close(id, { outcome: 'released', reason: 'again' }, act(lee));
  await assert.rejects(again, code('E_STATE'));
  const self = { ...boss, person: 'kim' };
  await assert.rejects(desk.approvals.approve(waiting.pending!, self), code('E_SECOND_PERSON'));
  await desk.approvals.approve(waiting.pending!, boss);
  const closed = await desk.alerts.get(id);
  assert.deepEqual([closed.state, closed.pending], ['closed', null]);
  assert.deepEqual(
    [closed.closed?.by, closed.closed?.approvedBy, closed.closed?.outcome],
    ['kim', 'park', 'false-positive'],
  );
});

test('a hidden character or an endless text is no comment', async () => {
  const desk = await openAlertDesk();
  const { id } = await raise(desk);
  for (const text of ['', '  ', 'a\u202eb', 'a\u0000', 'x'.repeat(4001)]) {
    await assert.rejects(async () => desk.alerts.comment(id, text, act()), code('E_FIELD'));
  }
  const kept = await desk.alerts.comment(id, '<b>two\r\nlines</b>', act());
  assert.equal(kept.comments[0]?.text, '<b>two\nlines</b>');
});

test('pages hold every alert once, in order, while new ones come', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 25 }),
      fc.constantFrom('newest' as const, 'score' as const),
      fc.integer({ min: 1, max: 5 }),
      async (scores, order, limit) => {
        const desk = await openAlertDesk();
        const first: string[] = [];
        for (const score of scores) first.push((await raise(desk, { score: score * 20 })).id);
        const seen: { id: string; score: number }[] = [];
        let cursor: string | undefined;
        do {
          const page = await desk.alerts.list({ order, limit, cursor });
          seen.push(...page.items);
          await raise(desk, { score: 50 });
          cursor = page.next ?? undefined;
        } while (cursor !== undefined && seen.length < 500);
        assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length);
        assert.ok(first.every((id) => seen.some((alert) => alert.id === id)));
        if (order === 'score')
          assert.deepEqual(
            [...seen].sort((a, b) => b.score - a.score).map((a) => a.score),
            seen.map((a) => a.score),
          );
      },
    ),
    { numRuns: 30 },
  );
});

test('filters', async () => {
  const desk = await openAlertDesk();
  const at = (day: number): string => new Date(START + day * 86_400_000).toISOString();
  const block = await raise(desk, { at: at(0) });
  const review = await raise(desk, {
    at: at(1),
    decision: 'review',
    categories: ['mixer', 'scam'],
    customer: null,
    chain: 'eip155:10',
  });
  const change = await raise(desk, {
    at: at(2),
    kind: 'change',
    previous: 'v-1-0000',
    before: 'allow',
    address: '0xother',
  });
  await desk.alerts.assign(review.id, 'kim', act());
  const ids = async (query: Parameters<typeof desk.alerts.list>[0]) =>
    (await desk.alerts.list(query)).items.map(({ id }) => id);
  assert.deepEqual(await ids({}), [change.id, review.id, block.id]);
  assert.deepEqual(await ids({ state: 'open' }), [change.id, block.id]);
  assert.deepEqual(await ids({ assignee: 'kim' }), [review.id]);
  assert.deepEqual(await ids({ assignee: 'nobody' }), []);
  assert.deepEqual(await ids({ category: 'scam' }), [review.id]);
  assert.deepEqual(await ids({ decision: 'block', kind: 'verdict' }), [block.id]);
  assert.deepEqual(await ids({ address: '0xother' }), [change.id]);
  assert.deepEqual(await ids({ customer: 'c-77' }), [change.id, block.id]);
  assert.deepEqual(await ids({ chain: 'eip155:10' }), [review.id]);
  assert.deepEqual(await ids({ from: START + 1, until: START + 2 * 86_400_000 }), [review.id]);
  await assert.rejects(desk.alerts.list({ cursor: 'x' }), code('E_FIELD'));
  await assert.rejects(desk.alerts.list({ cursor: 's90.1' }), code('E_FIELD'));
});

test('what waits is counted by age', async () => {
  const desk = await openAlertDesk();
  await raise(desk);
  const { id } = await raise(desk, { at: new Date(START - 2 * 86_400_000).toISOString() });
  await desk.alerts.assign(id, 'kim', act());
  await desk.alerts.close((await raise(desk)).id, { outcome: 'duplicate', reason: 'same' }, act());
  const none = { '1h': 0, '1d': 0, '7d': 0, older: 0 };
  assert.deepEqual(desk.alerts.counts(START + 1000), {
    open: { ...none, '1h': 1 },
    assigned: { ...none, '7d': 1 },
    closed: 1,
  });
});

test('a case gathers alerts and notes, closes and opens again, and survives', async () => {
  const desk = await openAlertDesk();
  const cases = await CaseFileBook.open(desk);
  const [a, b] = [await raise(desk), await raise(desk)];
  const file = await cases.create({ title: 'One evening', alerts: [a.id, a.id] }, act());
  assert.deepEqual(file.alerts, [a.id]);
  await assert.rejects(cases.create({ title: 'x', alerts: ['al-99-0000'] }, act()), code('E_NOT_FOUND'));
  await cases.changeAlerts(file.id, { add: [b.id], remove: [a.id] }, act());
  await cases.note(file.id, 'one device', act());
  await cases.close(file.id, 'filed', act());
  await assert.rejects(cases.changeAlerts(file.id, { add: [a.id], remove: [] }, act()), code('E_STATE'));
  const again = await CaseFileBook.open(desk);
  const [kept] = (await again.list({ alert: b.id, state: 'closed', limit: 10 })).items;
  assert.deepEqual([kept?.id, kept?.notes.length, kept?.version], [file.id, 1, 4]);
  assert.equal((await again.reopen(file.id, 'more came', act())).state, 'open');
  assert.deepEqual((await again.list({ alert: a.id, limit: 10 })).items, []);
});
