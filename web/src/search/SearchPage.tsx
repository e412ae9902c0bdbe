import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';
import { HitText } from './HitText.tsx';
import { type Hit, hitPath, hitsByKind, KIND_SIGNS } from './hit-path.ts';
import { useLinkValues } from './use-link-values.ts';

const MOST = 100;

export default function SearchPage(): ReactNode {
  const words = useWords(searchWords);
  const wanted = (useLinkValues().get('q') ?? '').trim().slice(0, 200);
  const found = useQuery({
    queryKey: ['search', wanted],
    queryFn: ({ signal }) => api.search({ query: { q: wanted, limit: MOST } }, { signal }),
    enabled: wanted !== '',
  });
  return (
    <>
      <h1>{words.search}</h1>
      {wanted === '' ? (
        <Hints />
      ) : (
        <>
          <p>
            {words.resultsFor}{' '}
            <strong>
              “<Outside>{wanted}</Outside>”
            </strong>
          </p>
          <Answer query={found}>{({ items, more }) => <Hits hits={items} more={more} />}</Answer>
        </>
      )}
    </>
  );
}

function Hits({ hits, more }: { readonly hits: readonly Hit[]; readonly more: boolean }): ReactNode {
  const words = useWords(searchWords);
  return (
    <>
      <p className="muted" role="status">
        {words.found(hits.length, more)}
      </p>
      {hits.length === 0 ? <Hints /> : null}
      {hitsByKind(hits).map(([kind, own]) => (
        <section key={kind} className="panel">
          <h2>
            <span aria-hidden="true">{KIND_SIGNS[kind]}</span> {words.kinds[kind]}
            <span className="count">{own.length}</span>
          </h2>
          <ul className="hit-list">
            {own.map((hit) => (
              <li key={`${hit.chain}|${hit.id}`}>
                <Link href={hitPath(hit)}>
                  <HitText hit={hit} whole />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Hints(): ReactNode {
  const words = useWords(searchWords);
  return (
    <Empty>
      <p>{words.hintsTitle}</p>
      <ul className="hints">
        {words.hints.map((hint) => (
          <li key={hint}>{hint}</li>
        ))}
      </ul>
    </Empty>
  );
}
