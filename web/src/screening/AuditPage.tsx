import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useMay } from '../app/SessionGate.tsx';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { auditWords } from '../messages/audit.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useSaid } from '../parts/said.tsx';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Outside, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { AuditProof } from './AuditProof.tsx';
import { Facts } from './Facts.tsx';
import { FilterText } from './FilterText.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

type Entry = Awaited<ReturnType<typeof api.listAudit>>['items'][number];

const NAMES = ['from', 'actor', 'action', 'subject'] as const;
type Name = (typeof NAMES)[number];
type Filter = Readonly<Partial<Record<Name, string>>>;

export default function AuditPage(): ReactNode {
  const words = useWords(auditWords);
  const may = useMay('audit');
  return (
    <>
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      {may ? (
        <>
          <AuditProof />
          <Log />
        </>
      ) : (
        <Empty>{words.noScope}</Empty>
      )}
    </>
  );
}

function useLog(filter: Filter) {
  return useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => {
      const { from, ...others } = filter;
      const query = {
        ...others,
        limit: 200,
        ...(from === undefined ? {} : { from: `${from}T00:00:00Z` }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      return api.listAudit({ query }, { signal });
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    structuralSharing: false,
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });
}

function Log(): ReactNode {
  const words = useWords(auditWords);
  const { language } = useSettings();
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => filterOf(search), [search]);
  const log = useLog(filter);
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = log;
  const entries = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const [marked, setMarked] = useState<string | null>(null);
  const [open, setOpen] = useState<Entry | null>(null);
  const columns = useColumns();
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <section aria-label={words.table}>
      <Filters filter={filter} onFilter={(next) => setSearch({ ...next }, { replace: true })} />
      <p className="row-of no-print">
        <span className="muted" role="status">
          {data === undefined ? '' : words.loaded(countText(entries.length, language), hasNextPage)}
        </span>
        <button type="button" onClick={() => void log.refetch()} disabled={log.isFetching}>
          {words.newer}
        </button>
      </p>
      {log.isLoading ? <Loading /> : null}
      {log.error === null ? null : <Fault error={log.error} />}
      {data !== undefined && entries.length === 0 ? <Empty>{words.none}</Empty> : null}
      {entries.length === 0 ? null : (
        <Table
          label={words.table}
          columns={columns}
          rows={entries}
          keyOf={({ seq }) => String(seq)}
          chosen={marked}
          onChoose={({ seq }) => setMarked(String(seq))}
          onOpen={setOpen}
          onEnd={more}
          height={entries.length > 14 ? '62vh' : 'auto'}
        />
      )}
      {open === null ? null : <EntryDialog entry={open} onClose={() => setOpen(null)} />}
    </section>
  );
}

function filterOf(search: URLSearchParams): Filter {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = search.get(name)?.trim() ?? '';
      return value === '' || (name === 'from' && !/^\d{4}-\d\d-\d\d$/.test(value)) ? [] : [[name, value]];
    }),
  );
}

function Filters({
  filter,
  onFilter,
}: {
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}): ReactNode {
  const words = useWords(auditWords);
  const hints: Readonly<Partial<Record<Name, string>>> = { actor: words.actorHint, action: words.actionHint };
  return (
    <form className="scr-filters no-print" aria-label={words.filters} onSubmit={(event) => event.preventDefault()}>
      {NAMES.map((name) => (
        <FilterText
          key={`${name} ${filter[name] ?? ''}`}
          label={words[name]}
          hint={hints[name] ?? ''}
          type={name === 'from' ? 'date' : 'text'}
          maxLength={100}
          value={filter[name] ?? ''}
          onChange={(value) => {
            const { [name]: _, ...others } = filter;
            onFilter(value === '' ? others : { ...others, [name]: value });
          }}
        />
      ))}
      <button type="button" className="plain" disabled={Object.keys(filter).length === 0} onClick={() => onFilter({})}>
        {words.clear}
      </button>
    </form>
  );
}

function useColumns(): readonly Column<Entry>[] {
  const words = useWords(auditWords);
  const { language } = useSettings();
  const said = useSaid('action');
  return useMemo(() => {
    const { columns } = words;
    const text = (name: 'actor' | 'subject', width: string): Column<Entry> => ({
      name,
      title: columns[name],
      width,
      cell: (entry) => (
        <span title={visibleText(entry[name])}>
          <Outside>{entry[name]}</Outside>
        </span>
      ),
    });
    return [
      { name: 'seq', title: columns.seq, width: '4.5rem', right: true, cell: ({ seq }) => countText(seq, language) },
      { name: 'at', title: columns.at, width: '13rem', cell: ({ at }) => <Time time={at} /> },
      text('actor', '12rem'),
      {
        name: 'action',
        title: columns.action,
        width: '10rem',
        cell: ({ action }) => <span title={visibleText(action)}>{visibleText(said(action))}</span>,
      },
      text('subject', '12rem'),
      {
        name: 'detail',
        title: columns.detail,
        width: 'minmax(14rem, 1fr)',
        cell: ({ detail }) => <span title={detailText(detail)}>{detailText(detail)}</span>,
      },
    ];
  }, [words, language, said]);
}

function detailText(detail: Entry['detail']): string {
  return visibleText(
    Object.entries(detail ?? {})
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(' · '),
  );
}

function EntryDialog({ entry, onClose }: { readonly entry: Entry; readonly onClose: () => void }): ReactNode {
  const words = useWords(auditWords);
  const said = useSaid('action');
  const { columns } = words;
  return (
    <Dialog title={`${words.entry} ${entry.seq}`} onClose={onClose} wide>
      <Facts
        rows={[
          [columns.at, <Time key="at" time={entry.at} />],
          [columns.actor, <Outside key="actor">{entry.actor}</Outside>],
          [
            columns.action,
            <span key="action">
              {said(entry.action) === entry.action ? null : said(entry.action)} <Outside>{entry.action}</Outside>
            </span>,
          ],
          [columns.subject, <Outside key="subject">{entry.subject}</Outside>],
          ...Object.entries(entry.detail ?? {}).map(
            ([name, value]) => [`${visibleText(name)}`, <Outside key={name}>{String(value)}</Outside>] as const,
          ),
          [
            words.prev,
            <code key="prev" className="scr-digest">
              {entry.prev}
            </code>,
          ],
          [
            words.hash,
            <code key="hash" className="scr-digest">
              {entry.hash}
            </code>,
          ],
        ]}
      />
      <button type="button" onClick={onClose}>
        {words.close}
      </button>
    </Dialog>
  );
}
