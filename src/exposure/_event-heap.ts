/** Places ordered by the event each waits for: (order, id), the largest or the smallest first. */
export class EventHeap {
  readonly #sign: number;
  #order: number[] = [];
  #id: number[] = [];
  #handle: number[] = [];

  constructor(first: 'largest' | 'smallest') {
    this.#sign = first === 'largest' ? -1 : 1;
  }

  get size(): number {
    return this.#id.length;
  }

  /** Of the first event; the heap is not empty. */
  get id(): number {
    return this.#id[0]!;
  }

  get handle(): number {
    return this.#handle[0]!;
  }

  push(order: number, id: number, handle: number): void {
    this.#order.push(order);
    this.#id.push(id);
    this.#handle.push(handle);
    let at = this.#id.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#precedes(order, id, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#put(at, order, id, handle);
  }

  /** Puts another event of the same handle in place of the first. */
  replace(order: number, id: number): void {
    this.#sink(order, id, this.#handle[0]!);
  }

  pop(): void {
    const order = this.#order.pop()!;
    const id = this.#id.pop()!;
    const handle = this.#handle.pop()!;
    if (this.#id.length > 0) this.#sink(order, id, handle);
  }

  /** Puts an event in place of the first, and down to where it belongs. */
  #sink(order: number, id: number, handle: number): void {
    const size = this.#id.length;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#precedes(this.#order[child + 1]!, this.#id[child + 1]!, child)) child += 1;
      if (this.#precedes(order, id, child)) break;
      this.#move(child, at);
      at = child;
    }
    this.#put(at, order, id, handle);
  }

  #precedes(order: number, id: number, other: number): boolean {
    const orders = order - this.#order[other]!;
    return this.#sign * (orders !== 0 ? orders : id - this.#id[other]!) < 0;
  }

  #move(from: number, to: number): void {
    this.#order[to] = this.#order[from]!;
    this.#id[to] = this.#id[from]!;
    this.#handle[to] = this.#handle[from]!;
  }

  #put(at: number, order: number, id: number, handle: number): void {
    this.#order[at] = order;
    this.#id[at] = id;
    this.#handle[at] = handle;
  }
}

/** Items by a number, the largest first. */
export class MaxHeap<Item> {
  readonly #entries: { readonly key: number; readonly item: Item }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(key: number, item: Item): void {
    const entries = this.#entries;
    let at = entries.push({ key, item }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (entries[parent]!.key >= key) break;
      [entries[at], entries[parent]] = [entries[parent]!, entries[at]!];
      at = parent;
    }
  }

  pop(): { readonly key: number; readonly item: Item } | null {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined) return null;
    if (entries.length === 0) return first;
    entries[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      if (left >= entries.length) return first;
      const child = left + 1 < entries.length && entries[left + 1]!.key > entries[left]!.key ? left + 1 : left;
      if (entries[child]!.key <= entries[at]!.key) return first;
      [entries[at], entries[child]] = [entries[child]!, entries[at]!];
      at = child;
    }
  }
}
