import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import { HaetaeError } from '../../base/errors.ts';
import type { Chunk, Column } from './merge.ts';

/** Rows a chunk handed out: enough to make the loop around it free, few enough to stay in the cache. */
export const CHUNK_ROWS = 65_536;

/** Gathers DuckDB's small chunks into large ones and checks that a column never goes back: time, or the block where rows lie by block. */
export async function* columnChunks(
  result: DuckDBResult,
  make: () => Column[],
  risingColumn: number,
  copy: (chunk: DuckDBDataChunk, columns: readonly Column[], offset: number) => void = copyColumns,
): AsyncGenerator<Chunk> {
  let columns = make();
  let count = 0;
  let last = Number.NEGATIVE_INFINITY;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    if (count + chunk.rowCount > CHUNK_ROWS) {
      last = requireOrder(columns[risingColumn] as Float64Array, count, last);
      yield { count, columns };
      columns = make();
      count = 0;
    }
    copy(chunk, columns, count);
    count += chunk.rowCount;
  }
  if (count === 0) return;
  requireOrder(columns[risingColumn] as Float64Array, count, last);
  yield { count, columns };
}

/** `columns` are those of the chunk, in order; null for one that is left. */
export function copyColumns(chunk: DuckDBDataChunk, columns: readonly (Column | null)[], offset: number): void {
  columns.forEach((column, index) => {
    if (column === null) return;
    // Fixed-width vectors without nulls (the query leaves none) are one typed array in memory.
    const { items } = chunk.getColumnVector(index) as unknown as { readonly items: Column };
    column.set(items.subarray(0, chunk.rowCount) as never, offset);
  });
}

function requireOrder(rising: Float64Array, count: number, before: number): number {
  let last = before;
  for (let index = 0; index < count; index += 1) {
    const now = rising[index]!;
    if (now < last) {
      throw new HaetaeError('E_STORE_CORRUPT', 'the stored rows are not in order', {
        context: { value: now, after: last },
        remedy: 'restore a backup, or import the files into a new store',
      });
    }
    last = now;
  }
  return last;
}
