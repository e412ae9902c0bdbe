import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AuditLog } from '../../access/audit-log.ts';
import type { AuditedWriter } from '../../access/audited.ts';
import { type Principal, SCOPES_OF, SYSTEM } from '../../access/principal.ts';
import { openRecords } from '../../store/open-records.ts';
import type { Records } from '../../store/records.ts';
import { JobBook, type JobEntry, KEPT_JOBS } from './job-book.ts';
import { JobDesk } from './job-desk.ts';
import { NO_SOURCES } from './job-sources.ts';

interface Place {
  readonly records: Records;
  readonly log: AuditLog;
  /** Over the records of this place; `audited`: the log where left out. */
  open(audited?: AuditedWriter): Promise<JobDesk>;
}

/** With a program in place of Haetae that ends well after `ms`. */
async function inPlace(ms: number, work: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-desk-'));
  const entry = join(folder, 'main.mjs');
  writeFileSync(entry, `await new Promise((resolve) => setTimeout(resolve, ${ms}));\n`);
  const records = await openRecords({ path: ':memory:' });
  const log = await AuditLog.open(records, Date.now);
  const parts = { database: join(folder, 'a.duckdb'), entry, sources: NO_SOURCES, records, clock: Date.now };
  try {
    await work({ records, log, open: (audited = log) => JobDesk.open({ ...parts, audited, log: () => {} }) });
  } finally {
    await records.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ended(desk: JobDesk, id: string): Promise<void> {
  while (desk.get(id).endedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
}

const DRILL = { kind: 'drill', seed: 1, scale: 1000 } as const;
const bySystem = () => ({ principal: SYSTEM, at: Date.now() });

function analyst(person: string): Principal {
  return { id: `key:${person}`, person, role: 'analyst', scopes: new Set(SCOPES_OF.analyst), rate: null };
}

test('a job that ends while its cancelling is written down stays what it was', async () => {
  await inPlace(300, async ({ log, open }) => {
    const desk = await open({
      commit: async (entries, changes) => {
        if (entries[0]?.action === 'job.cancel') await ended(desk, entries[0].subject);
        await log.commit(entries, changes);
      },
    });
    const { id } = await desk.start(DRILL, bySystem());
    const { state } = await desk.cancel(id, SYSTEM);
    assert.equal(state, 'done');
    await assert.rejects(desk.cancel(id, SYSTEM), { code: 'E_STATE' });
    await desk.close();
  });
});

test('a job is cancelled by the one who started it or by an admin, and by nobody else', async () => {
  await inPlace(60_000, async ({ open }) => {
    const desk = await open();
    const kim = analyst('kim');
    const first = await desk.start(DRILL, { principal: kim, at: 0 });
    const second = await desk.start(DRILL, { principal: kim, at: 0 });
    for (const { id } of [first, second])
      await assert.rejects(desk.cancel(id, analyst('lee')), { code: 'E_FORBIDDEN', context: { job: id, by: 'kim' } });
    assert.equal((await desk.cancel(second.id, { ...kim, id: 'session:another' })).state, 'cancelled');
    await desk.cancel(first.id, SYSTEM);
    await ended(desk, first.id);
    assert.equal(desk.get(first.id).state, 'cancelled');
    await desk.close();
  });
});

test('the list outlives its desk: what ran or waited at the end of the desk is interrupted, what a person cancelled is not', async () => {
  await inPlace(60_000, async ({ open }) => {
    const desk = await open();
    const ids: string[] = [];
    for (let count = 0; count < 3; count += 1) ids.push((await desk.start(DRILL, bySystem())).id);
    await desk.cancel(ids[1]!, SYSTEM);
    await desk.close();
    const states = ['interrupted', 'cancelled', 'interrupted'];
    const again = await open();
    assert.deepEqual(
      again.list().map(({ id, state }) => [id, state]),
      ids.map((id, at) => [id, states[at]]).reverse(),
    );
    assert.equal(again.get(ids[0]!).fault?.code, 'E_INTERRUPTED');
    assert.equal(again.get(ids[1]!).fault, null);
    await assert.rejects(again.cancel(ids[0]!, SYSTEM), { code: 'E_STATE' });
    const next = await again.start(DRILL, bySystem());
    assert.equal(again.list()[0]!.id, next.id);
    assert.equal(new Set(again.list().map(({ id }) => id.split('-')[1])).size, 4, 'numbers go on');
    await again.close();
  });
});

test('what a desk that died left under way is interrupted at the next start; the newest two hundred are kept', async () => {
  await inPlace(0, async ({ records, log, open }) => {
    const book = await JobBook.open({ records, audited: log }, 0);
    const entry = (number: number): JobEntry => ({
      ...{ id: `jb-${number}-0000`, kind: 'drill', title: `Drill ${number}`, by: 'kim', case: null, fault: null },
      ...{ state: 'running', startedAt: new Date(number).toISOString(), endedAt: null },
    });
    const most = KEPT_JOBS + 7;
    for (let number = 1; number <= most; number += 1)
      await book.write(number === most ? entry(number) : { ...entry(number), state: 'done', endedAt: 'then' });
    const desk = await open();
    const list = desk.list();
    assert.deepEqual([list.length, list[0]!.id, list.at(-1)!.id], [KEPT_JOBS, `jb-${most}-0000`, 'jb-8-0000']);
    assert.deepEqual([list[0]!.state, list[0]!.fault?.code], ['interrupted', 'E_INTERRUPTED']);
    assert.deepEqual([list[1]!.state, list[1]!.endedAt, list[1]!.lines], ['done', 'then', []]);
    const { id } = await desk.start(DRILL, bySystem());
    await ended(desk, id);
    assert.equal(await records.count('job'), KEPT_JOBS);
    assert.deepEqual([desk.list().length, desk.list()[0]!.id], [KEPT_JOBS, id]);
    assert.throws(() => desk.get('jb-8-0000'), { code: 'E_NOT_FOUND' });
    await desk.close();
  });
});

test('a theft file is refused with its line or field before anything of it is kept', async () => {
  await inPlace(0, async ({ records, open }) => {
    const desk = await open();
    const start = (text: string) => desk.start({ kind: 'trace-file', text, live: false }, bySystem());
    await assert.rejects(start('title: [x\nformat: 1\n'), { code: 'E_THEFT_FILE', message: /line \d/ });
    await assert.rejects(start('title: x\n'), {
      code: 'E_THEFT_FILE',
      context: { file: 'theft.yaml', field: 'thefts' },
    });
    assert.equal(await records.count('job'), 0);
    const slow = start(`title: [${'a,'.repeat(100_000)}`);
    const refused = assert.rejects(slow, { code: 'E_BUSY' });
    await desk.close();
    await refused;
  });
});
