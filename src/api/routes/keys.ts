import { z } from 'zod';
import { keyViewSchema } from '../../access/key-record.ts';
import { ROLES, SCOPES } from '../../access/principal.ts';
import { routes } from '../route.ts';

const params = z.strictObject({
  id: z.string().max(40).describe('Twelve hex digits: the part of the key between hk_ and the next _.'),
});
const issued = z.strictObject({
  key: keyViewSchema,
  secret: z.string().describe('The whole key. It is kept nowhere and shown this once.'),
});

export const keyRoutes = routes({
  listKeys: {
    method: 'GET',
    path: '/v1/keys',
    tag: 'keys',
    summary: 'Every API key, without its secret',
    scope: 'keys',
    response: z.strictObject({ items: z.array(keyViewSchema) }),
    status: 200,
    errors: [],
  },
  createKey: {
    method: 'POST',
    path: '/v1/keys',
    tag: 'keys',
    summary: 'Make an API key',
    description:
      'Never with more rights than those of who makes it. The answer holds the secret, which cannot be had again.',
    scope: 'keys',
    body: z.strictObject({
      role: z.enum(ROLES),
      label: z.string().max(100).optional().describe('What it is for.'),
      person: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe('Whose it is. Left out: of who makes it. Two keys of one person are no two persons.'),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).optional().describe('Some of the role. Left out: all.'),
      expires: z.iso.datetime({ offset: true }).optional().describe('Left out: it does not expire.'),
      rate: z
        .number()
        .positive()
        .max(1e6)
        .optional()
        .describe('Requests a second; twice as many may come at once. Left out: no limit.'),
    }),
    response: issued,
    status: 201,
    errors: ['E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { role: 'analyst', label: 'deposits', person: 'kim', rate: 500 },
  },
  rotateKey: {
    method: 'POST',
    path: '/v1/keys/:id/rotate',
    tag: 'keys',
    summary: 'Give a key a new secret',
    description: 'The secret before is taken for a while longer, so that whoever uses it can change over.',
    scope: 'keys',
    params,
    body: z.strictObject({
      graceSeconds: z
        .int()
        .min(0)
        .max(2_592_000)
        .optional()
        .describe('For so long the old secret is taken. Default a day; 0: not at all.'),
    }),
    response: issued,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { graceSeconds: 3600 },
  },
  revokeKey: {
    method: 'DELETE',
    path: '/v1/keys/:id',
    tag: 'keys',
    summary: 'Revoke a key at once',
    description:
      'Sessions made from it end with it. The last key that may make keys can be revoked only with the command line on the machine of the server.',
    scope: 'keys',
    params,
    response: keyViewSchema,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
  },
});
