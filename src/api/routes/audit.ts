import { z } from 'zod';
import { signedHeadSchema } from '../../access/signed-head.ts';
import { routes } from '../route.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const entry = z.strictObject({
  seq: z.int().positive().describe('From 1, without a gap.'),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string().describe('noun.verb'),
  subject: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).nullable(),
  prev: digest.describe('Hash of the entry before.'),
  hash: digest.describe('SHA-256 of the entry without this field.'),
});

export const auditRoutes = routes({
  listAudit: {
    method: 'GET',
    path: '/v1/audit',
    tag: 'audit',
    summary: 'The audit log, newest first',
    scope: 'audit',
    query: z.strictObject({
      from: z.iso.datetime({ offset: true }).optional(),
      actor: z.string().max(100).optional(),
      action: z.string().max(60).optional().describe('Whole (key.create), or its noun alone (key).'),
      subject: z.string().max(200).optional(),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.strictObject({ items: z.array(entry), next: z.string().nullable() }),
    status: 200,
    errors: ['E_AUDIT'],
  },
  signAuditHead: {
    method: 'POST',
    path: '/v1/audit/head',
    tag: 'audit',
    summary: 'The signed head of the audit log',
    description: 'To be kept away from this machine: with it, a log that was cut or written anew later shows.',
    scope: 'audit',
    response: signedHeadSchema,
    status: 200,
    errors: [],
  },
  verifyAudit: {
    method: 'POST',
    path: '/v1/audit/verify',
    tag: 'audit',
    summary: 'Check the whole audit log',
    description:
      'Every number, hash, link and time, the stored bytes of every verdict, and where it ends. Takes seconds for a million entries.',
    scope: 'audit',
    body: z.strictObject({
      head: signedHeadSchema.optional().describe('Taken earlier: what the log says must still lead to it.'),
      publicKey: z.string().max(200).optional().describe('PEM of who must have signed that head.'),
    }),
    response: z.strictObject({
      ok: z.boolean(),
      entries: z.int(),
      verdicts: z.int().describe('Stored verdicts and batches whose bytes are those that the log names.'),
      firstFault: z.strictObject({ seq: z.int(), what: z.string() }).nullable(),
    }),
    status: 200,
    errors: [],
    example: {},
  },
});
