/** A page of a list that goes on, as the server gave it. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

interface Known {
  readonly id: string;
  readonly version: number;
}

/** What of the newest page is not in the list yet. */
export function freshOf<Item extends Known>(newest: readonly Item[], known: ReadonlySet<string>): readonly Item[] {
  return newest.filter(({ id }) => !known.has(id));
}

/**
 * A page as it is now, asked for again: what changed is renewed, what no longer fits the filters leaves, but for `keep`. Rows keep their places, and
 * what would come in anew from the pages around does not. Equal pages stay the same object.
 */
export function renewed<Item extends Known>(
  page: ListPage<Item>,
  answer: ListPage<Item>,
  keep: string | null,
): ListPage<Item> {
  const now = new Map(answer.items.map((item) => [item.id, item]));
  const last = page.items.findLastIndex(({ id }) => now.has(id));
  // Beyond what the answer reaches nothing can be said, unless it is the end.
  const judged = answer.next === null ? page.items.length : last + 1;
  let isSame = true;
  const items = page.items.flatMap((item, at) => {
    const next = now.get(item.id);
    if (next !== undefined && next.version === item.version) return [item];
    if (next === undefined && (at >= judged || item.id === keep)) return [item];
    isSame = false;
    return next === undefined ? [] : [next];
  });
  return isSame ? page : { ...page, items };
}

/** Every page with this one item in its newest form. */
export function withItem<Item extends Known, Page extends ListPage<Item>>(
  pages: readonly Page[],
  item: Item,
): readonly Page[] {
  return pages.map((page) =>
    page.items.some(({ id }) => id === item.id)
      ? { ...page, items: page.items.map((each) => (each.id === item.id ? item : each)) }
      : page,
  );
}

/** Indices of the pages in which rows `first` to `last` stand. */
export function pagesOfRows(pages: readonly ListPage<unknown>[], first: number, last: number): readonly number[] {
  let start = 0;
  return pages.flatMap(({ items }, at) => {
    const from = start;
    start += items.length;
    return from <= last && start > first ? [at] : [];
  });
}
