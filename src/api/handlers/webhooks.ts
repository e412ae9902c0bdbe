import type { Webhooks } from '../../share/webhooks.ts';
import type { Handlers } from '../route.ts';
import type { webhookRoutes } from '../routes/webhooks.ts';

export function webhookHandlers(webhooks: Webhooks): Handlers<typeof webhookRoutes> {
  return {
    listWebhooks: () => ({ items: webhooks.list() }),
    createWebhook: async ({ body, principal }) => {
      const { endpoint, secret } = await webhooks.create(body, principal);
      return { webhook: endpoint, secret };
    },
    deleteWebhook: async ({ params, principal }) => {
      await webhooks.remove(params.id, principal);
      return undefined;
    },
    setWebhook: ({ params, body, principal }) => webhooks.setActive(params.id, body.active, principal),
    rotateWebhook: async ({ params, principal }) => {
      const { endpoint, secret } = await webhooks.rotate(params.id, principal);
      return { webhook: endpoint, secret };
    },
    testWebhook: ({ params, principal }) => webhooks.test(params.id, principal),
    listDeliveries: ({ params, query }) => webhooks.deliveries(params.id, query),
    resendDelivery: ({ params, principal }) => webhooks.resend(params.id, params.delivery, principal),
  };
}
