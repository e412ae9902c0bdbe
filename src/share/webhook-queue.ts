/** A delivery that waits; the rest of it is in the records. */
export interface Waiting {
  readonly key: string;
  /** Milliseconds. */
  dueAt: number;
  /** false until its record was seen: the commit that it is part of may still be under way, or have failed. */
  onDisk: boolean;
  readonly addedAt: number;
}

/** What waits for one endpoint, earliest due first (a binary heap), each key once. */
export class DeliveryQueue {
  readonly #heap: Waiting[] = [];
  readonly #keys = new Set<string>();

  get size(): number {
    return this.#keys.size;
  }

  /** Also while it is being sent: `done` forgets it. */
  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(waiting: Waiting): void {
    this.#keys.add(waiting.key);
    this.#heap.push(waiting);
    this.#rise(this.#heap.length - 1);
  }

  done(key: string): void {
    this.#keys.delete(key);
  }

  nextDue(): number | null {
    return this.#heap[0]?.dueAt ?? null;
  }

  /** The one that is due, taken out; it stays known. */
  take(now: number): Waiting | null {
    const first = this.#heap[0];
    if (first === undefined || first.dueAt > now) return null;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** All that wait become due: the receiver answers again. */
  hurry(now: number): void {
    for (const waiting of this.#heap) waiting.dueAt = Math.min(waiting.dueAt, now);
    this.#heap.sort((a, b) => a.dueAt - b.dueAt);
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#heap[parent]!.dueAt <= this.#heap[at]!.dueAt) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      let least = at;
      for (const child of [left, left + 1]) {
        if (child < this.#heap.length && this.#heap[child]!.dueAt < this.#heap[least]!.dueAt) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = held;
  }
}
