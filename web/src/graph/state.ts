import type { BoardContent, BoardNote } from '../../../src/trace/board.ts';

export type Axis = 'hops' | 'log' | 'linear';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a person did to the picture; a value, so that every change can be undone. */
export interface PictureState {
  /** Key of a group → how many of its members stand outside of it, largest first. EVERY: of all groups. */
  readonly opened: ReadonlyMap<string, number>;
  /** Places that stand alone whatever group they belong to. */
  readonly alone: ReadonlySet<string>;
  /** Places and groups out of sight. */
  readonly hidden: ReadonlySet<string>;
  /** What is smaller than this many millionths of the stolen sum is out of sight. */
  readonly dust: number;
  readonly byEntity: boolean;
  readonly axis: Axis;
  readonly pins: ReadonlyMap<string, Point>;
  readonly notes: readonly BoardNote[];
}

export const EVERY = '*';
export const ALL = Number.POSITIVE_INFINITY;
/** How many of a group come out at a time. */
export const SOME = 20;
export const DUST_STEPS: readonly number[] = [0, 100, 1_000, 10_000];

export const FIRST_STATE: PictureState = {
  opened: new Map(),
  alone: new Set(),
  hidden: new Set(),
  dust: 0,
  byEntity: false,
  axis: 'hops',
  pins: new Map(),
  notes: [],
};

export function openedOf(state: PictureState, key: string): number {
  return state.opened.has(EVERY) ? ALL : (state.opened.get(key) ?? 0);
}

/** Lets `more` members out of a group; ALL: each one. */
export function open(state: PictureState, key: string, more: number): PictureState {
  if (state.opened.has(EVERY)) return state;
  return { ...state, opened: new Map(state.opened).set(key, (state.opened.get(key) ?? 0) + more) };
}

/** Puts all members back. `groups`: keys of every group there is. */
export function close(state: PictureState, key: string, groups: readonly string[]): PictureState {
  const opened = state.opened.has(EVERY) ? new Map(groups.map((each) => [each, ALL])) : new Map(state.opened);
  opened.delete(key);
  return { ...state, opened };
}

export function openAll(state: PictureState): PictureState {
  return { ...state, opened: new Map([[EVERY, ALL]]) };
}

export function closeAll(state: PictureState): PictureState {
  return { ...state, opened: new Map(), alone: new Set() };
}

export function standAlone(state: PictureState, places: readonly string[]): PictureState {
  return { ...state, alone: new Set([...state.alone, ...places]), hidden: without(state.hidden, places) };
}

export function hide(state: PictureState, keys: readonly string[]): PictureState {
  return { ...state, hidden: new Set([...state.hidden, ...keys]), alone: without(state.alone, keys) };
}

export function show(state: PictureState, keys: readonly string[]): PictureState {
  return { ...state, hidden: without(state.hidden, keys) };
}

export function showAll(state: PictureState): PictureState {
  return { ...state, hidden: new Set(), dust: 0 };
}

export function pin(state: PictureState, pins: readonly (readonly [string, Point])[]): PictureState {
  return { ...state, pins: new Map([...state.pins, ...pins]) };
}

export function unpin(state: PictureState, keys: readonly string[]): PictureState {
  const pins = new Map(state.pins);
  for (const key of keys) pins.delete(key);
  return { ...state, pins };
}

/** Adds a note, or replaces the one of that id; a text of nothing takes it away. */
export function writeNote(state: PictureState, note: BoardNote): PictureState {
  const others = state.notes.filter(({ id }) => id !== note.id);
  return { ...state, notes: note.text.trim() === '' ? others : [...others, note] };
}

/** As the board keeps it. A count stands behind the key of a group that is open in part. */
export function contentOf(state: PictureState): BoardContent {
  const expanded = [...state.opened].map(([key, count]) =>
    Number.isFinite(count) ? `${groupName(key)}*${count}` : groupName(key),
  );
  return {
    pins: [...state.pins].map(([place, { x, y }]) => ({ place, x, y })),
    notes: state.notes,
    expanded: [...expanded, ...state.alone],
    hidden: [...state.hidden],
  };
}

const OPEN_GROUP = /^(group:.*?)(?:\*(\d{1,6}))?$/s;

/** Puts what the board keeps into a state; what it does not keep stays. */
export function withContent(state: PictureState, content: BoardContent): PictureState {
  const opened = new Map<string, number>();
  const alone = new Set<string>();
  for (const key of content.expanded) {
    const group = OPEN_GROUP.exec(key);
    if (group === null) alone.add(key);
    else opened.set(group[1] === 'group:' ? EVERY : group[1]!, group[2] === undefined ? ALL : Number(group[2]));
  }
  return {
    ...state,
    opened,
    alone,
    hidden: new Set(content.hidden),
    pins: new Map(content.pins.map(({ place, x, y }) => [place, { x, y }])),
    notes: content.notes,
  };
}

function groupName(key: string): string {
  return key === EVERY ? 'group:' : key;
}

function without(from: ReadonlySet<string>, keys: readonly string[]): ReadonlySet<string> {
  const left = new Set(from);
  for (const key of keys) left.delete(key);
  return left;
}
