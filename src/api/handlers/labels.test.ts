import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuditLog } from '../../access/audit-log.ts';
import { SYSTEM } from '../../access/principal.ts';
import { OwnLabels } from '../../screen/label-own.ts';
import { MemoryStore } from '../../store/memory/store.ts';
import { openRecords } from '../../store/open-records.ts';
import { Raw } from '../route.ts';
import { labelRoutes } from '../routes/labels.ts';
import { labelHandlers } from './labels.ts';

const THIEF = '0x098B716B8Aaf21512996dC57EB0615e2383E2f96';
const START = Date.UTC(2026, 0, 1);

/** What the server gives a handler: input through the route’s schemas, and its answer through that of the response. */
async function room() {
  const store = new MemoryStore();
  const records = await openRecords({ path: ':memory:' });
  const audited = await AuditLog.open(records, () => START);
  const own = await OwnLabels.open({ store, records, audited, clock: () => START, changed: () => {} });
  const handlers = labelHandlers({ store, own });
  const more = { principal: SYSTEM, at: START, signal: new AbortController().signal };
  const rest = { session: null, remote: '127.0.0.1', lines: null, keep: () => [] };
  const empty = { params: undefined, query: undefined, body: undefined };
  const call = async (name: keyof typeof labelRoutes, input: Record<string, unknown>): Promise<never> => {
    const route = labelRoutes[name] as unknown as {
      readonly [part: string]: { parse(value: unknown): unknown } | undefined;
    };
    const read = Object.fromEntries(Object.entries(input).map(([part, value]) => [part, route[part]?.parse(value)]));
    const answer = await (handlers[name] as (given: unknown) => unknown)({ ...empty, ...read, ...more, ...rest });
    return (answer instanceof Raw ? answer : labelRoutes[name].response.parse(answer)) as never;
  };
  return { call };
}

interface Item {
  readonly id: string;
  readonly status: string;
  readonly label: string;
  readonly addedBy: string;
  readonly expiredAt: string | null;
}

test('add, look up, list, export and expire an own label', async () => {
  const { call } = await room();
  const body = {
    chain: 'ethereum',
    address: THIEF,
    category: 'stolen',
    label: 'Thief',
    validFrom: '2025-01-01T00:00:00+01:00',
  };
  const added: Item & { validFrom: string } = await call('addLabel', { body });
  assert.deepEqual([added.addedBy, added.validFrom], ['system', '2024-12-31T23:00:00Z']);
  const found: { items: Item[] } = await call('listLabels', { query: { address: THIEF, chain: 'eip155:56' } });
  assert.deepEqual(
    found.items.map(({ status, label }) => [status, label]),
    [['current', 'Thief']],
  );
  const before = { address: THIEF, asOf: '2025-12-31T23:59:59Z' };
  assert.equal(((await call('listLabels', { query: before })) as { items: Item[] }).items[0]!.status, 'later');
  const csv: Raw = await call('exportLabels', { query: {} });
  let text = '';
  for await (const piece of csv.body as AsyncIterable<string>) text += piece;
  assert.match(text, /^address,chain,label[^\n]*\n0x098b716b8aaf21512996dc57eb0615e2383e2f96,eip155:1,Thief,stolen,/);
  const expired: Item = await call('expireLabel', { params: { id: added.id }, body: { reason: 'Returned' } });
  assert.equal(expired.expiredAt, '2026-01-01T00:00:01Z');
  const page: { items: Item[]; next: string | null } = await call('listOwnLabels', { query: { state: 'expired' } });
  assert.deepEqual([page.items.map(({ id }) => id), page.next], [[added.id], null]);
});

test('an address with a wrong letter is refused and not answered with nothing', async () => {
  const { call } = await room();
  await assert.rejects(call('listLabels', { query: { address: '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb' } }), {
    code: 'E_ADDRESS',
  });
  await assert.rejects(call('listLabels', { query: { address: THIEF, chain: 'bitcoin' } }), { code: 'E_ADDRESS' });
  await assert.rejects(call('listLabels', { query: { address: THIEF, chain: 'nowhere' } }), { code: 'E_ASSET' });
  assert.deepEqual(await call('listLabels', { query: { address: THIEF } }), { items: [] });
});
