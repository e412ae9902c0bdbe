import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import { OWN_PREFIX } from '../label/edition.ts';
import {
  isOwnList,
  OWN_CSV_HEADER,
  type OwnLabel,
  type OwnLabelDraft,
  ownCsvLine,
  ownLabelEnd,
  ownLabelList,
  ownLabelsOf,
} from '../label/own-label.ts';
import type { ParsedList } from '../label/parsed.ts';
import type { Store } from '../store/port.ts';
import { jsonChange, orderKey, type RecordChange, type Records } from '../store/records.ts';
import type { TouchedAddress } from './label-changes.ts';

export interface OwnLabelsOptions {
  readonly store: Store;
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  /** After each change is kept: to look at past verdicts again. `cause` is for people. */
  readonly changed: (addresses: readonly TouchedAddress[], cause: string) => Promise<void> | void;
}

export type OwnLabelState = 'current' | 'expired' | 'all';

export interface OwnLabelPage {
  readonly items: readonly OwnLabel[];
  readonly next: string | null;
}

/**
 * Labels that were added here: kept in the store as editions (see own-label.ts), here in memory for lists. Each change goes to the store first and then
 * to the audit log, with the SHA-256 of what the store keeps; what came into the store without its entry (the process was killed in between, or it
 * was imported) gets it at the next start or with the next change.
 */
