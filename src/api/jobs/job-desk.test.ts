import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditDraft, AuditedWriter } from '../../access/audited.ts';
import { SYSTEM } from '../../access/principal.ts';
import { JobDesk } from './job-desk.ts';
import { NO_SOURCES } from './job-sources.ts';

test('a job that ends while its cancelling is written down stays what it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'haetae-desk-'));
  const entry = join(folder, 'main.mjs');
  // Ends well; here only when is of interest.
  writeFileSync(entry, 'await new Promise((resolve) => setTimeout(resolve, 300));\n');
  const ended = async (id: string): Promise<void> => {
    while (desk.get(id).endedAt === null) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const commit = async ([entry]: readonly AuditDraft[]): Promise<void> => {
    if (entry?.action === 'job.cancel') await ended(entry.subject!);
  };
  const audited = { commit } as unknown as AuditedWriter;
  const desk = new JobDesk({
    ...{ database: join(folder, 'a.duckdb'), entry, sources: NO_SOURCES, audited, clock: Date.now, log: () => {} },
  });
  try {
    const { id } = await desk.start({ kind: 'drill', seed: 1, scale: 1000 }, { principal: SYSTEM, at: Date.now() });
    const { state } = await desk.cancel(id, SYSTEM);
    assert.equal(state, 'done');
    await assert.rejects(desk.cancel(id, SYSTEM), { code: 'E_STATE' });
  } finally {
    await desk.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
