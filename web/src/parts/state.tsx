import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useCallback } from 'react';
import { HaetaeError } from '../../../src/base/errors.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { faultWords } from '../messages/faults.ts';
import { partsWords } from '../messages/parts.ts';
import { NotFetched } from './later.ts';

/** What a fault is, its code and the remedy. */
export function Fault({ error }: { readonly error: unknown }): ReactNode {
  if (error instanceof NotFetched) return <PartMissing />;
  if (!(error instanceof HaetaeError))
    return (
      <div className="fault" role="alert">
        <p>
          <strong>{visibleText(error instanceof Error ? error.message : String(error))}</strong>
        </p>
      </div>
    );
  const { code, message, remedy, context } = error;
  return <FaultText fault={{ code, message, remedy: remedy ?? null, context }} />;
}

export interface ToldFault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  readonly context?: Readonly<Record<string, string | number>>;
}

/**
 * In English as the server says it. In another language what the code means and what to do, then what the server said, which is exact. `past`: of something
 * that ended before the page was opened, which is not announced.
 */
export function FaultText({ fault, past = false }: { readonly fault: ToldFault; readonly past?: boolean }): ReactNode {
  const words = useWords(partsWords);
  const { code, message, remedy, context = {} } = fault;
  const means = useFaultMeaning()(code);
  const meanings: Readonly<Record<string, string>> = useWords(faultWords);
  const shown = means === null ? [] : Object.entries(context).filter(([name]) => isTelling(name, code));
  return (
    <div className="fault" role={past ? undefined : 'alert'}>
      <p>
        <strong>{means ?? visibleText(message)}</strong>{' '}
        <code title={means === null && Object.hasOwn(meanings, code) ? meanings[code] : undefined}>
          {visibleText(code)}
        </code>
      </p>
      {means === null ? null : (
        <p>
          {words.serverSaid}: <bdi lang="en">{visibleText(message)}</bdi>
        </p>
      )}
      {context.fields === undefined ? null : <p lang="en">{visibleText(String(context.fields))}</p>}
      {shown.length === 0 ? null : (
        <p lang="en">{visibleText(shown.map(([name, value]) => `${name}=${value}`).join(', '))}</p>
      )}
      {remedy === null ? null : (
        <p>
          {words.remedy}: <bdi lang="en">{visibleText(remedy)}</bdi>
        </p>
      )}
    </div>
  );
}

/** What the client adds, and what stands in `fields` already. */
const UNTOLD: readonly string[] = ['status', 'fields', 'field', 'retryAfter', 'url'];

/** The instance is for whoever reads the server's log. */
function isTelling(name: string, code: string): boolean {
  return !UNTOLD.includes(name) && (name !== 'instance' || code === 'E_INTERNAL');
}

/** What a code means in the reader's language; null in English, where the server's own text says it, and for a code that is not known. */
export function useFaultMeaning(): (code: string) => string | null {
  const { language } = useSettings();
  const words: Readonly<Record<string, string>> = useWords(faultWords);
  return useCallback(
    (code) => (language === 'en' || !Object.hasOwn(words, code) ? null : words[code]!),
    [language, words],
  );
}

/** A fault on one line, for a notice. */
export function useFaultLine(): (error: unknown) => string {
  const meaningOf = useFaultMeaning();
  return useCallback(
    (error) => {
      const said = error instanceof Error ? error.message : String(error);
      const means = error instanceof HaetaeError ? meaningOf(error.code) : null;
      return visibleText(means === null ? said : `${means} (${said})`);
    },
    [meaningOf],
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
