import type { ServiceCategory } from '../cluster/guard.ts';
import type { ChainId } from '../model/chain.ts';
import type { Label } from '../model/label.ts';

/**
 * Opened with `openEntities` (entity-open.ts), which builds what is missing.
 * Who is behind an address of one chain: clusters, deposit addresses and what the guard refused. An entity is a number, its member
 * with the smallest address id; numbers hold within one index only, `canonical` is what to keep and to show. Definitions: docs/entities.md.
 */
export interface EntityIndex {
  readonly chain: ChainId;
  readonly model: 'utxo' | 'account';
  /** Address ids below this are known to the index; others are entities of their own. */
  readonly addressCount: number;
  /** The entity of an address id; the id itself where it stands alone. */
  entityOf(address: number): number;
  /** Address ids of an entity, ascending. */
  members(entity: number): Iterable<number>;
  size(entity: number): number;
  /** The smallest address, byte by byte, of the members: the same whatever the order of import. */
  canonical(entity: number): string;
  /** The service that the guard takes an entity for: that of its labelled members; null where none carries one. */
  serviceOf(entity: number): Service | null;
  /** Members that carry a label of any kind, ascending, with every label that speaks for them on this chain. */
  labels(entity: number): readonly LabelledMember[];
  /** Unions with other clusters that the guard refused, in chain order. */
  refusals(entity: number): readonly EntityRefusal[];
  /** Where an address passes what it gets on to a service. Account chains only; never a labelled address. */
  depositOf(address: number): DepositFact | null;
  /** Deposit addresses into which members of an entity paid, ascending. */
  depositsPaidBy(entity: number): readonly number[];
  /** Address ids of deposit addresses, ascending. */
  deposits(): Iterable<number>;
  /** Whether a transaction's inputs may be of several owners (UTXO chains): it joined nobody. */
  isMix(tx: number): boolean;
  /** Closes its files; nothing is to be asked afterwards. */
  close(): void;
  readonly summary: EntitySummary;
}

/** One service, under one name however its sources write it. */
export interface Service {
  /** Letters and digits of the actor, else of the label: what tells two services apart. */
  readonly id: string;
  /** As the deciding label writes it. */
  readonly name: string;
  readonly category: ServiceCategory;
}

export interface LabelledMember {
  readonly address: number;
  readonly labels: readonly Label[];
}

export interface EntityRefusal {
  /** The transaction (UTXO) or step (account) whose inputs, or senders, were not joined. */
  readonly step: number;
  /** The members whose clusters were kept apart, and the services and sizes of these clusters at that time. */
  readonly a: number;
  readonly b: number;
  readonly serviceA: Service | null;
  readonly serviceB: Service | null;
  readonly sizeA: number;
  readonly sizeB: number;
  readonly reason: 'services' | 'size';
}

export interface DepositFact {
  readonly service: Service;
  /** 0 to 1: see cluster/deposit.ts; a rule's figure, not a measured probability. */
  readonly confidence: number;
  /** Payments passed on to the service within the window and amount, of how many outgoing ones that went to it, of how many in all. */
  readonly forwards: number;
  readonly toService: number;
  readonly outgoing: number;
  /** Those that paid in what was passed on, in the order of their first payment, and the step of it. */
  readonly senders: readonly { readonly address: number; readonly step: number }[];
  /** Steps of the first and the last payment passed on. */
  readonly firstStep: number;
  readonly lastStep: number;
}

export interface EntitySummary {
  readonly addresses: number;
  readonly entities: number;
  /** Entities of two members and more. */
  readonly clusters: number;
  readonly largest: number;
  readonly refusals: number;
  /** CoinJoins and transactions that may be of several owners: their inputs were not joined. UTXO chains. */
  readonly mixes: number;
  readonly deposits: number;
  /** Labels of services for addresses that the chain's data never name: they do no harm and may come to use later. */
  readonly labelsUnseen: number;
  /** Addresses that labels give to two services or more; the deciding label counts. */
  readonly labelsContradicting: number;
}
