import { type ReactNode, type RefObject, useMemo, useRef, useState } from 'react';
import { shortAddress, visibleText } from '../../../../src/base/visible-text.ts';
import { useWords } from '../../app/settings.tsx';
import { chosenOf, selectionOfLine, selectionOfShapes } from '../../graph/choice.ts';
import type { FlowAnswer } from '../../graph/flow.ts';
import { groupKeys } from '../../graph/fold.ts';
import type { History } from '../../graph/history.ts';
import {
  close,
  closeAll,
  EVERY,
  hide,
  open,
  openAll,
  type PictureState,
  pin,
  SOME,
  showAll,
  writeNote,
} from '../../graph/state.ts';
import { momentsOf, placeOfMoment, ticksOf } from '../../graph/time-scale.ts';
import { graphWords } from '../../messages/graph.ts';
import type { GraphPaneProps } from '../GraphPane.tsx';
import { Actions } from './Actions.tsx';
import { Counts } from './Counts.tsx';
import { FlowCanvas } from './FlowCanvas.tsx';
import { FlowTable } from './FlowTable.tsx';
import type { FlowView } from './flow-view.ts';
import { onGraphKey } from './keys.ts';
import { Legend } from './Legend.tsx';
import { NoteDialog, Notes } from './Notes.tsx';
import { ReplayBar } from './ReplayBar.tsx';
import { Toolbar, type ToolbarProps, type View } from './Toolbar.tsx';
import type { BoardState } from './use-board.ts';
import { commandsOf } from './use-commands.ts';
import { useExports } from './use-exports.ts';
import { type Money, type Shown, useShown } from './use-shown.ts';

const MOST_MOMENTS = 1500;

export interface FlowPictureProps extends GraphPaneProps {
  readonly answer: FlowAnswer;
  readonly board: BoardState;
  readonly history: History<PictureState>;
  readonly view: View;
  readonly onView: (view: View) => void;
}

/** The picture with all that stands around it. */
export function FlowPicture(props: FlowPictureProps): ReactNode {
  const { answer, board, history } = props;
  // The time and not its place: another method or theft has other moments.
  const [moment, setMoment] = useState<number | null>(null);
  const [noting, setNoting] = useState<{ readonly place: string | null } | null>(null);
  const drawing = useRef<FlowView | null>(null);
  const moments = useMemo(() => momentsOfAnswer(answer), [answer]);
  const money = useMemo(() => ({ symbol: props.symbol, decimals: props.decimals }), [props.symbol, props.decimals]);
  const at = placeOfMoment(moments, moment);
  const shown = useShown(answer, history.now, at === null ? null : (moments[at] ?? null), money);
  const files = useExports({ caseId: props.caseId, shown, view: drawing, exports: props.exports });
  const { picture, amounts, flow } = shown;
  const kinds = useMemo(() => new Set(picture.shapes.map(({ kind }) => kind)), [picture]);
  const hand = { ...props, shown, drawing, money, onNote: (place: string | null) => setNoting({ place }) };
  return (
    <section
      className="graph-pane"
      aria-label={answer.method}
      data-ready="true"
      data-method={answer.method}
      data-shapes={amounts.shapes.filter(({ begun }) => begun).length}
      data-edges={amounts.lines.filter(({ begun }) => begun).length}
      data-hidden={picture.hidden.places + picture.hidden.dust}
      data-folded={picture.folded.places}
      data-board={board.status}
    >
      <Toolbar {...toolbarOf(props, shown, drawing, files)} />
      <Counts shown={shown} answer={answer} onShowAll={() => board.change(showAll)} />
      <Worked {...hand} />
      <ReplayBar
        moments={moments}
        at={at}
        estimated={shown.replay.estimated}
        onMove={(to) => setMoment(to === null ? null : (moments[to] ?? null))}
      />
      <Legend kinds={kinds} conserves={flow.conserves} />
      <NotesOf {...hand} />
      {noting === null ? null : (
        <NoteDialog
          about={noting.place === null ? null : titleOfKey(shown, noting.place)}
          onClose={() => setNoting(null)}
          onKeep={(text) => {
            const note = { id: newId(), place: noting.place, text, at: new Date().toISOString(), by: '' };
            board.change((now) => writeNote(now, note));
            setNoting(null);
          }}
        />
      )}
    </section>
  );
}

