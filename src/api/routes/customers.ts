import { z } from 'zod';
import { routes } from '../route.ts';

const reference = z.string().min(1).max(200).describe('As it was given with the transfers, letter for letter.');
const pseudonym = z.strictObject({
  pseudonym: z.string().describe('What verdicts, alerts and the audit log hold in place of the reference.'),
});

export const customerRoutes = routes({
  findCustomer: {
    method: 'POST',
    path: '/v1/customers/find',
    tag: 'customers',
    summary: 'The pseudonym of a customer',
    description:
      'The reference stands in the body so that it stands in no log of addresses. It is kept nowhere: only who knows it finds the pseudonym.',
    scope: 'read',
    body: z.strictObject({ reference }),
    response: pseudonym,
    status: 200,
    errors: ['E_NOT_FOUND'],
    example: { reference: 'customer-4711' },
  },
  eraseCustomer: {
    method: 'POST',
    path: '/v1/customers/erase',
    tag: 'customers',
    summary: 'Cut what is kept off from a customer',
    description:
      'Removes what joins the reference to its pseudonym. Verdicts, alerts and the audit log stay whole and verify, and lead to nobody. The same reference is a new customer when it comes again. This cannot be undone.',
    scope: 'erase',
    body: z.strictObject({ reference }),
    response: pseudonym,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { reference: 'customer-4711' },
  },
});
