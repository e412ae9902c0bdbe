import type { Refused } from './guard.ts';

/**
 * The members of every component that holds a touched one. A component is what would be one cluster without the guard: clusters joined by
 * refusals. What the guard decides inside a component depends on that component's transactions alone, so that a change is made good by
 * running these again, in order. Returns a byte a member.
 */
export function affectedMembers(
  roots: Uint32Array,
  refusals: readonly Pick<Refused, 'a' | 'b'>[],
  touched: Iterable<number>,
): Uint8Array {
  const marked = new Uint8Array(roots.length);
  const beside = refusedNeighbours(roots, refusals);
  const waiting: number[] = [];
  const mark = (root: number): void => {
    if (marked[root] !== 0) return;
    marked[root] = 1;
    waiting.push(root);
  };
  for (const member of touched) mark(roots[member]!);
  for (let root = waiting.pop(); root !== undefined; root = waiting.pop()) {
    for (const other of beside.get(root) ?? []) mark(other);
  }
  for (let member = 0; member < roots.length; member += 1) if (marked[roots[member]!] !== 0) marked[member] = 1;
  return marked;
}

function refusedNeighbours(
  roots: Uint32Array,
  refusals: readonly Pick<Refused, 'a' | 'b'>[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const beside = new Map<number, Set<number>>();
  const add = (root: number, other: number): void => {
    const known = beside.get(root);
    if (known === undefined) beside.set(root, new Set([other]));
    else known.add(other);
  };
  for (const { a, b } of refusals) {
    add(roots[a]!, roots[b]!);
    add(roots[b]!, roots[a]!);
  }
  return beside;
}
