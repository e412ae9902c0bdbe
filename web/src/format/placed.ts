/** Items with where they stand: for lists whose order never changes and in which two may be alike. */
export function placed<Item>(items: readonly Item[]): readonly { readonly at: number; readonly item: Item }[] {
  return items.map((item, at) => ({ at, item }));
}
