import type { BoardContent, BoardNote, BoardPin } from '../../../src/trace/board.ts';

/** What both changed since `base`: of the same pin or note one's own change wins, the rest is theirs. */
export function mergeBoards(base: BoardContent, mine: BoardContent, theirs: BoardContent): BoardContent {
  return {
    pins: mergeBy(base.pins, mine.pins, theirs.pins, ({ place }) => place, samePin),
    notes: mergeBy(base.notes, mine.notes, theirs.notes, ({ id }) => id, sameNote),
    expanded: mergeNames(base.expanded, mine.expanded, theirs.expanded),
    hidden: mergeNames(base.hidden, mine.hidden, theirs.hidden),
  };
}

export function sameContent(a: BoardContent, b: BoardContent): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ pins, notes, expanded, hidden }: BoardContent): string {
  return JSON.stringify([
    [...pins].sort((a, b) => order(a.place, b.place)).map(({ place, x, y }) => [place, x, y]),
    [...notes].sort((a, b) => order(a.id, b.id)).map(({ id, place, text }) => [id, place, text]),
    [...expanded].sort(order),
    [...hidden].sort(order),
  ]);
}

function mergeBy<Item>(
  base: readonly Item[],
  mine: readonly Item[],
  theirs: readonly Item[],
  keyOf: (item: Item) => string,
  same: (a: Item, b: Item) => boolean,
): Item[] {
  const before = new Map(base.map((item) => [keyOf(item), item]));
  const result = new Map(theirs.map((item) => [keyOf(item), item]));
  const own = new Map(mine.map((item) => [keyOf(item), item]));
  for (const [key, item] of own) {
    const old = before.get(key);
    if (old === undefined || !same(old, item)) result.set(key, item);
  }
  for (const key of before.keys()) if (!own.has(key)) result.delete(key);
  return [...result.values()];
}

function mergeNames(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  return mergeBy(
    base,
    mine,
    theirs,
    (name) => name,
    () => true,
  );
}

function samePin(a: BoardPin, b: BoardPin): boolean {
  return a.x === b.x && a.y === b.y;
}

function sameNote(a: BoardNote, b: BoardNote): boolean {
  return a.text === b.text && a.place === b.place;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
