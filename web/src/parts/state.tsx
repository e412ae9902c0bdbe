import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { HaetaeError } from '../../../src/base/errors.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { partsWords } from '../messages/parts.ts';
import { NotFetched } from './later.ts';

/** What a fault is, its code and the remedy. */
export function Fault({ error }: { readonly error: unknown }): ReactNode {
  const words = useWords(partsWords);
  if (error instanceof NotFetched) return <PartMissing />;
  const known = error instanceof HaetaeError ? error : null;
  const fields = known?.context.fields;
  return (
    <div className="fault" role="alert">
      <p>
        <strong>{visibleText(known?.message ?? (error instanceof Error ? error.message : String(error)))}</strong>{' '}
        {known === null ? null : <code>{known.code}</code>}
      </p>
      {fields === undefined ? null : <p>{visibleText(String(fields))}</p>}
      {known?.remedy === undefined ? null : (
        <p>
          {words.remedy}: {visibleText(known.remedy)}
        </p>
      )}
    </div>
  );
}

function PartMissing(): ReactNode {
  const words = useWords(partsWords);
  return (
    <div className="fault" role="alert">
      <p>
        <strong>{words.partMissing}</strong>
      </p>
      <p>
        {words.remedy}: {words.partMissingRemedy}
      </p>
      <p>
        <button type="button" onClick={() => window.location.reload()}>
          {words.reload}
        </button>
      </p>
    </div>
  );
}

export function Loading({ what }: { readonly what?: string }): ReactNode {
  const words = useWords(partsWords);
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" /> {what ?? words.loading}
    </p>
  );
}

export function Empty({ children }: { readonly children: ReactNode }): ReactNode {
  return <div className="empty">{children}</div>;
}

/** Shows what a query gave, or that it is on its way, or its fault. */
export function Answer<Data>({
  query,
  children,
}: {
  readonly query: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Fault error={query.error} />;
  return <Loading />;
}
