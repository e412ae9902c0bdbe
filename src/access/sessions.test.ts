import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HaetaeError } from '../base/errors.ts';
import { type Desk, HOUR, openDesk, openKeys, START } from './_fixture.ts';
import { Gate, LOCAL, requireScope } from './gate.ts';
import type { KeyRing } from './key-ring.ts';
import { SCOPES_OF } from './principal.ts';
import { Sessions } from './sessions.ts';

interface Door extends Desk {
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  readonly gate: Gate;
}

const TOKEN = 'local-token-of-forty-eight-letters-0123456789abcdef';

async function openDoor(): Promise<Door> {
  const desk = await openDesk();
  const keys = await openKeys(desk);
  const sessions = await Sessions.open({ ...desk.parts, keys });
  return { ...desk, keys, sessions, gate: new Gate({ keys, sessions, localToken: TOKEN }) };
}

test('a sign-in link works once, for ten minutes', async () => {
  const { sessions, clock } = await openDoor();
  const link = sessions.createSignIn(LOCAL);
  const twice = await Promise.allSettled([sessions.signInByLink(link), sessions.signInByLink(link)]);
  assert.deepEqual(
    twice.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  await assert.rejects(sessions.signInByLink(link), { code: 'E_KEY' });
  const late = sessions.createSignIn(LOCAL);
  clock.now += 600_000;
  await assert.rejects(sessions.signInByLink(late), { code: 'E_KEY_EXPIRED' });
  await assert.rejects(sessions.signInByLink(late), { code: 'E_KEY' });
});

test('a session made on this machine may do what an admin may, but not what is for this machine alone', async () => {
  const { sessions, gate } = await openDoor();
  const { cookie, principal } = await sessions.signInByLink(sessions.createSignIn(LOCAL));
  assert.deepEqual([...principal.scopes].sort(), [...SCOPES_OF.admin].sort());
  assert.equal(gate.admit({ session: cookie }, START).id, principal.id);
  assert.throws(() => requireScope(principal, 'local'), { code: 'E_FORBIDDEN' });
  assert.throws(() => gate.admit({ bearer: cookie }, START), { code: 'E_KEY' }, 'a cookie is no key');
});

test('a session ends after two idle hours, and after twelve in any case', async () => {
  const { sessions, clock, parts, keys } = await openDoor();
  const idle = await sessions.signInByLink(sessions.createSignIn(LOCAL));
  const busy = await sessions.signInByLink(sessions.createSignIn(LOCAL));
  for (let hour = 1; hour < 12; hour += 1)
    assert.equal(sessions.authenticate(busy.cookie, START + hour * HOUR).id, busy.principal.id);
  assert.throws(() => sessions.authenticate(idle.cookie, START + 2 * HOUR), { code: 'E_KEY_EXPIRED' });
  assert.equal(sessions.authenticate(busy.cookie, START + 12 * HOUR - 1).id, busy.principal.id);
  assert.throws(() => sessions.authenticate(busy.cookie, START + 12 * HOUR), { code: 'E_KEY_EXPIRED' });
  clock.now = START + 12 * HOUR;
  assert.equal(sessions.list().length, 0);
  const later = await Sessions.open({ ...parts, keys });
  assert.equal(await parts.records.count('session'), 0, 'what has ended is removed');
  assert.throws(() => later.authenticate(busy.cookie, clock.now), { code: 'E_KEY' });
});

test('a session outlives the process, not its key', async () => {
  const { keys, sessions, parts } = await openDoor();
  const { key, secret } = await keys.create({ role: 'analyst', person: 'kim', rate: 3 }, LOCAL);
  const { cookie, session } = await sessions.signInByKey(secret);
  const again = await Sessions.open({ ...parts, keys });
  const principal = again.authenticate(cookie, START);
  assert.deepEqual(
    [principal.id, principal.person, principal.bucket],
    [`session:${session.id}`, 'kim', `key:${key.id}`],
  );
  await keys.revoke(key.id, LOCAL);
  for (const held of [sessions, again])
    assert.throws(() => held.authenticate(cookie, START), { code: 'E_KEY_EXPIRED' });
  await assert.rejects(sessions.signInByKey(secret), { code: 'E_KEY_EXPIRED' });
});

test('a key and its sessions share one rate', async () => {
  const { keys, sessions, gate } = await openDoor();
  const { secret } = await keys.create({ role: 'analyst', rate: 2 }, LOCAL);
  const { cookie } = await sessions.signInByKey(secret);
  for (let number = 0; number < 4; number += 1)
    gate.admit(number % 2 === 0 ? { bearer: secret } : { session: cookie }, START);
  for (const credentials of [{ bearer: secret }, { session: cookie }])
    assert.throws(() => gate.admit(credentials, START), { code: 'E_RATE' });
});

test('signing in and out stands in the audit log; of the cookie only the hash is kept', async () => {
  const { sessions, records } = await openDoor();
  const { cookie, principal } = await sessions.signInByLink(sessions.createSignIn(LOCAL));
  const kept = (await records.list('session')).map(({ value }) => Buffer.from(value).toString()).join('');
  assert.ok(!kept.includes(cookie.slice(16)));
  await sessions.signOut(principal);
  assert.throws(() => sessions.authenticate(cookie, START), { code: 'E_KEY' });
  await assert.rejects(sessions.signOut(principal), { code: 'E_STATE' });
  await assert.rejects(sessions.signOut(LOCAL), { code: 'E_STATE' });
  const said = (await records.list('audit')).map(({ value }) => JSON.parse(Buffer.from(value).toString()));
  assert.deepEqual(
    said.map(({ actor, action, subject }) => [actor, action, subject]),
    [
      ['local', 'session.login', principal.id],
      [principal.id, 'session.logout', principal.id],
    ],
  );
});

test('a key takes twice its rate at once, then its rate, and says how long to wait', async () => {
  const rates = fc.record({
    rate: fc.constantFrom(0.5, 1, 3, 50),
    gaps: fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 300 }),
  });
  const { keys, sessions } = await openDoor();
  const secrets = new Map<number, string>();
  for (const rate of [0.5, 1, 3, 50]) secrets.set(rate, (await keys.create({ role: 'viewer', rate }, LOCAL)).secret);
  fc.assert(
    fc.property(rates, ({ rate, gaps }) => {
      const gate = new Gate({ keys, sessions, localToken: null });
      const bearer = secrets.get(rate)!;
      const burst = Math.max(1, 2 * rate);
      let at = START;
      let admitted = 0;
      for (const gap of gaps) {
        at += gap;
        try {
          gate.admit({ bearer }, at);
          admitted += 1;
        } catch (fault) {
          assert(fault instanceof HaetaeError);
          assert.equal(fault.code, 'E_RATE');
          const { retryAfter } = fault.context;
          assert.ok(Number.isInteger(retryAfter) && Number(retryAfter) >= 1);
          at += Number(retryAfter) * 1000;
          gate.admit({ bearer }, at);
          admitted += 1;
        }
        assert.ok(admitted <= burst + ((at - START) * rate) / 1000 + 1e-6, 'never more than burst and rate allow');
      }
    }),
    { numRuns: 200 },
  );
});

