import { randomInt } from 'node:crypto';
import type { Approvals, Errand } from '../access/approvals.ts';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { SYSTEM } from '../access/principal.ts';
import { assert } from '../base/assert.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import {
  type Act,
  ALERT_LIMITS,
  type Alert,
  type AlertDraft,
  type AlertView,
  type Announce,
  type Outcome,
} from './alert.ts';
import {
  assigned,
  checkedReason,
  closed,
  commented,
  type Edited,
  held,
  isRelease,
  reopened,
  requireNotClosed,
  requireVersion,
  timeOf,
} from './alert-edit.ts';
import { makeId, parseId, requireId, unknownId } from './alert-id.ts';
import { AlertIndex } from './alert-index.ts';
import { type AlertPlace, type AlertQuery, matches, type Page, readCursor, writeCursor } from './alert-query.ts';
import { Turns } from './alert-turns.ts';

export interface AlertBookParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Says whether a block is released by two persons. */
  readonly approvals: Approvals;
  /** Milliseconds: when an approved release is closed. */
  readonly clock: () => number;
  /** Webhook deliveries of what happens; none where left out. */
  readonly announce?: Announce | undefined;
}

export interface Raised {
  readonly alert: Alert;
  readonly entries: readonly AuditDraft[];
  /** Its webhook deliveries (alert.raised) are among them. */
  readonly changes: readonly RecordChange[];
  /** To be called once the commit of both has resolved. */
  settle(): void;
}

/** How long alerts wait: under an hour, a day, a week, longer. */
export const ALERT_AGES = ['1h', '1d', '7d', 'older'] as const;
export type AlertAge = (typeof ALERT_AGES)[number];
const AGE_LIMITS = [3_600_000, 86_400_000, 604_800_000];
const RELEASE = 'alert.release';

export interface AlertCounts {
  readonly open: Readonly<Record<AlertAge, number>>;
  readonly assigned: Readonly<Record<AlertAge, number>>;
  readonly closed: number;
}

/** Every alert: a compact index in memory, the alerts themselves in the records. */
export class AlertBook {
  readonly #parts: AlertBookParts;
  readonly #index = new AlertIndex(randomInt(2 ** 32));
  readonly #turns = new Turns();
  #next = 1;

  private constructor(parts: AlertBookParts) {
    this.#parts = parts;
  }

