import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { RECORD_TABLES, type Records } from '../store/records.ts';
import { HOUR, openDesk, openKeys, personWithKey, START } from './_fixture.ts';
import { LOCAL } from './gate.ts';
import { KeyRing } from './key-ring.ts';
import { ROLES, SCOPES, SCOPES_OF, type Scope } from './principal.ts';
import { verifyAudit } from './verify-audit.ts';

async function everythingKept(records: Records): Promise<string> {
  const texts: string[] = [];
  for (const table of RECORD_TABLES)
    for (const { value } of await records.list(table)) texts.push(Buffer.from(value).toString());
  return texts.join('\n');
}

test('a key is shown once; what is kept and listed cannot be turned back into it', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const { key, secret } = await ring.create(
    { role: 'analyst', person: 'kim', label: 'deposits', rate: 5, expires: START + HOUR },
    LOCAL,
  );
  assert.match(secret, /^hk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  const part = secret.slice(16);
  const kept = await everythingKept(desk.records);
  assert.ok(!kept.includes(part));
  assert.ok(kept.includes(createHash('sha256').update(part).digest('hex')));
  const listed = JSON.stringify(ring.list());
  assert.ok(!listed.includes(part) && !/[0-9a-f]{64}/.test(listed));
  assert.equal(key.state, 'live');
  const principal = ring.authenticate(secret, START);
  assert.deepEqual(
    { ...principal, scopes: [...principal.scopes] },
    { id: `key:${key.id}`, person: 'kim', role: 'analyst', scopes: [...SCOPES_OF.analyst], rate: 5 },
  );
  const again = await KeyRing.open(desk.parts);
  assert.equal(again.authenticate(secret, START).id, principal.id);
  assert.deepEqual(again.list(), ring.list());
});

test('expiry and revocation count from that millisecond on; only who has the key learns of it', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const { secret } = await ring.create({ role: 'viewer', expires: START + HOUR }, LOCAL);
  assert.equal(ring.authenticate(secret, START + HOUR - 1).role, 'viewer');
  assert.throws(() => ring.authenticate(secret, START + HOUR), { code: 'E_KEY_EXPIRED' });
  const other = await ring.create({ role: 'viewer' }, LOCAL);
  await ring.revoke(other.key.id, LOCAL);
  assert.throws(() => ring.authenticate(other.secret, START), { code: 'E_KEY_EXPIRED' });
  const guessed = `${other.secret.slice(0, -4)}AAAA`;
  assert.throws(() => ring.authenticate(guessed, START), { code: 'E_KEY' });
  await assert.rejects(ring.revoke(other.key.id, LOCAL), { code: 'E_STATE' });
  await assert.rejects(ring.rotate(other.key.id, LOCAL), { code: 'E_STATE' });
  await assert.rejects(ring.revoke('000000000000', LOCAL), { code: 'E_NOT_FOUND' });
});

test('after a rotation both secrets are taken, for the time of grace', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const first = await ring.create({ role: 'viewer' }, LOCAL);
  const second = await ring.rotate(first.key.id, LOCAL, HOUR);
  assert.equal(second.key.id, first.key.id);
  assert.equal(second.key.oldUntil, new Date(START + HOUR).toISOString());
  for (const { secret } of [first, second])
    assert.equal(ring.authenticate(secret, START + HOUR - 1).id, `key:${first.key.id}`);
  assert.throws(() => ring.authenticate(first.secret, START + HOUR), { code: 'E_KEY_EXPIRED' });
  assert.equal(ring.authenticate(second.secret, START + HOUR).role, 'viewer');
  const third = await ring.rotate(first.key.id, LOCAL, 0);
  assert.throws(() => ring.authenticate(second.secret, START), { code: 'E_KEY' });
  assert.equal(ring.authenticate(third.secret, START).role, 'viewer');
  await assert.rejects(async () => ring.rotate(first.key.id, LOCAL, -1), { code: 'E_FIELD' });
});

