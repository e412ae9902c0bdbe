import { lowest } from '../base/ascending.ts';
import { CATEGORIES, type Category } from '../model/label.ts';
import type { LabelRow, Store } from '../store/port.ts';

/** Who bears a label: an actor, or where a label names none, the label itself (`owner`); else the text of a label of an actor. */
export interface LabelName {
  /** As met first. */
  readonly text: string;
  /** As compared: see {@link foldName}. */
  readonly folded: string;
  readonly owner: boolean;
  readonly categories: readonly Category[];
  readonly chains: readonly string[];
  readonly sources: readonly string[];
  /** Numbers of addresses, each once. */
  readonly addresses: readonly number[];
  /** Place in the order in which names were met. */
  readonly number: number;
}

export interface LabelledAddress {
  /** As the list writes it. */
  readonly address: string;
  /** null: the list names none. */
  readonly chain: string | null;
  readonly label: string;
  readonly actor: string | null;
  readonly category: Category;
}

/** 0: the whole, 1: its beginning, 2: a part. */
export type MatchRank = 0 | 1 | 2;

export interface NameMatch {
  readonly name: LabelName;
  readonly rank: MatchRank;
}

export interface LabelNamesOptions {
  readonly store: Pick<Store, 'labelLists' | 'labelRowsByAddress' | 'labelRowsOfLists'>;
  /** Names a state of knowledge: what is known is read again when it changes. */
  readonly state: () => string;
  /** Most addresses and most names that are kept: what comes after is counted and not found. */
  readonly most?: number;
}

/** Some 750 bytes each where every label has a name of its own. */
export const MOST_NAMES = 500_000;
/** Rows that are added to what is there; more, and all is read anew. */
const MOST_ADDED = 2_000;
const LONGEST = 300;
const GRAVITY = new Map(CATEGORIES.map((category, place) => [category, place]));

/** How names are compared: compatibility forms, case and runs of space count as one. */
export function foldName(text: string): string {
  return text.slice(0, LONGEST).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

interface Name extends LabelName {
  categories: readonly Category[];
  chains: readonly string[];
  sources: readonly string[];
  readonly addresses: number[];
  /** Largest of them; -1: none. */
  last: number;
}

/** Everything of one state; replaced as a whole, so that a reader in between sees one or the other. */
class Contents {
  readonly names: Name[] = [];
  readonly owners = new Map<string, Name>();
  readonly others = new Map<string, Name>();
  readonly addresses: LabelledAddress[] = [];
  readonly numbers = new Map<string, number>();
  readonly lists = new Set<number>();
  leftOut = 0;
  /** Gravest and largest first. */
  order: readonly Name[] = [];
  /** Largest first. */
  largest: readonly Name[] = [];
  /** Numbers of addresses, by folded text. */
  sorted: readonly number[] = [];
  folded: readonly string[] = [];
  readonly #shared = new Map<string, readonly string[]>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(row: LabelRow, source: string): void {
    const number = this.#numberOf(row);
    const owner = this.#nameOf(this.owners, row.actor ?? row.label, true);
    const other = row.actor === null ? null : this.#nameOf(this.others, row.label, false);
    if (number < 0 || owner === null) {
      this.leftOut += 1;
      return;
    }
    this.#put(owner, row, number, source);
    if (other !== null) this.#put(other, row, number, source);
  }

  arrange(): void {
    const gravity = ({ categories }: Name): number => Math.min(...[...categories].map((each) => GRAVITY.get(each)!));
    const ranked = this.names
      .filter(({ addresses }) => addresses.length > 0)
      .map((name) => ({ name, gravity: gravity(name) }));
    this.order = ranked
      .sort(
        (a, b) =>
          a.gravity - b.gravity || b.name.addresses.length - a.name.addresses.length || a.name.number - b.name.number,
      )
      .map(({ name }) => name);
    this.largest = [...this.owners.values()].filter(({ addresses }) => addresses.length > 0).sort(bySize);
    if (this.sorted.length === this.addresses.length) return;
    const pairs = this.addresses.map(({ address }, number) => ({ folded: address.toLowerCase(), number }));
    pairs.sort((a, b) => (a.folded < b.folded ? -1 : a.folded > b.folded ? 1 : a.number - b.number));
    this.sorted = pairs.map(({ number }) => number);
    this.folded = pairs.map(({ folded }) => folded);
  }

  #numberOf({ address, chain, label, actor, category }: LabelRow): number {
    const known = this.numbers.get(address);
    if (known !== undefined) {
      const before = this.addresses[known]!;
      const graver = GRAVITY.get(category)! < GRAVITY.get(before.category)!;
      if (graver) this.addresses[known] = { address, chain: chain ?? before.chain, label, actor, category };
      return known;
    }
    if (this.addresses.length >= this.#most) return -1;
    this.numbers.set(address, this.addresses.length);
    return this.addresses.push({ address, chain, label, actor, category }) - 1;
  }

  #put(name: Name, { category, chain }: LabelRow, number: number, source: string): void {
    name.categories = this.#with(name.categories, category);
    if (chain !== null) name.chains = this.#with(name.chains, chain);
    name.sources = this.#with(name.sources, source);
    // Numbers of new addresses grow, so that few have to be looked for.
    if (number <= name.last && name.addresses.includes(number)) return;
    name.last = Math.max(name.last, number);
    name.addresses.push(number);
  }

  /** Names by the hundred thousand share a few lists. */
  #with<Text extends string>(list: readonly Text[], text: Text): readonly Text[] {
    if (list.includes(text)) return list;
    const longer = [...list, text].sort();
    const key = longer.join('\n');
    const shared = this.#shared.get(key) ?? longer;
    this.#shared.set(key, shared);
    return shared as readonly Text[];
  }

  #nameOf(names: Map<string, Name>, text: string, owner: boolean): Name | null {
    const folded = foldName(text);
    const known = names.get(folded);
    if (known !== undefined) return known;
    if (this.names.length >= this.#most || folded === '') return null;
    const said = { categories: [], chains: [], sources: [] };
    const name: Name = { text, folded, owner, ...said, addresses: [], last: -1, number: this.names.length };
    names.set(folded, name);
    this.names.push(name);
    return name;
  }
}

