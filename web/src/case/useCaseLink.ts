import { useCallback, useMemo, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { linkOfSelection, selectionOfLink } from '../format/case-link.ts';
import type { Selection } from './selection.ts';

export const CASE_TABS = ['flow', 'sankey', 'services', 'methods', 'evidence'] as const;
export type CaseTab = (typeof CASE_TABS)[number];

export interface CaseLink {
  readonly theft: string | null;
  readonly method: string | null;
  readonly tab: CaseTab;
  readonly selection: Selection | null;
  change(part: Partial<Pick<CaseLink, 'theft' | 'method' | 'tab' | 'selection'>>): void;
}

/** What the link says is shown. A selection too large for a link is kept beside it for as long as the page is open. */
export function useCaseLink(): CaseLink {
  // Read from the window: the router decodes a search part twice.
  const changed = useSearch();
  const [, go] = useLocation();
  const large = useRef<Selection | null>(null);
  const now = useMemo(() => {
    const search = new URLSearchParams(window.location.search);
    const tab = CASE_TABS.find((each) => each === search.get('tab')) ?? 'flow';
    const at = search.get('at');
    const selection = at === 'large' ? large.current : selectionOfLink(at);
    return { changed, theft: search.get('theft'), method: search.get('method'), tab, selection };
  }, [changed]);
  const change = useCallback<CaseLink['change']>(
    (part) => {
      const search = new URLSearchParams(window.location.search);
      for (const name of ['theft', 'method', 'tab'] as const) if (part[name] != null) search.set(name, part[name]);
      if (part.selection === null) search.delete('at');
      else if (part.selection !== undefined) {
        large.current = part.selection;
        search.set('at', linkOfSelection(part.selection) ?? 'large');
      }
      const replace = part.tab === undefined && part.theft === undefined;
      go(`${window.location.pathname}?${search}`, { replace });
    },
    [go],
  );
  return useMemo(() => ({ ...now, change }), [now, change]);
}
