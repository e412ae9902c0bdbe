import { assert } from '../base/assert.ts';
import { byRemainder, largestRemainder } from './round.ts';

/**
 * Rounds the table rows[k] · columns[j] / Σ so that every row sum and every column sum stays exact and each cell is the floor or the
 * ceiling of its exact value. `rows` and `columns` have the same sum; the last row (clean money) has no say. Earlier rows choose
 * first, within a row the cells with the largest remainder, ties to the lower column: a cell is rounded up whenever the table can
 * still be completed. Such a table always exists (integral flows; Cox and Ernst, "Controlled rounding", 1982).
 * Cost: about cells · rows², whatever the number of columns.
 */
export function jointRound(rows: readonly bigint[], columns: readonly bigint[]): bigint[][] {
  if (rows.length === 2) return twoRows(rows[0]!, columns);
  return new Table(rows, columns).solve();
}

/** One theft and clean money: every column with a remainder gives its unit to either, so the largest remainder rule decides. */
function twoRows(row: bigint, columns: readonly bigint[]): bigint[][] {
  const first = largestRemainder(row, columns);
  return [first, columns.map((column, index) => column - first[index]!)];
}

const FREE = 0;
const FIXED = 1;

class Table {
  readonly #floor: bigint[][];
  readonly #remainder: bigint[][];
  /** 1 where the cell is rounded up, by row and column. */
  readonly #up: Uint8Array[];
  /** Cells that are decided, or whose value is whole. */
  readonly #state: Uint8Array[];
  /** Columns through which row a may go up while row b goes down, at a · n + b; checked when read. */
  readonly #swaps: number[][];
  readonly #count: number;
  readonly #need: number[];

  constructor(rows: readonly bigint[], columns: readonly bigint[]) {
    let sum = 0n;
    for (const row of rows) sum += row;
    this.#count = rows.length;
    this.#floor = rows.map((row) => columns.map((column) => (sum === 0n ? 0n : (row * column) / sum)));
    this.#remainder = rows.map((row) => columns.map((column) => (sum === 0n ? 0n : (row * column) % sum)));
    this.#up = rows.map(() => new Uint8Array(columns.length));
    this.#state = this.#remainder.map((list) => Uint8Array.from(list, (value) => (value === 0n ? FIXED : FREE)));
    this.#swaps = Array.from({ length: rows.length * rows.length }, () => []);
    this.#need = rows.map((row, k) => Number(row - this.#floor[k]!.reduce((total, cell) => total + cell, 0n)));
    this.#fill(columns);
  }

  solve(): bigint[][] {
    this.#repair();
    for (let row = 0; row < this.#count - 1; row += 1) {
      for (const column of byRemainder(this.#remainder[row]!)) {
        if (this.#up[row]![column] === 0) this.#tryUp(row, column);
        this.#state[row]![column] = FIXED;
      }
    }
    return this.#floor.map((list, row) => list.map((cell, column) => cell + BigInt(this.#up[row]![column]!)));
  }

  /** Column sums first: each column's extra units go to the rows that need most. */
  #fill(columns: readonly bigint[]): void {
    for (let column = 0; column < columns.length; column += 1) {
      let extra = Number(columns[column]! - this.#floor.reduce((total, row) => total + row[column]!, 0n));
      const open = this.#rowsWhere((row) => this.#state[row]![column] === FREE);
      open.sort((a, b) => this.#need[b]! - this.#need[a]! || a - b);
      for (const row of open) {
        if (extra === 0) break;
        this.#up[row]![column] = 1;
        this.#need[row]! -= 1;
        extra -= 1;
      }
      this.#offer(column);
    }
  }

  /** Then row sums: a row in need takes a unit, along a chain of rows, from one that has too many. */
  #repair(): void {
    for (let row = 0; row < this.#count; row += 1) {
      while (this.#need[row]! > 0) {
        const path = this.#path([row], (end) => this.#need[end]! < 0);
        assert(path !== null, 'a table of proportional cells can be rounded');
        this.#shift(path);
        this.#need[row]! -= 1;
        this.#need[path.at(-1)!]! += 1;
      }
    }
  }

  /** Rounds a cell up if some row can give its unit of that column away and get one back elsewhere. */
  #tryUp(row: number, column: number): void {
    const givers = this.#rowsWhere((other) => this.#up[other]![column] === 1 && this.#state[other]![column] === FREE);
    const path = this.#path(givers, (end) => end === row);
    if (path === null) return;
    this.#up[row]![column] = 1;
    this.#up[path[0]!]![column] = 0;
    this.#shift(path);
    this.#offer(column);
  }

  /** Shortest chain of rows from one of `starts` to the goal, each step a column where the first can go up and the next down. */
  #path(starts: readonly number[], goal: (row: number) => boolean): number[] | null {
    const from = new Map<number, number>(starts.map((row) => [row, -1]));
    const queue = [...starts];
    for (let head = 0; head < queue.length; head += 1) {
      const row = queue[head]!;
      if (goal(row)) return chain(from, row);
      for (let next = 0; next < this.#count; next += 1) {
        if (from.has(next) || this.#swap(row, next) < 0) continue;
        from.set(next, row);
        queue.push(next);
      }
    }
    return null;
  }

  #shift(path: readonly number[]): void {
    const columns = path.slice(1).map((row, index) => this.#swap(path[index]!, row));
    columns.forEach((column, index) => {
      this.#up[path[index]!]![column] = 1;
      this.#up[path[index + 1]!]![column] = 0;
    });
    for (const column of columns) this.#offer(column);
  }

  #swap(up: number, down: number): number {
    const list = this.#swaps[up * this.#count + down]!;
    while (list.length > 0) {
      const column = list.at(-1)!;
      if (this.#canSwap(up, down, column)) return column;
      list.pop();
    }
    return -1;
  }

  #canSwap(up: number, down: number, column: number): boolean {
    if (this.#up[up]![column] !== 0 || this.#up[down]![column] !== 1) return false;
    return this.#state[up]![column] === FREE && this.#state[down]![column] === FREE;
  }

  #offer(column: number): void {
    for (let up = 0; up < this.#count; up += 1) {
      if (this.#up[up]![column] !== 0 || this.#state[up]![column] !== FREE) continue;
      for (let down = 0; down < this.#count; down += 1) {
        if (this.#canSwap(up, down, column)) this.#swaps[up * this.#count + down]!.push(column);
      }
    }
  }

  #rowsWhere(test: (row: number) => boolean): number[] {
    const found: number[] = [];
    for (let row = 0; row < this.#count; row += 1) if (test(row)) found.push(row);
    return found;
  }
}

function chain(from: ReadonlyMap<number, number>, end: number): number[] {
  const path: number[] = [];
  for (let row = end; row >= 0; row = from.get(row)!) path.push(row);
  return path.reverse();
}
