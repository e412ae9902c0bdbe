import { HaetaeError } from '../base/errors.ts';
import { orderKey, type RecordRow, type Records } from '../store/records.ts';
import { type AuditEntry, readEntry } from './audit-entry.ts';

export interface AuditQuery {
  /** Number of an entry: only those before it. */
  readonly before?: number | undefined;
  /** ISO 8601 UTC with milliseconds: only those from it on. */
  readonly from?: string | undefined;
  readonly actor?: string | undefined;
  /** Whole (`key.create`) or its noun (`key`). */
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
}

export interface AuditPage {
  /** Newest first. */
  readonly items: readonly AuditEntry[];
  /** Goes on before this entry; null where there are no more. A page may be short, or empty, and yet go on. */
  readonly next: number | null;
}

/** Entries looked at for one page. */
const LOOKED_AT = 100_000;

/** Entries checked one by one, each in itself: that none is missing, `verifyAudit` says. Throws E_AUDIT. */
export async function listAudit(records: Records, query: AuditQuery): Promise<AuditPage> {
  const items: AuditEntry[] = [];
  const until = query.before === undefined ? {} : { until: orderKey(query.before) };
  let looked = 0;
  for await (const rows of records.scan('audit', { ...until, reverse: true })) {
    for (const row of rows) {
      const entry = requireEntry(row);
      if (query.from !== undefined && entry.at < query.from) return { items, next: null };
      if (wanted(entry, query)) items.push(entry);
      looked += 1;
      if (items.length >= query.limit || looked >= LOOKED_AT) return { items, next: entry.seq > 1 ? entry.seq : null };
    }
  }
  return { items, next: null };
}

function requireEntry({ key, value }: RecordRow): AuditEntry {
  const entry = readEntry(key, value);
  if (typeof entry !== 'string') return entry;
  throw new HaetaeError('E_AUDIT', `an entry of the audit log is not sound: ${entry}`, {
    context: { entry: key },
    remedy: 'run haetae audit verify, then put the records back from a backup',
  });
}

function wanted(entry: AuditEntry, { actor, action, subject }: AuditQuery): boolean {
  if (actor !== undefined && entry.actor !== actor) return false;
  if (subject !== undefined && entry.subject !== subject) return false;
  return action === undefined || entry.action === action || entry.action.startsWith(`${action}.`);
}
