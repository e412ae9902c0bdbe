import {
  DESTROYED,
  type EngineOptions,
  OUTSIDE,
  type PlaceTable,
  type Step,
  type StopKind,
  type TheftInfo,
} from '../step.ts';

/**
 * The fast path: one theft counted in the base units of the one asset that moves, account movements only, every amount and
 * balance below 2^53. Then source units are tainted base units, and doubles hold every number exactly.
 */
export interface FastColumns {
  readonly placeCount: number;
  /** Per movement, in order: place, or OUTSIDE. */
  readonly from: Int32Array;
  /** Per movement: place, FEE or DESTROYED. */
  readonly to: Int32Array;
  /** Per movement: whole base units, 0 to 2^53 - 1. */
  readonly amount: Float64Array;
  /** Per place: 1 where a balance is kept. */
  readonly tracked: Uint8Array;
  /** Per place: 0, or 1 + index in {@link FAST_STOPS}. */
  readonly stop: Uint8Array;
  /** In order of `before`; seeds with the same `before` apply in this order. */
  readonly seeds: readonly FastSeed[];
}

export interface FastSeed {
  /** The seed precedes the movement of this index; the number of movements to come after all. */
  readonly before: number;
  readonly place: number;
  readonly amount: number;
  readonly mode: 'credit' | 'mark';
}

/** Stops in the order of their codes. `hopLimit` is none: the fast path follows without a limit. */
export const FAST_STOPS = ['service', 'suspectedService', 'mixer', 'burn', 'bridge', 'feeTaker'] as const;
export const FAST_BUCKETS = ['held', 'fee', 'absorbed', 'inFlight', 'leak'] as const;
export type FastBucket = (typeof FAST_BUCKETS)[number];

/** The bucket that a stop code ends in; '' for 0. */
export const BUCKET_OF_CODE: readonly (FastBucket | '')[] = [
  '',
  ...FAST_STOPS.map((stop) => (stop === 'bridge' ? 'inFlight' : stop === 'feeTaker' ? 'leak' : 'absorbed')),
];

export interface FastResult {
  readonly kind: 'exact';
  readonly stolen: number;
  /** Sum exactly to `stolen`. */
  readonly buckets: Readonly<Record<FastBucket, number>>;
  /** Per place: tainted base units held at the end. */
  readonly held: Float64Array;
  /** Per place: tainted base units that a stop took. */
  readonly absorbed: Float64Array;
  /** Per movement: tainted base units it carried. */
  readonly tainted: Float64Array;
  /** Index of each movement that spent more than its place was known to hold, and by how much, in order. */
  readonly shortages: { readonly movement: Int32Array; readonly amount: Float64Array };
}

/** Not an error: the general engine takes these, and says what is wrong with them where something is. `at`: index of the movement, or of the seed. */
export interface NotEligible {
  readonly kind: 'not eligible';
  readonly reason:
    | 'columns differ in length'
    | 'place out of range'
    | 'amount is not a whole number below 2^53'
    | 'balance leaves 2^53'
    | 'stolen leaves 2^53'
    | 'a seed of nothing'
    | 'a seed where no balance is kept'
    | 'mark exceeds the unmarked balance'
    | 'taint reaches a place that is not tracked'
    | 'several thefts'
    | 'several assets'
    | 'source units are not base units of the asset'
    | 'threshold or hop limit'
    | 'not a plain account movement';
  readonly at: number;
}

export type FastOutcome = FastResult | NotEligible;

export function notEligible(reason: NotEligible['reason'], at: number): NotEligible {
  return { kind: 'not eligible', reason, at };
}

/** Why these columns cannot take the fast path, or null. Balances that grow too large are found while it runs. */
export function whyNotEligible(columns: FastColumns): NotEligible | null {
  const { placeCount, from, to, amount, tracked, stop } = columns;
  const rows = amount.length;
  if (from.length !== rows || to.length !== rows || tracked.length !== placeCount || stop.length !== placeCount)
    return notEligible('columns differ in length', -1);
  for (let row = 0; row < rows; row += 1) {
    const x = amount[row]!;
    if (!(x >= 0 && x <= Number.MAX_SAFE_INTEGER && Math.floor(x) === x))
      return notEligible('amount is not a whole number below 2^53', row);
    const u = from[row]!;
    const v = to[row]!;
    if (u < OUTSIDE || u >= placeCount || v < DESTROYED || v === OUTSIDE || v >= placeCount)
      return notEligible('place out of range', row);
  }
  for (let place = 0; place < placeCount; place += 1)
    if (stop[place]! > FAST_STOPS.length) return notEligible('place out of range', place);
  return whySeedsNotEligible(columns);
}

