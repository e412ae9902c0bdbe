import { z } from 'zod';
import { routes } from '../route.ts';

const party = z.strictObject({ name: z.string(), contact: z.string() });

const organisation = z.strictObject({
  organisation: party.nullable().describe('null: nobody is named, so no notice can be drawn up.'),
  source: z
    .enum(['command line', 'set'])
    .nullable()
    .describe('What is given when the server is started stands above what is set here. null: neither.'),
  changed: z.strictObject({ at: z.string(), by: z.string() }).nullable().describe('When, and by whom, it was set.'),
  version: z.int().describe('Of what was set here; 0: nothing was.'),
});

export const organisationRoutes = routes({
  getOrganisation: {
    method: 'GET',
    path: '/v1/organisation',
    tag: 'holds',
    summary: 'Who draws up hold notices, and whom to answer',
    scope: 'read',
    response: organisation,
    status: 200,
    errors: [],
  },
  setOrganisation: {
    method: 'PUT',
    path: '/v1/organisation',
    tag: 'holds',
    summary: 'Name who draws up hold notices',
    description:
      'Counts for notices drawn up from then on; those that are drawn up never change. E_STATE where it is given on the command line of the server.',
    scope: 'keys',
    body: z.strictObject({
      name: z.string().min(1).max(200).describe('One line.'),
      contact: z.string().min(1).max(1000).describe('How to reach it: an address, a telephone number, a key.'),
      version: z.int().min(0).optional().describe('The version that you saw: E_STATE where another change came first.'),
    }),
    response: organisation,
    status: 200,
    errors: ['E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { name: 'Example Exchange', contact: 'desk@exchange.example' },
  },
});
