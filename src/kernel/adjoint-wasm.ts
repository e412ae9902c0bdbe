import { AdjointBase, CATEGORY_NUMBERS } from './_adjoint.ts';
import { CHUNK, Chunk } from './_chunk.ts';
import { Instance, type KernelModule, Layout } from './_wasm.ts';
import type { Adjoint, AdjointOptions, Rows } from './kernel.ts';
import { checkIds, checkRows, UNCATEGORISED } from './rows.ts';

export class WasmAdjoint extends AdjointBase implements Adjoint {
  readonly lambda: Float64Array;
  readonly category: Uint8Array;
  readonly contribution: Float64Array;
  readonly #instance: Instance;
  readonly #chunk: Chunk;

  constructor(module: KernelModule, options: AdjointOptions) {
    super(options);
    const { places } = this;
    const layout = new Layout();
    const contribution = layout.take(8 * CATEGORY_NUMBERS);
    const lambda = layout.take(8 * places);
    const category = layout.take(places);
    const remedy = 'take the assets one after the other';
    const wanted = { what: 'the way back from one account', things: 'places', count: places, remedy };
    this.#instance = new Instance(module, layout.end, wanted);
    const { buffer } = this.#instance;
    this.#chunk = new Chunk(buffer);
    this.contribution = new Float64Array(buffer, contribution, CATEGORY_NUMBERS);
    this.lambda = new Float64Array(buffer, lambda, places);
    this.category = new Uint8Array(buffer, category, places).fill(UNCATEGORISED);
    if (options.category !== undefined) this.category.set(options.category);
  }

  backward(rows: Rows, first = 0): void {
    checkRows(rows);
    const { adjoint, keptRows } = this.#instance.exports;
    const { lambda, category, contribution, places, target, dust, floor } = this;
    const { outRow, out } = this.#chunk;
    const columns = { ...rows, account: rows.receiver };
    let bad = 0;
    for (let end = rows.count; end > 0; end -= CHUNK) {
      const start = Math.max(0, end - CHUNK);
      const flags = this.#chunk.copy(columns, start, end - start);
      const state = [lambda.byteOffset, category.byteOffset, contribution.byteOffset, places];
      bad |= adjoint(end - start, flags, ...state, target, dust, floor);
      const kept = keptRows();
      for (let index = 0; index < kept; index += 1) this.keep(first + start + outRow[index]!, out[index]!);
    }
    checkIds(bad);
  }
}
