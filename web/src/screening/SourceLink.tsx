import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { safeLink } from '../format/outside-link.ts';
import { Outside } from '../parts/text.tsx';

/** A source by its name; a link where it gives an address of the web, and of nothing else. */
export function SourceLink({ text, url }: { readonly text: string; readonly url: string | null }): ReactNode {
  const link = url === null ? null : safeLink(url);
  if (link === null) return <Outside>{url === null ? text : `${text} (${url})`}</Outside>;
  return (
    <a href={link} target="_blank" rel="noopener noreferrer" title={visibleText(link)}>
      <Outside>{text}</Outside>
    </a>
  );
}
