import { CHUNK, Chunk, WANTS_OUT } from './_chunk.ts';
import { TaintBase } from './_taint.ts';
import { Instance, type KernelModule, Layout } from './_wasm.ts';
import type { Taint, TaintOptions, TaintRows } from './kernel.ts';

export class WasmTaint extends TaintBase implements Taint {
  readonly taint: Float64Array;
  readonly stop: Uint8Array;
  protected readonly ends: Float64Array;
  readonly #instance: Instance;
  readonly #chunk: Chunk;

  constructor(module: KernelModule, options: TaintOptions) {
    super(options);
    const { places } = this;
    const layout = new Layout();
    const ends = layout.take(16);
    const taint = layout.take(8 * places);
    const stop = layout.take(places);
    const remedy = 'trace fewer places at once';
    this.#instance = new Instance(module, layout.end, { what: 'taint', things: 'places', count: places, remedy });
    const { buffer } = this.#instance;
    this.#chunk = new Chunk(buffer);
    this.ends = new Float64Array(buffer, ends, 2);
    this.taint = new Float64Array(buffer, taint, places);
    this.stop = new Uint8Array(buffer, stop, places);
    if (options.stop !== undefined) this.stop.set(options.stop);
  }

  protected scan({ from, to, ratio }: TaintRows, start: number, end: number, tainted: Float64Array | null): number {
    const { taint, stop, ends, places } = this;
    const scan = this.#instance.exports.taint;
    const wanted = tainted === null ? 0 : WANTS_OUT;
    let bad = 0;
    for (let done = start; done < end; done += CHUNK) {
      const count = Math.min(CHUNK, end - done);
      const flags = this.#chunk.copy({ from, to, ratio }, done, count) | wanted;
      bad |= scan(count, flags, taint.byteOffset, stop.byteOffset, ends.byteOffset, places);
      tainted?.set(this.#chunk.out.subarray(0, count), done);
    }
    return bad;
  }
}
