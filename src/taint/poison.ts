import { isSwap, swapLegs, toAtomLegs } from './legs.ts';
import type { MethodInfo } from './method.ts';
import {
  type AccountStep,
  type EngineOptions,
  FEE,
  type Leg,
  type PlaceId,
  type PlaceTable,
  type PoisonOutcome,
  type SeedStep,
  type Step,
  type TheftInfo,
  type Touch,
  type UtxoStep,
} from './step.ts';
import { atomFlows, outsOf } from './swap.ts';

export const POISON: MethodInfo = {
  name: 'poison',
  version: 1,
  summary: 'Reach, not an amount: every place that money of the theft can have come to, wholly, forward in time.',
};

export interface PoisonEngine {
  readonly method: 'poison';
  apply(step: Step): void;
  outcome(): PoisonOutcome;
  snapshot(): PoisonSnapshot;
  restore(snapshot: PoisonSnapshot): void;
  /** By theft index: whether the place was ever touched. */
  reached(place: PlaceId): readonly boolean[];
}

export interface PoisonSnapshot {
  readonly poison: PoisonState;
}

interface Reached {
  readonly since: number;
  readonly hops: number;
}

interface PoisonState {
  readonly reach: readonly ReadonlyMap<PlaceId, Reached>[];
  readonly departures: ReadonlyMap<number, readonly (number | undefined)[]>;
  readonly notes: ReadonlyMap<string, number>;
}

/** Reach of each theft on its own; meeting rules and thresholds do not apply. */
export function createPoison(
  places: PlaceTable,
  thefts: readonly TheftInfo[],
  options: EngineOptions,
  onTouch?: (touch: Touch) => void,
): PoisonEngine {
  return new Poison(places, thefts.length, options.maxHops, onTouch);
}

/** Hops by theft index; undefined where the theft does not pass. */
type Passing = readonly (number | undefined)[];

class Poison implements PoisonEngine {
  readonly method = 'poison';
  readonly #table: PlaceTable;
  readonly #maxHops: number;
  readonly #onTouch: ((touch: Touch) => void) | undefined;
  #reach: Map<PlaceId, Reached>[];
  /** What a transfer took into a stop: hops by theft, for a documented link. */
  #departures = new Map<number, Passing>();
  #notes = new Map<string, number>();

  constructor(
    table: PlaceTable,
    thefts: number,
    maxHops: number | null,
    onTouch: ((touch: Touch) => void) | undefined,
  ) {
    this.#table = table;
    this.#maxHops = maxHops ?? Number.POSITIVE_INFINITY;
    this.#onTouch = onTouch;
    this.#reach = Array.from({ length: thefts }, () => new Map());
  }

  apply(step: Step): void {
    if (step.kind === 'account') this.#account(step);
    else if (step.kind === 'utxo') this.#utxo(step);
    else if (step.kind === 'seed') this.#seed(step);
    else if (step.amount > 0n) this.#arrive(step.place, this.#departures.get(step.departure) ?? [], step.time);
  }

