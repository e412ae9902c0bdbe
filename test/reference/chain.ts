/** Random chains for the accounting: small numbers, so that ties, meetings, shortages and empty places are common. */
import fc from 'fast-check';
import {
  DESTROYED,
  type EngineOptions,
  FEE,
  type Leg,
  OUTSIDE,
  type PlaceTable,
  type Step,
  type StopKind,
  type TheftInfo,
} from '../../src/taint/step.ts';

export const OWNERS = 6;
export const ASSETS = 3;
/** Account places are owner · ASSETS + asset; outpoints follow. */
export const ACCOUNTS = OWNERS * ASSETS;
/** Its places are not tracked: a clean, infinite source. */
export const UNTRACKED = OWNERS - 1;

export interface Chain {
  readonly table: PlaceTable;
  readonly thefts: readonly TheftInfo[];
  readonly options: EngineOptions;
  readonly steps: readonly Step[];
}

export interface Shape {
  /** Account transactions of several legs and assets. */
  readonly swaps: boolean;
  readonly utxo: boolean;
  readonly links: boolean;
  readonly stops: boolean;
  readonly limits: boolean;
  readonly marks: boolean;
  readonly thefts: number;
}

export const EVERYTHING: Shape = {
  swaps: true,
  utxo: true,
  links: true,
  stops: true,
  limits: true,
  marks: true,
  thefts: 3,
};

const STOPS: readonly (StopKind | null)[] = [
  null,
  'service',
  'bridge',
  'feeTaker',
  'hopLimit',
  'mixer',
  'burn',
  'suspectedService',
];
const IDS = ['b', 'a', 'c'];

interface RawLeg {
  readonly from: number;
  readonly to: number;
  readonly asset: number;
  readonly amount: number;
}

type Raw =
  | { readonly kind: 'pay'; readonly legs: readonly RawLeg[]; readonly atom: boolean; readonly later: number }
  | {
      readonly kind: 'utxo';
      readonly spend: readonly number[];
      readonly outs: readonly { readonly weight: number; readonly stop: number }[];
      readonly extra: number;
      readonly later: number;
    }
  | {
      readonly kind: 'seed';
      readonly theft: number;
      readonly at: number;
      readonly amount: number;
      readonly units: number;
      readonly mark: boolean;
      readonly later: number;
    }
  | {
      readonly kind: 'arrival';
      readonly departure: number;
      readonly at: number;
      readonly amount: number;
      readonly mark: boolean;
      readonly later: number;
    };

const later = fc.nat(1);
/** The first account asset mostly, or an unspent outpoint. */
const place = fc.oneof(
  { weight: 5, arbitrary: fc.nat(5).map((owner) => owner * ASSETS) },
  { weight: 4, arbitrary: fc.nat(99) },
);

function rawLeg(shape: Shape): fc.Arbitrary<RawLeg> {
  return fc.record({
    from: fc.oneof({ weight: 9, arbitrary: fc.nat(UNTRACKED - 1) }, { weight: 1, arbitrary: fc.nat(OWNERS) }),
    to: fc.oneof(
      { weight: 8, arbitrary: fc.nat(UNTRACKED - 1) },
      { weight: 1, arbitrary: fc.integer({ min: OWNERS, max: OWNERS + 1 }) },
    ),
    asset: shape.swaps ? fc.constantFrom(0, 0, 1, 1, 2) : fc.constant(0),
    amount: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 9, arbitrary: fc.nat(40) }),
  });
}

function rawSeed(shape: Shape): fc.Arbitrary<Raw> {
  return fc.record({
    kind: fc.constant('seed' as const),
    theft: fc.nat(shape.thefts - 1),
    at: place,
    amount: fc.integer({ min: 1, max: 60 }),
    units: fc.integer({ min: 1, max: 100 }),
    mark: fc.constant(false),
    later,
  });
}

