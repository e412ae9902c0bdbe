import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccessDesk } from '../access/access-desk.ts';
import { AuditKey } from '../access/audit-head.ts';
import { AuditLog } from '../access/audit-log.ts';
import { KeyRing } from '../access/key-ring.ts';
import { Sessions } from '../access/sessions.ts';
import { openRecords } from '../store/open-records.ts';
import { orderKey, type Records } from '../store/records.ts';
import type { WithAccess } from './_access.ts';
import { auditCommand } from './audit.ts';
import type { Command, Terminal } from './command.ts';
import { keyCommand } from './key.ts';

const START = Date.UTC(2026, 0, 1);

interface Told {
  readonly out: string;
  readonly err: string;
}

interface House {
  readonly records: Records;
  readonly keys: KeyRing;
  key(...words: string[]): Promise<Told>;
  audit(...words: string[]): Promise<Told>;
}

async function openHouse(): Promise<House> {
  const records = await openRecords({ path: ':memory:' });
  const clock = (): number => START;
  const log = await AuditLog.open(records, clock);
  const parts = { records, audited: log, clock };
  const auditKey = await AuditKey.open(null, log);
  const keys = await KeyRing.open(parts);
  const sessions = await Sessions.open({ ...parts, keys });
  const desk = new AccessDesk({ records, log, auditKey, keys, sessions });
  const withAccess: WithAccess = (_args, _terminal, work) => work(desk);
  const runs =
    (command: Command) =>
    async (...words: string[]): Promise<Told> => {
      const told = { out: '', err: '' };
      const terminal: Terminal = {
        out: (text) => (told.out += text),
        err: (text) => (told.err += text),
        columns: 100,
        color: false,
        env: {},
        now: () => START / 1000,
      };
      await command.run(words, terminal);
      return told;
    };
  return { records, keys, key: runs(keyCommand(withAccess)), audit: runs(auditCommand(withAccess)) };
}

test('haetae key: create, list, rotate, revoke', async () => {
  const { key, keys } = await openHouse();
  const made = await key(
    'create',
    '--role',
    'analyst',
    '--person',
    'kim',
    '--name',
    'desk\u001b[2J',
    '--scopes',
    'screen,read',
    '--expires',
    '2026-02-01',
    '--rate',
    '20',
  );
  const secret = made.out.trimEnd();
  assert.match(secret, /^hk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/, 'the key alone goes to standard output');
  assert.ok(!made.err.includes(secret.slice(16)) && !made.err.includes('\u001b'));
  const { scopes, rate, person } = keys.authenticate(secret, START);
  assert.deepEqual([[...scopes].sort(), rate, person], [['read', 'screen'], 20, 'kim']);
  assert.throws(() => keys.authenticate(secret, Date.UTC(2026, 1, 1)), { code: 'E_KEY_EXPIRED' });
  const id = secret.slice(3, 15);
  const listed = await key('list');
  assert.match(listed.out, new RegExp(`^${id} \\| live \\| analyst \\(read screen\\) \\| person kim`));
  assert.equal(JSON.parse((await key('list', '--json')).out)[0].id, id);
  const next = (await key('rotate', id, '--grace', '0')).out.trimEnd();
  assert.notEqual(next, secret);
  assert.throws(() => keys.authenticate(secret, START), { code: 'E_KEY' });
  assert.match((await key('revoke', id)).out, / \| revoked \| /);
  assert.throws(() => keys.authenticate(next, START), { code: 'E_KEY_EXPIRED' });
});

test('haetae key refuses what it cannot do, by name', async () => {
  const { key } = await openHouse();
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['E_USAGE', []],
    ['E_USAGE', ['create']],
    ['E_USAGE', ['create', '--role', 'king']],
    ['E_USAGE', ['create', '--role', 'viewer', '--scopes', 'read,all']],
    ['E_USAGE', ['create', '--role', 'viewer', '--rate', '0']],
    ['E_USAGE', ['create', '--role', 'viewer', '--name', 'x'.repeat(101)]],
    ['E_USAGE', ['rotate']],
    ['E_USAGE', ['revoke', 'a', 'b']],
    ['E_FIELD', ['create', '--role', 'viewer', '--scopes', 'keys']],
    ['E_FIELD', ['create', '--role', 'admin', '--scopes', 'local']],
    ['E_FIELD', ['create', '--role', 'viewer', '--expires', '2025-12-31']],
    ['E_TIME', ['create', '--role', 'viewer', '--expires', 'tomorrow']],
    ['E_NOT_FOUND', ['rotate', '000000000000']],
    ['E_NOT_FOUND', ['revoke', '../key']],
  ];
  for (const [code, words] of refused) await assert.rejects(key(...words), { code }, words.join(' '));
});

test('haetae audit: a head taken, more written, verified; a cut shows against it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-audit-'));
  try {
    const { key, audit, records } = await openHouse();
    for (let time = 0; time < 3; time += 1) await key('create', '--role', 'viewer');
    const file = join(folder, 'head.json');
    assert.match((await audit('head', '--out', file)).out, /entry 4, [0-9a-f]{64}/);
    const publicKey = join(folder, 'key.pem');
    writeFileSync(publicKey, JSON.parse(readFileSync(file, 'utf8')).publicKey);
    await key('create', '--role', 'viewer');
    assert.match((await audit('verify', '--head', file, '--public-key', publicKey)).out, /^sound: 5 entries/);
    assert.match((await audit('verify')).err, /only against a head kept elsewhere/);
    assert.equal(JSON.parse((await audit('verify', '--json')).out).ok, true);
    const listed = (await audit('list', '--action', 'key', '--limit', '2', '--from', '2026-01-01')).out;
    assert.deepEqual(
      listed
        .trimEnd()
        .split('\n')
        .map((line) => line.split('  ').slice(0, 4).join(' ')),
      ['5 2026-01-01T00:00:00.000Z local key.create', '4 2026-01-01T00:00:00.000Z local key.create'],
    );
    assert.equal((await audit('list', '--from', '2026-01-02')).out, '');
    assert.equal((await audit('list', '--json')).out.trimEnd().split('\n').length, 5);
    const [last] = await records.list('audit', { reverse: true, limit: 1 });
    await records.write([{ table: 'audit', key: orderKey(4), value: last!.value }]);
    await assert.rejects(audit('verify', '--head', file), { code: 'E_AUDIT' });
    await assert.rejects(audit('verify', '--head', publicKey), { code: 'E_AUDIT' });
    await assert.rejects(audit('verify', '--head', join(folder, 'none')), { code: 'E_FILE_READ' });
    await assert.rejects(audit('head', '--out', join(folder, 'no', 'folder')), { code: 'E_FILE_WRITE' });
    for (const words of [
      [],
      ['sign'],
      ['verify', '--public-key', publicKey],
      ['list', '--limit', '0'],
      ['head', 'more'],
    ])
      await assert.rejects(audit(...words), { code: 'E_USAGE' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
