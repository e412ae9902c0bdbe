import { type SankeyNode, sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { fitText, shortAddress, visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, countText, ratio, shareText } from '../format/amount.ts';
import { selectionKey } from '../format/case-link.ts';
import { type Bar, type Ribbon, type SankeyFlow, sankeyFlow } from '../format/sankey-flow.ts';
import { caseWords } from '../messages/case.ts';
import { Amount } from '../parts/text.tsx';
import type { CaseFlow, TheftView } from './case-data.ts';
import { KIND_SIGNS } from './KindChip.tsx';
import type { Selection } from './selection.ts';

interface PictureProps {
  readonly flow: CaseFlow;
  readonly theft: TheftView;
  readonly selection: Selection | null;
  readonly onSelect: (selection: Selection | null) => void;
}

type Drawn = SankeyFlow & { readonly titles: readonly string[] };

export function SankeyPicture({ flow, theft, selection, onSelect }: PictureProps): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const drawn = useMemo(() => {
    const merged = sankeyFlow(flow);
    return { ...merged, titles: merged.bars.map((bar) => titleOf(bar, flow, words)) };
  }, [flow, words]);
  const [asTable, setAsTable] = useState(false);
  const exact = (units: bigint): string => amountText(units, theft.decimals, language).exact;
  const back = drawn.back.reduce((sum, { units }) => sum + units, 0n);
  const merged = drawn.bars.filter(({ form }) => form !== 'one');
  const members = merged.reduce((sum, bar) => sum + bar.members.length, 0);
  const props = { drawn, flow, theft, selection, onSelect };
  return (
    <figure className="sankey-figure">
      <div className="row-of spread no-print">
        <figcaption>{words.sankeyHow}</figcaption>
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? words.showPicture : words.showTable}
        </button>
      </div>
      {asTable ? <RibbonTable {...props} /> : <Picture {...props} />}
      <ul className="sankey-notes muted">
        {members === 0 ? null : <li>{words.mergedNote(countText(members, language), merged.length)}</li>}
        {drawn.inner.edges === 0 ? null : (
          <li>
            {words.innerNote(countText(drawn.inner.transfers, language))}{' '}
            <Amount units={drawn.inner.units.toString()} decimals={theft.decimals} symbol={theft.symbol} />
          </li>
        )}
        {drawn.back.length === 0 ? null : (
          <li title={exact(back)}>
            {words.backNote(drawn.back.length)}{' '}
            <Amount units={back.toString()} decimals={theft.decimals} symbol={theft.symbol} />
          </li>
        )}
        {flow.dropped.nodes + flow.dropped.edges === 0 ? null : (
          <li>{words.droppedNote(countText(flow.dropped.nodes, language), countText(flow.dropped.edges, language))}</li>
        )}
      </ul>
    </figure>
  );
}

type Words = (typeof caseWords)['en'];

function titleOf(bar: Bar, flow: CaseFlow, words: Words): string {
  const first = flow.nodes[bar.members[0]!]!;
  if (first.kind === 'theft') return words.theftBar;
  if (first.kind === 'link' && bar.form === 'one') return words.linkBar;
  const name = nameOf(first);
  if (bar.form === 'one') return name;
  const kind = words.kindsMany[bar.kind] ?? words.places;
  return bar.form === 'run' ? words.runBar(bar.members.length, name) : words.restBar(bar.members.length, kind);
}

/** Several addresses may have one label. */
function nameOf({ name, address, kind }: CaseFlow['nodes'][number]): string {
  if (name === null) return shortAddress(address);
  return kind === 'address' ? `${shortAddress(address)} ${visibleText(name)}` : visibleText(name);
}

function selectionOfBar(bar: Bar, flow: CaseFlow, title: string): Selection {
  const places = bar.members.map((index) => {
    const { chain, address } = flow.nodes[index]!;
    return { chain, address };
  });
  return places.length === 1 ? { kind: 'place', place: places[0]! } : { kind: 'group', title, places };
}

/** Between two places their edge, else what it leads to. */
function selectionOfRibbon(ribbon: Ribbon, drawn: Drawn, flow: CaseFlow): Selection {
  const [from, to] = [drawn.bars[ribbon.from]!, drawn.bars[ribbon.to]!];
  if (from.form !== 'one' || to.form !== 'one') return selectionOfBar(to, flow, drawn.titles[ribbon.to]!);
  const place = (bar: Bar): { chain: string; address: string } => {
    const { chain, address } = flow.nodes[bar.members[0]!]!;
    return { chain, address };
  };
  return { kind: 'edge', from: place(from), to: place(to) };
}

