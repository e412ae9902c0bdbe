import type { Approvals } from '../access/approvals.ts';
import type { Principal } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import { orderKey, type Records } from '../store/records.ts';
import { type BackTest, backTest } from './back-test.ts';
import { type Replay, readVerdict, replayVerdict } from './replay.ts';
import type { RuleSet } from './rule.ts';
import type { RuleBook, RuleSetEntry } from './rule-book.ts';
import { readRules } from './rule-file.ts';

export interface BackTestQuery {
  /** Of a set that was loaded, or its beginning; else the text of one. */
  readonly hash?: string;
  readonly text?: string;
  readonly file?: string;
  /** Milliseconds. */
  readonly from?: number;
  readonly until?: number;
  readonly limit?: number;
}

export interface ActivatedRules {
  readonly state: 'done' | 'pending';
  /** Id of the proposal that waits for a second person. */
  readonly approval: string | null;
  readonly rules: RuleSetEntry;
}

export interface VerdictReplay {
  readonly verdict: string;
  readonly rules: string;
  readonly same: boolean;
  readonly bytes: number;
  readonly firstDifference: Replay['firstDifference'];
}

/** What the command line on this machine asks of rules and verdicts. Arguments and answers are plain JSON, so that a running server can be asked from outside. */
export interface Rules {
  list(): Promise<readonly RuleSetEntry[]>;
  /** `active` stands for the set that decides. */
  get(hash: string): Promise<{ readonly entry: RuleSetEntry; readonly set: RuleSet }>;
  load(text: string, file: string): Promise<RuleSetEntry>;
  activate(hash: string): Promise<ActivatedRules>;
  backTest(query: BackTestQuery): Promise<BackTest>;
  /** The stored bytes, as text. */
  verdict(id: string): Promise<string>;
  replay(id: string): Promise<VerdictReplay>;
}

export interface RuleParts {
  readonly book: RuleBook;
  readonly records: Records;
  readonly approvals: Approvals;
  /** Milliseconds. */
  readonly clock: () => number;
}

const ACTIVATE = 'rules.activate';

/** Rules and the verdicts they gave, for routes and command line alike. One for each set of approvals: it says how rules are activated. */
export class RuleDesk {
  readonly #parts: RuleParts;

  constructor(parts: RuleParts) {
    this.#parts = parts;
    parts.approvals.carriesOut(ACTIVATE, ({ subject, by }) => parts.book.activation(subject, by.id, parts.clock()));
  }

  list(): readonly RuleSetEntry[] {
    return this.#parts.book.list();
  }

  /** Throws E_RULES. */
  async get(hash: string): Promise<{ readonly entry: RuleSetEntry; readonly set: RuleSet }> {
    const { book } = this.#parts;
    const set = hash === 'active' ? book.active : await book.ofHash(book.hashOf(hash));
    return { entry: book.entry(set.hash), set };
  }

  /** Throws E_RULES, E_STORE_WRITE. */
  async load(text: string, file: string, by: Principal): Promise<RuleSetEntry> {
    const { book, clock } = this.#parts;
    return book.entry((await book.load(text, by.id, clock(), file)).hash);
  }

  /** Throws E_RULES, E_FORBIDDEN, E_STATE, E_STORE_WRITE. */
  async activate(beginning: string, by: Principal): Promise<ActivatedRules> {
    const { book, approvals } = this.#parts;
    const hash = book.hashOf(beginning);
    const asked = await approvals.request(ACTIVATE, hash, by);
    const approval = asked.state === 'pending' ? asked.approval.id : null;
    return { state: asked.state, approval, rules: book.entry(hash) };
  }

  /** Throws E_RULES. */
  async backTest({ hash, text, file, from, until, limit }: BackTestQuery, signal?: AbortSignal): Promise<BackTest> {
    const ruleSet = text === undefined ? (await this.get(hash ?? 'active')).set : readRules(text, file ?? 'rules');
    return backTest(this.#parts.records, {
      ruleSet,
      from: from ?? null,
      until: until ?? null,
      ...(limit === undefined ? {} : { limit }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Throws E_NOT_FOUND. */
  async verdict(id: string): Promise<Uint8Array> {
    const number = /^v-(\d{1,15})-[0-9a-f]{4}$/.exec(id)?.[1];
    const bytes = number === undefined ? null : await this.#parts.records.get('verdict', orderKey(Number(number)));
    if (bytes !== null && new TextDecoder().decode(bytes.subarray(0, 64)).includes(`"id":"${id}"`)) return bytes;
    throw new HaetaeError('E_NOT_FOUND', 'there is no verdict of this id', {
      context: { verdict: id.slice(0, 40) },
      remedy: 'copy the id as the verdict shows it: v-1234-0a1b',
    });
  }

  /** Throws E_NOT_FOUND, E_VERDICT, E_RULES. */
  async replay(id: string): Promise<VerdictReplay> {
    const bytes = await this.verdict(id);
    const rules = readVerdict(bytes).basis.rules.hash;
    const { same, firstDifference } = replayVerdict(bytes, await this.#parts.book.ofHash(rules));
    return { verdict: id, rules, same, bytes: bytes.length, firstDifference };
  }
}

/** A desk with one person's rights: what the command line, or a server asked by its token, works through. */
export function rulesOf(desk: RuleDesk, by: Principal): Rules {
  return {
    list: async () => desk.list(),
    get: (hash) => desk.get(hash),
    load: (text, file) => desk.load(text, file, by),
    activate: (hash) => desk.activate(hash, by),
    backTest: (query) => desk.backTest(query),
    verdict: async (id) => new TextDecoder().decode(await desk.verdict(id)),
    replay: (id) => desk.replay(id),
  };
}
