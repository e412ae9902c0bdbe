/** Small durable writes: how many a second where many wait together, how long one alone takes, beside a bare file that is synced as often. */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/access/audit-log.ts';
import { openRecords } from '../src/store/open-records.ts';
import { orderKey } from '../src/store/records.ts';
import { count, printFigure } from './_print.ts';

const VALUE = Buffer.alloc(600, 0x61);
const WRITES = 60_000;
const ALONE = 1000;
const ENTRY = {
  actor: 'key:0123456789ab',
  action: 'test.decide',
  subject: 'v-1-00af',
  detail: { sha256: 'ab'.repeat(32) },
};

type Write = (number: number) => Promise<unknown>;

async function perSecond(waiting: number, write: Write): Promise<number> {
  let number = 0;
  const writer = async (): Promise<void> => {
    while (number < WRITES) {
      number += 1;
      await write(number);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: waiting }, writer));
  return (number / (performance.now() - start)) * 1000;
}

/** Milliseconds, sorted. */
async function alone(write: Write): Promise<number[]> {
  const times: number[] = [];
  for (let number = 1; number <= ALONE; number += 1) {
    const start = performance.now();
    await write(number);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

async function latency(name: string, write: Write): Promise<number> {
  const times = await alone(write);
  const middle = times[ALONE >> 1]!;
  printFigure({ name: `${name}, alone, p50`, value: middle, unit: 'ms', size: `${count(ALONE)} writes of 600 bytes` });
  printFigure({
    name: `${name}, alone, p99`,
    value: times[Math.floor(ALONE * 0.99)]!,
    unit: 'ms',
    size: `${count(ALONE)} writes of 600 bytes`,
  });
  return middle;
}

const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));
try {
  const file = await open(join(folder, 'bare'), 'a');
  const line = async (): Promise<void> => {
    await file.write(VALUE);
    await file.datasync();
  };
  await latency('bare file, appended and synced', line);
  await file.close();
  const records = await openRecords({ path: join(folder, 'records') });
  const write: Write = (number) => records.write([{ table: 'idempotency', key: orderKey(number), value: VALUE }]);
  await latency('write', write);
  const audited = await AuditLog.open(records, Date.now);
  const commit: Write = (number) =>
    audited.commit([ENTRY], [{ table: 'idempotency', key: `a${orderKey(number)}`, value: VALUE }]);
  await latency('audited commit', commit);
  for (const waiting of [4, 64, 1000]) {
    const speed = await perSecond(waiting, commit);
    printFigure({
      name: `audited commits, ${waiting} waiting`,
      value: speed / 1000,
      unit: 'k/s',
      size: `${count(WRITES)} of 600 bytes`,
      ...(waiting === 1000 ? { limit: { atLeast: 30 } } : {}),
    });
  }
  let number = 0;
  const start = performance.now();
  while (number < WRITES) {
    const group = Array.from({ length: 1000 }, (_, index) => ({
      table: 'idempotency' as const,
      key: `b${orderKey(number + index)}`,
      value: VALUE,
    }));
    await records.write(group);
    number += group.length;
  }
  printFigure({
    name: 'changes, 1,000 a write',
    value: number / (performance.now() - start),
    unit: 'k/s',
    size: `${count(WRITES)} of 600 bytes`,
  });
  await records.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