  outcome(): PoisonOutcome {
    const reach = this.#reach.map((places) => [...places].map(([place, { since, hops }]) => ({ place, since, hops })));
    return { method: 'poison', version: POISON.version, reach, notes: Object.fromEntries(this.#notes) };
  }

  snapshot(): PoisonSnapshot {
    const reach = this.#reach.map((places) => new Map(places));
    return { poison: { reach, departures: new Map(this.#departures), notes: new Map(this.#notes) } };
  }

  restore({ poison }: PoisonSnapshot): void {
    this.#reach = poison.reach.map((places) => new Map(places));
    this.#departures = new Map(poison.departures);
    this.#notes = new Map(poison.notes);
  }

  reached(place: PlaceId): boolean[] {
    return this.#reach.map((places) => places.has(place));
  }

  #seed({ theft, place, time }: SeedStep): void {
    this.#touchPlace(theft, place, 0, time);
  }

  #account(step: AccountStep): void {
    if ((step.legs.length > 1 || step.atom === true) && isSwap(step, this.#table)) {
      for (const leg of step.legs) if (leg.to === FEE) this.#move(leg, step.time);
      this.#atom(swapLegs(step.legs), step.time);
      return;
    }
    for (const leg of step.legs) this.#move(leg, step.time);
  }

  #move({ from, to, amount, row }: Leg, time: number): void {
    if (amount === 0n) return;
    const passing = this.#passing(from);
    if (passing === null) return;
    if (from !== to) this.#arrive(to, passing, time, row);
    this.#report(row, from, to, amount, passing, time);
  }

  #atom(legs: readonly Leg[], time: number): void {
    const payers = new Map<PlaceId, Passing>();
    for (const leg of legs) {
      const passing = leg.amount > 0n ? this.#passing(leg.from) : null;
      if (passing !== null) payers.set(leg.from, passing);
    }
    if (payers.size === 0) return;
    const reached = new Map<PlaceId, Passing>();
    const given = new Map<PlaceId, Passing>();
    for (const gift of atomFlows(toAtomLegs(legs, this.#table)).gifts) {
      const passing = gift.place === null ? undefined : payers.get(gift.place);
      if (passing === undefined) continue;
      given.set(gift.place!, passing);
      const paid = gift.plain.reduce((total, out) => total + out.amount, 0n);
      if (gift.conversions.length === 0 && paid < gift.amount) this.#note('swapWithoutOutput');
      if (gift.conversions.length > 1) this.#note('ambiguousSwap');
      for (const out of outsOf(gift)) reached.set(out.place, nearer(reached.get(out.place), passing));
    }
    for (const [place, passing] of reached) this.#arrive(place, passing, time);
    for (const leg of legs) {
      if (leg.amount === 0n || leg.from === leg.to) continue;
      const passing = reached.get(leg.to) ?? given.get(leg.from);
      if (passing === undefined) continue;
      if (reached.has(leg.to)) this.#depart(leg.to, passing, leg.row);
      this.#report(leg.row, leg.from, leg.to, leg.amount, passing, time);
    }
  }

  #utxo({ inputs, outputs, time, row }: UtxoStep): void {
    let all: Passing | null = null;
    let from: PlaceId | null = null;
    for (const input of inputs) {
      const passing = input.value > 0n ? this.#passing(input.place) : null;
      if (passing === null) continue;
      from ??= input.place;
      all = nearer(all ?? undefined, passing);
    }
    if (all === null || from === null) return;
    for (const { place, value } of outputs) {
      if (value === 0n) continue;
      this.#arrive(place, all, time, row);
      this.#report(row, from, place, value, all, time);
    }
  }

  /** What may leave a place: null where nothing does (never reached, a stop, beyond the hop limit). */
  #passing(place: PlaceId): Passing | null {
    if (place < 0 || this.#table.stop(place) !== null) return null;
    let any = false;
    const passing = this.#reach.map((places) => {
      const known = places.get(place);
      if (known === undefined || known.hops > this.#maxHops) return undefined;
      any = true;
      return known.hops;
    });
    return any ? passing : null;
  }

  #arrive(place: PlaceId, passing: Passing, time: number, row?: number): void {
    if (place < 0) return;
    passing.forEach((hops, theft) => {
      if (hops !== undefined) this.#touchPlace(theft, place, hops + 1, time);
    });
    if (row !== undefined) this.#depart(place, passing, row);
  }

  #depart(place: PlaceId, passing: Passing, row: number): void {
    const stop = place < 0 ? null : this.#table.stop(place);
    if (stop === null || stop === 'hopLimit') return;
    const further = passing.map((hops) => (hops === undefined ? undefined : hops + 1));
    this.#departures.set(row, nearer(this.#departures.get(row), further));
  }

  #touchPlace(theft: number, place: PlaceId, hops: number, time: number): void {
    const places = this.#reach[theft]!;
    const known = places.get(place);
    if (known === undefined) places.set(place, { since: time, hops });
    else if (hops < known.hops) places.set(place, { since: known.since, hops });
  }

  #report(row: number, from: PlaceId, to: PlaceId, amount: bigint, passing: Passing, time: number): void {
    if (this.#onTouch === undefined) return;
    const thefts = passing.flatMap((hops, theft) => (hops === undefined ? [] : [theft]));
    this.#onTouch({ row, from, to, amount, tainted: amount, units: [], time, thefts });
  }

  #note(name: string): void {
    this.#notes.set(name, (this.#notes.get(name) ?? 0) + 1);
  }
}

/** The fewer hops of each theft. */
function nearer(a: Passing | undefined, b: Passing): Passing {
  if (a === undefined) return b;
  return b.map((hops, theft) => {
    const other = a[theft];
    return hops === undefined ? other : other === undefined ? hops : Math.min(hops, other);
  });
}