test('nobody gives away more rights than his own, whatever he asks for', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const asked = fc.record({
    by: fc.uniqueArray(fc.constantFrom(...SCOPES_OF.admin), { minLength: 1 }),
    role: fc.constantFrom(...ROLES),
    scopes: fc.option(fc.uniqueArray(fc.constantFrom(...SCOPES)), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ by, role, scopes }) => {
      const maker = await ring.create({ role: 'admin', scopes: by }, LOCAL);
      const principal = ring.authenticate(maker.secret, START);
      try {
        const { secret } = await ring.create({ role, ...(scopes === undefined ? {} : { scopes }) }, principal);
        const made = ring.authenticate(secret, START).scopes;
        assert.ok([...made].every((scope) => principal.scopes.has(scope)));
        assert.ok(!made.has('local' as Scope) && made.size > 0);
      } catch (fault) {
        if (!(fault instanceof HaetaeError)) throw fault;
        assert.ok(fault.code === 'E_FORBIDDEN' || fault.code === 'E_FIELD');
      }
    }),
    { numRuns: 150 },
  );
  const strong = await ring.create({ role: 'admin' }, LOCAL);
  const weak = await ring.create({ role: 'admin', scopes: ['keys'] }, LOCAL);
  await assert.rejects(
    ring.rotate(strong.key.id, ring.authenticate(weak.secret, START)),
    { code: 'E_FORBIDDEN' },
    'a new secret is a way to its rights',
  );
});

test('the last key that may make keys is revoked from this machine only', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const kim = await personWithKey(ring, 'kim', 'admin');
  const lee = await ring.create({ role: 'admin', person: 'lee', expires: START + HOUR }, LOCAL);
  const own = kim.id.slice('key:'.length);
  desk.clock.now = START + HOUR;
  await assert.rejects(ring.revoke(own, kim), { code: 'E_STATE' }, 'one that has expired does not count');
  desk.clock.now = START + HOUR - 1;
  const both = await Promise.allSettled([ring.revoke(own, kim), ring.revoke(lee.key.id, kim)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
    'two at once do not remove both',
  );
  await ring.revoke(lee.key.id, LOCAL);
  assert.equal(ring.live(), 0);
});

test('every change of a key stands in the audit log', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const { key } = await ring.create({ role: 'viewer' }, LOCAL);
  await ring.rotate(key.id, LOCAL);
  await ring.revoke(key.id, LOCAL);
  const said = (await desk.records.list('audit')).map(({ value }) => JSON.parse(Buffer.from(value).toString()));
  assert.deepEqual(
    said.map(({ action, subject, actor }) => [action, subject, actor]),
    ['create', 'rotate', 'revoke'].map((verb) => [`key.${verb}`, `key:${key.id}`, 'local']),
  );
  assert.equal((await verifyAudit(desk.records)).ok, true);
});

test('what is not a key is refused in one way, whatever it is', async () => {
  const desk = await openDesk();
  const ring = await openKeys(desk);
  const { secret } = await ring.create({ role: 'viewer' }, LOCAL);
  const near = fc
    .tuple(fc.nat({ max: secret.length - 1 }), fc.string({ maxLength: 3 }))
    .map(([at, put]) => secret.slice(0, at) + put + secret.slice(at + 1));
  const shaped = fc.stringMatching(/^hk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
  const any = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), near, shaped, fc.constant(secret.repeat(500)));
  const messages = new Set<string>();
  fc.assert(
    fc.property(any, (text) => {
      if (text === secret) return;
      assert.throws(
        () => ring.authenticate(text, START),
        (fault) => {
          assert(fault instanceof HaetaeError);
          assert.equal(fault.code, 'E_KEY');
          messages.add(`${fault.message} ${fault.remedy} ${JSON.stringify(fault.context)}`);
          return true;
        },
      );
    }),
    { numRuns: 2000 },
  );
  assert.equal(messages.size, 1);
});

test('a key record that cannot be read is an error with a name', async () => {
  const desk = await openDesk();
  await desk.records.write([{ table: 'key', key: 'x', value: new TextEncoder().encode('{"format":2}') }]);
  await assert.rejects(openKeys(desk), { code: 'E_RECORDS' });
});
