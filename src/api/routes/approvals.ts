import { z } from 'zod';
import { approvalSchema } from '../../access/approval.ts';
import { routes } from '../route.ts';

const params = z.strictObject({ id: z.string().max(40) });
const body = z.strictObject({ note: z.string().max(1000).optional() });

export const approvalRoutes = routes({
  listApprovals: {
    method: 'GET',
    path: '/v1/approvals',
    tag: 'approvals',
    summary: 'What waits, or waited, for a second person; newest first',
    scope: 'read',
    query: z.strictObject({
      pending: z.enum(['true', 'false']).optional().describe('Only what waits now.'),
      cursor: approvalSchema.shape.id.optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.strictObject({ items: z.array(approvalSchema), next: z.string().nullable() }),
    status: 200,
    errors: [],
  },
  getApproval: {
    method: 'GET',
    path: '/v1/approvals/:id',
    tag: 'approvals',
    summary: 'One proposal',
    scope: 'read',
    params,
    response: approvalSchema,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  approve: {
    method: 'POST',
    path: '/v1/approvals/:id/approve',
    tag: 'approvals',
    summary: 'Approve as the second person: then it is done',
    description:
      'By another person than proposed it. Where it can no longer be done the proposal stays pending and the error says why.',
    scope: 'approve',
    params,
    body,
    response: approvalSchema,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_SECOND_PERSON', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { note: 'checked with the exchange' },
  },
  reject: {
    method: 'POST',
    path: '/v1/approvals/:id/reject',
    tag: 'approvals',
    summary: 'Reject a proposal, or take back one of your own',
    scope: 'read',
    params,
    body,
    response: approvalSchema,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_FORBIDDEN', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { note: 'not the same customer' },
  },
});
