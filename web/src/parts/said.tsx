import { type ReactNode, useCallback } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { type ServerWords, wordsOf } from '../format/server-text.ts';
import { serverWords } from '../messages/server.ts';
import { Outside } from './text.tsx';

type Kind = keyof ServerWords;

/** What the server said in the reader's words, where it is known and unchanged; then its own text on hover. Else as it came. */
export function Said({ kind, children }: { readonly kind: Kind; readonly children: string }): ReactNode {
  const words = wordsOf(useWords(serverWords)[kind], children);
  if (words === null) return <Outside>{children}</Outside>;
  return <bdi title={visibleText(children)}>{visibleText(words)}</bdi>;
}

/** The same as text, for a title or a search; what it gives is not yet made visible. */
export function useSaid(kind: Kind): (text: string) => string {
  const words = useWords(serverWords)[kind];
  return useCallback((text) => wordsOf(words, text) ?? text, [words]);
}
