import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { useLocation } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { paths } from '../format/paths.ts';
import { searchWords } from '../messages/search.ts';
import { api } from '../server/api.ts';
import '../styles/search.css';
import { type Hit, hitPath, hitsByKind } from './hit-path.ts';
import { SearchHits } from './SearchHits.tsx';

const SETTLED_MS = 200;
const SHOWN = 12;
const LONGEST = 200;

/** The search of the top bar: hits while typing, by kind; Enter opens the chosen or the exact one, else the page of all. */
export function SearchBox(): ReactNode {
  const words = useWords(searchWords);
  const client = useQueryClient();
  const [, go] = useLocation();
  const id = useId();
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const wanted = useSettled(text.trim());
  const found = useHits(wanted, open);
  const settled = wanted !== '' && wanted === text.trim();
  const groups = hitsByKind(settled ? (found.data?.items ?? []) : []);
  const hits = groups.flatMap(([, own]) => own);
  const shown = open && text.trim() !== '';

  const type = (value: string): void => {
    void client.cancelQueries({ queryKey: ['search-box'] });
    setText(value);
    setOpen(true);
    setActive(-1);
  };
  const leave = (path: string, keep: boolean): void => {
    setOpen(false);
    setActive(-1);
    if (!keep) setText('');
    go(path);
    document.getElementById('page')?.focus();
  };
  const enter = (): void => {
    const hit = hits[active] ?? (active === -1 ? exactHit(hits, text.trim()) : undefined);
    if (hit !== undefined) leave(hitPath(hit), false);
    else if (text.trim() !== '') leave(paths.search(text.trim()), true);
  };
  const onKey = (event: KeyboardEvent): void => {
    // Of an input method: the key chooses a syllable, not a hit.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter') enter();
    else if (event.key === 'Escape') {
      if (!shown) setText('');
      setOpen(false);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      setActive(turned(active, event.key === 'ArrowDown' ? 1 : -1, hits.length));
    }
  };
  return (
    <div className="search" role="search">
      <input
        id="search"
        type="text"
        role="combobox"
        aria-label={words.search}
        aria-expanded={shown}
        aria-controls={`${id}-hits`}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        aria-keyshortcuts="/"
        autoComplete="off"
        spellCheck={false}
        maxLength={LONGEST}
        placeholder={words.placeholder}
        value={text}
        onChange={(event) => type(event.target.value)}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      <SearchHits
        id={id}
        shown={shown}
        groups={groups}
        active={active}
        busy={!settled || found.isPending}
        error={settled ? found.error : null}
        more={found.data?.more ?? false}
        onChoose={(hit) => leave(hitPath(hit), false)}
        onAll={() => leave(paths.search(text.trim()), true)}
      />
    </div>
  );
}

function useHits(wanted: string, open: boolean): UseQueryResult<Awaited<ReturnType<typeof api.search>>> {
  return useQuery({
    queryKey: ['search-box', wanted],
    queryFn: ({ signal }) => api.search({ query: { q: wanted, limit: SHOWN } }, { signal }),
    enabled: open && wanted !== '',
    staleTime: 15_000,
  });
}

/** The next of the hits, the page of all after them, none (-1) after that. */
function turned(active: number, step: 1 | -1, hits: number): number {
  const count = hits + 2;
  return ((active + 1 + step + count) % count) - 1;
}

/** What was pasted whole, and is one thing. */
function exactHit(hits: readonly Hit[], text: string): Hit | undefined {
  const same = hits.filter((hit) => hit.id.toLowerCase() === text.toLowerCase());
  return same.length === 1 ? same[0] : undefined;
}

/** The text once it has not changed for a while. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
