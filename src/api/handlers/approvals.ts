import type { Approvals } from '../../access/approvals.ts';
import type { Handlers } from '../route.ts';
import type { approvalRoutes } from '../routes/approvals.ts';

export function approvalHandlers(approvals: Approvals): Handlers<typeof approvalRoutes> {
  return {
    listApprovals: async ({ query: { pending, cursor, limit } }) => {
      // What waits is bounded, and whole on one page.
      if (pending === 'true') return { items: [...approvals.pending()].reverse(), next: null };
      const items = await approvals.list({ limit, ...(cursor === undefined ? {} : { before: cursor }) });
      const next = items.length < limit ? null : (items.at(-1)?.id ?? null);
      return { items: [...items], next };
    },
    getApproval: ({ params }) => approvals.get(params.id),
    approve: ({ params, body, principal }) => approvals.approve(params.id, principal, body.note),
    reject: ({ params, body, principal }) => approvals.reject(params.id, principal, body.note),
  };
}
