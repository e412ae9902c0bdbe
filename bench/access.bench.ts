/** What every request pays for: who it is, and the entry in the audit log. Records in memory and on disk. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/access/audit-log.ts';
import { Gate, LOCAL } from '../src/access/gate.ts';
import { KeyRing } from '../src/access/key-ring.ts';
import { Pseudonyms } from '../src/access/pseudonyms.ts';
import { Sessions } from '../src/access/sessions.ts';
import { verifyAudit } from '../src/access/verify-audit.ts';
import { openRecords } from '../src/store/open-records.ts';
import { orderKey, type Records } from '../src/store/records.ts';
import { count, fastest, printFigure } from './_print.ts';

const COMMITS = 60_000;
const WAITING = 500;
const value = Buffer.alloc(600, 0x61);
const sha256 = 'ab'.repeat(32);

/** Commits a second where so many wait at any time; each is one entry and one change of 600 bytes. */
async function commits(records: Records): Promise<number> {
  const log = await AuditLog.open(records, Date.now);
  let number = 0;
  const client = async (): Promise<void> => {
    while (number < COMMITS) {
      number += 1;
      const entry = {
        actor: 'key:0123456789ab',
        action: 'test.decide',
        subject: `v-${number}-00af`,
        detail: { decision: 'allow', sha256 },
      };
      await log.commit([entry], [{ table: 'idempotency', key: orderKey(number), value }]);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: WAITING }, client));
  return (number / (performance.now() - start)) * 1000;
}

async function bare(records: Records): Promise<number> {
  let number = 0;
  const start = performance.now();
  while (number < COMMITS) {
    const changes = Array.from({ length: WAITING }, () => {
      number += 1;
      return { table: 'idempotency' as const, key: orderKey(number), value };
    });
    await records.write(changes);
  }
  return (number / (performance.now() - start)) * 1000;
}

async function measure(name: string, path: string): Promise<void> {
  const plain = await openRecords({ path: path === ':memory:' ? path : `${path}.bare` });
  const without = await bare(plain);
  await plain.close();
  const records = await openRecords({ path });
  const speed = await commits(records);
  const size = `${count(COMMITS)} commits, ${WAITING} waiting, 600 bytes each`;
  const ratio = { to: 'the same writes unlogged', value: speed / without };
  printFigure({
    name: `audited commits, ${name}`,
    value: speed / 1000,
    unit: 'k commits/s',
    size,
    limit: { atLeast: 30 },
    ratio,
  });
  const start = performance.now();
  const { ok, entries } = await verifyAudit(records);
  if (!ok) throw new Error('the log does not verify');
  printFigure({
    name: `audit verify, ${name}`,
    value: entries / (performance.now() - start),
    unit: 'k entries/s',
    size: count(entries),
  });
  await records.close();
}

async function admission(): Promise<void> {
  const records = await openRecords({ path: ':memory:' });
  const audited = await AuditLog.open(records, Date.now);
  const parts = { records, audited, clock: Date.now };
  const keys = await KeyRing.open(parts);
  const sessions = await Sessions.open({ ...parts, keys });
  const gate = new Gate({ keys, sessions, localToken: null });
  const bearers: string[] = [];
  for (let number = 0; number < 100; number += 1)
    bearers.push((await keys.create({ role: 'analyst', rate: 1e6 }, LOCAL)).secret);
  const { cookie } = await sessions.signInByLink(sessions.createSignIn(LOCAL));
  const times = 200_000;
  const at = Date.now();
  const size = `${count(times)} requests, 100 keys`;
  const perKey = fastest(3, () => {
    for (let number = 0; number < times; number += 1) keys.authenticate(bearers[number % 100] as string, at);
  });
  printFigure({
    name: 'API key checked',
    value: (perKey.seconds / times) * 1e6,
    unit: 'µs',
    size,
    limit: { atMost: 2 },
  });
  const admitted = fastest(3, () => {
    for (let number = 0; number < times; number += 1)
      gate.admit({ bearer: bearers[number % 100] as string }, at + number);
  });
  printFigure({ name: 'request admitted by key and rate', value: (admitted.seconds / times) * 1e6, unit: 'µs', size });
  const bySession = fastest(3, () => {
    for (let number = 0; number < times; number += 1) gate.admit({ session: cookie }, at);
  });
  printFigure({ name: 'request admitted by session', value: (bySession.seconds / times) * 1e6, unit: 'µs', size });
  const pseudonyms = await Pseudonyms.open({ ...parts, keyPath: null });
  for (let number = 0; number < 1000; number += 1) {
    const { changes, settle } = await pseudonyms.pseudonymFor(`customer-${number}`);
    await audited.commit([], changes);
    settle();
  }
  const known = fastest(3, () => {
    for (let number = 0; number < times; number += 1) pseudonyms.pseudonymFor(`customer-${number % 1000}`);
  });
  printFigure({
    name: 'pseudonym of a known customer',
    value: (known.seconds / times) * 1e6,
    unit: 'µs',
    size: '1,000 customers',
  });
}

const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
try {
  await admission();
  await measure('in memory', ':memory:');
  await measure('on disk', join(folder, 'records'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