function whySeedsNotEligible({ placeCount, amount, tracked, stop, seeds }: FastColumns): NotEligible | null {
  let stolen = 0;
  let before = 0;
  for (const [at, seed] of seeds.entries()) {
    if (!Number.isSafeInteger(seed.amount) || seed.amount < 0)
      return notEligible('amount is not a whole number below 2^53', at);
    const inPlace = Number.isInteger(seed.place) && seed.place >= 0 && seed.place < placeCount;
    const inOrder = Number.isInteger(seed.before) && seed.before >= before && seed.before <= amount.length;
    if (!inPlace || !inOrder) return notEligible('place out of range', at);
    if (seed.amount === 0) return notEligible('a seed of nothing', at);
    if (tracked[seed.place] === 0 || stop[seed.place]! > 0) return notEligible('a seed where no balance is kept', at);
    before = seed.before;
    stolen += seed.amount;
    if (stolen > Number.MAX_SAFE_INTEGER) return notEligible('stolen leaves 2^53', at);
  }
  return null;
}

/** The columns of the engine's steps where they fit the fast path. `rows`: the caller's number of each movement. */
export function columnsOfSteps(
  steps: readonly Step[],
  places: PlaceTable,
  thefts: readonly TheftInfo[],
  options: EngineOptions,
): { readonly kind: 'columns'; readonly columns: FastColumns; readonly rows: Float64Array } | NotEligible {
  if (thefts.length !== 1) return notEligible('several thefts', -1);
  if (options.maxHops !== null || (options.minUnits[0] ?? 0n) > 1n) return notEligible('threshold or hop limit', -1);
  const tables = placeColumns(places);
  if ('reason' in tables) return tables;
  const seeds: FastSeed[] = [];
  const count = steps.reduce((sum, step) => sum + (step.kind === 'account' ? step.legs.length : 0), 0);
  const columns = {
    placeCount: places.count,
    from: new Int32Array(count),
    to: new Int32Array(count),
    amount: new Float64Array(count),
    ...tables,
    seeds,
  };
  const rows = new Float64Array(count);
  let next = 0;
  for (const [at, step] of steps.entries()) {
    if (step.kind === 'seed') {
      if (step.units !== step.amount) return notEligible('source units are not base units of the asset', at);
      if (!isSafe(step.amount)) return notEligible('amount is not a whole number below 2^53', at);
      seeds.push({ before: next, place: step.place, amount: Number(step.amount), mode: step.mode });
    } else if (step.kind !== 'account' || step.atom === true) return notEligible('not a plain account movement', at);
    else {
      for (const leg of step.legs) {
        if (!isSafe(leg.amount)) return notEligible('amount is not a whole number below 2^53', at);
        columns.from[next] = leg.from;
        columns.to[next] = leg.to;
        columns.amount[next] = Number(leg.amount);
        rows[next] = leg.row;
        next += 1;
      }
    }
  }
  const fault = whyNotEligible(columns);
  return fault ?? { kind: 'columns', columns, rows };
}

function isSafe(amount: bigint): boolean {
  return amount >= 0n && amount <= Number.MAX_SAFE_INTEGER;
}

function placeColumns(places: PlaceTable): Pick<FastColumns, 'tracked' | 'stop'> | NotEligible {
  const tracked = new Uint8Array(places.count);
  const stop = new Uint8Array(places.count);
  for (let place = 0; place < places.count; place += 1) {
    if (places.asset(place) !== places.asset(0)) return notEligible('several assets', place);
    const kind: StopKind | null = places.stop(place);
    if (kind === 'hopLimit') return notEligible('threshold or hop limit', place);
    tracked[place] = places.tracked(place) ? 1 : 0;
    stop[place] = kind === null ? 0 : FAST_STOPS.indexOf(kind) + 1;
  }
  return { tracked, stop };
}
