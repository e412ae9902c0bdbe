import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { freshId } from '../parts/browser.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { Address, Chip, Field, Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { AddLabel } from '../search/AddLabel.tsx';
import { CategoryChip } from '../search/CategoryChip.tsx';
import { Sheet, type SheetColumn } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';

type OwnLabel = Awaited<ReturnType<typeof api.listOwnLabels>>['items'][number];
const STATES = ['current', 'expired', 'all'] as const;
type State = (typeof STATES)[number];

export function LabelsTab(): ReactNode {
  const words = useWords(settingsWords);
  const may = useMay('labels');
  const [state, setState] = useState<State>('current');
  const [adding, setAdding] = useState(false);
  return (
    <section className="panel">
      <div className="row-of spread">
        <h2>{words.tabs.labels}</h2>
        <div className="row-of no-print">
          <label>
            {words.show}{' '}
            <select value={state} onChange={(event) => setState(event.target.value as State)}>
              {STATES.map((each) => (
                <option key={each} value={each}>
                  {words.labelStates[each]}
                </option>
              ))}
            </select>
          </label>
          <a className="button" href={`/v1/labels/own.csv?state=${state}`} download="own-labels.csv">
            {words.downloadLabels}
          </a>
          {may ? (
            <button type="button" className="primary" onClick={() => setAdding(true)}>
              {words.addLabel}
            </button>
          ) : null}
        </div>
      </div>
      <Labels state={state} />
      {adding ? <AddLabel onClose={() => setAdding(false)} /> : null}
    </section>
  );
}

function Labels({ state }: { readonly state: State }): ReactNode {
  const words = useWords(settingsWords);
  const found = useInfiniteQuery({
    queryKey: ['own-labels', state],
    queryFn: ({ signal, pageParam }) =>
      api.listOwnLabels({ query: { state, ...(pageParam === null ? {} : { cursor: pageParam }) } }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (found.data === undefined) return found.error === null ? <Loading /> : <Fault error={found.error} />;
  const rows = found.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return <Empty>{words.noLabels}</Empty>;
  return (
    <>
      <Rows rows={rows} />
      {found.hasNextPage ? (
        <p className="after">
          <button type="button" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words.more}
          </button>
        </p>
      ) : null}
    </>
  );
}

function Rows({ rows }: { readonly rows: readonly OwnLabel[] }): ReactNode {
  const words = useWords(settingsWords);
  const may = useMay('labels');
  const [ending, setEnding] = useState<OwnLabel | null>(null);
  const columns: SheetColumn<OwnLabel>[] = [
    {
      name: 'address',
      title: words.address,
      cell: ({ chain, address }) =>
        chain === null ? (
          <code>
            <Outside>{address}</Outside>
          </code>
        ) : (
          <Address chain={chain} address={address} />
        ),
    },
    { name: 'category', title: words.category, cell: ({ category }) => <CategoryChip category={category} /> },
    {
      name: 'label',
      title: words.label,
      cell: ({ label, note }) => (
        <>
          <Outside>{label}</Outside>
          {note === '' ? null : (
            <div className="muted">
              <Outside>{note}</Outside>
            </div>
          )}
        </>
      ),
    },
    { name: 'state', title: words.state, cell: (label) => <LabelState label={label} /> },
    {
      name: 'added',
      title: words.added,
      cell: ({ addedAt, addedBy }) => (
        <>
          <Time time={addedAt} />{' '}
          <span className="muted">
            {words.by} <Outside>{addedBy}</Outside>
          </span>
        </>
      ),
    },
    { name: 'from', title: words.from, cell: ({ validFrom }) => <Bound time={validFrom} /> },
    { name: 'until', title: words.until, cell: ({ validTo }) => <Bound time={validTo} /> },
  ];
  const actions: SheetColumn<OwnLabel> = {
    name: 'actions',
    title: <span className="unseen">{words.actions}</span>,
    right: true,
    cell: (label) =>
      label.expiredAt === null ? (
        <button type="button" aria-label={`${words.expire}: ${label.id}`} onClick={() => setEnding(label)}>
          {words.expire}
        </button>
      ) : null,
  };
  return (
    <>
      <Sheet
        label={words.tabs.labels}
        rows={rows}
        keyOf={({ id }) => id}
        columns={may ? [...columns, actions] : columns}
      />
      {ending === null ? null : <Expire label={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function Bound({ time }: { readonly time: string | null }): ReactNode {
  const words = useWords(settingsWords);
  return time === null ? <span className="muted">{words.noBound}</span> : <Time time={time} />;
}

function LabelState({ label: { expiredAt, expiredBy, reason } }: { readonly label: OwnLabel }): ReactNode {
  const words = useWords(settingsWords);
  if (expiredAt === null) return <Chip tone="good">{words.inForce}</Chip>;
  return (
    <>
      <Chip>{words.expired}</Chip> <Time time={expiredAt} />{' '}
      <span className="muted">
        <Outside>{[reason, expiredBy].filter((text) => text !== null).join(', ')}</Outside>
      </span>
    </>
  );
}

function Expire({ label, onClose }: { readonly label: OwnLabel; readonly onClose: () => void }): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const toast = useToast();
  const [reason, setReason] = useState('');
  const expire = useMutation({
    mutationFn: () =>
      api.expireLabel({ params: { id: label.id }, body: { reason: reason.trim() } }, { idempotencyKey: freshId() }),
    onSuccess: async () => {
      toast(words.labelExpired);
      onClose();
      await client.invalidateQueries({ queryKey: ['own-labels'] });
      await client.invalidateQueries({ queryKey: ['address'] });
    },
  });
  return (
    <Confirm
      title={words.expireTitle}
      text={words.expireWhat}
      action={words.expire}
      doing={expire}
      ready={reason.trim() !== ''}
      onClose={onClose}
    >
      <p>
        <strong>
          <Outside>{label.label}</Outside>
        </strong>
      </p>
      <Field label={words.reason}>
        {(id) => (
          <input id={id} required maxLength={300} value={reason} onChange={(event) => setReason(event.target.value)} />
        )}
      </Field>
    </Confirm>
  );
}
