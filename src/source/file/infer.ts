/** One movement of a block (or of a second), as the inferred order sees it. */
export interface Movement {
  readonly from: string | null;
  readonly to: string | null;
  readonly asset: string;
}

/**
 * Order inside one block where the source gives none: inflows before the outflows they feed, then row number. Repeatedly
 * takes the movement of the lowest row such that no movement still to come pays into its sender (same asset); where every one
 * waits for another (a cycle), the lowest row. Returns positions in the input, in the order found; O(n log n).
 */
export function inferOrder(movements: readonly Movement[]): number[] {
  const senders = movements.map(({ from, asset }) => (from === null ? null : `${asset} ${from}`));
  const receivers = movements.map(({ to, asset }) => (to === null ? null : `${asset} ${to}`));
  const unpaid = tally(receivers);
  const spends = positions(senders);
  const taken = new Uint8Array(movements.length);
  const free = new LowestFirst();
  /** A movement to itself does not wait for itself. */
  const waits = (i: number): boolean => {
    const sender = senders[i] ?? null;
    if (sender === null) return false;
    return (unpaid.get(sender) ?? 0) - (receivers[i] === sender && taken[i] === 0 ? 1 : 0) > 0;
  };
  for (let i = 0; i < movements.length; i++) if (!waits(i)) free.push(i);
  const order: number[] = [];
  let lowest = 0;
  while (order.length < movements.length) {
    let next = free.pop();
    while (next !== undefined && taken[next] === 1) next = free.pop();
    while (taken[lowest] === 1) lowest += 1;
    const pick = next ?? lowest;
    taken[pick] = 1;
    order.push(pick);
    const paid = receivers[pick] ?? null;
    if (paid === null) continue;
    const left = (unpaid.get(paid) ?? 0) - 1;
    unpaid.set(paid, left);
    // At one left, that one may be the place's own movement to itself, which is then free.
    if (left <= 1) for (const i of spends.get(paid) ?? []) if (taken[i] === 0 && !waits(i)) free.push(i);
  }
  return order;
}

function tally(names: readonly (string | null)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function positions(names: readonly (string | null)[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  names.forEach((name, i) => {
    if (name === null) return;
    const list = found.get(name);
    if (list === undefined) found.set(name, [i]);
    else list.push(i);
  });
  return found;
}

/** A binary heap of row positions. */
class LowestFirst {
  private readonly heap: number[] = [];

  push(value: number): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(value);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]! <= value) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = value;
  }

  pop(): number | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
      if (heap[child]! >= last) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}
