import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { applyAccount } from './account.ts';
import { applyArrival } from './arrival.ts';
import { Books, type BooksState } from './books.ts';
import { CLEAN_FIRST, cleanFirst } from './clean-first.ts';
import { DIRTY_FIRST, dirtyFirst } from './dirty-first.ts';
import { FIFO, fifo } from './fifo.ts';
import { HAIRCUT, haircut } from './haircut.ts';
import { LIFO_IN, LIFO_OUT, lifo } from './lifo.ts';
import type { Method, MethodContext, MethodInfo } from './method.ts';
import { OverlapEngine } from './overlap.ts';
import { cleanParcel, type Parcel } from './parcel.ts';
import { POISON } from './poison.ts';
import { applySeed } from './seed.ts';
import { Seniority } from './seniority.ts';
import {
  BUCKETS,
  type Buckets,
  type EngineOptions,
  type EngineOutcome,
  type Holding,
  type PlaceId,
  type PlaceTable,
  type Step,
  type TheftInfo,
  type TheftOutcome,
  type Touch,
} from './step.ts';
import type { Claim } from './stock.ts';
import { TIHO, tiho } from './tiho.ts';
import { applyUtxo } from './utxo.ts';

/** Every method by name, in the order in which reports show them. */
export const METHODS: Readonly<Record<string, MethodInfo>> = {
  poison: POISON,
  haircut: HAIRCUT,
  fifo: FIFO,
  'lifo-in': LIFO_IN,
  'lifo-out': LIFO_OUT,
  tiho: TIHO,
  'dirty-first': DIRTY_FIRST,
  'clean-first': CLEAN_FIRST,
};

/** Of the methods that conserve. */
export const BUILDERS: Readonly<Record<string, (context: MethodContext) => Method>> = {
  haircut,
  fifo,
  'lifo-in': () => lifo('inputs'),
  'lifo-out': () => lifo('outputs'),
  tiho,
  'dirty-first': dirtyFirst,
  'clean-first': cleanFirst,
};

export interface Engine {
  readonly method: string;
  /** Steps come in order of time. A refused step (E_SEED, E_MARK_EXCEEDS) changes nothing. */
  apply(step: Step): void;
  /** May be read at any time; asserts that every stolen unit is in a bucket. */
  outcome(): EngineOutcome;
  snapshot(): Snapshot;
  /** Back to a snapshot of this engine; a snapshot may be used again. */
  restore(snapshot: Snapshot): void;
  /** Base units known to be at a place; 0n where no balance is kept. */
  balance(place: PlaceId): bigint;
  /** By theft index. Units at rest beyond the hop limit are not in it. */
  tainted(place: PlaceId): readonly Claim[];
  /** In order of arrival (queue methods), or one a theft, senior first, and the clean rest (pool methods). */
  parcels(place: PlaceId): readonly Parcel[];
}

export interface Snapshot {
  readonly books: readonly BooksState[];
}

/** Throws E_METHOD_UNKNOWN. */
export function requireMethod(name: string): MethodInfo {
  const known = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (known !== undefined) return known;
  const names = Object.keys(METHODS).join(', ');
  throw new HaetaeError('E_METHOD_UNKNOWN', `no accounting method ${name}; there are ${names}`, {
    context: { method: name },
    remedy:
      name === 'lifo' ? 'name the variant: lifo-in or lifo-out (they differ on UTXO chains)' : `name one of ${names}`,
  });
}

/** One engine for one conserving method (poison has createPoison). `onTouch` hears every leg or output that carried taint. */
export function createEngine(
  method: string,
  places: PlaceTable,
  thefts: readonly TheftInfo[],
  options: EngineOptions,
  onTouch?: (touch: Touch) => void,
): Engine {
  const info = requireMethod(method);
  assert(method !== 'poison', 'poison is reach, not an amount: use createPoison');
  assert(options.minUnits.length === thefts.length, 'a threshold for every theft');
  assert(new Set(thefts.map((theft) => theft.id)).size === thefts.length, 'theft ids differ');
  const build = BUILDERS[method]!;
  if (options.meeting !== 'overlap' || thefts.length < 2)
    return new TaintEngine(info, build, places, thefts, options, onTouch);
  const alone = thefts.map((theft, index) => {
    const only = { ...options, minUnits: [options.minUnits[index]!] };
    const widen = (touch: Touch): void =>
      onTouch?.({ ...touch, units: thefts.map((_, at) => (at === index ? touch.units[0]! : 0n)) });
    return new TaintEngine(info, build, places, [theft], only, onTouch === undefined ? undefined : widen);
  });
  return new OverlapEngine(info.name, alone);
}

