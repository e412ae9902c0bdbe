import { z } from 'zod';
import { routes } from '../route.ts';

const text = z.string();
const none = z.string().nullable();
const chain = z.string().min(1).max(60).describe('CAIP-2 id or name.');
const params = z.strictObject({ chain, address: z.string().min(1).max(200) });
const count = z.int();

export const SEARCH_KINDS = [
  'case',
  'desk-case',
  'address',
  'transaction',
  'entity',
  'label',
  'alert',
  'verdict',
  'hold',
] as const;

const hit = z.strictObject({
  kind: z.enum(SEARCH_KINDS),
  id: text.describe(
    'Of the case, alert, verdict or hold; the address, the transaction; the name of a label or entity.',
  ),
  chain: none,
  title: text,
  detail: text,
  simulated: z.boolean(),
});

const label = z.strictObject({
  chain: none,
  address: text,
  category: text,
  label: text,
  actor: none,
  source: text,
  url: none,
  confidence: text,
  from: none,
  until: none,
  current: z.boolean(),
});

const member = z.strictObject({ address: text, label: none });

export const searchRoutes = routes({
  search: {
    method: 'GET',
    path: '/v1/search',
    tag: 'search',
    summary: 'Find an address, a transaction, an entity, a label, a case, an alert or a verdict',
    description:
      'Ids are found whole or by their beginning (six characters or more); titles and names of labels by any part of them.',
    scope: 'read',
    query: z.strictObject({
      q: z.string().min(1).max(200),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
    response: z.strictObject({ items: z.array(hit).readonly(), more: z.boolean() }),
    status: 200,
    errors: [],
  },
  getAddress: {
    method: 'GET',
    path: '/v1/addresses/:chain/:address',
    tag: 'search',
    summary: 'What is known of an address',
    scope: 'read',
    params,
    response: z.strictObject({
      chain: text,
      address: text,
      labels: z.array(label).readonly(),
      entity: none.describe('The smallest address of its entity, where it is joined with others.'),
      firstTime: none.describe('null too where there are more transfers than were counted.'),
      lastTime: none,
      transfers: count.describe('Of the newest: counting stops at 2,000. On a UTXO chain transactions.'),
      transfersMore: z.boolean().describe('There are more than were counted.'),
      recent: z
        .array(
          z.strictObject({
            time: text,
            tx: none,
            from: none,
            to: none,
            asset: text,
            symbol: text,
            decimals: z.int().nullable(),
            amount: text,
            gross: z
              .strictObject({ spent: text, received: text, payers: count, payees: count })
              .nullable()
              .describe(
                'Of a UTXO transaction: what it spent of the address and what it paid to it, in base units, and how many other addresses ' +
                  'paid and were paid in it. null on account chains.',
              ),
          }),
        )
        .readonly()
        .describe(
          'Newest first, at most 100. On a UTXO chain one a transaction: amount is the difference between what it paid to the address and ' +
            'what it spent (fee included); from or to is the address, the other the only one that paid or was paid, or null.',
        ),
      sums: z
        .strictObject({ asset: text, symbol: text, decimals: z.int().nullable(), received: text, spent: text })
        .nullable()
        .describe('On a UTXO chain: of the transfers counted, base units, change in both. null on account chains.'),
      exposure: z
        .array(z.strictObject({ asset: text, category: text, direction: text, link: text, share: z.number() }))
        .nullable()
        .describe(
          'Of what it received or sent of each asset, from the table of exposures; null: it has none of this address.',
        ),
      cases: z
        .array(z.strictObject({ id: text, title: text, theft: text, simulated: z.boolean() }))
        .readonly()
        .describe('Traced cases whose loot came there.'),
      verdicts: z.array(z.strictObject({ id: text, at: text, decision: text, score: z.number() })).readonly(),
    }),
    status: 200,
    errors: ['E_ASSET', 'E_ADDRESS'],
  },
  getTransaction: {
    method: 'GET',
    path: '/v1/transactions/:chain/:tx',
    tag: 'search',
    summary: 'The movements of a transaction',
    scope: 'read',
    params: z.strictObject({ chain, tx: z.string().min(1).max(200) }),
    response: z.strictObject({
      chain: text,
      tx: text,
      time: text,
      block: none,
      movements: z
        .array(
          z.strictObject({
            kind: text,
            from: none,
            to: none,
            asset: text,
            symbol: text,
            decimals: z.int().nullable(),
            amount: text,
          }),
        )
        .readonly()
        .describe('Of a UTXO transaction: one an input (to null), then one an output (from null).'),
      cases: z.array(z.strictObject({ id: text, title: text, simulated: z.boolean() })).readonly(),
    }),
    status: 200,
    errors: ['E_ASSET', 'E_NOT_FOUND'],
  },
  listEntities: {
    method: 'GET',
    path: '/v1/entities',
    tag: 'search',
    summary: 'Named owners: actors of labels, with how many addresses bear their labels',
    scope: 'read',
    query: z.strictObject({
      q: z.string().max(200).optional().describe('A part of the name.'),
      category: z.string().max(60).optional(),
      cursor: z.string().max(300).optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
    }),
    response: z.strictObject({
      items: z
        .array(
          z.strictObject({
            name: text,
            categories: z.array(text).readonly(),
            addresses: count,
            chains: z.array(text).readonly(),
            sources: z.array(text).readonly(),
          }),
        )
        .readonly(),
      next: none,
    }),
    status: 200,
    errors: [],
  },
  getNamedEntity: {
    method: 'GET',
    path: '/v1/entities/named/:name',
    tag: 'search',
    summary: 'One named owner: the addresses that bear its labels, each with its source',
    scope: 'read',
    params: z.strictObject({ name: z.string().min(1).max(300) }),
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200) }),
    response: z.strictObject({ name: text, addresses: count, labels: z.array(label).readonly() }),
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  getEntity: {
    method: 'GET',
    path: '/v1/entities/of/:chain/:address',
    tag: 'search',
    summary: 'The entity of an address: members, what joined them, what was not believed',
    description: 'From the entities kept beside the store; brought up to date by haetae entity or an index build.',
    scope: 'read',
    params,
    response: z.strictObject({
      chain: text,
      address: text,
      entity: text,
      model: z.enum(['utxo', 'account']),
      service: none,
      members: z.strictObject({ count, first: z.array(member).readonly() }),
      labels: z.array(label).readonly(),
      joins: z
        .strictObject({
          transactions: count,
          mixes: count,
          first: z.array(z.strictObject({ tx: none, time: text, members: z.array(text).readonly() })).readonly(),
        })
        .nullable(),
      deposit: z
        .strictObject({ service: text, confidence: text, senders: count })
        .nullable()
        .describe('Set where the address is a deposit address of a service (Victor 2020).'),
      refusals: z
        .array(z.strictObject({ tx: none, time: text, reason: text, a: text, b: text }))
        .readonly()
        .describe('Unions that the collapse guard refused.'),
    }),
    status: 200,
    errors: ['E_ASSET', 'E_ADDRESS', 'E_NOT_FOUND', 'E_STATE', 'E_BUSY'],
  },
});
