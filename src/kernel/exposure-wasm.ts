import { CHUNK, Chunk, HAS_ACCOUNT } from './_chunk.ts';
import { ExposureBase } from './_exposure.ts';
import { Instance, type KernelExports, type KernelModule, Layout } from './_wasm.ts';
import type { Exposure, ExposureOptions, Rows } from './kernel.ts';
import { checkIds, checkRows, UNCATEGORISED } from './rows.ts';

interface Views {
  readonly chunk: Chunk;
  readonly held: Float32Array;
  readonly received: Float32Array;
  readonly direct: Float32Array;
  readonly total: Float64Array;
  readonly category: Uint8Array;
  readonly smallRow: Uint32Array;
}
type Addresses = { readonly [name in Exclude<keyof Views, 'chunk'> | 'small']: number };

export class WasmExposure extends ExposureBase implements Exposure {
  readonly #instance: Instance;
  readonly #at: Addresses;
  #views: Views;
  #smallRows = 0;

  constructor(module: KernelModule, options: ExposureOptions) {
    super(options);
    const { places, accounts } = this;
    const vector = 4 * this.categories.count;
    const layout = new Layout();
    this.#at = {
      held: layout.take(vector * places),
      received: layout.take(vector * accounts),
      direct: layout.take(vector * accounts),
      total: layout.take(8 * accounts),
      category: layout.take(places),
      smallRow: layout.take(4 * accounts),
      // Last, because it grows.
      small: layout.end,
    };
    this.#instance = new Instance(module, layout.end, {
      what: `exposure in ${this.categories.count} categories`,
      things: 'places',
      count: places,
      remedy: 'split the categories over several scans: their results are the same',
    });
    this.#views = this.#bind();
    this.category.fill(UNCATEGORISED);
    if (options.category !== undefined) this.category.set(options.category);
  }

  get held(): Float32Array {
    return this.#views.held;
  }

  get received(): Float32Array {
    return this.#views.received;
  }

  get direct(): Float32Array {
    return this.#views.direct;
  }

  get total(): Float64Array {
    return this.#views.total;
  }

  get category(): Uint8Array {
    return this.#views.category;
  }

  get smallRow(): Uint32Array {
    return this.#views.smallRow;
  }

  get smallRows(): number {
    return this.#smallRows;
  }

  protected get smallTable(): Uint8Array {
    return new Uint8Array(this.#instance.buffer, this.#at.small, this.#smallRows * this.stride);
  }

  protected resizeSmall(rows: number): void {
    this.#reserve(rows);
    this.#smallRows = rows;
  }

  run(rows: Rows): void {
    checkRows(rows);
    let bad = 0;
    if (this.direction === 'forward')
      for (let start = 0; start < rows.count; start += CHUNK)
        bad |= this.#scan(rows, start, Math.min(CHUNK, rows.count - start));
    else
      for (let end = rows.count; end > 0; end -= CHUNK)
        bad |= this.#scan(rows, Math.max(0, end - CHUNK), Math.min(CHUNK, end));
    checkIds(bad);
  }

  #scan(rows: Rows, start: number, count: number): number {
    // Each row can be the first small one of its account.
    if (this.dust > 0) this.#reserve(Math.min(this.accounts, this.#smallRows + count));
    const { exports } = this.#instance;
    const at = this.#at;
    const { places, accounts, categories, dust } = this;
    const addresses = [at.held, at.received, at.direct, at.total, at.category, at.smallRow, at.small];
    exports.configureExposure(...addresses, places, accounts, categories.from, dust, this.#smallRows);
    const account = this.direction === 'forward' ? rows.receiver : rows.payer;
    const flags = this.#views.chunk.copy({ ...rows, account }, start, count);
    const bad = this.#scanOf(flags)(count, flags, categories.count / 4);
    this.#smallRows = exports.smallRows();
    return bad;
  }

  /** The scan made for this width, where there is one and the rows have none of the rarer columns. */
  #scanOf(flags: number): KernelExports['forwardAny'] {
    const { exports } = this.#instance;
    const { count } = this.categories;
    const plain = (flags & ~HAS_ACCOUNT) === 0;
    if (this.direction === 'forward') {
      if (plain && count === 16) return exports.forward16;
      return plain && count === 8 ? exports.forward8 : exports.forwardAny;
    }
    if (plain && count === 16) return exports.backward16;
    return plain && count === 8 ? exports.backward8 : exports.backwardAny;
  }

  #reserve(rows: number): void {
    if (this.#instance.reach(this.#at.small + rows * this.stride)) this.#views = this.#bind();
  }

  #bind(): Views {
    const { buffer } = this.#instance;
    const { places, accounts } = this;
    const { count } = this.categories;
    const at = this.#at;
    return {
      chunk: new Chunk(buffer),
      held: new Float32Array(buffer, at.held, count * places),
      received: new Float32Array(buffer, at.received, count * accounts),
      direct: new Float32Array(buffer, at.direct, count * accounts),
      total: new Float64Array(buffer, at.total, accounts),
      category: new Uint8Array(buffer, at.category, places),
      smallRow: new Uint32Array(buffer, at.smallRow, accounts),
    };
  }
}
