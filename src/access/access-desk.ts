import type { Records } from '../store/records.ts';
import type { AuditKey } from './audit-head.ts';
import type { AuditLog } from './audit-log.ts';
import { LOCAL } from './gate.ts';
import type { KeyRecord, KeyView } from './key-record.ts';
import type { IssuedKey, KeyRing, NewKey } from './key-ring.ts';
import { type AuditPage, type AuditQuery, listAudit } from './list-audit.ts';
import type { Sessions } from './sessions.ts';
import type { SignedHead } from './signed-head.ts';
import { type AuditChecks, type AuditResult, verifyAudit } from './verify-audit.ts';

/** What the command line on this machine asks of keys and log. Arguments and answers are plain JSON, so that a running server can be asked from outside. */
export interface Access {
  createKey(wanted: NewKey): Promise<IssuedKey>;
  listKeys(): Promise<readonly KeyView[]>;
  rotateKey(id: KeyRecord['id'], graceMs?: number): Promise<IssuedKey>;
  revokeKey(id: KeyRecord['id']): Promise<KeyView>;
  listAudit(query: AuditQuery): Promise<AuditPage>;
  signHead(): Promise<SignedHead>;
  verifyAudit(checks: Pick<AuditChecks, 'head' | 'publicKey'>): Promise<AuditResult>;
  /** Path and token of a one-time sign-in link, to be opened on the server. */
  createSignInLink(): Promise<string>;
}

export interface AccessParts {
  readonly records: Records;
  readonly log: AuditLog;
  readonly auditKey: AuditKey;
  readonly keys: KeyRing;
  readonly sessions: Sessions;
}

/** Does it with the rights of this machine: to be reached with its token only. */
export class AccessDesk implements Access {
  readonly #parts: AccessParts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
  }

  createKey(wanted: NewKey): Promise<IssuedKey> {
    return this.#parts.keys.create(wanted, LOCAL);
  }

  async listKeys(): Promise<readonly KeyView[]> {
    return this.#parts.keys.list();
  }

  rotateKey(id: string, graceMs?: number): Promise<IssuedKey> {
    return this.#parts.keys.rotate(id, LOCAL, graceMs);
  }

  revokeKey(id: string): Promise<KeyView> {
    return this.#parts.keys.revoke(id, LOCAL);
  }

  listAudit(query: AuditQuery): Promise<AuditPage> {
    return listAudit(this.#parts.records, query);
  }

  async signHead(): Promise<SignedHead> {
    return this.#parts.auditKey.sign(this.#parts.log.head());
  }

  verifyAudit(checks: Pick<AuditChecks, 'head' | 'publicKey'>): Promise<AuditResult> {
    return verifyAudit(this.#parts.records, checks);
  }

  async createSignInLink(): Promise<string> {
    return signInPath(this.#parts.sessions.createSignIn(LOCAL));
  }
}

/** Where the server takes a one-time link. */
export function signInPath(token: string): string {
  return `/sign-in?token=${token}`;
}
