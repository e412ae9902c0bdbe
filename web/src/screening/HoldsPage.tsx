import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { HOLD_STATES } from '../../../src/share/hold-state.ts';
import { useWords } from '../app/settings.tsx';
import { isSimulatedChain } from '../format/chain.ts';
import { paths } from '../format/paths.ts';
import { holdsWords } from '../messages/holds.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Address, Amount, Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import type { Hold } from './HoldDialog.tsx';
import { HoldStateChip } from './HoldStateChip.tsx';
import { HoldView } from './HoldView.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

export default function HoldsPage({ id }: { readonly id: string | null }): ReactNode {
  return id === null ? <HoldList /> : <HoldView key={id} id={id} />;
}

type State = (typeof HOLD_STATES)[number];

function HoldList(): ReactNode {
  const words = useWords(holdsWords);
  const [search, setSearch] = useSearchParams();
  const given = search.get('state');
  const state = HOLD_STATES.find((each) => each === given) ?? null;
  const holds = useHolds(state);
  const items = useMemo(() => holds.data?.pages.flatMap((page) => page.items) ?? [], [holds.data]);
  const columns = useColumns();
  const [, go] = useLocation();
  const choose = (next: State | null): void => setSearch(next === null ? {} : { state: next }, { replace: true });
  return (
    <>
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      <div className="scr-kinds no-print" role="group" aria-label={words.state}>
        {[null, ...HOLD_STATES].map((each) => (
          <button key={each} type="button" aria-pressed={each === state} onClick={() => choose(each)}>
            {each === null ? words.all : words.states[each]}
          </button>
        ))}
      </div>
      {holds.isLoading ? <Loading /> : null}
      {holds.error === null ? null : <Fault error={holds.error} />}
      {holds.data !== undefined && items.length === 0 ? (
        <Empty>{state === null ? words.noneAtAll : words.none}</Empty>
      ) : null}
      {items.length === 0 ? null : (
        <Table
          label={words.table}
          columns={columns}
          rows={items}
          keyOf={({ id }) => id}
          onOpen={({ id }) => go(paths.hold(id))}
          onEnd={() => {
            if (holds.hasNextPage && !holds.isFetchingNextPage) void holds.fetchNextPage();
          }}
        />
      )}
    </>
  );
}

function useHolds(state: State | null) {
  return useInfiniteQuery({
    queryKey: ['holds', 'list', state],
    queryFn: ({ pageParam, signal }) =>
      api.listHolds(
        {
          query: {
            limit: 100,
            ...(state === null ? {} : { state }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
}

function useColumns(): readonly Column<Hold>[] {
  const words = useWords(holdsWords);
  return useMemo(() => {
    const { columns } = words;
    return [
      {
        name: 'id',
        title: columns.id,
        width: '10rem',
        cell: ({ id, notice }) => (
          <span className="row-of tight">
            <code>{id}</code>{' '}
            {(notice.why.case?.simulated ?? isSimulatedChain(notice.what.chain)) ? <SimulatedChip /> : null}
          </span>
        ),
      },
      {
        name: 'state',
        title: columns.state,
        width: '9rem',
        cell: ({ state }) => <HoldStateChip state={state} />,
      },
      {
        name: 'to',
        title: columns.to,
        width: 'minmax(9rem, 1fr)',
        cell: ({ notice }) => <Outside>{notice.to.name}</Outside>,
      },
      {
        name: 'amount',
        title: columns.amount,
        width: '11rem',
        right: true,
        cell: ({ notice }) =>
          notice.what.amount === null ? (
            '–'
          ) : (
            <Amount
              units={notice.what.amount}
              decimals={notice.what.decimals}
              {...(notice.what.symbol === null ? {} : { symbol: notice.what.symbol })}
            />
          ),
      },
      {
        name: 'address',
        title: columns.address,
        width: '10rem',
        cell: ({ notice }) => <Address chain={notice.what.chain} address={notice.where.address} />,
      },
      {
        name: 'issued',
        title: columns.issued,
        width: '8rem',
        cell: ({ notice }) => <Time time={notice.issuedAt} age />,
      },
      {
        name: 'expires',
        title: columns.expires,
        width: '8rem',
        cell: ({ notice }) => <Time time={notice.expiresAt} age />,
      },
    ];
  }, [words]);
}
