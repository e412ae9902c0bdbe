import type { PlaceRef, Selection } from '../case/selection.ts';
import type { Flow } from './flow.ts';
import type { Picture } from './picture.ts';

/** What of a picture is chosen, by keys of shapes and of a line. */
export interface Chosen {
  readonly nodes: ReadonlySet<string>;
  readonly line: string | null;
}

export const NOTHING: Chosen = { nodes: new Set(), line: null };

/** Where places of the flow are found by chain and address. */
export function indexOf(flow: Flow): ReadonlyMap<string, number> {
  return new Map(flow.places.map(({ key, index }) => [key, index]));
}

/** The shapes and the line that hold what is selected; what is out of sight is left out. */
export function chosenOf(selection: Selection | null, index: ReadonlyMap<string, number>, picture: Picture): Chosen {
  if (selection === null) return NOTHING;
  const shape = ({ chain, address }: PlaceRef): number => {
    const place = index.get(`${chain}|${address}`);
    return place === undefined ? -1 : picture.shapeOf[place]!;
  };
  if (selection.kind === 'edge') {
    const [from, to] = [shape(selection.from), shape(selection.to)];
    const line = picture.lines.find((each) => each.from === from && each.to === to);
    return { nodes: new Set(), line: line?.key ?? null };
  }
  const places = selection.kind === 'place' ? [selection.place] : selection.places;
  const shapes = new Set(places.map(shape).filter((at) => at >= 0));
  return { nodes: new Set([...shapes].map((at) => picture.shapes[at]!.key)), line: null };
}

export function refOf(flow: Flow, place: number): PlaceRef {
  const { chain, address } = flow.places[place]!;
  return { chain, address };
}

/** Shapes as what a person points at. `title`: of several places. */
export function selectionOfShapes(
  flow: Flow,
  picture: Picture,
  keys: ReadonlySet<string>,
  title: string,
): Selection | null {
  const places = picture.shapes.filter(({ key }) => keys.has(key)).flatMap(({ members }) => members);
  if (places.length === 0) return null;
  if (places.length === 1) return { kind: 'place', place: refOf(flow, places[0]!) };
  return { kind: 'group', title, places: places.map((place) => refOf(flow, place)) };
}

/** A line: the two places that it joins, or all places that it comes from and goes to. */
export function selectionOfLine(flow: Flow, picture: Picture, key: string, title: string): Selection | null {
  const line = picture.lines.find((each) => each.key === key);
  if (line === undefined) return null;
  const moves = line.members.map((member) => flow.movements[member]!);
  const [only, second] = moves;
  if (only !== undefined && second === undefined)
    return { kind: 'edge', from: refOf(flow, only.from), to: refOf(flow, only.to) };
  const places = new Set(moves.flatMap(({ from, to }) => [from, to]));
  return { kind: 'group', title, places: [...places].map((place) => refOf(flow, place)) };
}

export type Way = 'right' | 'left' | 'up' | 'down';

/** The shape that an arrow key leads to: along the largest line, or to the next one of the column. */
export function neighbourOf(
  picture: Picture,
  from: number,
  way: Way,
  units: readonly { readonly units: bigint; readonly begun: boolean }[],
  place: { readonly columnOf: readonly number[]; readonly points: readonly { readonly y: number }[] },
): number | null {
  if (way === 'right' || way === 'left') {
    let best: { readonly shape: number; readonly units: bigint } | null = null;
    for (const [at, line] of picture.lines.entries()) {
      if (!units[at]!.begun || (way === 'right' ? line.from : line.to) !== from) continue;
      const shape = way === 'right' ? line.to : line.from;
      if (best === null || units[at]!.units > best.units) best = { shape, units: units[at]!.units };
    }
    return best?.shape ?? null;
  }
  const column = picture.shapes.flatMap((_, shape) => (place.columnOf[shape] === place.columnOf[from] ? [shape] : []));
  column.sort((a, b) => place.points[a]!.y - place.points[b]!.y || a - b);
  return column[column.indexOf(from) + (way === 'down' ? 1 : -1)] ?? null;
}

/** Lines out of a shape, largest first. */
export function linesOutOf(picture: Picture, from: number, units: readonly { readonly units: bigint }[]): number[] {
  const out = picture.lines.flatMap((line, at) => (line.from === from ? [at] : []));
  return out.sort((a, b) => (units[a]!.units === units[b]!.units ? a - b : units[a]!.units > units[b]!.units ? -1 : 1));
}
