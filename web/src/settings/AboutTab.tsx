import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWho } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Answer } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';

const RELOAD_MS = 1200;

export function AboutTab(): ReactNode {
  const words = useWords(settingsWords);
  const { id, person, role, scopes } = useWho();
  const health = useQuery({ queryKey: ['health'], queryFn: ({ signal }) => api.health({}, { signal }) });
  return (
    <>
      <section className="panel">
        <h2>Haetae</h2>
        <dl className="facts">
          <dt>{words.version}</dt>
          <dd>
            <Answer query={health}>{({ version }) => <code>{version}</code>}</Answer>
          </dd>
          <dt>{words.ready}</dt>
          <dd>{health.data === undefined ? '–' : health.data.ready ? words.yes : words.no}</dd>
          <dt>{words.licence}</dt>
          <dd>{words.licenceText}</dd>
          <dt>{words.interface}</dt>
          <dd className="row-of">
            <a href="/docs">{words.docs}</a> <a href="/openapi.json">{words.openapi}</a>
          </dd>
          <dt>{words.signedInAs}</dt>
          <dd>
            <Outside>{person}</Outside>, {words.roles[role] ?? role} <code className="muted">{id}</code>
          </dd>
          <dt>{words.rights}</dt>
          <dd>{scopes.map((scope) => words.scopeNames[scope] ?? scope).join(', ')}</dd>
        </dl>
      </section>
      <Keeps />
    </>
  );
}

function Keeps(): ReactNode {
  const words = useWords(settingsWords);
  const toast = useToast();
  const forget = (): void => {
    window.localStorage.removeItem('haetae.settings');
    toast(words.forgotten);
    setTimeout(() => window.location.reload(), RELOAD_MS);
  };
  return (
    <section className="panel">
      <h2>{words.keeps}</h2>
      <ul>
        {words.keepsList.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <button type="button" className="no-print" onClick={forget}>
        {words.forget}
      </button>
    </section>
  );
}
