import { type PlaceRef, placeKey, type Selection } from '../case/selection.ts';

/** A group with more members has no link: a path of more than 16 kB is refused by servers. */
export const MOST_LINKED = 120;

/** A selection as the part `at` of a link; null where there is none that can be linked to. */
export function linkOfSelection(selection: Selection | null): string | null {
  if (selection === null) return null;
  if (selection.kind === 'place') return `p:${placePart(selection.place)}`;
  if (selection.kind === 'edge') return `e:${placePart(selection.from)}~${placePart(selection.to)}`;
  if (selection.places.length > MOST_LINKED) return null;
  return `g:${[encodeURIComponent(selection.title), ...selection.places.map(placePart)].join('~')}`;
}

/** What `linkOfSelection` was given; null where the text is none of its. */
export function selectionOfLink(text: string | null): Selection | null {
  const [, kind, rest = ''] = /^([peg]):(.*)$/.exec(text ?? '') ?? [];
  const parts = rest.split('~');
  if (kind === 'g') {
    const title = decoded(parts[0] ?? '');
    const places = parts.slice(1).map(placeOf);
    return title === null || places.length === 0 || places.length > MOST_LINKED || places.includes(null)
      ? null
      : { kind: 'group', title, places: places as readonly PlaceRef[] };
  }
  const places = parts.map(placeOf);
  const [from, to] = places;
  if (kind === 'p') return from == null || places.length !== 1 ? null : { kind: 'place', place: from };
  return from == null || to == null || places.length !== 2 ? null : { kind: 'edge', from, to };
}

/** Two selections of the same thing have the same. */
export function selectionKey(selection: Selection | null): string {
  if (selection === null) return '';
  if (selection.kind === 'place') return `p ${placeKey(selection.place)}`;
  if (selection.kind === 'edge') return `e ${placeKey(selection.from)} ${placeKey(selection.to)}`;
  return `g ${selection.title} ${selection.places.map(placeKey).join(' ')}`;
}

function placePart(place: PlaceRef): string {
  return encodeURIComponent(placeKey(place)).replaceAll('~', '%7E');
}

function placeOf(part: string): PlaceRef | null {
  const text = decoded(part);
  const bar = text?.indexOf('|') ?? -1;
  return text === null || bar < 0 ? null : { chain: text.slice(0, bar), address: text.slice(bar + 1) };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