test('who may read the token file is this machine; anybody else is nobody', async () => {
  const { gate, keys, sessions } = await openDoor();
  assert.equal(gate.admit({ bearer: TOKEN }, START), LOCAL);
  assert.ok(LOCAL.scopes.has('local'));
  assert.throws(() => gate.admit({}, START), { code: 'E_KEY' });
  assert.throws(() => gate.admit({ session: TOKEN }, START), { code: 'E_KEY' });
  assert.throws(() => new Gate({ keys, sessions, localToken: '' }), RangeError);
  const { secret } = await keys.create({ role: 'viewer' }, LOCAL);
  const { cookie } = await sessions.signInByKey(secret);
  const text = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(`${TOKEN} `, TOKEN.slice(1), cookie.slice(0, -1), `${cookie}=`, secret.toUpperCase()),
      fc.stringMatching(/^h[kls]_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/),
    ),
  );
  fc.assert(
    fc.property(text, text, (bearer, session) => {
      assert.throws(() => gate.admit({ bearer, session }, START), { code: 'E_KEY' });
    }),
    { numRuns: 2000 },
  );
});

test('links, keys and cookies are not taken for one another', async () => {
  const { keys, sessions } = await openDoor();
  const link = sessions.createSignIn(LOCAL);
  assert.throws(() => keys.authenticate(link, START), { code: 'E_KEY' });
  assert.throws(() => sessions.authenticate(link, START), { code: 'E_KEY' });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.constant(link.replace('hl_', 'hs_')),
        fc.stringMatching(/^hl_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/),
      ),
      async (text) => {
        await assert.rejects(sessions.signInByLink(text), { code: 'E_KEY' });
      },
    ),
    { numRuns: 500 },
  );
  assert.ok((await sessions.signInByLink(link)).cookie.startsWith('hs_'));
});
