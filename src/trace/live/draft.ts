import { stringify } from 'yaml';
import { HaetaeError } from '../../base/errors.ts';
import { formatTime, type UnixSeconds } from '../../base/time.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import { requireChain } from '../../model/chain.ts';
import { FEE_KINDS, type Transfer, type UtxoTransaction } from '../../model/transfer.ts';

/** What an address gained of an asset by one transaction. */
export interface Gain {
  /** null: the data name none; its mark is then of its time alone. */
  readonly tx: string | null;
  readonly block: bigint;
  readonly time: UnixSeconds;
  readonly address: string;
  readonly asset: AssetId;
  readonly amount: bigint;
}

/** Who gained and who lost by one transaction of an account chain, fees left out. In order of first appearance. */
export interface TransactionNet {
  readonly gains: readonly Gain[];
  readonly losers: readonly string[];
}

/**
 * The net change of every address and asset. Who gains one asset and gives another (a pool, a router) is not among the gains, unless
 * it sent the transaction: whoever began it and came out with more has what was taken.
 */
export function netOfTransaction(rows: readonly Transfer[]): TransactionNet {
  const net = new Map<string, { address: string; asset: AssetId; amount: bigint }>();
  const add = (address: string | null, asset: AssetId, change: bigint): void => {
    if (address === null) return;
    const known = net.get(`${address}|${asset}`);
    if (known === undefined) net.set(`${address}|${asset}`, { address, asset, amount: change });
    else known.amount += change;
  };
  for (const row of rows.filter((item) => !FEE_KINDS.has(item.kind))) {
    add(row.from, row.asset, -row.amount);
    add(row.to, row.asset, row.amount);
  }
  const senders = new Set(rows.filter((row) => FEE_KINDS.has(row.kind)).map((row) => row.from));
  const entries = [...net.values()];
  const losers = new Set(entries.filter((entry) => entry.amount < 0n).map((entry) => entry.address));
  const first = rows[0];
  if (first === undefined || first.tx === null) return { gains: [], losers: [] };
  const base = { tx: first.tx, block: first.block ?? 0n, time: first.time };
  const gains = entries
    .filter((entry) => entry.amount > 0n && (!losers.has(entry.address) || senders.has(entry.address)))
    .map((entry) => ({ ...base, ...entry }));
  return { gains, losers: [...losers] };
}

export interface DraftFacts {
  readonly chain: string;
  readonly title: string;
  /** Where each fact comes from, for the file's `sources`. */
  readonly sources: readonly string[];
  readonly assets: ReadonlyMap<AssetId, Asset>;
}

/** A theft file (YAML) of these gains: one theft an asset, each gain a mark right after its transaction. Throws E_SEED where there is none. */
export function draftAccountTheft(facts: DraftFacts, gains: readonly Gain[]): string {
  requireGains(gains.length, facts);
  const byAsset = new Map<AssetId, Gain[]>();
  for (const gain of gains) byAsset.set(gain.asset, [...(byAsset.get(gain.asset) ?? []), gain]);
  const ids = new Set<string>();
  const thefts = [...byAsset].map(([asset, own]) => {
    const known = facts.assets.get(asset);
    return {
      id: theftId(known?.symbol ?? asset, ids),
      title: `${facts.title}: ${known?.symbol ?? asset}`,
      incident: 'theft',
      chain: facts.chain,
      asset,
      ...(known?.decimals === undefined || known.decimals === null ? {} : { decimals: known.decimals }),
      sources: facts.sources,
      seeds: own.map((gain) => ({
        kind: 'mark',
        address: gain.address,
        ...(gain.tx === null ? {} : { tx: gain.tx }),
        baseUnits: gain.amount.toString(),
        time: formatTime(gain.time),
      })),
    };
  });
  return fileText(facts, thefts);
}

/** A theft file (YAML) of outputs of UTXO transactions. */
export function draftUtxoTheft(facts: DraftFacts, outputs: readonly StolenOutput[]): string {
  requireGains(outputs.length, facts);
  const seeds = outputs.map(({ transaction, index }) => ({
    kind: 'mark',
    outpoint: `${transaction.tx}:${index}`,
    baseUnits: transaction.outputs[index]!.value.toString(),
    time: formatTime(transaction.time),
  }));
  const id = theftId(requireChain(facts.chain).native.symbol, new Set());
  return fileText(facts, [
    { id, title: facts.title, chain: facts.chain, asset: 'native', sources: facts.sources, seeds },
  ]);
}

export interface StolenOutput {
  readonly transaction: UtxoTransaction;
  readonly index: number;
}

/** Outputs above zero that do not go back to an address that paid. */
export function outputsToOthers(transaction: UtxoTransaction): StolenOutput[] {
  const payers = new Set(transaction.inputs.map((input) => input.address));
  return transaction.outputs.flatMap(({ address, value }, index) =>
    value > 0n && !payers.has(address) ? [{ transaction, index }] : [],
  );
}

function requireGains(count: number, { chain, title }: DraftFacts): void {
  if (count > 0) return;
  throw new HaetaeError('E_SEED', 'nobody gained anything there that could be followed', {
    context: { chain, target: title },
    remedy: 'name another transaction, or write a theft file that says what was stolen (docs/theft-file.md)',
  });
}

function fileText(facts: DraftFacts, thefts: readonly unknown[]): string {
  const simulated = requireChain(facts.chain).simulated;
  return stringify({ title: facts.title, simulated, thefts }, { lineWidth: 0, aliasDuplicateObjects: false });
}

function theftId(symbol: string, taken: Set<string>): string {
  const base =
    symbol
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 40) || 'token';
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
