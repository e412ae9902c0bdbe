import assert from 'node:assert/strict';
import { formatTime } from '../../src/base/time.ts';
import { DESTROYED, FEE, type Leg, OUTSIDE, type PlaceTable, type Step, type StopKind } from '../../src/taint/step.ts';
import type { MethodResult, TheftResult, TraceResult } from '../../src/trace/result.ts';
import { absorptionsOf, bucketsOf, holdingsOf } from '../reference/outcome.ts';
import { Reference } from '../reference/reference.ts';
import type { Stage } from './_stage.ts';
import type { ScriptedTheft } from './_theft-script.ts';

/**
 * Where the stolen units truly are: the independent reference of the accounting (test/reference) over the list of movements that the
 * script of the theft kept of itself, from the first block on. Nothing here reads a node or runs code of src but for the shapes.
 */

export const METHODS = ['haircut', 'fifo', 'lifo-in', 'lifo-out', 'tiho', 'dirty-first', 'clean-first'];

export interface Place {
  readonly name: string;
  readonly owner: string;
  readonly asset: string;
}

/** What one theft has, in the form in which a result can be compared with it. Keys are names of places. */
export interface Truth {
  readonly stolen: string;
  readonly buckets: Readonly<Record<string, string>>;
  readonly held: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, string>>;
}

export class PlaceNames implements PlaceTable {
  readonly #places: Place[] = [];
  readonly #ids = new Map<string, number>();
  readonly #stops: ReadonlyMap<string, StopKind>;

  /** Owner (an address) → what kind of stop it is. */
  constructor(stops: ReadonlyMap<string, StopKind>) {
    this.#stops = stops;
  }

  id(place: Place): number {
    const known = this.#ids.get(place.name);
    if (known !== undefined) return known;
    this.#ids.set(place.name, this.#places.length);
    return this.#places.push(place) - 1;
  }

  get count(): number {
    return this.#places.length;
  }

  name(place: number): Place {
    return this.#places[place]!;
  }

  asset(place: number): number {
    return this.#numberOf((item) => item.asset === this.#places[place]!.asset);
  }

  owner(place: number): number {
    return this.#numberOf((item) => item.owner === this.#places[place]!.owner);
  }

  stop(place: number): StopKind | null {
    return this.#stops.get(this.#places[place]!.owner) ?? null;
  }

  tracked(): boolean {
    return true;
  }

  #numberOf(fits: (place: Place) => boolean): number {
    return this.#places.findIndex(fits);
  }
}

/** The truth of every theft by its id, by one method. */
export function truthOf(
  method: string,
  places: PlaceNames,
  thefts: readonly { readonly id: string }[],
  steps: readonly Step[],
): ReadonlyMap<string, Truth> {
  const options = { meeting: 'first' as const, minUnits: thefts.map(() => 0n), maxHops: null };
  const reference = new Reference(method, places, thefts, options);
  for (const step of steps) reference.apply(step);
  assert.deepEqual(reference.shortages, [], 'the script names every movement');
  return new Map(thefts.map(({ id }, index) => [id, truthOfTheft(reference, places, index)]));
}

function truthOfTheft(reference: Reference, places: PlaceNames, theft: number): Truth {
  const buckets = Object.entries(bucketsOf(reference, theft)).map(([name, units]) => [name, units.toString()]);
  const held = holdingsOf(reference, theft)
    .filter((item) => item.units > 0n)
    .map((item) => [places.name(item.place).name, heldText(item.amount, item.units, item.lastArrival, item.hops)]);
  const services = new Map<string, { amount: bigint; units: bigint }>();
  for (const { place, amount, units } of absorptionsOf(reference, theft)) {
    if (units === 0n) continue;
    const { owner, asset } = places.name(place);
    const sum = services.get(`${owner}|${asset}`) ?? { amount: 0n, units: 0n };
    services.set(`${owner}|${asset}`, { amount: sum.amount + amount, units: sum.units + units });
  }
  return {
    stolen: reference.stolen[theft]!.toString(),
    buckets: Object.fromEntries(buckets),
    held: Object.fromEntries(held),
    services: Object.fromEntries([...services].map(([name, { amount, units }]) => [name, `${amount} = ${units}`])),
  };
}

function heldText(amount: bigint | string, units: bigint | string, time: number | string, hops: number): string {
  return `${amount} = ${units} at ${typeof time === 'number' ? formatTime(time) : time}, ${hops} hops`;
}

/** What a result says, in the form of the truth. */
export function saidOf(method: MethodResult): Truth {
  const held = method.places.map((place) => [
    place.outpoint ?? `${place.address}|${place.asset}`,
    heldText(place.amount, place.sourceUnits, place.lastArrival, place.hops),
  ]);
  const services = method.services.map((service) => [
    `${service.address}|${service.asset}`,
    `${service.amount} = ${service.sourceUnits}`,
  ]);
  return {
    stolen: method.stolen,
    buckets: method.buckets ?? {},
    held: Object.fromEntries(held),
    services: Object.fromEntries(services),
  };
}

export function theftsOf(result: TraceResult): readonly TheftResult[] {
  return [result, ...result.furtherThefts];
}

