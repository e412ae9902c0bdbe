import { Approvals } from '../access/approvals.ts';
import { AuditLog } from '../access/audit-log.ts';
import { type Principal, type Role, SCOPES_OF } from '../access/principal.ts';
import { openRecords } from '../store/open-records.ts';
import type { Records } from '../store/records.ts';
import type { Alert, AlertDraft, Announce } from './alert.ts';
import { AlertBook } from './alert-book.ts';

export const START = Date.UTC(2026, 5, 1);

export interface AlertDesk {
  readonly records: Records;
  readonly audited: AuditLog;
  readonly approvals: Approvals;
  readonly alerts: AlertBook;
  readonly clock: { now: number };
}

export async function openAlertDesk(
  settings: { twoPersons?: boolean; announce?: Announce; records?: Records } = {},
): Promise<AlertDesk> {
  const records = settings.records ?? (await openRecords({ path: ':memory:' }));
  const held = { now: START };
  const clock = (): number => held.now;
  const audited = await AuditLog.open(records, clock);
  const twoPersons = settings.twoPersons ?? false;
  const approvals = await Approvals.open({ records, audited, clock, twoPersons });
  const { announce } = settings;
  const alerts = await AlertBook.open({ records, audited, approvals, clock, announce });
  return { records, audited, approvals, alerts, clock: held };
}

export function person(name: string, role: Role = 'analyst'): Principal {
  return { id: `key:${name}`, person: name, role, scopes: new Set(SCOPES_OF[role]), rate: null };
}

export function draft(more: Partial<AlertDraft> = {}): AlertDraft {
  return {
    at: new Date(START).toISOString(),
    kind: 'verdict',
    verdict: 'v-1-0000',
    previous: null,
    before: null,
    cause: null,
    decision: 'block',
    score: 90,
    chain: 'eip155:1',
    address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96',
    asset: 'eip155:1/slip44:60',
    symbol: 'ETH',
    decimals: 18,
    amount: '1500000000000000000',
    customer: 'c-77',
    segment: null,
    direction: 'deposit',
    tx: '0xabc',
    titles: ['Sanctioned'],
    categories: ['sanctioned'],
    ...more,
  };
}

export async function raise(desk: AlertDesk, more: Partial<AlertDraft> = {}): Promise<Alert> {
  const raised = desk.alerts.raise(draft(more));
  await desk.audited.commit(raised.entries, raised.changes);
  raised.settle();
  return raised.alert;
}
