import { assert } from '../base/assert.ts';
import type { Method } from './method.ts';
import { append, CLEAN, cleanParcel, hasTaint, type Parcel } from './parcel.ts';
import type { Seniority } from './seniority.ts';
import type { EngineOptions, PlaceId, PlaceTable, StopKind, Touch } from './step.ts';
import { DESTROYED, FEE } from './step.ts';
import type { Stock, Trail } from './stock.ts';
import { bucketOf, type Carried, Tally } from './tally.ts';

/** Hops of each theft at the place money came from; the trails of a stock serve as they are. */
export type Origin = readonly ({ readonly hops: number } | undefined)[] | null;

export interface BooksState {
  readonly stocks: readonly (Stock | undefined)[];
  readonly tally: Tally;
  readonly seniority: readonly number[];
}

/** What moves after the thresholds, and what they dropped. */
export interface Screened {
  readonly parcels: readonly Parcel[];
  readonly carried: Carried;
  readonly dropped: readonly Parcel[];
}

const NONE: readonly Parcel[] = [];

/** What every place holds, and the two verbs that change it: withdraw and deliver. The steps are built from them. */
export class Books {
  readonly table: PlaceTable;
  readonly method: Method;
  readonly seniority: Seniority;
  readonly options: EngineOptions;
  readonly onTouch: ((touch: Touch) => void) | undefined;
  tally: Tally;
  #stocks: (Stock | undefined)[] = [];
  readonly #follows: boolean;

  constructor(
    table: PlaceTable,
    method: Method,
    seniority: Seniority,
    options: EngineOptions,
    onTouch: ((touch: Touch) => void) | undefined,
  ) {
    this.table = table;
    this.method = method;
    this.seniority = seniority;
    this.options = options;
    this.onTouch = onTouch;
    this.tally = new Tally(seniority.count);
    this.#follows = options.minUnits.every((least) => least === 0n);
  }

  /** True for a place whose balance is kept: tracked, and not a stop. Others are clean, infinite sources. */
  keeps(place: PlaceId): boolean {
    return place >= 0 && this.table.stop(place) === null && this.table.tracked(place);
  }

  find(place: PlaceId): Stock | undefined {
    return this.#stocks[place];
  }

