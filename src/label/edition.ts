import type { UnixSeconds } from '../base/time.ts';
import type { LabelList } from '../model/label.ts';
import type { LabelRow, StoredLabelList } from '../store/port.ts';

/** A source and the part of it that a list covers (ofac-sdn/XBT); `part` null: all of it. */
export interface SourceScope {
  readonly root: string;
  readonly part: string | null;
}

/** Only a short upper-case code after the one slash is a part: an address of the web in `source` is not. */
export function sourceScope(source: string): SourceScope {
  const match = /^([^/]+)\/([A-Z0-9]{2,10})$/.exec(source);
  return match === null ? { root: source, part: null } : { root: match[1] ?? source, part: match[2] ?? null };
}

/** What one source (or one part of it) said on one date; several files of one date are one edition. */
export interface Edition extends SourceScope {
  /** -Infinity for undated: older than every dated edition. */
  readonly date: number;
  readonly lists: readonly StoredLabelList[];
}

/** Every edition of every source, oldest first inside a source. */
export class Editions {
  readonly #ofList = new Map<number, Edition>();
  readonly #listOf = new Map<number, LabelList>();
  readonly #ofRoot = new Map<string, Edition[]>();

  constructor(lists: readonly StoredLabelList[]) {
    const byKey = new Map<string, StoredLabelList[]>();
    for (const list of lists) {
      const key = JSON.stringify([list.source, list.listDate]);
      byKey.set(key, [...(byKey.get(key) ?? []), list]);
    }
    for (const group of byKey.values()) this.#add(group);
    for (const editions of this.#ofRoot.values()) editions.sort((a, b) => compareDates(a.date, b.date));
  }

  ofList(listId: number): Edition {
    const edition = this.#ofList.get(listId);
    if (edition === undefined) throw new Error(`label list ${listId} is not in the store`);
    return edition;
  }

  /** The list itself, as it was published. */
  listOf(listId: number): LabelList {
    const list = this.#listOf.get(listId);
    if (list === undefined) throw new Error(`label list ${listId} is not in the store`);
    return list;
  }

  /**
   * The first edition after `date` that covers the currency of the row and does not hold its address. What repeats OFAC’s list (a tag
   * pack, Etherscan’s group) ends with OFAC’s own list too. `holding`: by source, the editions that hold the address.
   */
  endOf(row: LabelRow, date: number, holding: ReadonlyMap<string, ReadonlySet<Edition>>): UnixSeconds | null {
    const { root } = this.ofList(row.listId);
    const repeats = repeatsOfac(row, this.ofList(row.listId).lists[0]!);
    const roots = repeats ? new Set([root, OFAC_ROOT]) : [root];
    let first = Number.POSITIVE_INFINITY;
    for (const source of roots) {
      const held = holding.get(source);
      const end = this.#ofRoot
        .get(source)
        ?.find((edition) => edition.date > date && covers(edition, row) && held?.has(edition) !== true);
      if (end !== undefined) first = Math.min(first, end.date);
    }
    return Number.isFinite(first) ? first : null;
  }

  #add(lists: readonly StoredLabelList[]): void {
    const first = lists[0]!;
    const edition = { ...sourceScope(first.source), date: first.listDate ?? Number.NEGATIVE_INFINITY, lists };
    for (const { id, entries: _, ...list } of lists) {
      this.#ofList.set(id, edition);
      this.#listOf.set(id, list);
    }
    const known = this.#ofRoot.get(edition.root);
    if (known === undefined) this.#ofRoot.set(edition.root, [edition]);
    else known.push(edition);
  }
}

/** OFAC’s own lists. */
export const OFAC_ROOT = 'ofac-sdn';

/** Of a list of somebody else: whether the row says what OFAC’s list says. What we say ourselves ends by our word alone. */
export function repeatsOfac(row: LabelRow, list: StoredLabelList): boolean {
  if (row.category !== 'sanctioned' || list.source.startsWith(OWN_PREFIX)) return false;
  return [row.label, row.url, list.title].some((text) => OFAC_WORDS.test(text ?? ''));
}

/** Sources of single labels that were added here, one each (see own-label.ts). */
export const OWN_PREFIX = 'own:';
const OFAC_WORDS = /\bofac\b|\bsdn\b|treasury\.gov/i;

function covers(edition: Edition, row: LabelRow): boolean {
  // OFAC writes XBT where others write BTC.
  return edition.part === null || edition.part === (row.currency === 'BTC' ? 'XBT' : row.currency);
}

function compareDates(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
