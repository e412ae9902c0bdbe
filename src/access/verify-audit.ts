import { hash } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { orderKey, type RecordRow, type Records, type RecordTable } from '../store/records.ts';
import { AUDIT_HEAD_KEY, type AuditEntry, type AuditHead, EMPTY_HEAD, readEntry, readHead } from './audit-entry.ts';
import { isSigned, keyFingerprint } from './audit-head.ts';
import type { SignedHead } from './signed-head.ts';

export interface AuditResult {
  readonly ok: boolean;
  /** Sound, from the first on. */
  readonly entries: number;
  /** Stored verdicts and batches whose bytes are those that the log names. */
  readonly verdicts: number;
  readonly firstFault: AuditFault | null;
}

export interface AuditFault {
  /** Of the entry that is wrong or missing; 0 where it is of none. */
  readonly seq: number;
  readonly what: string;
}

export interface AuditChecks {
  /** Taken earlier and kept elsewhere: shows a cut tail and a history written anew. */
  readonly head?: SignedHead;
  /** PEM: who must have signed the head. Left out: a key that the log itself names. */
  readonly publicKey?: string;
  readonly progress?: Progress;
  /** Stops between two chunks with E_INTERRUPTED. */
  readonly signal?: AbortSignal;
}

/** Actions whose entry names the SHA-256 of a stored record. */
const RECORDED: Readonly<Record<string, RecordTable>> = { 'verdict.decide': 'verdict', 'batch.decide': 'batch' };
const DECISION_ID = /^[vb]-(\d{1,15})-[0-9a-f]{4}$/;

/**
 * Reads the whole log: every number, hash, link and time, the stored bytes of every verdict, and where it ends. May run while the log grows: it checks
 * what stood there when it began. What it cannot see: a history and its head both written anew, unless it is given a head kept elsewhere.
 */
export async function verifyAudit(records: Records, checks: AuditChecks = {}): Promise<AuditResult> {
  const walk = new Walk(records, checks);
  const firstFault = walk.headFault() ?? (await walk.run());
  return { ok: firstFault === null, entries: walk.last.seq, verdicts: walk.verdicts, firstFault };
}

class Walk {
  readonly #records: Records;
  readonly #checks: AuditChecks;
  readonly #keys = new Set<string>();
  readonly #decided: Record<string, number> = { verdict: 0, batch: 0 };
  #before: AuditHead = EMPTY_HEAD;
  last: AuditHead = EMPTY_HEAD;
  verdicts = 0;

  constructor(records: Records, checks: AuditChecks) {
    this.#records = records;
    this.#checks = checks;
  }

  headFault(): AuditFault | null {
    const { head, publicKey } = this.#checks;
    if (head === undefined) return null;
    if (!isSigned(head)) return { seq: head.seq, what: 'the signature of the given head is not sound' };
    if (publicKey !== undefined && publicKey.trim() !== head.publicKey.trim())
      return { seq: head.seq, what: 'the given head is signed by another key than the one expected' };
    return null;
  }

