import type { UnixSeconds } from '../base/time.ts';
import type { ChainFlow, UtxoFlow } from '../flow/flow.ts';
import type { Label } from '../model/label.ts';
import type { Store } from '../store/port.ts';
import type { DepositFact, EntityIndex, EntityRefusal, EntitySummary, Service } from './entity.ts';
import { maybeMembers } from './entity-change.ts';
import { movementsAt, type PaidOn, utxoIds } from './entity-ids.ts';
import { joinsOf, MEMBERS_READ } from './entity-joins.ts';

/** What `haetae entity` says: texts and numbers in place of ids. Lists are cut at the limit asked for; their counts are not. */
export interface EntityReport {
  readonly chain: string;
  readonly model: 'utxo' | 'account';
  readonly address: string;
  /** The smallest address of the entity: the same whatever the order of import. */
  readonly entity: string;
  readonly service: Service | null;
  readonly members: { readonly count: number; readonly first: readonly string[] };
  readonly labels: readonly { readonly address: string; readonly label: Label }[];
  readonly joins: JoinsReport | null;
  readonly maybe: MaybeReport | null;
  /** Set where the address is a deposit address. */
  readonly deposit: DepositReport | null;
  /** Deposit addresses that members paid. */
  readonly depositsPaid: { readonly count: number; readonly first: readonly Omit<DepositReport, 'payments'>[] };
  readonly refusals: { readonly count: number; readonly first: readonly RefusalReport[] };
  readonly index: EntitySummary;
}

export interface JoinsReport {
  /** Transactions in which members were spent together; those needed to hold the entity together; mixes that joined nobody. */
  readonly transactions: number;
  readonly needed: number;
  readonly mixes: number;
  /** False: of `address` alone, as the entity is too large to read whole. */
  readonly whole: boolean;
  readonly first: readonly {
    readonly tx: string | null;
    readonly time: UnixSeconds;
    readonly members: readonly string[];
  }[];
}

export interface MaybeReport {
  readonly count: number;
  readonly transactions: { readonly read: number; readonly all: number };
  readonly first: readonly {
    readonly address: string;
    readonly weight: number;
    readonly signs: readonly {
      readonly tx: string | null;
      readonly heuristic: string;
      readonly weight: number;
      readonly reason: string;
    }[];
  }[];
}

export interface DepositReport extends Omit<DepositFact, 'senders' | 'firstStep' | 'lastStep'> {
  readonly address: string;
  readonly senders: { readonly count: number; readonly first: readonly string[] };
  readonly firstTime: UnixSeconds;
  readonly lastTime: UnixSeconds;
  /** Movements at the first and the last payment passed on, and at the first of each sender. */
  readonly payments: readonly PaidOn[];
}

export interface RefusalReport {
  readonly tx: string | null;
  readonly time: UnixSeconds;
  readonly reason: EntityRefusal['reason'];
  readonly a: RefusalSide;
  readonly b: RefusalSide;
}

export interface RefusalSide {
  readonly address: string;
  readonly service: string | null;
  readonly size: number;
}

/** Movements of a deposit address that are looked through for evidence. */
const MOVEMENTS_READ = 1_000;
/** Signs printed of one address. */
const SIGNS = 6;

export interface ReportQuestion {
  readonly store: Store;
  readonly flow: ChainFlow;
  readonly index: EntityIndex;
  /** Id of an address of the chain. */
  readonly address: number;
  readonly limit: number;
}

export async function reportEntity(question: ReportQuestion): Promise<EntityReport> {
  const { flow, index, address, limit } = question;
  const entity = index.entityOf(address);
  const text = (id: number): string => flow.addresses.text(id);
  const paid = index.depositsPaidBy(entity);
  return {
    chain: flow.chain,
    model: flow.model,
    address: text(address),
    entity: index.canonical(entity),
    service: index.serviceOf(entity),
    members: { count: index.size(entity), first: firstMembers(question, entity) },
    labels: index
      .labels(entity)
      .flatMap((member) => member.labels.map((label) => ({ address: text(member.address), label })))
      .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)),
    ...(await utxoEvidence(question, entity)),
    deposit: await depositReport(question, address),
    depositsPaid: {
      count: paid.length,
      first: paid.slice(0, limit).map((id) => depositFacts(question, id, index.depositOf(id)!)),
    },
    refusals: await refusalReport(question, index.refusals(entity)),
    index: index.summary,
  };
}

