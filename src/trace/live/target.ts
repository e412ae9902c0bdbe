import { HaetaeError } from '../../base/errors.ts';
import { requireTime } from '../../base/time.ts';
import { parseAddress } from '../../model/address.ts';
import { type Asset, type AssetId, nativeAsset } from '../../model/asset.ts';
import type { Chain } from '../../model/chain.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import type { AccountSource, ChainSource, UtxoSource } from '../../source/chain-source.ts';
import type { Store } from '../../store/port.ts';
import type { TheftInput } from '../gather.ts';
import { fetchAccounts } from './account-fetch.ts';
import { keepRows } from './account-keep.ts';
import { AccountReach } from './account-reach.ts';
import { draftAccountTheft, draftUtxoTheft, type Gain, outputsToOthers, type StolenOutput } from './draft.ts';
import {
  eachGainOnce,
  eachOutputOnce,
  factsOf,
  gainsIn,
  gainsOfRows,
  inputOf,
  type Target,
  type TargetOptions,
  withoutRespent,
  withoutReturns,
  withoutStops,
} from './drafting.ts';
import { type FetchHooks, fetchForTrace, throughReorganisations } from './fetch.ts';
import { blockAt, endBlock } from './seeds.ts';

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

/** A theft file drawn up from what the chain says of the targets; what it took to read is kept in the store. */
export async function draftTheft(
  store: Store,
  source: ChainSource,
  targets: readonly Target[],
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<TheftInput> {
  const text = await throughReorganisations(store, source, hooks, () =>
    source.model === 'utxo'
      ? draftFromUtxo(store, source, targets, options, hooks)
      : draftFromAccount(store, source, targets, options, hooks),
  );
  return inputOf(text, targets);
}

async function draftFromAccount(
  store: Store,
  source: AccountSource,
  targets: readonly Target[],
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<string> {
  const found: { target: Target; block: bigint | null }[] = [];
  const all: Gain[] = [];
  for (const target of targets) {
    const own =
      target.kind === 'transaction'
        ? await gainsOfTransaction(store, source, target.tx, options)
        : await gainsOfAddress(store, source, target.address, options, hooks);
    found.push({ target, block: own[0]?.block ?? null });
    all.push(...own);
  }
  const gains = eachGainOnce(all);
  const assets = await namedAssets(store, source, gains);
  const facts = { ...factsOf(source.chain, found, options.title), assets };
  const text = draftAccountTheft(facts, gains);
  if (targets.length === 1 && targets[0]!.kind === 'transaction') return text;
  const input = inputOf(text, targets);
  await fetchForTrace(store, input, options.trace, [source], hooks);
  const kept = await withoutReturns({ store, chain: source.chain, targets, input, trace: options.trace, hooks }, gains);
  return kept.length === gains.length ? text : draftAccountTheft(facts, kept);
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
  return gainsOfRows(store, source.chain, rows, options);
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
  targets: readonly Target[],
  options: TargetOptions,
  hooks: FetchHooks,
): Promise<string> {
  const found: { target: Target; block: bigint | null }[] = [];
  const all: StolenOutput[] = [];
  for (const target of targets) {
    const transactions = await targetTransactions(source, target, options.since);
    found.push({ target, block: transactions[0]?.transaction.block ?? null });
    for (const { transaction } of transactions) all.push(...stolenOutputs(transaction, target, options.thieves));
  }
  const outputs = await withoutStops(store, targets.length === 1 ? all : eachOutputOnce(all), options);
  const facts = { ...factsOf(source.chain, found, options.title), assets: new Map() };
  const text = draftUtxoTheft(facts, outputs);
  if (targets.length === 1) return text;
  const input = inputOf(text, targets);
  await fetchForTrace(store, input, options.trace, [source], hooks);
  const kept = await withoutRespent(
    { store, chain: source.chain, targets, input, trace: options.trace, hooks },
    outputs,
  );
  return kept.length === outputs.length ? text : draftUtxoTheft(facts, kept);
}

/** The outputs of a transaction that a target names: of an address its own, of a transaction the thieves' or all to others than payers. */
export function stolenOutputs(
  transaction: UtxoTransaction,
  target: Target,
  thieves: readonly string[],
): readonly StolenOutput[] {
  return outputsToOthers(transaction).filter(({ index }) => {
    const { address } = transaction.outputs[index]!;
    if (target.kind === 'address') return address === target.address;
    return thieves.length === 0 || thieves.includes(address);
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

export function sinceRule(since: string): (transaction: UtxoTransaction) => boolean {
  if (/^\d{1,12}$/.test(since) && since.length < 9) return ({ block }) => (block ?? 0n) >= BigInt(since);
  const time = requireTime(since, '--since');
  return (transaction) => transaction.time >= time;
}
