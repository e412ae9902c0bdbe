import { assert } from '../base/assert.ts';
import { applyAccount } from '../taint/account.ts';
import { applyArrival } from '../taint/arrival.ts';
import { Books, type Origin, type Screened } from '../taint/books.ts';
import { BUILDERS } from '../taint/engine.ts';
import type { Method, MethodContext } from '../taint/method.ts';
import { cleanParcel, type Parcel } from '../taint/parcel.ts';
import { applySeed } from '../taint/seed.ts';
import { Seniority } from '../taint/seniority.ts';
import {
  type ArrivalStep,
  DESTROYED,
  type EngineOutcome,
  FEE,
  type PlaceId,
  type SeedStep,
  type Step,
  type Touch,
} from '../taint/step.ts';
import { applyUtxo } from '../taint/utxo.ts';
import type { Computation } from '../trace/compute.ts';

/** What one step of a trace did with the source units of one theft. */
export interface UnitStep {
  readonly kind: Step['kind'];
  readonly time: number;
  /** Source units that a seed brings: what comes from the theft itself. */
  readonly entered: bigint;
  /** Where a seed or a documented link comes in. */
  readonly at: PlaceId | null;
  /** Every place that has more or less by it, once, in order of first mention; the sum is what entered less what was lost. */
  readonly changes: readonly UnitChange[];
  /** Rows that carried, in their order. In a swap they say which ways the money took, and no sum of them need be a place's change. */
  readonly moves: readonly UnitMove[];
  /** Of what was lost, paid as a fee or destroyed; the rest fell below the threshold, leaked or went to an earlier theft. */
  readonly fee: bigint;
}

export interface UnitChange {
  readonly place: PlaceId;
  readonly units: bigint;
}

export interface UnitMove extends UnitChange {
  /** Place paid from; of a UTXO transaction one of its inputs. */
  readonly from: PlaceId;
  readonly row: number;
}

/**
 * The ledger behind a result: the accounting once more over the same steps, watched at every place. By theft index; a step that
 * moves nothing of a theft is not in its list. `method`: one that conserves. What is left at the end is what the result says.
 */
export function unitLedger(computation: Computation, method: string): readonly (readonly UnitStep[])[] {
  const { thefts, options, runs } = computation;
  const build = BUILDERS[method];
  assert(build !== undefined, `${method} keeps a ledger`);
  const known = runs.find((run) => run.method === method)?.outcome as EngineOutcome | undefined;
  const alone = options.meeting === 'overlap' && thefts.length > 1;
  const ledgers = alone
    ? thefts.flatMap((_, theft) => new Watch(computation, build, [theft]).run())
    : new Watch(computation, build, [...thefts.keys()]).run();
  known?.thefts.forEach((theft, index) => {
    const left = ledgers[index]!.reduce(
      (sum, step) => step.changes.reduce((all, change) => all + change.units, sum),
      0n,
    );
    const { held, absorbed, inFlight } = theft.buckets;
    const takers = theft.absorptions.reduce((sum, { bucket, units }) => (bucket === 'leak' ? sum + units : sum), 0n);
    assert(left === held + absorbed + inFlight + takers, `the ledger of ${method} ends where its result does`);
  });
  return ledgers;
}

type Changes = Map<PlaceId, bigint[]>;

/** Books that say what every place gave and got. */
class WatchedBooks extends Books {
  changes: Changes = new Map();
  fees: bigint[] = [];

  override withdraw(place: PlaceId, amount: bigint, time: number, row: number): Parcel[] {
    const parcels = super.withdraw(place, amount, time, row);
    this.note(place, this.sum(parcels).units, -1n);
    return parcels;
  }

  override settle(place: PlaceId, screened: Screened, origin: Origin, time: number, rows: readonly number[]): void {
    if (place !== FEE && place !== DESTROYED) this.note(place, screened.carried.units, 1n);
    else
      screened.carried.units.forEach((units, theft) => {
        this.fees[theft]! += units;
      });
    super.settle(place, screened, origin, time, rows);
  }

  note(place: PlaceId, units: readonly bigint[], sign: bigint): void {
    const known = this.changes.get(place) ?? units.map(() => 0n);
    this.changes.set(
      place,
      known.map((has, theft) => has + sign * units[theft]!),
    );
  }

  /** What is claimed at a place, by theft. */
  claims(place: PlaceId): bigint[] {
    const stock = this.find(place);
    return Array.from({ length: this.seniority.count }, (_, theft) => stock?.claim(theft).units ?? 0n);
  }