class TaintEngine implements Engine {
  readonly #info: MethodInfo;
  readonly #books: Books;

  constructor(
    info: MethodInfo,
    build: (context: MethodContext) => Method,
    places: PlaceTable,
    thefts: readonly TheftInfo[],
    options: EngineOptions,
    onTouch: ((touch: Touch) => void) | undefined,
  ) {
    const seniority = new Seniority(thefts);
    this.#info = info;
    this.#books = new Books(places, build({ meeting: options.meeting, seniority }), seniority, options, onTouch);
  }

  get method(): string {
    return this.#info.name;
  }

  apply(step: Step): void {
    if (step.kind === 'account') applyAccount(this.#books, step);
    else if (step.kind === 'utxo') applyUtxo(this.#books, step);
    else if (step.kind === 'seed') applySeed(this.#books, step);
    else applyArrival(this.#books, step);
  }

  /** Another theft's credit, where every theft runs alone. */
  creditClean(place: PlaceId, amount: bigint): void {
    this.#books.deliverClean(place, [cleanParcel(amount)]);
  }

  outcome(): EngineOutcome {
    const { tally, seniority } = this.#books;
    const held = this.#held();
    const thefts = Array.from({ length: seniority.count }, (_, theft) => this.#outcomeOf(theft, held[theft]!));
    return {
      method: this.#info.name,
      version: this.#info.version,
      thefts,
      shortages: [...tally.shortages],
      notes: tally.notes,
    };
  }

  snapshot(): Snapshot {
    return { books: [this.#books.save()] };
  }

  restore(snapshot: Snapshot): void {
    const [state] = snapshot.books;
    assert(snapshot.books.length === 1 && state !== undefined, 'the snapshot is of this engine');
    this.#books.restore(state);
  }

  balance(place: PlaceId): bigint {
    return this.#books.find(place)?.balance ?? 0n;
  }

  tainted(place: PlaceId): Claim[] {
    const stock = this.#books.find(place);
    return Array.from({ length: this.#books.seniority.count }, (_, theft) => {
      const { amount, units } = stock?.claim(theft) ?? { amount: 0n, units: 0n };
      return { amount, units };
    });
  }

  parcels(place: PlaceId): readonly Parcel[] {
    return this.#books.find(place)?.parcels() ?? [];
  }

  #outcomeOf(theft: number, live: readonly Holding[]): TheftOutcome {
    const { tally } = this.#books;
    const holdings = mergeHoldings([...live, ...tally.frozen(theft)]);
    const absorptions = tally.absorptions(theft);
    const buckets: Buckets = { held: 0n, absorbed: 0n, inFlight: 0n, ...tally.final(theft) };
    for (const holding of holdings) buckets.held += holding.units;
    for (const absorption of absorptions) buckets[absorption.bucket] += absorption.units;
    const stolen = tally.stolen(theft);
    const total = BUCKETS.reduce((sum, bucket) => sum + buckets[bucket], 0n);
    assert(total === stolen, `the buckets of theft ${theft} hold ${total} of ${stolen}`);
    return { stolen, buckets, holdings, absorptions };
  }

  #held(): Holding[][] {
    const held: Holding[][] = Array.from({ length: this.#books.seniority.count }, () => []);
    for (const [place, stock] of this.#books.kept()) {
      stock.trails?.forEach((trail, theft) => {
        const claim = trail === undefined ? null : stock.claim(theft);
        if (claim === null || trail === undefined || (claim.amount === 0n && claim.units === 0n)) return;
        held[theft]!.push({
          place,
          amount: claim.amount,
          units: claim.units,
          lastArrival: trail.last,
          hops: trail.hops,
        });
      });
    }
    return held;
  }
}

/** One a place, in order of place. */
function mergeHoldings(holdings: readonly Holding[]): Holding[] {
  const merged = new Map<PlaceId, Holding>();
  for (const item of holdings) {
    const known = merged.get(item.place);
    merged.set(
      item.place,
      known === undefined
        ? item
        : {
            place: item.place,
            amount: known.amount + item.amount,
            units: known.units + item.units,
            lastArrival: Math.max(known.lastArrival, item.lastArrival),
            hops: Math.min(known.hops, item.hops),
          },
    );
  }
  return [...merged.values()].sort((a, b) => a.place - b.place);
}
