import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';
import { Address, Amount, Outside, Time, Transaction } from '../parts/text.tsx';
import { useWorth } from '../server/prices.ts';
import { Sheet, type SheetColumn } from './Sheet.tsx';

export interface Movement {
  readonly time: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: string;
  readonly symbol: string;
  readonly decimals: number | null;
  readonly amount: string;
  /** Of one transaction: left out. */
  readonly tx?: string | null;
  /** As the store says: transfer, fee, input. */
  readonly kind?: string;
  /** Of a UTXO transaction, whose amount is what `self` got by it less what it spent. */
  readonly gross?: Gross | null;
}

interface Gross {
  readonly spent: string;
  readonly received: string;
  /** Other addresses that paid and were paid. */
  readonly payers: number;
  readonly payees: number;
}

/** Movements of money. `self`: the address that they are of; `nameOf`: what is said of an address. */
export function MovementSheet({
  chain,
  movements,
  self = null,
  nameOf = () => null,
}: {
  readonly chain: string;
  readonly movements: readonly Movement[];
  readonly self?: string | null;
  readonly nameOf?: (address: string) => string | null;
}): ReactNode {
  const words = useWords(searchWords);
  const end = (address: string | null): ReactNode =>
    address === null ? (
      <span className="muted">–</span>
    ) : address === self ? (
      <strong>{words.thisAddress}</strong>
    ) : (
      <Address chain={chain} address={address} name={nameOf(address)} />
    );
  const amount: SheetColumn<Movement> = {
    name: 'amount',
    title: words.amount,
    right: true,
    cell: (row) => <Worth movement={row} />,
  };
  const ends: SheetColumn<Movement>[] = [
    {
      name: 'from',
      title: words.payer,
      cell: ({ from, gross = null }) => (
        <>
          {from === null && gross !== null ? <Many count={gross.payers} /> : end(from)}
          {from === self && gross !== null && gross.payers > 0 ? (
            <span className="muted"> {words.andOthers(gross.payers)}</span>
          ) : null}
        </>
      ),
    },
    {
      name: 'to',
      title: words.payee,
      cell: ({ to, gross = null }) => (to === null && gross !== null ? <Many count={gross.payees} /> : end(to)),
    },
  ];
  const columns: SheetColumn<Movement>[] =
    movements[0]?.kind === undefined
      ? [
          { name: 'time', title: words.time, cell: ({ time }) => <Time time={time} /> },
          ...(self === null
            ? []
            : [
                {
                  name: 'way',
                  title: words.direction,
                  cell: (row: Movement) => <Way row={row} self={self} />,
                },
              ]),
          ...ends,
          amount,
          {
            name: 'tx',
            title: words.transaction,
            cell: ({ tx = null }) => <Transaction chain={chain} tx={tx} />,
          },
        ]
      : [
          {
            name: 'kind',
            title: words.kind,
            cell: ({ kind = '' }) => words.movementKinds[kind] ?? <Outside>{kind}</Outside>,
          },
          ...ends,
          amount,
        ];
  return <Sheet label={words.movements} columns={columns} rows={movements} keyOf={(_, index) => `${index}`} />;
}

/** More than one address, or none: new coins. */
function Many({ count }: { readonly count: number }): ReactNode {
  const words = useWords(searchWords);
  return <span className="muted">{count === 0 ? '–' : words.manyAddresses(count)}</span>;
}

function Way({ row, self }: { readonly row: Movement; readonly self: string }): ReactNode {
  const words = useWords(searchWords);
  const way = row.to !== self ? 'out' : row.from === self ? 'self' : 'in';
  return (
    <span className={`way ${way}`}>
      <span aria-hidden="true">{WAYS[way]}</span> {words.ways[way]}
    </span>
  );
}

const WAYS = { in: '↓', out: '↑', self: '↻' } as const;

function Worth({ movement }: { readonly movement: Movement }): ReactNode {
  const words = useWords(searchWords);
  const { asset, symbol, decimals, amount, time, gross = null } = movement;
  const usd = useWorth(amount === '0' ? null : asset, time, amount, decimals);
  const both = gross !== null && gross.spent !== '0' && gross.received !== '0';
  return (
    <>
      <Amount units={amount} decimals={decimals} symbol={symbol} usd={usd} />
      {both ? (
        <span className="gross">
          <span className="gross-part">
            {words.grossSpent} <Amount units={gross.spent} decimals={decimals} />
          </span>{' '}
          ·{' '}
          <span className="gross-part">
            {words.grossReceived} <Amount units={gross.received} decimals={decimals} />
          </span>
        </span>
      ) : null}
    </>
  );
}
