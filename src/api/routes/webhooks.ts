import { z } from 'zod';
import { WEBHOOK_EVENTS } from '../../share/webhook-event.ts';
import { routes } from '../route.ts';

const none = z.string().nullable();
const id = z.string().max(40);
const params = z.strictObject({ id: id.describe('wh-SEQ-HHHH') });
const one = z.strictObject({ id: id.describe('wh-SEQ-HHHH'), delivery: id.describe('wd-SEQ-HHHH') });

const webhook = z.strictObject({
  id,
  url: z.string(),
  events: z.array(z.string()).readonly(),
  active: z.boolean(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  rotatedAt: none,
  delivered: z.number().describe('Acknowledged so far.'),
  waiting: z.number(),
  more: z.boolean().describe('Still more wait on disk.'),
  failing: z.boolean().describe('The last attempt failed.'),
});
const withSecret = z.strictObject({ webhook, secret: z.string().describe('Told this once.') });

const delivery = z.strictObject({
  id,
  endpoint: id,
  type: z.string(),
  at: z.iso.datetime(),
  state: z.enum(['pending', 'failed']),
  attempts: z.number(),
  nextAt: none,
  lastAt: none,
  lastStatus: z.number().nullable(),
  lastFault: none,
});

const writes = ['E_NOT_FOUND', 'E_STORE_WRITE', 'E_CLOCK'] as const;
const about = { tag: 'webhooks', scope: 'webhooks', status: 200 } as const;

export const webhookRoutes = routes({
  listWebhooks: {
    ...about,
    method: 'GET',
    path: '/v1/webhooks',
    summary: 'Every webhook',
    response: z.strictObject({ items: z.array(webhook).readonly() }),
    errors: [],
  },
  createWebhook: {
    ...about,
    method: 'POST',
    path: '/v1/webhooks',
    summary: 'Add a webhook; its secret is told this once',
    description: 'https to a public address; the server may be started so that private addresses and http are allowed.',
    body: z.strictObject({
      url: z.string().min(1).max(2000),
      events: z
        .array(z.enum(WEBHOOK_EVENTS))
        .max(WEBHOOK_EVENTS.length)
        .default([])
        .describe('All but verdict.decided where left out.'),
    }),
    response: withSecret,
    status: 201,
    errors: ['E_WEBHOOK', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { url: 'https://desk.example/hooks/haetae', events: ['alert.raised'] },
  },
  deleteWebhook: {
    ...about,
    method: 'DELETE',
    path: '/v1/webhooks/:id',
    summary: 'Delete a webhook, with what was not delivered',
    params,
    response: null,
    status: 204,
    errors: writes,
  },
  setWebhook: {
    ...about,
    method: 'PATCH',
    path: '/v1/webhooks/:id',
    summary: 'Pause or resume; paused, it still collects',
    params,
    body: z.strictObject({ active: z.boolean() }),
    response: webhook,
    errors: writes,
    example: { active: false },
  },
  rotateWebhook: {
    ...about,
    method: 'POST',
    path: '/v1/webhooks/:id/rotate',
    summary: 'A new secret; the former signs beside it for a day',
    params,
    response: withSecret,
    errors: writes,
  },
  testWebhook: {
    ...about,
    method: 'POST',
    path: '/v1/webhooks/:id/test',
    summary: 'Send an event webhook.test',
    params,
    response: z.strictObject({ delivery: id }),
    status: 202,
    errors: writes,
  },
  listDeliveries: {
    ...about,
    method: 'GET',
    path: '/v1/webhooks/:id/deliveries',
    summary: 'What is not acknowledged, oldest first',
    params,
    query: z.strictObject({
      state: z.enum(['pending', 'failed']).optional(),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(500).default(50),
    }),
    response: z.strictObject({ items: z.array(delivery).readonly(), next: none }),
    errors: ['E_NOT_FOUND'],
  },
  resendDelivery: {
    ...about,
    method: 'POST',
    path: '/v1/webhooks/:id/deliveries/:delivery/resend',
    summary: 'Send it now, and try for three more days',
    params: one,
    response: delivery,
    status: 202,
    errors: writes,
  },
});
