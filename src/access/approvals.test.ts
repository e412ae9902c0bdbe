import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange } from '../store/records.ts';
import { type Desk, HOUR, openDesk, openKeys, personWithKey } from './_fixture.ts';
import { Approvals, type Errand } from './approvals.ts';
import { LOCAL } from './gate.ts';
import type { Principal } from './principal.ts';

interface Office extends Desk {
  readonly approvals: Approvals;
  readonly done: Errand[];
  readonly kim: Principal;
  readonly kimAgain: Principal;
  readonly lee: Principal;
  readonly analyst: Principal;
}

/** Releasing an alert here is one record and one entry. */
async function openOffice(twoPersons: boolean): Promise<Office> {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const approvals = await Approvals.open({ ...desk.parts, twoPersons });
  const done: Errand[] = [];
  approvals.carriesOut('alert.release', (errand) => {
    if (errand.subject === 'al-closed') throw new HaetaeError('E_STATE', 'the alert is closed');
    return {
      entries: [{ actor: errand.by.id, action: 'alert.release', subject: errand.subject }],
      changes: [jsonChange('alert', errand.subject, 'released')],
      settle: () => done.push(errand),
    };
  });
  return {
    ...desk,
    approvals,
    done,
    kim: await personWithKey(ring, 'kim', 'approver'),
    kimAgain: await personWithKey(ring, 'kim', 'admin'),
    lee: await personWithKey(ring, 'lee', 'approver'),
    analyst: await personWithKey(ring, 'park', 'analyst'),
  };
}

async function proposed({ approvals, kim }: Office, subject = 'al-1'): Promise<string> {
  const requested = await approvals.request('alert.release', subject, kim, { amount: '5' });
  assert(requested.state === 'pending');
  return requested.approval.id;
}

test('where one person is enough it is done at once, by who may approve', async () => {
  const { approvals, done, kim, analyst, records } = await openOffice(false);
  assert.deepEqual(await approvals.request('alert.release', 'al-1', kim), { state: 'done' });
  assert.equal(done.length, 1);
  assert.equal(await records.count('alert'), 1);
  assert.throws(() => approvals.request('alert.release', 'al-1', analyst), { code: 'E_FORBIDDEN' });
});

test('where two are needed, the second is another person, not another key', async () => {
  const office = await openOffice(true);
  const { approvals, done, kim, kimAgain, lee, analyst, records } = office;
  const id = await proposed(office);
  assert.equal(await records.count('alert'), 0);
  for (const same of [kim, kimAgain])
    await assert.rejects(async () => approvals.approve(id, same), { code: 'E_SECOND_PERSON' });
  await assert.rejects(async () => approvals.approve(id, analyst), { code: 'E_FORBIDDEN' });
  const approval = await approvals.approve(id, lee, 'seen');
  assert.deepEqual(
    [approval.state, approval.decidedPerson, approval.proposedPerson, approval.note],
    ['approved', 'lee', 'kim', 'seen'],
  );
  assert.deepEqual(
    done.map(({ subject, by, detail }) => [subject, by.person, detail.amount]),
    [['al-1', 'lee', '5']],
  );
  await assert.rejects(approvals.approve(id, lee), { code: 'E_STATE' });
  const said = (await records.list('audit')).map(({ value }) => JSON.parse(Buffer.from(value).toString()).action);
  assert.deepEqual(said.slice(-3), ['approval.propose', 'approval.approve', 'alert.release']);
});

test('two who approve at once do it once', async () => {
  const office = await openOffice(true);
  const id = await proposed(office);
  const both = await Promise.allSettled([
    office.approvals.approve(id, office.lee),
    office.approvals.approve(id, LOCAL),
  ]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  assert.equal(office.done.length, 1);
});

test('what cannot be done any more stays pending, and can be rejected, also by who proposed it', async () => {
  const office = await openOffice(true);
  const { approvals, lee, kim, analyst } = office;
  const id = await proposed(office, 'al-closed');
  await assert.rejects(approvals.approve(id, lee), { code: 'E_STATE' });
  assert.deepEqual(
    approvals.pending().map((approval) => approval.id),
    [id],
  );
  await assert.rejects(proposed(office, 'al-closed'), { code: 'E_STATE' }, 'it is proposed once');
  await assert.rejects(approvals.reject(id, analyst), { code: 'E_FORBIDDEN' });
  assert.equal((await approvals.reject(id, kim)).state, 'rejected');
  assert.deepEqual(approvals.pending(), []);
  assert.notEqual(await proposed(office, 'al-closed'), id);
});

test('a proposal lapses after three days, and outlives the process until then', async () => {
  const office = await openOffice(true);
  const { clock, parts, lee, records } = office;
  const id = await proposed(office);
  const other = await proposed(office, 'al-2');
  clock.now += 72 * HOUR - 1;
  const again = await Approvals.open({ ...parts, twoPersons: true });
  again.carriesOut('alert.release', () => null);
  assert.deepEqual(
    again.pending().map((approval) => approval.id),
    [id, other],
  );
  await again.approve(other, lee);
  clock.now += 1;
  await assert.rejects(again.approve(id, lee), { code: 'E_STATE' });
  assert.equal((await again.get(id)).state, 'expired');
  await again.sweep();
  const kept = (await records.list('approval')).map(({ value }) => JSON.parse(Buffer.from(value).toString()).state);
  assert.deepEqual(kept, ['expired', 'approved']);
  assert.deepEqual(
    (await again.list({ limit: 1 })).map((approval) => approval.id),
    [other],
  );
  assert.deepEqual(
    (await again.list({ before: other, limit: 5 })).map((approval) => approval.id),
    [id],
  );
  await assert.rejects(again.get('p-99'), { code: 'E_NOT_FOUND' });
  await assert.rejects(again.get('99'), { code: 'E_NOT_FOUND' });
});
