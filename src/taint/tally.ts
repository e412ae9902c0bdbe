import { assert } from '../base/assert.ts';
import type { Parcel } from './parcel.ts';
import type { Absorption, Bucket, Holding, PlaceId, Shortage, StopKind } from './step.ts';

/** By theft index: what one movement carried. */
export interface Carried {
  readonly amounts: readonly bigint[];
  readonly units: readonly bigint[];
}

/** What came to rest at a place and does not move again: at a stop, or beyond the hop limit (`stop` null). */
interface Rest {
  readonly theft: number;
  readonly place: PlaceId;
  readonly stop: StopKind | null;
  readonly entries: readonly Entry[];
}

interface Entry {
  readonly rows: readonly number[];
  readonly time: number;
  readonly amount: bigint;
  readonly units: bigint;
  readonly hops: number;
}

/** What one transfer put into stops, in the row's order, for a documented link to take out again. */
export interface Departure {
  readonly parcels: readonly Parcel[];
  /** By theft index; undefined where none of it. */
  readonly hops: readonly (number | undefined)[];
  readonly taken: readonly { readonly key: string; readonly entry: Entry }[];
}

export function bucketOf(stop: StopKind): 'absorbed' | 'inFlight' | 'leak' | 'held' {
  if (stop === 'bridge') return 'inFlight';
  if (stop === 'feeTaker') return 'leak';
  return stop === 'hopLimit' ? 'held' : 'absorbed';
}

type Final = Exclude<Bucket, 'held' | 'absorbed' | 'inFlight'>;
const FINAL: readonly Final[] = ['fee', 'leak', 'belowThreshold', 'senior'];

/** Everything that no longer moves: final buckets, stops, shortages, notes. */
export class Tally {
  readonly #count: number;
  #stolen: bigint[];
  #final: Record<Final, bigint[]>;
  #rests = new Map<string, Rest>();
  #departures = new Map<number, Departure>();
  #shortages: Shortage[] = [];
  #notes = new Map<string, number>();

  constructor(thefts: number) {
    this.#count = thefts;
    this.#stolen = new Array<bigint>(thefts).fill(0n);
    this.#final = { fee: this.#zeros(), leak: this.#zeros(), belowThreshold: this.#zeros(), senior: this.#zeros() };
  }

  get shortages(): readonly Shortage[] {
    return this.#shortages;
  }

