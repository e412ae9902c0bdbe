import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type RecordChange, type Records, readJson } from '../store/records.ts';
import type { AuditedWriter } from './audited.ts';
import type { KeyRing } from './key-ring.ts';
import { type Principal, ROLES, SCOPES, type Scope } from './principal.ts';
import { NO_DIGEST, newToken, sameDigest, splitToken } from './secret-token.ts';
import type { SessionView } from './session-view.ts';

export interface SessionSettings {
  /** A sign-in link works for so long, once. */
  readonly linkMs?: number;
  /** A session ends so long after its last request … */
  readonly idleMs?: number;
  /** … and so long after its sign-in whatever happens. */
  readonly absoluteMs?: number;
}

export interface SessionParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly keys: KeyRing;
  readonly settings?: SessionSettings;
}

export interface SignedIn {
  /** For the cookie, which must be HttpOnly and SameSite=Strict. It is not kept: this is the only time it can be had. */
  readonly cookie: string;
  readonly session: SessionView;
  readonly principal: Principal;
}

const DEFAULTS: Required<SessionSettings> = { linkMs: 600_000, idleMs: 2 * 3_600_000, absoluteMs: 12 * 3_600_000 };
const MAX_SESSIONS = 10_000;
const MAX_LINKS = 1000;

const time = z.iso.datetime();
const sessionRecord = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{12}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  since: time,
  until: time,
  /** Rights are those of this key, at each request; else those below. */
  key: z.string().nullable(),
  person: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)),
  rate: z.number().positive().nullable(),
});
type SessionRecord = z.output<typeof sessionRecord>;

interface Held {
  readonly record: SessionRecord;
  readonly principal: Principal;
  readonly untilMs: number;
  seenMs: number;
}

interface Link {
  readonly sha256: string;
  readonly by: Principal;
  readonly untilMs: number;
}

/**
 * People in a browser. Of a cookie only the hash is kept. When a session was last used is known to this process only: after a restart it counts as used then,
 * and ends twelve hours after its sign-in all the same.
 */
export class Sessions {
  readonly #parts: SessionParts;
  readonly #settings: Required<SessionSettings>;
  readonly #held = new Map<string, Held>();
  /** In memory only: a link does not outlive the process that printed it. */
  readonly #links = new Map<string, Link>();

