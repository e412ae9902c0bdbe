import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { screeningWords } from '../messages/screening.ts';
import { Answer } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { VerdictView } from './VerdictView.tsx';

export default function VerdictPage({ id }: { readonly id: string }): ReactNode {
  const words = useWords(screeningWords);
  const verdict = useQuery({
    queryKey: ['verdict', id],
    queryFn: ({ signal }) => api.getVerdict({ params: { id } }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <>
      <h1>
        {words.verdict} <Outside>{id}</Outside>
      </h1>
      <Answer query={verdict}>{(data) => <VerdictView verdict={data} />}</Answer>
    </>
  );
}
