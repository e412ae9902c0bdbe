import { HaetaeError } from '../base/errors.ts';
import { FingerprintMap } from '../base/fingerprint-map.ts';
import type { Progress } from '../base/progress.ts';
import { labelsByCategory, labelsOfMany } from '../label/resolve.ts';
import { type Asset, nativeAsset } from '../model/asset.ts';
import { requireChain } from '../model/chain.ts';
import type { Label } from '../model/label.ts';
import type { Seed, TheftFile } from '../model/theft.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { isLive } from '../store/fetched.ts';
import { type Batch, type BusyAddress, type PlaceKey, refusedRows, type Store } from '../store/port.ts';
import type { Evidence, EvidenceLabel, EvidenceSource } from './evidence.ts';
import { compareRows, gatherFetched } from './fetched-evidence.ts';
import { busyInFlow, gatherIndexed, type IndexedChains, NOT_INDEXED } from './index-gather.ts';
import { gatherUtxoIndexed, type IndexedUtxo } from './index-gather-utxo.ts';
import type { FlowSeed } from './index-reach.ts';
import { passingHops, type TraceOptions } from './options.ts';
import { ownerKey, storedAddress } from './places.ts';
import { type ReachQuery, reachAccounts, reachUtxo } from './reach.ts';
import { victimWallets } from './signatures.ts';
import { decidingLabel, stopFor } from './stops.ts';

const MAX_VICTIMS = 20;
const MAX_CONTEXT_ROWS = 50_000;

export interface TheftInput {
  readonly text: string;
  readonly fileName: string;
  readonly file: TheftFile;
}

/** Reads from the store exactly what a trace of these thefts needs: whole transactions of every place the money can reach. */
export async function gatherEvidence(
  store: Store,
  theft: TheftInput,
  options: TraceOptions,
  progress: Progress,
  indexed: IndexedChains = NOT_INDEXED,
): Promise<Evidence> {
  const stops = await findStops(store, theft.file, options, indexed);
  const query = {
    limit: options.maxTransfers,
    until: options.until,
    maxHops: passingHops(options),
    stops: await ownerSet(store, stops),
    stopped: stops,
    indexed,
  };
  const seeds = [...theft.file.thefts.flatMap((item) => item.seeds), ...theft.file.links.map((link) => link.to)];
  const moved = await gatherTransfers(store, seeds, query, progress);
  const utxo = await gatherUtxo(store, seeds, query, progress);
  const { coverage, openings } = await gatherFetched(store, moved, utxo);
  const transfers = openings.length === 0 ? moved : [...moved, ...openings].sort(compareRows);
  const context = await gatherContext(store, theft.file, transfers);
  const batches = usedBatches(await store.batches(), [...transfers, ...context], utxo);
  const numbers = new Map(batches.map((batch, index) => [batch.id, index]));
  return {
    theftText: theft.text,
    theftFileName: theft.fileName,
    options,
    sources: batches.map((batch) => toSource(batch, rowsOf(batch, [...transfers, ...context], utxo))),
    assets: await usedAssets(store, transfers, theft.file, utxo),
    transfers: transfers.map((row) => ({ ...row, source: renumber(row.source, numbers) })),
    utxo: utxo.map((tx) => ({ ...tx, source: renumber(tx.source, numbers) })),
    context: context.map((row) => ({ ...row, source: renumber(row.source, numbers) })),
    labels: await usedLabels(store, transfers, utxo, stops, options),
    coverage,
  };
}

async function gatherTransfers(
  store: Store,
  seeds: readonly Seed[],
  query: GatherQuery,
  progress: Progress,
): Promise<Transfer[]> {
  const account = seeds.filter((seed) => seed.chain.model === 'account');
  if (account.length === 0) return [];
  const found = await gatherByIndex(store, account, query, progress);
  if (found !== null) return found;
  const keys = account.map(
    (seed): PlaceKey => ({ chain: seed.chain.id, address: seed.address!, asset: seed.asset.id }),
  );
  const prints = await store.fingerprints(keys);
  const reachSeeds: { fingerprint: bigint; time: number }[] = [];
  for (const [index, seed] of account.entries())
    reachSeeds.push({ fingerprint: prints[index]!, time: await seedTime(store, seed) });
  const reached = await reachAccounts(store, { ...query, seeds: reachSeeds }, progress);
  const transfers: Transfer[] = [];
  for await (const chunk of store.transfersTouching(reached.keys())) {
    for (const row of chunk) if (query.until === null || row.time <= query.until) transfers.push(row);
    requireSize(transfers.length, query.limit, reached.size);
    progress.report('reading transfers', transfers.length, 0);
  }
  return transfers;
}

