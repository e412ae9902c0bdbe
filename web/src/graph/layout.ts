import type { Picture } from './picture.ts';
import type { Axis, Point } from './state.ts';
import { fractionOf } from './time-scale.ts';

/** All pictures fill this box, so that a pin keeps its place whatever is opened. y grows downwards. */
export const BOX = { width: 1900, height: 1000 } as const;

export interface LayoutAsked {
  readonly picture: Picture;
  /** Weight of each line for the order of a column. */
  readonly weights: readonly number[];
  readonly axis: Axis;
  readonly start: number;
  readonly end: number;
  readonly pins: ReadonlyMap<string, Point>;
}

export interface Layout {
  /** Of each shape. */
  readonly points: readonly Point[];
  /** Column or, on an axis of time, strip of each shape, left to right. */
  readonly columnOf: readonly number[];
  /** Most shapes that stand over each other. */
  readonly rows: number;
}

const STRIPS = 22;
const SWEEPS = 8;
const EASINGS = 6;
const WIDEST_GAP = 110;
const NARROWEST_GAP = 54;
const MOST_ROWS = 20;
/** Shapes that are few have names beside them, also in a column that is broken into several. */
const FEW = 120;
/** Of a column that is broken into several, against the way to the next column. */
const BREAK = { few: 0.8, many: 0.3 } as const;

/** Columns left to right, each in the order that lessens crossings. The same input gives the same points. */
export function layoutOf(asked: LayoutAsked): Layout {
  const { picture, axis, pins } = asked;
  const columns = columnsOf(asked);
  const near = neighboursOf(picture, asked.weights);
  const most = axis === 'hops' ? rowsAllowed(picture.shapes.length) : Number.POSITIVE_INFINITY;
  const ordered = orderColumns(columns, near, picture.shapes.length);
  const y = ease(ordered, near, picture.shapes.length, most);
  const x = axis === 'hops' ? acrossByColumn(ordered, most, asideOf(picture.shapes.length)) : acrossByTime(asked);
  const columnOf = new Array<number>(picture.shapes.length).fill(0);
  for (const [at, column] of ordered.entries()) for (const shape of column) columnOf[shape] = at;
  const points = picture.shapes.map(({ key }, index) => {
    const pinned = pins.get(key);
    if (pinned === undefined) return { x: x(index), y: y[index]! };
    // Across, an axis of time says something: there a pin keeps its height only.
    return { x: axis === 'hops' ? pinned.x : x(index), y: pinned.y };
  });
  return { points, columnOf, rows: ordered.reduce((rows, { length }) => Math.max(rows, Math.min(length, most)), 0) };
}

function brokenInto(length: number, most: number): number {
  return Math.max(1, Math.ceil(length / most));
}

function asideOf(shapes: number): number {
  return shapes <= FEW ? BREAK.few : BREAK.many;
}

function rowsAllowed(shapes: number): number {
  return Math.max(MOST_ROWS, Math.ceil(Math.sqrt(shapes)));
}

function columnsOf({ picture, axis, start, end }: LayoutAsked): number[][] {
  const at = (index: number): number => {
    const { column, firstTime } = picture.shapes[index]!;
    return axis === 'hops' ? column : Math.floor(fractionOf(firstTime, start, end, axis) * STRIPS);
  };
  const byPlace = new Map<number, number[]>();
  for (const [index] of picture.shapes.entries()) {
    const column = byPlace.get(at(index));
    if (column === undefined) byPlace.set(at(index), [index]);
    else column.push(index);
  }
  return [...byPlace].sort(([a], [b]) => a - b).map(([, column]) => column);
}

/** Ends of all lines of each shape, as flat arrays. */
interface Near {
  readonly start: Int32Array;
  readonly other: Int32Array;
  readonly weight: Float64Array;
}

function neighboursOf(picture: Picture, weights: readonly number[]): Near {
  const start = new Int32Array(picture.shapes.length + 1);
  for (const { from, to } of picture.lines) {
    start[from + 1]! += 1;
    start[to + 1]! += 1;
  }
  for (let index = 0; index < picture.shapes.length; index += 1) start[index + 1]! += start[index]!;
  const fill = start.slice();
  const other = new Int32Array(picture.lines.length * 2);
  const weight = new Float64Array(picture.lines.length * 2);
  const put = (shape: number, end: number, value: number): void => {
    const at = fill[shape]!;
    fill[shape]! += 1;
    other[at] = end;
    weight[at] = value;
  };
  for (const [index, { from, to }] of picture.lines.entries()) {
    put(from, to, weights[index]!);
    put(to, from, weights[index]!);
  }
  return { start, other, weight };
}

