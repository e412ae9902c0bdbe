import { hash } from 'node:crypto';
import type { Approvals, Errand } from '../access/approvals.ts';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { SYSTEM } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import { requireAmount } from '../base/money.ts';
import { requireTime } from '../base/time.ts';
import type { Act, Announce } from '../screen/alert.ts';
import type { AlertBook } from '../screen/alert-book.ts';
import { makeId, parseId, requireId, unknownId } from '../screen/alert-id.ts';
import type { Page } from '../screen/alert-query.ts';
import { plainLine, plainText } from '../screen/alert-text.ts';
import { Turns } from '../screen/alert-turns.ts';
import type { Verdict } from '../screen/verdict.ts';
import type { StoredCase } from '../store/port.ts';
import { jsonChange, orderKey, type Records, readJson } from '../store/records.ts';
import { type CaseWish, subjectOfCase } from './hold-case.ts';
import {
  drawNotice,
  type HoldNotice,
  type HoldWish,
  isSimulatedNotice,
  type NoticeSubject,
  type Party,
  subjectOfAlert,
} from './hold-notice.ts';
import type { HoldState, Tlp } from './hold-state.ts';
import type { OwnOrganisation } from './organisation.ts';

export interface Hold {
  /** hn-SEQ-HHHH */
  readonly id: string;
  readonly alert: string | null;
  /** The traced case it was drawn up from, in place of an alert. */
  readonly case: string | null;
  /** Raised at, of the alert: what time-to-hold counts from. */
  readonly alertAt: string | null;
  readonly state: HoldState;
  readonly notice: HoldNotice;
  readonly createdBy: string;
  readonly sent: { readonly at: string; readonly by: string; readonly approvedBy: string | null } | null;
  readonly acknowledged: {
    readonly at: string;
    /** Who at the provider. */
    readonly by: string;
    /** Base units that they hold; null where not said. */
    readonly amount: string | null;
    readonly reference: string | null;
    readonly recordedBy: string;
  } | null;
  readonly refused: { readonly at: string; readonly by: string; readonly reason: string } | null;
  readonly expired: { readonly at: string } | null;
  readonly withdrawn: { readonly at: string; readonly by: string; readonly reason: string } | null;
  /** Seconds to the acknowledgement; null until then, and where the theft's time is not known or there is no alert. */
  readonly timeToHold: {
    readonly fromTheft: number | null;
    readonly fromAlert: number | null;
    readonly fromSent: number;
  } | null;
  readonly version: number;
}

/** `pending`: id of the proposal to send it that waits for a second person. */
export interface HoldView extends Hold {
  readonly pending: string | null;
}

/** From an alert or from a case: one of the two. */
export interface HoldDraft {
  readonly alert?: string | undefined;
  readonly case?: CaseWish | undefined;
  readonly to: Party;
  /** Address at the provider. */
  readonly address: string;
  /** Base units; the alert's, or what reached the service of the case, where left out. */
  readonly amount?: string | undefined;
  readonly statement: string;
  readonly legalBasis: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  readonly tlp: Tlp;
}

export interface HoldParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  readonly approvals: Approvals;
  readonly clock: () => number;
  readonly alerts: AlertBook;
  /** null: no record of it. */
  readonly verdictOf: (id: string) => Promise<Verdict | null>;
  /** A traced case; null: none of this id. */
  readonly caseOf: (id: string) => Promise<StoredCase | null>;
  /** Who asks, and whom to answer. */
  readonly organisation: Pick<OwnOrganisation, 'current'>;
  readonly announce?: Announce | undefined;
}

export interface HoldFigures {
  readonly states: Readonly<Record<HoldState, number>>;
  /** Seconds, one for each acknowledged hold that is not of a simulated case, oldest first. */
  readonly fromTheft: readonly number[];
  readonly fromAlert: readonly number[];
  readonly fromSent: readonly number[];
}

interface Row {
  readonly id: string;
  readonly alert: string | null;
  readonly case: string | null;
  readonly simulated: boolean;
  readonly state: HoldState;
  readonly expiresMs: number;
  readonly timeToHold: Hold['timeToHold'];
}

const SEND = 'hold.send';
const LONGEST_DAYS = 400;
const TEXT = 8000;

/** Hold notices: drawn from an alert or a traced case, sent by people, and what came of them. Nothing is transmitted from here. */
export class Holds {
  readonly #parts: HoldParts;
  readonly #rows = new Map<number, Row>();
  readonly #turns = new Turns();
  #next = 1;

  private constructor(parts: HoldParts) {
    this.#parts = parts;
  }

