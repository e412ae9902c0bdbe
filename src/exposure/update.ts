import { createHash } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { SegmentReader } from '../flow/column-file.ts';
import type { ChainFlow } from '../flow/flow.ts';
import type { Kernels } from '../kernel/kernel.ts';
import type { LabelsOf } from '../label/resolve.ts';
import { type Asset, type AssetId, nativeAsset } from '../model/asset.ts';
import type { Store } from '../store/port.ts';
import { belongingOf } from './belonging.ts';
import { type BuildOptions, receivedFigures, sentFigures } from './build.ts';
import { categoryText } from './categories.ts';
import { type CategoryTable, categorise, digestOf } from './categorise.ts';
import type { ExposureSettings } from './category-file.ts';
import { type DustRule, dustOf } from './dust.ts';
import type { EntityIndex } from './entity.ts';
import { exposureFolder, readSaved, readTableFacts, type TableFacts, TableWriter } from './table-file.ts';

export interface UpdateOptions {
  readonly database: string;
  readonly flow: ChainFlow;
  /** Digests of the index's segments, in order. */
  readonly history: readonly string[];
  readonly table: CategoryTable;
  readonly dust: DustRule;
  /** Assets whose decimals are known. */
  readonly assets: readonly Asset[];
  readonly kernels: Kernels;
  readonly entityOf?: (address: number) => number;
  readonly progress?: BuildOptions['progress'];
}

export interface TableOptions {
  readonly store: Store;
  readonly database: string;
  readonly flow: ChainFlow;
  readonly parts: readonly { readonly digest: string }[];
  readonly settings: ExposureSettings;
  /** Of all categories, where they are looked up already. */
  readonly labels?: LabelsOf;
  readonly entities: EntityIndex | null;
  readonly kernels: Kernels;
  readonly progress: Progress;
}

/** As {@link updateExposure}, with the categories that the store's labels and the entities give. */
export async function updateTable(options: TableOptions): Promise<Updated> {
  const { store, database, flow, parts, settings, labels, entities, kernels, progress } = options;
  const { categories, dust } = settings;
  const belonging =
    entities === null ? {} : { belonging: (labelled: Iterable<number>) => belongingOf(entities, categories, labelled) };
  const table = await categorise(store, flow.addresses, categories, { labels, ...belonging });
  let done = 0;
  return updateExposure({
    database,
    flow,
    history: parts.map(({ digest }) => digest),
    table,
    dust,
    assets: [nativeAsset(flow.chain), ...(await store.assets())],
    kernels,
    ...(entities === null ? {} : { entityOf: (address: number) => entities.entityOf(address) }),
    progress: (side, rows) => {
      done += rows;
      progress.report(`exposure, ${side}`, done, 0);
    },
  });
}

export interface Updated {
  readonly facts: TableFacts;
  /** Nothing to do; gone on from the table before; computed from the beginning. */
  readonly how: 'current' | 'grown' | 'anew';
  /** Why from the beginning. */
  readonly why: string | null;
}

/**
 * Brings the exposure table of a chain up to the index and the labels. What came after the table before is added to it; where labels, categories
 * or dust limits changed, or the index's history is another (a roll-back), all is computed anew. Atomic: a reader sees one table or the next.
 */