/** The same rows by the columns of every chain concerned; null where one of them has no index or cannot be read that way. */
async function gatherByIndex(
  store: Store,
  seeds: readonly Seed[],
  query: GatherQuery,
  progress: Progress,
): Promise<Transfer[] | null> {
  const chains = [...new Set(seeds.map((seed) => seed.chain.id))];
  const flows = chains.map((chain) => query.indexed(chain));
  const transfers: Transfer[] = [];
  let places = 0;
  for (const flow of flows) {
    if (flow?.model !== 'account') return null;
    const own = seeds.filter((seed) => seed.chain.id === flow.chain);
    const flowSeeds: FlowSeed[] = [];
    for (const seed of own)
      flowSeeds.push({ asset: seed.asset.id, address: seed.address!, time: await seedTime(store, seed) });
    const stops = [...query.stopped.values()].filter(({ chain }) => chain === flow.chain);
    const { until, maxHops, limit } = query;
    const of = { seeds: flowSeeds, stops: stops.map(({ address }) => address), until, maxHops };
    const found = await gatherIndexed(store, flow, of, limit - transfers.length, progress);
    if (found === null) return null;
    places += found.places;
    if (found.transfers === null) requireSize(limit + 1, limit, places);
    transfers.push(...(found.transfers ?? []));
  }
  return chains.length === 1 ? transfers : transfers.sort(byTimeAndChain);
}

/** Rows of one chain stay in their order: sort is stable. */
function byTimeAndChain(a: Transfer | UtxoTransaction, b: Transfer | UtxoTransaction): number {
  return a.time - b.time || (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0);
}

/** A mark enters after its transaction, which a reorganisation may have put at another time than the file says. */
async function seedTime(store: Store, seed: Seed): Promise<number> {
  if (seed.kind !== 'mark' || seed.tx === null) return seed.time!;
  const [row] = await store.transfersOfTx(seed.chain.id, seed.tx);
  return Math.min(seed.time!, row?.time ?? seed.time!);
}

interface GatherQuery extends Omit<ReachQuery, 'seeds'> {
  readonly limit: number;
  /** By owner key. */
  readonly stopped: ReadonlyMap<string, EvidenceLabel>;
  readonly indexed: IndexedChains;
}

function requireSize(rows: number, limit: number, places: number): void {
  if (rows <= limit) return;
  throw new HaetaeError(
    'E_TRACE_TOO_LARGE',
    `the money can reach ${places} places, moved by more than ${limit} transfers`,
    {
      context: { limit, places },
      remedy:
        'import labels of services, or narrow the trace with --stop, --max-counterparties, --max-hops or --until; --max-transfers raises the limit',
    },
  );
}

/** All that the robbed wallets did, up to a limit: whether an outflow is unusual can only be said against their past. */
async function gatherContext(store: Store, file: TheftFile, transfers: readonly Transfer[]): Promise<Transfer[]> {
  const rows: Transfer[] = [];
  for (const { chain, address } of victimWallets(file, transfers).slice(0, MAX_VICTIMS)) {
    rows.push(...(await store.transfersOf(chain, address, MAX_CONTEXT_ROWS)));
  }
  return rows;
}

async function gatherUtxo(
  store: Store,
  seeds: readonly Seed[],
  query: GatherQuery,
  progress: Progress,
): Promise<UtxoTransaction[]> {
  const outpoints: { chain: string; tx: string; index: number }[] = [];
  for (const seed of seeds.filter((item) => item.chain.model === 'utxo')) {
    if (seed.outpoint !== null) outpoints.push({ chain: seed.chain.id, ...seed.outpoint });
    else if (seed.address !== null && seed.tx !== null) {
      const rows = await store.utxoOutputsOf(seed.chain.id, seed.address, seed.tx);
      outpoints.push(...rows.map((row) => ({ chain: seed.chain.id, tx: row.tx, index: row.index })));
    }
  }
  if (outpoints.length === 0) return [];
  const found = await gatherUtxoByIndex(store, outpoints, query);
  if (found !== null) return found;
  const prints = await store.outpointFingerprints(outpoints);
  const reach = await reachUtxo(store, prints, { ...query, seeds: [] }, progress);
  const transactions: UtxoTransaction[] = [];
  requireSize(reach.transactions.size, query.limit, reach.outpoints.size);
  for await (const chunk of store.utxoTransactions(reach.transactions.keys())) transactions.push(...chunk);
  return transactions;
}

