import { z } from 'zod';
import { HOLD_STATES, TLP_MARKINGS } from '../../share/hold-state.ts';
import { routes } from '../route.ts';

const none = z.string().nullable();
const text = z.string();
const id = z.string().max(40).describe('hn-SEQ-HHHH');
const params = z.strictObject({ id });
const long = z.string().min(1).max(8000);
const version = z
  .int()
  .min(1)
  .optional()
  .describe('The version that you saw: E_STATE where another change came first.');
const party = z.strictObject({ name: z.string().min(1).max(200), contact: z.string().min(1).max(1000) });
const ended = z.strictObject({ at: text, by: text, reason: text }).nullable();

const path = z.strictObject({
  amount: text,
  origin: text,
  label: none,
  steps: z.array(z.strictObject({ tx: none, time: text, from: none, to: none, asset: text, amount: text })).readonly(),
});

const notice = z.strictObject({
  format: z.literal('haetae-hold/1'),
  id: text,
  tlp: z.enum(TLP_MARKINGS),
  from: party,
  to: party,
  issuedAt: text,
  expiresAt: text,
  what: z.strictObject({
    chain: text,
    asset: none,
    symbol: none,
    decimals: z.number().nullable(),
    amount: none,
    amountText: none,
    transactions: z.array(text).readonly(),
  }),
  where: z.strictObject({ address: text, concerned: z.array(text).readonly() }),
  why: z.strictObject({
    alert: none,
    verdict: none,
    decidedAt: none,
    case: z
      .strictObject({
        id: text,
        digest: text.describe('Of the evidence bundle: haetae verify BUNDLE --expect DIGEST.'),
        theft: text,
        title: text,
        method: text,
        simulated: z.boolean(),
        reached: text.describe('Base units.'),
        share: text.describe('Of what was stolen.'),
        firstTime: text,
        lastTime: text,
        payments: z
          .array(z.strictObject({ tx: none, time: text, from: text, amount: text, tainted: text }))
          .readonly()
          .describe('Of stolen money to the address.'),
      })
      .nullable()
      .optional()
      .describe('The traced case it was drawn up from, in place of an alert. Older notices lack it.'),
    statement: text,
    stolenAt: none,
    reasons: z
      .array(
        z.strictObject({
          title: text,
          text,
          address: text,
          category: none,
          link: z.enum(['direct', 'indirect']).nullable(),
          amount: none,
          label: z
            .strictObject({
              label: text,
              source: text,
              url: none,
              confidence: text,
              listed: none,
              programmes: z.array(text).readonly(),
            })
            .nullable(),
          path: path.nullable(),
        }),
      )
      .readonly(),
  }),
  legalBasis: text,
  digest: text.describe('SHA-256 of the JSON of all before, in this order, without spaces.'),
});

const hold = z.strictObject({
  id: text,
  alert: none,
  case: none.describe('Id of the traced case it was drawn up from, in place of an alert.'),
  alertAt: none,
  state: z.enum(HOLD_STATES),
  notice,
  createdBy: text,
  sent: z.strictObject({ at: text, by: text, approvedBy: none }).nullable(),
  acknowledged: z.strictObject({ at: text, by: text, amount: none, reference: none, recordedBy: text }).nullable(),
  refused: ended,
  expired: z.strictObject({ at: text }).nullable(),
  withdrawn: ended,
  timeToHold: z
    .strictObject({ fromTheft: z.number().nullable(), fromAlert: z.number().nullable(), fromSent: z.number() })
    .nullable()
    .describe('Seconds to the acknowledgement.'),
  version: z.number(),
  pending: none.describe('Proposal to send it that waits for a second person, see /v1/approvals.'),
});

const writes = ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'] as const;
const change = { tag: 'holds', scope: 'holds', params, response: hold, status: 200, errors: writes } as const;

export const holdRoutes = routes({
  listHolds: {
    method: 'GET',
    path: '/v1/holds',
    tag: 'holds',
    summary: 'Hold notices, newest first',
    scope: 'read',
    query: z.strictObject({
      state: z.enum(HOLD_STATES).optional(),
      alert: z.string().max(40).optional(),
      case: z.string().max(120).optional(),
      cursor: id.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    response: z.strictObject({ items: z.array(hold).readonly(), next: none }),
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  createHold: {
    method: 'POST',
    path: '/v1/holds',
    tag: 'holds',
    summary: 'Draw up a hold notice from an alert, or from a traced case',
    scope: 'holds',
    body: z.strictObject({
      alert: z.string().max(40).optional(),
      case: z
        .strictObject({
          id: z.string().min(1).max(120),
          theft: z.string().min(1).max(120),
          method: z.string().min(1).max(40),
          chain: z.string().min(1).max(60),
          address: z.string().min(1).max(200),
          asset: z.string().min(1).max(200),
        })
        .optional()
        .describe('In place of an alert: a service that the loot of a traced case reached.'),
      to: party,
      address: z.string().min(1).max(200).describe('At the provider.'),
      amount: z
        .string()
        .max(80)
        .optional()
        .describe('Base units; where left out the amount of the alert, or what reached the service.'),
      statement: long,
      legalBasis: long,
      expiresAt: z.string().max(40),
      tlp: z.enum(TLP_MARKINGS).default('TLP:AMBER'),
    }),
    response: hold,
    status: 201,
    idempotent: true,
    errors: [...writes, 'E_AMOUNT', 'E_TIME', 'E_ASSET', 'E_ADDRESS', 'E_CASE'],
  },
  getHold: {
    ...change,
    method: 'GET',
    path: '/v1/holds/:id',
    summary: 'One hold',
    scope: 'read',
    errors: ['E_NOT_FOUND'],
  },
  getHoldNotice: {
    method: 'GET',
    path: '/v1/holds/:id/notice',
    tag: 'holds',
    summary: 'The notice as JSON, to hand over',
    scope: 'read',
    params,
    response: notice,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  getHoldHtml: {
    method: 'GET',
    path: '/v1/holds/:id/html',
    tag: 'holds',
    summary: 'The notice for print',
    scope: 'read',
    params,
    response: z.string(),
    contentType: 'text/html',
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  sendHold: {
    ...change,
    method: 'POST',
    path: '/v1/holds/:id/send',
    summary: 'Mark as sent; nothing is transmitted from here',
    description: 'With the scope approve, or by two persons where so configured: then `pending` names the proposal.',
    body: z.strictObject({ version }),
    errors: [...writes, 'E_FORBIDDEN'],
    example: {},
  },
  acknowledgeHold: {
    ...change,
    method: 'POST',
    path: '/v1/holds/:id/acknowledge',
    summary: 'Record that the provider holds the assets',
    body: z.strictObject({
      by: z.string().min(1).max(200).describe('Who at the provider.'),
      amount: z.string().max(80).optional().describe('Base units that they hold.'),
      reference: z.string().min(1).max(200).optional(),
      at: z.string().max(40).optional().describe('When they answered; now where left out.'),
      version,
    }),
    errors: [...writes, 'E_AMOUNT', 'E_TIME'],
    example: { by: 'compliance desk', amount: '1500000000' },
  },
  refuseHold: {
    ...change,
    method: 'POST',
    path: '/v1/holds/:id/refuse',
    summary: 'Record that the provider refuses',
    body: z.strictObject({ reason: long, version }),
    example: { reason: 'asks for an order of a court' },
  },
  withdrawHold: {
    ...change,
    method: 'POST',
    path: '/v1/holds/:id/withdraw',
    summary: 'Take the notice back',
    body: z.strictObject({ reason: long, version }),
    example: { reason: 'the label was wrong' },
  },
});