export function updateExposure(options: UpdateOptions): Updated {
  const { database, flow, history, table } = options;
  const folder = exposureFolder(database, flow.chain);
  const assets = assetsOf(flow, options.assets, options.dust);
  const { facts, why } = usable(folder, options, assets);
  if (facts !== null && facts.history.length === history.length && facts.addresses === table.lanes.length)
    return { facts, how: 'current', why: null };
  const build: BuildOptions = {
    flow,
    table,
    dust: assets.map(({ dust }) => dust),
    kernels: options.kernels,
    ...(options.entityOf === undefined ? {} : { entityOf: options.entityOf }),
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  };
  const writer = new TableWriter(folder);
  try {
    const received = receivedFigures(build, facts === null ? null : readSaved(folder, facts).figures);
    writer.received(received, table.lanes);
    const known = {
      chain: flow.chain,
      model: flow.model,
      history,
      steps: received.steps,
      span: spanOf(flow),
      categories: table.set.names,
      set: setDigest(table),
      labels: digestOf(table.lanes, table.set),
      owners: ownersDigest(options, table.lanes.length),
      addresses: table.lanes.length,
      assets,
      counts: table.counts,
      sources: [...table.sources],
      blocks: received.blocks,
      smallCount: received.smallCount,
      runs: received.received.lanes.map(({ from, count }) => ({ from, count })),
    };
    writer.sent(sentFigures(build));
    return { facts: writer.finish(known), how: facts === null ? 'anew' : 'grown', why };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** The table that can be gone on from, or why there is none. */
function usable(
  folder: string,
  options: UpdateOptions,
  assets: TableFacts['assets'],
): { readonly facts: TableFacts | null; readonly why: string | null } {
  const { history, table } = options;
  const none = (why: string) => ({ facts: null, why });
  let facts: TableFacts | null;
  try {
    facts = readTableFacts(folder);
  } catch (error) {
    if (error instanceof HaetaeError) return none(error.message);
    throw error;
  }
  if (facts === null) return none('there was no table');
  if (facts.set !== setDigest(table)) return none('the categories are others');
  if (!facts.assets.every(({ id, dust }, at) => assets[at]?.id === id && assets[at].dust === dust))
    return none('a dust limit is another');
  if (!facts.history.every((segment, at) => segment === history[at]))
    return none('the index was rolled back or built anew');
  if (digestOf(table.lanes.subarray(0, facts.addresses), table.set) !== facts.labels) return none('labels changed');
  if (facts.owners !== ownersDigest(options, facts.addresses))
    return none('entities of earlier addresses were joined or parted');
  const damage = damageOf(folder, facts);
  return damage === null ? { facts, why: null } : none(`the table was damaged: ${damage}`);
}

/** Every page is read: a damaged table must not stand because there is nothing to add to it. */
function damageOf(folder: string, facts: TableFacts): string | null {
  const reader = new SegmentReader(folder, facts.files);
  try {
    return reader.check()[0]?.message ?? null;
  } finally {
    reader.close();
  }
}

/**
 * Who owns the first addresses together: what comes back to an owner is change, so where two of them turn out to be one, earlier payments between
 * them are none. An entity's number is its smallest address id, so later addresses change nothing here. Account chains have no change.
 */
function ownersDigest({ flow, entityOf }: UpdateOptions, addresses: number): string {
  if (flow.model !== 'utxo' || entityOf === undefined) return '';
  const hash = createHash('sha256');
  for (let first = 0; first < addresses; first += OWNERS) {
    const part = new Uint32Array(Math.min(OWNERS, addresses - first));
    for (let at = 0; at < part.length; at += 1) part[at] = entityOf(first + at);
    hash.update(part);
  }
  return hash.digest('hex');
}

/** Owners hashed at a time. */
const OWNERS = 65_536;

function setDigest({ set }: CategoryTable): string {
  return createHash('sha256').update(categoryText(set)).digest('hex');
}

/** Assets of a chain in its order, each with its dust limit; 0 where nothing says how many decimals it has. */
export function assetsOf(flow: ChainFlow, known: readonly Asset[], rule: DustRule): { id: AssetId; dust: number }[] {
  const byId = new Map(known.map((asset) => [asset.id, asset]));
  const ids = flow.model === 'utxo' ? [flow.asset] : flow.assets.map(({ asset }) => asset);
  return ids.map((id) => {
    const asset = byId.get(id);
    return { id, dust: asset === undefined ? 0 : dustOf(asset, rule) };
  });
}

function spanOf({ steps }: ChainFlow): { readonly from: number; readonly to: number } | null {
  return steps.count === 0 ? null : { from: steps.time(0), to: steps.time(steps.count - 1) };
}
