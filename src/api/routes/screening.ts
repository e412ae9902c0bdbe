import { z } from 'zod';
import { DECISIONS } from '../../screen/verdict.ts';
import { routes } from '../route.ts';
import { verdictSchema } from '../verdict-schema.ts';

const chain = z.string().min(1).max(60).describe('CAIP-2 id or name: eip155:1, bitcoin.');
const address = z.string().min(1).max(200);
const asset = z.string().min(1).max(200).describe('CAIP-19 id, contract, or symbol of the coin of the chain.');
const customer = z.string().min(1).max(200).optional().describe('Your reference; kept as a keyed pseudonym only.');
const segment = z.string().min(1).max(60).optional();
const time = z.string().min(1).max(40).optional();
const amount = z.string().min(1).max(400);
const dryQuery = z.strictObject({
  dry: z.enum(['0', '1']).optional().describe('1: looks up and answers; keeps nothing.'),
});

/** Addresses in one batch. */
export const MAX_BATCH = 10_000;

const batchLine = z.union([
  z.looseObject({ address: z.string(), decision: z.enum(DECISIONS) }),
  z.looseObject({ address: z.string(), error: z.strictObject({ code: z.string(), detail: z.string() }) }),
]);

export const screeningRoutes = routes({
  screenAddress: {
    method: 'POST',
    path: '/v1/screen/address',
    tag: 'screening',
    summary: 'Screen one address',
    scope: 'screen',
    query: dryQuery,
    body: z.strictObject({ chain, address, asset: asset.optional(), customer, segment, asOf: time }),
    response: verdictSchema,
    status: 200,
    errors: ['E_BODY', 'E_ADDRESS', 'E_ASSET', 'E_TIME', 'E_IDEMPOTENCY', 'E_STORE_WRITE', 'E_CLOCK'],
    idempotent: true,
    example: { chain: 'eip155:1', address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96' },
  },
  screenTransfer: {
    method: 'POST',
    path: '/v1/screen/transfer',
    tag: 'screening',
    summary: 'Screen a deposit or a planned withdrawal',
    scope: 'screen',
    query: dryQuery,
    body: z.strictObject({
      chain,
      asset,
      direction: z.enum(['deposit', 'withdrawal']),
      amount: amount.optional().describe('Whole units, as decimal text.'),
      amountBase: amount.optional().describe('In place of amount: base units.'),
      tx: z.string().min(1).max(200).optional(),
      address: address.optional().describe('The counterparty: sender of a deposit, recipient of a withdrawal.'),
      to: address.optional().describe('Your own address that a deposit was paid to.'),
      customer,
      segment,
      at: time,
      asOf: time,
    }),
    response: verdictSchema,
    status: 200,
    errors: [
      'E_BODY',
      'E_ADDRESS',
      'E_ASSET',
      'E_AMOUNT',
      'E_TIME',
      'E_NOT_FOUND',
      'E_IDEMPOTENCY',
      'E_STORE_WRITE',
      'E_CLOCK',
    ],
    idempotent: true,
    example: {
      chain: 'eip155:1',
      asset: 'ETH',
      direction: 'withdrawal',
      amount: '1.5',
      address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96',
    },
  },
  screenBatch: {
    method: 'POST',
    path: '/v1/screen/batch',
    tag: 'screening',
    summary: 'Screen up to 10,000 addresses',
    description:
      'JSON, or NDJSON: each line an address as text, or an object with address and chain. One line an address comes back, in order; a bad line is one with its error. With an Idempotency-Key the same request gives the same lines again, with the same ids.',
    scope: 'screen',
    query: z.strictObject({
      dry: z.enum(['0', '1']).optional(),
      chain: chain.optional().describe('Of NDJSON lines that name none.'),
    }),
    body: z.strictObject({ chain, addresses: z.array(z.string().max(200)).max(MAX_BATCH) }),
    response: batchLine,
    contentType: 'application/x-ndjson',
    status: 200,
    errors: ['E_BODY', 'E_ASSET', 'E_IDEMPOTENCY', 'E_STORE_WRITE', 'E_CLOCK', 'E_INTERRUPTED'],
    idempotent: true,
    lines: true,
    maxBody: 4 << 20,
    example: { chain: 'bitcoin', addresses: ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'] },
  },
});
