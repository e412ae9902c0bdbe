import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { chainName } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { placed } from '../format/placed.ts';
import { alertsWords } from '../messages/alerts.ts';
import { screeningWords } from '../messages/screening.ts';
import { Said } from '../parts/said.tsx';
import { Answer } from '../parts/state.tsx';
import { Address, Chip, DecisionChip, Outside, Time, Transaction } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { AlertActions } from './AlertActions.tsx';
import { AlertComments } from './AlertComments.tsx';
import { AlertAmount, StateChip } from './alert-columns.tsx';
import type { Alert } from './alert-filters.ts';
import type { AlertPart } from './alert-wish.ts';
import { Facts } from './Facts.tsx';
import { VerdictView } from './VerdictView.tsx';
import { Written } from './Written.tsx';

interface PanelProps extends Omit<AlertPart, 'alert'> {
  readonly id: string;
  readonly onBack: () => void;
}

/** One alert: what and why, what was done, and what can be done. */
export function AlertPanel({ id, wish, onWish, onBack }: PanelProps): ReactNode {
  const words = useWords(alertsWords);
  const alert = useQuery({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => api.getAlert({ params: { id } }, { signal }),
    refetchInterval: 10_000,
  });
  return (
    <section className="scr-alert-panel panel" aria-label={`${words.alert} ${id}`}>
      <button type="button" className="plain scr-back no-print" onClick={onBack}>
        ← {words.back}
      </button>
      <Answer query={alert}>{(data) => <AlertDetail alert={data} wish={wish} onWish={onWish} />}</Answer>
    </section>
  );
}

function AlertDetail({ alert, wish, onWish }: AlertPart): ReactNode {
  const words = useWords(alertsWords);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // A reader who opened it with the keyboard goes on here; one who moves through the list stays there.
    if (document.activeElement === document.body) head.current?.focus();
  }, []);
  return (
    <>
      <header className="row-of">
        <DecisionChip decision={alert.decision} />
        <h2 ref={head} tabIndex={-1}>
          {words.alert} <Outside>{alert.id}</Outside>
        </h2>
        <StateChip state={alert.state} />
        {alert.kind === 'change' ? <Chip tone="info">{words.kinds.change}</Chip> : null}
      </header>
      <ul className="scr-titles">
        {alert.titles.map((title) => (
          <li key={title}>
            <Said kind="rule">{title}</Said>
          </li>
        ))}
      </ul>
      <AlertActions alert={alert} wish={wish} onWish={onWish} />
      {alert.pending === null ? null : (
        <p className="scr-notice">
          {words.pending}{' '}
          <Link href="/approvals">
            {words.toApprovals}: {alert.pending}
          </Link>
        </p>
      )}
      <AlertFacts alert={alert} />
      {alert.kind === 'change' ? <Change alert={alert} /> : null}
      <Related alert={alert} />
      <AlertComments alert={alert} wish={wish} onWish={onWish} />
      <VerdictOfAlert alert={alert} />
    </>
  );
}

function AlertFacts({ alert }: { readonly alert: Alert }): ReactNode {
  const words = useWords(alertsWords);
  const screening = useWords(screeningWords);
  const { closed } = alert;
  return (
    <Facts
      rows={[
        [words.raised, <Time key="at" time={alert.at} />],
        [words.columns.score, alert.score],
        [
          words.columns.assignee,
          alert.assignee === null ? words.nobody : <Outside key="who">{alert.assignee}</Outside>,
        ],
        [words.chain, chainName(alert.chain)],
        [
          words.address,
          alert.address === null ? null : <Address key="address" chain={alert.chain} address={alert.address} whole />,
        ],
        [words.direction, alert.direction === null ? null : words.directions[alert.direction]],
        [words.amount, alert.amount === null ? null : <AlertAmount key="amount" alert={alert} />],
        [words.tx, alert.tx === null ? null : <Transaction key="tx" chain={alert.chain} tx={alert.tx} />],
        [
          words.categories,
          alert.categories.length === 0
            ? null
            : alert.categories.map((name) => screening.categories[name] ?? name).join(', '),
        ],
        [words.customer, alert.customer === null ? null : <code key="customer">{alert.customer}</code>],
        [words.segment, alert.segment === null ? null : <Outside key="segment">{alert.segment}</Outside>],
        [
          words.closedAs,
          closed === null ? null : (
            <span key="closed">
              <strong>{words.outcomes[closed.outcome]}</strong> · <Time time={closed.at} /> ·{' '}
              <Outside>{words.closedBy(closed.by)}</Outside>
              {closed.approvedBy === null ? null : (
                <>
                  {' · '}
                  <Outside>{words.secondPerson(closed.approvedBy)}</Outside>
                </>
              )}
              <span className="scr-written">
                <Written text={closed.reason} />
              </span>
            </span>
          ),
        ],
      ]}
    />
  );
}

