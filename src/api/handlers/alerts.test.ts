import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Approvals } from '../../access/approvals.ts';
import { AuditLog } from '../../access/audit-log.ts';
import { SYSTEM } from '../../access/principal.ts';
import { AlertBook } from '../../screen/alert-book.ts';
import { CaseFileBook } from '../../screen/case-file-book.ts';
import { Holds } from '../../share/holds.ts';
import { OwnOrganisation } from '../../share/organisation.ts';
import { Webhooks } from '../../share/webhooks.ts';
import { openRecords } from '../../store/open-records.ts';
import type { StoredCase } from '../../store/port.ts';
import { Raw, type Route } from '../route.ts';
import { alertRoutes } from '../routes/alerts.ts';
import { caseRoutes } from '../routes/cases.ts';
import { holdRoutes } from '../routes/holds.ts';
import { organisationRoutes } from '../routes/organisation.ts';
import { webhookRoutes } from '../routes/webhooks.ts';
import { alertHandlers } from './alerts.ts';
import { caseHandlers } from './cases.ts';
import { holdHandlers } from './holds.ts';
import { organisationHandlers } from './organisation.ts';
import { webhookHandlers } from './webhooks.ts';

const START = Date.UTC(2026, 5, 1);
const stored: StoredCase = {
  id: 'theft-0a1b2c3d',
  title: 'A theft',
  createdAt: START / 1000,
  simulated: true,
  files: new Map([['results.json', Buffer.from('{"a":1}\n')]]),
};
const store = {
  cases: async () => [{ ...stored, bytes: 8 }],
  loadCase: async (id: string) => (id === stored.id ? stored : null),
};

/** Calls a handler as the server does: the body and query through their schemas, and the answer held to its own. */
async function openDesk() {
  const records = await openRecords({ path: ':memory:' });
  const clock = (): number => START;
  const audited = await AuditLog.open(records, clock);
  const approvals = await Approvals.open({ records, audited, clock, twoPersons: false });
  const parts = { records, audited, approvals, clock };
  const alerts = await AlertBook.open(parts);
  const organisation = await OwnOrganisation.open({ ...parts, commandLine: null });
  const known = { verdictOf: async () => null, caseOf: async () => null };
  const holds = await Holds.open({ ...parts, ...known, alerts, organisation });
  const webhooks = await Webhooks.open({ ...parts, allowPrivate: false, resolve: async () => ['8.8.8.8'] });
  const cases = await CaseFileBook.open({ ...parts, alerts });
  const routes: Readonly<Record<string, Route>> = {
    ...alertRoutes,
    ...caseRoutes,
    ...holdRoutes,
    ...organisationRoutes,
    ...webhookRoutes,
  };
  const handlers = {
    ...alertHandlers(alerts),
    ...caseHandlers({ cases, store }),
    ...holdHandlers(holds),
    ...organisationHandlers(organisation),
    ...webhookHandlers(webhooks),
  } as unknown as Record<string, (call: unknown) => unknown>;
  const call = async (name: string, sent: { params?: unknown; query?: unknown; body?: unknown } = {}) => {
    const route = routes[name]!;
    const answer = await handlers[name]!({
      params: route.params?.parse(sent.params),
      query: route.query?.parse(sent.query ?? {}),
      body: route.body?.parse(sent.body ?? {}),
      principal: SYSTEM,
      at: START,
      signal: new AbortController().signal,
    });
    if (!(answer instanceof Raw)) route.response?.parse(answer);
    // biome-ignore lint/suspicious/noExplicitAny: the answers of many routes.
    return answer as any;
  };
  const raised = alerts.raise({
    at: new Date(START).toISOString(),
    kind: 'verdict',
    verdict: 'v-1-0000',
    previous: null,
    before: null,
    cause: null,
    decision: 'block',
    score: 90,
    chain: 'eip155:1',
    address: '0x098b716b8aaf21512996dc57eb0615e2383e2f96',
    asset: null,
    symbol: null,
    decimals: null,
    amount: null,
    customer: null,
    segment: null,
    direction: null,
    tx: null,
    titles: [],
    categories: [],
  });
  await audited.commit(raised.entries, raised.changes);
  raised.settle();
  return { call, id: raised.alert.id, routes };
}

const code = (expected: string) => (fault: { code?: string }) => fault.code === expected;

test('an alert goes from the list to its end', async () => {
  const { call, id } = await openDesk();
  const address = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
  const { items } = await call('listAlerts', { query: { chain: 'ethereum', address, limit: '5' } });
  assert.deepEqual(
    items.map((item: { id: string }) => item.id),
    [id],
  );
  await assert.rejects(call('listAlerts', { query: { chain: 'nowhere' } }), code('E_ASSET'));
  await assert.rejects(call('listAlerts', { query: { stat: 'open' } }), z.ZodError);
  const params = { id };
  assert.equal((await call('assignAlert', { params, body: {} })).assignee, 'system');
  assert.equal((await call('assignAlert', { params, body: { assignee: null } })).state, 'open');
  await call('commentAlert', { params, body: { text: 'asked' } });
  await assert.rejects(
    call('closeAlert', { params, body: { outcome: 'filed', reason: 'x', version: 1 } }),
    code('E_STATE'),
  );
  assert.equal(
    (await call('closeAlert', { params, body: { outcome: 'filed', reason: 'x', version: 4 } })).state,
    'closed',
  );
  assert.equal((await call('reopenAlert', { params, body: { reason: 'x' } })).state, 'open');
  assert.equal((await call('getAlert', { params })).version, 6);
});

