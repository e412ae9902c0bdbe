import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type RecordChange, type Records } from '../store/records.ts';
import { InTurn } from './_in-turn.ts';
import type { AuditedWriter } from './audited.ts';
import { type KeyRecord, type KeyView, keyView, readKeyRecord, rightsOf } from './key-record.ts';
import { type Principal, type Role, SCOPES_OF, type Scope } from './principal.ts';
import { NO_DIGEST, newToken, sameDigest, splitToken, tokenOf } from './secret-token.ts';

export interface NewKey {
  readonly role: Role;
  /** What it is for. */
  readonly label?: string;
  /** Whose it is; left out: the creator's. Two keys of one person are no two persons. */
  readonly person?: string;
  /** Some of the role's; left out: all. */
  readonly scopes?: readonly Scope[];
  /** Milliseconds; left out: it does not expire. */
  readonly expires?: number;
  /** Requests a second; left out: no limit. */
  readonly rate?: number;
}

export interface IssuedKey {
  readonly key: KeyView;
  /** The whole key. It is not kept: this is the only time it can be shown. */
  readonly secret: string;
}

interface HeldKey {
  readonly record: KeyRecord;
  readonly principal: Principal;
  readonly expiresMs: number;
  readonly sha256: string;
  /** Of the secret before, and until when it is still taken. */
  readonly oldSha256: string;
  readonly oldUntilMs: number;
}

export interface KeyRingParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
}

const DEFAULT_GRACE_MS = 24 * 3_600_000;
const MAX_GRACE_MS = 30 * 24 * 3_600_000;
const MAX_KEYS = 10_000;
const UNTIL_EVER = Number.POSITIVE_INFINITY;

/** API keys. All of them are held in memory, so that a request is admitted without a read; a change counts from the moment it is on disk. */
export class KeyRing {
  readonly #audited: AuditedWriter;
  readonly #clock: () => number;
  readonly #held = new Map<string, HeldKey>();
  readonly #turn = new InTurn();

  private constructor({ audited, clock }: KeyRingParts) {
    this.#audited = audited;
    this.#clock = clock;
  }

  /** Throws E_RECORDS where a kept key cannot be read. */
  static async open(parts: KeyRingParts): Promise<KeyRing> {
    const ring = new KeyRing(parts);
    for await (const rows of parts.records.scan('key')) {
      for (const { value } of rows) ring.#hold(readKeyRecord(value));
    }
    return ring;
  }

  /**
   * Whose key this is: the text after `Bearer `. Reads no disk. An unknown key costs the time of a known one.
   * Throws E_KEY, and E_KEY_EXPIRED to who has the whole key only.
   */
  authenticate(bearer: string, atMs: number): Principal {
    const token = splitToken('hk_', bearer);
    if (token === null) throw unknownKey();
    const held = this.#held.get(token.id);
    const isNow = sameDigest(token.sha256, held === undefined ? NO_DIGEST : held.sha256);
    const isOld = sameDigest(token.sha256, held === undefined ? NO_DIGEST : held.oldSha256);
    if (held === undefined || !(isNow || isOld)) throw unknownKey();
    if (!isNow && atMs >= held.oldUntilMs) throw endedKey(held.record, 'was replaced by a new one');
    return usable(held, atMs);
  }

  /** Of a key known to have been shown: what a session made from it may do now. Throws E_KEY_EXPIRED. */
  principalOf(id: string, atMs: number): Principal {
    const held = this.#held.get(id);
    if (held === undefined)
      throw new HaetaeError('E_KEY_EXPIRED', 'the API key of this session is no more', SIGN_IN_AGAIN);
    return usable(held, atMs);
  }

  /** Oldest first, revoked and expired ones too. Never a secret nor its hash. */
  list(): readonly KeyView[] {
    const at = this.#clock();
    return [...this.#held.values()]
      .map(({ record }) => keyView(record, at))
      .sort((one, other) =>
        one.created === other.created ? (one.id < other.id ? -1 : 1) : one.created < other.created ? -1 : 1,
      );
  }

  /** How many would be admitted now. */
  live(): number {
    return this.list().filter(({ state }) => state === 'live').length;
  }

  /** Never with more rights than its creator has. Throws E_FORBIDDEN, E_FIELD. */
  async create(wanted: NewKey, by: Principal): Promise<IssuedKey> {
    const token = newToken('hk_');
    assert(!this.#held.has(token.id), 'two keys drew the same id');
    const at = this.#clock();
    const record: KeyRecord = {
      format: 1,
      id: token.id,
      label: wanted.label ?? '',
      person: wanted.person ?? by.person,
      role: wanted.role,
      scopes: wanted.scopes === undefined ? null : [...wanted.scopes],
      rate: wanted.rate ?? null,
      expires: wanted.expires === undefined ? null : new Date(wanted.expires).toISOString(),
      created: new Date(at).toISOString(),
      createdBy: by.id,
      sha256: token.sha256,
      old: null,
      rotated: null,
      revoked: null,
      revokedBy: null,
    };
    requireSound(wanted, at);
    requireRights(by, rightsOf(record));
    return this.#turn.run(async () => {
      if (this.live() >= MAX_KEYS)
        throw new HaetaeError('E_STATE', `there are ${MAX_KEYS} keys already`, { remedy: 'revoke some first' });
      const { role, person, expires, rate } = record;
      const scopes = rightsOf(record).join(' ');
      await this.#keep(record, by, 'key.create', { role, person, scopes, expires, rate });
      return { key: keyView(record, at), secret: token.text };
    });
  }