type PartProps = PictureProps & { readonly drawn: Drawn };

const BAR = 14;
const ROOM = 200;
/** Between two steps, for a share beside a name. */
const WIDE = 130;
const PADDING = 17;
/** Pixels; a lower bar between others has no writing. */
const LOW = 5;

interface NodeData {
  readonly bar: number;
}

interface LinkData {
  readonly ribbon: Ribbon;
}

type Node = SankeyNode<NodeData, LinkData>;

/** What goes nowhere stands right; what is fed by nothing that is drawn, just left of what it feeds. */
function alignOf(node: Node, layers: number): number {
  const [out, into] = [node.sourceLinks ?? [], node.targetLinks ?? []];
  if (out.length === 0) return layers - 1;
  if (into.length > 0 || node.index === 0) return node.depth ?? 0;
  return Math.min(...out.map(({ target }) => (target as Node).depth ?? 1)) - 1;
}

function layoutOf(drawn: Drawn, theft: TheftView, width: number) {
  const connected = new Set(drawn.ribbons.flatMap(({ from, to }) => [from, to]));
  const shown = [...connected].sort((a, b) => a - b);
  const at = new Map(shown.map((bar, index) => [bar, index]));
  const perBand = new Map<number, number>();
  for (const bar of shown) perBand.set(drawn.bars[bar]!.band, (perBand.get(drawn.bars[bar]!.band) ?? 0) + 1);
  const feeding = new Set(drawn.ribbons.map(({ from }) => from));
  const most = Math.max(1, shown.length - feeding.size, ...perBand.values());
  const height = Math.max(380, Math.min(960, 200 + most * PADDING * 1.6));
  const layout = sankey<NodeData, LinkData>()
    .nodeWidth(BAR)
    .nodePadding(PADDING)
    .nodeAlign(alignOf)
    .extent([
      [1, 8],
      [width - ROOM, height - 8],
    ]);
  const made = layout({
    nodes: shown.map((bar) => ({ bar })),
    links: drawn.ribbons.map((ribbon) => ({
      source: at.get(ribbon.from)!,
      target: at.get(ribbon.to)!,
      // A ribbon of nothing would have no place.
      value: Math.max(ratio(ribbon.units, theft.stolen), 1e-9),
      ribbon,
    })),
  });
  const starts = [...new Set(made.nodes.map(({ x0 }) => x0 ?? 0))].sort((a, b) => a - b);
  const roomAt = (x: number): number => (starts.find((start) => start > x) ?? width) - x;
  return { ...made, shown, height, roomAt };
}

