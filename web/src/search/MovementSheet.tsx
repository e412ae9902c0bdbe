import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { isUtxoChain } from '../format/chain.ts';
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
    { name: 'from', title: words.payer, cell: ({ from }) => end(from) },
    { name: 'to', title: words.payee, cell: ({ to }) => end(to) },
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
                  cell: (row: Movement) => <Way row={row} self={self} chain={chain} />,
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

function Way({
  row,
  self,
  chain,
}: {
  readonly row: Movement;
  readonly self: string;
  readonly chain: string;
}): ReactNode {
  const words = useWords(searchWords);
  const back = isUtxoChain(chain) ? 'change' : 'self';
  const way = row.to !== self ? 'out' : row.from === self ? back : 'in';
  return (
    <span className={`way ${way}`}>
      <span aria-hidden="true">{WAYS[way]}</span> {words.ways[way]}
    </span>
  );
}

const WAYS = { in: '↓', out: '↑', self: '↻', change: '↻' } as const;

function Worth({ movement }: { readonly movement: Movement }): ReactNode {
  const { asset, symbol, decimals, amount, time } = movement;
  const usd = useWorth(amount === '0' ? null : asset, time, amount, decimals);
  return <Amount units={amount} decimals={decimals} symbol={symbol} usd={usd} />;
}
