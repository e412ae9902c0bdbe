import type { Category } from '../model/label.ts';

/** At most so many categories fit a pass. */
export const MAX_CATEGORIES = 32;
/** No category: money is passed through. */
export const NO_CATEGORY = 255;

/** Exposure's categories in order of weight; each stands for label categories. */
export interface CategorySet {
  readonly names: readonly string[];
  /** By label category: its place in `names`. What is not here says nothing of money: it is passed through. */
  readonly laneOf: ReadonlyMap<Category, number>;
}

/**
 * Sixteen, gravest first. The label categories wallet, token, burn, user and unknown are in none: they name a holder or a contract, not a
 * source of money, so what passes them is followed.
 */
export const DEFAULT_GROUPS: readonly (readonly [name: string, labels: readonly Category[]])[] = [
  ['sanctioned', ['sanctioned']],
  ['stolen', ['stolen']],
  ['ransomware', ['ransomware']],
  ['darknet', ['darknet']],
  ['scam', ['scam']],
  ['frozen', ['frozen']],
  ['mixer', ['mixer', 'coinjoin']],
  ['gambling', ['gambling']],
  ['otc', ['otc']],
  ['exchange', ['exchange']],
  ['bridge', ['bridge']],
  ['payment', ['payment']],
  ['lending', ['lending']],
  ['dex', ['dex']],
  ['mining', ['mining']],
  ['service', ['service']],
];

export const DEFAULT_CATEGORIES: CategorySet = categorySet(DEFAULT_GROUPS);

export function categorySet(groups: readonly (readonly [name: string, labels: readonly Category[]])[]): CategorySet {
  const laneOf = new Map<Category, number>();
  groups.forEach(([, labels], lane) => {
    for (const label of labels) laneOf.set(label, lane);
  });
  return { names: groups.map(([name]) => name), laneOf };
}

/** The same categories give the same text: part of what a table was made from. */
export function categoryText(set: CategorySet): string {
  const said = [...set.laneOf].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ names: set.names, said });
}