interface HandProps extends FlowPictureProps {
  readonly shown: Shown;
  readonly drawing: RefObject<FlowView | null>;
  readonly money: Money;
  readonly onNote: (place: string | null) => void;
}

/** The canvas or the table, and what can be done with what is chosen there. */
function Worked(props: HandProps): ReactNode {
  const { shown, view, drawing, money, board, history, selection, onSelect, onNote } = props;
  const state = history.now;
  const { flow, picture } = shown;
  const chosen = useMemo(() => chosenOf(selection, shown.index, picture), [selection, shown.index, picture]);
  const commands = commandsOf({ shown, state, chosen, selection, change: board.change, onSelect, onNote });
  const pick = usePicking(props, shown, chosen.nodes);
  const title = useChosenTitle(shown, selection, chosen.nodes, chosen.line);
  const ticks = useMemo(() => ticksOf(flow.start, flow.end, state.axis), [flow, state.axis]);
  const asked = { shown, chosen, commands, board, drawing, pick: pick.node, pickLine: pick.line };
  return (
    <>
      {view === 'picture' ? (
        <FlowCanvas
          scene={shown.scene}
          chosen={chosen}
          ticks={ticks}
          view={drawing}
          said={title ?? ''}
          onKey={(event) => onGraphKey(event, asked)}
          events={{
            onNode: pick.node,
            onLine: pick.line,
            onStage: () => onSelect(null),
            onOpen: (key) => board.change((now) => (isGroup(shown, key) ? open(now, key, SOME) : now)),
            onPlaced: (key, point) => board.change((now) => pin(now, [[key, point]])),
          }}
        />
      ) : (
        <FlowTable
          shown={shown}
          state={state}
          chosen={chosen}
          money={money}
          onNode={(key) => pick.node(key, false)}
          onLine={pick.line}
          onOpen={(key, count) => board.change((now) => open(now, key, count))}
          onClose={(key) => board.change((now) => close(now, key, groupKeys(shown.fold)))}
          onHide={(key) => board.change((now) => hide(now, [key]))}
        />
      )}
      <Actions title={title} commands={commands} />
    </>
  );
}

function NotesOf(props: HandProps): ReactNode {
  const { shown, board, history, drawing, onSelect, onNote } = props;
  const pick = usePicking(props, shown, new Set());
  const go = (key: string): void => {
    const place = shown.flow.places.find((each) => each.key === key);
    if (place !== undefined) onSelect({ kind: 'place', place: { chain: place.chain, address: place.address } });
    else pick.node(key, false);
    drawing.current?.reveal(key);
  };
  return (
    <Notes
      notes={history.now.notes}
      titleOf={(key) => titleOfKey(shown, key)}
      onWrite={onNote}
      onDrop={(note) => board.change((now) => writeNote(now, { ...note, text: '' }))}
      onGo={go}
    />
  );
}

/** Of a note's place, also where it is folded, out of sight or of another theft. */
function titleOfKey({ picture, flow, titleOf }: Shown, key: string): string {
  const shape = picture.shapes.find((each) => each.key === key);
  if (shape !== undefined) return titleOf(shape);
  const place = flow.places.find((each) => each.key === key);
  return visibleText(place?.name ?? shortAddress(place?.address ?? key));
}

