import { HaetaeError } from '../base/errors.ts';
import { type Progress, SILENT } from '../base/progress.ts';
import type { SavedClusters } from '../cluster/clusters.ts';
import { DEFAULT_SIZE_LIMIT, type Refused } from '../cluster/guard.ts';
import { Uint32Column } from '../flow/column.ts';
import { SegmentReader } from '../flow/column-file.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { loadKernels } from '../flow/kernel-loader.ts';
import type { Kernels } from '../kernel/kernel.ts';
import type { LabelsOf } from '../label/resolve.ts';
import type { Store } from '../store/port.ts';
import type { EntityIndex, EntitySummary, LabelledMember, Service } from './entity.ts';
import { buildAccountEntities, DEFAULT_DEPOSIT_OPTIONS, type DepositOptions } from './entity-account.ts';
import {
  type EntityColumns,
  type EntityState,
  type FlowPart,
  readEntities,
  readEntityState,
  readFacts,
  refusalsOf,
  writeEntities,
} from './entity-files.ts';
import { Entities, sizesOf } from './entity-index.ts';
import { changedEntries, type ServiceTable, servicesOf } from './entity-services.ts';
import { buildUtxoEntities, type Earlier } from './entity-utxo.ts';

export interface EntitySettings {
  /** Clusters of more members each do not meet. */
  readonly sizeLimit: number;
  readonly deposits: DepositOptions;
}

export const DEFAULT_ENTITY_SETTINGS: EntitySettings = {
  sizeLimit: DEFAULT_SIZE_LIMIT,
  deposits: DEFAULT_DEPOSIT_OPTIONS,
};

export interface EntityPlace {
  readonly store: Store;
  readonly flow: ChainFlow;
  /** The flow's segments: what stands before the first that differs from the index's is known and not read again. */
  readonly parts: readonly FlowPart[];
  /** Of `entityFolder`; null keeps the index in memory. */
  readonly folder: string | null;
  /** Of all categories, where they are looked up already. */
  readonly labels?: LabelsOf;
  readonly kernels?: Kernels;
  readonly settings?: EntitySettings;
  readonly progress?: Progress;
}

/**
 * The entities of a chain, as its flow and the labels of the store are now. What is stored and still holds is used; new transactions are
 * added; where some were taken back, or labels changed, the components they touch are run again; a damaged file, or one of another version
 * or other settings, is built anew. Throws E_INDEX_WRITE.
 */
export async function openEntities(place: EntityPlace): Promise<EntityIndex> {
  const { flow, parts, folder } = place;
  const table = await servicesOf(place.store, flow.addresses, place.labels);
  const state = folder === null ? null : usableState(place, readEntityState(folder));
  if (folder !== null && state !== null && isCurrent(state, place)) {
    const opened = openStored(place, folder, state, table);
    if (opened !== null) return opened;
  }
  const columns = state === null ? null : readQuietly(folder!, state);
  const built = await build(place, table, state, columns);
  if (folder === null) return inMemory(place, table, built);
  const written = writeEntities(folder, { ...headOf(place, table, built), parts }, built);
  return openStored(place, folder, written, table) ?? inMemory(place, table, built);
}

export interface KeptEntities {
  readonly index: EntityIndex;
  /** Every labelled address of the chain, ascending. */
  readonly labelled: readonly LabelledMember[];
}

/**
 * The entities that a chain's files hold, of its flow or of the beginning of it, with the labels as they are now; nothing is built, and where labels
 * changed since, nobody is joined or parted by them. null where there are none, or they are of another history, version or settings. Throws E_INDEX_CORRUPT.
 */
