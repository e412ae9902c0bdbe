/** Value of `balance` where a place keeps none. */
export const NOT_TRACKED = -1;
export const STOP = -2;

/** Float64 cells of a place, and which is which. */
export const CELLS = 4;
export const BALANCE = 0;
export const FRONT = 1;
const BACK = 2;
/** The last cell holds two Int32: first and last parcel between front and back. */
const LINKS = 3;

/** End of a list of parcels. */
const NONE = -1;
const FIRST_PARCELS = 256;

/**
 * Every place's row of parcels, oldest first, in typed arrays: nothing is allocated for a movement.
 *
 * A parcel is a whole number: above zero clean, below zero tainted. One theft counted in the asset's own base units loses
 * nothing when a parcel is split, so neighbouring parcels of one kind are one parcel here, tainted ones too; a row is an
 * alternation of clean and tainted runs. A place whose money is all clean has no parcels.
 *
 * The first parcel (`front`) and the last (`back`) lie with the place's balance, 32 bytes together, because most movements
 * touch no others; those between are a list in an arena. No front: no parcels. No back: front is the only one.
 */
export class FifoRows {
  readonly cells: Float64Array;
  readonly #links: Int32Array;
  /** Float64 view, at parcel·2: the amount; Int32 view of the same memory, at parcel·4 + 2: the next parcel. */
  #amount = new Float64Array(FIRST_PARCELS * 2);
  #next = new Int32Array(this.#amount.buffer);
  #free = NONE;
  #used = 0;

  /** `kinds`: 0 keeps a balance, 1 is not tracked, 2 is a stop. */
  constructor(kinds: Uint8Array) {
    this.cells = new Float64Array(kinds.length * CELLS);
    this.#links = new Int32Array(this.cells.buffer);
    kinds.forEach((kind, place) => {
      this.cells[place * CELLS + BALANCE] = kind === 0 ? 0 : kind === 1 ? NOT_TRACKED : STOP;
      this.#links[place * CELLS * 2 + LINKS * 2] = NONE;
    });
  }

  /** Adds a parcel (below zero: tainted) at the tail, and its amount to the balance. */
  append(place: number, parcel: number): void {
    const { cells } = this;
    const at = place * CELLS;
    const clean = cells[at]!;
    cells[at] = clean + Math.abs(parcel);
    if (cells[at + FRONT]! === 0) {
      if (parcel > 0) return;
      if (clean > 0) cells[at + FRONT] = clean;
    }
    this.#push(at, parcel);
  }

  /**
   * Takes the first x off the row of u and adds them to that of v (NONE: to nobody) in their order; returns how much of it is
   * tainted. u is not v, has parcels and a balance of at least x.
   */
  move(u: number, v: number, x: number): number {
    const { cells } = this;
    const at = u * CELLS;
    cells[at] = cells[at]! - x;
    let left = x;
    let tainted = 0;
    while (left > 0) {
      const front = cells[at + FRONT]!;
      let parcel = front;
      if (Math.abs(front) > left) {
        parcel = front < 0 ? -left : left;
        cells[at + FRONT] = front - parcel;
      } else this.#pop(at);
      left -= Math.abs(parcel);
      if (parcel < 0) tainted -= parcel;
      if (v >= 0) this.append(v, parcel);
    }
    // A row that has come down to one clean parcel needs none.
    if (cells[at + BACK]! === 0 && cells[at + FRONT]! > 0) cells[at + FRONT] = 0;
    return tainted;
  }

  /** Turns clean money into tainted, last arrived first; false where there is less of it. Rare, so it rebuilds the row. */
  mark(place: number, amount: number): boolean {
    const row = this.#parcels(place);
    if (amount > row.reduce((clean, parcel) => clean + Math.max(parcel, 0), 0)) return false;
    while (this.cells[place * CELLS + FRONT]! !== 0) this.#pop(place * CELLS);
    this.cells[place * CELLS] = 0;
    let left = amount;
    const marked: number[] = [];
    for (const parcel of row.reverse()) {
      const turned = parcel > 0 ? Math.min(parcel, left) : 0;
      if (turned > 0) marked.push(-turned);
      if (parcel !== turned) marked.push(parcel - turned);
      left -= turned;
    }
    for (const parcel of marked.reverse()) this.append(place, parcel);
    return true;
  }

  #parcels(place: number): number[] {
    const at = place * CELLS;
    const { cells } = this;
    if (cells[at + FRONT]! === 0) return cells[at]! > 0 ? [cells[at]!] : [];
    const row = [cells[at + FRONT]!];
    for (let parcel = this.#links[(at + LINKS) * 2]!; parcel !== NONE; parcel = this.#next[parcel * 4 + 2]!)
      row.push(this.#amount[parcel * 2]!);
    if (cells[at + BACK]! !== 0) row.push(cells[at + BACK]!);
    return row;
  }

  /** Drops the front; the parcel after it is the front then. */
  #pop(at: number): void {
    const { cells } = this;
    const second = this.#links[(at + LINKS) * 2]!;
    if (second === NONE) {
      cells[at + FRONT] = cells[at + BACK]!;
      cells[at + BACK] = 0;
      return;
    }
    cells[at + FRONT] = this.#amount[second * 2]!;
    this.#links[(at + LINKS) * 2] = this.#next[second * 4 + 2]!;
    this.#next[second * 4 + 2] = this.#free;
    this.#free = second;
  }

  /** Adds to the last run, or begins a new one. */
  #push(at: number, parcel: number): void {
    const { cells } = this;
    const front = cells[at + FRONT]!;
    const back = cells[at + BACK]!;
    if (back === 0) {
      const joins = front === 0 || front < 0 === parcel < 0;
      if (joins) cells[at + FRONT] = front + parcel;
      else cells[at + BACK] = parcel;
      return;
    }
    if (back < 0 === parcel < 0) cells[at + BACK] = back + parcel;
    else {
      this.#list(at, back);
      cells[at + BACK] = parcel;
    }
  }

  /** Adds a parcel at the end of those between front and back. */
  #list(at: number, amount: number): void {
    const added = this.#allocate();
    this.#amount[added * 2] = amount;
    this.#next[added * 4 + 2] = NONE;
    const link = (at + LINKS) * 2;
    if (this.#links[link]! === NONE) this.#links[link] = added;
    else this.#next[this.#links[link + 1]! * 4 + 2] = added;
    this.#links[link + 1] = added;
  }

  #allocate(): number {
    const free = this.#free;
    if (free !== NONE) {
      this.#free = this.#next[free * 4 + 2]!;
      return free;
    }
    if (this.#used * 2 === this.#amount.length) {
      const larger = new Float64Array(this.#amount.length * 2);
      larger.set(this.#amount);
      this.#amount = larger;
      this.#next = new Int32Array(larger.buffer);
    }
    this.#used += 1;
    return this.#used - 1;
  }
}
