import type { Spends } from '../cluster/multi-input.ts';
import type { UtxoFlow, UtxoSegment } from '../flow/flow.ts';
import { ownerOf, spentBy } from '../flow/utxo-hop.ts';

/** Transactions read at a time. */
export const SPENDS_AT_ONCE = 65_536;

/** The inputs of a chain's transactions by owner, in chunks of columns. */
export class SpendReader {
  readonly #flow: UtxoFlow;
  #flat: Uint32Array | null = null;

  constructor(flow: UtxoFlow) {
    this.#flow = flow;
  }

  /** Transactions from `from` up to before `to`, in order. */
  *range(from: number, to: number): Generator<Spends> {
    // Half of all outputs are looked up or more: one array is faster than pages, at four bytes an output.
    if (to - from > this.#flow.txCount / 4) this.#flat ??= this.#flatten();
    for (const segment of this.#flow.segments) {
      const first = Math.max(from, segment.firstTx) - segment.firstTx;
      const end = Math.min(to, segment.firstTx + segment.txCount) - segment.firstTx;
      for (let at = first; at < end; at += SPENDS_AT_ONCE) {
        const count = Math.min(SPENDS_AT_ONCE, end - at);
        yield this.#read(segment, at, numbersFrom(segment.firstTx + at, count));
      }
    }
  }

  /** Some transactions, ascending. */
  *some(txs: Uint32Array): Generator<Spends> {
    for (let at = 0; at < txs.length; at += SPENDS_AT_ONCE) {
      const part = txs.subarray(at, at + SPENDS_AT_ONCE);
      const starts = new Uint32Array(part.length + 1);
      const owners: number[] = [];
      for (const [index, tx] of part.entries()) {
        for (const output of spentBy(this.#flow, tx).outputs) owners.push(ownerOf(this.#flow, output));
        starts[index + 1] = owners.length;
      }
      yield { txs: part, starts, owners: Uint32Array.from(owners) };
    }
  }

  #read(segment: UtxoSegment, at: number, txs: Uint32Array): Spends {
    const starts = segment.inputStart.slice(at, txs.length + 1);
    const base = starts[0]!;
    const owners = segment.inputs.slice(base, starts[txs.length]! - base);
    const flat = this.#flat;
    if (flat === null)
      for (let index = 0; index < owners.length; index += 1) owners[index] = ownerOf(this.#flow, owners[index]!);
    else for (let index = 0; index < owners.length; index += 1) owners[index] = flat[owners[index]!]!;
    for (let index = 0; index < starts.length; index += 1) starts[index]! -= base;
    return { txs, starts, owners };
  }

  #flatten(): Uint32Array {
    const flat = new Uint32Array(this.#flow.outputCount);
    for (const { firstOutput, outputCount, owner } of this.#flow.segments)
      owner.copy(flat.subarray(firstOutput, firstOutput + outputCount), 0, outputCount);
    return flat;
  }
}

function numbersFrom(first: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) numbers[at] = first + at;
  return numbers;
}
