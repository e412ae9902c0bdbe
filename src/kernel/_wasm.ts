import { HaetaeError } from '../base/errors.ts';
import { CHUNK_END } from './_chunk.ts';

/** The part of the WebAssembly interface used here; types for Node do not declare it. */
interface WebAssemblyInterface {
  readonly Memory: new (pages: { initial: number; maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: WebAssemblyInterface;

type Scan = (...numbers: number[]) => number;
type Order = (...numbers: number[]) => void;

/** See assembly/kernel.ts. */
export interface KernelExports {
  readonly unionGroups: Scan;
  readonly unionGroupsGuarded: Scan;
  readonly unionPairs: Scan;
  readonly unionPairsGuarded: Scan;
  readonly refusedUnions: Scan;
  readonly compress: Order;
  readonly balances: Scan;
  readonly taint: Scan;
  readonly configureExposure: Order;
  readonly forward16: Scan;
  readonly forward8: Scan;
  readonly forwardAny: Scan;
  readonly backward16: Scan;
  readonly backward8: Scan;
  readonly backwardAny: Scan;
  readonly smallRows: Scan;
  readonly adjoint: Scan;
  readonly keptRows: Scan;
}

/** A compiled kernel.wasm: each scan runs an instance of its own, with a memory of its own. */
export type KernelModule = object;

export function compileKernel(bytes: Uint8Array): KernelModule {
  return new WebAssembly.Module(bytes);
}

const PAGE = 65_536;
const MOST_PAGES = 65_536;
/** A cache line: what stands on one is read at once. */
const LINE = 64;

/** What the memory is for, should it not suffice. */
export interface Wanted {
  /** Such as "exposure in 16 categories". */
  readonly what: string;
  /** Such as "places". */
  readonly things: string;
  readonly count: number;
  readonly remedy: string;
}

/** Addresses of the parts of a memory behind its chunk of rows, each at the start of a cache line. */
export class Layout {
  #end = CHUNK_END;

  /** Address of a new part. */
  take(bytes: number): number {
    const start = this.#end;
    this.#end = Math.ceil((start + bytes) / LINE) * LINE;
    return start;
  }

  get end(): number {
    return this.#end;
  }
}

/** An instance and its zeroed memory. Throws E_MEMORY where that would end beyond 4 GiB. */
export class Instance {
  readonly exports: KernelExports;
  readonly #memory: Memory;
  readonly #wanted: Wanted;

  constructor(module: KernelModule, bytes: number, wanted: Wanted) {
    this.#wanted = wanted;
    if (bytes > PAGE * MOST_PAGES) throw tooLarge(bytes, wanted);
    try {
      this.#memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE), maximum: MOST_PAGES });
    } catch (cause) {
      throw tooLarge(bytes, wanted, cause);
    }
    this.exports = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports as KernelExports;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Makes the memory reach to `bytes`; true where it became another buffer, so that views must be made anew. */
  reach(bytes: number): boolean {
    const missing = Math.ceil((bytes - this.buffer.byteLength) / PAGE);
    if (missing <= 0) return false;
    if (bytes > PAGE * MOST_PAGES) throw tooLarge(bytes, this.#wanted);
    const spare = Math.min(MOST_PAGES - this.buffer.byteLength / PAGE, Math.max(missing, 256));
    try {
      this.#memory.grow(spare);
    } catch (cause) {
      throw tooLarge(bytes, this.#wanted, cause);
    }
    return true;
  }
}

function tooLarge(bytes: number, { what, things, count, remedy }: Wanted, cause?: unknown): HaetaeError {
  const fit = Math.floor((count * PAGE * MOST_PAGES) / bytes);
  const gigabytes = (bytes / 1e9).toFixed(1);
  const message = `${what} over ${count} ${things} needs ${gigabytes} GB in one piece`;
  if (cause !== undefined)
    return new HaetaeError('E_MEMORY', `${message}, which this machine does not give`, { remedy, cause });
  return new HaetaeError('E_MEMORY', `${message}; WebAssembly memory ends at 4.3 GB, which is ${fit} ${things}`, {
    remedy,
  });
}
