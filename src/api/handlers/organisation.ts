import type { OwnOrganisation } from '../../share/organisation.ts';
import type { Handlers } from '../route.ts';
import type { organisationRoutes } from '../routes/organisation.ts';

export function organisationHandlers(own: OwnOrganisation): Handlers<typeof organisationRoutes> {
  return {
    getOrganisation: () => own.view(),
    setOrganisation: ({ body: { version, ...wish }, principal, at }) =>
      own.set(wish, { principal, at, expected: version }),
  };
}
