import { labelsOfMany } from '../../label/resolve.ts';
import type { Label } from '../../model/label.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { Store } from '../../store/port.ts';
import { findStops, gatherEvidence, type TheftInput } from '../gather.ts';
import type { IndexedChains } from '../index-gather.ts';
import { passingHops, type TraceOptions } from '../options.ts';
import { ownerKey } from '../places.ts';
import { decidingLabel, stopFor } from '../stops.ts';
import { readTheftFile } from '../theft-file.ts';
import { topologicalOrder } from '../utxo-order.ts';
import { AccountReach, transactionsOf } from './account-reach.ts';
import { type DraftFacts, type Gain, netOfTransaction, type StolenOutput } from './draft.ts';
import type { FetchHooks } from './fetch.ts';
import { UtxoReach } from './utxo-reach.ts';

/** What a responder points at: the transaction of a theft, or an address that loot came to. */
export type Target =
  | { readonly kind: 'transaction'; readonly tx: string }
  | { readonly kind: 'address'; readonly address: string };

export interface TargetOptions {
  /** Of transactions: only what these addresses gained is followed; empty: whoever gained. Canonical text. */
  readonly thieves: readonly string[];
  /** Of addresses: arrivals from this block or time on. */
  readonly since: string | null;
  /** Of the theft; null: drawn up from the targets. */
  readonly title: string | null;
  readonly trace: TraceOptions;
}

/** A target with the block in which its loot first shows; null where none is known. */
export interface FoundTarget {
  readonly target: Target;
  readonly block: bigint | null;
}

export function targetText(target: Target): string {
  return target.kind === 'transaction' ? `transaction ${target.tx}` : `address ${target.address}`;
}

/** A theft drawn up as its file would be read. */
export function inputOf(text: string, targets: readonly Target[]): TheftInput {
  const [first] = targets;
  const name = first === undefined ? 'drawn-up' : first.kind === 'transaction' ? first.tx : first.address;
  const fileName = `${name.slice(0, 20)}.theft.yaml`;
  return { text, fileName, file: readTheftFile(text, fileName) };
}

export function factsOf(
  chain: string,
  found: readonly FoundTarget[],
  title: string | null,
): Pick<DraftFacts, 'chain' | 'title' | 'sources'> {
  const targets = found.map(({ target }) => target);
  const sources = found.map(({ target, block }) => {
    const where = block === null ? chain : `block ${block} of ${chain}`;
    const how = target.kind === 'transaction' ? 'what it moved, net' : 'what it received';
    return `${targetText(target)}, ${where}: ${how}`;
  });
  return {
    chain,
    title: title ?? `Theft by ${targets.length === 1 ? targetText(targets[0]!) : counted(targets)}`,
    sources,
  };
}

function counted(targets: readonly Target[]): string {
  const txs = targets.filter(({ kind }) => kind === 'transaction').length;
  const addresses = targets.length - txs;
  const parts = [
    ...(txs > 0 ? [`${txs} transaction${txs === 1 ? '' : 's'}`] : []),
    ...(addresses > 0 ? [`${addresses} address${addresses === 1 ? '' : 'es'}`] : []),
  ];
  return parts.join(' and ');
}

/** Those of one transaction that hold the loot: the thieves where they are named, else whoever gained but the services that labels name. */
export async function gainsOfRows(
  store: Store,
  chain: string,
  rows: readonly Transfer[],
  options: TargetOptions,
): Promise<Gain[]> {
  const { gains } = netOfTransaction(rows);
  if (options.thieves.length > 0) return gains.filter((gain) => options.thieves.includes(gain.address));
  const stops = await stopsAmong(
    store,
    chain,
    gains.map(({ address }) => address),
    options.trace,
  );
  return gains.filter((gain) => !stops.has(gain.address));
}

/** Every arrival at an address that gave nothing for it. */
export function gainsIn(rows: readonly Transfer[], address: string): Gain[] {
  return [...transactionsOf(rows)].flatMap((tx) => {
    const { gains, losers } = netOfTransaction(tx);
    return losers.includes(address) ? [] : gains.filter((gain) => gain.address === address);
  });
}

/** Two targets may show the same gain. */
export function eachGainOnce(gains: readonly Gain[]): Gain[] {
  return [...new Map(gains.map((gain) => [`${gain.tx}|${gain.address}|${gain.asset}`, gain])).values()];
}

/** As {@link eachGainOnce}, in order of time. */
export function eachOutputOnce(outputs: readonly StolenOutput[]): StolenOutput[] {
  const once = new Map(outputs.map((output) => [`${output.transaction.tx}:${output.index}`, output]));
  return [...once.values()].sort((a, b) => a.transaction.time - b.transaction.time);
}

export async function withoutStops(
  store: Store,
  outputs: readonly StolenOutput[],
  options: TargetOptions,
): Promise<readonly StolenOutput[]> {
  const [first] = outputs;
  if (options.thieves.length > 0 || first === undefined) return outputs;
  const paid = ({ transaction, index }: StolenOutput): string => transaction.outputs[index]!.address;
  const stops = await stopsAmong(store, first.transaction.chain, outputs.map(paid), options.trace);
  return outputs.filter((output) => !stops.has(paid(output)));
}

