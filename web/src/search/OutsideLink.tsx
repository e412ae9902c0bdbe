import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';

/** A page that a source names, on another site; shown only where it is a web address. */
export function OutsideLink({ url }: { readonly url: string | null }): ReactNode {
  const words = useWords(searchWords);
  const address = url === null ? null : webAddress(url);
  if (address === null) return null;
  return (
    <a className="outside" href={address} target="_blank" rel="noreferrer noopener" title={visibleText(address)}>
      {words.sourcePage} <span aria-hidden="true">↗</span>
    </a>
  );
}

/** null for whatever a browser would not simply open: javascript:, data:, a name with a password. */
function webAddress(url: string): string | null {
  try {
    const { protocol, username, href } = new URL(url);
    return (protocol === 'https:' || protocol === 'http:') && username === '' ? href : null;
  } catch {
    return null;
  }
}
