import { HaetaeError } from '../../base/errors.ts';
import { requireTime } from '../../base/time.ts';
import { labelsOfMany } from '../../label/resolve.ts';
import { parseAddress } from '../../model/address.ts';
import { type Asset, type AssetId, nativeAsset } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';
import type { Label } from '../../model/label.ts';
import type { Transfer, UtxoTransaction } from '../../model/transfer.ts';
import type { AccountSource, ChainSource, UtxoSource } from '../../source/chain-source.ts';
import type { Store } from '../../store/port.ts';
import { findStops, gatherEvidence, type TheftInput } from '../gather.ts';
import { passingHops, type TraceOptions } from '../options.ts';
import { ownerKey } from '../places.ts';
import { decidingLabel, stopFor } from '../stops.ts';
import { readTheftFile } from '../theft-file.ts';
import { fetchAccounts } from './account-fetch.ts';
import { keepRows } from './account-keep.ts';
import { AccountReach, transactionsOf } from './account-reach.ts';
import { draftAccountTheft, draftUtxoTheft, type Gain, netOfTransaction, outputsToOthers } from './draft.ts';
import { type FetchHooks, fetchForTrace, throughReorganisations } from './fetch.ts';
import { blockAt, endBlock } from './seeds.ts';

/** What a responder points at: the transaction of a theft, or an address that loot came to. */
export type Target =
  | { readonly kind: 'transaction'; readonly tx: string }
  | { readonly kind: 'address'; readonly address: string };

export interface TargetOptions {
  /** Only what these addresses gained is followed; empty: whoever gained. Canonical text. */
  readonly thieves: readonly string[];
  /** Of an address: arrivals from this block or time on. */
  readonly since: string | null;
  readonly trace: TraceOptions;
}

/** A word that names a transaction or an address of the chain; null where it is neither (a file, then). */
export function parseTarget(chain: Chain, word: string): Target | null {
  const text = word.startsWith(`${chain.id}:`) ? word.slice(chain.id.length + 1) : word;
  const hash = /^(0x)?([0-9a-f]{64})$/i.exec(text);
  if (hash !== null) {
    const hex = hash[2]!.toLowerCase();
    return { kind: 'transaction', tx: chain.addressFormat === 'evm' ? `0x${hex}` : hex };
  }
  const address = parseAddress(chain, text);
  return address.ok ? { kind: 'address', address: address.address } : null;
}