function rawStep(shape: Shape): fc.Arbitrary<Raw> {
  const pay = fc.record({
    kind: fc.constant('pay' as const),
    legs: fc.oneof(
      fc.array(rawLeg(shape), { minLength: 1, maxLength: 1 }),
      fc.array(rawLeg(shape), { minLength: 1, maxLength: shape.swaps ? 6 : 3 }),
    ),
    atom: shape.swaps ? fc.nat(9).map((n) => n === 0) : fc.constant(false),
    later,
  });
  const seed = rawSeed(shape);
  const marked = fc.record({
    kind: fc.constant('seed' as const),
    theft: fc.nat(shape.thefts - 1),
    at: place,
    amount: fc.integer({ min: 1, max: 25 }),
    units: fc.integer({ min: 1, max: 100 }),
    mark: fc.constant(true),
    later,
  });
  const utxo = fc.record({
    kind: fc.constant('utxo' as const),
    spend: fc.array(fc.nat(30), { maxLength: 4 }),
    outs: fc.array(fc.record({ weight: fc.nat(9), stop: fc.nat(20) }), { maxLength: 5 }),
    extra: fc.integer({ min: -3, max: 3 }),
    later,
  });
  const arrival = fc.record({
    kind: fc.constant('arrival' as const),
    departure: fc.nat(40),
    at: place,
    amount: fc.nat(50),
    mark: fc.boolean(),
    later,
  });
  return fc.oneof(
    { weight: 12, arbitrary: pay },
    { weight: 2, arbitrary: seed },
    ...(shape.marks ? [{ weight: 2, arbitrary: marked }] : []),
    ...(shape.utxo ? [{ weight: 8, arbitrary: utxo }] : []),
    ...(shape.links ? [{ weight: 2, arbitrary: arrival }] : []),
  );
}

export function chain(shape: Shape, maxLength = 40): fc.Arbitrary<Chain> {
  return fc
    .record({
      opening: fc.array(rawSeed(shape), { minLength: 1, maxLength: 4 }),
      raws: fc.array(rawStep(shape), { minLength: 3, maxLength, size: 'max' }),
      stops: fc.array(fc.nat(shape.stops ? STOPS.length - 1 : 0), { minLength: 2, maxLength: 2 }),
      meeting: fc.constantFrom('first' as const, 'share' as const),
      least: fc.array(fc.nat(shape.limits ? 4 : 0), { minLength: shape.thefts, maxLength: shape.thefts }),
      maxHops: shape.limits ? fc.option(fc.nat(4)) : fc.constant(null),
    })
    .map(({ opening, raws, stops, meeting, least, maxHops }) => {
      const builder = new Builder(
        stops.map((stop) => STOPS[stop]!),
        shape,
      );
      for (const raw of [...opening, ...raws]) builder.add(raw);
      return {
        table: builder,
        thefts: IDS.slice(0, shape.thefts).map((id) => ({ id })),
        options: { meeting, minUnits: least.map(BigInt), maxHops },
        steps: builder.steps,
      };
    });
}

/** Turns raw numbers into steps; it is the place table of the chain too. */
class Builder implements PlaceTable {
  readonly steps: Step[] = [];
  count = ACCOUNTS;
  readonly #accountStops: readonly (StopKind | null)[];
  readonly #utxoStops: boolean;
  readonly #stopOf = new Map<number, StopKind>();
  readonly #unspent: { place: number; value: bigint }[] = [];
  /** Rows that paid a stop: what documented links start from. */
  readonly #stopRows: number[] = [];
  #time = 0;
  #row = 0;

  constructor(stops: readonly (StopKind | null)[], shape: Shape) {
    this.#accountStops = stops;
    this.#utxoStops = shape.stops;
  }

  asset(place: number): number {
    return place < ACCOUNTS ? place % ASSETS : ASSETS;
  }

  owner(place: number): number {
    return place < ACCOUNTS ? Math.floor(place / ASSETS) : place;
  }

  /** The last two tracked owners may be stops. */
  stop(place: number): StopKind | null {
    if (place >= ACCOUNTS) return this.#stopOf.get(place) ?? null;
    return this.#accountStops[this.owner(place) - (UNTRACKED - 2)] ?? null;
  }

