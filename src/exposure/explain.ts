import type { AccountFlow, ChainFlow, UtxoFlow } from '../flow/flow.ts';
import { FEE } from '../flow/flow.ts';
import type { AssetId } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import { type AccountGraph, graphOf } from './account-graph.ts';
import { utxoIds } from './entity-ids.ts';
import type { Path } from './paths.ts';
import { UtxoReader } from './utxo-view.ts';

/** One movement of a path, exact. */
export interface PathStep {
  /** null where the source names none, or where it was not looked up: both ends have too many movements. */
  readonly tx: string | null;
  readonly time: number;
  readonly block: number | null;
  /** null: several payers (a UTXO transaction). */
  readonly from: string | null;
  readonly to: string;
  /** What left `from`, and what arrived: they differ in a swap. */
  readonly asset: AssetId;
  readonly amount: bigint;
  readonly arrived: { readonly asset: AssetId; readonly amount: bigint } | null;
}

export interface DescribedPath {
  readonly category: string;
  /** Address of the category where it begins. */
  readonly source: string;
  /** Base units of the address asked for, as a float. */
  readonly amount: number;
  readonly steps: readonly PathStep[];
}

/** A transaction's id is looked up among the movements of its less busy end, where that has at most so many. */
const MAX_LOOKED = 20_000;

/** Names every movement of the paths; `mostLooked`: movements of an end that may be read to name one. */
export function describePaths(
  store: Store,
  flow: ChainFlow,
  paths: readonly Path[],
  categories: readonly string[],
  lanes: Uint8Array,
  mostLooked = MAX_LOOKED,
): Promise<readonly DescribedPath[]> {
  return flow.model === 'account'
    ? describeAccount(store, flow, paths, categories, mostLooked)
    : describeUtxo(store, flow, paths, categories, lanes);
}

async function describeAccount(
  store: Store,
  flow: AccountFlow,
  paths: readonly Path[],
  categories: readonly string[],
  mostLooked: number,
): Promise<DescribedPath[]> {
  const graph = graphOf(flow);
  const steps = new Map<number, PathStep>();
  for (const id of new Set(paths.flatMap((path) => path.steps))) steps.set(id, movementStep(graph, id));
  const found = await transactionsOf(store, graph, steps, mostLooked);
  return paths.map(({ lane, amount, steps: ids }) => {
    const described = ids.map((id) => ({ ...steps.get(id)!, tx: found.get(id) ?? null }));
    return { category: categories[lane]!, source: described[0]?.from ?? '', amount, steps: described };
  });
}

function movementStep(graph: AccountGraph, id: number): PathStep {
  const { flow, layout } = graph;
  const { from, to } = graph.read(id);
  const step = graph.step(id);
  const name = (place: number): string => flow.addresses.text(layout.ownerOf(place));
  const assetOf = (place: number): AssetId => flow.assets[layout.assetOf(place)]!.asset;
  const { arrives, leaves } = graph.amounts(id);
  const swapped = from < FEE && to < FEE && layout.assetOf(from) !== layout.assetOf(to);
  return {
    tx: null,
    time: flow.steps.time(step),
    block: flow.steps.block(step),
    from: from < FEE ? name(from) : null,
    to: to < FEE ? name(to) : '',
    asset: assetOf(from < FEE ? from : to),
    amount: leaves,
    arrived: swapped ? { asset: assetOf(to), amount: arrives } : null,
  };
}

/** By movement, the transaction that made it: the store's rows of one end are read. */
async function transactionsOf(
  store: Store,
  graph: AccountGraph,
  steps: ReadonlyMap<number, PathStep>,
  mostLooked: number,
): Promise<Map<number, string>> {
  const { flow } = graph;
  const wanted = new Map<string, { readonly address: string; readonly asset: AssetId }>();
  for (const { from, to, asset, arrived } of steps.values()) {
    const ends = [
      { address: from, asset },
      { address: to, asset: arrived?.asset ?? asset },
    ].filter((end): end is { address: string; asset: AssetId } => end.address !== null);
    const [best] = ends
      .map((end) => ({ ...end, rows: movementsAt(flow, end.address, end.asset) }))
      .sort((a, b) => a.rows - b.rows);
    if (best !== undefined && best.rows <= mostLooked) wanted.set(`${best.address}|${best.asset}`, best);
  }
  const rows: Transfer[] = [];
  const prints = await store.fingerprints([...wanted.values()].map((end) => ({ chain: flow.chain, ...end })));
  for await (const chunk of store.transfersTouching(prints)) rows.push(...chunk);
  const byTime = new Map<number, Transfer[]>();
  for (const row of rows) byTime.set(row.time, [...(byTime.get(row.time) ?? []), row]);
  const found = new Map<number, string>();
  for (const [id, step] of steps) {
    const same = byTime.get(step.time) ?? [];
    // A net flow has no row of its own: it is told by the leg of its payer, or of its receiver.
    const made = graph.isFlow(id) ? same.find((row) => isLeg(row, step)) : same.find((row) => isRow(row, step));
    if (typeof made?.tx === 'string') found.set(id, made.tx);
  }
  return found;
}

function isRow(row: Transfer, { from, to, asset, amount }: PathStep): boolean {
  return row.from === from && (row.to ?? '') === to && row.asset === asset && row.amount === amount;
}

function isLeg(row: Transfer, { from, to, asset, arrived }: PathStep): boolean {
  return (row.from === from && row.asset === asset) || (row.to === to && row.asset === (arrived?.asset ?? asset));
}

function movementsAt(flow: AccountFlow, address: string, asset: AssetId): number {
  const found = flow.assets.find((each) => each.asset === asset);
  const place = found?.placeOf(flow.addresses.find(address)) ?? -1;
  if (found === undefined || place < 0) return Number.POSITIVE_INFINITY;
  return found.segments.reduce(
    (sum, { in: into, out }) => sum + into.end(place) - into.start(place) + out.end(place) - out.start(place),
    0,
  );
}

async function describeUtxo(
  store: Store,
  flow: UtxoFlow,
  paths: readonly Path[],
  categories: readonly string[],
  lanes: Uint8Array,
): Promise<DescribedPath[]> {
  const reader = new UtxoReader(flow);
  const outputs = new Set(paths.flatMap(({ steps }) => steps));
  const ids = await utxoIds(store, flow, [...new Set([...outputs].map((output) => flow.creator(output)))]);
  const found = new Map([...outputs].map((output) => [output, outputStep(flow, reader, ids, output)]));
  return paths.map(({ lane, amount, steps }) => {
    const view = reader.read(flow.creator(steps[0]!));
    const at = view.inputOwner.slice(0, view.inputs).findIndex((owner) => lanes[owner] === lane);
    const source = at < 0 ? '' : flow.addresses.text(view.inputOwner[at]!);
    return { category: categories[lane]!, source, amount, steps: steps.map((step) => found.get(step)!) };
  });
}

function outputStep(flow: UtxoFlow, reader: UtxoReader, ids: ReadonlyMap<number, string>, output: number): PathStep {
  const tx = flow.creator(output);
  const view = reader.read(tx);
  const payers = new Set(view.inputOwner.slice(0, view.inputs));
  const [payer] = payers;
  return {
    tx: ids.get(tx) ?? null,
    time: flow.steps.time(tx),
    block: flow.steps.block(tx),
    from: payers.size === 1 ? flow.addresses.text(payer!) : null,
    to: flow.addresses.text(reader.owner(output)),
    asset: flow.asset,
    amount: BigInt(reader.value(output)),
    arrived: null,
  };
}
