import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type RecordChange, type Records, readJson } from '../store/records.ts';
import type { RuleSet } from './rule.ts';
import { readDefaultRules } from './rule-default.ts';
import { readRules } from './rule-file.ts';

/** A rule set as the book lists it. Times are milliseconds. */
export interface RuleSetEntry {
  readonly hash: string;
  readonly name: string;
  readonly rules: number;
  readonly loadedAt: number;
  readonly loadedBy: string;
  /** Set while it decides. */
  readonly active: { readonly at: number; readonly by: string } | null;
}

/** As access/approvals takes it. */
export interface Activation {
  readonly entries: readonly AuditDraft[];
  readonly changes: readonly RecordChange[];
  settle(): void;
}

interface StoredRules {
  readonly text: string;
  readonly name: string;
  readonly rules: number;
  readonly at: number;
  readonly by: string;
}

interface StoredActive {
  readonly hash: string;
  readonly at: number;
  readonly by: string;
}

const ACTIVE = 'rules.active';
/** Rule sets kept; each may be 1 MB. Nothing is ever deleted, because verdicts replay from them. */
const MAX_SETS = 10_000;
/** Parsed sets held beside the active one, for replays. */
const PARSED = 8;

/** Every rule set ever loaded, by hash, and which of them decides. Table `ruleset` (never changed once written), meta key `rules.active`. */
export class RuleBook {
  #records: Records;
  #audited: AuditedWriter;
  #entries = new Map<string, Omit<RuleSetEntry, 'active'>>();
  #parsed = new Map<string, RuleSet>();
  #active: RuleSet;
  #activated: { readonly at: number; readonly by: string };

  private constructor(records: Records, audited: AuditedWriter, active: RuleSet, activated: StoredActive) {
    this.#records = records;
    this.#audited = audited;
    this.#active = active;
    this.#activated = activated;
  }