function toolbarOf(
  { board, history, view, onView }: FlowPictureProps,
  shown: Shown,
  drawing: { readonly current: FlowView | null },
  files: { exportPng(): Promise<void>; exportSvg(): Promise<void> },
): ToolbarProps {
  const state = history.now;
  return {
    state,
    view,
    conserves: shown.flow.conserves,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    canOpen: !state.opened.has(EVERY) && groupKeys(shown.fold).length > 0,
    canClose: state.opened.size > 0 || state.alone.size > 0,
    status: board.status,
    onView,
    onAxis: (axis) => board.change((now) => ({ ...now, axis })),
    onDust: (dust) => board.change((now) => ({ ...now, dust })),
    onByEntity: (byEntity) => board.change((now) => ({ ...now, byEntity })),
    onExport: (what) => {
      (what === 'png' ? files.exportPng() : files.exportSvg()).catch(() => {});
    },
    onDo: (what) => {
      if (what === 'undo') board.undo();
      else if (what === 'redo') board.redo();
      else if (what === 'openAll') board.change(openAll);
      else if (what === 'closeAll') board.change(closeAll);
      else if (what === 'fit') drawing.current?.fit();
      else drawing.current?.zoom(what === 'zoomIn' ? 1.5 : 1 / 1.5);
    },
  };
}

interface Picking {
  node(key: string, more: boolean): void;
  line(key: string): void;
}

function usePicking({ onSelect }: FlowPictureProps, shown: Shown, nodes: ReadonlySet<string>): Picking {
  const words = useWords(graphWords);
  const { flow, picture } = shown;
  const titleAt = (index: number): string => shown.titleOf(picture.shapes[index]!);
  return {
    node: (key, more) => {
      const keys = new Set(more ? nodes : []);
      if (!keys.delete(key)) keys.add(key);
      const only = picture.shapes.findIndex((shape) => keys.has(shape.key));
      const title = keys.size === 1 && only >= 0 ? titleAt(only) : words.several(keys.size);
      onSelect(selectionOfShapes(flow, picture, keys, title));
    },
    line: (key) => {
      const line = picture.lines.find((each) => each.key === key);
      if (line === undefined) return;
      onSelect(selectionOfLine(flow, picture, key, words.line(titleAt(line.from), titleAt(line.to))));
    },
  };
}

/** What is chosen, in words; null where nothing is, or where it is in no shape. */
function useChosenTitle(
  { flow, picture, amounts, titleOf, amountOf }: Shown,
  selection: FlowPictureProps['selection'],
  nodes: ReadonlySet<string>,
  lineKey: string | null,
): string | null {
  const words = useWords(graphWords);
  if (selection === null) return null;
  const at = picture.lines.findIndex(({ key }) => key === lineKey);
  const line = picture.lines[at];
  if (line !== undefined) {
    const title = words.line(titleOf(picture.shapes[line.from]!), titleOf(picture.shapes[line.to]!));
    return flow.conserves ? words.saidLine(title, amountOf(amounts.lines[at]!.units)) : title;
  }
  const shapes = picture.shapes.flatMap(({ key }, index) => (nodes.has(key) ? [index] : []));
  if (shapes.length !== 1) return selection.kind === 'group' ? selection.title : words.several(shapes.length);
  const shape = picture.shapes[shapes[0]!]!;
  const sums = amounts.shapes[shapes[0]!]!;
  const kind = words.kinds[shape.kind] ?? shape.kind;
  return flow.conserves ? words.said(titleOf(shape), kind, amountOf(sums.in), amountOf(sums.out)) : titleOf(shape);
}

function momentsOfAnswer({ steps, edges, nodes }: FlowAnswer): number[] {
  const times = steps.length > 0 ? steps.map(({ time }) => time) : edges.flatMap(({ first, last }) => [first, last]);
  return momentsOf([...nodes.map(({ firstTime }) => firstTime), ...times], MOST_MOMENTS);
}

function isGroup({ picture }: Shown, key: string): boolean {
  return picture.shapes.some((shape) => shape.key === key && shape.form !== 'place');
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
