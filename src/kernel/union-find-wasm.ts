import { assert } from '../base/assert.ts';
import { CHUNK } from './_chunk.ts';
import { type Forest, REFUSAL_WORDS, SIZE, UnionFindBase } from './_union-find.ts';
import { Instance, type KernelModule, Layout } from './_wasm.ts';
import type { UnionFind, UnionFindOptions } from './kernel.ts';
import { checkIds } from './rows.ts';

/** An instance with the views that unions need. */
interface Bound {
  readonly instance: Instance;
  readonly forest: Forest;
  /** Members of a chunk, or the first of its pairs. */
  readonly members: Uint32Array;
  /** Starts of its groups, or the second of its pairs. */
  readonly starts: Uint32Array;
  /** A refusal a member at most. */
  readonly refusals: Uint32Array;
}

export class WasmUnionFind extends UnionFindBase implements UnionFind {
  readonly #module: KernelModule;
  #bound: Bound;

  constructor(module: KernelModule, options: UnionFindOptions) {
    super(options);
    this.#module = module;
    this.#bound = bind(module, options.capacity, this.guard !== null);
    this.single(0, options.guard?.labels);
  }

  protected get forest(): Forest {
    return this.#bound.forest;
  }

  protected allocate(capacity: number): void {
    this.#bound = bind(this.#module, capacity, this.guard !== null);
  }

  override roots(): Uint32Array {
    if (this.guard !== null) return super.roots();
    const { parent } = this.forest;
    this.#bound.instance.exports.compress(parent.byteOffset, this.capacity);
    return parent;
  }

  unionGroups(members: Uint32Array, starts: Uint32Array, first = 0): void {
    const groups = starts.length - 1;
    assert(groups < 0 || starts[groups]! <= members.length, 'groups end inside their members');
    for (let group = 0; group < groups; ) {
      const end = chunkEnd(starts, group);
      if (end > group) this.#groups(members, starts, group, end, first);
      else this.#large(members, starts[group]!, starts[group + 1]!, first + group);
      group = Math.max(end, group + 1);
    }
  }

  unionPairs(a: Uint32Array, b: Uint32Array, first = 0): void {
    assert(a.length === b.length, 'a pair has two members');
    const { instance, members, starts } = this.#bound;
    const { unionPairs, unionPairsGuarded } = instance.exports;
    for (let start = 0; start < a.length; start += CHUNK) {
      const count = Math.min(CHUNK, a.length - start);
      members.set(a.subarray(start, start + count));
      starts.set(b.subarray(start, start + count));
      this.#scan(unionPairs, unionPairsGuarded, members.byteOffset, count, first + start);
    }
  }

  #groups(members: Uint32Array, starts: Uint32Array, group: number, end: number, first: number): void {
    const chunk = this.#bound;
    const start = starts[group]!;
    chunk.members.set(members.subarray(start, starts[end]!));
    chunk.starts.set(starts.subarray(group, end + 1));
    this.#scanGroups(start, end - group, first + group);
  }

  /** A group of more members than a chunk: piece by piece, each with the group's first. */
  #large(members: Uint32Array, start: number, end: number, group: number): void {
    const chunk = this.#bound;
    chunk.members.set(members.subarray(start, start + CHUNK));
    chunk.starts.set([0, CHUNK]);
    this.#scanGroups(0, 1, group);
    for (let done = start + CHUNK; done < end; done += CHUNK - 1) {
      const piece = members.subarray(done, Math.min(end, done + CHUNK - 1));
      chunk.members.set(piece, 1);
      chunk.starts.set([0, piece.length + 1]);
      this.#scanGroups(0, 1, group);
    }
  }

  /** `start`: position of the chunk's first member, which its starts count from. */
  #scanGroups(start: number, groups: number, group: number): void {
    const { instance, members } = this.#bound;
    const { unionGroups, unionGroupsGuarded } = instance.exports;
    this.#scan(unionGroups, unionGroupsGuarded, members.byteOffset - 4 * start, groups, group);
  }

  #scan(
    free: (...numbers: number[]) => number,
    guarded: (...numbers: number[]) => number,
    members: number,
    count: number,
    first: number,
  ): void {
    const { instance, forest, starts, refusals } = this.#bound;
    const given = [forest.parent.byteOffset, this.capacity, members, starts.byteOffset, count];
    if (forest.label === null) checkIds(free(...given));
    else {
      const { sizeLimit } = this.guard!;
      const limit = Math.min(sizeLimit, SIZE);
      const bad = guarded(...given, forest.label.byteOffset, limit, first, refusals.byteOffset);
      this.refused(refusals, instance.exports.refusedUnions());
      checkIds(bad);
    }
  }
}

/** The group after the last one that, with all from `group` on, fits into a chunk. */
function chunkEnd(starts: Uint32Array, group: number): number {
  let low = group;
  let high = Math.min(starts.length - 1, group + CHUNK);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle]! - starts[group]! <= CHUNK) low = middle;
    else high = middle - 1;
  }
  return low;
}

function bind(module: KernelModule, capacity: number, guarded: boolean): Bound {
  const layout = new Layout();
  const members = layout.take(4 * CHUNK);
  const starts = layout.take(4 * (CHUNK + 1));
  const refusals = layout.take(4 * REFUSAL_WORDS * (guarded ? CHUNK : 0));
  const parent = layout.take(4 * capacity);
  const label = layout.take(4 * (guarded ? capacity : 0));
  const instance = new Instance(module, layout.end, {
    what: 'union-find',
    things: 'members',
    count: capacity,
    remedy: 'cluster fewer addresses at once',
  });
  const { buffer } = instance;
  return {
    instance,
    forest: {
      parent: new Uint32Array(buffer, parent, capacity),
      label: guarded ? new Uint32Array(buffer, label, capacity) : null,
    },
    members: new Uint32Array(buffer, members, CHUNK),
    starts: new Uint32Array(buffer, starts, CHUNK + 1),
    refusals: new Uint32Array(buffer, refusals, guarded ? REFUSAL_WORDS * CHUNK : 0),
  };
}
