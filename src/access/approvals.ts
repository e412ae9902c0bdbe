import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import { InTurn } from './_in-turn.ts';
import { type Approval, approvalSchema } from './approval.ts';
import type { AuditDraft, AuditedWriter } from './audited.ts';
import { requireScope } from './gate.ts';
import type { Principal } from './principal.ts';

/** What is to be kept when it is done, and what then changes in memory. */
export interface Prepared {
  readonly entries: readonly AuditDraft[];
  readonly changes: readonly RecordChange[];
  /** Called once it is on disk. */
  settle?(): void;
}

/** What was asked for, and by whom it is now done: the second person where two are needed. */
export interface Errand {
  readonly subject: string;
  readonly detail: Approval['detail'];
  readonly by: Principal;
  /** null where one person is enough. */
  readonly approval: Approval | null;
}

/**
 * Does the thing, or throws where the state no longer allows it (E_STATE): then the approval stays pending. What it gives back goes into one commit with the
 * approval. One that commits by itself gives null, and must bear being done twice.
 */
export type Perform = (errand: Errand) => Promise<Prepared | null> | Prepared | null;

export interface ApprovalParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly twoPersons: boolean;
  /** A proposal lapses after so long. Default three days. */
  readonly expiresMs?: number;
}

export type Requested = { readonly state: 'done' } | { readonly state: 'pending'; readonly approval: Approval };

const DEFAULT_EXPIRES_MS = 72 * 3_600_000;
const MAX_PENDING = 1000;

/** What needs the word of a second person. Each kind of thing is told once how it is done (`carriesOut`), and then asked for (`request`). */
export class Approvals {
  readonly twoPersons: boolean;
  readonly #parts: ApprovalParts;
  readonly #perform = new Map<string, Perform>();
  /** By number. */
  readonly #pending = new Map<number, Approval>();
  readonly #turn = new InTurn();
  #last = 0;

  private constructor(parts: ApprovalParts) {
    this.#parts = parts;
    this.twoPersons = parts.twoPersons;
  }

  /** Throws E_RECORDS. */
  static async open(parts: ApprovalParts): Promise<Approvals> {
    const approvals = new Approvals(parts);
    for await (const rows of parts.records.scan('approval')) {
      for (const { key, value } of rows) {
        const approval = readApproval(value);
        approvals.#last = Number(key);
        if (approval.state === 'pending') approvals.#pending.set(Number(key), approval);
      }
    }
    return approvals;
  }

