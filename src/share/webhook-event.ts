/** What webhooks are told of. docs/webhooks.md shows the data of each. */
export const WEBHOOK_EVENTS = [
  'verdict.decided',
  'alert.raised',
  'alert.assigned',
  'alert.commented',
  'alert.closed',
  'alert.reopened',
  'hold.sent',
  'hold.acknowledged',
  'hold.refused',
  'hold.expired',
  'hold.withdrawn',
  'webhook.test',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** What is posted, as JSON in this order. */
export interface WebhookBody {
  /** Of the event: the same in every delivery of it, to every endpoint. */
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly data: unknown;
}
