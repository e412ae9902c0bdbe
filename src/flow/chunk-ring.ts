import type { NumberedChunk } from '../store/numbered.ts';

/** Rows of a piece of shared memory. */
export const SLOT_ROWS = 65_536;
/** Bytes of a row: the columns of a chunk. */
const ROW_BYTES = 3 * 4 + 5 * 8;
export const SLOT_BYTES = SLOT_ROWS * ROW_BYTES;

/** A chunk whose columns lie in shared memory. */
export function chunkOver(slot: SharedArrayBuffer, count: number, large: NumberedChunk['large']): NumberedChunk {
  const word = (column: number): Uint32Array => new Uint32Array(slot, (5 * 8 + column * 4) * SLOT_ROWS, SLOT_ROWS);
  const long = (column: number): BigUint64Array => new BigUint64Array(slot, column * 8 * SLOT_ROWS, SLOT_ROWS);
  const double = (column: number): Float64Array => new Float64Array(slot, column * 8 * SLOT_ROWS, SLOT_ROWS);
  return {
    count,
    from: word(0),
    to: word(1),
    asset: word(2),
    low: long(0),
    high: long(1),
    tx: long(2),
    time: double(3),
    block: double(4),
    large,
  };
}

/** Copies rows `start` to `end` - 1, at most SLOT_ROWS of them. */
export function copyChunk(target: NumberedChunk, chunk: NumberedChunk, start: number, end: number): void {
  for (const name of ['from', 'to', 'asset'] as const) target[name].set(chunk[name].subarray(start, end));
  for (const name of ['low', 'high', 'tx'] as const) target[name].set(chunk[name].subarray(start, end));
  for (const name of ['time', 'block'] as const) target[name].set(chunk[name].subarray(start, end));
}
