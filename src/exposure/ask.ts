import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { ChainFlow } from '../flow/flow.ts';
import type { Kernels } from '../kernel/kernel.ts';
import { type LabelsOf, labelsOf } from '../label/resolve.ts';
import { type Asset, nativeAsset, requireAsset } from '../model/asset.ts';
import type { Store } from '../store/port.ts';
import { belongingOf, whyBelongs } from './belonging.ts';
import { NO_CATEGORY } from './categories.ts';
import { type CategoryTable, categorise } from './categorise.ts';
import type { ExposureSettings } from './category-file.ts';
import type { Decision } from './deciding.ts';
import type { EntityIndex } from './entity.ts';
import { type ExactAnswer, exactExposure } from './exact.ts';
import { type DescribedPath, describePaths } from './explain.ts';
import { assetsOf } from './update.ts';
import { type Exposure, exposureSide } from './vector.ts';

export interface Question {
  readonly store: Store;
  readonly flow: ChainFlow;
  readonly kernels: Kernels;
  readonly settings: ExposureSettings;
  /** Canonical on the flow's chain. */
  readonly address: string;
  /** As a person writes it; null: every asset the address moved. */
  readonly asset: string | null;
  /** Movements up to this second, and labels as they were known then; null: all, as of now. */
  readonly asOf: UnixSeconds | null;
  /** Paths to be named for each asset. */
  readonly paths: number;
  /** Of all categories, as of now, where they are looked up already. */
  readonly labels?: LabelsOf | undefined;
  /** Entities of the chain, where they are at hand. */
  readonly entities: EntityIndex | null;
}

export interface AssetAnswer {
  readonly asset: Asset;
  /** Payments of at most so many base units are small. */
  readonly dust: number;
  readonly exposure: Exposure;
  readonly exact: ExactAnswer;
  readonly paths: readonly DescribedPath[];
  readonly first: UnixSeconds | null;
  readonly last: UnixSeconds | null;
}

export interface Answer {
  readonly chain: string;
  readonly address: string;
  readonly asOf: UnixSeconds | null;
  /** Of the address itself: by a label, or by what it belongs to; null where nothing gives it one. */
  readonly category: string | null;
  readonly decision: Decision | null;
  readonly belongs: string | null;
  readonly assets: readonly AssetAnswer[];
  readonly table: CategoryTable;
  /** Seconds of the first and the last movement of the chain that counts. */
  readonly span: { readonly from: UnixSeconds; readonly to: UnixSeconds } | null;
}

/**
 * The exposure of one address, from its movements as they stand (docs/exposure.md). Throws E_NOT_FOUND where the chain's data never name the
 * address, or it never moved the asset.
 */
export async function askExposure(question: Question): Promise<Answer> {
  const { store, flow, settings, address, asOf, entities } = question;
  const id = flow.addresses.find(address);
  if (id < 0) throw await neverSeen(question);
  const table = await categoryTable(question);
  const known = await store.assets();
  const until = asOf === null ? flow.steps.count : flow.steps.firstAt(asOf + 1);
  const limits = assetsOf(flow, withNative(known, flow.chain), settings.dust);
  const wanted = question.asset === null ? null : requireAsset(question.asset, flow.chain).id;
  const assets: AssetAnswer[] = [];
  for (const [index, { id: assetId, dust }] of limits.entries()) {
    if (wanted !== null && assetId !== wanted) continue;
    const asset = known.find((each) => each.id === assetId) ?? requireAsset(assetId, flow.chain);
    const answer = await assetAnswer(question, { table, id, index, until, asset, dust, limits });
    if (answer !== null) assets.push(answer);
  }
  if (wanted !== null && assets.length === 0) throw neverMoved(question, wanted);
  const lane = table.lanes[id]!;
  const decision = table.decisions.get(id) ?? null;
  return {
    chain: flow.chain,
    address,
    asOf,
    category: lane === NO_CATEGORY ? null : table.set.names[lane]!,
    decision,
    belongs: decision === null && entities !== null ? whyBelongs(entities, table.set, id) : null,
    assets,
    table,
    span: until === 0 ? null : { from: flow.steps.time(0), to: flow.steps.time(until - 1) },
  };
}

interface AssetQuestion {
  readonly table: CategoryTable;
  readonly id: number;
  readonly index: number;
  readonly until: number;
  readonly asset: Asset;
  readonly dust: number;
  readonly limits: readonly { readonly dust: number }[];
}

async function assetAnswer(question: Question, asked: AssetQuestion): Promise<AssetAnswer | null> {
  const { flow, kernels, address, paths, entities, store } = question;
  const { table, id, index, until, asset, dust, limits } = asked;
  const { names } = table.set;
  const exact = exactExposure({
    flow,
    lanes: table.lanes,
    categories: names.length,
    asset: index,
    address: id,
    dust: limits.map((each) => each.dust),
    until,
    paths,
    kernels,
    // Clusters are as of now: as of a date nothing of them is known.
    ...(entities === null || question.asOf !== null ? {} : { entityOf: (number: number) => entities.entityOf(number) }),
  });
  if (exact === null || exact.figures.first === null) return null;
  const { large, small, sent, first, last } = exact.figures;
  const numbers = (figures: typeof large) => ({
    total: Number(figures.total),
    direct: figures.direct.map(Number),
    all: figures.all,
  });
  const lane = table.lanes[id]!;
  const exposure: Exposure = {
    chain: flow.chain,
    address,
    asset: asset.id,
    category: lane === NO_CATEGORY ? null : names[lane]!,
    received: exposureSide(names, numbers(large), numbers(small), dust),
    sent: exposureSide(names, numbers(sent), null, dust),
  };
  return {
    asset,
    dust,
    exposure,
    exact,
    paths: await describePaths(store, flow, exact.paths, names, table.lanes),
    first: flow.steps.time(first),
    last: last === null ? null : flow.steps.time(last),
  };
}

/** Categories by label, then by what addresses belong to. Entities are as of now: as of a date only labels count. */
async function categoryTable({ store, flow, settings, asOf, labels, entities }: Question): Promise<CategoryTable> {
  const { categories } = settings;
  if (asOf !== null) return categorise(store, flow.addresses, categories, { asOf });
  if (entities === null) return categorise(store, flow.addresses, categories, { labels });
  const belonging = (labelled: Iterable<number>) => belongingOf(entities, categories, labelled);
  return categorise(store, flow.addresses, categories, { labels, belonging });
}

function withNative(known: readonly Asset[], chain: string): Asset[] {
  return [nativeAsset(chain), ...known];
}

async function neverSeen({ store, flow, address, asOf }: Question): Promise<HaetaeError> {
  const labels = await labelsOf(store, address, { chain: flow.chain, ...(asOf === null ? {} : { asOf }) });
  const said = labels
    .filter(({ status }) => status === 'current')
    .map(({ category, label }) => `${category}: ${label}`);
  return new HaetaeError('E_NOT_FOUND', 'the data of this chain never name the address', {
    context: { address, chain: flow.chain, ...(said.length === 0 ? {} : { labels: said.slice(0, 3).join('; ') }) },
    remedy:
      'check the address and --chain, or import (or trace with --source) what it moved; haetae label says who it is',
  });
}

function neverMoved({ flow, address }: Question, asset: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'the address never moved this asset in the data', {
    context: { address, asset, chain: flow.chain },
    remedy: 'leave out --asset to see those it moved',
  });
}
