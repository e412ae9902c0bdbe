import { z } from 'zod';
import { ROLES, SCOPES } from '../../access/principal.ts';
import { sessionViewSchema } from '../../access/session-view.ts';
import { routes } from '../route.ts';

const who = z.strictObject({
  id: z.string().describe('As it stands in the audit log.'),
  person: z.string(),
  role: z.enum(ROLES),
  scopes: z.array(z.enum(SCOPES)),
});

export const sessionRoutes = routes({
  signIn: {
    method: 'POST',
    path: '/v1/session',
    tag: 'sessions',
    summary: 'Sign in with an API key',
    description:
      'Sets the cookie of the session (HttpOnly, SameSite=Strict). A session can do what its key can, and ends with it.',
    scope: null,
    body: z.strictObject({ key: z.string().max(200) }),
    response: who,
    status: 200,
    errors: ['E_KEY', 'E_KEY_EXPIRED', 'E_BUSY', 'E_STORE_WRITE', 'E_CLOCK'],
    example: { key: 'hk_0123456789ab_…' },
  },
  signInByLink: {
    method: 'GET',
    path: '/sign-in',
    tag: 'sessions',
    summary: 'Sign in with a one-time link',
    description:
      'As printed by haetae serve: works once, for ten minutes. Sets the cookie of the session and leads to the console.',
    scope: null,
    query: z.strictObject({ token: z.string().max(200) }),
    response: z.string(),
    contentType: 'text/plain',
    status: 200,
    errors: ['E_KEY', 'E_KEY_EXPIRED', 'E_BUSY', 'E_STORE_WRITE', 'E_CLOCK'],
  },
  createSignInLink: {
    method: 'POST',
    path: '/v1/sessions/links',
    tag: 'sessions',
    summary: 'Make a one-time sign-in link',
    description: 'For the command line on the machine of the server.',
    scope: 'local',
    response: z.strictObject({ path: z.string().describe('To be opened on this server.') }),
    status: 201,
    errors: ['E_BUSY'],
  },
  whoAmI: {
    method: 'GET',
    path: '/v1/session',
    tag: 'sessions',
    summary: 'Who this key or session is, and what it may do',
    scope: 'read',
    response: who,
    status: 200,
    errors: [],
  },
  signOut: {
    method: 'DELETE',
    path: '/v1/session',
    tag: 'sessions',
    summary: 'Sign out',
    scope: 'read',
    response: z.strictObject({ signedOut: z.literal(true) }),
    status: 200,
    errors: ['E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
  },
  listSessions: {
    method: 'GET',
    path: '/v1/sessions',
    tag: 'sessions',
    summary: 'Who is signed in',
    scope: 'keys',
    response: z.strictObject({ items: z.array(sessionViewSchema) }),
    status: 200,
    errors: [],
  },
  endSession: {
    method: 'DELETE',
    path: '/v1/sessions/:id',
    tag: 'sessions',
    summary: 'End a session',
    scope: 'keys',
    params: z.strictObject({ id: z.string().max(40) }),
    response: z.strictObject({ signedOut: z.literal(true) }),
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STORE_WRITE', 'E_CLOCK'],
  },
});
