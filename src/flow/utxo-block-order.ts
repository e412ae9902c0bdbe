/** Rows of transactions as {@link BlockOrder} reads them; row numbers count in these arrays. */
export interface EndRows {
  /** 1 spends, 0 creates. */
  readonly spends: Uint8Array;
  /** Two words a row: print of the outpoint, the low word first. */
  readonly outpoint: Uint32Array;
  /** Where each transaction's rows begin, and where the last one's end. */
  readonly starts: Uint32Array;
}

/**
 * The order of transactions inside a block. Sources without an index in the block give them in any order, and money must exist before it is spent: so
 * each transaction comes after those of its block that create what it spends, which are brought forward to stand right before it, in the order of
 * its inputs; for the rest the order given stays. A chain's own order is already so.
 */
export class BlockOrder {
  #low = new Uint32Array(64);
  #high = new Uint32Array(64);
  #tx = new Uint32Array(64);
  /** The call an entry belongs to: emptying the table is counting one up. */
  #call = new Uint32Array(64);
  #now = 0;

  /** The transactions `first` to `last` - 1 in order; null where they stand in order already. */
  of(rows: EndRows, first: number, last: number): Uint32Array | null {
    if (last - first < 2) return null;
    this.#enter(rows, first, last);
    return this.#isInOrder(rows, first, last) ? null : this.#bringForward(rows, first, last);
  }

  /** Takes in what the transactions create. */
  #enter({ spends, outpoint, starts }: EndRows, first: number, last: number): void {
    this.#empty(starts[last]! - starts[first]!);
    const mask = this.#low.length - 1;
    for (let tx = first; tx < last; tx += 1) {
      for (let row = starts[tx]!; row < starts[tx + 1]!; row += 1) {
        if (spends[row] === 1) continue;
        const low = outpoint[2 * row]!;
        const high = outpoint[2 * row + 1]!;
        let slot = high & mask;
        while (this.#call[slot] === this.#now && (this.#low[slot] !== low || this.#high[slot] !== high))
          slot = (slot + 1) & mask;
        if (this.#call[slot] === this.#now) continue;
        this.#call[slot] = this.#now;
        this.#low[slot] = low;
        this.#high[slot] = high;
        this.#tx[slot] = tx;
      }
    }
  }

  #empty(entries: number): void {
    let slots = this.#low.length;
    while (slots < 2 * entries) slots *= 2;
    this.#now += 1;
    if (slots === this.#low.length && this.#now < 2 ** 32) return;
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#tx = new Uint32Array(slots);
    this.#call = new Uint32Array(slots);
    this.#now = 1;
  }

  #isInOrder({ spends, outpoint, starts }: EndRows, first: number, last: number): boolean {
    for (let tx = first; tx < last; tx += 1) {
      for (let row = starts[tx]!; row < starts[tx + 1]!; row += 1) {
        if (spends[row] === 1 && this.#creator(outpoint[2 * row]!, outpoint[2 * row + 1]!) > tx) return false;
      }
    }
    return true;
  }

  /** The transaction of this block that creates an outpoint; -1 where none does. */
  #creator(low: number, high: number): number {
    const mask = this.#low.length - 1;
    let slot = high & mask;
    for (; this.#call[slot] === this.#now; slot = (slot + 1) & mask)
      if (this.#low[slot] === low && this.#high[slot] === high) return this.#tx[slot]!;
    return -1;
  }

  #bringForward(rows: EndRows, first: number, last: number): Uint32Array {
    const order = new Uint32Array(last - first);
    // The next row of each transaction to look at; past its rows once it waits for nothing more.
    const next = rows.starts.slice(first, last);
    const met = new Uint8Array(last - first);
    let placed = 0;
    for (let root = first; root < last; root += 1) {
      const stack = met[root - first] === 1 ? [] : [root];
      met[root - first] = 1;
      while (stack.length > 0) {
        const parent = this.#unmetParent(rows, stack.at(-1)!, first, next, met);
        if (parent < 0) order[placed++] = stack.pop()!;
        else {
          met[parent - first] = 1;
          stack.push(parent);
        }
      }
    }
    return order;
  }

  #unmetParent(rows: EndRows, tx: number, first: number, next: Uint32Array, met: Uint8Array): number {
    const { spends, outpoint, starts } = rows;
    for (let row = next[tx - first]!; row < starts[tx + 1]!; row += 1) {
      if (spends[row] === 0) continue;
      const parent = this.#creator(outpoint[2 * row]!, outpoint[2 * row + 1]!);
      if (parent < 0 || met[parent - first] === 1) continue;
      next[tx - first] = row + 1;
      return parent;
    }
    next[tx - first] = starts[tx + 1]!;
    return -1;
  }
}
