import { BUCKETS } from '../taint/step.ts';
import type { MethodResult, PlaceResult, ServiceResult, TheftResult } from '../trace/result.ts';
import { percent, type Unit } from './amount.ts';

/** Order in which methods are shown; the first one that was run leads. Pro rata depends least on the order of the movements. */
const METHOD_ORDER = ['haircut', 'fifo', 'lifo-in', 'lifo-out', 'tiho', 'dirty-first', 'clean-first'];

export interface NamedMethod {
  readonly name: string;
  readonly result: MethodResult;
}

/** A theft as a report reads it. */
export interface TheftView {
  readonly theft: TheftResult['theft'];
  readonly unit: Unit;
  /** Methods that conserve, in the order shown. */
  readonly methods: readonly NamedMethod[];
  readonly poison: NamedMethod | null;
}

export function viewTheft(theft: TheftResult): TheftView {
  const rank = (name: string): number =>
    METHOD_ORDER.includes(name) ? METHOD_ORDER.indexOf(name) : METHOD_ORDER.length;
  const all = Object.entries(theft.methods).map(([name, result]) => ({ name, result }));
  const methods = all
    .filter((method) => method.result.buckets !== null)
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
  const { symbol, decimals } = theft.theft;
  return {
    theft: theft.theft,
    unit: { symbol, decimals },
    methods,
    poison: all.find((method) => method.result.buckets === null) ?? null,
  };
}

/** What was stolen, split by what can be done about it. */
export interface Outcome {
  readonly stolen: bigint;
  readonly sum: bigint;
  readonly buckets: ReadonlyMap<string, bigint>;
  readonly askable: bigint;
  readonly otherStops: bigint;
  readonly heldAtEdge: bigint;
}

export function outcomeOf(method: MethodResult): Outcome {
  const buckets = new Map(Object.entries(method.buckets ?? {}).map(([name, units]) => [name, BigInt(units)]));
  const total = (units: readonly string[]): bigint => units.reduce((sum, text) => sum + BigInt(text), 0n);
  const askable = total(method.services.filter((service) => service.recoverable).map((service) => service.sourceUnits));
  return {
    stolen: BigInt(method.stolen),
    sum: [...buckets.values()].reduce((sum, units) => sum + units, 0n),
    buckets,
    askable,
    otherStops: (buckets.get('absorbed') ?? 0n) - askable,
    heldAtEdge: total(method.places.filter((place) => place.edgeOfData).map((place) => place.sourceUnits)),
  };
}

/** A service as all methods see it. */
export interface ComparedService {
  /** As the leading method that reached it has it. */
  readonly service: ServiceResult;
  /** Source units by each conserving method, 0 where it did not reach it; in the order of the view. */
  readonly units: readonly bigint[];
}

/** Whom to call first: recoverable before not, then by what the leading method says, then by the most any method says. */
export function compareServices(view: TheftView): ComparedService[] {
  const found = new Map<string, { service: ServiceResult; units: bigint[] }>();
  for (const [index, method] of view.methods.entries()) {
    for (const service of method.result.services) {
      const key = `${service.chain}|${service.address}|${service.asset}|${service.bucket}`;
      const row = found.get(key) ?? { service, units: view.methods.map(() => 0n) };
      row.units[index]! += BigInt(service.sourceUnits);
      found.set(key, row);
    }
  }
  return [...found.values()].sort(
    (a, b) =>
      Number(b.service.recoverable) - Number(a.service.recoverable) ||
      descending(a.units[0]!, b.units[0]!) ||
      descending(largest(a.units), largest(b.units)),
  );
}

/** A place that still holds, as all methods see it. */
export interface ComparedPlace {
  readonly place: PlaceResult;
  /** Source units by each conserving method, 0 where it leaves nothing there; in the order of the view. */
  readonly units: readonly bigint[];
}

/** Places by the most that any method says of them. */
export function comparePlaces(view: TheftView): ComparedPlace[] {
  const found = new Map<string, { place: PlaceResult; units: bigint[] }>();
  for (const [index, method] of view.methods.entries()) {
    for (const place of method.result.places) {
      const key = `${place.chain}|${place.address}|${place.asset}|${place.outpoint ?? ''}`;
      const row = found.get(key) ?? { place, units: view.methods.map(() => 0n) };
      row.units[index]! += BigInt(place.sourceUnits);
      found.set(key, row);
    }
  }
  return [...found.values()].sort((a, b) => descending(largest(a.units), largest(b.units)));
}

/** Addresses among places: on a UTXO chain one may hold many outpoints. */
export function countAddresses(places: MethodResult['places']): number {
  return new Set(places.map((place) => `${place.chain}|${place.address}`)).size;
}

export function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}

export function largest(units: readonly bigint[]): bigint {
  return units.reduce((most, value) => (value > most ? value : most), 0n);
}

/** Least and most of a share over methods: ["1.20 %", "9.81 %"]; null where there is none. */
export function shareRange(units: readonly bigint[], stolen: bigint): readonly [string, string] | null {
  if (units.length === 0) return null;
  const sorted = units.toSorted((a, b) => -descending(a, b));
  return [percent(sorted[0]!, stolen), percent(sorted.at(-1)!, stolen)];
}

/** Buckets that any method has, in the order of the contract, unknown ones last. */
export function bucketNames(view: TheftView): string[] {
  const names = new Set(view.methods.flatMap((method) => Object.keys(method.result.buckets ?? {})));
  const known: readonly string[] = BUCKETS;
  return [...known.filter((name) => names.has(name)), ...[...names].filter((name) => !known.includes(name)).sort()];
}
