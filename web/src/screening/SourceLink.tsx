import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { Outside } from '../parts/text.tsx';

/** A source by its name; a link where it gives an address of the web, and of nothing else. */
export function SourceLink({ text, url }: { readonly text: string; readonly url: string | null }): ReactNode {
  if (url === null || !isWeb(url)) return <Outside>{url === null ? text : `${text} (${url})`}</Outside>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer" title={visibleText(url)}>
      <Outside>{text}</Outside>
    </a>
  );
}

function isWeb(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