interface NamePlace {
  readonly addresses: { readonly length: number };
  readonly number: number;
}

function bySize(a: NamePlace, b: NamePlace): number {
  return b.addresses.length - a.addresses.length || a.number - b.number;
}

/**
 * Names of labels and labelled addresses, of every edition of every list, in memory: built when first asked, brought up to date when the lists change.
 * 100,000 labels with a name each take some 75 MB and one to two seconds to read; a look-up then takes 5 to 20 ms.
 */
export class LabelNames {
  readonly #options: LabelNamesOptions;
  #contents: Contents | null = null;
  #state = '';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LabelNamesOptions) {
    this.#options = options;
  }

  /** Rows of labels that had no room; 0 until it is built. */
  get leftOut(): number {
    return this.#contents?.leftOut ?? 0;
  }

  /** Names that hold a text, those of each rank with the gravest and largest first; at most `limit` of each rank. */
  async named(text: string, limit: number): Promise<readonly NameMatch[]> {
    const { order, owners } = await this.#current();
    const wanted = foldName(text);
    if (wanted === '') return [];
    const ranks: [NameMatch[], NameMatch[], NameMatch[]] = [[], [], []];
    for (const name of order) {
      const at = name.folded.indexOf(wanted);
      if (at < 0 || (!name.owner && owners.has(name.folded))) continue;
      const rank = at > 0 ? 2 : name.folded.length === wanted.length ? 0 : 1;
      if (ranks[rank].length < limit) ranks[rank].push({ name, rank });
    }
    return ranks.flat();
  }

  /** An owner of this name, else a label of it; null: none. */
  async find(text: string): Promise<LabelName | null> {
    const { owners, others } = await this.#current();
    const folded = foldName(text);
    return owners.get(folded) ?? others.get(folded) ?? null;
  }

  /** Owners with most addresses first, then as met. `after`: the last of the page before. */
  async owners(
    wanted: (name: LabelName) => boolean,
    after: { readonly addresses: number; readonly number: number } | null,
    limit: number,
  ): Promise<readonly LabelName[]> {
    const { largest } = await this.#current();
    const place = after && { addresses: { length: after.addresses }, number: after.number };
    const found: LabelName[] = [];
    for (const name of largest) {
      if (found.length === limit) break;
      if ((place === null || bySize(place, name) < 0) && wanted(name)) found.push(name);
    }
    return found;
  }

  /** Labelled addresses that begin so, whatever the case, in order. */
  async beginning(text: string, limit: number): Promise<readonly LabelledAddress[]> {
    const { folded, sorted, addresses } = await this.#current();
    const wanted = text.toLowerCase();
    const found: LabelledAddress[] = [];
    const first = lowest(folded.length, (index) => folded[index]! >= wanted);
    for (let at = first; at < folded.length && found.length < limit; at += 1) {
      if (!folded[at]!.startsWith(wanted)) break;
      found.push(addresses[sorted[at]!]!);
    }
    return found;
  }

  /** Addresses that bear a name. */
  async addressesOf(name: LabelName, limit: number): Promise<readonly LabelledAddress[]> {
    const { addresses } = await this.#current();
    return name.addresses.slice(0, limit).flatMap((number) => addresses[number] ?? []);
  }

  async #current(): Promise<Contents> {
    if (this.#contents !== null && this.#state === this.#options.state()) return this.#contents;
    const turn = this.#turn.then(() => this.#read());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #read(): Promise<Contents> {
    const state = this.#options.state();
    if (this.#contents !== null && this.#state === state) return this.#contents;
    const lists = await this.#options.store.labelLists();
    const sources = new Map(lists.map(({ id, source }) => [id, source]));
    const known = this.#contents?.lists ?? new Set();
    const fresh = lists.filter(({ id }) => !known.has(id));
    const gone = [...known].some((id) => !sources.has(id));
    const rows = fresh.reduce((sum, { entries }) => sum + entries, 0);
    const added = this.#contents !== null && !gone && rows <= MOST_ADDED;
    const contents = added ? this.#contents! : new Contents(this.#options.most ?? MOST_NAMES);
    if (added) {
      for (const row of await this.#options.store.labelRowsOfLists(fresh.map(({ id }) => id)))
        contents.add(row, sources.get(row.listId)!);
    } else {
      // A list that comes in meanwhile is read with the next state.
      for await (const chunk of this.#options.store.labelRowsByAddress())
        for (const row of chunk) if (sources.has(row.listId)) contents.add(row, sources.get(row.listId)!);
    }
    for (const { id } of lists) contents.lists.add(id);
    contents.arrange();
    this.#contents = contents;
    this.#state = state;
    return contents;
  }
}