function Picture({ drawn, flow, theft, selection, onSelect }: PartProps): ReactNode {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const laid = useMemo(() => layoutOf(drawn, theft, width), [drawn, theft, width]);
  const chosen = selectionKey(selection);
  const path = sankeyLinkHorizontal();
  const amount = (units: bigint): string =>
    `${amountText(units, theft.decimals, language).exact} ${visibleText(theft.symbol)} (${shareText(units, theft.stolen)})`;
  const press = (wanted: Selection) => (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onSelect(wanted);
  };
  return (
    <div ref={host} className="sankey-host">
      <svg width={width} height={laid.height} className="sankey" role="group" aria-label={words.sankeyOf}>
        <g>
          {laid.links.map((link) => {
            const wanted = selectionOfRibbon(link.ribbon, drawn, flow);
            const { from, to, units } = link.ribbon;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the same is reached by bars and by the table
              <path
                key={`${from}>${to}`}
                d={path(link) ?? ''}
                className={selectionKey(wanted) === chosen ? 'ribbon chosen' : 'ribbon'}
                strokeWidth={Math.max(0.75, link.width ?? 0)}
                onClick={() => onSelect(wanted)}
              >
                <title>{`${drawn.titles[from]} → ${drawn.titles[to]}\n${amount(units)}`}</title>
              </path>
            );
          })}
        </g>
        {laid.nodes.map((node, index) => {
          const bar = drawn.bars[laid.shown[index]!]!;
          const title = drawn.titles[laid.shown[index]!]!;
          const wanted = selectionOfBar(bar, flow, title);
          const units = bar.kind === 'theft' ? bar.out : bar.in;
          const [y0, y1] = [node.y0 ?? 0, node.y1 ?? 0];
          return (
            <g
              key={laid.shown[index]}
              role="button"
              tabIndex={0}
              className={selectionKey(wanted) === chosen ? 'bar chosen' : 'bar'}
              onClick={() => onSelect(wanted)}
              onKeyDown={press(wanted)}
            >
              <title>{`${words.barLabel(title, words.kinds[bar.kind] ?? words.places, amount(units))}${bar.held > 0n ? `\n${words.held}: ${amount(bar.held)}` : ''}`}</title>
              <rect
                x={node.x0 ?? 0}
                y={y0}
                width={BAR}
                height={Math.max(2, y1 - y0)}
                className={`fill-${Object.hasOwn(KIND_SIGNS, bar.kind) ? bar.kind : 'address'}${bar.form === 'one' ? '' : ' many'}`}
              />
              <BarText
                title={`${KIND_SIGNS[bar.kind] ?? '○'} ${title}`}
                share={shareText(units, theft.stolen)}
                x={(node.x1 ?? 0) + 5}
                y={(y0 + y1) / 2}
                room={laid.roomAt(node.x1 ?? 0)}
                low={y1 - y0 < LOW && (node.sourceLinks?.length ?? 0) > 0}
              />
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function BarText({
  title,
  share,
  x,
  y,
  room,
  low,
}: {
  readonly title: string;
  readonly share: string;
  readonly x: number;
  readonly y: number;
  readonly room: number;
  readonly low: boolean;
}): ReactNode {
  if (low && room < WIDE) return null;
  return (
    <text x={x} y={y} dy="0.32em">
      {fit(title, room)} {room < WIDE ? null : <tspan className="share">{share}</tspan>}
    </text>
  );
}

/** Columns of a terminal, about as wide as these letters. */
const LETTER = 6.7;
const SHARE = 54;
const LEAST_LETTERS = 7;

/** Cut to the room up to the next bars. */
function fit(text: string, room: number): string {
  const free = room - BAR - (room < WIDE ? 0 : SHARE);
  return fitText(text, Math.max(LEAST_LETTERS, Math.floor(free / LETTER)), '…');
}

function useWidth(host: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(900);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const watch = new ResizeObserver(() => setWidth(Math.max(640, element.clientWidth - 12)));
    watch.observe(element);
    return () => watch.disconnect();
  }, [host]);
  return width;
}

function RibbonTable({ drawn, flow, theft, onSelect }: PartProps): ReactNode {
  const words = useWords(caseWords);
  const rows = [
    ...drawn.ribbons.map((ribbon) => ({ ribbon, back: false })),
    ...drawn.back.map((ribbon) => ({ ribbon, back: true })),
  ].sort((a, b) => (a.ribbon.units < b.ribbon.units ? 1 : a.ribbon.units > b.ribbon.units ? -1 : 0));
  const pick = (bar: number): void => onSelect(selectionOfBar(drawn.bars[bar]!, flow, drawn.titles[bar]!));
  return (
    <div className="scroll tall">
      <table className="plain-table">
        <caption className="unseen">{words.sankeyOf}</caption>
        <thead>
          <tr>
            <th scope="col">{words.from}</th>
            <th scope="col">{words.to}</th>
            <th scope="col" className="right">
              {words.amount}
            </th>
            <th scope="col" className="right">
              {words.transactions}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ ribbon, back }) => (
            <tr key={`${ribbon.from}>${ribbon.to}${back}`}>
              <td>
                <button type="button" className="link" onClick={() => pick(ribbon.from)}>
                  {drawn.titles[ribbon.from]}
                </button>
              </td>
              <td>
                <button type="button" className="link" onClick={() => pick(ribbon.to)}>
                  {drawn.titles[ribbon.to]}
                </button>
                {back ? <span className="muted"> {words.back}</span> : null}
              </td>
              <td className="right">
                <Amount
                  units={ribbon.units.toString()}
                  decimals={theft.decimals}
                  symbol={theft.symbol}
                  of={theft.stolen}
                />
              </td>
              <td className="right">{ribbon.transfers === 0 ? words.linkBar : ribbon.transfers}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
