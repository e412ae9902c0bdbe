import { hash } from 'node:crypto';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, orderKey, type Records, readJson } from '../store/records.ts';
import type { Act } from './alert.ts';
import type { AlertBook } from './alert-book.ts';
import { requireVersion, timeOf } from './alert-edit.ts';
import { makeId, parseId, requireId, unknownId } from './alert-id.ts';
import type { Page } from './alert-query.ts';
import { plainLine, plainText } from './alert-text.ts';
import { Turns } from './alert-turns.ts';
import { CASE_LIMITS, type CaseFile, type CaseState } from './case-file.ts';

export interface CaseFileParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  readonly alerts: AlertBook;
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly state: CaseState;
  readonly alerts: ReadonlySet<string>;
}

/** The desk's case files, in table `case`. */
export class CaseFileBook {
  readonly #parts: CaseFileParts;
  readonly #rows = new Map<number, Row>();
  readonly #turns = new Turns();
  #next = 1;

  private constructor(parts: CaseFileParts) {
    this.#parts = parts;
  }

  static async open(parts: CaseFileParts): Promise<CaseFileBook> {
    const book = new CaseFileBook(parts);
    for await (const rows of parts.records.scan('case')) {
      for (const row of rows) book.#keep(readJson<CaseFile>(row.value));
    }
    return book;
  }

