import type { TheftInfo } from './step.ts';

/** Which theft comes first: by the time of its first seed, then by id. Never by the order in which thefts are listed. */
export class Seniority {
  readonly #ids: readonly string[];
  #firstSeed: number[];

  constructor(thefts: readonly TheftInfo[]) {
    this.#ids = thefts.map((theft) => theft.id);
    this.#firstSeed = thefts.map(() => Number.POSITIVE_INFINITY);
  }

  get count(): number {
    return this.#ids.length;
  }

  noteSeed(theft: number, time: number): void {
    if (time < this.#firstSeed[theft]!) this.#firstSeed[theft] = time;
  }

  /** True where theft `a` is senior to theft `b`. */
  before(a: number, b: number): boolean {
    const timeA = this.#firstSeed[a]!;
    const timeB = this.#firstSeed[b]!;
    return timeA === timeB ? this.#ids[a]! < this.#ids[b]! : timeA < timeB;
  }

  /** Theft indexes, senior first. */
  sort(thefts: readonly number[]): number[] {
    return [...thefts].sort((a, b) => (a === b ? 0 : this.before(a, b) ? -1 : 1));
  }

  save(): readonly number[] {
    return [...this.#firstSeed];
  }

  restore(saved: readonly number[]): void {
    this.#firstSeed = [...saved];
  }
}
