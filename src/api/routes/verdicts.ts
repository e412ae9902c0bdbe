import { z } from 'zod';
import { DECISIONS } from '../../screen/verdict.ts';
import { pageOf, pageQuery } from '../cursor.ts';
import { routes } from '../route.ts';
import { verdictSchema } from '../verdict-schema.ts';

const params = z.strictObject({ id: z.string().regex(/^[vb]-\d{1,16}-[0-9a-f]{4}(\.\d{1,5})?$/) });
const time = z.string().min(1).max(40).optional();

export const verdictRoutes = routes({
  getVerdict: {
    method: 'GET',
    path: '/v1/verdicts/:id',
    tag: 'verdicts',
    summary: 'A verdict, byte for byte as it was given',
    scope: 'read',
    params,
    response: verdictSchema,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  listVerdicts: {
    method: 'GET',
    path: '/v1/verdicts',
    tag: 'verdicts',
    summary: 'Verdicts, newest first',
    scope: 'read',
    query: z.strictObject({
      ...pageQuery,
      decision: z.enum(DECISIONS).optional(),
      chain: z.string().min(1).max(60).optional(),
      address: z.string().min(1).max(200).optional().describe('Needs chain.'),
      from: time.describe('Given then or later.'),
      until: time.describe('Given before.'),
    }),
    response: pageOf(verdictSchema),
    status: 200,
    errors: ['E_ADDRESS', 'E_ASSET', 'E_TIME'],
  },
  replayVerdict: {
    method: 'GET',
    path: '/v1/verdicts/:id/replay',
    tag: 'verdicts',
    summary: 'Decide again from what the verdict stores, and compare',
    scope: 'read',
    params,
    response: z.strictObject({
      id: z.string(),
      same: z.boolean().describe('The same bytes.'),
      storedSha256: z.string(),
      replayedSha256: z.string(),
    }),
    status: 200,
    errors: ['E_NOT_FOUND', 'E_VERDICT', 'E_RULES'],
  },
});
