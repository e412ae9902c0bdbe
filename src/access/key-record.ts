import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { readJson } from '../store/records.ts';
import { ROLES, SCOPES, SCOPES_OF, type Scope } from './principal.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();
const keyRecord = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{12}$/),
  label: z.string(),
  person: z.string(),
  role: z.enum(ROLES),
  /** null: all of the role, as the role is understood now. */
  scopes: z.array(z.enum(SCOPES)).nullable(),
  rate: z.number().positive().nullable(),
  expires: time.nullable(),
  created: time,
  createdBy: z.string(),
  sha256: digest,
  old: z.strictObject({ sha256: digest, until: time }).nullable(),
  rotated: time.nullable(),
  revoked: time.nullable(),
  revokedBy: z.string().nullable(),
});
export type KeyRecord = z.output<typeof keyRecord>;

/** A key without its hashes. */
export const keyViewSchema = z.strictObject({
  /** Twelve hex digits. */
  id: z.string(),
  label: z.string(),
  person: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)).readonly(),
  /** Requests a second. */
  rate: z.number().nullable(),
  expires: time.nullable(),
  created: time,
  createdBy: z.string(),
  rotated: time.nullable(),
  /** Until when the secret before is taken too; null where it is not. */
  oldUntil: time.nullable(),
  revoked: time.nullable(),
  state: z.enum(['live', 'expired', 'revoked']),
});
export type KeyView = z.output<typeof keyViewSchema>;

/** Throws E_RECORDS. */
export function readKeyRecord(value: Uint8Array): KeyRecord {
  try {
    return keyRecord.parse(readJson(value));
  } catch (cause) {
    throw new HaetaeError('E_RECORDS', 'the record of an API key cannot be read', {
      remedy: 'run the newest Haetae that wrote these records, or put them back from a backup',
      cause,
    });
  }
}

/** Never beyond the role, never `local`. */
export function rightsOf({ role, scopes }: Pick<KeyRecord, 'role' | 'scopes'>): readonly Scope[] {
  return SCOPES_OF[role].filter((scope) => scopes === null || scopes.includes(scope));
}

export function keyView(record: KeyRecord, atMs: number): KeyView {
  const { id, label, person, role, rate, expires, created, createdBy, rotated, old, revoked } = record;
  const ended = expires !== null && atMs >= Date.parse(expires);
  const oldUntil = old !== null && atMs < Date.parse(old.until) ? old.until : null;
  const state = revoked !== null ? 'revoked' : ended ? 'expired' : 'live';
  return {
    id,
    label,
    person,
    role,
    scopes: rightsOf(record),
    rate,
    expires,
    created,
    createdBy,
    rotated,
    oldUntil,
    revoked,
    state,
  };
}
