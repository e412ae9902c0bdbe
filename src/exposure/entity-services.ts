import { isService, type ServiceCategory } from '../cluster/guard.ts';
import type { AddressBook } from '../flow/flow.ts';
import { actorId, nameParts } from '../label/category-name.ts';
import { type LabelsOf, labelsByCategory, speaksFor } from '../label/resolve.ts';
import { CATEGORIES, type Category, type Label } from '../model/label.ts';
import type { Store } from '../store/port.ts';
import { decidingLabel } from '../trace/stops.ts';
import type { LabelledMember, Service } from './entity.ts';

/** What labels say of a chain's addresses, as clusters need it. */
export interface ServiceTable {
  /** By id; number n is at n - 1. */
  readonly services: readonly Service[];
  /** By address id the number of its service, 0 for none; shorter than the book where the last ones have none. */
  readonly numberOf: Uint32Array;
  /** By address, sorted: what clusters depend on, and what tells whether labels have changed. */
  readonly entries: readonly ServiceEntry[];
  /** Main addresses of exchanges, to which deposit addresses pay: address id to number of service. */
  readonly mains: ReadonlyMap<number, number>;
  /** Addresses that a label calls a service or a contract: never one customer's. */
  readonly noPerson: ReadonlySet<number>;
  /** Every labelled address of the chain, ascending. */
  readonly labelled: readonly LabelledMember[];
  readonly unseen: number;
  readonly contradicting: number;
}

export type ServiceEntry = readonly [address: string, service: string, role: 'main' | 'other' | 'contract'];

/** Services to which customers pay by an address of their own. */
const TAKES_DEPOSITS: ReadonlySet<Category> = new Set(['exchange']);
/** Labels that speak of a contract or a place that everybody uses, beside services. */
const NO_PERSON: ReadonlySet<Category> = new Set(['burn', 'token', 'wallet']);
/** Labelled as what customers pay into: it passes money on and is paid by no deposit address. */
const NO_MAIN = /\bdeposit/i;

/** The labels in force of a chain's addresses, told by the store; `labels`: of all categories, where they are looked up already. */
export async function servicesOf(store: Store, book: AddressBook, labels?: LabelsOf): Promise<ServiceTable> {
  return serviceTable(labels?.(CATEGORIES) ?? (await labelsByCategory(store, CATEGORIES)), book);
}

export function serviceTable(labels: readonly Label[], book: AddressBook): ServiceTable {
  const byAddress = new Map<string, Label[]>();
  for (const label of labels) {
    if (!speaksFor(label, book.chain)) continue;
    const known = byAddress.get(label.address);
    if (known === undefined) byAddress.set(label.address, [label]);
    else known.push(label);
  }
  const labelled: LabelledMember[] = [];
  const facts: AddressFacts[] = [];
  let unseen = 0;
  for (const [text, own] of byAddress) {
    const address = book.find(text);
    const fact = factsOf(address, text, own);
    if (address >= 0) labelled.push({ address, labels: own });
    else if (fact?.service != null && own.some(({ chain }) => chain === book.chain)) unseen += 1;
    if (address >= 0 && fact !== null) facts.push(fact);
  }
  return { ...numbered(facts), labelled: labelled.sort((a, b) => a.address - b.address), unseen };
}

interface AddressFacts {
  readonly address: number;
  readonly text: string;
  readonly service: Service | null;
  readonly main: boolean;
  readonly contradicts: boolean;
}

/** null where the labels in force say nothing that matters here. */
function factsOf(address: number, text: string, labels: readonly Label[]): AddressFacts | null {
  const current = labels.filter(({ status }) => status === 'current');
  const speaking = current.filter(({ category }) => isService(category));
  const deciding = decidingLabel(speaking);
  if (deciding === null && !current.some(({ category }) => NO_PERSON.has(category))) return null;
  const ids = new Set(speaking.map((label) => serviceOfLabel(label).id));
  return {
    address,
    text,
    service: deciding === null ? null : serviceOfLabel(deciding),
    main: deciding !== null && TAKES_DEPOSITS.has(deciding.category) && !NO_MAIN.test(deciding.label),
    contradicts: ids.size > 1,
  };
}

/** "Binance 14" and actor "binance" are one service. */
export function serviceOfLabel({ actor, label, category }: Label): Service {
  const name = actor ?? nameParts(label).entity;
  return { id: actorId(name) || name, name, category: category as ServiceCategory };
}

function numbered(facts: readonly AddressFacts[]): Omit<ServiceTable, 'labelled' | 'unseen'> {
  const inOrder = [...facts].sort((a, b) => (a.text < b.text ? -1 : 1));
  const byId = new Map<string, Service>();
  for (const { service } of inOrder) if (service !== null && !byId.has(service.id)) byId.set(service.id, service);
  const services = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const numbers = new Map(services.map(({ id }, index) => [id, index + 1]));
  const numberOf = new Uint32Array(inOrder.reduce((most, { address }) => Math.max(most, address + 1), 0));
  const mains = new Map<number, number>();
  for (const { address, service, main } of inOrder) {
    if (service === null) continue;
    numberOf[address] = numbers.get(service.id)!;
    if (main) mains.set(address, numbers.get(service.id)!);
  }
  return {
    services,
    numberOf,
    mains,
    entries: inOrder.map(({ text, service, main }) => [
      text,
      service?.id ?? '',
      service === null ? 'contract' : main ? 'main' : 'other',
    ]),
    noPerson: new Set(inOrder.map(({ address }) => address)),
    contradicting: inOrder.filter(({ contradicts }) => contradicts).length,
  };
}

/** Addresses of which two tables say different things. */
export function changedEntries(before: readonly ServiceEntry[], now: readonly ServiceEntry[]): readonly string[] {
  const earlier = new Map(before.map(([address, ...said]) => [address, said.join('|')]));
  const changed: string[] = [];
  for (const [address, ...said] of now) {
    if (earlier.get(address) !== said.join('|')) changed.push(address);
    earlier.delete(address);
  }
  return [...changed, ...earlier.keys()];
}
