import { z } from 'zod';
import { CATEGORIES, CONFIDENCES } from '../../model/label.ts';
import { routes } from '../route.ts';

const time = z.iso.datetime({ offset: true });
const shown = z.iso.datetime().nullable();
const category = z.enum(CATEGORIES);
const chain = z.string().min(1).max(60).describe('Name (ethereum) or CAIP-2 id (eip155:1).');
const id = z.string().regex(/^[\x21-\x7e]{1,100}$/);

const label = z.strictObject({
  address: z.string().describe('Lower case where `caseLost`.'),
  chain: z.string().nullable().describe('null: the source names no chain that is known.'),
  category,
  label: z.string(),
  actor: z.string().nullable(),
  programmes: z.array(z.string()).readonly(),
  confidence: z.string(),
  url: z.string().nullable(),
  source: z.string(),
  file: z.string(),
  firstListed: shown.describe('First edition that holds it; null: undated.'),
  lastListed: shown,
  endedBy: shown.describe('The first edition that no longer holds it.'),
  validFrom: shown,
  validTo: shown,
  status: z.enum(['current', 'ended', 'later']),
  caseLost: z.boolean().describe('The source lower-cased the address: equal but for upper and lower case.'),
});

const ownLabel = z.strictObject({
  id,
  chain: z.string().nullable(),
  address: z.string(),
  category,
  label: z.string(),
  actor: z.string().nullable(),
  programmes: z.array(z.string()).readonly(),
  confidence: z.string(),
  url: z.string().nullable(),
  note: z.string().describe('Why it was added.'),
  validFrom: shown,
  validTo: shown,
  addedAt: shown,
  addedBy: z.string(),
  expiredAt: shown,
  expiredBy: z.string().nullable(),
  reason: z.string().nullable().describe('Why it was expired.'),
});

const state = z.enum(['current', 'expired', 'all']).default('current');

export const labelRoutes = routes({
  listLabels: {
    method: 'GET',
    path: '/v1/labels',
    tag: 'labels',
    summary: 'Every label of an address',
    description: 'In force or not, with its source and the dates of its list. Without a chain: of every chain.',
    scope: 'read',
    query: z.strictObject({
      address: z.string().min(1).max(200),
      chain: chain.optional(),
      asOf: time.optional().describe('As the lists stood then.'),
    }),
    response: z.strictObject({ items: z.array(label).readonly() }),
    status: 200,
    errors: ['E_ASSET', 'E_ADDRESS', 'E_TIME'],
  },
  addLabel: {
    method: 'POST',
    path: '/v1/labels',
    tag: 'labels',
    summary: 'Add an own label',
    description: 'It holds from this second until it is expired; past verdicts that it touches are screened again.',
    scope: 'labels',
    body: z.strictObject({
      chain,
      address: z.string().min(1).max(200),
      category,
      label: z.string().min(1).max(300),
      note: z.string().max(500).default('').describe('Why it is added.'),
      actor: z.string().max(100).nullable().optional(),
      programmes: z.array(z.string().min(1).max(60)).max(20).optional(),
      confidence: z.enum(CONFIDENCES).optional().describe('override where left out.'),
      url: z
        .url({ protocol: /^https?$/ })
        .max(500)
        .nullable()
        .optional(),
      validFrom: time.nullable().optional(),
      validTo: time.nullable().optional(),
    }),
    response: ownLabel,
    status: 201,
    errors: ['E_ASSET', 'E_ADDRESS', 'E_TIME', 'E_STORE_WRITE'],
    idempotent: true,
    example: {
      chain: 'ethereum',
      address: '0x098b716b8aaf21512996dc57eb0615e2383e2f96',
      category: 'stolen',
      label: 'Thief of our hot wallet',
      note: 'Police report 2026/17',
    },
  },
  listOwnLabels: {
    method: 'GET',
    path: '/v1/labels/own',
    tag: 'labels',
    summary: 'Own labels, newest first',
    scope: 'read',
    query: z.strictObject({
      state,
      cursor: z.string().max(1000).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.strictObject({ items: z.array(ownLabel).readonly(), next: z.string().nullable() }),
    status: 200,
    errors: [],
  },
  exportLabels: {
    method: 'GET',
    path: '/v1/labels/own.csv',
    tag: 'labels',
    summary: 'Own labels as CSV',
    description: '`haetae import labels` reads it back.',
    scope: 'read',
    query: z.strictObject({ state }),
    response: z.string(),
    contentType: 'text/csv',
    status: 200,
    errors: [],
  },
  expireLabel: {
    method: 'POST',
    path: '/v1/labels/own/:id/expire',
    tag: 'labels',
    summary: 'End an own label',
    description: 'It stays as it was for every time before this second.',
    scope: 'labels',
    params: z.strictObject({ id }),
    body: z.strictObject({ reason: z.string().min(1).max(300) }),
    response: ownLabel,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE'],
    idempotent: true,
    example: { reason: 'Returned the money' },
  },
});