/** The same transactions by the columns of every chain concerned; null where one of them cannot be read that way. */
async function gatherUtxoByIndex(
  store: Store,
  outpoints: readonly { readonly chain: string; readonly tx: string; readonly index: number }[],
  query: GatherQuery,
): Promise<UtxoTransaction[] | null> {
  const chains = [...new Set(outpoints.map(({ chain }) => chain))];
  const parts: IndexedUtxo[] = [];
  for (const chain of chains) {
    const flow = query.indexed(chain);
    if (flow?.model !== 'utxo') return null;
    const seeds = outpoints.filter((outpoint) => outpoint.chain === chain);
    const stops = [...query.stopped.values()].filter((stop) => stop.chain === chain);
    const { until, maxHops } = query;
    const of = { seeds, stops: stops.map(({ address }) => address), until, maxHops };
    const part = await gatherUtxoIndexed(store, flow, of);
    if (part === null) return null;
    parts.push(part);
  }
  const sum = (count: (part: IndexedUtxo) => number): number => parts.reduce((total, part) => total + count(part), 0);
  requireSize(
    sum(({ transactions }) => transactions),
    query.limit,
    sum(({ outputs }) => outputs),
  );
  const transactions: UtxoTransaction[] = [];
  for (const part of parts) for await (const chunk of part.read()) transactions.push(...chunk);
  return chains.length === 1 ? transactions : transactions.sort(byTimeAndChain);
}

/** By owner key: every address at which this trace stops, with the label or the count behind it. */
export async function findStops(
  store: Store,
  file: TheftFile,
  options: TraceOptions,
  indexed: IndexedChains = NOT_INDEXED,
): Promise<Map<string, EvidenceLabel>> {
  const stops = new Map<string, EvidenceLabel>();
  const byOwner = new Map<string, Label[]>();
  for (const label of await labelsByCategory(store, options.stopCategories)) {
    if (label.chain === null || label.caseLost) continue;
    const key = ownerKey(label.chain, label.address);
    byOwner.set(key, [...(byOwner.get(key) ?? []), label]);
  }
  for (const [key, labels] of byOwner) {
    const label = decidingLabel(labels)!;
    const found = evidenceLabel(label.chain!, label.address, label, options);
    if (found.stop !== null) stops.set(key, found);
  }
  const chains = [...new Set(file.thefts.flatMap((theft) => theft.seeds.map((seed) => seed.chain.id)))];
  for (const text of options.stopAddresses) {
    for (const chain of chains) {
      const address = text.startsWith(`${chain}:`) ? text.slice(chain.length + 1) : text;
      const owner = storedAddress(address);
      stops.set(ownerKey(chain, owner), {
        ...unlabelled(chain, owner),
        label: 'declared stop',
        category: 'service',
        stop: 'service',
      });
    }
  }
  const concerned = [...chains, ...file.links.map((link) => link.to.chain.id)];
  await addSuspects(store, stops, concerned, options, indexed);
  await addBusy(store, stops, concerned, options);
  for (const theft of file.thefts)
    for (const seed of theft.seeds) stops.delete(ownerKey(seed.chain.id, seed.address ?? ''));
  for (const link of file.links) stops.delete(ownerKey(link.to.chain.id, link.to.address ?? ''));
  return stops;
}

async function addSuspects(
  store: Store,
  stops: Map<string, EvidenceLabel>,
  chains: readonly string[],
  options: TraceOptions,
  indexed: IndexedChains,
): Promise<void> {
  if (options.maxCounterparties === null) return;
  const busy = await busyAddresses(store, chains, options.maxCounterparties, indexed);
  const labelled = await labelsOfMany(store, busy);
  for (const { chain, address, counterparties } of busy) {
    const key = ownerKey(chain, address);
    if ((labelled.get(key) ?? []).length > 0) continue;
    stops.set(key, { ...unlabelled(chain, address), category: 'suspected', stop: 'suspectedService', counterparties });
  }
}

/** Of the chains that a trace enters: money comes to no other. */
async function busyAddresses(
  store: Store,
  chains: readonly string[],
  limit: number,
  indexed: IndexedChains,
): Promise<readonly BusyAddress[]> {
  const account = [...new Set(chains)].filter((chain) => requireChain(chain).model === 'account');
  const flows = account.map((chain) => indexed(chain)).filter((flow) => flow?.model === 'account');
  if (flows.length < account.length) return store.busyAddresses(limit);
  return flows.flatMap((flow) => busyInFlow(flow, limit));
}

/** Addresses that a fetch gave up because they move too often: services that nobody labelled. */
async function addBusy(
  store: Store,
  stops: Map<string, EvidenceLabel>,
  chains: readonly string[],
  options: TraceOptions,
): Promise<void> {
  if (options.maxCounterparties === null) return;
  for (const chain of new Set(chains)) {
    const busy = (await store.covered(chain, null)).filter(
      (range) => range.busy !== null && range.busy > options.maxCounterparties!,
    );
    for (const { place } of busy) {
      const key = ownerKey(chain, place);
      if (!stops.has(key))
        stops.set(key, { ...unlabelled(chain, place), category: 'suspected', stop: 'suspectedService' });
    }
  }
}

