import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { Approvals } from '../../access/approvals.ts';
import { AuditKey } from '../../access/audit-head.ts';
import { AuditLog } from '../../access/audit-log.ts';
import { LOCAL } from '../../access/gate.ts';
import { KeyRing } from '../../access/key-ring.ts';
import { Pseudonyms } from '../../access/pseudonyms.ts';
import { Sessions } from '../../access/sessions.ts';
import { openRecords } from '../../store/open-records.ts';
import { type Operation, operationsOf, Raw } from '../route.ts';
import { approvalRoutes } from '../routes/approvals.ts';
import { auditRoutes } from '../routes/audit.ts';
import { customerRoutes } from '../routes/customers.ts';
import { keyRoutes } from '../routes/keys.ts';
import { sessionRoutes } from '../routes/sessions.ts';
import { approvalHandlers } from './approvals.ts';
import { auditHandlers } from './audit.ts';
import { customerHandlers } from './customers.ts';
import { keyHandlers } from './keys.ts';
import { sessionHandlers } from './sessions.ts';

const START = Date.UTC(2026, 0, 1);

interface Asked {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly principal?: unknown;
}

/** Every operation, with what goes in and out read by the route's own schemas. */
async function openApi(): Promise<{
  ask(name: string, asked?: Asked): Promise<never>;
  pseudonyms: Pseudonyms;
  sessions: Sessions;
  log: AuditLog;
  approvals: Approvals;
}> {
  const records = await openRecords({ path: ':memory:' });
  const clock = (): number => START;
  const log = await AuditLog.open(records, clock);
  const parts = { records, audited: log, clock };
  const keys = await KeyRing.open(parts);
  const sessions = await Sessions.open({ ...parts, keys });
  const pseudonyms = await Pseudonyms.open({ ...parts, keyPath: null });
  const key = await AuditKey.open(null, log);
  const approvals = await Approvals.open({ ...parts, twoPersons: true });
  const operations: readonly Operation[] = [
    ...operationsOf(keyRoutes, keyHandlers(keys)),
    ...operationsOf(auditRoutes, auditHandlers({ records, log, key })),
    ...operationsOf(approvalRoutes, approvalHandlers(approvals)),
    ...operationsOf(customerRoutes, customerHandlers(pseudonyms)),
    ...operationsOf(
      sessionRoutes,
      sessionHandlers(sessions, (secret) => `session=${secret ?? ''}`),
    ),
  ];
  const read = (schema: z.ZodType | undefined, value: unknown): unknown => schema?.parse(value ?? {});
  const ask = async (name: string, asked: Asked = {}): Promise<never> => {
    const operation = operations.find(({ route }) => route.name === name);
    assert(operation !== undefined, name);
    const { route, handler } = operation;
    const call = {
      params: read(route.params, asked.params),
      query: read(route.query, asked.query),
      body: read(route.body, asked.body),
      principal: asked.principal ?? LOCAL,
      at: START,
      signal: new AbortController().signal,
    };
    const answer = await handler(call as never);
    if (!(answer instanceof Raw)) route.response?.parse(answer);
    return answer as never;
  };
  return { ask, pseudonyms, sessions, log, approvals };
}

test('keys over HTTP: made, listed, rotated, revoked', async () => {
  const { ask } = await openApi();
  const made: { key: { id: string }; secret: string } = await ask('createKey', {
    body: { role: 'analyst', person: 'kim', expires: '2026-03-01T00:00:00+09:00', scopes: ['screen'], rate: 10 },
  });
  const { items }: { items: readonly { expires: string }[] } = await ask('listKeys');
  assert.deepEqual(
    items.map(({ expires }) => expires),
    ['2026-02-28T15:00:00.000Z'],
  );
  const params = { id: made.key.id };
  const next: { secret: string } = await ask('rotateKey', { params, body: { graceSeconds: 60 } });
  assert.notEqual(next.secret, made.secret);
  await ask('rotateKey', { params });
  const revoked: { state: string } = await ask('revokeKey', { params });
  assert.equal(revoked.state, 'revoked');
  await assert.rejects(ask('createKey', { body: { role: 'viewer', surprise: 1 } }), { name: 'ZodError' });
});

test('the audit log over HTTP: pages, signed head, check', async () => {
  const { ask, log } = await openApi();
  for (let time = 0; time < 5; time += 1) await ask('createKey', { body: { role: 'viewer' } });
  const seen: number[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: readonly { seq: number }[]; next: string | null } = await ask('listAudit', {
      query: { limit: '2', cursor },
    });
    seen.push(...page.items.map(({ seq }) => seq));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(seen, [6, 5, 4, 3, 2, 1]);
  const later: { items: readonly unknown[] } = await ask('listAudit', { query: { from: '2026-01-01T09:00:01+09:00' } });
  assert.equal(later.items.length, 0);
  const head: { hash: string } = await ask('signAuditHead');
  assert.equal(head.hash, log.head().hash);
  const result: { ok: boolean; entries: number } = await ask('verifyAudit', { body: { head } });
  assert.deepEqual([result.ok, result.entries], [true, 6]);
});

