import { createHash } from 'node:crypto';
import type { UnixSeconds } from '../base/time.ts';
import type { AddressBook } from '../flow/flow.ts';
import { type LabelsOf, labelsByCategory, speaksFor } from '../label/resolve.ts';
import type { Label } from '../model/label.ts';
import type { Store } from '../store/port.ts';
import { type CategorySet, categoryText, NO_CATEGORY } from './categories.ts';
import { type Decision, decide } from './deciding.ts';

/** Addresses without a label of their own that have their entity's category, or that of the service whose deposit address they are. */
export type Belonging = Iterable<{ readonly address: number; readonly lane: number }>;

export interface CategoryTable {
  readonly set: CategorySet;
  /** By address id: place in the set, NO_CATEGORY for none. */
  readonly lanes: Uint8Array;
  /** SHA-256 of everything above: the same lanes and names give the same. */
  readonly digest: string;
  /** By address id, for those with a label that decides. */
  readonly decisions: ReadonlyMap<number, Decision>;
  readonly counts: CategoryCounts;
  /** Sources of the labels that decide, with how many addresses each. */
  readonly sources: ReadonlyMap<string, number>;
}

export interface CategoryCounts {
  /** Addresses of the chain in a category by a label of their own, and by what they belong to. */
  readonly labelled: number;
  readonly belonging: number;
  /** Labelled addresses that the chain's data never name. */
  readonly neverSeen: number;
  /** Labels not in force at the date: ended before, or first listed after. */
  readonly ended: number;
  readonly later: number;
  /** Addresses whose labels contradict. */
  readonly contradicting: number;
}

export interface CategoriseOptions {
  /** Labels as they were known then; left out: now. */
  readonly asOf?: UnixSeconds;
  /** Of all categories, where they are looked up already; as of now. */
  readonly labels?: LabelsOf | undefined;
  /** Told the address ids that carry a label that decides. */
  readonly belonging?: (labelled: Iterable<number>) => Belonging;
}

/**
 * The category of every address of a chain, from the labels in force at a date and, where it has none, from what it belongs to. One
 * look-up for all labels; the addresses themselves are not gone through.
 */
export async function categorise(
  store: Store,
  book: AddressBook,
  set: CategorySet,
  { asOf, labels, belonging }: CategoriseOptions = {},
): Promise<CategoryTable> {
  const categories = [...set.laneOf.keys()];
  const found = labels?.(categories) ?? (await labelsByCategory(store, categories, asOf === undefined ? {} : { asOf }));
  const own = categoriesOfLabels(found, book, set);
  return belonging === undefined ? own : withBelonging(own, belonging(own.decisions.keys()));
}

/** As {@link categorise}, for labels at hand and nothing else. */
export function categoriesOfLabels(labels: readonly Label[], book: AddressBook, set: CategorySet): CategoryTable {
  const lanes = new Uint8Array(book.size).fill(NO_CATEGORY);
  const decisions = new Map<number, Decision>();
  const sources = new Map<string, number>();
  const counts = { labelled: 0, belonging: 0, neverSeen: 0, ended: 0, later: 0, contradicting: 0 };
  for (const [address, own] of byAddress(labels, book)) {
    const decision = decide(own, set);
    const id = book.find(address);
    if (id < 0) {
      if (decision.label !== null && own.some(({ chain }) => chain === book.chain)) counts.neverSeen += 1;
      continue;
    }
    for (const { status } of own) if (status !== 'current') counts[status] += 1;
    if (decision.label === null) continue;
    lanes[id] = decision.lane;
    decisions.set(id, decision);
    counts.labelled += 1;
    if (decision.against.length > 0) counts.contradicting += 1;
    const { source } = decision.label.list;
    sources.set(source, (sources.get(source) ?? 0) + 1);
  }
  return { set, lanes, digest: digestOf(lanes, set), decisions, counts, sources };
}

/** Addresses without a category by label get that of what they belong to, the first that is named. */
function withBelonging(table: CategoryTable, belonging: Belonging): CategoryTable {
  const lanes = table.lanes.slice();
  let found = 0;
  for (const { address, lane } of belonging) {
    if (lanes[address] !== NO_CATEGORY) continue;
    lanes[address] = lane;
    found += 1;
  }
  return { ...table, lanes, digest: digestOf(lanes, table.set), counts: { ...table.counts, belonging: found } };
}

function byAddress(labels: readonly Label[], book: AddressBook): Map<string, Label[]> {
  const grouped = new Map<string, Label[]>();
  const spoken = labels.filter((label) => speaksFor(label, book.chain));
  const spellings = keptSpellings(spoken, book);
  for (const label of spoken) {
    for (const address of spellings.get(label.address) ?? [label.address]) {
      const known = grouped.get(address);
      if (known === undefined) grouped.set(address, [label]);
      else known.push(label);
    }
  }
  return grouped;
}

/**
 * Folded address → how the chain spells it, for labels whose source lower-cased it. Goes through every address of the chain, once,
 * and only where there is such a label.
 */
function keptSpellings(labels: readonly Label[], book: AddressBook): Map<string, string[]> {
  const spellings = new Map<string, string[]>();
  for (const { caseLost, address } of labels) if (caseLost && book.find(address) < 0) spellings.set(address, []);
  if (spellings.size === 0) return spellings;
  for (let id = 0; id < book.size; id += 1) {
    const text = book.text(id);
    spellings.get(text.toLowerCase())?.push(text);
  }
  for (const [folded, kept] of spellings) if (kept.length === 0) spellings.delete(folded);
  return spellings;
}

/** Of the lanes and nothing else: a label for an address that never moved changes no figure. */
export function digestOf(lanes: Uint8Array, set: CategorySet): string {
  const hash = createHash('sha256').update(categoryText(set));
  const entry = new Uint8Array(5);
  const view = new DataView(entry.buffer);
  lanes.forEach((lane, id) => {
    if (lane === NO_CATEGORY) return;
    view.setUint32(0, id, true);
    entry[4] = lane;
    hash.update(entry);
  });
  return hash.digest('hex');
}
