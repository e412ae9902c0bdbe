import type { RecordChange } from '../store/records.ts';

/** One thing that was done, before it has its place in the chain. No secret, no customer's name: pseudonyms only. */
export interface AuditDraft {
  /** A principal's id. */
  readonly actor: string;
  /** noun.verb: verdict.decide, alert.close, key.create, session.login. */
  readonly action: string;
  /** Id of what it was done to. */
  readonly subject: string;
  /** Small and flat; SHA-256 of what is large. */
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Every write of the service goes through here, so that no change is without its entry in the audit log. */
export interface AuditedWriter {
  /** Changes and entries in one write, all of it or nothing; resolves when it is on disk. Groups what waits. Throws E_STORE_WRITE, E_CLOCK. */
  commit(entries: readonly AuditDraft[], changes: readonly RecordChange[]): Promise<void>;
}
