import type { Rows } from './kernel.ts';

/** Rows copied into WebAssembly memory at a time: their columns stay in a core's cache until they are read. */
export const CHUNK = 16_384;

/** Bits of `flags`: see assembly/chunk.ts. */
export const WANTS_OUT = 32;
export const HAS_ACCOUNT = 1;
const HAS_HIGH = 2;
const HAS_GAIN = 4;
const HAS_FROM_CATEGORY = 8;
const HAS_TO_CATEGORY = 16;

/** Addresses of the columns, as in assembly/chunk.ts. */
const FROM = 1024;
const TO = FROM + 4 * CHUNK;
const ACCOUNT = TO + 4 * CHUNK;
const LOW = ACCOUNT + 4 * CHUNK;
const HIGH = LOW + 8 * CHUNK;
const RATIO = HIGH + 8 * CHUNK;
const GAIN = RATIO + 8 * CHUNK;
const FROM_CATEGORY = GAIN + 8 * CHUNK;
const TO_CATEGORY = FROM_CATEGORY + CHUNK;
const OUT = TO_CATEGORY + CHUNK;
const OUT_ROW = OUT + 8 * CHUNK;
/** Where the rest of a scan's memory begins. */
export const CHUNK_END = OUT_ROW + 4 * CHUNK;

type Numbers = Uint32Array | Float64Array | Uint8Array;

/** Columns of a chunk to be copied; `account` is the rows' payer or receiver. */
export interface ChunkColumns extends Partial<Rows> {
  readonly account?: Uint32Array | null | undefined;
}

/** The chunk of rows at the beginning of a scan's memory. */
export class Chunk {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly account: Uint32Array;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly ratio: Float64Array;
  readonly gain: Float64Array;
  readonly fromCategory: Uint8Array;
  readonly toCategory: Uint8Array;
  readonly out: Float64Array;
  readonly outRow: Uint32Array;

  constructor(buffer: ArrayBuffer) {
    this.from = new Uint32Array(buffer, FROM, CHUNK);
    this.to = new Uint32Array(buffer, TO, CHUNK);
    this.account = new Uint32Array(buffer, ACCOUNT, CHUNK);
    this.low = new Uint32Array(buffer, LOW, 2 * CHUNK);
    this.high = new Uint32Array(buffer, HIGH, 2 * CHUNK);
    this.ratio = new Float64Array(buffer, RATIO, CHUNK);
    this.gain = new Float64Array(buffer, GAIN, CHUNK);
    this.fromCategory = new Uint8Array(buffer, FROM_CATEGORY, CHUNK);
    this.toCategory = new Uint8Array(buffer, TO_CATEGORY, CHUNK);
    this.out = new Float64Array(buffer, OUT, CHUNK);
    this.outRow = new Uint32Array(buffer, OUT_ROW, CHUNK);
  }

  /** Copies `count` rows from `start` on, of the columns given; says which of the optional ones are there. */
  copy(rows: ChunkColumns, start: number, count: number): number {
    put(this.from, rows.from, start, count);
    put(this.to, rows.to, start, count);
    put(this.low, rows.low, 2 * start, 2 * count);
    put(this.ratio, rows.ratio, start, count);
    return (
      (put(this.account, rows.account, start, count) ? HAS_ACCOUNT : 0) |
      (put(this.high, rows.high, 2 * start, 2 * count) ? HAS_HIGH : 0) |
      (put(this.gain, rows.gain, start, count) ? HAS_GAIN : 0) |
      (put(this.fromCategory, rows.fromCategory, start, count) ? HAS_FROM_CATEGORY : 0) |
      (put(this.toCategory, rows.toCategory, start, count) ? HAS_TO_CATEGORY : 0)
    );
  }
}

/** True where the column is there. */
function put(target: Numbers, source: Numbers | null | undefined, start: number, count: number): boolean {
  if (source == null) return false;
  target.set(source.subarray(start, start + count));
  return true;
}
