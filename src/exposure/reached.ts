/** Numbers by place, for places that are met one by one. */
export class Reached {
  readonly #index = new Map<number, number>();
  readonly places: number[] = [];

  get size(): number {
    return this.places.length;
  }

  /** Index of a place; -1 where it was not met. */
  find(place: number): number {
    return this.#index.get(place) ?? -1;
  }

  add(place: number): number {
    const index = this.places.push(place) - 1;
    this.#index.set(place, index);
    return index;
  }
}

/** Thrown inside a search that looks at more movements than it may; caught where it began. */
export class TooMany extends Error {}
