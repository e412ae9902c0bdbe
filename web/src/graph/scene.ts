import type { Amounts } from './amounts.ts';
import type { Flow } from './flow.ts';
import { BOX, type Layout } from './layout.ts';
import { lineWidth, PLAIN_LINE, PLAIN_SIZE, shapeSize } from './look.ts';
import type { Picture, Shape } from './picture.ts';
import type { Point } from './state.ts';

/** A picture as it is drawn, whoever draws it. Points are in the box of the layout. */
export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly lines: readonly SceneLine[];
  /** Same while only amounts change, so that a replay need not build anew. */
  readonly picture: Picture;
  readonly layout: Layout;
}

export interface SceneNode {
  readonly key: string;
  readonly kind: string;
  readonly many: boolean;
  readonly x: number;
  readonly y: number;
  /** Pixels. */
  readonly size: number;
  readonly begun: boolean;
  /** Units of the box that its name has: upwards or downwards, and to the right. */
  readonly room: { readonly high: number; readonly wide: number };
  readonly title: string;
  /** The amount and marks. */
  readonly detail: string;
  /** The same for less room: an amount is never cut. */
  readonly brief: string;
}

export interface SceneLine {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly back: boolean;
  readonly begun: boolean;
}

export interface SceneAsked {
  readonly flow: Flow;
  readonly picture: Picture;
  readonly layout: Layout;
  readonly amounts: Amounts;
  readonly title: (shape: Shape) => string;
  /** What stands behind the title: the amount, marks of a pin or a note. */
  readonly detail: (shape: Shape, index: number) => { readonly detail: string; readonly brief: string };
}

export function sceneOf({ flow, picture, layout, amounts, title, detail }: SceneAsked): Scene {
  const count = picture.shapes.length;
  const rooms = roomsOf(layout.points);
  const size = (units: bigint): number => (flow.conserves ? shapeSize(units, flow.stolen, count) : PLAIN_SIZE);
  const nodes = picture.shapes.map((shape, index) => {
    const { in: came, out, begun } = amounts.shapes[index]!;
    return {
      key: shape.key,
      kind: shape.kind,
      many: shape.members.length > 1,
      ...layout.points[index]!,
      size: Math.min(size(came > out ? came : out), Math.max(2, rooms[index]!.high * TOUCH)),
      room: rooms[index]!,
      begun,
      title: title(shape),
      ...detail(shape, index),
    };
  });
  const lines = picture.lines.map(({ key, from, to }, index) => ({
    key,
    from,
    to,
    width: flow.conserves ? lineWidth(amounts.lines[index]!.units, flow.stolen, count) : PLAIN_LINE,
    back: layout.points[to]!.x <= layout.points[from]!.x,
    begun: amounts.lines[index]!.begun,
  }));
  return { nodes, lines, picture, layout };
}

/** Radius in pixels for each unit of room, so that signs of one column do not cover each other. */
const TOUCH = 0.22;
const EXACT = 400;
const BESIDE = 40;
const MARGIN = 390;

type Room = SceneNode['room'];

function roomsOf(points: readonly Point[]): Room[] {
  const high = points.map((): number => BOX.height);
  const byPlace = points.map((_, index) => index);
  byPlace.sort((a, b) => points[a]!.x - points[b]!.x || points[a]!.y - points[b]!.y);
  for (const [rank, index] of byPlace.entries()) {
    const next = byPlace[rank + 1];
    if (next === undefined || Math.abs(points[next]!.x - points[index]!.x) > 1) continue;
    const apart = Math.abs(points[next]!.y - points[index]!.y);
    high[index] = Math.min(high[index]!, apart);
    high[next] = Math.min(high[next]!, apart);
  }
  return points.map((_, index) => ({ high: high[index]!, wide: wideOf(points, byPlace, index) }));
}

/** To the next sign right of it, of those at its height where there are few. */
function wideOf(points: readonly Point[], byPlace: readonly number[], index: number): number {
  const { x, y } = points[index]!;
  if (points.length > EXACT) return MARGIN / 4;
  const next = byPlace.find((other) => points[other]!.x > x + 1 && Math.abs(points[other]!.y - y) < BESIDE);
  return next === undefined ? BOX.width + MARGIN - x : points[next]!.x - x;
}