test('a customer is found by the reference alone, and erased', async () => {
  const { ask, pseudonyms, log } = await openApi();
  const body = { reference: 'kim-4711' };
  await assert.rejects(ask('findCustomer', { body }), { code: 'E_NOT_FOUND' });
  const { pseudonym, changes, settle } = await pseudonyms.pseudonymFor(body.reference);
  await log.commit([], changes);
  settle();
  assert.deepEqual(await ask('findCustomer', { body }), { pseudonym });
  assert.deepEqual(await ask('eraseCustomer', { body }), { pseudonym });
  await assert.rejects(ask('findCustomer', { body }), { code: 'E_NOT_FOUND' });
});

test('signing in sets a cookie that the body does not hold; signing out takes it away', async () => {
  const { ask, sessions } = await openApi();
  const { secret }: { secret: string } = await ask('createKey', { body: { role: 'analyst', person: 'kim' } });
  const signedIn: Raw = await ask('signIn', { body: { key: secret } });
  const cookie = signedIn.more.headers?.['set-cookie']?.slice('session='.length) ?? '';
  assert.ok(!String(signedIn.body).includes(cookie));
  const who = sessionRoutes.signIn.response.parse(JSON.parse(String(signedIn.body)));
  assert.deepEqual([who.person, who.role], ['kim', 'analyst']);
  const principal = sessions.authenticate(cookie, START);
  assert.deepEqual(await ask('whoAmI', { principal }), who);
  const out: Raw = await ask('signOut', { principal });
  assert.equal(out.more.headers?.['set-cookie'], 'session=');
  assert.throws(() => sessions.authenticate(cookie, START), { code: 'E_KEY' });
});

test('a one-time link leads to the console, once', async () => {
  const { ask } = await openApi();
  const { path }: { path: string } = await ask('createSignInLink');
  const token = new URL(path, 'http://127.0.0.1').searchParams.get('token');
  const answer: Raw = await ask('signInByLink', { query: { token } });
  assert.deepEqual([answer.more.status, answer.more.headers?.location], [303, '/']);
  await assert.rejects(ask('signInByLink', { query: { token } }), { code: 'E_KEY' });
  const { items }: { items: readonly { id: string }[] } = await ask('listSessions');
  assert.equal(items.length, 1);
  await ask('endSession', { params: { id: items[0]!.id } });
  await assert.rejects(ask('endSession', { params: { id: items[0]!.id } }), { code: 'E_NOT_FOUND' });
});

test('proposals over HTTP: listed, approved by another person, rejected', async () => {
  const { ask, approvals } = await openApi();
  approvals.carriesOut('alert.release', () => null);
  const ids: string[] = [];
  for (const subject of ['al-1', 'al-2', 'al-3']) {
    const requested = await approvals.request('alert.release', subject, LOCAL);
    assert(requested.state === 'pending');
    ids.push(requested.approval.id);
  }
  const lee = { ...LOCAL, id: 'key:lee', person: 'lee' };
  const [first, second, third] = ids.map((id) => ({ id }));
  await assert.rejects(ask('approve', { params: first }), { code: 'E_SECOND_PERSON' });
  const approved: { state: string; note: string } = await ask('approve', {
    params: first,
    principal: lee,
    body: { note: 'seen' },
  });
  assert.deepEqual([approved.state, approved.note], ['approved', 'seen']);
  const rejected: { state: string } = await ask('reject', { params: second });
  assert.equal(rejected.state, 'rejected');
  const page: { items: readonly { id: string }[]; next: string | null } = await ask('listApprovals', {
    query: { limit: '2' },
  });
  assert.deepEqual([page.items.map(({ id }) => id), page.next], [[ids[2], ids[1]], ids[1]]);
  const rest: typeof page = await ask('listApprovals', { query: { limit: '2', cursor: page.next } });
  assert.deepEqual([rest.items.map(({ id }) => id), rest.next], [[ids[0]], null]);
  const waiting: typeof page = await ask('listApprovals', { query: { pending: 'true' } });
  assert.deepEqual(
    waiting.items.map(({ id }) => id),
    [ids[2]],
  );
  const one: { subject: string } = await ask('getApproval', { params: third });
  assert.equal(one.subject, 'al-3');
});
