import { BOX } from './layout.ts';
import type { Point } from './state.ts';

/** A cubic curve: its start, two points that bend it, its end. */
export type Curve = readonly [Point, Point, Point, Point];

const BACK = { least: 0.03, most: 0.12, part: 0.3 } as const;
const FORWARD = { least: 0.01, part: 0.5 } as const;
const SAMPLES = 24;

/** How far a line goes level before it turns, for a way across in units of which the picture is `whole` wide. */
export function bendOf(across: number, whole: number): number {
  if (across > 0) return Math.max(across * FORWARD.part, whole * FORWARD.least);
  return Math.min(whole * BACK.most, whole * BACK.least - across * BACK.part);
}

/** Leaves and arrives level, as lines are drawn. `scale`: pixels for each unit of the box; `radius`: of the sign at its end. */
export function curveOf(from: Point, to: Point, scale: number, radius: number): Curve {
  const end = { x: to.x - radius, y: to.y };
  const bend = bendOf(to.x - from.x, BOX.width * scale);
  return [from, { x: from.x + bend, y: from.y }, { x: end.x - bend, y: end.y }, end];
}

export function distanceTo(curve: Curve, { x, y }: Point): number {
  const [a, b, c, d] = curve;
  // A curve is within the box of its four points.
  const outside = Math.max(
    Math.min(a.x, b.x, c.x, d.x) - x,
    x - Math.max(a.x, b.x, c.x, d.x),
    Math.min(a.y, d.y) - y,
    y - Math.max(a.y, d.y),
  );
  let nearest = Number.POSITIVE_INFINITY;
  if (outside > SAMPLES) return outside;
  let before = a;
  for (let part = 1; part <= SAMPLES; part += 1) {
    const point = pointAt(curve, part / SAMPLES);
    nearest = Math.min(nearest, fromSegment(before, point, x, y));
    before = point;
  }
  return nearest;
}

function pointAt([a, b, c, d]: Curve, t: number): Point {
  const s = 1 - t;
  const [p, q, r, u] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
  return { x: p * a.x + q * b.x + r * c.x + u * d.x, y: p * a.y + q * b.y + r * c.y + u * d.y };
}

function fromSegment(a: Point, b: Point, x: number, y: number): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return Math.hypot(a.x + part * dx - x, a.y + part * dy - y);
}