async function stopsAmong(
  store: Store,
  chain: string,
  addresses: readonly string[],
  options: TraceOptions,
): Promise<ReadonlySet<string>> {
  const once = [...new Set(addresses)];
  const labels = await labelsOfMany(
    store,
    once.map((address) => ({ chain, address })),
  );
  return new Set(once.filter((address) => isStop(labels.get(ownerKey(chain, address)) ?? [], options)));
}

function isStop(labels: readonly Label[], options: TraceOptions): boolean {
  const label = decidingLabel(labels);
  return label !== null && stopFor(label, options) !== null;
}

/** What a draft is held against: the movements that its first version, `input`, reaches. */
export interface Returns {
  readonly store: Store;
  readonly chain: string;
  readonly targets: readonly Target[];
  readonly input: TheftInput;
  readonly trace: TraceOptions;
  readonly hooks: Pick<FetchHooks, 'progress' | 'notice'>;
  readonly indexed?: IndexedChains;
  /** Gives rows that have no transaction the names by which the gains call theirs. */
  readonly named?: (rows: readonly Transfer[]) => readonly Transfer[];
}

/**
 * Loot that left an address and comes back to it, or moves on to another target, is the same loot: what arrives from an address that it had
 * reached by then is no seed.
 */
export async function withoutReturns(of: Returns, gains: readonly Gain[]): Promise<readonly Gain[]> {
  const evidence = await evidenceOf(of);
  const seeds = gains.map(({ address, asset, block, tx }) => ({ address, asset, block, tx }));
  const reach = new AccountReach(seeds, await stopAddresses(of), {
    maxHops: passingHops(of.trace),
    maxCounterparties: null,
  });
  const gainers = new Map<string, Set<string>>();
  for (const { tx, address } of gains) gainers.set(tx ?? '', (gainers.get(tx ?? '') ?? new Set()).add(address));
  const returned = new Set<string>();
  const rows = evidence.transfers.filter((row) => row.chain === of.chain);
  for (const tx of transactionsOf(of.named?.(rows) ?? rows)) {
    const id = tx[0]!.tx ?? '';
    const own = gainers.get(id);
    for (const { from, to, asset, amount } of own === undefined ? [] : tx) {
      if (to === null || from === null || from === to || amount === 0n || !own!.has(to)) continue;
      if (reach.passesOn(from, asset)) returned.add(`${id}|${to}`);
    }
    reach.apply(tx);
  }
  const kept = gains.filter((gain) => !returned.has(`${gain.tx ?? ''}|${gain.address}`));
  if (kept.length < gains.length) of.hooks.notice(returnsText(gains.length - kept.length, of.targets));
  return kept;
}

/** As {@link withoutReturns}, on a UTXO chain: what a transaction pays that spends loot is the same loot. */
export async function withoutRespent(of: Returns, outputs: readonly StolenOutput[]): Promise<readonly StolenOutput[]> {
  const evidence = await evidenceOf(of);
  const wanted = new Map<string, StolenOutput[]>();
  for (const output of outputs)
    wanted.set(output.transaction.tx, [...(wanted.get(output.transaction.tx) ?? []), output]);
  const reach = new UtxoReach(await stopAddresses(of), passingHops(of.trace));
  const kept: StolenOutput[] = [];
  const held = new Set<string>();
  const own = evidence.utxo.filter((transaction) => transaction.chain === of.chain);
  for (const { transaction } of topologicalOrder(own)) {
    held.add(transaction.tx);
    if (reach.apply(transaction)) continue;
    for (const output of wanted.get(transaction.tx) ?? []) {
      kept.push(output);
      reach.seed(openOutput(transaction, output.index));
    }
  }
  // What the limits of the trace leave out has nothing before it.
  kept.push(...outputs.filter(({ transaction }) => !held.has(transaction.tx)));
  if (kept.length < outputs.length) of.hooks.notice(returnsText(outputs.length - kept.length, of.targets));
  return kept;
}

function openOutput(transaction: UtxoTransaction, index: number) {
  const { tx, time, block, outputs } = transaction;
  return { outpoint: `${tx}:${index}`, address: outputs[index]!.address, block: block ?? 0n, time };
}

function evidenceOf({ store, input, trace, hooks, indexed }: Returns) {
  return gatherEvidence(store, input, { ...trace, methods: [] }, hooks.progress, indexed);
}

async function stopAddresses({ store, input, trace, chain, indexed }: Returns): Promise<ReadonlySet<string>> {
  const stops = [...(await findStops(store, input.file, trace, indexed)).values()];
  return new Set(stops.filter((stop) => stop.chain === chain).map((stop) => stop.address));
}

function returnsText(count: number, targets: readonly Target[]): string {
  const [only, ...more] = targets;
  if (only?.kind === 'address' && more.length === 0)
    return `${count} arrivals at ${only.address} are loot that comes back: not counted again`;
  return `${count} arrivals are loot that moves on from another target or comes back: not counted again`;
}
