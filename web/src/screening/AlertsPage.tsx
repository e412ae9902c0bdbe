import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { alertsWords } from '../messages/alerts.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { Table } from '../parts/table.tsx';
import { AlertFilters } from './AlertFilters.tsx';
import { AlertPanel } from './AlertPanel.tsx';
import { useAlertColumns } from './alert-columns.tsx';
import { type Alert, useFilters } from './alert-filters.ts';
import { useAlertKeys } from './alert-keys.ts';
import type { Wish } from './alert-wish.ts';
import { type AlertList, useAlerts } from './use-alerts.ts';
import '../styles/screening.css';
import '../styles/desk.css';

const idOf = ({ id }: Alert): string => id;

/** The queue, and beside it the alert that is open (`id`). */
export default function AlertsPage({ id }: { readonly id: string | null }): ReactNode {
  const words = useWords(alertsWords);
  const filters = useFilters();
  const [marked, setMarked] = useState<string | null>(id);
  const [wish, setWish] = useState<Wish>(null);
  const list = useAlerts(filters.query, id ?? marked);
  const [, go] = useLocation();
  const { search } = filters;
  const show = useCallback(
    (next: string | null, replace = false) => {
      const path = next === null ? '/alerts' : paths.alert(next);
      go(search === '' ? path : `${path}?${search}`, { replace });
    },
    [go, search],
  );
  useEffect(() => {
    if (id !== null) setMarked(id);
  }, [id]);
  const choose = useCallback(
    (alert: Alert) => {
      setMarked(alert.id);
      // What was wished for one alert is not done to the next.
      if (alert.id !== (id ?? marked)) setWish(null);
      if (id !== null && alert.id !== id) show(alert.id, true);
    },
    [id, marked, show],
  );
  const close = useCallback(() => {
    setWish(null);
    show(null);
    document.querySelector<HTMLElement>('.scr-alert-list [role="grid"]')?.focus();
  }, [show]);
  useAlertKeys({ list: list.alerts, marked, isOpen: id !== null, choose, open: show, close, wish: setWish });
  return (
    <div className={id === null ? 'scr-alerts' : 'scr-alerts with-panel'}>
      <div className="alerts-top">
        <h1>{words.title}</h1>
        <AlertFilters filters={filters} />
      </div>
      <div className="scr-alerts-body">
        <Queue
          list={list}
          marked={marked}
          isOpen={id !== null}
          onChoose={choose}
          onOpen={show}
          filters={search !== ''}
        />
        {id === null ? null : <AlertPanel key={id} id={id} wish={wish} onWish={setWish} onBack={close} />}
      </div>
    </div>
  );
}

interface QueueProps {
  readonly list: AlertList;
  readonly marked: string | null;
  readonly isOpen: boolean;
  readonly filters: boolean;
  readonly onChoose: (alert: Alert) => void;
  readonly onOpen: (id: string) => void;
}

function Queue({ list, marked, isOpen, filters, onChoose, onOpen }: QueueProps): ReactNode {
  const words = useWords(alertsWords);
  const columns = useAlertColumns(isOpen);
  const isTop = useRef(true);
  const { inSight, showFresh, fresh } = list;
  const onSight = useCallback(
    (first: number, last: number) => {
      isTop.current = first === 0;
      inSight(first, last);
    },
    [inSight],
  );
  useEffect(() => {
    if (fresh.length > 0 && isTop.current && marked === null) showFresh();
  }, [fresh, marked, showFresh]);
  const { isGoingToEnd, hasMore, alerts } = list;
  const wasGoing = useRef(false);
  useEffect(() => {
    const last = alerts.at(-1);
    if (wasGoing.current && !isGoingToEnd && !hasMore && last !== undefined) onChoose(last);
    wasGoing.current = isGoingToEnd;
  }, [isGoingToEnd, hasMore, alerts, onChoose]);
  const toTop = (): void => {
    showFresh();
    document.querySelector('.scr-alert-list [role="grid"]')?.scrollTo({ top: 0 });
  };
  return (
    <section
      className="scr-alert-list"
      aria-label={words.table}
      onKeyDown={(event) => {
        if (event.key === 'End' && hasMore && !(event.target as HTMLElement).matches('input, select')) list.goToEnd();
      }}
    >
      <QueueState list={list} onFresh={toTop} />
      {list.error === null ? null : <Fault error={list.error} />}
      {list.isLoading ? <Loading /> : null}
      {!list.isLoading && list.alerts.length === 0 && list.error === null ? (
        <Empty>{filters ? words.none : words.noneAtAll}</Empty>
      ) : null}
      {list.alerts.length === 0 ? null : (
        <Table
          label={words.table}
          columns={columns}
          rows={list.alerts}
          keyOf={idOf}
          chosen={marked}
          onChoose={onChoose}
          onOpen={({ id }) => onOpen(id)}
          onEnd={list.loadMore}
          onSight={onSight}
          height="100%"
        />
      )}
    </section>
  );
}

function QueueState({ list, onFresh }: { readonly list: AlertList; readonly onFresh: () => void }): ReactNode {
  const words = useWords(alertsWords);
  const { language } = useSettings();
  const count = countText(list.alerts.length, language);
  const keys = useMemo(() => words.keys.map(([key, what]) => ({ key, what })), [words]);
  return (
    <div className="scr-queue-state no-print">
      <div className="row-of">
        <span role="status" className="muted">
          {list.isGoingToEnd ? words.loadingEnd(count) : list.isLoading ? '' : words.loaded(count, list.hasMore)}
        </span>
        {list.isGoingToEnd ? (
          <button type="button" onClick={list.stop}>
            {words.stop}
          </button>
        ) : list.hasMore ? (
          <button type="button" onClick={list.goToEnd}>
            {words.toEnd}
          </button>
        ) : null}
        <span aria-live="polite">
          {list.fresh.length === 0 ? null : (
            <button type="button" className="primary" onClick={onFresh}>
              {words.fresh(list.fresh.length, list.hasMoreFresh)}
            </button>
          )}
        </span>
      </div>
      <p className="scr-keys">
        <span className="unseen">{words.keysTitle}</span>
        {keys.map(({ key, what }) => (
          <span key={key}>
            <kbd>{key}</kbd> {what}
          </span>
        ))}
      </p>
    </div>
  );
}