  /** Said once for each action, before anything is asked for. */
  carriesOut(action: string, perform: Perform): void {
    assert(!this.#perform.has(action), `${action} has one way to be done`);
    this.#perform.set(action, perform);
  }

  /**
   * Done at once where one person is enough, which needs the scope approve; else it waits for a second, and proposing needs what the route asks for.
   * Throws E_FORBIDDEN, E_STATE, and what the deed throws.
   */
  request(action: string, subject: string, by: Principal, detail: Approval['detail'] = {}): Promise<Requested> {
    const perform = this.#performer(action);
    if (this.twoPersons)
      return this.#turn.run(async () => ({
        state: 'pending',
        approval: await this.#propose(action, subject, by, detail),
      }));
    requireScope(by, 'approve');
    return this.#turn.run(async () => {
      const prepared = await perform({ subject, detail, by, approval: null });
      if (prepared !== null) await this.#commit(prepared, [], []);
      return { state: 'done' };
    });
  }

  /** By another person than proposed it, with the scope approve: then it is done. Throws E_SECOND_PERSON, E_FORBIDDEN, E_STATE, E_NOT_FOUND. */
  approve(id: string, by: Principal, note = ''): Promise<Approval> {
    requireScope(by, 'approve');
    return this.#turn.run(async () => {
      const { number, approval } = this.#requirePending(id, await this.get(id));
      if (approval.proposedPerson === by.person) {
        throw new HaetaeError('E_SECOND_PERSON', 'who proposed this cannot approve it', {
          context: { approval: id, person: by.person },
          remedy: 'let another person with the scope approve do it',
        });
      }
      const { action, subject, detail } = approval;
      const prepared = await this.#performer(action)({ subject, detail, by, approval });
      const next = this.#decide(approval, 'approved', by, note);
      await this.#commit(
        prepared,
        [entryOf(next, 'approval.approve', by)],
        [jsonChange('approval', orderKey(number), next)],
      );
      this.#pending.delete(number);
      return next;
    });
  }

  /** By who has the scope approve, or who proposed it. Throws E_FORBIDDEN, E_STATE, E_NOT_FOUND. */
  reject(id: string, by: Principal, note = ''): Promise<Approval> {
    return this.#turn.run(async () => {
      const { number, approval } = this.#requirePending(id, await this.get(id));
      if (approval.proposedPerson !== by.person) requireScope(by, 'approve');
      const next = this.#decide(approval, 'rejected', by, note);
      await this.#commit(
        null,
        [entryOf(next, 'approval.reject', by)],
        [jsonChange('approval', orderKey(number), next)],
      );
      this.#pending.delete(number);
      return next;
    });
  }

  /** Throws E_NOT_FOUND. */
  async get(id: string): Promise<Approval> {
    const number = /^p-(\d{1,15})$/.exec(id)?.[1];
    const value = number === undefined ? null : await this.#parts.records.get('approval', orderKey(Number(number)));
    if (value !== null) return this.#asOfNow(readApproval(value));
    throw new HaetaeError('E_NOT_FOUND', 'there is no approval of this id', { context: { approval: id.slice(0, 40) } });
  }

  /** Oldest first. */
  pending(): readonly Approval[] {
    return [...this.#pending.values()]
      .map((approval) => this.#asOfNow(approval))
      .filter(({ state }) => state === 'pending');
  }

  /** Newest first; `before`: the id that the page before ended with. */
  async list({ before, limit }: { readonly before?: string; readonly limit: number }): Promise<readonly Approval[]> {
    const until = before === undefined ? {} : { until: orderKey(Number(before.slice(2))) };
    const rows = await this.#parts.records.list('approval', { ...until, reverse: true, limit });
    return rows.map(({ value }) => this.#asOfNow(readApproval(value)));
  }

  /** Writes down which proposals have lapsed; that they have needs no writing to hold. */
  sweep(): Promise<void> {
    return this.#turn.run(async () => {
      const ended = [...this.#pending].map(([number, approval]) => ({ number, approval: this.#asOfNow(approval) }));
      const lapsed = ended.filter(({ approval }) => approval.state === 'expired');
      if (lapsed.length === 0) return;
      const entries = lapsed.map(({ approval }) => ({
        actor: 'system',
        action: 'approval.expire',
        subject: approval.id,
      }));
      const changes = lapsed.map(({ number, approval }) => jsonChange('approval', orderKey(number), approval));
      await this.#parts.audited.commit(entries, changes);
      for (const { number } of lapsed) this.#pending.delete(number);
    });
  }

  async #propose(action: string, subject: string, by: Principal, detail: Approval['detail']): Promise<Approval> {
    const open = this.pending();
    const same = open.find((approval) => approval.action === action && approval.subject === subject);
    if (same !== undefined) {
      throw new HaetaeError('E_STATE', 'this is proposed already', {
        context: { approval: same.id },
        remedy: 'let a second person approve or reject it',
      });
    }
    if (open.length >= MAX_PENDING)
      throw new HaetaeError('E_STATE', `${MAX_PENDING} proposals wait already`, { remedy: 'decide some first' });
    const at = this.#parts.clock();
    const number = this.#last + 1;
    const approval: Approval = {
      format: 1,
      id: `p-${number}`,
      action,
      subject,
      detail: { ...detail },
      state: 'pending',
      proposed: new Date(at).toISOString(),
      proposedBy: by.id,
      proposedPerson: by.person,
      expires: new Date(at + (this.#parts.expiresMs ?? DEFAULT_EXPIRES_MS)).toISOString(),
      decided: null,
      decidedBy: null,
      decidedPerson: null,
      note: '',
    };
    await this.#commit(
      null,
      [entryOf(approval, 'approval.propose', by)],
      [jsonChange('approval', orderKey(number), approval)],
    );
    this.#last = number;
    this.#pending.set(number, approval);
    return approval;
  }

  #decide(approval: Approval, state: 'approved' | 'rejected', by: Principal, note: string): Approval {
    const decided = new Date(this.#parts.clock()).toISOString();
    return { ...approval, state, decided, decidedBy: by.id, decidedPerson: by.person, note };
  }

  async #commit(
    prepared: Prepared | null,
    entries: readonly AuditDraft[],
    changes: readonly RecordChange[],
  ): Promise<void> {
    const all = {
      entries: [...entries, ...(prepared?.entries ?? [])],
      changes: [...changes, ...(prepared?.changes ?? [])],
    };
    await this.#parts.audited.commit(all.entries, all.changes);
    prepared?.settle?.();
  }

  #performer(action: string): Perform {
    const perform = this.#perform.get(action);
    assert(perform !== undefined, `nothing says how ${action} is done`);
    return perform;
  }

  #requirePending(id: string, approval: Approval): { number: number; approval: Approval } {
    if (approval.state === 'pending') return { number: Number(id.slice(2)), approval };
    throw new HaetaeError('E_STATE', `this is ${approval.state} already`, {
      context: { approval: id },
      remedy: 'propose it again',
    });
  }

  #asOfNow(approval: Approval): Approval {
    const lapsed = approval.state === 'pending' && this.#parts.clock() >= Date.parse(approval.expires);
    return lapsed ? { ...approval, state: 'expired' } : approval;
  }
}

function entryOf({ id, action, subject, proposedPerson }: Approval, what: string, by: Principal): AuditDraft {
  return {
    actor: by.id,
    action: what,
    subject: id,
    detail: { action, of: subject, person: by.person, proposedPerson },
  };
}

function readApproval(value: Uint8Array): Approval {
  try {
    return approvalSchema.parse(readJson(value));
  } catch (cause) {
    throw new HaetaeError('E_RECORDS', 'the record of an approval cannot be read', {
      remedy: 'run the newest Haetae that wrote these records, or put them back from a backup',
      cause,
    });
  }
}
