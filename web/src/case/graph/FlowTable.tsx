import { type ReactNode, useMemo, useState } from 'react';
import { useWords } from '../../app/settings.tsx';
import type { Chosen } from '../../graph/choice.ts';
import { openedOf, type PictureState, SOME } from '../../graph/state.ts';
import { graphWords } from '../../messages/graph.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Tabs } from '../../parts/tabs.tsx';
import { Address, Amount, Outside, Time } from '../../parts/text.tsx';
import { KindSign } from './KindSign.tsx';
import type { Money, Shown } from './use-shown.ts';

interface FlowTableProps {
  readonly shown: Shown;
  readonly state: PictureState;
  readonly chosen: Chosen;
  readonly money: Money;
  readonly onNode: (key: string) => void;
  readonly onLine: (key: string) => void;
  readonly onOpen: (key: string, count: number) => void;
  readonly onClose: (key: string) => void;
  readonly onHide: (key: string) => void;
}

type Words = ReturnType<typeof useWords<(typeof graphWords)['en']>>;

/** The picture as two lists: its signs, its lines. Groups open and close as in the picture. */
export function FlowTable(props: FlowTableProps): ReactNode {
  const words = useWords(graphWords);
  const [tab, setTab] = useState<'places' | 'lines'>('places');
  const { shown, chosen } = props;
  const { picture, amounts, layout } = shown;
  const nodes = useMemo(() => {
    const rows = picture.shapes.map((_, at) => at).filter((at) => amounts.shapes[at]!.begun);
    const order = (at: number): bigint => amounts.shapes[at]!.in;
    return rows.sort(
      (a, b) =>
        picture.shapes[a]!.column - picture.shapes[b]!.column ||
        (order(a) === order(b) ? a - b : order(a) > order(b) ? -1 : 1),
    );
  }, [picture, amounts]);
  const lines = useMemo(() => {
    const rows = picture.lines.map((_, at) => at).filter((at) => amounts.lines[at]!.begun);
    const units = (at: number): bigint => amounts.lines[at]!.units;
    return rows.sort((a, b) => (units(a) === units(b) ? a - b : units(a) > units(b) ? -1 : 1));
  }, [picture, amounts]);
  const line = (at: number): string => picture.lines[at]!.key;
  const node = (at: number): string => picture.shapes[at]!.key;
  return (
    <div className="graph-table" data-rows={nodes.length} data-columns={new Set(layout.columnOf).size}>
      <Tabs
        label={words.views.table}
        tabs={[
          { name: 'places', title: words.places(nodes.length) },
          { name: 'lines', title: words.lines(lines.length) },
        ]}
        chosen={tab}
        onChoose={setTab}
      >
        {tab === 'places' ? (
          <Table
            label={words.places(nodes.length)}
            columns={nodeColumns(props, words)}
            rows={nodes}
            keyOf={node}
            chosen={[...chosen.nodes][0] ?? null}
            onChoose={(at) => props.onNode(node(at))}
            height="62vh"
          />
        ) : (
          <Table
            label={words.lines(lines.length)}
            columns={lineColumns(props, words)}
            rows={lines}
            keyOf={line}
            chosen={chosen.line}
            onChoose={(at) => props.onLine(line(at))}
            height="62vh"
          />
        )}
      </Tabs>
    </div>
  );
}

