import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, orderKey, type RecordChange, type Records } from '../store/records.ts';
import { AUDIT_HEAD_KEY, type AuditHead, chainEntry, EMPTY_HEAD, readEntry, readHead, saidBy } from './audit-entry.ts';
import type { AuditDraft, AuditedWriter } from './audited.ts';

export interface AuditSettings {
  /** A clock that went back by no more than this is taken to stand still; by more, nothing is written. Milliseconds. */
  readonly maxClockBackMs?: number;
}

const DEFAULT_CLOCK_BACK_MS = 5000;
/** Commits in one write; more wait for the next. */
const GROUP = 8192;
const KEY_LENGTH = 200;

interface Waiting {
  /** Of each entry. */
  readonly said: readonly string[];
  readonly changes: readonly RecordChange[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The one way to the records for whatever must not go unseen. While one write is under way all other commits wait and then go together, so that the chain
 * is never ahead of the disk: a write that fails leaves the head where it was, and the next begins there.
 */
export class AuditLog implements AuditedWriter {
  readonly #records: Records;
  readonly #clock: () => number;
  readonly #maxClockBackMs: number;
  #head: AuditHead;
  #headMs: number;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | null = null;

  private constructor(records: Records, clock: () => number, settings: AuditSettings, head: AuditHead) {
    this.#records = records;
    this.#clock = clock;
    this.#maxClockBackMs = settings.maxClockBackMs ?? DEFAULT_CLOCK_BACK_MS;
    this.#head = head;
    this.#headMs = head.at === null ? Number.NEGATIVE_INFINITY : Date.parse(head.at);
  }

  /** `clock`: milliseconds. Throws E_AUDIT where the chain does not end where its head says: it is not carried on over a gap. */
  static async open(records: Records, clock: () => number, settings: AuditSettings = {}): Promise<AuditLog> {
    const [headBytes, [last]] = await Promise.all([
      records.get('meta', AUDIT_HEAD_KEY),
      records.list('audit', { reverse: true, limit: 1 }),
    ]);
    const head = headBytes === null ? EMPTY_HEAD : readHead(headBytes);
    const entry = last === undefined ? EMPTY_HEAD : readEntry(last.key, last.value);
    if (head === null || typeof entry === 'string' || entry.seq !== head.seq || entry.hash !== head.hash) {
      throw new HaetaeError('E_AUDIT', 'the audit log does not end where it was left', {
        context: { head: head?.seq ?? 'damaged', last: last?.key ?? 'none' },
        remedy: 'run haetae audit verify to see what is wrong, then put the records back from a backup',
      });
    }
    return new AuditLog(records, clock, settings, head);
  }

  /** Of what is on disk. */
  head(): AuditHead {
    return this.#head;
  }

  commit(entries: readonly AuditDraft[], changes: readonly RecordChange[]): Promise<void> {
    return new Promise((resolve, reject) => {
      for (const { key } of changes)
        assert(key.length > 0 && key.length <= KEY_LENGTH, 'a record key has 1 to 200 letters');
      this.#waiting.push({ said: entries.map(saidBy), changes, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** When all that was committed so far is on disk, or refused. */
  async settled(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  async #drain(): Promise<void> {
    // What the same turn of the event loop still brings goes along.
    await null;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.length <= GROUP ? this.#waiting : this.#waiting.slice(0, GROUP);
      this.#waiting = this.#waiting.length <= GROUP ? [] : this.#waiting.slice(GROUP);
      await this.#writeGroup(group);
    }
    this.#draining = null;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      const now = this.#now();
      const { head, changes } = this.#chain(group, new Date(now).toISOString());
      await this.#records.write(changes);
      if (head !== this.#head) {
        this.#head = head;
        this.#headMs = now;
      }
      for (const { resolve } of group) resolve();
    } catch (fault) {
      for (const { reject } of group) reject(fault);
    }
  }

  #chain(group: readonly Waiting[], at: string): { head: AuditHead; changes: readonly RecordChange[] } {
    const written: RecordChange[] = [];
    let { seq, hash } = this.#head;
    for (const { said, changes } of group) {
      for (const change of changes) written.push(change);
      for (const text of said) {
        seq += 1;
        const next = chainEntry(seq, at, hash, text);
        hash = next.hash;
        written.push({ table: 'audit', key: orderKey(seq), value: next.value });
      }
    }
    if (seq === this.#head.seq) return { head: this.#head, changes: written };
    const head: AuditHead = { seq, hash, at };
    written.push(jsonChange('meta', AUDIT_HEAD_KEY, head));
    return { head, changes: written };
  }

  /** Never before the last entry. Throws E_CLOCK. */
  #now(): number {
    const now = this.#clock();
    if (now >= this.#headMs) return now;
    if (this.#headMs - now <= this.#maxClockBackMs) return this.#headMs;
    throw new HaetaeError('E_CLOCK', 'the clock of this machine stands before the last entry of the audit log', {
      context: { clock: new Date(now).toISOString(), last: new Date(this.#headMs).toISOString() },
      remedy: 'set the clock right (timedatectl, NTP); nothing is recorded until it has passed the last entry',
    });
  }
}
