import { hash } from 'node:crypto';
import type { AuditDraft } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import type { RecordChange } from '../store/records.ts';
import { type Act, ALERT_LIMITS, type Alert, type Closing, type Outcome, RELEASES } from './alert.ts';
import { plainLine, plainText } from './alert-text.ts';

/** What becomes of an alert; the version is counted up by the book. */
export interface Edited {
  readonly next: Alert;
  /** Type of the event that webhooks are told; null: none. */
  readonly event: string | null;
  readonly entries: readonly AuditDraft[];
  readonly changes?: readonly RecordChange[];
}

export function assigned(alert: Alert, assignee: string | null, act: Act): Edited {
  requireNotClosed(alert);
  const name = assignee === null ? null : plainLine(assignee, 'assignee', 100);
  return {
    next: { ...alert, assignee: name, state: name === null ? 'open' : 'assigned' },
    event: 'alert.assigned',
    entries: [entry(act, 'alert.assign', alert, { assignee: name })],
  };
}

export function commented(alert: Alert, text: string, act: Act): Edited {
  if (alert.comments.length >= ALERT_LIMITS.comments) throw full(alert, 'comments', ALERT_LIMITS.comments);
  const plain = plainText(text, 'text', ALERT_LIMITS.commentLength);
  return {
    next: { ...alert, comments: [...alert.comments, { at: timeOf(act), by: act.principal.person, text: plain }] },
    event: 'alert.commented',
    entries: [entry(act, 'alert.comment', alert, { sha256: hash('sha256', plain) })],
  };
}

/** Does this outcome let blocked money go? */
export function isRelease(alert: Alert, outcome: Outcome): boolean {
  return alert.decision === 'block' && RELEASES.includes(outcome);
}

export function checkedReason(reason: string): string {
  return plainText(reason, 'reason', ALERT_LIMITS.reasonLength);
}

export function closed(alert: Alert, closing: Closing, act: Act): Edited {
  requireNotClosed(alert);
  const { outcome, reason, approval } = closing;
  return {
    next: { ...alert, state: 'closed', closed: closing },
    event: 'alert.closed',
    entries: [entry(act, 'alert.close', alert, { outcome, sha256: hash('sha256', reason), approval })],
  };
}

export function reopened(alert: Alert, reason: string, act: Act): Edited {
  if (alert.closed === null) throw stateFault(alert, 'is not closed', 'only a closed alert can be opened again');
  const { outcome, by } = alert.closed;
  const text = `Opened again: ${checkedReason(reason)}\n(It was closed by ${by} as ${outcome}: ${alert.closed.reason})`;
  return {
    next: {
      ...alert,
      state: alert.assignee === null ? 'open' : 'assigned',
      closed: null,
      comments: [...alert.comments, { at: timeOf(act), by: act.principal.person, text }],
    },
    event: 'alert.reopened',
    entries: [entry(act, 'alert.reopen', alert, { sha256: hash('sha256', reason) })],
  };
}

/** In one commit with the hold that was drawn from it. */
export function held(alert: Alert, hold: string, more: Pick<Edited, 'entries' | 'changes'>): Edited {
  if (alert.holds.length >= ALERT_LIMITS.holds) throw full(alert, 'holds', ALERT_LIMITS.holds);
  return { next: { ...alert, holds: [...alert.holds, hold] }, event: null, ...more };
}

export function requireVersion(thing: { readonly id: string; readonly version: number }, act: Act): void {
  if (act.expected === undefined || act.expected === thing.version) return;
  throw new HaetaeError('E_STATE', 'it was changed by somebody else meanwhile', {
    context: { id: thing.id, expected: act.expected, version: thing.version },
    remedy: 'read it again and decide on what it says now',
  });
}

export function requireNotClosed(alert: Alert): void {
  if (alert.state !== 'closed') return;
  throw stateFault(alert, 'is closed already', 'open it again first, with a reason');
}

export function timeOf(act: Act): string {
  return new Date(act.at).toISOString();
}

function entry(act: Act, action: string, alert: Alert, detail: NonNullable<AuditDraft['detail']>): AuditDraft {
  return { actor: act.principal.id, action, subject: alert.id, detail };
}

function stateFault(alert: Alert, what: string, remedy: string): HaetaeError {
  return new HaetaeError('E_STATE', `the alert ${what}`, { context: { alert: alert.id, state: alert.state }, remedy });
}

function full(alert: Alert, what: string, limit: number): HaetaeError {
  return new HaetaeError('E_STATE', `the alert has ${limit} ${what} already`, {
    context: { alert: alert.id },
    remedy: 'carry on in a case',
  });
}