  /** Where no set is active yet, `defaults` (rules/default.yaml where left out) is loaded and activated by `system`. Throws E_RULES, E_RECORDS. */
  static async open(
    records: Records,
    audited: AuditedWriter,
    defaults?: string,
    at: number = Date.now(),
  ): Promise<RuleBook> {
    const stored = await records.get('meta', ACTIVE);
    const first = stored === null ? await install(records, audited, defaults ?? (await readDefaultRules()), at) : null;
    const activated = first ?? readJson<StoredActive>(stored!);
    const book = new RuleBook(records, audited, await readSet(records, activated.hash), activated);
    for await (const rows of records.scan('ruleset')) {
      for (const { key, value } of rows) book.#remember(key, readJson<StoredRules>(value));
    }
    assert(book.#entries.has(activated.hash), 'the active rule set is listed');
    return book;
  }

  get active(): RuleSet {
    return this.#active;
  }

  /** Throws E_RULES where no set of that hash was ever loaded. */
  async ofHash(hash: string): Promise<RuleSet> {
    if (hash === this.#active.hash) return this.#active;
    const known = this.#parsed.get(hash);
    if (known !== undefined) return known;
    const read = await readSet(this.#records, hash);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size >= PARSED && oldest !== undefined) this.#parsed.delete(oldest);
    this.#parsed.set(hash, read);
    return read;
  }

  /** The one set whose hash begins so: people type eight digits. Throws E_RULES where there is none or several. */
  hashOf(beginning: string): string {
    const found = /^[0-9a-f]{4,64}$/.test(beginning)
      ? [...this.#entries.keys()].filter((hash) => hash.startsWith(beginning))
      : [];
    if (found.length === 1) return found[0]!;
    throw unknownSet(beginning, found.length > 1 ? 'several rule sets begin so' : 'no rule set of that hash');
  }

  /** Checks and keeps a set; it decides nothing until it is activated. The same text twice is one set. Throws E_RULES, E_STORE_WRITE. */
  async load(text: string, by: string, at: number, file = 'rules'): Promise<RuleSet> {
    const set = readRules(text, file);
    if (this.#entries.has(set.hash)) return set;
    if (this.#entries.size >= MAX_SETS)
      throw new HaetaeError('E_RULES', `${MAX_SETS} rule sets are kept already`, { remedy: 'start new records' });
    const stored = storedOf(set, by, at);
    const detail = { name: set.name, rules: set.rules.length };
    await this.#audited.commit(
      [{ actor: by, action: 'rules.load', subject: set.hash, detail }],
      [jsonChange('ruleset', set.hash, stored)],
    );
    this.#remember(set.hash, stored);
    return set;
  }

  /**
   * From now on verdicts are decided by this set. To be committed, and settled once it is on disk; nothing to do where it decides already.
   * Throws E_RULES.
   */
  async activation(hash: string, by: string, at: number): Promise<Activation> {
    if (!this.#entries.has(hash)) throw unknownSet(hash, 'no rule set of that hash');
    if (hash === this.#active.hash) return { entries: [], changes: [], settle: () => {} };
    const set = await this.ofHash(hash);
    const activated: StoredActive = { hash, at, by };
    const detail = { before: this.#active.hash, name: set.name };
    return {
      entries: [{ actor: by, action: 'rules.activate', subject: hash, detail }],
      changes: [jsonChange('meta', ACTIVE, activated)],
      settle: () => {
        this.#active = set;
        this.#activated = activated;
      },
    };
  }

  /** Throws E_RULES, E_STORE_WRITE. */
  async activate(hash: string, by: string, at: number): Promise<RuleSet> {
    const { entries, changes, settle } = await this.activation(hash, by, at);
    if (entries.length > 0) await this.#audited.commit(entries, changes);
    settle();
    return this.#active;
  }

  /** One set as listed. Throws E_RULES. */
  entry(hash: string): RuleSetEntry {
    const found = this.list().find((entry) => entry.hash === hash);
    if (found === undefined) throw unknownSet(hash, 'no rule set of that hash');
    return found;
  }

  /** Newest first. */
  list(): readonly RuleSetEntry[] {
    const { at, by } = this.#activated;
    return [...this.#entries.values()]
      .map((entry) => ({ ...entry, active: entry.hash === this.#active.hash ? { at, by } : null }))
      .sort((a, b) => b.loadedAt - a.loadedAt || (a.hash < b.hash ? -1 : 1));
  }

  #remember(hash: string, { name, rules, at, by }: StoredRules): void {
    this.#entries.set(hash, { hash, name, rules, loadedAt: at, loadedBy: by });
  }
}

async function install(records: Records, audited: AuditedWriter, text: string, at: number): Promise<StoredActive> {
  const set = readRules(text, 'default.yaml');
  const active: StoredActive = { hash: set.hash, at, by: 'system' };
  const known = await records.get('ruleset', set.hash);
  await audited.commit(
    [{ actor: 'system', action: 'rules.activate', subject: set.hash, detail: { name: set.name, before: null } }],
    [
      ...(known === null ? [jsonChange('ruleset', set.hash, storedOf(set, 'system', at))] : []),
      jsonChange('meta', ACTIVE, active),
    ],
  );
  return active;
}

function storedOf(set: RuleSet, by: string, at: number): StoredRules {
  return { text: set.text, name: set.name, rules: set.rules.length, at, by };
}

async function readSet(records: Records, hash: string): Promise<RuleSet> {
  const value = await records.get('ruleset', hash);
  if (value === null) throw unknownSet(hash, 'no rule set of that hash');
  const set = readRules(readJson<StoredRules>(value).text, hash);
  if (set.hash === hash) return set;
  throw new HaetaeError('E_RECORDS', 'a stored rule set is not the one its hash names', { context: { hash } });
}

function unknownSet(hash: string, message: string): HaetaeError {
  return new HaetaeError('E_RULES', message, {
    context: { hash: hash.slice(0, 64) },
    remedy: 'haetae rules list shows the sets that were loaded',
  });
}