/** By address; of a larger entity those that the index met first. */
function firstMembers({ flow, index, limit }: ReportQuestion, entity: number): string[] {
  const texts: string[] = [];
  const read = index.size(entity) <= MEMBERS_READ ? MEMBERS_READ : limit;
  for (const member of index.members(entity)) {
    if (texts.length >= read) break;
    texts.push(flow.addresses.text(member));
  }
  return texts.sort().slice(0, limit);
}

async function utxoEvidence(question: ReportQuestion, entity: number): Promise<Pick<EntityReport, 'joins' | 'maybe'>> {
  const { flow } = question;
  if (flow.model !== 'utxo') return { joins: null, maybe: null };
  return { joins: await joinsReport(question, flow), maybe: await maybeReport(question, flow, entity) };
}

async function joinsReport({ store, index, address, limit }: ReportQuestion, flow: UtxoFlow): Promise<JoinsReport> {
  const { needed, all, mixes, whole } = joinsOf(flow, index, address);
  const first = needed.slice(0, limit);
  const ids = await utxoIds(
    store,
    flow,
    first.map(({ tx }) => tx),
  );
  return {
    transactions: all,
    needed: needed.length,
    mixes: mixes.length,
    whole,
    first: first.map(({ tx, members }) => ({
      tx: ids.get(tx) ?? null,
      time: flow.steps.time(tx),
      members: members.slice(0, limit).map((id) => flow.addresses.text(id)),
    })),
  };
}

async function maybeReport(
  { store, index, address, limit }: ReportQuestion,
  flow: UtxoFlow,
  entity: number,
): Promise<MaybeReport> {
  const members = index.size(entity) <= MEMBERS_READ ? index.members(entity) : [address];
  const { addresses, read, all } = maybeMembers(flow, index, entity, members);
  const first = addresses.slice(0, limit);
  const ids = await utxoIds(store, flow, [...new Set(first.flatMap(({ findings }) => findings.map(({ tx }) => tx)))]);
  return {
    count: addresses.length,
    transactions: { read, all },
    first: first.map((each) => ({
      address: flow.addresses.text(each.address),
      weight: each.weight,
      signs: each.findings
        .flatMap(({ tx, evidence }) =>
          evidence.map(({ heuristic, weight, reason }) => ({ tx: ids.get(tx) ?? null, heuristic, weight, reason })),
        )
        .slice(0, SIGNS),
    })),
  };
}

async function depositReport(question: ReportQuestion, address: number): Promise<DepositReport | null> {
  const { store, flow, index, limit } = question;
  const fact = index.depositOf(address);
  if (fact === null || flow.model !== 'account') return null;
  const steps = [fact.firstStep, fact.lastStep, ...fact.senders.slice(0, limit).map(({ step }) => step)];
  const payments = await movementsAt(store, flow, flow.addresses.text(address), steps, MOVEMENTS_READ);
  return { ...depositFacts(question, address, fact), payments: payments.slice(0, 2 * limit) };
}

function depositFacts(
  { flow, limit }: ReportQuestion,
  address: number,
  { senders, firstStep, lastStep, ...fact }: DepositFact,
): Omit<DepositReport, 'payments'> {
  return {
    address: flow.addresses.text(address),
    ...fact,
    senders: { count: senders.length, first: senders.slice(0, limit).map((each) => flow.addresses.text(each.address)) },
    firstTime: flow.steps.time(firstStep),
    lastTime: flow.steps.time(lastStep),
  };
}

async function refusalReport(
  { store, flow, limit }: ReportQuestion,
  refusals: readonly EntityRefusal[],
): Promise<EntityReport['refusals']> {
  const first = refusals.slice(0, limit);
  const steps = first.map(({ step }) => step);
  const ids = flow.model === 'utxo' ? await utxoIds(store, flow, [...new Set(steps)]) : new Map<number, string>();
  return {
    count: refusals.length,
    first: first.map(({ step, a, b, serviceA, serviceB, sizeA, sizeB, reason }) => ({
      tx: ids.get(step) ?? null,
      time: flow.steps.time(step),
      reason,
      a: { address: flow.addresses.text(a), service: serviceA?.name ?? null, size: sizeA },
      b: { address: flow.addresses.text(b), service: serviceB?.name ?? null, size: sizeB },
    })),
  };
}
