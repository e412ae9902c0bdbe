import { z } from 'zod';
import { CASE_LIMITS, CASE_STATES } from '../../screen/case-file.ts';
import { routes } from '../route.ts';

const text = z.string();
const id = z.string().min(1).max(120);
const params = z.strictObject({ id });
const long = z.string().min(1).max(CASE_LIMITS.noteLength);
const alertIds = z.array(z.string().max(40)).max(CASE_LIMITS.alerts);
const version = z
  .int()
  .min(1)
  .optional()
  .describe('The version that you saw: E_STATE where another change came first.');

const deskCase = z.strictObject({
  kind: z.literal('desk'),
  id: text,
  title: text,
  state: z.enum(CASE_STATES),
  alerts: z.array(text).readonly(),
  notes: z.array(z.strictObject({ at: text, by: text, text })).readonly(),
  opened: z.strictObject({ at: text, by: text }),
  closed: z.strictObject({ at: text, by: text, reason: text }).nullable(),
  version: z.number(),
});

const tracedCase = z.strictObject({
  kind: z.literal('trace'),
  id: text,
  title: text,
  createdAt: z.iso.datetime(),
  simulated: z.boolean(),
  bytes: z.number(),
});
const anyCase = z.discriminatedUnion('kind', [deskCase, tracedCase]);

const writes = ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'] as const;
const change = { tag: 'cases', scope: 'alerts', params, response: deskCase, status: 200, errors: writes } as const;
const file = { tag: 'cases', scope: 'read', method: 'GET', params, status: 200, errors: ['E_NOT_FOUND'] } as const;

export const caseRoutes = routes({
  listCases: {
    method: 'GET',
    path: '/v1/cases',
    tag: 'cases',
    summary: 'Cases of the desk, or traced thefts; newest first',
    scope: 'read',
    query: z.strictObject({
      kind: z.enum(['desk', 'trace']).default('desk'),
      state: z.enum(CASE_STATES).optional().describe('Of the desk.'),
      alert: z.string().max(40).optional().describe('Of the desk: with this alert.'),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    response: z.strictObject({ items: z.array(anyCase).readonly(), next: text.nullable() }),
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  createCase: {
    method: 'POST',
    path: '/v1/cases',
    tag: 'cases',
    summary: 'Open a case of the desk from alerts',
    scope: 'alerts',
    body: z.strictObject({ title: z.string().min(1).max(CASE_LIMITS.titleLength), alerts: alertIds.default([]) }),
    response: deskCase,
    status: 201,
    idempotent: true,
    errors: ['E_NOT_FOUND', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { title: 'Deposits of one evening', alerts: [] },
  },
  getCase: { ...file, path: '/v1/cases/:id', summary: 'One case of either kind', response: anyCase },
  changeCaseAlerts: {
    ...change,
    method: 'POST',
    path: '/v1/cases/:id/alerts',
    summary: 'Add and remove alerts',
    body: z.strictObject({ add: alertIds.default([]), remove: alertIds.default([]), version }),
    example: { add: [], remove: [] },
  },
  noteCase: {
    ...change,
    method: 'POST',
    path: '/v1/cases/:id/notes',
    summary: 'Add a note (plain text)',
    body: z.strictObject({ text: long, version }),
    idempotent: true,
    example: { text: 'one device behind all four accounts' },
  },
  closeCase: {
    ...change,
    method: 'POST',
    path: '/v1/cases/:id/close',
    summary: 'Close with a reason',
    body: z.strictObject({ reason: long, version }),
    example: { reason: 'filed' },
  },
  reopenCase: {
    ...change,
    method: 'POST',
    path: '/v1/cases/:id/reopen',
    summary: 'Open a closed case again',
    body: z.strictObject({ reason: long, version }),
    example: { reason: 'new deposits' },
  },
  getCaseResults: {
    ...file,
    path: '/v1/cases/:id/results',
    summary: 'What a trace found (results.json)',
    response: z.unknown(),
  },
  listCaseFiles: {
    ...file,
    path: '/v1/cases/:id/files',
    summary: 'Files of the evidence bundle of a traced case',
    response: z.strictObject({
      digest: text.describe('Of the bundle: haetae verify --expect.'),
      files: z.array(z.strictObject({ name: text, bytes: z.number() })).readonly(),
    }),
  },
  getCaseFile: {
    ...file,
    path: '/v1/cases/:id/files/:name',
    summary: 'One file of the evidence bundle, as a download',
    params: z.strictObject({ id, name: z.string().min(1).max(100) }),
    response: z.unknown(),
    contentType: 'application/octet-stream',
  },
  getCaseReport: {
    ...file,
    path: '/v1/cases/:id/report',
    summary: 'The report of a traced case, as a download',
    description: 'Drawn from the case computed anew, which can take as long as the trace did.',
    response: text,
    contentType: 'text/html',
    errors: ['E_NOT_FOUND', 'E_BUNDLE', 'E_CASE', 'E_BUSY'],
  },
});