  /** A new secret under the same id; the old one is taken for `graceMs` more (a day; 0: not at all). Throws E_NOT_FOUND, E_STATE, E_FORBIDDEN, E_FIELD. */
  rotate(id: string, by: Principal, graceMs: number = DEFAULT_GRACE_MS): Promise<IssuedKey> {
    if (!(graceMs >= 0 && graceMs <= MAX_GRACE_MS)) throw fieldError('grace', 'takes 0 to 30 days');
    return this.#turn.run(async () => {
      const { record } = this.#require(id);
      const at = this.#clock();
      const { state } = keyView(record, at);
      if (state !== 'live')
        throw new HaetaeError('E_STATE', `the key is ${state}`, { context: { key: id }, remedy: 'create a new one' });
      requireRights(by, rightsOf(record));
      const token = tokenOf('hk_', id);
      const until = new Date(at + graceMs).toISOString();
      const next: KeyRecord = {
        ...record,
        sha256: token.sha256,
        old: graceMs === 0 ? null : { sha256: record.sha256, until },
        rotated: new Date(at).toISOString(),
      };
      await this.#keep(next, by, 'key.rotate', { oldUntil: until });
      return { key: keyView(next, at), secret: token.text };
    });
  }

  /** From then on it is refused. The last key that may make keys can be revoked from this machine only, else nobody could get in. Throws E_NOT_FOUND, E_STATE. */
  revoke(id: string, by: Principal): Promise<KeyView> {
    return this.#turn.run(async () => {
      const { record } = this.#require(id);
      const at = this.#clock();
      if (record.revoked !== null)
        throw new HaetaeError('E_STATE', 'the key is revoked already', { context: { key: id } });
      if (!by.scopes.has('local') && this.#isLastAdmin(record, at)) {
        throw new HaetaeError('E_STATE', 'this is the last key that may make keys', {
          context: { key: id },
          remedy: 'create another first, or revoke it with the command line on the machine of the server',
        });
      }
      const next: KeyRecord = { ...record, revoked: new Date(at).toISOString(), revokedBy: by.id };
      await this.#keep(next, by, 'key.revoke', {});
      return keyView(next, at);
    });
  }

  #isLastAdmin(record: KeyRecord, at: number): boolean {
    const makesKeys = (one: KeyRecord): boolean => keyView(one, at).state === 'live' && rightsOf(one).includes('keys');
    if (!makesKeys(record)) return false;
    return ![...this.#held.values()].some((held) => held.record.id !== record.id && makesKeys(held.record));
  }

  #require(id: string): HeldKey {
    const held = this.#held.get(id);
    if (held !== undefined) return held;
    throw new HaetaeError('E_NOT_FOUND', 'there is no key of this id', {
      context: { key: id.slice(0, 40) },
      remedy: 'the list of keys shows the ids; an id is the part between hk_ and the next _',
    });
  }

  async #keep(
    record: KeyRecord,
    by: Principal,
    action: string,
    detail: Readonly<Record<string, string | number | null>>,
  ): Promise<void> {
    const change: RecordChange = jsonChange('key', record.id, record);
    await this.#audited.commit([{ actor: by.id, action, subject: `key:${record.id}`, detail }], [change]);
    this.#hold(record);
  }

  #hold(record: KeyRecord): void {
    const { id, person, role, rate, expires, old } = record;
    this.#held.set(id, {
      record,
      principal: { id: `key:${id}`, person, role, scopes: new Set(rightsOf(record)), rate },
      expiresMs: expires === null ? UNTIL_EVER : Date.parse(expires),
      sha256: record.sha256,
      oldSha256: old?.sha256 ?? NO_DIGEST,
      oldUntilMs: old === null ? 0 : Date.parse(old.until),
    });
  }
}

const SIGN_IN_AGAIN = { remedy: 'sign in again with a key that is valid' };

function usable({ record, principal, expiresMs }: HeldKey, atMs: number): Principal {
  if (record.revoked !== null) throw endedKey(record, 'was revoked');
  if (atMs >= expiresMs) throw endedKey(record, 'has expired');
  return principal;
}

function unknownKey(): HaetaeError {
  return new HaetaeError('E_KEY', 'this API key is not known', {
    remedy: 'send Authorization: Bearer hk_…, whole as it was shown when the key was made',
  });
}

function endedKey({ id }: KeyRecord, how: string): HaetaeError {
  return new HaetaeError('E_KEY_EXPIRED', `this API key ${how}`, {
    context: { key: id },
    remedy: 'ask an administrator for a new key',
  });
}

function requireRights(by: Principal, scopes: readonly Scope[]): void {
  const missing = scopes.filter((scope) => !by.scopes.has(scope));
  if (missing.length === 0) return;
  throw new HaetaeError('E_FORBIDDEN', 'nobody may give away more rights than his own', {
    context: { missing: missing.join(' ') },
    remedy: 'ask for fewer scopes, or let one do it who has them all',
  });
}

function requireSound({ role, scopes, expires, rate }: NewKey, at: number): void {
  if (scopes?.length === 0) throw fieldError('scopes', 'names none: the key could do nothing');
  const beyond = (scopes ?? []).filter((scope) => !SCOPES_OF[role].includes(scope));
  if (beyond.length > 0) throw fieldError('scopes', `are beyond the role ${role}: ${beyond.join(' ')}`);
  if (expires !== undefined && !(expires > at)) throw fieldError('expires', 'lies in the past');
  if (rate !== undefined && !(rate > 0 && rate <= 1e6))
    throw fieldError('rate', 'takes more than 0 to 1,000,000 requests a second');
}

function fieldError(field: string, what: string): HaetaeError {
  return new HaetaeError('E_FIELD', `${field} ${what}`, { context: { field } });
}