  static async open(parts: HoldParts): Promise<Holds> {
    const holds = new Holds(parts);
    for await (const rows of parts.records.scan('hold')) {
      for (const row of rows) holds.#keep(holdOf(row.value));
    }
    parts.approvals.carriesOut(SEND, (errand) => holds.#sendErrand(errand));
    return holds;
  }

  /** A draft; its alert names it from then on. It is from whoever is named at that moment. Throws E_NOT_FOUND, E_FIELD, E_AMOUNT, E_TIME, E_STATE, E_ASSET, E_ADDRESS, E_CASE. */
  async create(draft: HoldDraft, act: Act): Promise<HoldView> {
    const { subject, alertAt } = await this.#subjectOf(draft);
    const wish = wishOf(draft, act.at);
    requireReached(subject, wish);
    const from = requireNamed(this.#parts.organisation.current);
    const sequence = this.#next;
    this.#next += 1;
    const id = makeId('hn', sequence);
    const notice = drawNotice(id, isoOf(act.at), from, subject, wish);
    const hold: Hold = {
      id,
      alert: subject.why.alert,
      case: subject.why.case?.id ?? null,
      alertAt,
      state: 'draft',
      notice,
      createdBy: act.principal.person,
      sent: null,
      acknowledged: null,
      refused: null,
      expired: null,
      withdrawn: null,
      timeToHold: null,
      version: 1,
    };
    await this.#commitNew(hold, sequence, act);
    this.#keep(hold);
    return this.#view(hold);
  }

  /** Of an alert in one commit with it. */
  async #commitNew(hold: Hold, sequence: number, { principal, at }: Act): Promise<void> {
    const about = hold.alert === null ? { case: hold.case } : { alert: hold.alert };
    const detail = { ...about, digest: hold.notice.digest };
    const entries: AuditDraft[] = [{ actor: principal.id, action: 'hold.create', subject: hold.id, detail }];
    const changes = [jsonChange('hold', orderKey(sequence), hold)];
    if (hold.alert === null) await this.#parts.audited.commit(entries, changes);
    else await this.#parts.alerts.attachHold(hold.alert, hold.id, { principal, at }, { entries, changes });
  }

  async #subjectOf(draft: HoldDraft): Promise<{ readonly subject: NoticeSubject; readonly alertAt: string | null }> {
    if (draft.alert !== undefined && draft.case === undefined) {
      const alert = await this.#parts.alerts.get(draft.alert);
      return { subject: subjectOfAlert(alert, await this.#parts.verdictOf(alert.verdict)), alertAt: alert.at };
    }
    if (draft.case === undefined || draft.alert !== undefined) {
      throw new HaetaeError('E_FIELD', 'a notice is drawn up from an alert or from a traced case', {
        context: { field: draft.case === undefined ? 'alert' : 'case' },
        remedy: 'give one of the two, alert or case',
      });
    }
    const stored = await this.#parts.caseOf(draft.case.id);
    if (stored !== null) return { subject: subjectOfCase(stored, draft.case), alertAt: null };
    throw new HaetaeError('E_NOT_FOUND', 'no such traced case', {
      context: { case: draft.case.id.slice(0, 120) },
      remedy: 'see /v1/cases?kind=trace; for a case of the desk draw it up from one of its alerts',
    });
  }

  async get(id: string): Promise<HoldView> {
    await this.expireDue(this.#parts.clock());
    return this.#view(await this.#read(id));
  }

  /** Newest first. */
  async list(query: {
    readonly state?: HoldState | undefined;
    readonly alert?: string | undefined;
    readonly case?: string | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  }): Promise<Page<HoldView>> {
    await this.expireDue(this.#parts.clock());
    const before =
      query.cursor === undefined ? Number.POSITIVE_INFINITY : requireId('hn', query.cursor, 'hold').sequence;
    const found: string[] = [];
    for (let sequence = this.#next - 1; sequence >= 1 && found.length <= query.limit; sequence -= 1) {
      const row = sequence < before ? this.#rows.get(sequence) : undefined;
      if (row === undefined || (query.state !== undefined && row.state !== query.state)) continue;
      if (query.case !== undefined && row.case !== query.case) continue;
      if (query.alert === undefined || row.alert === query.alert) found.push(row.id);
    }
    const page = found.slice(0, query.limit);
    const items = await Promise.all(page.map(async (id) => this.#view(await this.#read(id))));
    return { items, next: found.length > query.limit ? page.at(-1)! : null };
  }

  /** Marks it as sent, by who has the scope approve; by two persons where so configured: then `pending` is set until the second approves. */
  async send(id: string, act: Act): Promise<HoldView> {
    const hold = await this.#read(id);
    requireVersion(hold, act);
    this.#requireSendable(hold);
    await this.#parts.approvals.request(SEND, id, act.principal, { digest: hold.notice.digest });
    return this.get(id);
  }

  /** What the provider said, also after the expiry. `at`: ISO 8601; now where left out. Throws E_STATE, E_TIME, E_AMOUNT. */
  acknowledge(
    id: string,
    said: {
      readonly by: string;
      readonly amount?: string | undefined;
      readonly reference?: string | undefined;
      readonly at?: string | undefined;
    },
    act: Act,
  ): Promise<HoldView> {
    return this.#edit(id, act, 'acknowledge', ['sent', 'expired'], (hold) => {
      const at = said.at === undefined ? act.at : requireTime(said.at, 'at') * 1000;
      const sentAt = Date.parse(hold.sent!.at);
      if (at < Math.floor(sentAt / 1000) * 1000 || at > act.at) {
        throw new HaetaeError('E_TIME', 'an acknowledgement comes after its notice and not in the future', {
          context: { field: 'at', sent: hold.sent!.at },
          remedy: 'give the time at which the provider answered',
        });
      }
      const acknowledged = {
        at: isoOf(at),
        by: plainLine(said.by, 'by', 200),
        amount: said.amount === undefined ? null : requireAmount(said.amount, 0, 'amount').toString(),
        reference: said.reference === undefined ? null : plainLine(said.reference, 'reference', 200),
        recordedBy: act.principal.person,
      };
      const since = (iso: string): number => Math.max(0, Math.round((at - Date.parse(iso)) / 1000));
      const { stolenAt } = hold.notice.why;
      const timeToHold = {
        fromTheft: stolenAt === null ? null : since(stolenAt),
        fromAlert: hold.alertAt === null ? null : since(hold.alertAt),
        fromSent: since(hold.sent!.at),
      };
      return { ...hold, state: 'acknowledged', acknowledged, timeToHold };
    });
  }

  refuse(id: string, reason: string, act: Act): Promise<HoldView> {
    return this.#edit(id, act, 'refuse', ['sent', 'expired'], (hold) => {
      const refused = { at: isoOf(act.at), by: act.principal.person, reason: plainText(reason, 'reason', TEXT) };
      return { ...hold, state: 'refused', refused };
    });
  }

  withdraw(id: string, reason: string, act: Act): Promise<HoldView> {
    return this.#edit(id, act, 'withdraw', ['draft', 'sent', 'acknowledged'], (hold) => {
      const withdrawn = { at: isoOf(act.at), by: act.principal.person, reason: plainText(reason, 'reason', TEXT) };
      return { ...hold, state: 'withdrawn', withdrawn };
    });
  }

