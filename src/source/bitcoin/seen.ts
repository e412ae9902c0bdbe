import type { BlockRef } from '../chain-source.ts';

const KEPT = 2000;

/** The heads that an endpoint gave, to tell one that fell back from a chain that was reorganised. */
export class SeenHeads {
  readonly #hashes = new Map<bigint, string>();
  #last: BlockRef | null = null;

  /** Height of the newest head so far. */
  get highest(): bigint | null {
    return this.#last?.number ?? null;
  }

  add(ref: BlockRef): void {
    this.#last = ref;
    // Newest last: what is forgotten first is what was seen longest ago.
    this.#hashes.delete(ref.number);
    this.#hashes.set(ref.number, ref.hash);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= KEPT) return;
      this.#hashes.delete(oldest);
    }
  }

  /**
   * A head lower than the last is a fall back, unless the last one left the chain: the endpoint says so of it, or has another block
   * than before at a height seen.
   */
  async wentBack(ref: BlockRef, isStale: (hash: string) => Promise<boolean>): Promise<boolean> {
    const last = this.#last;
    if (last === null || ref.number >= last.number) return false;
    const before = this.#hashes.get(ref.number);
    if (before !== undefined && before !== ref.hash) return false;
    return !(await isStale(last.hash));
  }
}