  /** What is at a place, by theft: claimed there, or at rest with it as a stop or beyond the hop limit. */
  unitsAt(place: PlaceId): bigint[] {
    const stop = this.table.stop(place);
    return this.claims(place).map((units, theft) => units + this.tally.restingAt(theft, place, stop));
  }
}

/** One pass over the steps; of one theft alone where each is counted for itself. */
class Watch {
  readonly #books: WatchedBooks;
  readonly #steps: readonly Step[];
  readonly #thefts: readonly number[];
  readonly #ledgers: UnitStep[][];
  #touches: Touch[] = [];

  constructor(
    { steps, places, thefts, options }: Computation,
    build: (context: MethodContext) => Method,
    own: readonly number[],
  ) {
    const infos = own.map((theft) => thefts[theft]!);
    const seniority = new Seniority(infos);
    const method = build({ meeting: options.meeting, seniority });
    const limits = { ...options, minUnits: own.map((theft) => options.minUnits[theft]!) };
    this.#books = new WatchedBooks(places, method, seniority, limits, (touch) => this.#touches.push(touch));
    this.#steps = steps;
    this.#thefts = own;
    this.#ledgers = own.map(() => []);
  }

  run(): UnitStep[][] {
    for (const step of this.#steps) {
      this.#books.changes = new Map();
      this.#books.fees = this.#thefts.map(() => 0n);
      this.#touches = [];
      const entered = this.#apply(step);
      if (this.#books.changes.size > 0 || entered.length > 0) this.#close(step, entered);
    }
    return this.#ledgers;
  }

  /** Source units that enter, by theft. */
  #apply(step: Step): readonly bigint[] {
    const books = this.#books;
    if (step.kind === 'seed') return this.#seed(step);
    if (step.kind === 'account') applyAccount(books, step);
    else if (step.kind === 'arrival') this.#arrival(step);
    else {
      const before = step.inputs.map(({ place }) => books.claims(place));
      // Inputs are told first.
      for (const { place } of step.inputs) books.changes.set(place, zeros(books));
      applyUtxo(books, step);
      for (const [index, { place }] of step.inputs.entries())
        this.#difference(place, before[index]!, books.claims(place));
    }
    return [];
  }

  #seed(step: SeedStep): readonly bigint[] {
    const books = this.#books;
    const theft = this.#thefts.indexOf(step.theft);
    if (theft < 0) {
      if (step.mode === 'credit') books.deliverClean(step.place, [cleanParcel(step.amount)]);
      return [];
    }
    const before = books.claims(step.place);
    applySeed(books, { ...step, theft });
    this.#difference(step.place, before, books.claims(step.place));
    return this.#thefts.map((_, index) => (index === theft ? step.units : 0n));
  }

  /** Whatever stops it leaves, and where it comes out: there it may take from other thefts too. */
  #arrival(step: ArrivalStep): void {
    const books = this.#books;
    const departure = books.tally.departure(step.departure);
    if (departure === null) {
      applyArrival(books, step);
      return;
    }
    const left = books.tally.partsOf(departure).filter(({ place }) => place !== step.place);
    const before = books.unitsAt(step.place);
    applyArrival(books, step);
    books.changes = new Map();
    for (const { theft, place, units } of left) {
      const gone = zeros(books);
      gone[theft] = units;
      books.note(place, gone, -1n);
    }
    this.#difference(step.place, before, books.unitsAt(step.place));
  }

  #difference(place: PlaceId, before: readonly bigint[], after: readonly bigint[]): void {
    const change = after.map((units, theft) => units - before[theft]!);
    if (change.some((units) => units !== 0n)) this.#books.note(place, change, 1n);
  }

  #close(step: Step, entered: readonly bigint[]): void {
    for (const [index, ledger] of this.#ledgers.entries()) {
      const changes = [...this.#books.changes].flatMap(([place, units]) =>
        units[index] === 0n ? [] : [{ place, units: units[index]! }],
      );
      const moves = this.#touches.flatMap(({ row, from, to, units }) =>
        units[index] === 0n ? [] : [{ row, from, place: to, units: units[index]! }],
      );
      const came = entered[index] ?? 0n;
      if (changes.length === 0 && moves.length === 0 && came === 0n) continue;
      const { kind, time } = step;
      const at = 'place' in step ? step.place : null;
      ledger.push({ kind, time, entered: came, at, changes, moves, fee: this.#books.fees[index]! });
    }
  }
}

function zeros({ seniority }: Books): bigint[] {
  return Array.from({ length: seniority.count }, () => 0n);
}
