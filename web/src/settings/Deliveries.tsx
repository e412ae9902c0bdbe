import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Fault, Loading } from '../parts/state.tsx';
import { Chip, Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { Sheet, type SheetColumn } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';

type Delivery = Awaited<ReturnType<typeof api.listDeliveries>>['items'][number];

/** What an endpoint has not acknowledged, oldest first. */
export function Deliveries({ webhook }: { readonly webhook: string }): ReactNode {
  const words = useWords(settingsWords);
  const found = useInfiniteQuery({
    queryKey: ['deliveries', webhook],
    queryFn: ({ signal, pageParam }) =>
      api.listDeliveries(
        { params: { id: webhook }, query: pageParam === null ? {} : { cursor: pageParam } },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (found.data === undefined) return found.error === null ? <Loading /> : <Fault error={found.error} />;
  const rows = found.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return <p className="muted after">{words.noDeliveries}</p>;
  return (
    <div className="after">
      <Rows rows={rows} webhook={webhook} />
      {found.hasNextPage ? (
        <button type="button" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {words.more}
        </button>
      ) : null}
    </div>
  );
}

function Rows({ rows, webhook }: { readonly rows: readonly Delivery[]; readonly webhook: string }): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const toast = useToast();
  const resend = useMutation({
    mutationFn: (delivery: string) => api.resendDelivery({ params: { id: webhook, delivery } }),
    onSuccess: () => {
      toast(words.resent);
      return client.invalidateQueries({ queryKey: ['deliveries', webhook] });
    },
  });
  const columns: SheetColumn<Delivery>[] = [
    {
      name: 'type',
      title: words.event,
      cell: ({ id, type }) => (
        <>
          <code>{type}</code> <span className="muted figure">{id}</span>
        </>
      ),
    },
    { name: 'at', title: words.at, cell: ({ at }) => <Time time={at} /> },
    {
      name: 'state',
      title: words.state,
      cell: ({ state }) => <Chip tone={state === 'failed' ? 'bad' : 'info'}>{words.deliveryStates[state]}</Chip>,
    },
    { name: 'attempts', title: words.attempts, right: true, cell: ({ attempts }) => attempts },
    {
      name: 'next',
      title: words.nextAt,
      cell: ({ nextAt }) => (nextAt === null ? words.noBound : <Time time={nextAt} age />),
    },
    {
      name: 'last',
      title: words.lastFault,
      cell: ({ lastStatus, lastFault }) => (
        <Outside>{[lastStatus ?? '', lastFault ?? ''].filter((text) => text !== '').join(' ')}</Outside>
      ),
    },
    {
      name: 'resend',
      title: <span className="unseen">{words.actions}</span>,
      right: true,
      cell: ({ id }) => (
        <button
          type="button"
          disabled={resend.isPending}
          aria-label={`${words.resend}: ${id}`}
          onClick={() => resend.mutate(id)}
        >
          {words.resend}
        </button>
      ),
    },
  ];
  return (
    <>
      {resend.error === null ? null : <Fault error={resend.error} />}
      <Sheet label={words.deliveriesOf} rows={rows} keyOf={({ id }) => id} columns={columns} />
    </>
  );
}