  async run(): Promise<AuditFault | null> {
    const [before, verdicts, batches] = await Promise.all([
      this.#storedHead(),
      this.#records.count('verdict'),
      this.#records.count('batch'),
    ]);
    if (before === null) return { seq: 0, what: 'the record of the head is damaged' };
    this.#before = before;
    for await (const rows of this.#records.scan('audit')) {
      if (this.#checks.signal?.aborted)
        throw new HaetaeError('E_INTERRUPTED', 'the check of the audit log was stopped');
      const fault = await this.#rows(rows);
      if (fault !== null) return fault;
      this.#checks.progress?.report('audit log', this.last.seq, before.seq);
      // The rows come without a wait: a server that checks its log would answer nobody meanwhile.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const after = await this.#storedHead();
    return (
      this.#endFault(before, after) ?? this.#signedEndFault() ?? this.#unlogged({ verdict: verdicts, batch: batches })
    );
  }

  async #rows(rows: readonly RecordRow[]): Promise<AuditFault | null> {
    const decided: AuditEntry[] = [];
    let broken: AuditFault | null = null;
    for (const { key, value } of rows) {
      const entry = readEntry(key, value);
      const what = typeof entry === 'string' ? entry : this.#linkFault(entry);
      if (typeof entry === 'string' || what !== null) {
        broken = { seq: this.last.seq + 1, what: what ?? '' };
        break;
      }
      if (Object.hasOwn(RECORDED, entry.action)) decided.push(entry);
      if (entry.action === 'audit.key') this.#keys.add(String(entry.detail?.sha256));
      this.last = { seq: entry.seq, hash: entry.hash, at: entry.at };
    }
    const faults = await Promise.all(decided.map((entry) => this.#decisionFault(entry)));
    return faults.find((fault) => fault !== null) ?? broken;
  }

  #linkFault(entry: AuditEntry): string | null {
    const { last } = this;
    if (entry.seq !== last.seq + 1) return `entry ${last.seq + 1} is missing`;
    if (entry.prev !== last.hash) return 'it does not follow from the entry before';
    if (last.at !== null && entry.at < last.at) return 'it is older than the entry before';
    if (this.#before.seq === entry.seq && this.#before.hash !== entry.hash) return 'the head names another entry';
    const { head } = this.#checks;
    if (head?.seq === entry.seq && head.hash !== entry.hash)
      return 'it is another one than in the given head: history was written anew';
    return null;
  }

  async #decisionFault(entry: AuditEntry): Promise<AuditFault | null> {
    const { seq, action, subject, detail } = entry;
    const table = RECORDED[action] as RecordTable;
    const number = DECISION_ID.exec(subject)?.[1];
    if (number === undefined) return { seq, what: `${subject} is no id of a ${table}` };
    const bytes = await this.#records.get(table, orderKey(Number(number)));
    if (bytes === null) return { seq, what: `${table} ${subject} is missing` };
    if (hash('sha256', bytes, 'hex') !== detail?.sha256)
      return { seq, what: `${table} ${subject} is not what was decided` };
    this.verdicts += 1;
    this.#decided[table] = (this.#decided[table] ?? 0) + 1;
    return null;
  }

  async #storedHead(): Promise<AuditHead | null> {
    const bytes = await this.#records.get('meta', AUDIT_HEAD_KEY);
    return bytes === null ? EMPTY_HEAD : readHead(bytes);
  }

  /** Entries and head are of one write: what was read stands between the head before and the head after. */
  #endFault(before: AuditHead, after: AuditHead | null): AuditFault | null {
    const { last } = this;
    if (after === null) return { seq: last.seq, what: 'the record of the head is damaged' };
    if (last.seq < before.seq)
      return { seq: last.seq + 1, what: `the end is missing: the head names entry ${before.seq}` };
    if (last.seq > after.seq) return { seq: after.seq + 1, what: 'it was added behind the head' };
    if (last.seq === after.seq && (last.hash !== after.hash || last.at !== after.at))
      return { seq: last.seq, what: 'the head names another last entry' };
    return null;
  }

  #signedEndFault(): AuditFault | null {
    const { head, publicKey } = this.#checks;
    if (head === undefined) return null;
    if (head.seq > this.last.seq)
      return { seq: this.last.seq + 1, what: `the end is cut off: the given head names entry ${head.seq}` };
    if (publicKey === undefined && !this.#keys.has(keyFingerprint(head.publicKey)))
      return { seq: head.seq, what: 'the given head is signed by a key that this log never had' };
    return null;
  }

  #unlogged(stored: Readonly<Record<string, number>>): AuditFault | null {
    for (const [table, count] of Object.entries(stored)) {
      const decided = this.#decided[table] ?? 0;
      if (count > decided) return { seq: 0, what: `${count - decided} stored in table ${table} without an entry` };
    }
    return null;
  }
}
