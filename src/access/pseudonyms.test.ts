import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { RECORD_TABLES } from '../store/records.ts';
import { type Desk, openDesk } from './_fixture.ts';
import { AuditKey } from './audit-head.ts';
import { LOCAL } from './gate.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { verifyAudit } from './verify-audit.ts';

/** As a screening does: the customer's row goes into the commit of what bears the pseudonym. */
async function screen(desk: Desk, pseudonyms: Pseudonyms, reference: string): Promise<string> {
  const { pseudonym, changes, settle } = await pseudonyms.pseudonymFor(reference);
  await desk.audited.commit([{ actor: 'key:1', action: 'test.screen', subject: pseudonym }], changes);
  settle();
  return pseudonym;
}

test('a customer has one pseudonym, the next one another; the reference is kept nowhere', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null, cache: 2 });
  const references = ['kim-4711', 'lee-4712', 'park-4713', 'kim-4711 '];
  const first = new Map<string, string>();
  for (const reference of references) first.set(reference, await screen(desk, pseudonyms, reference));
  assert.equal(new Set(first.values()).size, references.length);
  for (const [reference, pseudonym] of first) {
    assert.match(pseudonym, /^c_[0-9a-f]{24}$/);
    assert.equal(await screen(desk, pseudonyms, reference), pseudonym, 'also when it has left the memory');
  }
  for (const table of RECORD_TABLES) {
    for (const { key, value } of await desk.records.list(table))
      assert.doesNotMatch(`${key} ${Buffer.from(value).toString()}`, /kim|lee|park/);
  }
  assert.equal(await desk.records.count('customer'), references.length);
});

test('many at once of one new customer are one customer', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null });
  const made = await Promise.all(Array.from({ length: 20 }, () => screen(desk, pseudonyms, 'kim')));
  assert.equal(new Set(made).size, 1);
  assert.equal(await pseudonyms.pseudonymOf('kim'), made[0]);
});

test('a commit that failed leaves nobody behind, and the next one takes the customer along', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null });
  const lost = await pseudonyms.pseudonymFor('kim');
  assert.equal(lost.changes.length, 1);
  assert.equal(await desk.records.count('customer'), 0);
  assert.equal(await screen(desk, pseudonyms, 'kim'), lost.pseudonym);
  assert.equal(await desk.records.count('customer'), 1);
  assert.deepEqual((await pseudonyms.pseudonymFor('kim')).changes, []);
});

test('erased, a customer cannot be found again, and the log still verifies', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null });
  const before = await screen(desk, pseudonyms, 'kim');
  assert.equal(await pseudonyms.erase('kim', LOCAL), before);
  assert.equal(await pseudonyms.pseudonymOf('kim'), null);
  assert.equal(await desk.records.count('customer'), 0);
  await assert.rejects(pseudonyms.erase('kim', LOCAL), { code: 'E_NOT_FOUND' });
  assert.notEqual(await screen(desk, pseudonyms, 'kim'), before);
  assert.equal((await verifyAudit(desk.records)).ok, true);
  const said = (await desk.records.list('audit')).map(({ value }) => Buffer.from(value).toString());
  assert.ok(said.some((text) => text.includes('"customer.erase"') && text.includes(before)));
  assert.ok(!said.some((text) => text.includes('kim')));
});

test('erased while its row is being read, a customer is not remembered', async () => {
  const desk = await openDesk();
  const first = await Pseudonyms.open({ ...desk.parts, keyPath: null, cache: 1 });
  for (let time = 0; time < 20; time += 1) {
    const before = await screen(desk, first, 'kim');
    await screen(desk, first, 'lee');
    const [, meanwhile] = await Promise.all([first.erase('kim', LOCAL), first.pseudonymFor('kim')]);
    assert.ok(meanwhile.pseudonym.length > 0);
    assert.notEqual(await screen(desk, first, 'kim'), before);
  }
});

test('erased while the first verdict is under way, a customer is gone afterwards too', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null });
  const { changes, settle } = await pseudonyms.pseudonymFor('kim');
  await pseudonyms.erase('kim', LOCAL);
  await desk.audited.commit([], changes);
  settle();
  await pseudonyms.settled();
  assert.equal(await desk.records.count('customer'), 0);
});

test('screenings and erasures in any order: the same customer until erased, never the same after', async () => {
  const step = fc.record({ reference: fc.constantFrom('a', 'b', 'c'), erase: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, cache) => {
      const desk = await openDesk();
      const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null, cache });
      const now = new Map<string, string>();
      const past = new Set<string>();
      for (const { reference, erase } of steps) {
        const known = now.get(reference);
        if (!erase) {
          const pseudonym = await screen(desk, pseudonyms, reference);
          if (known === undefined) assert.ok(!past.has(pseudonym));
          else assert.equal(pseudonym, known);
          now.set(reference, pseudonym);
          past.add(pseudonym);
        } else if (known === undefined)
          await assert.rejects(pseudonyms.erase(reference, LOCAL), { code: 'E_NOT_FOUND' });
        else {
          await pseudonyms.erase(reference, LOCAL);
          now.delete(reference);
        }
      }
      assert.equal(await desk.records.count('customer'), now.size);
    }),
    { numRuns: 60 },
  );
});

test('a reference that is empty or endless is refused', async () => {
  const desk = await openDesk();
  const pseudonyms = await Pseudonyms.open({ ...desk.parts, keyPath: null });
  for (const reference of ['', 'x'.repeat(201)])
    assert.throws(() => pseudonyms.pseudonymFor(reference), { code: 'E_FIELD' });
});

test('the key stands in a file of its owner; without it, or with another, the records are not opened', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-access-'));
  try {
    const desk = await openDesk();
    const keyPath = join(folder, 'customer-key');
    const first = await Pseudonyms.open({ ...desk.parts, keyPath });
    assert.equal(statSync(keyPath).mode & 0o777, 0o600);
    const pseudonym = await screen(desk, first, 'kim');
    assert.equal(await (await Pseudonyms.open({ ...desk.parts, keyPath })).pseudonymOf('kim'), pseudonym);
    chmodSync(keyPath, 0o644);
    await assert.rejects(Pseudonyms.open({ ...desk.parts, keyPath }), { code: 'E_FILE_READ' });
    await assert.rejects(Pseudonyms.open({ ...desk.parts, keyPath: join(folder, 'lost') }), { code: 'E_RECORDS' });
    const other = join(folder, 'other');
    await Pseudonyms.open({ ...(await openDesk()).parts, keyPath: other });
    await assert.rejects(Pseudonyms.open({ ...desk.parts, keyPath: other }), { code: 'E_RECORDS' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the key that signs heads is made once and stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-access-'));
  try {
    const desk = await openDesk();
    const path = join(folder, 'audit-key.pem');
    const first = await AuditKey.open(path, desk.audited);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const second = await AuditKey.open(path, desk.audited);
    assert.equal(second.publicKey, first.publicKey);
    assert.equal(desk.audited.head().seq, 1, 'that it was made is one entry');
    writeFileSync(path, 'no key');
    await assert.rejects(AuditKey.open(path, desk.audited), { code: 'E_FILE_READ' });
    await assert.rejects(AuditKey.open(join(folder, 'no', 'folder'), desk.audited), { code: 'E_FILE_WRITE' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