function nodeColumns(props: FlowTableProps, words: Words): Column<number>[] {
  const { shown, money } = props;
  const { picture, amounts, flow } = shown;
  const sum = (pick: (at: number) => bigint) => (at: number) =>
    flow.conserves ? <Amount units={pick(at).toString()} {...money} /> : <span className="muted">–</span>;
  const rest = (at: number): bigint => {
    const { in: came, out, begun } = amounts.shapes[at]!;
    if (shown.replay.moment !== null) return begun && came > out ? came - out : 0n;
    return picture.shapes[at]!.members.reduce((total, member) => total + flow.places[member]!.held, 0n);
  };
  return [
    {
      name: 'what',
      title: words.columns.what,
      width: '8rem',
      cell: (at) => {
        const { kind, members } = picture.shapes[at]!;
        return (
          <>
            <KindSign kind={kind} many={members.length > 1} /> {words.kinds[kind] ?? kind}
          </>
        );
      },
    },
    { name: 'name', title: words.columns.name, width: '15rem', cell: (at) => nameCell(shown, at) },
    { name: 'do', title: words.columns.do, width: '10.5rem', cell: (at) => doCell(props, words, at) },
    { name: 'in', title: words.columns.in, width: '10.5rem', right: true, cell: sum((at) => amounts.shapes[at]!.in) },
    {
      name: 'out',
      title: words.columns.out,
      width: '10.5rem',
      right: true,
      cell: sum((at) => amounts.shapes[at]!.out),
    },
    { name: 'rest', title: words.columns.rest, width: '10.5rem', right: true, cell: sum(rest) },
    {
      name: 'first',
      title: words.columns.first,
      width: '13.5rem',
      cell: (at) => <Time time={picture.shapes[at]!.firstTime} />,
    },
  ];
}

function nameCell(shown: Shown, at: number): ReactNode {
  const shape = shown.picture.shapes[at]!;
  const place = shown.flow.places[shape.members[0]!]!;
  if (shape.form !== 'place' || place.address === '' || shape.kind === 'theft' || shape.kind === 'link')
    return <bdi>{shown.titleOf(shape)}</bdi>;
  return <Address chain={place.chain} address={place.address} name={place.name} />;
}

function doCell({ shown, state, onOpen, onClose, onHide }: FlowTableProps, words: Words, at: number): ReactNode {
  const { key, form, members, outOf, kind } = shown.picture.shapes[at]!;
  const closes = outOf ?? (form !== 'place' && openedOf(state, key) > 0 ? key : null);
  const about = shown.titleOf(shown.picture.shapes[at]!);
  const button = (text: string, act: () => void): ReactNode => (
    <button
      type="button"
      aria-label={`${text}: ${about}`}
      onClick={(event) => {
        event.stopPropagation();
        act();
      }}
    >
      {text}
    </button>
  );
  return (
    <span className="graph-buttons no-print">
      {form === 'place'
        ? null
        : button(words.openBrief(Math.min(SOME, members.length)), () =>
            onOpen(key, members.length > SOME ? SOME : Number.POSITIVE_INFINITY),
          )}
      {closes === null ? null : button(words.close, () => onClose(closes))}
      {kind === 'theft' ? null : button(words.hide, () => onHide(key))}
    </span>
  );
}

function lineColumns({ shown, money }: FlowTableProps, words: Words): Column<number>[] {
  const { picture, amounts, flow } = shown;
  const end = (shape: number): ReactNode => (
    <>
      <KindSign kind={picture.shapes[shape]!.kind} many={picture.shapes[shape]!.members.length > 1} />{' '}
      <Outside>{shown.titleOf(picture.shapes[shape]!)}</Outside>
    </>
  );
  return [
    {
      name: 'from',
      title: words.columns.from,
      width: '17rem',
      cell: (at) => end(picture.lines[at]!.from),
    },
    { name: 'to', title: words.columns.to, width: '17rem', cell: (at) => end(picture.lines[at]!.to) },
    {
      name: 'amount',
      title: words.columns.amount,
      width: '11rem',
      right: true,
      cell: (at) => (flow.conserves ? <Amount units={amounts.lines[at]!.units.toString()} {...money} /> : '–'),
    },
    {
      name: 'transfers',
      title: words.columns.transfers,
      width: '9rem',
      right: true,
      cell: (at) => (picture.lines[at]!.transfers === 0 ? words.linked : picture.lines[at]!.transfers.toLocaleString()),
    },
    {
      name: 'first',
      title: words.columns.begin,
      width: '13.5rem',
      cell: (at) => <Time time={picture.lines[at]!.first} />,
    },
    {
      name: 'last',
      title: words.columns.last,
      width: '13.5rem',
      cell: (at) => <Time time={picture.lines[at]!.last} />,
    },
  ];
}
