import { assert } from '../base/assert.ts';
import type { BooksState } from './books.ts';
import type { Parcel } from './parcel.ts';
import type { EngineOutcome, PlaceId, SeedStep, Step } from './step.ts';
import type { Claim } from './stock.ts';

/** What {@link OverlapEngine} needs of an engine for one theft. */
interface Single {
  apply(step: Step): void;
  creditClean(place: PlaceId, amount: bigint): void;
  outcome(): EngineOutcome;
  snapshot(): { readonly books: readonly BooksState[] };
  restore(snapshot: { readonly books: readonly BooksState[] }): void;
  balance(place: PlaceId): bigint;
  tainted(place: PlaceId): readonly Claim[];
  parcels(place: PlaceId): readonly Parcel[];
}

/** The meeting rule `overlap`: every theft alone, each unit counted by every theft that claims it. Balances are those of all. */
export class OverlapEngine {
  readonly method: string;
  readonly #alone: readonly Single[];

  constructor(method: string, alone: readonly Single[]) {
    this.method = method;
    this.#alone = alone;
  }

  apply(step: Step): void {
    if (step.kind === 'seed') this.#seed(step);
    else for (const engine of this.#alone) engine.apply(step);
  }

  outcome(): EngineOutcome {
    const outcomes = this.#alone.map((engine) => engine.outcome());
    const [first] = outcomes;
    assert(first !== undefined, 'an overlap has thefts');
    const notes: Record<string, number> = {};
    for (const outcome of outcomes) {
      for (const [name, count] of Object.entries(outcome.notes)) notes[name] = (notes[name] ?? 0) + count;
    }
    const counted = countTwice(outcomes);
    if (counted > 0) notes.overlap = counted;
    return { ...first, thefts: outcomes.map((outcome) => outcome.thefts[0]!), notes };
  }

  snapshot(): { readonly books: readonly BooksState[] } {
    return { books: this.#alone.flatMap((engine) => engine.snapshot().books) };
  }

  restore(snapshot: { readonly books: readonly BooksState[] }): void {
    assert(snapshot.books.length === this.#alone.length, 'the snapshot is of this engine');
    this.#alone.forEach((engine, index) => {
      engine.restore({ books: [snapshot.books[index]!] });
    });
  }

  balance(place: PlaceId): bigint {
    return this.#alone[0]!.balance(place);
  }

  tainted(place: PlaceId): Claim[] {
    return this.#alone.map((engine) => engine.tainted(place)[0]!);
  }

  /** Of each theft in turn: their sum exceeds the balance where thefts overlap. */
  parcels(place: PlaceId): Parcel[] {
    return this.#alone.flatMap((engine, index) =>
      engine.parcels(place).flatMap((parcel) => (parcel.theft === 0 ? [{ ...parcel, theft: index }] : [])),
    );
  }

  /** The theft's own engine takes it as it is; to the others a credit is clean money. */
  #seed(step: SeedStep): void {
    this.#alone[step.theft]!.apply({ ...step, theft: 0 });
    if (step.mode === 'mark') return;
    this.#alone.forEach((engine, index) => {
      if (index !== step.theft) engine.creditClean(step.place, step.amount);
    });
  }
}

/** Places, stops among them, where two thefts or more are counted. */
function countTwice(outcomes: readonly EngineOutcome[]): number {
  const seen = new Map<PlaceId, number>();
  for (const { thefts } of outcomes) {
    const { holdings, absorptions } = thefts[0]!;
    for (const place of new Set([...holdings, ...absorptions].map((item) => item.place))) {
      seen.set(place, (seen.get(place) ?? 0) + 1);
    }
  }
  return [...seen.values()].filter((thefts) => thefts > 1).length;
}
