import type { RawUtxoTransaction, UtxoBlock } from '../chain-source.ts';

export type Outputs = RawUtxoTransaction['outputs'];

/** With both limits reached, as measured: 75 MB. */
const MAX_OUTPUTS = 200_000;
const MAX_PLACES = 200_000;

/**
 * What checked blocks and transactions told: outputs by txid, and the heights of transactions. The oldest are forgotten first. Ids
 * were recomputed, so an entry stays true even when its block leaves the chain.
 */
export class KnownOutputs {
  readonly #outputs = new Map<string, Outputs>();
  readonly #places = new Map<string, bigint>();
  #size = 0;

  add(tx: string, outputs: Outputs): void {
    if (this.#outputs.has(tx)) return;
    this.#outputs.set(tx, outputs);
    this.#size += outputs.length;
    for (const [oldest, kept] of this.#outputs) {
      if (this.#size <= MAX_OUTPUTS) return;
      this.#outputs.delete(oldest);
      this.#size -= kept.length;
    }
  }

  addBlock({ ref, transactions }: UtxoBlock): void {
    for (const { tx, outputs } of transactions) {
      this.add(tx, outputs);
      this.#places.set(tx, ref.number);
    }
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= MAX_PLACES) return;
      this.#places.delete(oldest);
    }
  }

  outputs(tx: string): Outputs | undefined {
    return this.#outputs.get(tx);
  }

  /** Height of the block that held the transaction when it was read. */
  place(tx: string): bigint | undefined {
    return this.#places.get(tx);
  }
}