  private constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#settings = { ...DEFAULTS, ...parts.settings };
  }

  /** Forgets what has ended. Throws E_RECORDS. */
  static async open(parts: SessionParts): Promise<Sessions> {
    const sessions = new Sessions(parts);
    const at = parts.clock();
    for await (const rows of parts.records.scan('session')) {
      for (const { value } of rows) sessions.#hold(readSession(value), at);
    }
    await sessions.sweep(at);
    return sessions;
  }

  /** A token for a one-time link. What is made from the principal of this machine may do all but what is for this machine alone. */
  createSignIn(by: Principal): string {
    const at = this.#parts.clock();
    for (const [id, { untilMs }] of this.#links) if (at >= untilMs) this.#links.delete(id);
    if (this.#links.size >= MAX_LINKS)
      throw new HaetaeError('E_BUSY', 'too many sign-in links are open', { retry: true });
    const token = newToken('hl_');
    this.#links.set(token.id, { sha256: token.sha256, by, untilMs: at + this.#settings.linkMs });
    return token.text;
  }

  /** Takes the link: it works once. Throws E_KEY, E_KEY_EXPIRED. */
  async signInByLink(text: string): Promise<SignedIn> {
    const token = splitToken('hl_', text);
    const link = token === null ? undefined : this.#links.get(token.id);
    if (token === null || !sameDigest(token.sha256, link?.sha256 ?? NO_DIGEST) || link === undefined) {
      throw new HaetaeError('E_KEY', 'this sign-in link is not known, or was used', NEW_LINK);
    }
    // Taken before anything is waited for: two that come at once are one too many.
    this.#links.delete(token.id);
    if (this.#parts.clock() >= link.untilMs)
      throw new HaetaeError('E_KEY_EXPIRED', 'this sign-in link has expired', NEW_LINK);
    try {
      return await this.#begin(link.by, 'link');
    } catch (fault) {
      this.#links.set(token.id, link);
      throw fault;
    }
  }

  /** Throws E_KEY, E_KEY_EXPIRED. */
  async signInByKey(bearer: string): Promise<SignedIn> {
    return this.#begin(this.#parts.keys.authenticate(bearer, this.#parts.clock()), 'key');
  }

  /** Whose session this is; its idle time begins anew. Reads no disk. Throws E_KEY, E_KEY_EXPIRED. */
  authenticate(cookie: string, atMs: number): Principal {
    const token = splitToken('hs_', cookie);
    const held = token === null ? undefined : this.#held.get(token.id);
    if (token === null || !sameDigest(token.sha256, held?.record.sha256 ?? NO_DIGEST) || held === undefined) {
      throw new HaetaeError('E_KEY', 'this session is not known', SIGN_IN);
    }
    if (this.#hasEnded(held, atMs)) throw new HaetaeError('E_KEY_EXPIRED', 'this session has ended', SIGN_IN);
    const principal = this.#rightsOf(held, atMs);
    held.seenMs = atMs > held.seenMs ? atMs : held.seenMs;
    return principal;
  }

  /** Ends the session of a principal that came by one. Throws E_STATE where it came otherwise. */
  async signOut(principal: Principal): Promise<void> {
    const id = principal.id.startsWith('session:') ? principal.id.slice('session:'.length) : '';
    if (!this.#held.has(id))
      throw new HaetaeError('E_STATE', 'this request came by no session', { remedy: 'a key is ended by revoking it' });
    await this.end(id, principal);
  }

  /** Throws E_NOT_FOUND. */
  async end(id: string, by: Principal): Promise<void> {
    if (!this.#held.has(id))
      throw new HaetaeError('E_NOT_FOUND', 'there is no session of this id', { context: { session: id.slice(0, 40) } });
    await this.#parts.audited.commit(
      [{ actor: by.id, action: 'session.logout', subject: `session:${id}` }],
      [gone(id)],
    );
    this.#held.delete(id);
  }

  list(): readonly SessionView[] {
    const at = this.#parts.clock();
    return [...this.#held.values()]
      .filter((held) => !this.#hasEnded(held, at))
      .map(({ record }) => sessionView(record));
  }

  /** Removes what has ended; the end itself needs no clean-up to hold. */
  async sweep(atMs: number): Promise<void> {
    const ended = [...this.#held].filter(([, held]) => this.#hasEnded(held, atMs)).map(([id]) => id);
    if (ended.length === 0) return;
    const entries = ended.map((id) => ({ actor: 'system', action: 'session.expire', subject: `session:${id}` }));
    await this.#parts.audited.commit(entries, ended.map(gone));
    for (const id of ended) this.#held.delete(id);
  }

  async #begin(by: Principal, how: 'link' | 'key'): Promise<SignedIn> {
    const at = this.#parts.clock();
    if (this.#held.size >= MAX_SESSIONS) await this.sweep(at);
    if (this.#held.size >= MAX_SESSIONS)
      throw new HaetaeError('E_BUSY', 'too many sessions are open', { retry: true, remedy: 'end some' });
    const token = newToken('hs_');
    const record: SessionRecord = {
      format: 1,
      id: token.id,
      sha256: token.sha256,
      since: new Date(at).toISOString(),
      until: new Date(at + this.#settings.absoluteMs).toISOString(),
      key: keyOf(by),
      person: by.person,
      role: by.role,
      scopes: [...by.scopes].filter((scope) => scope !== 'local'),
      rate: by.rate,
    };
    const entry = {
      actor: by.id,
      action: 'session.login',
      subject: `session:${token.id}`,
      detail: { how, person: by.person },
    };
    await this.#parts.audited.commit([entry], [jsonChange('session', token.id, record)]);
    const { principal } = this.#hold(record, at);
    return { cookie: token.text, session: sessionView(record), principal };
  }

  #hold(record: SessionRecord, seenMs: number): Held {
    const { id, key, person, role, scopes, rate } = record;
    const bucket = key === null ? {} : { bucket: `key:${key}` };
    const principal: Principal = { id: `session:${id}`, person, role, scopes: new Set<Scope>(scopes), rate, ...bucket };
    const held: Held = { record, principal, untilMs: Date.parse(record.until), seenMs };
    this.#held.set(id, held);
    return held;
  }

  #hasEnded({ untilMs, seenMs }: Held, atMs: number): boolean {
    return atMs >= untilMs || atMs >= seenMs + this.#settings.idleMs;
  }

  #rightsOf({ record, principal }: Held, atMs: number): Principal {
    if (record.key === null) return principal;
    const { person, role, scopes, rate } = this.#parts.keys.principalOf(record.key, atMs);
    return { ...principal, person, role, scopes, rate };
  }
}

const SIGN_IN = { remedy: 'sign in again' };
const NEW_LINK = { remedy: 'ask for a new one: haetae serve prints it, or sign in with an API key' };

/** The key behind a principal; null for this machine's own. */
function keyOf({ id, bucket }: Principal): string | null {
  const key = bucket ?? id;
  return key.startsWith('key:') ? key.slice('key:'.length) : null;
}

function gone(id: string): RecordChange {
  return { table: 'session', key: id, value: null };
}

function sessionView({ id, person, since, until, key }: SessionRecord): SessionView {
  return { id, person, since, until, key };
}

function readSession(value: Uint8Array): SessionRecord {
  try {
    return sessionRecord.parse(readJson(value));
  } catch (cause) {
    throw new HaetaeError('E_RECORDS', 'the record of a session cannot be read', {
      remedy: 'run the newest Haetae that wrote these records, or put them back from a backup',
      cause,
    });
  }
}