/** A theft file drawn up from what the chain says of the target; what it took to read is kept in the store. */
export async function draftTheft(
  store: Store,
  source: ChainSource,
  target: Target,
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<TheftInput> {
  const text = await throughReorganisations(store, source, hooks, () =>
    source.model === 'utxo'
      ? draftFromUtxo(store, source, target, options)
      : draftFromAccount(store, source, target, options, hooks),
  );
  return inputOf(text, target);
}

function inputOf(text: string, target: Target): TheftInput {
  const fileName = `${(target.kind === 'transaction' ? target.tx : target.address).slice(0, 20)}.theft.yaml`;
  return { text, fileName, file: readTheftFile(text, fileName) };
}

async function draftFromAccount(
  store: Store,
  source: AccountSource,
  target: Target,
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<string> {
  const gains =
    target.kind === 'transaction'
      ? await gainsOfTransaction(store, source, target.tx, options)
      : await gainsOfAddress(store, source, target.address, options, hooks);
  const assets = await namedAssets(store, source, gains);
  const facts = { ...factsOf(source, target, gains[0]?.block ?? null), assets };
  const text = draftAccountTheft(facts, gains);
  if (target.kind === 'transaction') return text;
  const input = inputOf(text, target);
  await fetchForTrace(store, input, options.trace, [source], hooks);
  const kept = await withoutReturns(store, source, target, { input, gains }, options.trace, hooks);
  return kept.length === gains.length ? text : draftAccountTheft(facts, kept);
}

function factsOf(
  source: ChainSource,
  target: Target,
  block: bigint | null,
): { readonly chain: string; readonly title: string; readonly sources: readonly string[] } {
  const name = target.kind === 'transaction' ? `transaction ${target.tx}` : `address ${target.address}`;
  const where = block === null ? source.chain : `block ${block} of ${source.chain}`;
  const how = target.kind === 'transaction' ? 'what it moved, net' : 'what it received';
  return { chain: source.chain, title: `Theft by ${name}`, sources: [`${name}, ${where}: ${how}`] };
}

async function gainsOfTransaction(
  store: Store,
  source: AccountSource,
  tx: string,
  options: TargetOptions,
): Promise<Gain[]> {
  const block = await source.block(await source.blockOf(tx));
  const parties = new Set(block.parties(tx));
  for (const row of block.transfers.filter((item) => item.tx === tx)) {
    if (row.from !== null) parties.add(row.from);
    if (row.to !== null) parties.add(row.to);
  }
  const kept = await keepRows(source, block, parties);
  const rows = (kept?.transfers ?? []).filter((row) => row.tx === tx);
  const { gains } = netOfTransaction(rows);
  if (options.thieves.length > 0) return gains.filter((gain) => options.thieves.includes(gain.address));
  const stops = await stopsAmong(store, source.chain, gains, options.trace);
  return gains.filter((gain) => !stops.has(gain.address));
}

async function stopsAmong(
  store: Store,
  chain: string,
  gains: readonly Gain[],
  options: TraceOptions,
): Promise<ReadonlySet<string>> {
  const addresses = [...new Set(gains.map((gain) => gain.address))];
  const labels = await labelsOfMany(
    store,
    addresses.map((address) => ({ chain, address })),
  );
  return new Set(addresses.filter((address) => isStop(labels.get(ownerKey(chain, address)) ?? [], options)));
}

function isStop(labels: readonly Label[], options: TraceOptions): boolean {
  const label = decidingLabel(labels);
  return label !== null && stopFor(label, options) !== null;
}

/** Every arrival at an address that gave nothing for it, as seeds; its movements are fetched whole first. */
async function gainsOfAddress(
  store: Store,
  source: AccountSource,
  address: string,
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<Gain[]> {
  const given = requireSince(options.since);
  const since = /^\d{1,12}$/.test(given) ? BigInt(given) : await blockAt(source, requireTime(given, '--since'));
  const end = await endBlock(source, options.trace.until);
  const asset = nativeAsset(source.chain).id;
  const reach = new AccountReach([{ address, asset, block: since, tx: null }], new Set(), {
    maxHops: -1,
    maxCounterparties: null,
  });
  await fetchAccounts({ store, source, end, ...hooks, reach, maxCounterparties: null });
  const rows = await store.transfersOf(source.chain, address, options.trace.maxTransfers);
  return gainsIn(
    rows.filter((row) => (row.block ?? -1n) >= since),
    address,
  );
}

function gainsIn(rows: readonly Transfer[], address: string): Gain[] {
  return [...transactionsOf(rows)].flatMap((tx) => {
    const { gains, losers } = netOfTransaction(tx);
    return losers.includes(address) ? [] : gains.filter((gain) => gain.address === address);
  });
}

/**
 * Loot that left the address and came back to it is the same loot: what arrives from an address that it had reached by then is no
 * seed. `known` is the first draft, by which everything was fetched.
 */
async function withoutReturns(
  store: Store,
  source: AccountSource,
  target: Target & { readonly kind: 'address' },
  known: { readonly input: TheftInput; readonly gains: readonly Gain[] },
  options: TraceOptions,
  hooks: FetchHooks,
): Promise<readonly Gain[]> {
  const { input, gains } = known;
  const evidence = await gatherEvidence(store, input, { ...options, methods: [] }, hooks.progress);
  const seeds = gains.map(({ address, asset, block, tx }) => ({ address, asset, block, tx }));
  const limits = { maxHops: passingHops(options), maxCounterparties: null };
  const stops = [...(await findStops(store, input.file, options)).values()].filter(
    (stop) => stop.chain === source.chain,
  );
  const reach = new AccountReach(seeds, new Set(stops.map((stop) => stop.address)), limits);
  const returned = new Set<string>();
  for (const tx of transactionsOf(evidence.transfers.filter((row) => row.chain === source.chain))) {
    const back = tx.some(
      ({ from, to, asset, amount }) =>
        to === target.address && from !== null && from !== to && amount > 0n && reach.passesOn(from, asset),
    );
    if (back && tx[0]!.tx !== null) returned.add(tx[0]!.tx);
    reach.apply(tx);
  }
  const kept = gains.filter((gain) => !returned.has(gain.tx));
  if (kept.length < gains.length)
    hooks.notice(
      `${gains.length - kept.length} arrivals at ${target.address} are loot that comes back: not counted again`,
    );
  return kept;
}

async function namedAssets(
  store: Store,
  source: AccountSource,
  gains: readonly Gain[],
): Promise<ReadonlyMap<AssetId, Asset>> {
  const ids = [...new Set(gains.map((gain) => gain.asset))];
  const known = new Map((await store.assets()).map((asset) => [asset.id, asset]));
  const native = nativeAsset(source.chain);
  known.set(native.id, native);
  const asked = ids.filter((id) => !known.has(id));
  for (const asset of asked.length === 0 ? [] : await source.tokens(asked)) known.set(asset.id, asset);
  return known;
}

async function draftFromUtxo(
  store: Store,
  source: UtxoSource,
  target: Target,
  options: TargetOptions,
): Promise<string> {
  const transactions = await targetTransactions(source, target, options.since);
  const outputs = transactions.flatMap(({ transaction }) =>
    target.kind === 'address'
      ? outputsToOthers(transaction).filter(({ index }) => transaction.outputs[index]!.address === target.address)
      : outputsToOthers(transaction),
  );
  const wanted = outputs.filter(
    ({ transaction, index }) =>
      options.thieves.length === 0 || options.thieves.includes(transaction.outputs[index]!.address),
  );
  const block = transactions[0]?.transaction.block ?? null;
  return draftUtxoTheft(
    { ...factsOf(source, target, block), assets: new Map() },
    await withoutStops(store, wanted, options),
  );
}

async function withoutStops<Output extends { readonly transaction: UtxoTransaction; readonly index: number }>(
  store: Store,
  outputs: readonly Output[],
  options: TargetOptions,
): Promise<readonly Output[]> {
  if (options.thieves.length > 0) return outputs;
  const paid = ({ transaction, index }: Output): { chain: string; address: string } => ({
    chain: transaction.chain,
    address: transaction.outputs[index]!.address,
  });
  const labels = await labelsOfMany(store, outputs.map(paid));
  return outputs.filter((output) => {
    const { chain, address } = paid(output);
    return !isStop(labels.get(ownerKey(chain, address)) ?? [], options.trace);
  });
}

async function targetTransactions(
  source: UtxoSource,
  target: Target,
  since: string | null,
): Promise<readonly { readonly transaction: UtxoTransaction }[]> {
  if (target.kind === 'transaction') return [await source.transaction(target.tx)];
  const received = await source.received(target.address, 10_000);
  if (received === null || received.truncated) {
    throw new HaetaeError('E_USAGE', 'this source cannot list what an address received', {
      context: { source: source.name },
      remedy: 'name the transaction of the theft, or add an esplora: source',
    });
  }
  const start = sinceRule(requireSince(since));
  const found: { readonly transaction: UtxoTransaction }[] = [];
  for (let done = 0; done < received.txs.length; done += 8)
    found.push(...(await Promise.all(received.txs.slice(done, done + 8).map((tx) => source.transaction(tx)))));
  return found.filter(({ transaction }) => start(transaction)).sort((a, b) => a.transaction.time - b.transaction.time);
}

function requireSince(since: string | null): string {
  if (since !== null) return since;
  throw new HaetaeError('E_USAGE', 'an address is followed from some block or time on', {
    remedy: 'add --since BLOCK or --since TIME, from when the loot arrived; or name the transaction of the theft',
  });
}

function sinceRule(since: string): (transaction: UtxoTransaction) => boolean {
  if (/^\d{1,12}$/.test(since) && since.length < 9) return ({ block }) => (block ?? 0n) >= BigInt(since);
  const time = requireTime(since, '--since');
  return (transaction) => transaction.time >= time;
}
