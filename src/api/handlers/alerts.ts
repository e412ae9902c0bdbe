import type { Principal } from '../../access/principal.ts';
import { requireTime } from '../../base/time.ts';
import { requireAddress } from '../../model/address.ts';
import { requireChain } from '../../model/chain.ts';
import type { Act } from '../../screen/alert.ts';
import type { AlertBook } from '../../screen/alert-book.ts';
import type { Handlers } from '../route.ts';
import type { alertRoutes } from '../routes/alerts.ts';

export function alertHandlers(alerts: AlertBook): Handlers<typeof alertRoutes> {
  return {
    listAlerts: ({ query }) => {
      const chain = query.chain === undefined ? undefined : requireChain(query.chain);
      const { address } = query;
      return alerts.list({
        ...query,
        chain: chain?.id,
        // Without a chain the text must be as alerts show it.
        address: address === undefined || chain === undefined ? address : requireAddress(chain, address, 'address'),
        from: query.from === undefined ? undefined : requireTime(query.from, 'from') * 1000,
        until: query.until === undefined ? undefined : requireTime(query.until, 'until') * 1000,
      });
    },
    getAlert: ({ params }) => alerts.get(params.id),
    assignAlert: (call) => {
      const { assignee = call.principal.person } = call.body;
      return alerts.assign(call.params.id, assignee, actOf(call));
    },
    commentAlert: (call) => alerts.comment(call.params.id, call.body.text, actOf(call)),
    closeAlert: (call) => {
      const { outcome, reason } = call.body;
      return alerts.close(call.params.id, { outcome, reason }, actOf(call));
    },
    reopenAlert: (call) => alerts.reopen(call.params.id, call.body.reason, actOf(call)),
  };
}

function actOf(call: { principal: Principal; at: number; body: { version?: number | undefined } }): Act {
  return { principal: call.principal, at: call.at, expected: call.body.version };
}
