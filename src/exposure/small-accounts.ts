/**
 * Where small payments are written: an account of its own for each address that got (made) one, numbered after all others in the order in
 * which they are first met.
 */
export class SmallAccounts {
  /** Accounts before the small ones. */
  readonly base: number;
  /** By account: number of its small one from 1 on; 0 for none. */
  readonly #numbers: Uint32Array;
  #count: number;

  /** `numbers`: the small accounts that are open, by account. */
  constructor(numbers: Uint32Array, count: number) {
    this.base = numbers.length;
    this.#numbers = numbers;
    this.#count = count;
  }

  get count(): number {
    return this.#count;
  }

  get numbers(): Uint32Array {
    return this.#numbers;
  }

  /** The account a small payment of `account` is written to, opened where there is none yet. */
  open(account: number): number {
    if (this.#numbers[account] === 0) {
      this.#count += 1;
      this.#numbers[account] = this.#count;
    }
    return this.base + this.#numbers[account]! - 1;
  }

  /** -1 where it has none. */
  find(account: number): number {
    const number = this.#numbers[account]!;
    return number === 0 ? -1 : this.base + number - 1;
  }
}
