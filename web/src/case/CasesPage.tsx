import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { paths } from '../format/paths.ts';
import { casesWords } from '../messages/cases.ts';
import { Answer, Empty, Fault, Loading } from '../parts/state.tsx';
import { Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { useLinkValues } from '../search/use-link-values.ts';
import { api } from '../server/api.ts';
import '../styles/case.css';
import '../styles/case-panes.css';
import { DrillForm } from './DrillForm.tsx';
import { JobList } from './JobList.tsx';
import { NewCase } from './NewCase.tsx';

/** Traced cases, open cases of the desk, and how a new one is started. */
export default function CasesPage(): ReactNode {
  const words = useWords(casesWords);
  const may = useMay('cases');
  const link = useLinkValues();
  const wanted = link.get('new');
  const [form, setForm] = useState<'case' | 'drill' | null>(wanted === null ? null : 'case');
  const toggle = (name: 'case' | 'drill'): void => setForm((now) => (now === name ? null : name));
  const jobs = useRef<HTMLHeadingElement>(null);
  const started = (): void => {
    setForm(null);
    jobs.current?.focus();
  };
  return (
    <div className="cases">
      <div className="row-of spread cases-head">
        <h1>{words.title}</h1>
        <div className="row-of no-print">
          <button
            type="button"
            className="primary"
            disabled={!may}
            title={may ? undefined : words.mayNot}
            aria-expanded={form === 'case'}
            onClick={() => toggle('case')}
          >
            {words.newCase}
          </button>
          <button
            type="button"
            disabled={!may}
            title={may ? undefined : words.mayNot}
            aria-expanded={form === 'drill'}
            onClick={() => toggle('drill')}
          >
            {words.tryDrill}
          </button>
        </div>
      </div>
      {form === 'case' ? <NewCase text={wanted ?? ''} chain={link.get('chain')} onStarted={started} /> : null}
      {form === 'drill' ? <DrillForm onStarted={started} /> : null}
      <h2>{words.traced}</h2>
      <TracedCases />
      <h2 ref={jobs} tabIndex={-1}>
        {words.jobs}
      </h2>
      <JobList />
      <h2>{words.deskCases}</h2>
      <DeskCases />
    </div>
  );
}

function TracedCases(): ReactNode {
  const words = useWords(casesWords);
  const query = useInfiniteQuery({
    queryKey: ['cases', 'trace'],
    queryFn: ({ pageParam, signal }) =>
      api.listCases({ query: { kind: 'trace', ...(pageParam === null ? {} : { cursor: pageParam }) } }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
  if (query.data === undefined) return query.error === null ? <Loading /> : <Fault error={query.error} />;
  const items = query.data.pages.flatMap((page) => page.items.filter((item) => item.kind === 'trace'));
  if (items.length === 0) return <Empty>{words.noTraced}</Empty>;
  return (
    <>
      <div className="scroll">
        <table className="plain-table">
          <caption className="unseen">{words.traced}</caption>
          <thead>
            <tr>
              <th scope="col">{words.case}</th>
              <th scope="col">{words.id}</th>
              <th scope="col">{words.created}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.id}>
                <th scope="row">
                  <Link href={paths.case(item.id)}>
                    <Outside>{item.title}</Outside>
                  </Link>{' '}
                  {item.simulated ? <SimulatedChip /> : null}
                </th>
                <td>
                  <code>
                    <Outside>{item.id}</Outside>
                  </code>
                </td>
                <td>
                  <Time time={item.createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {query.hasNextPage ? (
        <button type="button" disabled={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {words.more}
        </button>
      ) : null}
    </>
  );
}

function DeskCases(): ReactNode {
  const words = useWords(casesWords);
  const query = useQuery({
    queryKey: ['cases', 'desk', 'open'],
    queryFn: ({ signal }) => api.listCases({ query: { kind: 'desk', state: 'open', limit: 50 } }, { signal }),
  });
  return (
    <Answer query={query}>
      {({ items, next }) => {
        const desk = items.filter((item) => item.kind === 'desk');
        if (desk.length === 0) return <p className="muted">{words.noDesk}</p>;
        return (
          <>
            <ul className="desk-list">
              {desk.map((item) => (
                <li key={item.id}>
                  <Link href={paths.deskCase(item.id)}>
                    <Outside>{item.title}</Outside>
                  </Link>{' '}
                  <span className="muted">
                    {words.alerts(item.alerts.length)} · <Time time={item.opened.at} age />
                  </span>
                </li>
              ))}
            </ul>
            {next === null ? null : <p className="muted">{words.moreDesk}</p>}
          </>
        );
      }}
    </Answer>
  );
}
