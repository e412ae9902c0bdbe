import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { chainName } from '../format/chain.ts';
import { searchWords } from '../messages/search.ts';
import { Address, Chip, Outside, Time } from '../parts/text.tsx';
import type { api } from '../server/api.ts';
import { CategoryChip } from './CategoryChip.tsx';
import { OutsideLink } from './OutsideLink.tsx';
import { Sheet, type SheetColumn } from './Sheet.tsx';

export type LabelOf = Awaited<ReturnType<typeof api.getAddress>>['labels'][number];

/** Labels with who says so, how surely and from when to when. `withAddress`: of more than one address. */
export function LabelSheet({
  labels,
  withAddress = false,
}: {
  readonly labels: readonly LabelOf[];
  readonly withAddress?: boolean;
}): ReactNode {
  const words = useWords(searchWords);
  const columns: SheetColumn<LabelOf>[] = [
    { name: 'label', title: words.label, cell: (label) => <LabelText label={label} /> },
    { name: 'category', title: words.category, cell: ({ category }) => <CategoryChip category={category} /> },
    { name: 'state', title: words.state, cell: ({ current }) => <LabelState current={current} /> },
    { name: 'source', title: words.source, cell: (label) => <LabelSource label={label} /> },
    {
      name: 'confidence',
      title: words.confidence,
      cell: ({ confidence }) => words.confidences[confidence] ?? <Outside>{confidence}</Outside>,
    },
    { name: 'period', title: words.period, cell: (label) => <Period label={label} /> },
  ];
  const address: SheetColumn<LabelOf> = {
    name: 'address',
    title: words.address,
    cell: ({ chain, address }) => <MaybeAddress chain={chain} address={address} />,
  };
  return (
    <Sheet
      label={words.labels}
      columns={withAddress ? [address, ...columns] : columns}
      rows={labels}
      keyOf={({ address: of, source, category }, index) => `${index}|${of}|${source}|${category}`}
    />
  );
}

function LabelText({ label: { label, actor } }: { readonly label: LabelOf }): ReactNode {
  const words = useWords(searchWords);
  return (
    <>
      <Outside>{label}</Outside>
      {actor === null || actor === label ? null : (
        <span className="muted">
          {' '}
          ({words.actor}: <Outside>{actor}</Outside>)
        </span>
      )}
    </>
  );
}

function LabelState({ current }: { readonly current: boolean }): ReactNode {
  const words = useWords(searchWords);
  return current ? <Chip tone="good">{words.current}</Chip> : <Chip>{words.ended}</Chip>;
}

function LabelSource({ label: { source, url } }: { readonly label: LabelOf }): ReactNode {
  return (
    <>
      <Outside>{source}</Outside> <OutsideLink url={url} />
    </>
  );
}

function MaybeAddress({ chain, address }: { readonly chain: string | null; readonly address: string }): ReactNode {
  if (chain !== null)
    return (
      <>
        <Address chain={chain} address={address} /> <span className="muted">{chainName(chain)}</span>
      </>
    );
  return (
    <code>
      <Outside>{address}</Outside>
    </code>
  );
}

function Period({ label: { from, until } }: { readonly label: LabelOf }): ReactNode {
  const words = useWords(searchWords);
  return (
    <>
      <Time time={from} />
      <div className={until === null ? 'figure muted' : 'figure'}>
        – {until === null ? words.noEnd : <Time time={until} />}
      </div>
    </>
  );
}
