import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { CATEGORIES } from '../../../src/model/label.ts';
import { useWords } from '../app/settings.tsx';
import { chainName } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { entitiesWords } from '../messages/entities.ts';
import { searchWords } from '../messages/search.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { Field, Outside } from '../parts/text.tsx';
import { CategoryChip } from '../search/CategoryChip.tsx';
import { Sheet, type SheetColumn } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';
import '../styles/search.css';
import { useLinkValues } from '../search/use-link-values.ts';

type Entity = Awaited<ReturnType<typeof api.listEntities>>['items'][number];

/** The filter stands in the address, so that it can be gone back to. */
export default function EntitiesPage(): ReactNode {
  const words = useWords(entitiesWords);
  const query = useLinkValues();
  const q = query.get('q') ?? '';
  const category = query.get('category') ?? '';
  return (
    <>
      <h1>{words.entities}</h1>
      <p className="muted">{words.what}</p>
      <Filter q={q} category={category} key={`${q}|${category}`} />
      <Found q={q} category={category} />
    </>
  );
}

function Filter({ q, category }: { readonly q: string; readonly category: string }): ReactNode {
  const words = useWords(entitiesWords);
  const search = useWords(searchWords);
  const [, go] = useLocation();
  const [text, setText] = useState(q);
  const apply = (name: string, of: string): void => {
    const wanted = new URLSearchParams();
    if (name.trim() !== '') wanted.set('q', name.trim());
    if (of !== '') wanted.set('category', of);
    const query = wanted.toString();
    go(query === '' ? '/entities' : `/entities?${query}`);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    apply(text, category);
  };
  return (
    <form className="row-of filter no-print" onSubmit={submit}>
      <Field label={words.nameFilter}>
        {(id) => (
          <input id={id} type="search" maxLength={200} value={text} onChange={(event) => setText(event.target.value)} />
        )}
      </Field>
      <Field label={words.categoryFilter}>
        {(id) => (
          <select id={id} value={category} onChange={(event) => apply(text, event.target.value)}>
            <option value="">{words.anyCategory}</option>
            {CATEGORIES.map((each) => (
              <option key={each} value={each}>
                {search.categories[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <button type="submit" className="primary">
        {search.search}
      </button>
    </form>
  );
}

function Found({ q, category }: { readonly q: string; readonly category: string }): ReactNode {
  const words = useWords(entitiesWords);
  const found = useInfiniteQuery({
    queryKey: ['entities', q, category],
    queryFn: ({ signal, pageParam }) =>
      api.listEntities(
        {
          query: {
            ...(q === '' ? {} : { q }),
            ...(category === '' ? {} : { category }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (found.data === undefined) return found.error === null ? <Loading /> : <Fault error={found.error} />;
  const rows = found.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return <Empty>{words.none}</Empty>;
  return (
    <section className="panel">
      <Rows rows={rows} />
      <p className="row-of after">
        <span className="muted" role="status">
          {found.hasNextPage ? words.shownMore(rows.length) : words.shown(rows.length)}
        </span>
        {found.hasNextPage ? (
          <button type="button" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words.more}
          </button>
        ) : null}
      </p>
      {found.isFetchNextPageError ? <Fault error={found.error} /> : null}
    </section>
  );
}

function Rows({ rows }: { readonly rows: readonly Entity[] }): ReactNode {
  const words = useWords(entitiesWords);
  const columns: SheetColumn<Entity>[] = [
    {
      name: 'name',
      title: words.name,
      cell: ({ name }) => (
        <Link href={paths.namedEntity(name)} className="wide-name">
          <Outside>{name}</Outside>
        </Link>
      ),
    },
    {
      name: 'categories',
      title: words.categories,
      cell: ({ categories }) => (
        <span className="chips">
          {categories.map((each) => (
            <CategoryChip key={each} category={each} />
          ))}
        </span>
      ),
    },
    {
      name: 'addresses',
      title: words.addresses,
      right: true,
      cell: ({ addresses }) => <span className="figure">{addresses.toLocaleString()}</span>,
    },
    { name: 'chains', title: words.chains, cell: ({ chains }) => <Listed texts={chains.map(chainName)} /> },
    { name: 'sources', title: words.sources, cell: ({ sources }) => <Listed texts={sources} /> },
  ];
  return <Sheet label={words.entities} columns={columns} rows={rows} keyOf={({ name }) => name} />;
}

const LISTED = 3;

function Listed({ texts }: { readonly texts: readonly string[] }): ReactNode {
  const rest = texts.length - LISTED;
  return (
    <span title={visibleLines(texts)}>
      <Outside>{texts.slice(0, LISTED).join(', ')}</Outside>
      {rest > 0 ? <span className="muted"> +{rest}</span> : null}
    </span>
  );
}

function visibleLines(texts: readonly string[]): string {
  return texts.map(visibleText).join('\n');
}