  get notes(): Record<string, number> {
    return Object.fromEntries([...this.#notes].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  stolen(theft: number): bigint {
    return this.#stolen[theft]!;
  }

  addStolen(theft: number, units: bigint): void {
    this.#stolen[theft] = this.#stolen[theft]! + units;
  }

  book(bucket: Final, theft: number, units: bigint): void {
    this.#final[bucket][theft] = this.#final[bucket][theft]! + units;
  }

  bookAll(bucket: Final, parcels: readonly Parcel[]): void {
    for (const parcel of parcels) if (parcel.theft >= 0) this.book(bucket, parcel.theft, parcel.units);
  }

  note(name: string): void {
    this.#notes.set(name, (this.#notes.get(name) ?? 0) + 1);
  }

  shortage(shortage: Shortage): void {
    this.#shortages.push(shortage);
  }

  /** Rests what one theft brought; `stop` null where the hop limit holds it. Returns what undoes it. */
  rest(theft: number, place: PlaceId, stop: StopKind | null, entry: Entry): { key: string; entry: Entry } {
    const key = `${theft}|${place}|${stop ?? ''}`;
    const known = this.#rests.get(key);
    if (known === undefined) this.#rests.set(key, { theft, place, stop, entries: [entry] });
    else (known.entries as Entry[]).push(entry);
    return { key, entry };
  }

  depart(rows: readonly number[], departure: Departure): void {
    for (const row of rows) {
      const known = this.#departures.get(row);
      this.#departures.set(row, known === undefined ? departure : joined(known, departure, this.#count));
    }
  }

  /** What a transfer put into stops; null where nothing tainted, or taken out before. */
  departure(row: number): Departure | null {
    return this.#departures.get(row) ?? null;
  }

  /** Source units that a departure has in stops, part by part. */
  partsOf({ taken }: Departure): { readonly theft: number; readonly place: PlaceId; readonly units: bigint }[] {
    return taken.map(({ key, entry }) => {
      const { theft, place } = this.#rests.get(key)!;
      return { theft, place, units: entry.units };
    });
  }

  /** Source units of a theft that rest at a place; `stop`: what the place is. */
  restingAt(theft: number, place: PlaceId, stop: StopKind | null): bigint {
    const entries = this.#rests.get(`${theft}|${place}|${stop ?? ''}`)?.entries ?? [];
    return entries.reduce((sum, { units }) => sum + units, 0n);
  }

  /** Takes a departure out of its stops, under whatever rows it is known. */
  takeOut(departure: Departure): void {
    for (const row of departure.taken.flatMap((item) => item.entry.rows)) this.#departures.delete(row);
    for (const { key, entry } of departure.taken) {
      const rest = this.#rests.get(key)!;
      const entries = rest.entries.filter((known) => known !== entry);
      assert(entries.length === rest.entries.length - 1, 'a departure is taken once');
      if (entries.length === 0) this.#rests.delete(key);
      else this.#rests.set(key, { ...rest, entries });
    }
  }

  /** Places where the theft rests beyond the hop limit. */
  frozen(theft: number): Holding[] {
    return this.#of(theft)
      .filter((rest) => rest.stop === null || rest.stop === 'hopLimit')
      .map(holdingOf);
  }

  absorptions(theft: number): Absorption[] {
    const found: Absorption[] = [];
    for (const rest of this.#of(theft)) {
      const bucket = rest.stop === null ? 'held' : bucketOf(rest.stop);
      if (bucket === 'held' || rest.stop === null) continue;
      const firstArrival = rest.entries.reduce((least, entry) => Math.min(least, entry.time), Number.POSITIVE_INFINITY);
      const rows = rest.entries.flatMap((entry) => entry.rows);
      found.push({ ...holdingOf(rest), bucket, stop: rest.stop, firstArrival, rows });
    }
    return found;
  }

  final(theft: number): Record<Final, bigint> {
    return Object.fromEntries(FINAL.map((bucket) => [bucket, this.#final[bucket][theft]!])) as Record<Final, bigint>;
  }

  clone(): Tally {
    const copy = new Tally(this.#count);
    copy.#stolen = [...this.#stolen];
    for (const bucket of FINAL) copy.#final[bucket] = [...this.#final[bucket]];
    copy.#rests = new Map([...this.#rests].map(([key, rest]) => [key, { ...rest, entries: [...rest.entries] }]));
    copy.#departures = new Map(this.#departures);
    copy.#shortages = [...this.#shortages];
    copy.#notes = new Map(this.#notes);
    return copy;
  }

  #of(theft: number): Rest[] {
    const found = [...this.#rests.values()].filter((rest) => rest.theft === theft);
    return found.sort((a, b) => a.place - b.place || ((a.stop ?? '') < (b.stop ?? '') ? -1 : 1));
  }

  #zeros(): bigint[] {
    return new Array<bigint>(this.#count).fill(0n);
  }
}

function holdingOf({ place, entries }: Rest): Holding {
  let amount = 0n;
  let units = 0n;
  let lastArrival = Number.NEGATIVE_INFINITY;
  let hops = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    amount += entry.amount;
    units += entry.units;
    lastArrival = Math.max(lastArrival, entry.time);
    hops = Math.min(hops, entry.hops);
  }
  return { place, amount, units, lastArrival, hops };
}

/** Two outputs of one transaction that went into stops. */
function joined(a: Departure, b: Departure, thefts: number): Departure {
  const hops: (number | undefined)[] = [];
  for (let theft = 0; theft < thefts; theft += 1) {
    const one = a.hops[theft];
    const other = b.hops[theft];
    hops.push(one === undefined ? other : other === undefined ? one : Math.min(one, other));
  }
  return { parcels: [...a.parcels, ...b.parcels], hops, taken: [...a.taken, ...b.taken] };
}