  /** Reads every alert once: about half a second for 100,000. */
  static async open(parts: AlertBookParts): Promise<AlertBook> {
    const book = new AlertBook(parts);
    for await (const rows of parts.records.scan('alert')) {
      for (const row of rows) book.#keep(readJson<Alert>(row.value));
    }
    book.#next = book.#index.end;
    parts.approvals.carriesOut(RELEASE, (errand) => book.#release(errand));
    return book;
  }

  /** For the commit of the verdict that it is raised by. */
  raise(draft: AlertDraft): Raised {
    const sequence = this.#next;
    this.#next += 1;
    const alert: Alert = {
      id: makeId('al', sequence),
      ...draft,
      state: 'open',
      assignee: null,
      comments: [],
      closed: null,
      holds: [],
      version: 1,
    };
    const { verdict, decision, kind } = alert;
    return {
      alert,
      entries: [{ actor: SYSTEM.id, action: 'alert.raise', subject: alert.id, detail: { verdict, decision, kind } }],
      changes: [jsonChange('alert', orderKey(sequence), alert), ...this.#told('alert.raised', alert.at, alert)],
      settle: () => this.#keep(alert),
    };
  }

  /** Throws E_NOT_FOUND. */
  async get(id: string): Promise<AlertView> {
    return this.#view(await this.#read(id));
  }

  /** Throws E_FIELD on a cursor that is not one. */
  async list(query: AlertQuery): Promise<Page<AlertView>> {
    const limit = Math.min(Math.max(1, query.limit ?? 50), ALERT_LIMITS.page);
    const items: AlertView[] = [];
    const pending = this.#pending();
    const rows: number[] = [];
    let after: AlertPlace | null = readCursor(query);
    for (;;) {
      const asked = limit + 1 - items.length;
      const candidates = this.#index.candidates(query, after, asked);
      const alerts = await Promise.all(candidates.map((row) => this.#parts.records.get('alert', orderKey(row))));
      for (const [position, bytes] of alerts.entries()) {
        assert(bytes !== null, `alert ${candidates[position]} of the index is in the records`);
        const alert = readJson<Alert>(bytes);
        if (!matches(alert, query)) continue;
        items.push(this.#view(alert, pending));
        rows.push(candidates[position]!);
      }
      if (candidates.length < asked) return { items, next: null };
      if (items.length > limit) break;
      after = this.#index.placeOf(candidates.at(-1)!);
    }
    const last = this.#index.placeOf(rows[limit - 1]!);
    return { items: items.slice(0, limit), next: writeCursor(query.order, last) };
  }

  /** null: nobody. Throws E_STATE where it is closed. */
  assign(id: string, assignee: string | null, act: Act): Promise<AlertView> {
    return this.#edit(id, act, (alert) => assigned(alert, assignee, act));
  }

  comment(id: string, text: string, act: Act): Promise<AlertView> {
    return this.#edit(id, act, (alert) => commented(alert, text, act));
  }

  /**
   * Throws E_STATE where it is closed or its release is proposed already, E_FORBIDDEN where a block is released without the scope approve. Where two
   * persons must release a block the alert stays open, with `pending` set; it closes when the second has approved.
   */
  async close(
    id: string,
    wanted: { readonly outcome: Outcome; readonly reason: string },
    act: Act,
  ): Promise<AlertView> {
    const { outcome } = wanted;
    const reason = checkedReason(wanted.reason);
    const alert = await this.#read(id);
    if (isRelease(alert, outcome)) {
      requireNotClosed(alert);
      requireVersion(alert, act);
      await this.#parts.approvals.request(RELEASE, id, act.principal, { outcome, reason });
      return this.get(id);
    }
    const by = act.principal.person;
    const closing = { at: timeOf(act), by, outcome, reason, approval: null, approvedBy: null };
    return this.#edit(id, act, (now) => closed(now, closing, act));
  }

  /** With a reason; what it was closed as stays as a comment. Throws E_STATE where it is not closed. */
  reopen(id: string, reason: string, act: Act): Promise<AlertView> {
    return this.#edit(id, act, (alert) => reopened(alert, reason, act));
  }

  /** In one commit with the hold that was drawn from it. */
  attachHold(id: string, hold: string, act: Act, more: Pick<Edited, 'entries' | 'changes'>): Promise<AlertView> {
    return this.#edit(id, act, (alert) => held(alert, hold, more));
  }

  /** Alerts that wait, by age. */
  counts(at: number): AlertCounts {
    const counted = this.#index.counts(at, AGE_LIMITS);
    return { open: byAge(counted.open), assigned: byAge(counted.assigned), closed: counted.closed };
  }

  /** Open or assigned, of a block. */
  blocked(): number {
    return this.#index.blocked();
  }

  /** Commits by itself, in the alert's turn; a second time it finds it done. */
  async #release({ subject, detail, by, approval }: Errand): Promise<null> {
    const act: Act = { principal: by, at: this.#parts.clock() };
    const alert = await this.#read(subject);
    if (approval !== null && alert.closed?.approval === approval.id) return null;
    await this.#edit(subject, act, (now) =>
      closed(
        now,
        {
          at: timeOf(act),
          by: approval?.proposedPerson ?? by.person,
          outcome: detail.outcome as Outcome,
          reason: String(detail.reason),
          approval: approval?.id ?? null,
          approvedBy: approval === null ? null : by.person,
        },
        act,
      ),
    );
    return null;
  }

  #edit(id: string, act: Act, change: (alert: Alert) => Edited): Promise<AlertView> {
    return this.#turns.run(id, async () => {
      const alert = await this.#read(id);
      requireVersion(alert, act);
      const { next, event, entries, changes = [] } = change(alert);
      const kept: Alert = { ...next, version: alert.version + 1 };
      const told = event === null ? [] : this.#told(event, timeOf(act), kept);
      const { sequence } = requireId('al', id, 'alert');
      await this.#parts.audited.commit(entries, [...changes, jsonChange('alert', orderKey(sequence), kept), ...told]);
      this.#keep(kept);
      return this.#view(kept);
    });
  }

  async #read(id: string): Promise<Alert> {
    const { sequence } = requireId('al', id, 'alert');
    const bytes = await this.#parts.records.get('alert', orderKey(sequence));
    const alert = bytes === null ? null : readJson<Alert>(bytes);
    if (alert?.id !== id) throw unknownId(id, 'alert');
    return alert;
  }

  #view(alert: Alert, pending = this.#pending()): AlertView {
    return { ...alert, pending: pending.get(alert.id) ?? null };
  }

  /** Proposals to release, by alert. */
  #pending(): ReadonlyMap<string, string> {
    const waiting = this.#parts.approvals.pending().filter(({ action }) => action === RELEASE);
    return new Map(waiting.map(({ subject, id }) => [subject, id]));
  }

  #keep(alert: Alert): void {
    const parsed = parseId('al', alert.id);
    assert(parsed !== null, 'an alert has an id of its form');
    this.#index.put(parsed.sequence, parsed.tail, alert);
  }

  #told(type: string, at: string, data: unknown): readonly RecordChange[] {
    return this.#parts.announce?.({ type, at, data }) ?? [];
  }
}

function byAge(counts: readonly number[]): Record<AlertAge, number> {
  return Object.fromEntries(ALERT_AGES.map((age, index) => [age, counts[index]!])) as Record<AlertAge, number>;
}
