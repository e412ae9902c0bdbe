import { z } from 'zod';
import { ALERT_KINDS, ALERT_LIMITS, ALERT_STATES, OUTCOMES } from '../../screen/alert.ts';
import { DECISIONS } from '../../screen/verdict.ts';
import { routes } from '../route.ts';

const text = z.string();
const none = z.string().nullable();
const time = z.iso.datetime();
const id = z.string().max(40).describe('al-SEQ-HHHH');
const params = z.strictObject({ id });
const version = z
  .int()
  .min(1)
  .optional()
  .describe('The version that you saw: E_STATE where another change came first.');
const reason = z.string().min(1).max(ALERT_LIMITS.reasonLength);

export const alertSchema = z.strictObject({
  id: text,
  at: time,
  kind: z.enum(ALERT_KINDS).describe('change: a later verdict on the same request that decided otherwise.'),
  verdict: text,
  previous: none.describe('The verdict before.'),
  before: z.enum(DECISIONS).nullable().describe('What the verdict before decided.'),
  cause: none.describe('What changed since the verdict before.'),
  decision: z.enum(DECISIONS),
  score: z.number(),
  chain: text,
  address: none,
  asset: none,
  symbol: none,
  decimals: z.number().nullable(),
  amount: none.describe('Base units.'),
  customer: none.describe('Pseudonym.'),
  segment: none,
  direction: z.enum(['deposit', 'withdrawal']).nullable(),
  tx: none,
  titles: z.array(text).readonly(),
  categories: z.array(text).readonly(),
  state: z.enum(ALERT_STATES),
  assignee: none,
  comments: z.array(z.strictObject({ at: time, by: text, text })).readonly(),
  closed: z
    .strictObject({
      at: time,
      by: text,
      outcome: z.enum(OUTCOMES),
      reason: text,
      approval: none,
      approvedBy: none.describe('The second person; null where one person closed it.'),
    })
    .nullable(),
  holds: z.array(text).readonly(),
  version: z.number(),
  pending: none.describe('Proposal of a release that waits for a second person, see /v1/approvals.'),
});

const errors = ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'] as const;
const change = { tag: 'alerts', scope: 'alerts', params, response: alertSchema, status: 200, errors } as const;

export const alertRoutes = routes({
  listAlerts: {
    method: 'GET',
    path: '/v1/alerts',
    tag: 'alerts',
    summary: 'Alerts, newest or gravest first',
    description: 'Pages stay in place while new alerts come: nothing is shown twice.',
    scope: 'read',
    query: z.strictObject({
      state: z.enum(ALERT_STATES).optional(),
      decision: z.enum(DECISIONS).optional(),
      kind: z.enum(ALERT_KINDS).optional(),
      assignee: z.string().max(100).optional(),
      category: z.string().max(60).optional(),
      chain: z.string().max(60).optional().describe('Name (ethereum) or CAIP-2 id (eip155:1).'),
      address: z.string().max(200).optional(),
      customer: z.string().max(200).optional().describe('Pseudonym.'),
      from: z.string().max(40).optional().describe('ISO 8601; in.'),
      until: z.string().max(40).optional().describe('ISO 8601; out.'),
      order: z.enum(['newest', 'score']).default('newest'),
      cursor: z.string().max(40).optional(),
      limit: z.coerce.number().int().min(1).max(ALERT_LIMITS.page).default(50),
    }),
    response: z.strictObject({ items: z.array(alertSchema).readonly(), next: none }),
    status: 200,
    errors: ['E_TIME', 'E_ASSET', 'E_ADDRESS'],
  },
  getAlert: {
    method: 'GET',
    path: '/v1/alerts/:id',
    tag: 'alerts',
    summary: 'One alert',
    scope: 'read',
    params,
    response: alertSchema,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  assignAlert: {
    ...change,
    method: 'POST',
    path: '/v1/alerts/:id/assign',
    summary: 'Assign to a person, or to nobody',
    body: z.strictObject({
      assignee: z.string().min(1).max(100).nullable().optional().describe('Yourself where left out; null: nobody.'),
      version,
    }),
    example: { assignee: 'kim' },
  },
  commentAlert: {
    ...change,
    method: 'POST',
    path: '/v1/alerts/:id/comments',
    summary: 'Add a comment (plain text)',
    body: z.strictObject({ text: z.string().min(1).max(ALERT_LIMITS.commentLength), version }),
    idempotent: true,
    example: { text: 'asked the customer for the source of funds' },
  },
  closeAlert: {
    ...change,
    method: 'POST',
    path: '/v1/alerts/:id/close',
    summary: 'Close with an outcome and a reason',
    description:
      'To let a blocked transfer go (released, false-positive) needs the scope approve, or, where two persons are asked for, a second person: then `pending` names the proposal and the alert stays open until it is approved.',
    body: z.strictObject({ outcome: z.enum(OUTCOMES), reason, version }),
    errors: [...errors, 'E_FORBIDDEN'],
    example: { outcome: 'true-positive', reason: 'the sender is on the list of OFAC; filed as 2026-114' },
  },
  reopenAlert: {
    ...change,
    method: 'POST',
    path: '/v1/alerts/:id/reopen',
    summary: 'Open a closed alert again',
    body: z.strictObject({ reason, version }),
    example: { reason: 'new label' },
  },
});
