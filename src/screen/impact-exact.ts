import { NO_CATEGORY } from '../exposure/categories.ts';
import { type NearAnswer, nearExposure } from '../exposure/exact.ts';
import { type Exposure, exposureSide } from '../exposure/vector.ts';
import type { ChainFlow } from '../flow/flow.ts';
import type { ExposureChain } from './exposure-chain.ts';

export interface ExactQuestion {
  readonly opened: ExposureChain;
  readonly lanes: Uint8Array;
  readonly id: number;
  /** Index in the flow's assets. */
  readonly asset: number;
  /** What is known so far: what is too much to look at stays as it is there. */
  readonly known: Exposure;
}

/** Movements looked at for one address. */
const BUDGET = 4_000;
const MOST_PAYMENTS = 1_000;

/** The exposure of an account from its movements; null where that is too much to look at. */
export function exactOf({ opened, lanes, id, asset, known }: ExactQuestion): Exposure | null {
  const flow = opened.flow!;
  if (paymentsOf(flow, asset, id) > MOST_PAYMENTS) return null;
  const near = nearOf(opened, { lanes, id, asset, budget: BUDGET, withPaths: false });
  return near === null || near === 'too many' ? null : exposureOfNear(opened, { lanes, id, asset, known }, near);
}

export function nearOf(
  { flow, table, entities }: ExposureChain,
  {
    lanes,
    id,
    asset,
    budget,
    withPaths,
  }: Pick<ExactQuestion, 'lanes' | 'id' | 'asset'> & { readonly budget: number; readonly withPaths: boolean },
): NearAnswer | 'too many' | null {
  const { categories, assets } = table!.facts;
  return nearExposure({
    flow: flow!,
    lanes,
    categories: categories.length,
    asset,
    address: id,
    dust: assets.map(({ dust }) => dust),
    until: flow!.steps.count,
    budget,
    withPaths,
    ...(entities === null ? {} : { entityOf: (number: number) => entities.index.entityOf(number) }),
  });
}

/** An answer in the form of the table's; what was sent stays as it is known where it reaches too far. */
export function exposureOfNear(
  { table }: ExposureChain,
  { lanes, id, asset, known }: Pick<ExactQuestion, 'lanes' | 'id' | 'asset' | 'known'>,
  { figures, sentWhole }: NearAnswer,
): Exposure {
  const { categories, assets } = table!.facts;
  const dust = assets[asset]?.dust ?? 0;
  const numbers = (size: typeof figures.large) => ({
    total: Number(size.total),
    direct: size.direct.map(Number),
    all: size.all,
  });
  const lane = lanes[id]!;
  return {
    ...known,
    category: lane === NO_CATEGORY ? null : (categories[lane] ?? null),
    received: exposureSide(categories, numbers(figures.large), numbers(figures.small), dust),
    sent: sentWhole ? exposureSide(categories, numbers(figures.sent), null, dust) : known.sent,
  };
}

/** Payments of an account, both ways. */
export function paymentsOf(flow: ChainFlow, index: number, id: number): number {
  if (flow.model === 'utxo') return 2 * flow.outputsOf(id).length;
  const asset = flow.assets[index]!;
  const place = asset.placeOf(id);
  if (place < 0) return 0;
  return asset.segments.reduce(
    (sum, { in: into, out }) => sum + into.end(place) - into.start(place) + out.end(place) - out.start(place),
    0,
  );
}