export async function openKeptEntities(place: EntityPlace & { readonly folder: string }): Promise<KeptEntities | null> {
  const { folder, flow, parts, store, labels } = place;
  const state = usableState(place, readEntityState(folder));
  if (state === null || !state.parts.every((part, at) => JSON.stringify(part) === JSON.stringify(parts[at])))
    return null;
  const table = await servicesOf(store, flow.addresses, labels);
  const reader = new SegmentReader(folder, state.columns);
  try {
    const facts = readFacts(reader);
    const index = new Entities({
      model: flow.model,
      book: flow.addresses,
      roots: reader.uint32('roots'),
      refusals: () => refusalsOf(reader.words('refusals')),
      mixes: facts.mixes,
      deposits: facts.deposits,
      services: state.services,
      table,
      summary: summaryOf(state, facts, table, reader.bytesOf('refusals') / 28),
      close: () => reader.close(),
    });
    return { index, labelled: table.labelled };
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** What is built, with what a state says of it. */
interface Built extends EntityColumns {
  readonly overflowed: boolean;
}

function settingsOf({ settings = DEFAULT_ENTITY_SETTINGS }: EntityPlace): string {
  return JSON.stringify(settings);
}

function usableState(place: EntityPlace, state: EntityState | null): EntityState | null {
  const { chain, model } = place.flow;
  return state?.chain === chain && state.model === model && state.settings === settingsOf(place) ? state : null;
}

function isCurrent(state: EntityState, { flow, parts }: EntityPlace): boolean {
  return JSON.stringify(state.parts) === JSON.stringify(parts) && state.addresses === flow.addresses.size;
}

/** Rows of the leading parts that both have. */
function sameRows(before: readonly FlowPart[], now: readonly FlowPart[]): number {
  let rows = 0;
  for (const [at, part] of before.entries()) {
    if (now[at]?.digest !== part.digest || now[at].rows !== part.rows) break;
    rows += part.rows;
  }
  return rows;
}

/** null where labels have changed, or a page is damaged: all of them are looked at, some gigabytes a second. */
function openStored(place: EntityPlace, folder: string, state: EntityState, table: ServiceTable): EntityIndex | null {
  const reader = new SegmentReader(folder, state.columns);
  try {
    const facts = reader.check().length > 0 ? null : readFacts(reader);
    if (facts === null || changedEntries(facts.entries, table.entries).length > 0) {
      reader.close();
      return null;
    }
    return new Entities({
      model: place.flow.model,
      book: place.flow.addresses,
      roots: reader.uint32('roots'),
      refusals: () => refusalsOf(reader.words('refusals')),
      mixes: facts.mixes,
      deposits: facts.deposits,
      services: table.services,
      table,
      summary: summaryOf(state, facts, table, reader.bytesOf('refusals') / 28),
      close: () => reader.close(),
    });
  } catch (error) {
    reader.close();
    if (isCorrupt(error)) return null;
    throw error;
  }
}

function readQuietly(folder: string, state: EntityState): EntityColumns | null {
  try {
    return readEntities(folder, state);
  } catch (error) {
    if (isCorrupt(error)) return null;
    throw error;
  }
}

/** A damaged file is no loss: everything is in the flow and the store. */
function isCorrupt(error: unknown): boolean {
  return error instanceof HaetaeError && error.code === 'E_INDEX_CORRUPT';
}

async function build(
  place: EntityPlace,
  table: ServiceTable,
  state: EntityState | null,
  columns: EntityColumns | null,
): Promise<Built> {
  const { flow, progress = SILENT, settings = DEFAULT_ENTITY_SETTINGS } = place;
  const kernels = place.kernels ?? (await loadKernels());
  const { sizeLimit } = settings;
  if (flow.model === 'account') {
    const built = buildAccountEntities(flow, {
      kernels,
      services: table,
      sizeLimit,
      rules: settings.deposits,
      progress,
    });
    return { ...built, mixes: null, entries: table.entries, overflowed: false };
  }
  const earlier = state === null || columns === null ? null : earlierOf(place, state, columns, table);
  const built = buildUtxoEntities(flow, { kernels, services: table.numberOf, sizeLimit, progress }, earlier);
  return { ...built, deposits: null, entries: table.entries };
}

function earlierOf(
  { flow, parts }: EntityPlace,
  state: EntityState,
  columns: EntityColumns,
  table: ServiceTable,
): Earlier | null {
  const { clusters, mixes } = columns;
  if (mixes === null || state.addresses > flow.addresses.size) return null;
  const touched = changedEntries(columns.entries, table.entries).map((address) => flow.addresses.find(address));
  return {
    state: {
      clusters: renumbered(clusters, state.services, table.services),
      mixes,
      txCount: state.steps,
      overflowed: state.overflowed,
    },
    same: sameRows(state.parts, parts),
    touched: touched.filter((address) => address >= 0),
  };
}

/** Refusals with the numbers that services have now. A service that is gone stood in a component that is run again. */
function renumbered(clusters: SavedClusters, before: readonly Service[], now: readonly Service[]): SavedClusters {
  const numbers = new Map(now.map(({ id }, index) => [id, index + 1]));
  const number = (old: number): number => (old === 0 ? 0 : (numbers.get(before[old - 1]!.id) ?? 0));
  const refusals = clusters.refusals.map(
    (refused): Refused => ({ ...refused, labelA: number(refused.labelA), labelB: number(refused.labelB) }),
  );
  return { ...clusters, refusals };
}

function headOf(
  place: EntityPlace,
  table: ServiceTable,
  built: Built,
): Omit<EntityState, 'columns' | 'version' | 'parts'> {
  const { flow } = place;
  return {
    chain: flow.chain,
    model: flow.model,
    settings: settingsOf(place),
    addresses: flow.addresses.size,
    steps: flow.steps.count,
    services: table.services,
    overflowed: built.overflowed,
    counts: countsOf(built.clusters.roots),
  };
}

function countsOf(roots: Uint32Array): EntityState['counts'] {
  let [entities, clusters, largest] = [0, 0, 0];
  for (const size of sizesOf(Uint32Column.of(roots))) {
    if (size > 0) entities += 1;
    if (size > 1) clusters += 1;
    if (size > largest) largest = size;
  }
  return { entities, clusters, largest };
}

function inMemory(place: EntityPlace, table: ServiceTable, built: Built): EntityIndex {
  const { clusters, mixes, deposits } = built;
  const state = { addresses: place.flow.addresses.size, counts: countsOf(clusters.roots) };
  return new Entities({
    model: place.flow.model,
    book: place.flow.addresses,
    roots: Uint32Column.of(clusters.roots),
    refusals: () => clusters.refusals,
    mixes,
    deposits,
    services: table.services,
    table,
    summary: summaryOf(state, built, table, clusters.refusals.length),
    close: () => {},
  });
}

function summaryOf(
  { addresses, counts }: Pick<EntityState, 'addresses' | 'counts'>,
  { mixes, deposits }: Pick<EntityColumns, 'mixes' | 'deposits'>,
  table: ServiceTable,
  refusals: number,
): EntitySummary {
  return {
    addresses,
    ...counts,
    refusals,
    mixes: mixes?.txs.length ?? 0,
    deposits: deposits?.count ?? 0,
    labelsUnseen: table.unseen,
    labelsContradicting: table.contradicting,
  };
}
