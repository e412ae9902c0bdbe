import type { Random } from '../base/random.ts';
import type { UnixSeconds } from '../base/time.ts';
import { DAY, HOUR, MINUTE, START } from './era.ts';

/** How a hot wallet is robbed. `pieces`: 31 withdrawals in 12 minutes, as at Drift. */
export const ROBBERY_SHAPES = ['sweep', 'pieces', 'tokens', 'spread'] as const;
export type RobberyShape = (typeof ROBBERY_SHAPES)[number];

export interface YearAsset {
  /** US dollars a whole unit. */
  readonly price: number;
  readonly weight: number;
  /** Day of its listing; 0 from the start. */
  readonly listed: number;
}

export interface YearPlan {
  readonly assets: readonly YearAsset[];
  readonly bankRun: number | null;
  readonly coldChange: number | null;
  /** Days on which one asset is wanted twenty times as much. */
  readonly crazes: readonly { readonly day: number; readonly asset: number }[];
  /** In order of time. `partner`: a share of an asset goes to partner exchange `at`; `move`: a share of all to a new hot wallet. */
  readonly operations: readonly {
    readonly time: UnixSeconds;
    readonly kind: 'partner' | 'move' | 'listing';
    readonly at: number;
    readonly asset: number;
    readonly share: number;
  }[];
}

export interface Robbery {
  readonly time: UnixSeconds;
  readonly asset: number;
  /** Of what the wallet then holds. */
  readonly share: number;
  /** Number of the thief's address. */
  readonly to: number;
}

const MAIN_WEIGHTS = [0.34, 0.3, 0.12, 0.06, 0.04, 0.03, 0.02, 0.02, 0.015, 0.01];
const RARE_TOKENS = 20;
const LISTINGS_A_YEAR = 15;
const CRAZES_A_YEAR = 10;

interface PlanOptions {
  readonly seed: number;
  readonly days: number;
  readonly events: boolean;
}

export function planYear({ days, events }: PlanOptions, random: Random): YearPlan {
  const price = (): number => 10 ** (4 * random.unit() - 2);
  const assets: YearAsset[] = MAIN_WEIGHTS.map((weight, index) => ({
    price: index === 0 ? 2_000 : index === 1 ? 1 : price(),
    weight,
    listed: 0,
  }));
  for (let rare = 0; rare < RARE_TOKENS; rare += 1) assets.push({ price: price(), weight: 0.0006, listed: 0 });
  const operations: YearPlan['operations'][number][] = [];
  for (let listing = 0; listing < Math.round((LISTINGS_A_YEAR * days) / 365); listing += 1) {
    const day = 1 + random.below(days - 1);
    const time = START + day * DAY;
    operations.push({ time, kind: 'listing', at: 0, asset: assets.length, share: 1 });
    assets.push({ price: price(), weight: 0.003, listed: day });
  }
  for (let week = 1; week * 7 < days; week += 1) {
    const time = START + week * 7 * DAY + 10 * HOUR + random.below(4 * HOUR);
    const share = 0.05 + 0.1 * random.unit();
    // A partner gives another deposit address about every two months.
    operations.push({ time, kind: 'partner', at: Math.floor(week / 9), asset: random.below(2), share });
  }
  const late = (): number => Math.floor(days * (0.3 + 0.6 * random.unit()));
  const bankRun = late();
  const coldChange = late();
  const moving = START + late() * DAY + 8 * HOUR;
  const crazes = Array.from({ length: Math.round((CRAZES_A_YEAR * days) / 365) }, () => ({
    day: random.below(days),
    asset: 2 + random.below(MAIN_WEIGHTS.length - 2),
  }));
  if (!events) return { assets, bankRun: null, coldChange: null, crazes: [], operations: inTime(operations) };
  operations.push({ time: moving, kind: 'move', at: 0, asset: 0, share: 0.6 + 0.3 * random.unit() });
  return { assets, bankRun, coldChange, crazes, operations: inTime(operations) };
}

function inTime<T extends { readonly time: UnixSeconds }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => a.time - b.time);
}

interface RobberyOptions {
  readonly theft: { readonly shape: RobberyShape; readonly day: number } | null;
}

/** The thief's payments in order of time; each takes a share of what is there when it is made. */
export function robberyOf({ theft }: RobberyOptions, plan: YearPlan, random: Random): Robbery[] {
  if (theft === null) return [];
  const start = START + theft.day * DAY + random.below(DAY - 2 * HOUR);
  const between = (low: number, high: number): number => low + (high - low) * random.unit();
  const makers: Readonly<Record<RobberyShape, () => Robbery[]>> = {
    sweep: () => [{ time: start, asset: random.below(3), share: between(0.8, 0.99), to: 1 }],
    pieces: () => pieces(start, random, between(0.6, 0.95)),
    tokens: () => {
      const listed = plan.assets.flatMap((asset, index) => (asset.listed <= theft.day ? [index] : []));
      const step = between(1, 30);
      return shuffled(listed, random).map((asset, index) => ({
        time: start + Math.floor(index * step),
        asset,
        share: between(0.9, 0.999),
        to: 1,
      }));
    },
    spread: () => spread(start, random, between(0.6, 0.95)),
  };
  return inTime(makers[theft.shape]());
}

/** Of the four assets used most, in 31 payments over 12 minutes to one address. */
function pieces(start: UnixSeconds, random: Random, part: number): Robbery[] {
  const order = Array.from({ length: 31 }, (_, index) => index % 4);
  const left = [8, 8, 8, 7];
  const kept = [1, 1, 1, 1];
  return order.map((asset, index) => {
    // Equal pieces of `part`, written as shares of what is left.
    const each = part / (asset === 3 ? 7 : 8);
    const share = each / kept[asset]!;
    kept[asset]! -= each;
    left[asset]! -= 1;
    return { time: start + Math.floor((index * 12 * MINUTE) / 30) + random.below(5), asset, share, to: 1 };
  });
}

/** Of one to three assets, over 30 to 150 fresh addresses in 5 to 40 minutes. */
function spread(start: UnixSeconds, random: Random, part: number): Robbery[] {
  const addresses = 30 + random.below(121);
  const assets = 1 + random.below(3);
  const seconds = (5 + random.below(36)) * MINUTE;
  const pieces = Array.from({ length: addresses }, (_, index) => ({
    time: start + Math.floor((seconds * index) / addresses),
    asset: index % assets,
    size: 0.5 + random.unit(),
    to: index + 1,
  }));
  const sums = [0, 0, 0];
  for (const { asset, size } of pieces) sums[asset]! += size;
  const kept = [1, 1, 1];
  return pieces.map(({ time, asset, size, to }) => {
    const each = (part * size) / sums[asset]!;
    const share = each / kept[asset]!;
    kept[asset]! -= each;
    return { time, asset, share, to };
  });
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const result = [...list];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
