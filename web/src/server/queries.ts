import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { needsSignIn, passes } from './api.ts';
import { connection } from './connection.ts';

const LONGEST_WAIT_MS = 4000;

/** What was asked stays on the page while the server is away, and is asked again until it answers. */
export const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => notice(error),
    onSuccess: () => connection.set('there'),
  }),
  mutationCache: new MutationCache({ onError: (error) => notice(error), onSuccess: () => connection.set('there') }),
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      retry: (count, error) => {
        if (!passes(error)) return false;
        if (count >= 1) connection.set('away');
        return true;
      },
      retryDelay: (count) => Math.min(LONGEST_WAIT_MS, 300 * 2 ** count),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

function notice(error: unknown): void {
  if (needsSignIn(error)) connection.set('signed-out');
  else if (passes(error)) connection.set('away');
  else connection.set('there');
}
