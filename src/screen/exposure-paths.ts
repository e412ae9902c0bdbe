import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatTime } from '../base/time.ts';
import { DEFAULT_CATEGORIES } from '../exposure/categories.ts';
import { decide } from '../exposure/deciding.ts';
import { type DescribedPath, describePaths } from '../exposure/explain.ts';
import type { Exposure } from '../exposure/vector.ts';
import type { ChainFlow } from '../flow/flow.ts';
import { labelsOfMany } from '../label/resolve.ts';
import type { AssetId } from '../model/asset.ts';
import type { Store } from '../store/port.ts';
import type { ExposureChain, FoundExposures } from './exposure-chain.ts';
import { exposureFacts, type FoundPath, wholeUnits } from './exposure-facts.ts';
import type { ExposureFact } from './facts.ts';
import { exposureOfNear, nearOf, paymentsOf } from './impact-exact.ts';

export interface PathQuestion {
  readonly store: Store;
  readonly opened: ExposureChain;
  /** By address id: categories as they are now. */
  readonly lanes: Uint8Array;
  readonly address: string;
  readonly asset: AssetId | null;
  /** What the table, or what is newer, says. */
  readonly known: (id: number, asset: AssetId) => Exposure | null;
}

/** Movements that may be looked at in one search, so that others wait some hundredths of a second at most. */
export const PATH_BUDGET = 20_000;
/** An address with more payments of an asset than this is not looked through. */
const MOST_PAYMENTS = 5_000;
/** Assets of one address for which paths are sought. */
const MOST_ASSETS = 5;
/** Movements of the store read to name one transaction. */
const MOST_LOOKED = 1_000;

/** Exposures of an address from its movements, with the strongest path of each category. `missing`: what paths could not be sought for. */
export async function pathsOfAddress(question: PathQuestion): Promise<FoundExposures> {
  const { opened, address, asset } = question;
  const { flow, table } = opened;
  const missing: string[] = [];
  const id = flow === null || table === null ? -1 : flow.addresses.find(address);
  if (id < 0) return { facts: [], missing };
  const assets = (asset === null ? opened.assetsOf(id).assets : [asset]).filter((each) => {
    const exposure = question.known(id, each);
    return exposure !== null && exposure.received.categories.length + exposure.sent.categories.length > 0;
  });
  if (assets.length > MOST_ASSETS) missing.push(`paths: ${assets.length - MOST_ASSETS} more assets were not looked at`);
  const facts: ExposureFact[] = [];
  for (const each of assets.slice(0, MOST_ASSETS)) {
    const found = await assetPaths(question, flow!, id, each);
    if (typeof found === 'string') missing.push(found);
    else facts.push(...found);
    await nextTurn();
  }
  return { facts, missing };
}

async function assetPaths(
  question: PathQuestion,
  flow: ChainFlow,
  id: number,
  asset: AssetId,
): Promise<readonly ExposureFact[] | string> {
  const { store, opened, lanes } = question;
  const { facts } = opened.table!;
  const index = assetIndex(flow, asset);
  const known = question.known(id, asset);
  if (index < 0 || known === null) return [];
  if (paymentsOf(flow, index, id) > MOST_PAYMENTS) return `paths: the address has too many payments (${asset})`;
  const near = nearOf(opened, { lanes, id, asset: index, budget: PATH_BUDGET, withPaths: true });
  if (near === null) return [];
  if (near === 'too many') return `paths: its money came through too many movements (${asset})`;
  const exposure = exposureOfNear(opened, { lanes, id, asset: index, known }, near);
  const both = [...near.paths.received, ...near.paths.sent];
  const described = (await describePaths(store, flow, both, facts.categories, lanes, MOST_LOOKED)).map((path, at) =>
    at < near.paths.received.length ? path : { ...path, source: path.steps.at(-1)!.to },
  );
  const labels = await labelsOfEnds(store, flow, described);
  const found = described.map((path) => [path.category, foundPath(path, labels)] as const);
  return exposureFacts(exposure, {
    received: new Map(found.slice(0, near.paths.received.length)),
    sent: new Map(found.slice(near.paths.received.length)),
  });
}

function assetIndex(flow: ChainFlow, asset: AssetId): number {
  return flow.model === 'utxo'
    ? flow.asset === asset
      ? 0
      : -1
    : flow.assets.findIndex((each) => each.asset === asset);
}

/** The label of the category that each path begins (ends) at, by address. */
async function labelsOfEnds(
  store: Store,
  { chain }: ChainFlow,
  paths: readonly DescribedPath[],
): Promise<ReadonlyMap<string, string>> {
  const owners = paths.flatMap(({ source }) => (source === '' ? [] : [{ chain, address: source }]));
  const found = await labelsOfMany(store, owners);
  const said = new Map<string, string>();
  for (const { address } of owners) {
    const { label } = decide(found.get(`${chain}|${address}`) ?? [], DEFAULT_CATEGORIES);
    if (label !== null) said.set(address, label.label);
  }
  return said;
}

function foundPath({ source, amount, steps }: DescribedPath, labels: ReadonlyMap<string, string>): FoundPath {
  return {
    hops: steps.length,
    path: {
      amount: wholeUnits(amount),
      origin: source,
      label: labels.get(source) ?? null,
      steps: steps.map((step) => ({
        tx: step.tx,
        time: formatTime(step.time),
        from: step.from,
        to: step.to === '' ? null : step.to,
        asset: step.asset,
        amount: step.amount.toString(),
      })),
    },
  };
}
