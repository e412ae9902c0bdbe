import type { BlockRef } from '../chain-source.ts';
import { type Named, sourceFault } from './fault.ts';

/** Blocks remembered: what a head that goes back can be told by. */
const KEPT = 1024;

/** Tells an endpoint that lags behind what it said before (E_SOURCE_BEHIND) from a chain that was reorganised. */
export class HeadMemory {
  readonly #endpoint: Named;
  readonly #hashes = new Map<bigint, string>();
  #newest: BlockRef | null = null;

  constructor(endpoint: Named) {
    this.#endpoint = endpoint;
  }

  /** A canonical block was seen. */
  note(ref: BlockRef): void {
    if (this.#newest !== null && ref.number + BigInt(KEPT) < this.#newest.number) return;
    const known = this.#hashes.get(ref.number);
    if (known === ref.hash) return;
    if (known !== undefined) this.#forgetFrom(ref.number);
    this.#hashes.set(ref.number, ref.hash);
    if (ref.number > 0n && !this.#hashes.has(ref.number - 1n)) this.#hashes.set(ref.number - 1n, ref.parent);
    for (const number of this.#hashes.keys()) {
      if (this.#hashes.size <= KEPT) break;
      this.#hashes.delete(number);
    }
  }

  /** A head was given. Throws E_SOURCE_BEHIND where it is an older block of the same chain. */
  head(ref: BlockRef): BlockRef {
    const newest = this.#newest;
    if (newest !== null && ref.number < newest.number && this.#hashes.get(ref.number) === ref.hash) {
      const context = { block: ref.number.toString(), before: newest.number.toString() };
      const remedy = 'wait until it has caught up, or name a second endpoint of the same chain';
      throw sourceFault(
        'E_SOURCE_BEHIND',
        this.#endpoint,
        'the head is older than the one given before',
        remedy,
        context,
      );
    }
    if (newest !== null && ref.number < newest.number) this.#forgetFrom(ref.number);
    this.note(ref);
    this.#newest = ref;
    return ref;
  }

  #forgetFrom(number: bigint): void {
    for (const each of this.#hashes.keys()) if (each >= number) this.#hashes.delete(each);
  }
}
