import { setImmediate as nextTurn } from 'node:timers/promises';
import { firstAtOrAfter } from '../base/ascending.ts';
import { smallestAddress } from '../cluster/canonical.ts';
import { isService } from '../cluster/guard.ts';
import { DEPOSIT_CONFIDENCE } from '../exposure/belonging.ts';
import { DEFAULT_CATEGORIES, NO_CATEGORY } from '../exposure/categories.ts';
import { decide } from '../exposure/deciding.ts';
import type { EntityIndex } from '../exposure/entity.ts';
import type { KeptEntities } from '../exposure/entity-open.ts';
import { serviceOfLabel } from '../exposure/entity-services.ts';
import type { AddressBook } from '../flow/flow.ts';
import type { Label } from '../model/label.ts';
import type { EntityFact } from './facts.ts';

export interface FoundEntity {
  readonly fact: EntityFact;
  /** Other addresses of the same owner that bear labels, gravest first; at most {@link MOST_LABELLED}. */
  readonly labelled: readonly string[];
}

export const MOST_LABELLED = 20;
/** Addresses gone through before others get their turn. */
const SLICE = 1_000_000;
/** Larger entities are named when the book is opened, so that no look-up goes through their members. */
const LARGE = 2_000;
const MOST_NAMES = 65_536;

/** Who is behind an address, in memory: members of clusters, and which of them bear labels. */
export class EntityBook {
  readonly index: EntityIndex;
  readonly #book: AddressBook;
  /** Entities of two members and more, ascending; where the members of each begin, one more; members, ascending. */
  readonly #roots: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #members: Uint32Array;
  readonly #large = new Map<number, string>();
  #names = new Map<number, string>();
  /** By entity: labelled members, each with the lane of its own labels. */
  readonly #labelled = new Map<number, Map<number, readonly Label[]>>();
  /** By service: addresses that it is labelled at. */
  readonly #services = new Map<string, Set<number>>();

  private constructor(
    { index, labelled }: KeptEntities,
    book: AddressBook,
    clusters: { readonly roots: Uint32Array; readonly starts: Uint32Array; readonly members: Uint32Array },
  ) {
    this.index = index;
    this.#book = book;
    this.#roots = clusters.roots;
    this.#starts = clusters.starts;
    this.#members = clusters.members;
    for (const { address, labels } of labelled) this.label(address, labels);
  }

  static async of(kept: KeptEntities, book: AddressBook): Promise<EntityBook> {
    const entities = new EntityBook(kept, book, await clustersOf(kept.index));
    for (const root of entities.#roots) {
      const members = entities.membersOf(root);
      if (members.length <= LARGE) continue;
      entities.#large.set(root, entities.#smallest(members));
      await nextTurn();
    }
    return entities;
  }

  /** Labels of an address as they are now: none takes it out. */
  label(address: number, labels: readonly Label[]): void {
    const entity = this.index.entityOf(address);
    const members = this.#labelled.get(entity) ?? new Map<number, readonly Label[]>();
    for (const id of servicesOf(members.get(address) ?? [])) this.#services.get(id)?.delete(address);
    if (labels.length === 0) members.delete(address);
    else members.set(address, labels);
    this.#labelled.set(entity, members);
    for (const id of servicesOf(labels)) this.#services.set(id, (this.#services.get(id) ?? new Set()).add(address));
  }

  /** Labels of every labelled member of an entity. */
  labelsOf(entity: number): ReadonlyMap<number, readonly Label[]> {
    return this.#labelled.get(entity) ?? new Map();
  }

