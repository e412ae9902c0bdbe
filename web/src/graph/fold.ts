import type { Flow, Place } from './flow.ts';

/** What stands or is folded as one: a place, or the places of an entity. Members: indices of places, largest first. */
export interface Unit {
  readonly key: string;
  readonly kind: string;
  readonly entity: string | null;
  readonly column: number;
  readonly members: readonly number[];
  readonly weight: bigint;
}

/** Units of one kind in neighbouring columns that are too many to be drawn, largest first. */
export interface FoldGroup {
  readonly key: string;
  readonly kind: string;
  readonly firstColumn: number;
  readonly lastColumn: number;
  readonly units: readonly Unit[];
}

export interface Fold {
  readonly units: readonly Unit[];
  /** Index into units of each place. */
  readonly unitOf: readonly number[];
  /** Where a place comes among those of its unit. */
  readonly memberRank: readonly number[];
  /** Index into groups of each unit; -1: it stands from the first. */
  readonly groupOf: readonly number[];
  /** Where a unit comes among those of its group. */
  readonly rankOf: readonly number[];
  readonly groups: readonly FoldGroup[];
}

/** Shapes at first. */
export const FIRST_SHAPES = 60;
const MOST_GROUPS = 20;
const FIRST_STOPS = 22;
const MIDDLE: ReadonlySet<string> = new Set(['address', 'fee', 'link', 'theft']);

/** What is drawn at first and what is folded; depends on the flow alone, so that nothing jumps while groups are opened. */
export function foldOf(flow: Flow, byEntity: boolean): Fold {
  const units = unitsOf(flow, byEntity);
  const unitOf = new Array<number>(flow.places.length).fill(-1);
  const memberRank = unitOf.map(() => 0);
  for (const [index, unit] of units.entries())
    for (const [rank, member] of unit.members.entries()) {
      unitOf[member] = index;
      memberRank[member] = rank;
    }
  const leading = leadingOf(flow, units);
  const groupOf = units.map(() => -1);
  const rankOf = units.map(() => 0);
  const groups = groupsOf(flow, units, leading).map((group, at) => {
    for (const [rank, unit] of group.units.entries()) {
      groupOf[unit] = at;
      rankOf[unit] = rank;
    }
    return { ...group, units: group.units.map((unit) => units[unit]!) };
  });
  return { units, unitOf, memberRank, groupOf, rankOf, groups };
}

/** Every key under which something can be opened. */
export function groupKeys(fold: Fold): string[] {
  return [...fold.groups.map(({ key }) => key), ...fold.units.filter(isEntity).map(({ key }) => key)];
}

export function isEntity(unit: Unit): boolean {
  return unit.members.length > 1;
}

function unitsOf(flow: Flow, byEntity: boolean): Unit[] {
  const entities = new Map<string, Place[]>();
  const units: Unit[] = [];
  for (const place of flow.places) {
    if (!byEntity || place.entity === null || place.kind === 'theft') units.push(unitOfPlace(place));
    else if (entities.has(place.entity)) entities.get(place.entity)!.push(place);
    else entities.set(place.entity, [place]);
  }
  const taken = new Set<string>();
  for (const [entity, places] of entities) {
    if (places.length === 1) units.push(unitOfPlace(places[0]!));
    else units.push(unitOfEntity(flow, entity, places, taken));
  }
  return units.sort((a, b) => a.members[0]! - b.members[0]!);
}

function unitOfPlace({ key, kind, column, weight, index }: Place): Unit {
  return { key, kind, entity: null, column, weight, members: [index] };
}

function unitOfEntity(flow: Flow, entity: string, places: readonly Place[], taken: Set<string>): Unit {
  const sorted = [...places].sort(largestFirst);
  const name = entity.replace(/[^A-Za-z0-9._-]/g, (sign) => `~${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  let key = `group:entity:${name.slice(0, 200)}`;
  while (taken.has(key)) key += '+';
  taken.add(key);
  const { kind, column } = flow.places[sorted[0]!.index]!;
  return {
    key,
    kind,
    entity,
    column,
    members: sorted.map(({ index }) => index),
    weight: sorted.reduce((sum, { weight }) => sum + weight, 0n),
  };
}

/** The theft, the largest stops, then the largest of all others. */
function leadingOf(flow: Flow, units: readonly Unit[]): boolean[] {
  const leading = units.map(({ kind }) => kind === 'theft');
  const sorted = units.map((_, index) => index).filter((index) => !leading[index]);
  sorted.sort((a, b) => heavier(units[a]!, units[b]!));
  const room = FIRST_SHAPES - 1 - groupsOf(flow, units, leading).length;
  const stops = sorted.filter((index) => !MIDDLE.has(units[index]!.kind)).slice(0, Math.min(FIRST_STOPS, room));
  for (const index of stops) leading[index] = true;
  for (const index of sorted.filter((each) => !leading[each]).slice(0, room - stops.length)) leading[index] = true;
  return leading;
}

interface Gathered {
  readonly key: string;
  readonly kind: string;
  readonly firstColumn: number;
  readonly lastColumn: number;
  readonly units: readonly number[];
}

/** By column and kind, of as many neighbouring columns as keep the groups few. */
function groupsOf(flow: Flow, units: readonly Unit[], leading: readonly boolean[]): Gathered[] {
  for (let width = 1; ; width += 1) {
    const groups = gather(flow, units, leading, width);
    if (groups.length <= MOST_GROUPS || width >= flow.columns) return groups;
  }
}

function gather(flow: Flow, units: readonly Unit[], leading: readonly boolean[], width: number): Gathered[] {
  const byKey = new Map<string, number[]>();
  for (const [index, { kind, column }] of units.entries()) {
    if (leading[index]) continue;
    const key = `group:${flow.theft.slice(0, 120)}:${Math.floor(column / width)}:${kind}`;
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [index]);
    else members.push(index);
  }
  return [...byKey].map(([key, members]) => {
    const sorted = members.sort((a, b) => heavier(units[a]!, units[b]!));
    const columns = sorted.map((index) => units[index]!.column);
    return {
      key,
      kind: units[sorted[0]!]!.kind,
      firstColumn: columns.reduce((a, b) => Math.min(a, b)),
      lastColumn: columns.reduce((a, b) => Math.max(a, b)),
      units: sorted,
    };
  });
}

function heavier(a: Unit, b: Unit): number {
  return a.weight === b.weight ? a.members[0]! - b.members[0]! : a.weight > b.weight ? -1 : 1;
}

function largestFirst(a: Place, b: Place): number {
  return a.weight === b.weight ? a.index - b.index : a.weight > b.weight ? -1 : 1;
}
