import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { shellWords } from '../messages/shell.ts';
import { SimulatedChip } from '../parts/text.tsx';
import { SearchBox } from '../search/SearchBox.tsx';
import { api } from '../server/api.ts';
import { useConnection } from '../server/connection.ts';
import { KeysHelp } from './KeysHelp.tsx';
import { Preferences } from './Preferences.tsx';
import { useWho } from './SessionGate.tsx';
import { useWords } from './settings.tsx';

/** What stands around every page: where one can go, the search, who is signed in, whether the server answers. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const words = useWords(shellWords);
  const [help, setHelp] = useState(false);
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => api.getOverview({}, { signal }),
    refetchInterval: 15_000,
  });
  useShortcuts(() => setHelp(true));
  const open = overview.data === undefined ? 0 : sum(overview.data.alerts.open);
  return (
    <>
      <a className="skip" href="#page">
        {words.skip}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <img src="/favicon.svg" alt="" width="26" height="26" />
          <span>Haetae</span>
        </Link>
        <SearchBox />
        {overview.data?.drill === true ? <SimulatedChip /> : null}
        <Preferences />
        <WhoIsIn />
      </header>
      <ServerNotice />
      <div className="frame">
        <Navigation alerts={open} approvals={overview.data?.approvals ?? 0} />
        <main id="page" tabIndex={-1}>
          {children}
        </main>
      </div>
      {help ? <KeysHelp onClose={() => setHelp(false)} /> : null}
    </>
  );
}

const PLACES = [
  ['overview', '/'],
  ['cases', '/cases'],
  ['screening', '/screening'],
  ['alerts', '/alerts'],
  ['holds', '/holds'],
  ['approvals', '/approvals'],
  ['entities', '/entities'],
  ['rules', '/rules'],
  ['audit', '/audit'],
  ['settings', '/settings'],
] as const;

function Navigation({ alerts, approvals }: { readonly alerts: number; readonly approvals: number }): ReactNode {
  const words = useWords(shellWords);
  const [path] = useLocation();
  const counts: Readonly<Record<string, number>> = { alerts, approvals };
  return (
    <nav className="places" aria-label={words.navigation}>
      <ul>
        {PLACES.map(([name, to]) => {
          const here = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
          const count = counts[name] ?? 0;
          return (
            <li key={name}>
              <Link href={to} aria-current={here ? 'page' : undefined}>
                {words.places[name]}
                {count === 0 ? null : <span className="count">{count}</span>}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function WhoIsIn(): ReactNode {
  const words = useWords(shellWords);
  const who = useWho();
  const leave = (): void => {
    api.signOut().finally(() => window.location.reload());
  };
  return (
    <div className="who">
      <span title={who.id}>{words.roles[who.role] ?? who.role}</span>
      <button type="button" className="plain" onClick={leave}>
        {words.signOut}
      </button>
    </div>
  );
}

function ServerNotice(): ReactNode {
  const words = useWords(shellWords);
  const state = useConnection();
  return (
    <div className="server-notice" role="status" aria-live="polite">
      {state === 'away' ? <p>{words.serverAway}</p> : null}
    </div>
  );
}

/** Keys that work on every page, unless something is being written. */
function useShortcuts(showHelp: () => void): void {
  const [, go] = useLocation();
  useEffect(() => {
    let leader = 0;
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) return;
      if (event.key === '/') {
        event.preventDefault();
        document.getElementById('search')?.focus();
      } else if (event.key === '?') showHelp();
      else if (event.key === 'g') leader = Date.now();
      else if (Date.now() - leader < 1500) {
        leader = 0;
        const to = GO[event.key];
        if (to !== undefined) go(to);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, showHelp]);
}

/** After g. */
const GO: Readonly<Record<string, string>> = {
  o: '/',
  c: '/cases',
  s: '/screening',
  a: '/alerts',
  h: '/holds',
  e: '/entities',
  r: '/rules',
};

function sum(ages: Readonly<Record<string, number>>): number {
  return Object.values(ages).reduce((total, count) => total + count, 0);
}
