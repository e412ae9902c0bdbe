import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { entitiesWords } from '../messages/entities.ts';
import { Answer } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { LabelSheet } from '../search/LabelSheet.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';

const ADDRESSES = 200;

/** A named owner: every label that names it. */
export default function NamedEntityPage({ name }: { readonly name: string }): ReactNode {
  const words = useWords(entitiesWords);
  const found = useQuery({
    queryKey: ['named-entity', name],
    queryFn: ({ signal }) => api.getNamedEntity({ params: { name }, query: { limit: ADDRESSES } }, { signal }),
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
              {words.namedWhat(addresses)} {addresses > ADDRESSES ? words.firstLabels(ADDRESSES) : null}
            </p>
            <LabelSheet labels={labels} withAddress />
          </section>
        )}
      </Answer>
    </>
  );
}
