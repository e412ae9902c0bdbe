import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { partsWords } from '../messages/parts.ts';
import { api } from '../server/api.ts';

/** Where nobody is named who asks, a hold notice will be refused: said before a form is filled in. */
export function NoOrganisation(): ReactNode {
  const words = useWords(partsWords);
  const overview = useQuery({ queryKey: ['overview'], queryFn: ({ signal }) => api.getOverview({}, { signal }) });
  if (overview.data === undefined || overview.data.holdsFrom !== null) return null;
  return (
    <p className="notice-warn" role="note">
      <span aria-hidden="true">▲ </span>
      {words.noOrganisation} <code>haetae serve --organisation NAME --contact TEXT</code>
    </p>
  );
}
