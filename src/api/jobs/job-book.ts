import type { z } from 'zod';
import type { AuditDraft, AuditedWriter } from '../../access/audited.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../../store/records.ts';
import type { jobSchema } from '../routes/jobs.ts';

export type JobView = z.input<typeof jobSchema>;

/** What is kept of a job in table `job`, under its number: all but what it printed and how far it is. */
export type JobEntry = Omit<JobView, 'lines' | 'progress'>;

export interface JobBookParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
}

/** Jobs kept; the oldest that ended give way. */
export const KEPT_JOBS = 200;

/** Of a job that the end of the server ended. */
export const INTERRUPTED: NonNullable<JobView['fault']> = {
  code: 'E_INTERRUPTED',
  detail: 'the server ended before the job did; nothing is half-written',
  remedy: 'start it again; a file that it used must be uploaded again',
};

/** The list of jobs as it outlives the server. */
export class JobBook {
  readonly #audited: AuditedWriter;
  /** Of servers before this one, oldest first. */
  readonly past: ReadonlyMap<string, JobEntry>;
  /** The highest number given. */
  readonly last: number;

  private constructor(audited: AuditedWriter, past: ReadonlyMap<string, JobEntry>, last: number) {
    this.#audited = audited;
    this.past = past;
    this.last = last;
  }

  /** What was under way when the server before ended is interrupted from now on (`at`, milliseconds). Throws E_STORE_WRITE. */
  static async open({ records, audited }: JobBookParts, at: number): Promise<JobBook> {
    const rows = await records.list('job');
    const old = rows.slice(0, Math.max(0, rows.length - KEPT_JOBS));
    const changes: RecordChange[] = old.map(({ key }) => ({ table: 'job', key, value: null }));
    const past = new Map<string, JobEntry>();
    for (const { value } of rows.slice(old.length)) {
      const kept = readJson<JobEntry>(value);
      const entry =
        kept.endedAt === null
          ? { ...kept, state: 'interrupted' as const, endedAt: new Date(at).toISOString(), fault: INTERRUPTED }
          : kept;
      if (entry !== kept) changes.push(changeOf(entry));
      past.set(entry.id, entry);
    }
    if (changes.length > 0) await audited.commit([], changes);
    return new JobBook(audited, past, rows.length === 0 ? 0 : Number(rows.at(-1)!.key));
  }

  /** Throws E_STORE_WRITE. */
  async write(view: JobEntry, entries: readonly AuditDraft[] = [], forgotten: readonly string[] = []): Promise<void> {
    const gone = forgotten.map((id) => ({ table: 'job' as const, key: keyOf(id), value: null }));
    await this.#audited.commit(entries, [changeOf(view), ...gone]);
  }
}

function changeOf(entry: JobEntry): RecordChange {
  const { id, kind, title, state, by, startedAt, endedAt, case: made, fault } = entry;
  return jsonChange('job', keyOf(id), { id, kind, title, state, by, startedAt, endedAt, case: made, fault });
}

/** jb-SEQ-HHHH. */
function keyOf(id: string): string {
  return orderKey(Number(id.split('-')[1]));
}
