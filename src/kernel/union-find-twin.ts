import { assert } from '../base/assert.ts';
import { CHUNK } from './_chunk.ts';
import { checkGroups, type Forest, LABELLED, REFUSAL_WORDS, ROOT, SIZE, UnionFindBase } from './_union-find.ts';
import type { UnionFind, UnionFindOptions } from './kernel.ts';
import { checkIds } from './rows.ts';

export function twinUnionFind(options: UnionFindOptions): UnionFind {
  return new TwinUnionFind(options);
}

class TwinUnionFind extends UnionFindBase {
  protected forest: Forest = { parent: new Uint32Array(0), label: null };

  constructor(options: UnionFindOptions) {
    super(options);
    this.allocate(options.capacity);
    this.single(0, options.guard?.labels);
  }

  protected allocate(capacity: number): void {
    const label = this.guard === null ? null : new Uint32Array(capacity);
    this.forest = { parent: new Uint32Array(capacity), label };
  }

  unionGroups(members: Uint32Array, starts: Uint32Array, first = 0): void {
    checkGroups(members, starts);
    let bad = 0;
    for (let group = 0; group + 1 < starts.length; group += 1) {
      const start = starts[group]!;
      const end = starts[group + 1]!;
      if (start === end) continue;
      // As the other form does: a group that is larger than a chunk goes in pieces, each with the group's first.
      bad |= this.#group(members[start]!, members, start + 1, Math.min(end, start + CHUNK), first + group);
      for (let at = start + CHUNK; at < end; at += CHUNK - 1)
        bad |= this.#group(members[start]!, members, at, Math.min(end, at + CHUNK - 1), first + group);
    }
    checkIds(bad);
  }

  unionPairs(a: Uint32Array, b: Uint32Array, first = 0): void {
    assert(a.length === b.length, 'a pair has two members');
    let bad = 0;
    for (let pair = 0; pair < a.length; pair += 1) bad |= this.#group(a[pair]!, b, pair, pair + 1, first + pair);
    checkIds(bad);
  }

  /** Joins members `start` to `end` - 1 with `a`. 1 where one is not below the capacity. */
  #group(a: number, members: Uint32Array, start: number, end: number, group: number): number {
    const { parent, label } = this.forest;
    if (a >= parent.length) return 1;
    let bad = 0;
    let x = label === null ? a : rootOf(parent, a);
    for (let at = start; at < end; at += 1) {
      const b = members[at]!;
      if (b >= parent.length) bad = 1;
      else if (label === null) join(parent, a, b);
      else {
        const y = rootOf(parent, b);
        if (x !== y && !joinRoots(parent, label, x, y, this.guard!.sizeLimit)) this.#refuse(a, b, group);
        else x = x < y ? x : y;
      }
    }
    return bad;
  }

  #refuse(a: number, b: number, group: number): void {
    const labels = [this.label(a), this.label(b)];
    const refusal = Uint32Array.of(group, a, b, ...labels, this.size(a), this.size(b));
    this.refused(refusal, refusal.length / REFUSAL_WORDS);
  }
}

/** Rem's algorithm with splicing (Dijkstra 1976; Patwary, Blair, Manne 2010), towards the smaller member. */
function join(parent: Uint32Array, a: number, b: number): void {
  let x = a;
  let y = b;
  let px = parent[x]!;
  let py = parent[y]!;
  while (px !== py) {
    if (px < py) {
      parent[y] = px;
      if (y === py) return;
      y = py;
      py = parent[y]!;
    } else {
      parent[x] = py;
      if (x === px) return;
      x = px;
      px = parent[x]!;
    }
  }
}

/** Joins the clusters of two roots, the smaller one being the root after it. False where that is refused. */
function joinRoots(parent: Uint32Array, label: Uint32Array, x: number, y: number, limit: number): boolean {
  const atX = parent[x]!;
  const atY = parent[y]!;
  const sizeX = atX & SIZE;
  const sizeY = atY & SIZE;
  if ((atX & atY & LABELLED) !== 0 && label[x] !== label[y]) return false;
  if (sizeX > limit && sizeY > limit) return false;
  const root = x < y ? x : y;
  const other = x < y ? y : x;
  if ((parent[other]! & LABELLED) !== 0) label[root] = label[other]!;
  parent[other] = root;
  parent[root] = (ROOT | ((atX | atY) & LABELLED) | (sizeX + sizeY)) >>> 0;
  return true;
}

/** With path halving. */
function rootOf(parent: Uint32Array, member: number): number {
  let x = member;
  for (;;) {
    const p = parent[x]!;
    if (p >= ROOT) return x;
    const above = parent[p]!;
    if (above >= ROOT) return p;
    parent[x] = above;
    x = above;
  }
}
