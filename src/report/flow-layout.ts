import { ratio } from './amount.ts';
import type { Picture, PictureEdge } from './flow-merge.ts';

/** A bar of the picture, in pixels of the drawing. */
export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  /** Middle of the room kept for its label. */
  readonly middle: number;
  /** Height of the part that still rests here, at the foot of the bar. */
  readonly heldHeight: number;
}

/** A ribbon from left to right through the middle of each column it passes; y is its upper rim. */
export interface Ribbon {
  readonly edge: PictureEdge;
  readonly width: number;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly bars: readonly Bar[];
  readonly ribbons: readonly Ribbon[];
  /** Left rim of each column's bars. */
  readonly columns: readonly number[];
  /** Room right of a bar for its label. */
  readonly labelRoom: number;
}

export const BAR_WIDTH = 12;
export const LABEL_LINE = 12;
const TOP = 34;
const THEFT_HEIGHT = 430;
const LEFT = 6;
const LABEL_ROOM = 205;
const WIDTH = 1280;
const WIDEST_COLUMN = 300;
const NARROWEST_COLUMN = 150;
const GAP = 5;
const THINNEST = 0.6;
const SWEEPS = 14;

interface Slot {
  /** Index of the node drawn here; -1 where a long ribbon passes through. */
  readonly node: number;
  readonly size: number;
  readonly links: { slot: Slot; weight: number }[];
  readonly column: number;
  y: number;
  /** Ribbon part that begins or ends here, laid out by the far end's y. */
  readonly room: number;
}

/** Pure and deterministic: the same picture gives the same pixels. */
export function layOut(picture: Picture): Layout {
  const columnCount = picture.columns.count;
  const scale = (units: bigint): number => ratio(units, picture.stolen) * THEFT_HEIGHT;
  const crowds = countByColumn(picture);
  const slots = picture.nodes.map((node, index) => {
    const size = Math.max(2, scale(node.inUnits), scale(node.outUnits + node.heldUnits));
    const label = labelLines(crowds[node.column]!, size) * LABEL_LINE + 3;
    return newSlot(index, size, Math.max(size, label), node.column);
  });
  const forward = picture.edges.filter((edge) => !edge.back);
  const trails = forward.map((edge) => trailOf(edge, slots, scale));
  const columns = Array.from({ length: columnCount }, (): Slot[] => []);
  for (const slot of new Set([...slots, ...trails.flat()])) columns[slot.column]!.push(slot);
  order(columns);
  const height = Math.max(...columns.map(columnHeight), 120);
  settle(columns, height);
  const columnWidth = widthOfColumns(columnCount);
  const x = columns.map((_, column) => LEFT + column * columnWidth);
  const bars = slots.map((slot) => {
    const held = scale(picture.nodes[slot.node]!.heldUnits);
    const y = TOP + slot.y + (slot.room - slot.size) / 2;
    const heldHeight = Math.min(slot.size, held > 0 ? Math.max(1.5, held) : 0);
    return { x: x[slot.column]!, y, height: slot.size, middle: TOP + slot.y + slot.room / 2, heldHeight };
  });
  const ribbons = [...drawForward(forward, trails, bars, x, scale), ...drawBack(picture, bars, scale)];
  return {
    width: LEFT + (columnCount - 1) * columnWidth + BAR_WIDTH + LABEL_ROOM,
    labelRoom: columnWidth - BAR_WIDTH - 12,
    height: TOP + height + 8,
    bars,
    ribbons,
    columns: x,
  };
}

export function countByColumn(picture: Picture): number[] {
  const counts = Array.from({ length: picture.columns.count }, () => 0);
  for (const node of picture.nodes) counts[node.column]! += 1;
  return counts;
}

function widthOfColumns(count: number): number {
  const even = (WIDTH - LEFT - BAR_WIDTH - LABEL_ROOM) / Math.max(1, count - 1);
  return Math.max(NARROWEST_COLUMN, Math.min(WIDEST_COLUMN, even));
}

/** A column of many gives one line to the label of a small bar, so that the picture stays on a page. */
export function labelLines(crowd: number, barHeight: number): 1 | 2 {
  return crowd > 14 && barHeight < 2 * LABEL_LINE ? 1 : 2;
}

function newSlot(node: number, size: number, room: number, column: number): Slot {
  return { node, size, room, column, links: [], y: 0 };
}

/** The slots that a ribbon passes, one a column, linked to each other. */
function trailOf(edge: PictureEdge, slots: readonly Slot[], scale: (units: bigint) => number): Slot[] {
  const [start, end] = [slots[edge.from]!, slots[edge.to]!];
  const weight = Math.max(THINNEST, scale(edge.units));
  const trail = [start];
  for (let column = start.column + 1; column < end.column; column += 1) {
    trail.push(newSlot(-1, weight, weight, column));
  }
  trail.push(end);
  for (let step = 1; step < trail.length; step += 1) {
    trail[step]!.links.push({ slot: trail[step - 1]!, weight });
    trail[step - 1]!.links.push({ slot: trail[step]!, weight });
  }
  return trail;
}