  /** Labels of every labelled address. */
  allLabels(): Map<number, readonly Label[]> {
    return new Map([...this.#labelled.values()].flatMap((members) => [...members]));
  }

  /** Of an entity of two members and more; empty of one that stands alone. */
  membersOf(entity: number): Uint32Array {
    const at = firstAtOrAfter(this.#roots, entity);
    if (this.#roots[at] !== entity) return new Uint32Array(0);
    return this.#members.subarray(this.#starts[at]!, this.#starts[at + 1]!);
  }

  /** null where the address stands alone and is no deposit address. */
  find(address: number): FoundEntity | null {
    const entity = this.index.entityOf(address);
    const members = this.membersOf(entity);
    const deposit = this.index.depositOf(address);
    const takes = deposit !== null && deposit.confidence >= DEPOSIT_CONFIDENCE ? deposit : null;
    if (members.length === 0 && takes === null) return null;
    const labelled = [...this.labelsOf(entity)].filter(([member]) => member !== address);
    const found = members.length === 0 ? [] : gravestFirst(labelled, this.#book);
    const why =
      members.length === 0 ? [] : [this.index.model === 'utxo' ? 'common inputs' : 'paid into one deposit address'];
    if (takes !== null) {
      why.unshift(`deposit address of ${takes.service.name} (confidence ${takes.confidence.toFixed(2)})`);
      found.push(...this.#addressesOf(takes.service.id, address));
    }
    return {
      fact: {
        id: members.length === 0 ? this.#book.text(address) : this.#nameOf(entity, members),
        size: Math.max(1, members.length),
        why: why.join('; '),
      },
      labelled: [...new Set(found)].slice(0, MOST_LABELLED),
    };
  }

  close(): void {
    this.index.close();
  }

  #addressesOf(service: string, but: number): string[] {
    const texts: string[] = [];
    for (const address of this.#services.get(service) ?? []) {
      if (address === but) continue;
      if (texts.length === MOST_LABELLED) break;
      texts.push(this.#book.text(address));
    }
    return texts.sort();
  }

  #nameOf(entity: number, members: Uint32Array): string {
    const known = this.#large.get(entity) ?? this.#names.get(entity);
    if (known !== undefined) return known;
    const name = this.#smallest(members);
    if (this.#names.size >= MOST_NAMES) this.#names = new Map();
    this.#names.set(entity, name);
    return name;
  }

  #smallest(members: Uint32Array): string {
    return smallestAddress(texts(this.#book, members))!;
  }
}

function* texts(book: AddressBook, members: Uint32Array): Generator<string> {
  for (const member of members) yield book.text(member);
}

function servicesOf(labels: readonly Label[]): Set<string> {
  const speaking = labels.filter(({ status, category }) => status === 'current' && isService(category));
  return new Set(speaking.map((label) => serviceOfLabel(label).id));
}

/** Ended labels come last: they are kept, because they say what was. */
function gravestFirst(labelled: readonly (readonly [number, readonly Label[]])[], book: AddressBook): string[] {
  return labelled
    .map(([member, labels]) => ({ text: book.text(member), lane: laneOfLabels(labels) }))
    .sort((a, b) => a.lane - b.lane || (a.text < b.text ? -1 : 1))
    .slice(0, MOST_LABELLED)
    .map(({ text }) => text);
}

function laneOfLabels(labels: readonly Label[]): number {
  const { lane } = decide(labels, DEFAULT_CATEGORIES);
  if (lane !== NO_CATEGORY) return lane;
  return labels.some(({ status }) => status === 'current') ? NO_CATEGORY : NO_CATEGORY + 1;
}

async function clustersOf(
  index: EntityIndex,
): Promise<{ readonly roots: Uint32Array; readonly starts: Uint32Array; readonly members: Uint32Array }> {
  const count = index.addressCount;
  // First the members of each root, then the place of each cluster's next member.
  const next = new Uint32Array(count);
  await inSlices(count, (id) => {
    next[index.entityOf(id)]! += 1;
  });
  let clusters = 0;
  let clustered = 0;
  await inSlices(count, (id) => {
    if (next[id]! < 2) return;
    clusters += 1;
    clustered += next[id]!;
  });
  const roots = new Uint32Array(clusters);
  const starts = new Uint32Array(clusters + 1);
  const members = new Uint32Array(clustered);
  let cluster = 0;
  await inSlices(count, (id) => {
    const size = next[id]!;
    next[id] = size < 2 ? ALONE : starts[cluster]!;
    if (size < 2) return;
    roots[cluster] = id;
    starts[cluster + 1] = starts[cluster]! + size;
    cluster += 1;
  });
  await inSlices(count, (id) => {
    const root = index.entityOf(id);
    if (next[root] === ALONE) return;
    members[next[root]!] = id;
    next[root]! += 1;
  });
  return { roots, starts, members };
}

const ALONE = 0xffff_ffff;

async function inSlices(count: number, each: (at: number) => void): Promise<void> {
  for (let first = 0; first < count; first += SLICE) {
    const end = Math.min(count, first + SLICE);
    for (let at = first; at < end; at += 1) each(at);
    await nextTurn();
  }
}
