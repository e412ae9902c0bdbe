import { openRecords } from '../store/open-records.ts';
import type { Records } from '../store/records.ts';
import { AuditLog } from './audit-log.ts';
import { LOCAL } from './gate.ts';
import { KeyRing } from './key-ring.ts';
import type { Principal } from './principal.ts';

/** For tests: records in memory, an audit log over them, and a clock that the test turns. */
export interface Desk {
  readonly records: Records;
  readonly audited: AuditLog;
  readonly clock: { now: number };
  readonly parts: { readonly records: Records; readonly audited: AuditLog; readonly clock: () => number };
}

export const START = Date.UTC(2026, 0, 1);
export const HOUR = 3_600_000;

export async function openDesk(): Promise<Desk> {
  const records = await openRecords({ path: ':memory:' });
  const clock = { now: START };
  const audited = await AuditLog.open(records, () => clock.now);
  return { records, audited, clock, parts: { records, audited, clock: () => clock.now } };
}

export async function openKeys(desk: Desk): Promise<KeyRing> {
  return KeyRing.open(desk.parts);
}

/** A principal with a key of its own. */
export async function personWithKey(ring: KeyRing, person: string, role: Principal['role']): Promise<Principal> {
  const { secret } = await ring.create({ role, person }, LOCAL);
  return ring.authenticate(secret, START);
}
