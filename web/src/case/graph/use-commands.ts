import type { Chosen } from '../../graph/choice.ts';
import { groupKeys } from '../../graph/fold.ts';
import type { Shape } from '../../graph/picture.ts';
import { close, EVERY, hide, open, type PictureState, pin, SOME, standAlone, unpin } from '../../graph/state.ts';
import type { Selection } from '../selection.ts';
import type { Shown } from './use-shown.ts';

/** What can be done with what is chosen, and doing it. */
export interface Commands {
  readonly can: {
    readonly openSome: boolean;
    readonly open: boolean;
    readonly close: boolean;
    readonly alone: boolean;
    readonly hide: boolean;
    readonly pin: boolean;
    readonly unpin: boolean;
    readonly note: boolean;
  };
  open(count: number): void;
  close(): void;
  alone(): void;
  hide(): void;
  pin(): void;
  unpin(): void;
  note(): void;
  clear(): void;
}

export interface CommandsAsked {
  readonly shown: Shown;
  readonly state: PictureState;
  readonly chosen: Chosen;
  readonly selection: Selection | null;
  readonly change: (next: (state: PictureState) => PictureState) => void;
  readonly onSelect: (selection: Selection | null) => void;
  readonly onNote: (place: string | null) => void;
}

export function commandsOf(asked: CommandsAsked): Commands {
  const { shown, state, chosen, selection, change, onSelect, onNote } = asked;
  const shapes = shown.picture.shapes.filter(({ key }) => chosen.nodes.has(key));
  const many = shapes.filter(({ form }) => form !== 'place');
  const open_ = groupsToClose(shapes, state);
  const folded = foldedPlaces(shown, selection);
  const hideable = shapes.filter(({ kind }) => kind !== 'theft').map(({ key }) => key);
  const keys = shapes.map(({ key }) => key);
  const pinned = keys.filter((key) => state.pins.has(key));
  return {
    can: {
      openSome: many.some(({ members }) => members.length > SOME),
      open: many.length > 0,
      close: open_.length > 0,
      alone: folded.length > 0,
      hide: hideable.length > 0,
      pin: keys.length > pinned.length,
      unpin: pinned.length > 0,
      note: keys.length === 1,
    },
    open: (count) => change((now) => many.reduce((next, { key }) => open(next, key, count), now)),
    close: () => change((now) => open_.reduce((next, key) => close(next, key, groupKeys(shown.fold)), now)),
    alone: () => change((now) => standAlone(now, folded)),
    hide: () => {
      change((now) => hide(now, hideable));
      onSelect(null);
    },
    pin: () => change((now) => pin(now, pointsOf(shown, keys))),
    unpin: () => change((now) => unpin(now, pinned)),
    note: () => onNote(keys[0] ?? null),
    clear: () => onSelect(null),
  };
}

function groupsToClose(shapes: readonly Shape[], state: PictureState): string[] {
  const keys = shapes.flatMap(({ key, outOf }) => {
    if (outOf !== null) return [outOf];
    return state.opened.has(key) || (state.opened.has(EVERY) && key.startsWith('group:')) ? [key] : [];
  });
  return [...new Set(keys)];
}

/** Of a place that was chosen elsewhere: its key where it is in a group or out of sight. */
function foldedPlaces({ flow, picture, index }: Shown, selection: Selection | null): string[] {
  if (selection?.kind !== 'place') return [];
  const place = index.get(`${selection.place.chain}|${selection.place.address}`);
  if (place === undefined) return [];
  const shape = picture.shapes[picture.shapeOf[place]!];
  return shape === undefined || shape.form !== 'place' ? [flow.places[place]!.key] : [];
}

function pointsOf({ picture, layout }: Shown, keys: readonly string[]) {
  return picture.shapes.flatMap(({ key }, at) => {
    const { x, y } = layout.points[at]!;
    return keys.includes(key) ? [[key, { x: Math.round(x), y: Math.round(y) }] as const] : [];
  });
}
