import type { KeyboardEvent, RefObject } from 'react';
import { type Chosen, linesOutOf, neighbourOf, type Way } from '../../graph/choice.ts';
import { ALL, SOME } from '../../graph/state.ts';
import type { FlowView } from './flow-view.ts';
import type { BoardState } from './use-board.ts';
import type { Commands } from './use-commands.ts';
import type { Shown } from './use-shown.ts';

export interface KeysAsked {
  readonly shown: Shown;
  readonly chosen: Chosen;
  readonly commands: Commands;
  readonly board: BoardState;
  readonly drawing: RefObject<FlowView | null>;
  readonly pick: (key: string, more: boolean) => void;
  readonly pickLine: (key: string) => void;
}

const WAYS: Readonly<Record<string, Way>> = {
  ArrowRight: 'right',
  ArrowLeft: 'left',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const ZOOM = 1.5;

/** Keys of the picture. What is not for it goes on to the page. */
export function onGraphKey(event: KeyboardEvent, asked: KeysAsked): void {
  const act = actionOf(event, asked);
  if (act === null) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

function actionOf(event: KeyboardEvent, asked: KeysAsked): (() => unknown) | null {
  const { commands, board, drawing } = asked;
  const { key, shiftKey } = event;
  if (event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    if (key.toLowerCase() === 'z') return shiftKey ? board.redo : board.undo;
    return key.toLowerCase() === 'y' ? board.redo : null;
  }
  const way = WAYS[key];
  if (way !== undefined) return () => (shiftKey && way === 'right' ? nextLine(asked) : move(asked, way));
  const { can } = commands;
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case 'Enter':
      return () => can.open && commands.open(shiftKey ? ALL : SOME);
    case 'Backspace':
      return () => can.close && commands.close();
    case 'Delete':
      return () => can.hide && commands.hide();
    case '+':
    case '=':
      return () => drawing.current?.zoom(ZOOM);
    case '-':
      return () => drawing.current?.zoom(1 / ZOOM);
    case '0':
      return () => drawing.current?.fit();
    case 'p':
      return () => (can.pin ? commands.pin() : can.unpin && commands.unpin());
    case 'n':
      return commands.note;
    case 'Escape':
      return commands.clear;
    default:
      return null;
  }
}

/** Where it is from: the chosen shape, the end of the chosen line, else the theft. */
function originOf({ shown, chosen }: KeysAsked): number | null {
  const { shapes, lines } = shown.picture;
  const line = lines.find(({ key }) => key === chosen.line);
  if (line !== undefined) return line.from;
  const at = shapes.findIndex(({ key }) => chosen.nodes.has(key));
  return at < 0 ? null : at;
}

function move(asked: KeysAsked, way: Way): void {
  const { shown, chosen, pick, drawing } = asked;
  const { picture, amounts, layout } = shown;
  const from = originOf(asked);
  const line = picture.lines.find(({ key }) => key === chosen.line);
  const theft = picture.shapes.findIndex(({ kind }) => kind === 'theft');
  const to =
    from === null
      ? Math.max(0, theft)
      : line !== undefined && way === 'right'
        ? line.to
        : neighbourOf(picture, from, way, amounts.lines, layout);
  const shape = to === null ? undefined : picture.shapes[to];
  if (shape === undefined) return;
  pick(shape.key, false);
  drawing.current?.reveal(shape.key);
}

/** The largest line out of the chosen shape, then the next one. */
function nextLine(asked: KeysAsked): void {
  const { shown, chosen, pickLine } = asked;
  const { picture, amounts } = shown;
  const from = originOf(asked);
  if (from === null) return;
  const out = linesOutOf(picture, from, amounts.lines);
  const now = out.findIndex((at) => picture.lines[at]!.key === chosen.line);
  const next = picture.lines[out[(now + 1) % Math.max(1, out.length)] ?? -1];
  if (next !== undefined) pickLine(next.key);
}
