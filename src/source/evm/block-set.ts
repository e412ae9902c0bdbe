/** Thrown where more blocks were found than asked for: a busy address, whose list is not worth finishing. */
export class TooMany extends Error {}

/** Numbers of blocks, each once, no more than a limit. */
export class BlockSet {
  readonly #limit: number;
  readonly #numbers = new Set<bigint>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(numbers: Iterable<bigint>): void {
    for (const number of numbers) this.#numbers.add(number);
    this.expect(0);
  }

  /** So many more are known to come. Throws {@link TooMany}. */
  expect(more: number): void {
    if (this.#numbers.size + more > this.#limit) throw new TooMany('more blocks than the limit');
  }

  sorted(): bigint[] {
    return [...this.#numbers].sort((a, b) => (a < b ? -1 : 1)).slice(0, this.#limit);
  }
}