test('a hold is drawn up, sent, answered, and handed over as JSON and for print', async () => {
  const { call, id } = await openDesk();
  const to = { name: 'Theirs', contact: 'x@theirs.example' };
  const expiresAt = new Date(START + 86_400_000).toISOString();
  const body = { alert: id, to, address: '0xa', statement: 's', legalBasis: 'l', expiresAt };
  await assert.rejects(call('createHold', { body }), code('E_STATE'));
  assert.equal((await call('getOrganisation')).source, null);
  const own = { name: 'Ours', contact: 'desk@ours.example' };
  assert.deepEqual((await call('setOrganisation', { body: own })).organisation, own);
  const params = { id: (await call('createHold', { body })).id };
  assert.equal((await call('sendHold', { params })).state, 'sent');
  assert.equal((await call('acknowledgeHold', { params, body: { by: 'x' } })).timeToHold.fromSent, 0);
  assert.equal((await call('withdrawHold', { params, body: { reason: 'x' } })).state, 'withdrawn');
  assert.equal((await call('listHolds', { query: { alert: id } })).items.length, 1);
  const json = await call('getHoldNotice', { params });
  holdRoutes.getHoldNotice.response.parse(JSON.parse(json.body));
  assert.equal(json.fileName, `${params.id}.json`);
  assert.match((await call('getHoldHtml', { params })).body, /^<!doctype html>/);
});

test('webhooks are listed without their secret', async () => {
  const { call } = await openDesk();
  const made = await call('createWebhook', { body: { url: 'https://hooks.example/x' } });
  const params = { id: made.webhook.id };
  assert.match(made.secret, /^whsec_/);
  assert.equal((await call('setWebhook', { params, body: { active: false } })).active, false);
  assert.notEqual((await call('rotateWebhook', { params })).secret, made.secret);
  const { delivery } = await call('testWebhook', { params });
  const { items } = await call('listDeliveries', { params });
  assert.deepEqual(
    items.map((item: { id: string }) => item.id),
    [delivery],
  );
  await call('resendDelivery', { params: { ...params, delivery } });
  assert.ok(!JSON.stringify(await call('listWebhooks')).includes('whsec_'));
  await call('deleteWebhook', { params });
  await assert.rejects(call('listDeliveries', { params }), code('E_NOT_FOUND'));
  await assert.rejects(call('createWebhook', { body: { url: 'http://hooks.example/' } }), code('E_WEBHOOK'));
});

test('cases of the desk and traced cases stand side by side', async () => {
  const { call, id } = await openDesk();
  const file = await call('createCase', { body: { title: 'One evening', alerts: [id] } });
  const params = { id: file.id };
  await call('noteCase', { params, body: { text: 'x' } });
  await call('changeCaseAlerts', { params, body: { remove: [id] } });
  await call('closeCase', { params, body: { reason: 'x' } });
  assert.equal((await call('reopenCase', { params, body: { reason: 'x' } })).version, 5);
  assert.equal((await call('listCases', { query: {} })).items[0].id, file.id);
  assert.equal((await call('listCases', { query: { kind: 'trace' } })).items[0].id, stored.id);
  const traced = { id: stored.id };
  assert.equal((await call('getCase', { params: traced })).kind, 'trace');
  assert.equal(Buffer.from((await call('getCaseResults', { params: traced })).body).toString(), '{"a":1}\n');
  const { files } = await call('listCaseFiles', { params: traced });
  for (const { name, bytes } of files) {
    const { body } = await call('getCaseFile', { params: { ...traced, name } });
    assert.equal(Buffer.byteLength(body), bytes);
  }
  for (const name of ['../x', 'constructor']) {
    await assert.rejects(call('getCaseFile', { params: { ...traced, name } }), code('E_NOT_FOUND'));
  }
  await assert.rejects(call('getCaseReport', { params: traced }), code('E_BUNDLE'));
  await assert.rejects(call('getCase', { params: { id: 'none' } }), code('E_NOT_FOUND'));
});

test('every schema of these routes can be written as JSON Schema, and every example is sound', async () => {
  const { routes } = await openDesk();
  for (const { params, query, body, response, example } of Object.values(routes)) {
    for (const schema of [params, query, body]) if (schema !== undefined) z.toJSONSchema(schema, { io: 'input' });
    if (response !== null) z.toJSONSchema(response, { io: 'output' });
    if (example !== undefined) body?.parse(example);
  }
});