  /** What was sent and has run out unanswered becomes expired. Returns how many. */
  async expireDue(at: number): Promise<number> {
    const due = [...this.#rows.values()].filter(({ state, expiresMs }) => state === 'sent' && expiresMs <= at);
    let expired = 0;
    for (const { id } of due) {
      const act = { principal: SYSTEM, at };
      await this.#edit(id, act, 'expire', null, (hold) => {
        if (hold.state !== 'sent') return null;
        expired += 1;
        return { ...hold, state: 'expired', expired: { at: isoOf(at) } };
      });
    }
    return expired;
  }

  /** Who draws up notices; null: nobody is named, then none can be drawn up. */
  get organisation(): string | null {
    return this.#parts.organisation.current?.name ?? null;
  }

  figures(): HoldFigures {
    const rows = [...this.#rows.values()];
    const states = { draft: 0, sent: 0, acknowledged: 0, refused: 0, expired: 0, withdrawn: 0 };
    for (const { state } of rows) states[state] += 1;
    const times = rows.flatMap(({ timeToHold, simulated }) => (simulated ? [] : (timeToHold ?? [])));
    return {
      states,
      fromTheft: times.flatMap(({ fromTheft }) => fromTheft ?? []),
      fromAlert: times.flatMap(({ fromAlert }) => fromAlert ?? []),
      fromSent: times.map(({ fromSent }) => fromSent),
    };
  }

  /** Commits by itself, in the hold's turn; a second time it finds it done. */
  async #sendErrand({ subject, by, approval }: Errand): Promise<null> {
    const at = this.#parts.clock();
    await this.#edit(subject, { principal: by, at }, 'send', null, (hold) => {
      if (approval !== null && hold.sent !== null && hold.sent.approvedBy === by.person) return null;
      this.#requireSendable(hold);
      const sent = {
        at: isoOf(at),
        by: approval?.proposedPerson ?? by.person,
        approvedBy: approval === null ? null : by.person,
      };
      return { ...hold, state: 'sent', sent };
    });
    return null;
  }

  #requireSendable(hold: Hold): void {
    if (hold.state !== 'draft') throw stateFault(hold, 'send');
    if (Date.parse(hold.notice.expiresAt) > this.#parts.clock()) return;
    throw new HaetaeError('E_STATE', 'the notice has run out before it was sent', {
      context: { hold: hold.id, expiresAt: hold.notice.expiresAt },
      remedy: 'withdraw it and draw up another',
    });
  }

  /** `from`: states that it may be in; null: `change` looks itself, and gives null where nothing is to be done. */
  #edit(
    id: string,
    act: Act,
    verb: string,
    from: readonly HoldState[] | null,
    change: (hold: Hold) => Hold | null,
  ): Promise<HoldView> {
    return this.#turns.run(id, async () => {
      const hold = await this.#read(id);
      requireVersion(hold, act);
      if (from !== null && !from.includes(hold.state)) throw stateFault(hold, verb);
      const changed = change(hold);
      if (changed === null) return this.#view(hold);
      const next: Hold = { ...changed, version: hold.version + 1 };
      const reason = next.refused?.reason ?? next.withdrawn?.reason ?? null;
      const detail = { digest: hold.notice.digest, state: next.state, reason: reason && hash('sha256', reason) };
      const entry: AuditDraft = { actor: act.principal.id, action: `hold.${verb}`, subject: id, detail };
      const event = { type: `hold.${next.state}`, at: isoOf(act.at), data: next };
      const { sequence } = requireId('hn', id, 'hold');
      const told = this.#parts.announce?.(event) ?? [];
      await this.#parts.audited.commit([entry], [jsonChange('hold', orderKey(sequence), next), ...told]);
      this.#keep(next);
      return this.#view(next);
    });
  }

  async #read(id: string): Promise<Hold> {
    const { sequence } = requireId('hn', id, 'hold');
    const bytes = await this.#parts.records.get('hold', orderKey(sequence));
    const hold = bytes === null ? null : holdOf(bytes);
    if (hold?.id !== id) throw unknownId(id, 'hold');
    return hold;
  }

  #view(hold: Hold): HoldView {
    const waiting = this.#parts.approvals
      .pending()
      .find(({ action, subject }) => action === SEND && subject === hold.id);
    return { ...hold, pending: waiting?.id ?? null };
  }

  #keep({ id, alert, case: from, state, notice, timeToHold }: Hold): void {
    const { sequence } = parseId('hn', id)!;
    const simulated = isSimulatedNotice(notice);
    const expiresMs = Date.parse(notice.expiresAt);
    this.#rows.set(sequence, { id, alert, case: from, simulated, state, expiresMs, timeToHold });
    this.#next = Math.max(this.#next, sequence + 1);
  }
}

