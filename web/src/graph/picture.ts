import type { Flow, Place } from './flow.ts';
import { type Fold, isEntity, type Unit } from './fold.ts';
import { openedOf, type PictureState } from './state.ts';

/** What is drawn as one sign: a place, an entity, or a group that is folded. */
export interface Shape {
  readonly key: string;
  readonly kind: string;
  readonly form: 'place' | 'entity' | 'group';
  readonly entity: string | null;
  /** Indices of places, largest first. */
  readonly members: readonly number[];
  readonly column: number;
  readonly firstColumn: number;
  readonly lastColumn: number;
  readonly firstTime: number;
  readonly lastTime: number;
  /** The open group that it came out of; null: it stands from the first. */
  readonly outOf: string | null;
}

/** All movements from one shape to another. */
export interface Line {
  readonly key: string;
  /** Indices of shapes. */
  readonly from: number;
  readonly to: number;
  /** Indices of movements. */
  readonly members: readonly number[];
  readonly transfers: number;
  readonly first: number;
  readonly last: number;
}

export interface Picture {
  readonly shapes: readonly Shape[];
  readonly lines: readonly Line[];
  /** Index into shapes of each place; HIDDEN, DUST. */
  readonly shapeOf: readonly number[];
  /** Index into lines of each movement; WITHIN a shape, or with an end out of sight. */
  readonly lineOf: readonly number[];
  /** Shapes that hold more than one place, and places in them. */
  readonly folded: { readonly groups: number; readonly places: number };
  readonly hidden: { readonly places: number; readonly dust: number };
}

export const HIDDEN = -1;
export const DUST = -2;
export const WITHIN = -1;
export const UNSEEN = -2;

const MILLION = 1_000_000n;

/** Puts every place into exactly one shape, or counts it as out of sight. */
export function pictureOf(flow: Flow, fold: Fold, state: PictureState): Picture {
  const byKey = new Map<string, number[]>();
  const shapeOf = new Array<number>(flow.places.length).fill(HIDDEN);
  const limit = flow.conserves ? flow.stolen * BigInt(state.dust) : 0n;
  for (const place of flow.places) {
    const key = keyOf(place, fold, state, limit);
    if (key === DUST) shapeOf[place.index] = DUST;
    else if (key !== HIDDEN) {
      const members = byKey.get(key);
      if (members === undefined) byKey.set(key, [place.index]);
      else members.push(place.index);
    }
  }
  const shapes = [...byKey].map(([key, members]) => shapeFrom(flow, fold, state, key, members));
  for (const [index, { members }] of shapes.entries()) for (const member of members) shapeOf[member] = index;
  const { lines, lineOf } = linesOf(flow, shapes, shapeOf);
  const many = shapes.filter(({ members }) => members.length > 1);
  const count = (what: number): number => shapeOf.reduce((sum, each) => sum + (each === what ? 1 : 0), 0);
  return {
    shapes,
    lines,
    shapeOf,
    lineOf,
    folded: { groups: many.length, places: many.reduce((sum, { members }) => sum + members.length, 0) },
    hidden: { places: count(HIDDEN), dust: count(DUST) },
  };
}

/** Key of the shape that a place belongs to. `limit`: stolen units times millionths of dust. */
function keyOf(place: Place, fold: Fold, state: PictureState, limit: bigint): string | typeof HIDDEN | typeof DUST {
  if (place.kind === 'theft') return place.key;
  if (state.hidden.has(place.key)) return HIDDEN;
  if (state.alone.has(place.key)) return place.key;
  const at = fold.unitOf[place.index]!;
  const unit = fold.units[at]!;
  if (isEntity(unit) && fold.memberRank[place.index]! < openedOf(state, unit.key))
    return place.weight * MILLION < limit ? DUST : place.key;
  if (state.hidden.has(unit.key)) return HIDDEN;
  if (unit.weight * MILLION < limit) return DUST;
  const group = fold.groups[fold.groupOf[at]!];
  if (group === undefined || fold.rankOf[at]! < openedOf(state, group.key)) return unit.key;
  return state.hidden.has(group.key) ? HIDDEN : group.key;
}

function shapeFrom(flow: Flow, fold: Fold, state: PictureState, key: string, members: readonly number[]): Shape {
  const places = members.map((index) => flow.places[index]!);
  const sorted = [...places].sort((a, b) => (a.weight === b.weight ? a.index - b.index : a.weight > b.weight ? -1 : 1));
  const first = sorted[0]!;
  const unit = fold.units[fold.unitOf[first.index]!]!;
  const form = places.length === 1 ? 'place' : unit.key === key ? 'entity' : 'group';
  const columns = places.map(({ column }) => column).sort((a, b) => a - b);
  return {
    // One of a kind alone is that one, so that notes and pins of it stay with it.
    key: form === 'place' ? first.key : key,
    kind: form === 'place' ? first.kind : unit.kind,
    form,
    entity: form === 'entity' ? unit.entity : null,
    members: sorted.map(({ index }) => index),
    column: form === 'group' ? columns[columns.length >> 1]! : first.column,
    firstColumn: columns[0]!,
    lastColumn: columns.at(-1)!,
    firstTime: places.reduce((least, { firstTime }) => Math.min(least, firstTime), Number.POSITIVE_INFINITY),
    lastTime: places.reduce((most, { lastTime }) => Math.max(most, lastTime), 0),
    outOf: form === 'group' ? null : openGroupOf(fold, state, first, unit),
  };
}

function openGroupOf(fold: Fold, state: PictureState, place: Place, unit: Unit): string | null {
  if (isEntity(unit) && openedOf(state, unit.key) > 0) return unit.key;
  const group = fold.groups[fold.groupOf[fold.unitOf[place.index]!]!];
  return group !== undefined && openedOf(state, group.key) > 0 ? group.key : null;
}

function linesOf(
  flow: Flow,
  shapes: readonly Shape[],
  shapeOf: readonly number[],
): { readonly lines: Line[]; readonly lineOf: number[] } {
  const byEnds = new Map<number, number>();
  const found: { from: number; to: number; members: number[] }[] = [];
  const lineOf = flow.movements.map(({ from, to }, index) => {
    const [a, b] = [shapeOf[from]!, shapeOf[to]!];
    if (a < 0 || b < 0) return UNSEEN;
    if (a === b) return WITHIN;
    const ends = a * shapes.length + b;
    const known = byEnds.get(ends);
    if (known !== undefined) {
      found[known]!.members.push(index);
      return known;
    }
    byEnds.set(ends, found.length);
    found.push({ from: a, to: b, members: [index] });
    return found.length - 1;
  });
  const lines = found.map(({ from, to, members }) => {
    const moves = members.map((index) => flow.movements[index]!);
    return {
      key: `${shapes[from]!.key}→${shapes[to]!.key}`,
      from,
      to,
      members,
      transfers: moves.reduce((sum, { transfers }) => sum + transfers, 0),
      first: moves.reduce((least, { first }) => Math.min(least, first), Number.POSITIVE_INFINITY),
      last: moves.reduce((most, { last }) => Math.max(most, last), 0),
    };
  });
  return { lines, lineOf };
}
