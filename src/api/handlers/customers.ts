import type { Pseudonyms } from '../../access/pseudonyms.ts';
import { HaetaeError } from '../../base/errors.ts';
import type { Handlers } from '../route.ts';
import type { customerRoutes } from '../routes/customers.ts';

export function customerHandlers(pseudonyms: Pseudonyms): Handlers<typeof customerRoutes> {
  return {
    findCustomer: async ({ body }) => {
      const pseudonym = await pseudonyms.pseudonymOf(body.reference);
      if (pseudonym !== null) return { pseudonym };
      throw new HaetaeError('E_NOT_FOUND', 'no customer of this reference is known', {
        remedy: 'check its spelling; it may be erased already',
      });
    },
    eraseCustomer: async ({ body, principal }) => ({ pseudonym: await pseudonyms.erase(body.reference, principal) }),
  };
}
