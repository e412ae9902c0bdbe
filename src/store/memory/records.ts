import {
  type RecordChange,
  type RecordRange,
  type RecordRow,
  type Records,
  type RecordTable,
  requireKeys,
} from '../records.ts';

const CHUNK = 2000;

interface MemoryTable {
  readonly values: Map<string, Uint8Array>;
  /** Keys in order; null: to be sorted anew. */
  sorted: string[] | null;
}

/** Records that end with the process: for tests, and for a store in memory. */
export class MemoryRecords implements Records {
  readonly #tables = new Map<RecordTable, MemoryTable>();
  #closed = false;

  async get(table: RecordTable, key: string): Promise<Uint8Array | null> {
    return this.#table(table).values.get(key) ?? null;
  }

  async list(table: RecordTable, range: RecordRange = {}): Promise<readonly RecordRow[]> {
    const { from, until, reverse = false, limit = Number.POSITIVE_INFINITY } = range;
    const kept = this.#table(table);
    const keys = this.#keys(kept);
    const first = from === undefined ? 0 : placeOf(keys, from);
    const last = until === undefined ? keys.length : placeOf(keys, until);
    const chosen = reverse
      ? keys.slice(Math.max(first, last - Math.min(limit, last)), last).reverse()
      : keys.slice(first, Math.min(last, first + limit));
    return chosen.map((key) => ({ key, value: kept.values.get(key)! }));
  }

  async *scan(table: RecordTable, range: RecordRange = {}): AsyncGenerator<readonly RecordRow[]> {
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    let rest = range;
    while (left > 0) {
      const rows = await this.list(table, { ...rest, limit: Math.min(CHUNK, left) });
      if (rows.length === 0) return;
      yield rows;
      left -= rows.length;
      const last = rows.at(-1)!.key;
      rest = range.reverse === true ? { ...rest, until: last } : { ...rest, from: `${last}\u0000` };
    }
  }

  async count(table: RecordTable): Promise<number> {
    return this.#table(table).values.size;
  }

  async write(changes: readonly RecordChange[]): Promise<void> {
    if (this.#closed) throw new Error('the records are closed');
    requireKeys(changes);
    for (const { table, key, value } of changes) {
      const kept = this.#table(table);
      if (value === null) {
        if (kept.values.delete(key)) kept.sorted = null;
        continue;
      }
      if (!kept.values.has(key) && kept.sorted !== null) {
        const last = kept.sorted.at(-1);
        if (last === undefined || last < key) kept.sorted.push(key);
        else kept.sorted = null;
      }
      kept.values.set(key, Uint8Array.from(value));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #table(name: RecordTable): MemoryTable {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const table: MemoryTable = { values: new Map(), sorted: [] };
    this.#tables.set(name, table);
    return table;
  }

  #keys(table: MemoryTable): readonly string[] {
    table.sorted ??= [...table.values.keys()].sort((a, b) => (a < b ? -1 : 1));
    return table.sorted;
  }
}

/** Where the key stands, or would. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
