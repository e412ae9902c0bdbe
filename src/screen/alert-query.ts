import { HaetaeError } from '../base/errors.ts';
import type { Alert, AlertKind, AlertState } from './alert.ts';
import type { Decision } from './verdict.ts';

/** All that are given must hold. */
export interface AlertQuery {
  readonly state?: AlertState | undefined;
  readonly decision?: Decision | undefined;
  readonly kind?: AlertKind | undefined;
  readonly assignee?: string | undefined;
  readonly category?: string | undefined;
  readonly chain?: string | undefined;
  /** Canonical. */
  readonly address?: string | undefined;
  /** Pseudonym. */
  readonly customer?: string | undefined;
  /** Milliseconds; from in, until out. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** newest where left out. */
  readonly order?: 'newest' | 'score' | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 500; 50 where left out. */
  readonly limit?: number | undefined;
}

/** `next`: the cursor of the page after; null on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Where a page ended. What is raised later stands before it or is in a later page once: nothing is shown twice. */
export interface AlertPlace {
  readonly row: number;
  readonly score: number;
}

const CURSOR = /^(n|s)(\d{1,3})\.(\d{1,15})$/;

export function writeCursor(order: AlertQuery['order'], place: AlertPlace): string {
  return `${order === 'score' ? 's' : 'n'}${place.score}.${place.row}`;
}

/** Throws E_FIELD where it is none, or of a list in another order. */
export function readCursor(query: Pick<AlertQuery, 'cursor' | 'order'>): AlertPlace | null {
  if (query.cursor === undefined) return null;
  const match = CURSOR.exec(query.cursor);
  if (match?.[1] === (query.order === 'score' ? 's' : 'n')) return { score: Number(match[2]), row: Number(match[3]) };
  throw new HaetaeError('E_FIELD', 'cursor is not one of this list', {
    context: { field: 'cursor' },
    remedy: 'pass the `next` of the page before, with the same order and filters',
  });
}

/** Of the whole alert: the index says only which may. */
export function matches(alert: Alert, query: AlertQuery): boolean {
  const at = Date.parse(alert.at);
  return (
    agrees(query.state, alert.state) &&
    agrees(query.decision, alert.decision) &&
    agrees(query.kind, alert.kind) &&
    agrees(query.assignee, alert.assignee) &&
    agrees(query.chain, alert.chain) &&
    agrees(query.address, alert.address) &&
    agrees(query.customer, alert.customer) &&
    (query.category === undefined || alert.categories.includes(query.category)) &&
    (query.from === undefined || at >= query.from) &&
    (query.until === undefined || at < query.until)
  );
}

function agrees(wanted: string | undefined, value: string | null): boolean {
  return wanted === undefined || wanted === value;
}
