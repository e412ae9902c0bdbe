/** Times that blocks before are looked at, and how many each time. */
const MAX_PROBES = 4;
const PROBED_BLOCKS = 5n;

/**
 * From which height an endpoint is known to keep moves inside contracts. java-tron keeps them only where it is told to
 * (`vm.saveInternalTx`), from then on, and does not say so; TronGrid keeps them.
 */
export class InternalMemory {
  #lowest: bigint | null = null;
  #probes = 0;

  /** A block showed some. */
  shown(block: bigint): void {
    if (this.#lowest === null || block < this.#lowest) this.#lowest = block;
  }

  keeps(block: bigint): boolean {
    return this.#lowest !== null && block >= this.#lowest;
  }

  mayProbe(block: bigint): boolean {
    return block > 1n && this.#probes < MAX_PROBES;
  }

  /** The blocks to look at, the nearest first. */
  probe(block: bigint): readonly bigint[] {
    this.#probes++;
    const before: bigint[] = [];
    for (let i = 1n; i <= PROBED_BLOCKS && block - i > 0n; i++) before.push(block - i);
    return before;
  }
}