function meanOf(near: Near, shape: number, height: Float64Array): number | null {
  let sum = 0;
  let total = 0;
  for (let at = near.start[shape]!; at < near.start[shape + 1]!; at += 1) {
    sum += height[near.other[at]!]! * near.weight[at]!;
    total += near.weight[at]!;
  }
  return total === 0 ? null : sum / total;
}

/** Sorts each column by the mean height of what its shapes are joined with, left to right and back; the shortest lines win. */
function orderColumns(columns: readonly number[][], near: Near, shapes: number): number[][] {
  let current = columns.map((column) => [...column]);
  const height = new Float64Array(shapes);
  const spread = (column: readonly number[]): void => {
    for (const [rank, shape] of column.entries()) height[shape] = (rank + 0.5) / column.length;
  };
  for (const column of current) spread(column);
  let best = current;
  let least = lengthOf(near, height, shapes);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    current = current.map((column) => [...column]);
    const order = sweep % 2 === 0 ? current : [...current].reverse();
    for (const column of order) {
      const means = new Map(column.map((shape) => [shape, meanOf(near, shape, height) ?? height[shape]!]));
      column.sort((a, b) => means.get(a)! - means.get(b)! || height[a]! - height[b]! || a - b);
      spread(column);
    }
    const length = lengthOf(near, height, shapes);
    if (length < least) {
      least = length;
      best = current.map((column) => [...column]);
    }
  }
  return best;
}

function lengthOf(near: Near, height: Float64Array, shapes: number): number {
  let length = 0;
  for (let shape = 0; shape < shapes; shape += 1)
    for (let at = near.start[shape]!; at < near.start[shape + 1]!; at += 1)
      length += Math.abs(height[shape]! - height[near.other[at]!]!) * near.weight[at]!;
  return length;
}

/** Heights in the box: evenly spread at first, then towards what a shape is joined with as far as its neighbours leave room. */
function ease(columns: readonly number[][], near: Near, shapes: number, most: number): number[] {
  const height = new Float64Array(shapes);
  const gaps = columns.map(({ length }) => {
    const rows = Math.ceil(length / brokenInto(length, most));
    return Math.min(WIDEST_GAP, BOX.height / Math.max(1, rows));
  });
  for (const [at, column] of columns.entries()) {
    const broken = brokenInto(column.length, most);
    const rows = Math.ceil(column.length / broken);
    for (const [rank, shape] of column.entries())
      height[shape] = BOX.height / 2 + (Math.floor(rank / broken) - (rows - 1) / 2) * gaps[at]!;
  }
  for (let round = 0; round < EASINGS; round += 1)
    for (const [at, column] of columns.entries())
      if (column.length <= most) settle(column, near, height, Math.min(gaps[at]!, NARROWEST_GAP));
  return [...height];
}

/** Nearest to what each wants, by least squares, with the gap kept: neighbours that would meet move as one. */
function settle(column: readonly number[], near: Near, height: Float64Array, gap: number): void {
  const blocks: { sum: number; count: number }[] = [];
  for (const [rank, shape] of column.entries()) {
    let block = { sum: (meanOf(near, shape, height) ?? height[shape]!) - rank * gap, count: 1 };
    for (let last = blocks.at(-1); last !== undefined && last.sum / last.count >= block.sum / block.count; ) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
      last = blocks.at(-1);
    }
    blocks.push(block);
  }
  const most = BOX.height - (column.length - 1) * gap;
  let rank = 0;
  for (const { sum, count } of blocks) {
    const base = Math.min(most, Math.max(0, sum / count));
    for (let each = 0; each < count; each += 1) {
      height[column[rank]!] = base + rank * gap;
      rank += 1;
    }
  }
}

function acrossByColumn(columns: readonly number[][], most: number, aside: number): (shape: number) => number {
  const x = new Map<number, number>();
  let left = 0;
  for (const column of columns) {
    const broken = brokenInto(column.length, most);
    for (const [rank, shape] of column.entries()) x.set(shape, left + (rank % broken) * aside);
    left += 1 + (broken - 1) * aside;
  }
  const widest = [...x.values()].reduce((a, b) => Math.max(a, b), 0);
  const scale = widest === 0 ? 0 : BOX.width / widest;
  return (shape) => (widest === 0 ? BOX.width / 2 : x.get(shape)! * scale);
}

function acrossByTime({ picture, axis, start, end }: LayoutAsked): (shape: number) => number {
  return (shape) => fractionOf(picture.shapes[shape]!.firstTime, start, end, axis) * BOX.width;
}
