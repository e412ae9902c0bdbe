import { useMemo } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { useSaid } from '../parts/said.tsx';
import type { Column } from '../parts/table.tsx';
import { Address, Amount, Chip, DecisionChip, Outside, Time, type Tone } from '../parts/text.tsx';
import type { Alert } from './alert-filters.ts';

const TONES: Readonly<Record<string, Tone>> = { open: 'warn', assigned: 'info', closed: 'plain' };

export function StateChip({ state }: { readonly state: string }) {
  const words = useWords(alertsWords);
  return <Chip tone={TONES[state] ?? 'plain'}>{words.states[state] ?? state}</Chip>;
}

/** Fewer beside an open alert. */
export function useAlertColumns(narrow: boolean): readonly Column<Alert>[] {
  const words = useWords(alertsWords);
  return useMemo(() => {
    const { columns } = words;
    const all: readonly (Column<Alert> & { readonly wide?: boolean })[] = [
      {
        name: 'decision',
        title: columns.decision,
        width: '5.9rem',
        cell: ({ decision }) => <DecisionChip decision={decision} />,
      },
      { name: 'score', title: columns.score, width: '3.2rem', right: true, cell: ({ score }) => score },
      {
        name: 'what',
        title: columns.what,
        width: narrow ? 'minmax(5rem, 1fr)' : 'minmax(9rem, 2fr)',
        cell: (alert) => <What alert={alert} />,
      },
      {
        name: 'address',
        title: columns.address,
        width: '8.8rem',
        cell: ({ chain, address }) => (address === null ? '–' : <Address chain={chain} address={address} />),
      },
      {
        name: 'amount',
        title: columns.amount,
        width: '9rem',
        right: true,
        wide: true,
        cell: (alert) => <AlertAmount alert={alert} />,
      },
      { name: 'state', title: columns.state, width: '6.6rem', cell: ({ state }) => <StateChip state={state} /> },
      {
        name: 'assignee',
        title: columns.assignee,
        width: 'minmax(5rem, 8rem)',
        wide: true,
        cell: ({ assignee }) => (assignee === null ? <span className="muted">–</span> : <Outside>{assignee}</Outside>),
      },
      { name: 'at', title: columns.at, width: '7.4rem', wide: true, cell: ({ at }) => <Time time={at} age /> },
    ];
    return narrow ? all.filter(({ wide }) => wide !== true) : all;
  }, [words, narrow]);
}

function What({ alert }: { readonly alert: Alert }) {
  const words = useWords(alertsWords);
  const ruleSaid = useSaid('rule');
  const said = visibleText(alert.titles.map(ruleSaid).join(' · '));
  return (
    <span title={said}>
      {alert.kind === 'change' ? <Chip tone="info">{words.kinds.change}</Chip> : null} {said === '' ? '–' : said}
    </span>
  );
}

export function AlertAmount({ alert }: { readonly alert: Alert }) {
  if (alert.amount === null) return <span className="muted">–</span>;
  return (
    <Amount
      units={alert.amount}
      decimals={alert.decimals}
      {...(alert.symbol === null ? {} : { symbol: alert.symbol })}
    />
  );
}
