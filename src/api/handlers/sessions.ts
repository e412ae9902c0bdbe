import { signInPath } from '../../access/access-desk.ts';
import type { Principal, Scope } from '../../access/principal.ts';
import type { Sessions } from '../../access/sessions.ts';
import { type Handlers, Raw } from '../route.ts';
import type { sessionRoutes } from '../routes/sessions.ts';

/** `cookieOf`: the Set-Cookie header of a session's secret; of null, one that removes it. */
export function sessionHandlers(
  sessions: Sessions,
  cookieOf: (secret: string | null) => string,
): Handlers<typeof sessionRoutes> {
  const withCookie = (body: unknown, secret: string | null): Raw =>
    new Raw(JSON.stringify(body), undefined, {
      headers: { 'set-cookie': cookieOf(secret), 'cache-control': 'no-store' },
    });
  return {
    signIn: async ({ body }) => {
      const { cookie, principal } = await sessions.signInByKey(body.key);
      return withCookie(whoIs(principal), cookie);
    },
    signInByLink: async ({ query }) => {
      const { cookie } = await sessions.signInByLink(query.token);
      const headers = {
        location: '/',
        'set-cookie': cookieOf(cookie),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      };
      return new Raw('', undefined, { status: 303, headers });
    },
    createSignInLink: ({ principal }) => ({ path: signInPath(sessions.createSignIn(principal)) }),
    whoAmI: ({ principal }) => whoIs(principal),
    signOut: async ({ principal }) => {
      await sessions.signOut(principal);
      return withCookie({ signedOut: true }, null);
    },
    listSessions: () => ({ items: [...sessions.list()] }),
    endSession: async ({ params, principal }) => {
      await sessions.end(params.id, principal);
      return { signedOut: true };
    },
  };
}

function whoIs({
  id,
  person,
  role,
  scopes,
}: Principal): Pick<Principal, 'id' | 'person' | 'role'> & { scopes: Scope[] } {
  return { id, person, role, scopes: [...scopes] };
}