/** To the last unit: the buckets sum to what was stolen, and the places to what is held. */
export function assertConserved(result: TraceResult): void {
  for (const { theft, methods } of theftsOf(result)) {
    for (const method of METHODS) {
      const { stolen, buckets, places, services } = methods[method]!;
      const sum = (values: Iterable<string>): bigint => [...values].reduce((total, value) => total + BigInt(value), 0n);
      assert.equal(stolen, theft.stolen, `${theft.id} ${method}: stolen`);
      assert.equal(sum(Object.values(buckets!)), BigInt(stolen), `${theft.id} ${method}: buckets`);
      assert.equal(
        sum(places.map((place) => place.sourceUnits)),
        BigInt(buckets!.held!),
        `${theft.id} ${method}: held`,
      );
      const resting = services.filter((service) => service.bucket === 'absorbed').map((service) => service.sourceUnits);
      assert.equal(sum(resting), BigInt(buckets!.absorbed!), `${theft.id} ${method}: absorbed`);
    }
  }
}

/** What of a script its truth is made from. */
export interface Scripted extends Pick<ScriptedTheft, 'drain' | 'thief' | 'stolen' | 'service'> {
  readonly stage: Pick<Stage, 'native' | 'genesis' | 'transactions'>;
}

/**
 * The same script as one must see it who knows of no payment by these contracts: the money is destroyed where they pay, and comes from
 * nowhere where they are said to have paid.
 */
export function unseen(script: Scripted, payers: readonly string[]): Scripted {
  const { native, genesis } = script.stage;
  const transactions = script.stage.transactions.map((item) => ({
    ...item,
    moves: item.moves.flatMap((move) =>
      move.asset === native && payers.includes(move.from ?? '')
        ? [
            { ...move, to: null },
            { ...move, from: null },
          ]
        : [move],
    ),
  }));
  return { ...script, stage: { native, genesis, transactions } };
}

/** What a transaction brought an address, taken as stolen right after it. */
export interface Mark {
  readonly tx: string;
  readonly address: string;
  readonly asset: string;
  readonly amount: bigint;
}

/** What the drain itself brought the thief. */
export function drainMarks({ drain, thief, stolen }: Scripted): Mark[] {
  return [...stolen].map(([asset, amount]) => ({ tx: drain.hash, address: thief, asset, amount }));
}

/** Steps of an account chain as the script made them: fees first and apart, then what the transaction moved. */
function accountSteps(
  { stage }: Scripted,
  places: PlaceNames,
  marks: readonly Mark[],
  thefts: readonly { readonly asset: string }[],
): Step[] {
  const at = (owner: string, asset: string): number => places.id({ name: `${owner}|${asset}`, owner, asset });
  const steps: Step[] = [];
  let row = 0;
  const leg = (from: number, to: number, amount: bigint): Leg => {
    row += 1;
    return { from, to, amount, row };
  };
  for (const [place, amount] of stage.genesis) {
    const [owner, asset] = place.split('|') as [string, string];
    steps.push({ kind: 'account', time: 0, legs: [leg(OUTSIDE, at(owner, asset), amount)] });
  }
  for (const { hash, sender, time, fees, moves } of stage.transactions) {
    const payer = at(sender, stage.native);
    steps.push({ kind: 'account', time, legs: fees.map((fee) => leg(payer, FEE, fee)) });
    const legs = moves.map(({ from, to, asset, amount }) =>
      leg(from === null ? OUTSIDE : at(from, asset), to === null ? DESTROYED : at(to, asset), amount),
    );
    if (legs.length > 0) steps.push({ kind: 'account', time, legs });
    for (const { address, asset, amount } of marks.filter((mark) => mark.tx === hash)) {
      const theft = thefts.findIndex((item) => item.asset === asset);
      steps.push({ kind: 'seed', time, theft, place: at(address, asset), amount, units: amount, mode: 'mark' });
    }
  }
  return steps;
}

/** The truth of a scripted theft, in the names that a result gave to the thefts of each asset. */
export function scriptTruth(
  script: Scripted,
  result: TraceResult,
  method: string,
  marks = drainMarks(script),
): ReadonlyMap<string, Truth> {
  const thefts = theftsOf(result)
    .map(({ theft }) => ({ id: theft.id, asset: theft.asset }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const places = new PlaceNames(new Map([[script.service, 'service']]));
  return truthOf(method, places, thefts, accountSteps(script, places, marks, thefts));
}

/** One theft an asset, conserved, and by every method where the script's own list of movements puts it. */
export function assertTruth(result: TraceResult, script: Scripted, marks = drainMarks(script)): void {
  const said = theftsOf(result).map(({ theft }) => [theft.asset, BigInt(theft.stolen)] as const);
  const stolen = new Map<string, bigint>();
  for (const { asset, amount } of marks) stolen.set(asset, (stolen.get(asset) ?? 0n) + amount);
  assert.deepEqual(new Map([...said].sort()), new Map([...stolen].sort()), 'what was stolen');
  assertConserved(result);
  for (const method of METHODS) {
    const truth = scriptTruth(script, result, method, marks);
    for (const { theft, methods } of theftsOf(result)) {
      assert.deepEqual(saidOf(methods[method]!), truth.get(theft.id), `${theft.id} by ${method}`);
    }
  }
}
