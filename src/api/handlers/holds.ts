import type { Principal } from '../../access/principal.ts';
import type { Act } from '../../screen/alert.ts';
import { HOLD_POLICY, holdHtml } from '../../share/hold-html.ts';
import type { Holds } from '../../share/holds.ts';
import { type Handlers, Raw } from '../route.ts';
import type { holdRoutes } from '../routes/holds.ts';

export function holdHandlers(holds: Holds): Handlers<typeof holdRoutes> {
  return {
    listHolds: ({ query }) => holds.list(query),
    createHold: ({ body, principal, at }) => holds.create(body, { principal, at }),
    getHold: ({ params }) => holds.get(params.id),
    getHoldNotice: async ({ params }) => {
      const { notice } = await holds.get(params.id);
      return new Raw(JSON.stringify(notice), `${notice.id}.json`);
    },
    getHoldHtml: async ({ params }) => {
      const { notice } = await holds.get(params.id);
      // Shown, to be printed: under a policy of its own, as the one of the console lets no style of a page in.
      const policy = `${HOLD_POLICY}; frame-ancestors 'none'`;
      return new Raw(holdHtml(notice), undefined, { headers: { 'content-security-policy': policy } });
    },
    sendHold: (call) => holds.send(call.params.id, actOf(call)),
    acknowledgeHold: (call) => {
      const { version: _, ...said } = call.body;
      return holds.acknowledge(call.params.id, said, actOf(call));
    },
    refuseHold: (call) => holds.refuse(call.params.id, call.body.reason, actOf(call)),
    withdrawHold: (call) => holds.withdraw(call.params.id, call.body.reason, actOf(call)),
  };
}

function actOf(call: { principal: Principal; at: number; body: { version?: number | undefined } }): Act {
  return { principal: call.principal, at: call.at, expected: call.body.version };
}