/** Those of before there were holds from cases do not say that they are of none. */
function holdOf(value: Uint8Array): Hold {
  const hold = readJson<Hold>(value);
  return { ...hold, case: hold.case ?? null };
}

function requireNamed(organisation: Party | null): Party {
  if (organisation !== null) return organisation;
  throw new HaetaeError('E_STATE', 'it is not said who asks', {
    remedy:
      'let an administrator name your own organisation in the settings of the console, or by PUT /v1/organisation',
  });
}

/** What a trace did not find there is nothing to ask for by it. */
function requireReached({ what, why }: NoticeSubject, { amount }: HoldWish): void {
  if (why.case === null || amount === null || what.amount === null || BigInt(amount) <= BigInt(what.amount)) return;
  throw new HaetaeError('E_AMOUNT', 'amount is more than reached the service by this method', {
    context: { field: 'amount', reached: what.amount },
    remedy: 'ask for no more, or draw it up by a method that finds more there',
  });
}

function wishOf(draft: HoldDraft, at: number): HoldWish {
  const expiresMs = requireTime(draft.expiresAt, 'expiresAt') * 1000;
  if (expiresMs <= at || expiresMs > at + LONGEST_DAYS * 86_400_000) {
    throw new HaetaeError('E_TIME', `expiresAt is not within the next ${LONGEST_DAYS} days`, {
      context: { field: 'expiresAt' },
      remedy: 'say until when the assets should be held',
    });
  }
  return {
    to: { name: plainLine(draft.to.name, 'to.name', 200), contact: plainText(draft.to.contact, 'to.contact', 1000) },
    address: plainLine(draft.address, 'address', 200),
    tlp: draft.tlp,
    amount: draft.amount === undefined ? null : requireAmount(draft.amount, 0, 'amount').toString(),
    statement: plainText(draft.statement, 'statement', TEXT),
    legalBasis: plainText(draft.legalBasis, 'legalBasis', TEXT),
    expiresAt: isoOf(expiresMs),
  };
}

function requireVersion(hold: Hold, act: Act): void {
  if (act.expected === undefined || act.expected === hold.version) return;
  throw new HaetaeError('E_STATE', 'it was changed by somebody else meanwhile', {
    context: { hold: hold.id, expected: act.expected, version: hold.version },
    remedy: 'read it again and decide on what it says now',
  });
}

function stateFault(hold: Hold, verb: string): HaetaeError {
  return new HaetaeError('E_STATE', `one cannot ${verb} a hold that is ${hold.state}`, {
    context: { hold: hold.id, state: hold.state },
    remedy: 'read it again; a notice that is closed needs another in its place',
  });
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
