import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { entitiesWords } from '../messages/entities.ts';
import { Answer } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { LabelSheet } from '../search/LabelSheet.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';

const FIRST = 200;
const MOST = 1000;

/** A named owner: every label that names it. */
export default function NamedEntityPage({ name }: { readonly name: string }): ReactNode {
  const words = useWords(entitiesWords);
  const [limit, setLimit] = useState(FIRST);
  const found = useQuery({
    queryKey: ['named-entity', name, limit],
    queryFn: ({ signal }) => api.getNamedEntity({ params: { name }, query: { limit } }, { signal }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <h1>
        <Outside>{found.data?.name ?? name}</Outside>
      </h1>
      <Answer query={found}>
        {({ addresses, labels }) => (
          <section className="panel">
            <p className="muted">
              {words.namedWhat(addresses)} {addresses > limit ? words.firstLabels(limit) : null}
            </p>
            <LabelSheet labels={labels} withAddress />
            {addresses > limit && limit < MOST ? (
              <button type="button" className="after no-print" onClick={() => setLimit(MOST)}>
                {words.more}
              </button>
            ) : null}
          </section>
        )}
      </Answer>
    </>
  );
}
