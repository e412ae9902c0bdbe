import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';
import { Fault, Loading } from '../parts/state.tsx';
import { api, needsSignIn } from '../server/api.ts';
import { connection, useConnection } from '../server/connection.ts';
import { SignIn } from './SignIn.tsx';

export type Who = Awaited<ReturnType<typeof api.whoAmI>>;

const Context = createContext<Who | null>(null);

/** Who is signed in. */
export function useWho(): Who {
  const who = useContext(Context);
  if (who === null) throw new Error('nobody is signed in around this part');
  return who;
}

export function useMay(scope: Who['scopes'][number]): boolean {
  return useWho().scopes.includes(scope);
}

/** Asks who is there; a session that ends puts the sign-in over the page, which stays as it was. */
export function SessionGate({ children }: { readonly children: ReactNode }): ReactNode {
  const client = useQueryClient();
  const state = useConnection();
  const who = useQuery({ queryKey: ['who'], queryFn: ({ signal }) => api.whoAmI({}, { signal }), staleTime: 60_000 });
  const signedIn = async (): Promise<void> => {
    connection.signedIn();
    await client.invalidateQueries();
  };
  if (who.data !== undefined)
    return (
      <Context value={who.data}>
        {children}
        {state === 'signed-out' ? <SignIn over onDone={signedIn} /> : null}
      </Context>
    );
  if (who.error !== null) return needsSignIn(who.error) ? <SignIn onDone={signedIn} /> : <Fault error={who.error} />;
  return <Loading />;
}