export class OwnLabels {
  readonly #options: OwnLabelsOptions;
  /** By place in the order of a list: see {@link keyOf}. */
  readonly #labels = new Map<string, OwnLabel>();
  readonly #byId = new Map<string, OwnLabel>();
  #unaudited: { readonly entry: AuditDraft; readonly change: RecordChange }[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: OwnLabelsOptions) {
    this.#options = options;
  }

  static async open(options: OwnLabelsOptions): Promise<OwnLabels> {
    const own = new OwnLabels(options);
    await own.#read();
    return own;
  }

  get size(): number {
    return this.#labels.size;
  }

  /** Throws E_NOT_FOUND. */
  get(id: string): OwnLabel {
    const label = this.#byId.get(id);
    if (label !== undefined) return label;
    throw new HaetaeError('E_NOT_FOUND', 'no own label of this id', {
      context: { id: id.slice(0, 40) },
      remedy: 'list the own labels: labels of public lists end with their lists',
    });
  }

  /** Newest first. `cursor`: `next` of the page before. */
  list(query: { readonly state: OwnLabelState; readonly cursor?: string; readonly limit: number }): OwnLabelPage {
    const found = [...this.#labels]
      .filter(([key, label]) => isOf(label, query.state) && (query.cursor === undefined || key < query.cursor))
      .sort(([a], [b]) => (a < b ? 1 : -1));
    const page = found.slice(0, query.limit);
    return {
      items: page.map(([, label]) => label),
      next: found.length > page.length ? (page.at(-1)?.[0] ?? null) : null,
    };
  }

  /** CSV, oldest first, that `haetae import labels` reads back. */
  *export(state: OwnLabelState): Generator<string> {
    yield OWN_CSV_HEADER;
    const found = [...this.#labels].filter(([, label]) => isOf(label, state)).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, label] of found) yield ownCsvLine(label);
  }

  /** Throws E_ASSET, E_ADDRESS, E_TIME, E_FIELD, E_STORE_WRITE. */
  add(draft: OwnLabelDraft, actor: string): Promise<OwnLabel> {
    return this.#inTurn(async () => {
      const parsed = ownLabelList(draft, { actor, at: this.#now() });
      const id = await this.#keep(parsed, 'label.add', actor);
      return this.#done(id, 'added');
    });
  }

  /** Throws E_NOT_FOUND, E_STATE (ended already), E_FIELD, E_STORE_WRITE. */
  expire(id: string, reason: string, actor: string): Promise<OwnLabel> {
    return this.#inTurn(async () => {
      const parsed = ownLabelEnd(this.get(id), reason, { actor, at: this.#now() });
      await this.#keep(parsed, 'label.expire', actor);
      return this.#done(id, 'expired');
    });
  }

  /** After lists were imported: reads what own labels came with them. */
  refresh(): Promise<void> {
    return this.#inTurn(() => this.#read());
  }

  async #read(): Promise<void> {
    const { store, records } = this.#options;
    const lists = (await store.labelLists()).filter(isOwnList);
    const rows = await store.labelRowsOfLists(lists.map(({ id }) => id));
    this.#labels.clear();
    this.#byId.clear();
    for (const label of ownLabelsOf(lists, rows)) this.#put(label);
    const audited = new Set((await records.list('label')).map(({ key }) => key));
    this.#unaudited = lists
      .filter((list) => !audited.has(recordKey(list.source, list.sha256)))
      .map(({ source, sha256, entries, fileName }) => {
        const action = entries === 0 ? 'label.expire' : 'label.add';
        return this.#auditOf({ source, sha256, action, by: fileName, late: true }, 'system');
      });
    await this.#audit();
  }

  async #keep({ list, entries }: ParsedList, action: string, actor: string): Promise<string> {
    const { store } = this.#options;
    await store.saveLabels(list, entries);
    const lists = (await store.labelLists()).filter(({ source }) => source === list.source);
    const rows = await store.labelRowsOfLists(lists.map(({ id }) => id));
    const [label] = ownLabelsOf(lists, rows);
    this.#put(label!);
    const { source, sha256 } = list;
    this.#unaudited.push(this.#auditOf({ source, sha256, action, by: actor, late: false }, actor));
    return label!.id;
  }

  async #done(id: string, what: string): Promise<OwnLabel> {
    const label = this.get(id);
    const touched = { chain: label.chain, address: label.address, folded: false };
    // It holds from now on, whether or not its entry can be kept at once.
    await this.#options.changed([touched], `own label ${id} ${what}: ${label.category}, ${label.label}`);
    await this.#audit();
    return label;
  }

  #auditOf(
    kept: {
      readonly source: string;
      readonly sha256: string;
      readonly action: string;
      readonly by: string;
      readonly late: boolean;
    },
    actor: string,
  ): { entry: AuditDraft; change: RecordChange } {
    const { source, sha256, action, by, late } = kept;
    const label = this.#byId.get(source.slice(OWN_PREFIX.length));
    const about = { address: label?.address ?? null, chain: label?.chain ?? null, category: label?.category ?? null };
    const detail = { source, sha256, ...about, ...(late ? { by, late } : {}) };
    return {
      entry: { actor, action, subject: label?.id ?? source, detail },
      change: jsonChange('label', recordKey(source, sha256), { action, at: this.#now() }),
    };
  }

  /** What fails here waits for the next change. */
  async #audit(): Promise<void> {
    const waiting = this.#unaudited;
    if (waiting.length === 0) return;
    await this.#options.audited.commit(
      waiting.map(({ entry }) => entry),
      waiting.map(({ change }) => change),
    );
    this.#unaudited = [];
  }

  #put(label: OwnLabel): void {
    this.#labels.set(keyOf(label), label);
    this.#byId.set(label.id, label);
  }

  #now(): number {
    return Math.floor(this.#options.clock() / 1000);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

function isOf({ expiredAt }: OwnLabel, state: OwnLabelState): boolean {
  return state === 'all' || (expiredAt === null) === (state === 'current');
}

/** Order of time, then of id; an imported source may hold several addresses. */
function keyOf({ addedAt, id, address, chain, category, label }: OwnLabel): string {
  return [orderKey(addedAt ?? 0), id, address, chain ?? '', category, label].join('~');
}

/** One source and file are one list. */
function recordKey(source: string, sha256: string): string {
  return `${source.replace(/[^\x21-\x7e]/g, '_').slice(0, 120)}~${sha256}`;
}
