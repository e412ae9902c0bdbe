import type { NodeDisplayData } from 'sigma/types';
import type { SceneNode } from '../../graph/scene.ts';
import type { Theme } from './theme.ts';

export interface LabelStyle {
  readonly theme: Theme;
  /** Pixels for each unit of the picture. */
  readonly scale: number;
}

type Labelled = Pick<NodeDisplayData, 'x' | 'y' | 'size' | 'label'> &
  Partial<Pick<SceneNode, 'detail' | 'brief' | 'room'>> & { readonly highlighted?: boolean };

const NAME_SIZE = 12;
const DETAIL_SIZE = 11;
const GAP = 4;
const ONE_LINE = 12;
const TWO_LINES = 25;
const LEAST_WIDTH = 34;

/** Name and amount right of a sign as far as there is room, with the ground showing around the letters. */
export function drawLabel(context: CanvasRenderingContext2D, data: Labelled, { theme, scale }: LabelStyle): void {
  if (data.label === null || data.label === undefined || data.label === '' || data.room === undefined) return;
  const high = data.room.high * scale;
  const wide = data.room.wide * scale - data.size * 2.6 - GAP * 2;
  if (high < ONE_LINE || wide < LEAST_WIDTH) return;
  const x = data.x + data.size * 1.3 + GAP;
  const two = high >= TWO_LINES && data.detail !== undefined && data.detail !== '';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = theme.panel;
  const write = (text: string, color: string, y: number): void => {
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  };
  context.font = `${NAME_SIZE}px ${theme.font}`;
  write(fit(context, data.label, wide), theme.text, data.y + (two ? -1 : NAME_SIZE / 3));
  if (!two) return;
  context.font = `${DETAIL_SIZE}px ${theme.font}`;
  const amount = [data.detail!, data.brief ?? ''].find((text) => context.measureText(text).width <= wide);
  if (amount !== undefined) write(amount, theme.muted, data.y + DETAIL_SIZE);
}

/** A ring around the sign; `framed`: also the whole name in a frame. */
export function drawHover(
  context: CanvasRenderingContext2D,
  data: Labelled,
  { theme }: LabelStyle,
  framed: boolean,
): void {
  context.strokeStyle = theme.focus;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(data.x, data.y, data.size * 1.5 + 3, 0, Math.PI * 2);
  context.stroke();
  if (framed) drawFrame(context, data, theme);
}

function drawFrame(context: CanvasRenderingContext2D, data: Labelled, theme: Theme): void {
  const title = data.label ?? '';
  const detail = data.detail ?? '';
  context.font = `${NAME_SIZE}px ${theme.font}`;
  const wide = context.measureText(title).width;
  context.font = `${DETAIL_SIZE}px ${theme.font}`;
  const width = Math.max(wide, context.measureText(detail).width) + 14;
  const left = data.x + data.size * 1.5 + GAP;
  const height = detail === '' ? 20 : 34;
  context.beginPath();
  context.roundRect(left, data.y - height / 2, width, height, 4);
  context.fillStyle = theme.panel;
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = theme.focus;
  context.stroke();
  context.font = `${NAME_SIZE}px ${theme.font}`;
  context.fillStyle = theme.text;
  context.fillText(title, left + 7, data.y + (detail === '' ? 4 : -2));
  context.font = `${DETAIL_SIZE}px ${theme.font}`;
  context.fillStyle = theme.muted;
  if (detail !== '') context.fillText(detail, left + 7, data.y + 12);
}

/** As much of a text as the pixels hold; what is cut is marked. */
function fit(context: CanvasRenderingContext2D, text: string, wide: number): string {
  const whole = context.measureText(text).width;
  if (whole <= wide) return text;
  const signs = [...text];
  const kept = signs.slice(0, Math.max(1, Math.floor((signs.length * wide) / whole) - 1)).join('');
  return kept.endsWith('…') ? kept : `${kept}…`;
}
