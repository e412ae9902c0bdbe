import { hash } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import type { KeyRing } from './key-ring.ts';
import { type Principal, SCOPES, type Scope } from './principal.ts';
import { sameDigest } from './secret-token.ts';
import type { Sessions } from './sessions.ts';

export interface Credentials {
  /** The text after `Bearer `; goes before a session. */
  readonly bearer?: string | null | undefined;
  /** Value of the session's cookie. */
  readonly session?: string | null | undefined;
}

export interface GateParts {
  readonly keys: KeyRing;
  readonly sessions: Sessions;
  /** From the token file of this machine; null: there is none. */
  readonly localToken: string | null;
}

/** Who may read the token file: the user that runs the server. */
export const LOCAL: Principal = { id: 'local', person: 'local', role: 'admin', scopes: new Set(SCOPES), rate: null };

interface Bucket {
  tokens: number;
  atMs: number;
}

/** So many seconds' worth of requests may come at once. */
const BURST_SECONDS = 2;
const MAX_BUCKETS = 20_000;
const LOCAL_TOKEN_MIN = 32;

/** Where every request comes in: who it is, and whether it is one too many. Reads no disk. */
export class Gate {
  readonly #keys: KeyRing;
  readonly #sessions: Sessions;
  readonly #localSha256: string | null;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ keys, sessions, localToken }: GateParts) {
    if (localToken !== null && localToken.length < LOCAL_TOKEN_MIN)
      throw new RangeError('a local token has 32 letters at least');
    this.#keys = keys;
    this.#sessions = sessions;
    this.#localSha256 = localToken === null ? null : hash('sha256', localToken, 'hex');
  }

  /** Throws E_KEY, E_KEY_EXPIRED, E_RATE with context.retryAfter in whole seconds. */
  admit({ bearer, session }: Credentials, atMs: number): Principal {
    const principal = this.#identify(bearer, session, atMs);
    this.#take(principal, atMs);
    return principal;
  }

  #identify(bearer: string | null | undefined, session: string | null | undefined, atMs: number): Principal {
    if (bearer !== undefined && bearer !== null) {
      if (bearer.startsWith('hk_')) return this.#keys.authenticate(bearer, atMs);
      if (this.#localSha256 !== null && sameDigest(hash('sha256', bearer, 'hex'), this.#localSha256)) return LOCAL;
      return this.#keys.authenticate(bearer, atMs);
    }
    if (session !== undefined && session !== null) return this.#sessions.authenticate(session, atMs);
    throw new HaetaeError('E_KEY', 'no API key or session is given', {
      remedy: 'send Authorization: Bearer hk_…; haetae key create makes a key',
    });
  }

  #take(principal: Principal, atMs: number): void {
    const { rate } = principal;
    if (rate === null) return;
    const name = principal.bucket ?? principal.id;
    const size = Math.max(1, rate * BURST_SECONDS);
    const bucket = this.#buckets.get(name) ?? this.#newBucket(name, size, atMs);
    const passed = Math.max(0, atMs - bucket.atMs);
    bucket.tokens = Math.min(size, bucket.tokens + (passed * rate) / 1000);
    bucket.atMs = atMs;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return;
    }
    const retryAfter = Math.max(1, Math.ceil((1 - bucket.tokens) / rate));
    throw new HaetaeError('E_RATE', 'this key sends more requests than it may', {
      context: { retryAfter, rate },
      remedy: `wait ${retryAfter} s, or ask for a higher rate; many addresses at once go through /v1/screen/batch`,
      retry: true,
    });
  }

  #newBucket(name: string, size: number, atMs: number): Bucket {
    if (this.#buckets.size >= MAX_BUCKETS) this.#forgetIdle(atMs);
    const bucket: Bucket = { tokens: size, atMs };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** The oldest goes where none is idle: it then has a full bucket again, which is the lesser harm. */
  #forgetIdle(atMs: number): void {
    for (const [name, { atMs: last }] of this.#buckets)
      if (atMs - last > BURST_SECONDS * 1000) this.#buckets.delete(name);
    for (const name of this.#buckets.keys()) {
      if (this.#buckets.size < MAX_BUCKETS) break;
      this.#buckets.delete(name);
    }
  }
}

/** Throws E_FORBIDDEN. */
export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope)) return;
  throw new HaetaeError('E_FORBIDDEN', `this needs the scope ${scope}`, {
    context: { scope, role: principal.role },
    remedy: 'use a key or session that has it; an administrator can make one',
  });
}
