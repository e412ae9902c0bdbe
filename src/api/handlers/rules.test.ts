import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { Approvals } from '../../access/approvals.ts';
import { AuditLog } from '../../access/audit-log.ts';
import { LOCAL } from '../../access/gate.ts';
import type { Principal } from '../../access/principal.ts';
import { RuleBook } from '../../screen/rule-book.ts';
import { RuleDesk } from '../../screen/rule-desk.ts';
import { openRecords } from '../../store/open-records.ts';
import { operationsOf } from '../route.ts';
import { ruleRoutes } from '../routes/rules.ts';
import { ruleHandlers } from './rules.ts';

const START = Date.UTC(2026, 0, 1);
const MINE = `name: mine
rules:
  - id: listed
    version: 3
    title: Listed
    reason: because of the list
    source: { title: a list }
    decision: review
    score: 40
    when: { link: direct, category: sanctioned }
`;

async function openApi(twoPersons: boolean) {
  const records = await openRecords({ path: ':memory:' });
  const clock = (): number => START;
  const audited = await AuditLog.open(records, clock);
  const book = await RuleBook.open(records, audited, undefined, START);
  const approvals = await Approvals.open({ records, audited, clock, twoPersons });
  const operations = operationsOf(ruleRoutes, ruleHandlers(new RuleDesk({ book, records, approvals, clock })));
  const read = (schema: z.ZodType | undefined, value: unknown): unknown => schema?.parse(value ?? {});
  /** What goes in and out is read by the route's own schemas. */
  const ask = async (name: string, asked: { params?: unknown; body?: unknown; by?: Principal }): Promise<never> => {
    const { route, handler } = operations.find((operation) => operation.route.name === name)!;
    const params = read(route.params, asked.params);
    const body = read(route.body, asked.body);
    const signal = new AbortController().signal;
    const call = { params, body, query: undefined, principal: asked.by ?? LOCAL, at: START, signal };
    return read(route.response ?? undefined, await handler(call as never)) as never;
  };
  return { ask, approvals, book };
}

test('rules by HTTP: checked, loaded, listed, read, activated, tested on the past', async () => {
  const { ask, book } = await openApi(false);
  const checked: { hash: string; entry: unknown } = await ask('loadRules', { body: { text: MINE, dry: true } });
  assert.deepEqual([checked.entry, book.list().length], [null, 1]);
  const { hash }: { hash: string } = await ask('loadRules', { body: { text: MINE, file: 'mine.yaml' } });
  assert.equal(hash, checked.hash);
  const { items }: { items: readonly { hash: string; active: unknown }[] } = await ask('listRules', {});
  assert.equal(items.length, 2);
  const one: { text: string; rules: readonly { id: string; when: unknown }[] } = await ask('getRules', {
    params: { hash: hash.slice(0, 10) },
  });
  assert.equal(one.text, MINE);
  assert.deepEqual(one.rules[0]?.when, { link: 'direct', category: ['sanctioned'] });
  const done: { state: string } = await ask('activateRules', { params: { hash } });
  assert.deepEqual([done.state, book.active.hash], ['done', hash]);
  const found: { verdicts: number } = await ask('backTestRules', { body: { hash } });
  assert.equal(found.verdicts, 0);
  await assert.rejects(ask('backTestRules', { body: { hash, text: MINE } }));
  await assert.rejects(ask('loadRules', { body: { text: 'name: x' } }), { code: 'E_RULES' });
  await assert.rejects(ask('getRules', { params: { hash: 'ffff' } }), { code: 'E_RULES' });
});

test('where two persons are asked for, the second activates', async () => {
  const { ask, approvals, book } = await openApi(true);
  const { hash }: { hash: string } = await ask('loadRules', { body: { text: MINE } });
  const kim: Principal = { ...LOCAL, id: 'key:kim', person: 'kim' };
  const lee: Principal = { ...LOCAL, id: 'key:lee', person: 'lee' };
  const asked: { state: string; approval: string } = await ask('activateRules', { params: { hash }, by: kim });
  assert.equal(asked.state, 'pending');
  await assert.rejects(approvals.approve(asked.approval, kim), { code: 'E_SECOND_PERSON' });
  assert.notEqual(book.active.hash, hash);
  await approvals.approve(asked.approval, lee);
  assert.equal(book.active.hash, hash);
  assert.equal(book.entry(hash).active?.by, 'key:lee');
});