  stock(place: PlaceId): Stock {
    const known = this.#stocks[place];
    if (known !== undefined) return known;
    assert(place < this.table.count, 'a step names a place of the table');
    while (this.#stocks.length < this.table.count) this.#stocks.push(undefined);
    const made = this.method.empty();
    this.#stocks[place] = made;
    return made;
  }

  /** Forgets an emptied place (a spent outpoint). */
  free(place: PlaceId): void {
    this.#stocks[place] = undefined;
  }

  *kept(): Iterable<readonly [place: PlaceId, stock: Stock]> {
    for (let place = 0; place < this.#stocks.length; place += 1) {
      const stock = this.#stocks[place];
      if (stock !== undefined) yield [place, stock];
    }
  }

  /** Takes `amount` out of a place by the method's rule; what the data never showed arriving is credited clean and reported. */
  withdraw(place: PlaceId, amount: bigint, time: number, row: number): Parcel[] {
    if (!this.keeps(place)) return [cleanParcel(amount)];
    const stock = this.stock(place);
    this.cover(stock, place, amount, time, row);
    return this.method.take(stock, amount);
  }

  /** Takes clean money only: false, and nothing taken, where the place holds taint. */
  withdrawClean(place: PlaceId, amount: bigint, time: number, row: number): boolean {
    if (!this.keeps(place)) return true;
    const stock = this.stock(place);
    if (!stock.isClean) return false;
    this.cover(stock, place, amount, time, row);
    stock.balance -= amount;
    return true;
  }

  /** Puts `amount` of clean money where it goes. */
  depositClean(place: PlaceId, amount: bigint): void {
    if (!this.keeps(place)) return;
    const stock = this.stock(place);
    if (stock.isClean) stock.balance += amount;
    else stock.put(cleanParcel(amount));
  }

  cover(stock: Stock, place: PlaceId, amount: bigint, time: number, row: number): void {
    if (amount <= stock.balance) return;
    const missing = amount - stock.balance;
    if (stock.isClean) stock.balance = amount;
    else stock.put(cleanParcel(missing));
    this.tally.shortage({ place, time, amount: missing, row });
  }

  /**
   * Sums of what moves, and the thresholds: a theft's group below its least turns clean. Null where nothing tainted moves. Changes
   * nothing; {@link settle} books what was dropped.
   */
  screen(parcels: readonly Parcel[], place: PlaceId): Screened | null {
    if (!hasTaint(parcels)) return null;
    const carried = this.sum(parcels);
    if (this.#follows || place < 0) return { parcels, carried, dropped: NONE };
    const drops = carried.amounts.map(
      (amount, theft) => amount > 0n && carried.units[theft]! < this.options.minUnits[theft]!,
    );
    if (!drops.includes(true)) return { parcels, carried, dropped: NONE };
    const kept: Parcel[] = [];
    for (const parcel of parcels) append(kept, drops[parcel.theft] === true ? cleanParcel(parcel.amount) : parcel);
    const dropped = parcels.filter((parcel) => drops[parcel.theft] === true);
    return { parcels: kept, carried: this.sum(kept), dropped };
  }

  /** Puts clean money where it goes. */
  deliverClean(place: PlaceId, parcels: readonly Parcel[]): void {
    if (this.keeps(place)) this.stock(place).putAll(parcels);
  }

  /** Puts what {@link screen} let through where it goes: a fee, a stop, or the place's own stock. */
  settle(place: PlaceId, screened: Screened, origin: Origin, time: number, rows: readonly number[]): void {
    const { parcels, carried, dropped } = screened;
    this.tally.bookAll('belowThreshold', dropped);
    if (place === FEE || place === DESTROYED) {
      carried.units.forEach((units, theft) => {
        if (units > 0n) this.tally.book('fee', theft, units);
      });
      return;
    }
    const stop = this.table.stop(place);
    if (stop !== null) {
      this.#absorb(place, stop, parcels, carried, origin, time, rows);
      return;
    }
    assert(this.table.tracked(place), 'taint is delivered to tracked places only');
    const kept = this.arrive(place, carried, origin, time, rows);
    this.stock(place).putAll(kept === null ? parcels : clean(parcels, kept));
  }

  /** Screens, delivers and reports one plain movement. */
  deliver(
    from: PlaceId,
    place: PlaceId,
    parcels: readonly Parcel[],
    origin: Origin,
    time: number,
    row: number,
    amount: bigint,
  ): void {
    const screened = this.screen(parcels, place);
    if (screened === null) {
      this.deliverClean(place, parcels);
      return;
    }
    this.settle(place, screened, origin, time, [row]);
    this.touch(row, from, place, amount, screened.carried, time);
  }

  touch(row: number, from: PlaceId, to: PlaceId, amount: bigint, carried: Carried, time: number): void {
    if (this.onTouch === undefined) return;
    let tainted = 0n;
    for (const part of carried.amounts) tainted += part;
    if (tainted > 0n) this.onTouch({ row, from, to, amount, tainted, units: carried.units, time });
  }

  /**
   * Notes the arrival in the place's trails. Thefts that came from beyond the hop limit rest there: returns which may go on
   * (by theft index), or null where all may.
   */
  arrive(place: PlaceId, carried: Carried, origin: Origin, time: number, rows: readonly number[]): boolean[] | null {
    const stock = this.stock(place);
    if (stock.trails === null) stock.trails = [];
    let open: boolean[] | null = null;
    for (let theft = 0; theft < carried.amounts.length; theft += 1) {
      if (carried.amounts[theft] === 0n) continue;
      const hops = (origin?.[theft]?.hops ?? 0) + 1;
      const trail = mark(stock.trails, theft, hops, time);
      if (this.options.maxHops === null || trail.hops <= this.options.maxHops) continue;
      open ??= carried.amounts.map(() => true);
      open[theft] = false;
      const amount = carried.amounts[theft]!;
      this.tally.rest(theft, place, null, { rows, time, amount, units: carried.units[theft]!, hops });
    }
    return open;
  }

  /** A seed's own trail: no hops. */
  seeded(place: PlaceId, theft: number, time: number): void {
    const stock = this.stock(place);
    if (stock.trails === null) stock.trails = [];
    mark(stock.trails, theft, 0, time);
  }

  save(): BooksState {
    const stocks = this.#stocks.map((stock) => stock?.clone());
    return { stocks, tally: this.tally.clone(), seniority: this.seniority.save() };
  }

  restore(state: BooksState): void {
    this.#stocks = state.stocks.map((stock) => stock?.clone());
    this.tally = state.tally.clone();
    this.seniority.restore(state.seniority);
  }

  #absorb(
    place: PlaceId,
    stop: StopKind,
    parcels: readonly Parcel[],
    carried: Carried,
    origin: Origin,
    time: number,
    rows: readonly number[],
  ): void {
    const hops = carried.amounts.map((amount, theft) => (amount > 0n ? (origin?.[theft]?.hops ?? 0) + 1 : undefined));
    const taken = hops.flatMap((count, theft) => {
      if (count === undefined) return [];
      const entry = { rows, time, amount: carried.amounts[theft]!, units: carried.units[theft]!, hops: count };
      return [this.tally.rest(theft, place, stop, entry)];
    });
    if (taken.length > 0 && bucketOf(stop) !== 'held') this.tally.depart(rows, { parcels, hops, taken });
  }

  /** Amounts and units by theft. */
  sum(parcels: readonly Parcel[]): Carried {
    const one = parcels[0];
    if (this.seniority.count === 1 && parcels.length === 1 && one!.theft === 0)
      return { amounts: [one!.amount], units: [one!.units] };
    const amounts = zeros(this.seniority.count);
    const units = zeros(this.seniority.count);
    for (const { theft, amount, units: carriedUnits } of parcels) {
      if (theft === CLEAN) continue;
      amounts[theft] = amounts[theft]! + amount;
      units[theft] = units[theft]! + carriedUnits;
    }
    return { amounts, units };
  }
}

function zeros(count: number): bigint[] {
  const list: bigint[] = [];
  for (let index = 0; index < count; index += 1) list.push(0n);
  return list;
}

function mark(trails: (Trail | undefined)[], theft: number, hops: number, time: number): Trail {
  const known = trails[theft];
  if (known === undefined) {
    const trail = { hops, last: time };
    trails[theft] = trail;
    return trail;
  }
  if (hops < known.hops) known.hops = hops;
  known.last = time;
  return known;
}

/** The thefts that rest here leave their money behind as clean. */
function clean(parcels: readonly Parcel[], open: readonly boolean[]): Parcel[] {
  const kept: Parcel[] = [];
  for (const parcel of parcels) append(kept, open[parcel.theft] === false ? cleanParcel(parcel.amount) : parcel);
  return kept;
}

/** The fewest hops of each theft over several origins; only thefts that `carries` are counted. */
export function nearest(
  origins: readonly { readonly trails: Origin; readonly parcels: readonly Parcel[] }[],
  thefts: number,
): Origin {
  const found: ({ hops: number } | undefined)[] = new Array<{ hops: number } | undefined>(thefts).fill(undefined);
  for (const { trails, parcels } of origins) {
    for (const { theft } of parcels) {
      if (theft === CLEAN) continue;
      const hops = trails?.[theft]?.hops ?? 0;
      const known = found[theft];
      if (known === undefined) found[theft] = { hops };
      else if (hops < known.hops) known.hops = hops;
    }
  }
  return found;
}
