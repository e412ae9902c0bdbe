import type { KeyRing } from '../../access/key-ring.ts';
import type { Handlers } from '../route.ts';
import type { keyRoutes } from '../routes/keys.ts';

export function keyHandlers(ring: KeyRing): Handlers<typeof keyRoutes> {
  return {
    listKeys: () => ({ items: [...ring.list()] }),
    createKey: ({ body, principal }) => {
      const { role, label, person, scopes, expires, rate } = body;
      const wanted = {
        role,
        ...(label === undefined ? {} : { label }),
        ...(person === undefined ? {} : { person }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(expires === undefined ? {} : { expires: Date.parse(expires) }),
        ...(rate === undefined ? {} : { rate }),
      };
      return ring.create(wanted, principal);
    },
    rotateKey: ({ params, body, principal }) =>
      ring.rotate(params.id, principal, body.graceSeconds === undefined ? undefined : body.graceSeconds * 1000),
    revokeKey: ({ params, principal }) => ring.revoke(params.id, principal),
  };
}