function unlabelled(chain: string, address: string): EvidenceLabel {
  return {
    chain,
    address,
    label: null,
    category: null,
    source: null,
    confidence: null,
    stop: null,
    counterparties: null,
  };
}

function evidenceLabel(chain: string, address: string, label: Label, options: TraceOptions): EvidenceLabel {
  const base = { chain, address, label: label.label, category: label.category, source: label.list.source };
  return { ...base, confidence: label.confidence, stop: stopFor(label, options), counterparties: null };
}

async function ownerSet(store: Store, stops: ReadonlyMap<string, EvidenceLabel>): Promise<FingerprintMap> {
  const owners = new FingerprintMap(stops.size + 1);
  owners.setAll(await store.ownerFingerprints([...stops.values()]), 1);
  return owners;
}

/** Labels of every address in the evidence, and the stops met there. */
async function usedLabels(
  store: Store,
  transfers: readonly Transfer[],
  utxo: readonly UtxoTransaction[],
  stops: ReadonlyMap<string, EvidenceLabel>,
  options: TraceOptions,
): Promise<EvidenceLabel[]> {
  const owners = new Map<string, { chain: string; address: string }>();
  const add = (chain: string, address: string | null): void => {
    if (address !== null) owners.set(ownerKey(chain, address), { chain, address });
  };
  for (const row of transfers) {
    add(row.chain, row.from);
    add(row.chain, row.to);
  }
  for (const tx of utxo) for (const end of [...tx.inputs, ...tx.outputs]) add(tx.chain, end.address);
  const labelled = await labelsOfMany(store, [...owners.values()]);
  const used: EvidenceLabel[] = [];
  for (const [key, { chain, address }] of owners) {
    const stop = stops.get(key);
    const label = decidingLabel(labelled.get(key) ?? []);
    if (stop !== undefined) used.push(stop);
    else if (label !== null) used.push({ ...evidenceLabel(chain, address, label, options), stop: null });
  }
  return used.sort((a, b) => (ownerKey(a.chain, a.address) < ownerKey(b.chain, b.address) ? -1 : 1));
}

function usedBatches(all: readonly Batch[], transfers: readonly Transfer[], utxo: readonly UtxoTransaction[]): Batch[] {
  const used = new Set<number>();
  for (const row of transfers) used.add(row.source.batch);
  for (const tx of utxo) used.add(tx.source.batch);
  return all.filter((batch) => used.has(batch.id));
}

function renumber(source: Transfer['source'], numbers: ReadonlyMap<number, number>): Transfer['source'] {
  return { ...source, batch: numbers.get(source.batch)! };
}

function rowsOf(batch: Batch, transfers: readonly Transfer[], utxo: readonly UtxoTransaction[]): number {
  if (!isLive(batch)) return 0;
  return [...transfers, ...utxo].filter((row) => row.source.batch === batch.id).length;
}

/** What is fetched of a chain grows with every trace: of it the rows used here are counted, `used`, so that a case does not change with others. */
function toSource(batch: Batch, used: number): EvidenceSource {
  return {
    preset: batch.preset,
    chain: batch.chain,
    files: batch.files.map(({ name, sha256 }) => ({ name, sha256 })),
    rowsRead: isLive(batch) ? used : batch.rowsRead,
    rowsKept: isLive(batch) ? used : batch.rowsKept,
    orderRule: batch.orderRule,
    duplicateRule: batch.duplicateRule,
    duplicates: batch.duplicates,
    rounded: batch.rounded,
    refused: refusedRows(batch),
    complete:
      batch.complete && batch.firstTime !== null && batch.lastTime !== null
        ? { from: batch.firstTime, until: batch.lastTime }
        : null,
  };
}

/** Every asset that the evidence names, with the theft file's decimals where the store knows none. */
async function usedAssets(
  store: Store,
  transfers: readonly Transfer[],
  file: TheftFile,
  utxo: readonly UtxoTransaction[],
): Promise<Asset[]> {
  const wanted = new Set(transfers.map((row) => row.asset));
  const chosen = new Map<string, Asset>();
  for (const tx of utxo) chosen.set(nativeAsset(tx.chain).id, nativeAsset(tx.chain));
  for (const theft of file.thefts) {
    for (const asset of [theft.asset, ...theft.seeds.map((seed) => seed.asset)]) chosen.set(asset.id, asset);
  }
  for (const asset of await store.assets()) {
    if (wanted.has(asset.id) || chosen.has(asset.id))
      chosen.set(asset.id, { ...asset, decimals: asset.decimals ?? chosen.get(asset.id)?.decimals ?? null });
  }
  return [...chosen.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