  /** How many are open. */
  get open(): number {
    let count = 0;
    for (const { state } of this.#rows.values()) if (state === 'open') count += 1;
    return count;
  }

  /** Throws E_NOT_FOUND where an alert is none, E_FIELD. */
  async create(wanted: { readonly title: string; readonly alerts: readonly string[] }, act: Act): Promise<CaseFile> {
    const title = plainLine(wanted.title, 'title', CASE_LIMITS.titleLength);
    const alerts = await this.#checked(wanted.alerts);
    const sequence = this.#next;
    this.#next += 1;
    const opened = { at: timeOf(act), by: act.principal.person };
    const id = makeId('cs', sequence);
    const file: CaseFile = { id, title, state: 'open', alerts, notes: [], opened, closed: null, version: 1 };
    const entry = { actor: act.principal.id, action: 'case.create', subject: id, detail: { alerts: alerts.length } };
    await this.#parts.audited.commit([entry], [jsonChange('case', orderKey(sequence), file)]);
    this.#keep(file);
    return file;
  }

  async get(id: string): Promise<CaseFile> {
    const { sequence } = requireId('cs', id, 'case');
    const bytes = await this.#parts.records.get('case', orderKey(sequence));
    const file = bytes === null ? null : readJson<CaseFile>(bytes);
    if (file?.id !== id) throw unknownId(id, 'case');
    return file;
  }

  /** Newest first. */
  async list(query: {
    readonly state?: CaseState | undefined;
    readonly alert?: string | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  }): Promise<Page<CaseFile>> {
    const before =
      query.cursor === undefined ? Number.POSITIVE_INFINITY : requireId('cs', query.cursor, 'case').sequence;
    const found: string[] = [];
    for (let sequence = this.#next - 1; sequence >= 1 && found.length <= query.limit; sequence -= 1) {
      const row = sequence < before ? this.#rows.get(sequence) : undefined;
      if (row === undefined || (query.state !== undefined && row.state !== query.state)) continue;
      if (query.alert === undefined || row.alerts.has(query.alert)) found.push(row.id);
    }
    const page = found.slice(0, query.limit);
    const items = await Promise.all(page.map((id) => this.get(id)));
    return { items, next: found.length > query.limit ? page.at(-1)! : null };
  }

  /** Id, title and state of every one, newest first. */
  *titles(): Generator<Pick<CaseFile, 'id' | 'title' | 'state'>> {
    for (let sequence = this.#next - 1; sequence >= 1; sequence -= 1) {
      const row = this.#rows.get(sequence);
      if (row !== undefined) yield row;
    }
  }

  async changeAlerts(
    id: string,
    { add, remove }: { readonly add: readonly string[]; readonly remove: readonly string[] },
    act: Act,
  ): Promise<CaseFile> {
    const added = await this.#checked(add);
    return this.#edit(id, act, 'case.alerts', { added: added.length, removed: remove.length }, (file) => {
      requireOpen(file);
      const gone = new Set(remove);
      const alerts = [...new Set([...file.alerts.filter((alert) => !gone.has(alert)), ...added])];
      if (alerts.length > CASE_LIMITS.alerts) throw full(file, 'alerts', CASE_LIMITS.alerts);
      return { ...file, alerts };
    });
  }

  note(id: string, text: string, act: Act): Promise<CaseFile> {
    const plain = plainText(text, 'text', CASE_LIMITS.noteLength);
    return this.#edit(id, act, 'case.note', { sha256: hash('sha256', plain) }, (file) => {
      if (file.notes.length >= CASE_LIMITS.notes) throw full(file, 'notes', CASE_LIMITS.notes);
      return { ...file, notes: [...file.notes, { at: timeOf(act), by: act.principal.person, text: plain }] };
    });
  }

  close(id: string, reason: string, act: Act): Promise<CaseFile> {
    const plain = plainText(reason, 'reason', CASE_LIMITS.noteLength);
    return this.#edit(id, act, 'case.close', { sha256: hash('sha256', plain) }, (file) => {
      requireOpen(file);
      return { ...file, state: 'closed', closed: { at: timeOf(act), by: act.principal.person, reason: plain } };
    });
  }

  reopen(id: string, reason: string, act: Act): Promise<CaseFile> {
    const plain = plainText(reason, 'reason', CASE_LIMITS.noteLength);
    return this.#edit(id, act, 'case.reopen', { sha256: hash('sha256', plain) }, (file) => {
      if (file.closed === null) throw new HaetaeError('E_STATE', 'the case is not closed', { context: { case: id } });
      const text = `Opened again: ${plain}\n(It was closed by ${file.closed.by}: ${file.closed.reason})`;
      const note = { at: timeOf(act), by: act.principal.person, text };
      return { ...file, state: 'open', closed: null, notes: [...file.notes, note] };
    });
  }

  #edit(
    id: string,
    act: Act,
    action: string,
    detail: NonNullable<AuditDraft['detail']>,
    change: (file: CaseFile) => CaseFile,
  ): Promise<CaseFile> {
    return this.#turns.run(id, async () => {
      const file = await this.get(id);
      requireVersion(file, act);
      const next: CaseFile = { ...change(file), version: file.version + 1 };
      const { sequence } = requireId('cs', id, 'case');
      const entry = { actor: act.principal.id, action, subject: id, detail };
      await this.#parts.audited.commit([entry], [jsonChange('case', orderKey(sequence), next)]);
      this.#keep(next);
      return next;
    });
  }

  async #checked(alerts: readonly string[]): Promise<string[]> {
    const once = [...new Set(alerts)];
    for (const id of once) await this.#parts.alerts.get(id);
    return once;
  }

  #keep(file: CaseFile): void {
    const { sequence } = parseId('cs', file.id)!;
    const { id, title, state, alerts } = file;
    this.#rows.set(sequence, { id, title, state, alerts: new Set(alerts) });
    this.#next = Math.max(this.#next, sequence + 1);
  }
}

function requireOpen(file: CaseFile): void {
  if (file.state === 'open') return;
  throw new HaetaeError('E_STATE', 'the case is closed', {
    context: { case: file.id },
    remedy: 'open it again first, with a reason',
  });
}

function full(file: CaseFile, what: string, limit: number): HaetaeError {
  return new HaetaeError('E_STATE', `the case has ${limit} ${what} already`, {
    context: { case: file.id },
    remedy: 'open another case',
  });
}
