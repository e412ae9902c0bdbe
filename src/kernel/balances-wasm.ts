import { assert } from '../base/assert.ts';
import { BalancesBase, TALLY_WORDS } from './_balances.ts';
import { CHUNK, Chunk } from './_chunk.ts';
import { Instance, type KernelModule, Layout } from './_wasm.ts';
import type { Balances, BalancesOptions, Rows } from './kernel.ts';
import { checkIds, checkRows } from './rows.ts';

export class WasmBalances extends BalancesBase implements Balances {
  readonly words: Uint32Array;
  protected readonly tally: Uint32Array;
  readonly #instance: Instance;
  readonly #chunk: Chunk;

  constructor(module: KernelModule, options: BalancesOptions) {
    super(options);
    const { places } = this;
    const layout = new Layout();
    const tally = layout.take(4 * TALLY_WORDS);
    const words = layout.take(16 * places);
    const remedy = 'take the assets one after the other';
    this.#instance = new Instance(module, layout.end, { what: 'balances', things: 'places', count: places, remedy });
    const { buffer } = this.#instance;
    this.#chunk = new Chunk(buffer);
    this.tally = new Uint32Array(buffer, tally, TALLY_WORDS);
    this.words = new Uint32Array(buffer, words, 4 * places);
  }

  run(rows: Omit<Rows, 'ratio'>, ratio: Float64Array): void {
    checkRows(rows);
    assert(ratio.length >= rows.count, 'there is room for every ratio');
    const { words, tally, places } = this;
    const { from, to, low, high } = rows;
    const scan = this.#instance.exports.balances;
    let bad = 0;
    for (let done = 0; done < rows.count; done += CHUNK) {
      const count = Math.min(CHUNK, rows.count - done);
      const flags = this.#chunk.copy({ from, to, low, high }, done, count);
      bad |= scan(count, flags, words.byteOffset, places, tally.byteOffset);
      ratio.set(this.#chunk.out.subarray(0, count), done);
    }
    checkIds(bad);
  }
}
