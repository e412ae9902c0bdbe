/** Columns of one chunk; all of a chunk have one length. */
export type Column = BigUint64Array | BigInt64Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

export interface Chunk {
  readonly count: number;
  readonly columns: readonly Column[];
}

/** Which columns of a chunk make the order, most significant first. */
export type OrderColumns = readonly number[];

/** Below this many rows in a row, copying them one by one is faster than making views of the columns. */
const FEW = 8;

/**
 * Two ordered streams of chunks as one; of rows with one order those of `first` come first. Reads ahead one chunk of each. Whole chunks
 * that nothing comes between are passed on as they are. `make` makes the columns of a new chunk.
 */
export async function* mergeChunks(
  first: AsyncGenerator<Chunk>,
  second: AsyncGenerator<Chunk>,
  order: OrderColumns,
  make: () => Column[],
): AsyncGenerator<Chunk> {
  try {
    const a = new Cursor(first);
    const b = new Cursor(second);
    const out = new Gathered(make);
    await a.fill();
    await b.fill();
    while (a.chunk !== null || b.chunk !== null) {
      const [from, until] = nextRun(a, b, order);
      yield* out.add(from.chunk!, from.at, until);
      from.at = until;
      await from.fill();
    }
    yield* out.flush();
  } finally {
    await first.return(undefined);
    await second.return(undefined);
  }
}

/** A stream with the place reached in its present chunk. */
class Cursor {
  chunk: Chunk | null = null;
  at = 0;
  private readonly chunks: AsyncGenerator<Chunk>;

  constructor(chunks: AsyncGenerator<Chunk>) {
    this.chunks = chunks;
  }

  /** Makes sure that a row is there; `chunk` is null at the end. */
  async fill(): Promise<void> {
    if (this.chunk !== null && this.at < this.chunk.count) return;
    const { value, done } = await this.chunks.next();
    this.chunk = done === true ? null : value;
    this.at = 0;
  }
}

/** From which stream rows come next, and up to which row of its chunk. */
function nextRun(a: Cursor, b: Cursor, order: OrderColumns): readonly [from: Cursor, until: number] {
  if (b.chunk === null) return [a, a.chunk!.count];
  if (a.chunk === null) return [b, b.chunk.count];
  if (compareRows(a.chunk, a.at, b.chunk, b.at, order) <= 0) return [a, runEnd(a, b, order, true)];
  return [b, runEnd(b, a, order, false)];
}

/** The first row of `from`, after its present one, that comes after the other's present row. */
function runEnd(from: Cursor, other: Cursor, order: OrderColumns, equalToo: boolean): number {
  const chunk = from.chunk!;
  const before = (row: number): boolean => {
    const comparison = compareRows(chunk, row, other.chunk!, other.at, order);
    return comparison < 0 || (equalToo && comparison === 0);
  };
  let low = from.at + 1;
  let step = 1;
  while (low + step <= chunk.count && before(low + step - 1)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(chunk.count, low + step - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareRows(a: Chunk, rowA: number, b: Chunk, rowB: number, order: OrderColumns): number {
  for (const column of order) {
    const left = a.columns[column]![rowA]!;
    const right = b.columns[column]![rowB]!;
    if (left < right) return -1;
    if (left > right) return 1;
  }
  return 0;
}

/** Rows put together into full chunks. */
class Gathered {
  private readonly make: () => Column[];
  private columns: Column[];
  private count = 0;

  constructor(make: () => Column[]) {
    this.make = make;
    this.columns = make();
  }

  *add(chunk: Chunk, start: number, end: number): Generator<Chunk> {
    const room = this.columns[0]!.length;
    if (start === 0 && end === chunk.count && chunk.count >= room / 2) {
      yield* this.flush();
      yield chunk;
      return;
    }
    for (let from = start; from < end; ) {
      const rows = Math.min(end - from, room - this.count);
      this.copy(chunk, from, rows);
      from += rows;
      if (this.count === room) yield* this.flush();
    }
  }

  private copy(chunk: Chunk, start: number, rows: number): void {
    this.columns.forEach((column, index) => {
      const given = chunk.columns[index]!;
      if (rows >= FEW) column.set(given.subarray(start, start + rows) as never, this.count);
      else for (let row = 0; row < rows; row += 1) column[this.count + row] = given[start + row]!;
    });
    this.count += rows;
  }

  *flush(): Generator<Chunk> {
    if (this.count === 0) return;
    yield { count: this.count, columns: this.columns };
    this.columns = this.make();
    this.count = 0;
  }
}