/** Barycentre ordering (Sugiyama, Tagawa and Toda, 1981): sweep right, then left, weighed by width. */
function order(columns: readonly Slot[][]): void {
  const place = new Map<Slot, number>();
  const number = (column: readonly Slot[]): void => {
    for (const [index, slot] of column.entries()) place.set(slot, (index + 0.5) / column.length);
  };
  for (const column of columns) {
    column.sort((a, b) => b.size - a.size);
    number(column);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const rightward = sweep % 2 === 0;
    for (const column of rightward ? columns.slice(1) : columns.slice(0, -1).reverse()) {
      const wish = new Map(column.map((slot) => [slot, barycentre(slot, rightward, place)]));
      column.sort((a, b) => wish.get(a)! - wish.get(b)! || place.get(a)! - place.get(b)!);
      number(column);
    }
  }
}

function barycentre(slot: Slot, rightward: boolean, place: ReadonlyMap<Slot, number>): number {
  let sum = 0;
  let total = 0;
  for (const link of slot.links) {
    if (link.slot.column < slot.column !== rightward) continue;
    sum += place.get(link.slot)! * link.weight;
    total += link.weight;
  }
  return total === 0 ? place.get(slot)! : sum / total;
}

function gapAfter(slot: Slot): number {
  return slot.node < 0 ? 2 : GAP;
}

function columnHeight(column: readonly Slot[]): number {
  return column.reduce((sum, slot) => sum + slot.room + gapAfter(slot), 0);
}

/** Moves every slot towards what it is linked to, without overlap and in the order found. */
function settle(columns: readonly Slot[][], height: number): void {
  for (const column of columns) {
    let y = (height - columnHeight(column)) / 2;
    for (const slot of column) {
      slot.y = y;
      y += slot.room + gapAfter(slot);
    }
  }
  for (let sweep = 0; sweep < SWEEPS * 2; sweep += 1) {
    const rightward = sweep % 2 === 0;
    for (const column of rightward ? columns : columns.toReversed()) {
      for (const slot of column) slot.y += pull(slot, rightward) * 0.9;
      spread(column, height);
    }
  }
}

function pull(slot: Slot, rightward: boolean): number {
  let sum = 0;
  let total = 0;
  for (const link of slot.links) {
    if (link.slot.column < slot.column !== rightward) continue;
    sum += (link.slot.y + link.slot.room / 2 - slot.y - slot.room / 2) * link.weight;
    total += link.weight;
  }
  return total === 0 ? 0 : sum / total;
}

function spread(column: readonly Slot[], height: number): void {
  let floor = 0;
  for (const slot of column) {
    slot.y = Math.max(slot.y, floor);
    floor = slot.y + slot.room + gapAfter(slot);
  }
  let ceiling = height;
  for (const slot of column.toReversed()) {
    slot.y = Math.min(slot.y, ceiling - slot.room - gapAfter(slot));
    ceiling = slot.y;
  }
}

type End = { readonly ribbon: number; readonly far: number; readonly width: number };

function drawForward(
  edges: readonly PictureEdge[],
  trails: readonly (readonly Slot[])[],
  bars: readonly Bar[],
  x: readonly number[],
  scale: (units: bigint) => number,
): Ribbon[] {
  const leaving = bars.map((): End[] => []);
  const arriving = bars.map((): End[] => []);
  const widths = edges.map((edge) => Math.max(THINNEST, scale(edge.units)));
  for (const [ribbon, edge] of edges.entries()) {
    const trail = trails[ribbon]!;
    const width = widths[ribbon]!;
    leaving[edge.from]!.push({ ribbon, far: middleOf(trail[1]!), width });
    arriving[edge.to]!.push({ ribbon, far: middleOf(trail.at(-2)!), width });
  }
  const starts = attach(leaving, bars);
  const ends = attach(arriving, bars);
  return edges.map((edge, ribbon) => {
    const between = trails[ribbon]!.slice(1, -1).flatMap((slot) => [
      { x: x[slot.column]!, y: TOP + slot.y },
      { x: x[slot.column]! + BAR_WIDTH, y: TOP + slot.y },
    ]);
    const first = { x: bars[edge.from]!.x + BAR_WIDTH, y: starts[ribbon]! };
    return { edge, width: widths[ribbon]!, points: [first, ...between, { x: bars[edge.to]!.x, y: ends[ribbon]! }] };
  });
}

function middleOf(slot: Slot): number {
  return slot.y + slot.room / 2;
}

/** Upper rim of each ribbon where it meets its bar: in the order of the far ends, so that ribbons do not cross at the bar. */
function attach(ends: readonly End[][], bars: readonly Bar[]): number[] {
  const rims: number[] = [];
  for (const [index, list] of ends.entries()) {
    const bar = bars[index]!;
    const total = list.reduce((sum, end) => sum + end.width, 0);
    const squeeze = total > bar.height ? bar.height / total : 1;
    let y = bar.y;
    for (const end of list.toSorted((a, b) => a.far - b.far)) {
      rims[end.ribbon] = y;
      y += end.width * squeeze;
    }
  }
  return rims;
}

function drawBack(picture: Picture, bars: readonly Bar[], scale: (units: bigint) => number): Ribbon[] {
  return picture.edges
    .filter((edge) => edge.back)
    .map((edge) => {
      const [from, to] = [bars[edge.from]!, bars[edge.to]!];
      const width = Math.min(2.5, Math.max(0.8, scale(edge.units)));
      const start = { x: from.x + BAR_WIDTH, y: from.y + from.height / 2 };
      return { edge, width, points: [start, { x: to.x, y: to.y + to.height / 2 }] };
    });
}