function Change({ alert }: { readonly alert: Alert }): ReactNode {
  const words = useWords(alertsWords);
  const previous = useQuery({
    queryKey: ['verdict', alert.previous],
    queryFn: ({ signal }) => api.getVerdict({ params: { id: alert.previous! } }, { signal }),
    enabled: alert.previous !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <section className="scr-change">
      <h3>{words.change}</h3>
      <div className="scr-before-after">
        <div>
          <h4>{words.before}</h4>
          {alert.before === null ? '–' : <DecisionChip decision={alert.before} />}{' '}
          {previous.data === undefined ? null : <span className="muted">{previous.data.score}</span>}
          <ul>
            {placed(previous.data?.reasons ?? []).map(({ item: reason, at }) => (
              <li key={at}>
                <Said kind="rule">{reason.title}</Said>
              </li>
            ))}
          </ul>
          {alert.previous === null ? null : <Link href={paths.verdict(alert.previous)}>{words.verdictBefore}</Link>}
        </div>
        <span aria-hidden="true" className="scr-arrow-sign">
          →
        </span>
        <div>
          <h4>{words.after}</h4>
          <DecisionChip decision={alert.decision} /> <span className="muted">{alert.score}</span>
          <ul>
            {alert.titles.map((title) => (
              <li key={title}>
                <Said kind="rule">{title}</Said>
              </li>
            ))}
          </ul>
        </div>
      </div>
      {alert.cause === null ? null : (
        <p>
          {words.cause}: <Said kind="cause">{alert.cause}</Said>
        </p>
      )}
    </section>
  );
}

function Related({ alert }: { readonly alert: Alert }): ReactNode {
  const words = useWords(alertsWords);
  const cases = useQuery({
    queryKey: ['desk-cases', 'of-alert', alert.id],
    queryFn: ({ signal }) => api.listCases({ query: { kind: 'desk', alert: alert.id } }, { signal }),
  });
  const inCases = cases.data?.items ?? [];
  if (alert.holds.length === 0 && inCases.length === 0) return null;
  return (
    <Facts
      rows={[
        [
          words.holds,
          alert.holds.length === 0 ? null : (
            <span className="row-of" key="holds">
              {alert.holds.map((hold) => (
                <Link key={hold} href={paths.hold(hold)}>
                  {hold}
                </Link>
              ))}
            </span>
          ),
        ],
        [
          words.inCases,
          inCases.length === 0 ? null : (
            <span className="row-of" key="cases">
              {inCases.map(({ id, title }) => (
                <Link key={id} href={paths.deskCase(id)}>
                  <Outside>{title}</Outside>
                </Link>
              ))}
            </span>
          ),
        ],
      ]}
    />
  );
}

function VerdictOfAlert({ alert }: { readonly alert: Alert }): ReactNode {
  const words = useWords(alertsWords);
  const verdict = useQuery({
    queryKey: ['verdict', alert.verdict],
    queryFn: ({ signal }) => api.getVerdict({ params: { id: alert.verdict } }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <details className="scr-alert-verdict" open>
      <summary>
        {words.verdict} <code>{alert.verdict}</code>
      </summary>
      <p>
        <Link href={paths.verdict(alert.verdict)}>{words.wholeVerdict}</Link>
      </p>
      <Answer query={verdict}>{(data) => <VerdictView verdict={data} />}</Answer>
    </details>
  );
}
