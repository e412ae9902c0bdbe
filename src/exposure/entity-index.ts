import { firstAtOrAfter } from '../base/ascending.ts';
import { smallestAddress } from '../cluster/canonical.ts';
import { depositConfidence } from '../cluster/deposit.ts';
import type { DepositTable } from '../cluster/deposit-table.ts';
import { type Refused, reasonOf } from '../cluster/guard.ts';
import type { AddressBook } from '../flow/flow.ts';
import type { DepositFact, EntityIndex, EntityRefusal, EntitySummary, LabelledMember, Service } from './entity.ts';
import type { Mixes } from './entity-mixes.ts';
import type { ServiceTable } from './entity-services.ts';

/** What an index is read from. `roots`: a column of flow/ or an array. */
export interface EntitySource {
  readonly model: 'utxo' | 'account';
  readonly book: AddressBook;
  readonly roots: {
    readonly length: number;
    at(index: number): number;
    slice(start: number, count: number): Uint32Array;
  };
  readonly refusals: () => readonly Refused[];
  readonly mixes: Mixes | null;
  readonly deposits: DepositTable | null;
  /** Those that refusals and deposits are numbered by: number n at n - 1. */
  readonly services: readonly Service[];
  readonly table: ServiceTable;
  readonly summary: EntitySummary;
  close(): void;
}

/** Members looked through at a time. */
const SLAB = 65_536;

export class Entities implements EntityIndex {
  readonly #source: EntitySource;
  readonly #canonical = new Map<number, string>();
  #sizes: Uint32Array | null = null;
  #services: ReadonlyMap<number, Service> | null = null;
  #labels: ReadonlyMap<number, readonly LabelledMember[]> | null = null;
  #refusals: readonly EntityRefusal[] | null = null;

  constructor(source: EntitySource) {
    this.#source = source;
  }

  get chain(): string {
    return this.#source.book.chain;
  }

  get model(): 'utxo' | 'account' {
    return this.#source.model;
  }

  get addressCount(): number {
    return this.#source.roots.length;
  }

  get summary(): EntitySummary {
    return this.#source.summary;
  }

  entityOf(address: number): number {
    return address < this.addressCount ? this.#source.roots.at(address) : address;
  }

  *members(entity: number): Iterable<number> {
    const { roots } = this.#source;
    if (entity >= roots.length) {
      yield entity;
      return;
    }
    // The root is the smallest member: nothing before it needs to be looked at.
    let left = this.size(entity);
    for (let start = entity; start < roots.length && left > 0; start += SLAB) {
      const slab = roots.slice(start, Math.min(SLAB, roots.length - start));
      for (let at = 0; at < slab.length && left > 0; at += 1) {
        if (slab[at] !== entity) continue;
        left -= 1;
        yield start + at;
      }
    }
  }

  size(entity: number): number {
    if (entity >= this.addressCount) return 1;
    this.#sizes ??= sizesOf(this.#source.roots);
    return this.#sizes[entity]!;
  }

  canonical(entity: number): string {
    const known = this.#canonical.get(entity);
    if (known !== undefined) return known;
    const { book } = this.#source;
    const texts = function* (members: Iterable<number>): Iterable<string> {
      for (const member of members) yield book.text(member);
    };
    const name = smallestAddress(texts(this.members(entity)))!;
    this.#canonical.set(entity, name);
    return name;
  }

  serviceOf(entity: number): Service | null {
    if (this.#services === null) {
      const { table } = this.#source;
      const services = new Map<number, Service>();
      for (const { address } of table.labelled) {
        const number = table.numberOf[address] ?? 0;
        if (number > 0) services.set(this.entityOf(address), table.services[number - 1]!);
      }
      this.#services = services;
    }
    return this.#services.get(entity) ?? null;
  }

  labels(entity: number): readonly LabelledMember[] {
    this.#labels ??= this.#labelsByEntity();
    return this.#labels.get(entity) ?? [];
  }

  refusals(entity: number): readonly EntityRefusal[] {
    this.#refusals ??= this.#source.refusals().map((refused) => this.#refusal(refused));
    return this.#refusals.filter(({ a, b }) => this.entityOf(a) === entity || this.entityOf(b) === entity);
  }

  depositOf(address: number): DepositFact | null {
    const { deposits, services } = this.#source;
    if (deposits === null) return null;
    const at = firstAtOrAfter(deposits.address, address);
    if (deposits.address[at] !== address) return null;
    const [toService, outgoing] = [deposits.toService[at]!, deposits.outgoing[at]!];
    const start = deposits.senderStart[at]!;
    return {
      service: services[deposits.service[at]! - 1]!,
      confidence: depositConfidence(toService, outgoing),
      forwards: deposits.forwards[at]!,
      toService,
      outgoing,
      senders: Array.from(deposits.sender.subarray(start, deposits.senderStart[at + 1]), (sender, index) => ({
        address: sender,
        step: deposits.senderStep[start + index]!,
      })),
      firstStep: deposits.firstStep[at]!,
      lastStep: deposits.lastStep[at]!,
    };
  }

  depositsPaidBy(entity: number): readonly number[] {
    const { deposits } = this.#source;
    const found: number[] = [];
    for (let at = 0; deposits !== null && at < deposits.count; at += 1) {
      const senders = deposits.sender.subarray(deposits.senderStart[at], deposits.senderStart[at + 1]);
      if (senders.some((sender) => this.entityOf(sender) === entity)) found.push(deposits.address[at]!);
    }
    return found;
  }

  deposits(): Iterable<number> {
    return this.#source.deposits?.address ?? [];
  }

  isMix(tx: number): boolean {
    const { mixes } = this.#source;
    return mixes !== null && mixes.txs[firstAtOrAfter(mixes.txs, tx)] === tx;
  }

  close(): void {
    this.#source.close();
  }

  #labelsByEntity(): ReadonlyMap<number, readonly LabelledMember[]> {
    const labels = new Map<number, LabelledMember[]>();
    for (const member of this.#source.table.labelled) {
      const entity = this.entityOf(member.address);
      const known = labels.get(entity);
      if (known === undefined) labels.set(entity, [member]);
      else known.push(member);
    }
    return labels;
  }

  #refusal({ labelA, labelB, ...rest }: Refused): EntityRefusal {
    const service = (number: number): Service | null => (number === 0 ? null : this.#source.services[number - 1]!);
    return { ...rest, serviceA: service(labelA), serviceB: service(labelB), reason: reasonOf({ labelA, labelB }) };
  }
}

/** Members by root. */
export function sizesOf(roots: EntitySource['roots']): Uint32Array {
  const sizes = new Uint32Array(roots.length);
  for (let start = 0; start < roots.length; start += SLAB) {
    for (const root of roots.slice(start, Math.min(SLAB, roots.length - start))) sizes[root]! += 1;
  }
  return sizes;
}