  tracked(place: number): boolean {
    return place >= ACCOUNTS || this.owner(place) !== UNTRACKED;
  }

  add(raw: Raw): void {
    this.#time += raw.later;
    if (raw.kind === 'pay') this.#pay(raw);
    else if (raw.kind === 'utxo') this.#utxo(raw);
    else if (raw.kind === 'seed') this.#seed(raw);
    else this.#arrival(raw);
  }

  #pay({ legs, atom }: Extract<Raw, { kind: 'pay' }>): void {
    const made = legs.map(({ from, to, asset, amount }): Leg => {
      const receiver = to === OWNERS ? FEE : to > OWNERS ? DESTROYED : to * ASSETS + asset;
      // Taint never gets to an untracked owner, and neither do swaps: it only pays single movements.
      const payer = from >= OWNERS ? OUTSIDE : from === UNTRACKED && legs.length > 1 ? OUTSIDE : from * ASSETS + asset;
      this.#row += 1;
      if (receiver >= 0 && this.stop(receiver) !== null) this.#stopRows.push(this.#row);
      return {
        from: payer === OUTSIDE && receiver < 0 ? asset : payer,
        to: receiver,
        amount: BigInt(amount),
        row: this.#row,
      };
    });
    this.steps.push({ kind: 'account', time: this.#time, legs: made, ...(atom ? { atom } : {}) });
  }

  #utxo({ spend, outs, extra }: Extract<Raw, { kind: 'utxo' }>): void {
    const inputs = spend.flatMap((pick) => {
      if (pick >= 28) return [{ place: this.#newPlace(0), value: BigInt(pick) }];
      const [found] = this.#unspent.splice(pick % Math.max(1, this.#unspent.length), 1);
      return found === undefined ? [] : [found];
    });
    const paid =
      inputs.reduce((total, input) => total + input.value, 0n) + BigInt(extra === 3 ? 7 : extra < 0 ? extra : 0);
    const weights = outs.reduce((total, out) => total + BigInt(out.weight), 0n);
    const outputs = outs.map(({ weight, stop }) => {
      const value = weights > 0n && paid > 0n ? (paid * BigInt(weight)) / weights : 0n;
      const place = this.#newPlace(stop);
      if (this.stop(place) === null) this.#unspent.push({ place, value });
      return { place, value };
    });
    this.#row += 1;
    if (outputs.some((output) => this.stop(output.place) !== null)) this.#stopRows.push(this.#row);
    this.steps.push({ kind: 'utxo', time: this.#time, inputs, outputs, row: this.#row });
  }

  #seed({ theft, at, amount, units, mark }: Extract<Raw, { kind: 'seed' }>): void {
    const place = this.#pickPlace(at);
    const mode = mark ? 'mark' : 'credit';
    this.steps.push({
      kind: 'seed',
      time: this.#time,
      theft,
      place,
      amount: BigInt(amount),
      units: BigInt(units),
      mode,
    });
  }

  #arrival({ departure, at, amount, mark }: Extract<Raw, { kind: 'arrival' }>): void {
    const row = this.#stopRows.length === 0 ? departure : this.#stopRows[departure % this.#stopRows.length]!;
    const mode = mark ? 'mark' : 'credit';
    this.steps.push({
      kind: 'arrival',
      time: this.#time,
      departure: row,
      place: this.#pickPlace(at),
      amount: BigInt(amount),
      mode,
    });
  }

  /** A place that is never a stop. */
  #pickPlace(at: number): number {
    if (at >= 70 && this.#unspent.length > 0) return this.#unspent[at % this.#unspent.length]!.place;
    return at % ((UNTRACKED - 2) * ASSETS);
  }

  #newPlace(stop: number): number {
    const place = this.count;
    this.count += 1;
    const kind = this.#utxoStops && stop > 17 ? STOPS[stop - 16] : null;
    if (kind !== null && kind !== undefined) this.#stopOf.set(place, kind);
    return place;
  }
}
