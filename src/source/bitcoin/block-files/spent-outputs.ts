import type { RawUtxoTransaction } from '../../chain-source.ts';
import { type Evicted, type Output, RecentOutputs } from './recent-outputs.ts';
import { type KnownTransactions, type LookedUp, Scratch, type Spent, type Wanted } from './scratch.ts';

export interface SpentOptions {
  /** Outputs kept in memory. */
  readonly recent?: number;
  /** What DuckDB may hold of the others. */
  readonly memoryMb?: number;
}

const RECENT_OUTPUTS = 400_000;
const MEMORY_MB = 300;

/**
 * What the inputs of a chain's transactions spend, in bounded memory: outputs made shortly before are kept in a map; older ones, and the
 * inputs that spend them, go to a temporary DuckDB file and are joined there.
 */
export class SpentOutputs {
  readonly #recent: RecentOutputs;
  readonly #memoryMb: number;
  #scratch: Scratch | null = null;

  constructor({ recent = RECENT_OUTPUTS, memoryMb = MEMORY_MB }: SpentOptions = {}) {
    this.#recent = new RecentOutputs(recent);
    this.#memoryMb = memoryMb;
  }

  /** Takes the next block. Gives what its transactions spend; null for one whose inputs must be looked up. */
  async take(block: number, transactions: readonly RawUtxoTransaction[]): Promise<readonly (Spent | null)[]> {
    const evicted: Evicted[] = [];
    const wanted: Wanted[] = [];
    const found: (readonly [Wanted['place'], Output])[] = [];
    const spent = transactions.map((transaction) => {
      const outputs = this.#spentBy(block, transaction, wanted, found);
      this.#recent.add(transaction.tx, transaction.outputs, evicted);
      return outputs;
    });
    if (evicted.length > 0 || wanted.length > 0) {
      this.#scratch ??= await Scratch.open(this.#memoryMb);
      this.#scratch.add(evicted, wanted, found);
    }
    return spent;
  }

  #spentBy(
    block: number,
    { inputs, txIndex }: RawUtxoTransaction,
    wanted: Wanted[],
    found: (readonly [Wanted['place'], Output])[],
  ): Spent | null {
    const before = wanted.length;
    const outputs = inputs.map((input, position) => {
      if (input === null) return null;
      const output = this.#recent.take(input.tx, input.index);
      if (output === null) wanted.push({ place: [block, txIndex, position], tx: input.tx, index: input.index });
      return output;
    });
    if (wanted.length === before) return outputs;
    outputs.forEach((output, position) => {
      if (output !== null) found.push([[block, txIndex, position], output]);
    });
    return null;
  }

  /** After the last block: every transaction that {@link take} gave null for, in order of (block, txIndex). */
  async *lookedUp(known: KnownTransactions | null): AsyncGenerator<LookedUp> {
    if (this.#scratch === null) return;
    this.#scratch.seal();
    if (known !== null) await this.#scratch.askKnown(known);
    yield* this.#scratch.lookedUp();
  }

  close(): void {
    this.#scratch?.close();
    this.#scratch = null;
  }
}
