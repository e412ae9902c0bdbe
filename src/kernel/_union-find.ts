import { assert } from '../base/assert.ts';
import { loadPieces } from './_pieces.ts';
import type { Guard, Refusal, StatePiece, UnionFind, UnionFindOptions } from './kernel.ts';
import { bytesOf } from './rows.ts';

/** Words of a refusal as a scan writes it: group, a, b, labels and sizes of both. */
export const REFUSAL_WORDS = 7;

/**
 * A root of a guarded forest holds no parent but ROOT, LABELLED where its cluster has a label, and the cluster's size: all that a union without a label
 * needs to know stands in one word, that is, in one cache line.
 */
export const ROOT = 0x8000_0000;
export const LABELLED = 0x4000_0000;
export const SIZE = 0x3fff_ffff;

/** What a scan of unions works on. `parent` never points to a larger member. */
export interface Forest {
  readonly parent: Uint32Array;
  /** Label of each root that is LABELLED; null without a guard. */
  readonly label: Uint32Array | null;
}

/** All but the scans themselves, which a form supplies. */
export abstract class UnionFindBase implements UnionFind {
  readonly guard: Guard | null;
  readonly refusals: Refusal[] = [];
  refusalCount = 0;
  #capacity: number;

  constructor({ capacity, guard }: UnionFindOptions) {
    this.#capacity = capacity;
    this.guard = guard ?? null;
    this.#checkCapacity(capacity);
  }

  protected abstract readonly forest: Forest;
  /** Zeroed. */
  protected abstract allocate(capacity: number): void;
  abstract unionGroups(members: Uint32Array, starts: Uint32Array, first?: number): void;
  abstract unionPairs(a: Uint32Array, b: Uint32Array, first?: number): void;

  get capacity(): number {
    return this.#capacity;
  }

  grow(capacity: number, labels?: Uint32Array): void {
    const old = this.#capacity;
    assert(capacity >= old, 'members are never taken away');
    this.#checkCapacity(capacity);
    const { parent, label } = this.forest;
    this.allocate(capacity);
    this.#capacity = capacity;
    this.forest.parent.set(parent.subarray(0, old));
    if (label !== null) this.forest.label?.set(label.subarray(0, old));
    this.single(old, labels);
  }

  find(member: number): number {
    assert(member < this.#capacity, 'a member is below the capacity');
    const { parent, label } = this.forest;
    let root = member;
    if (label !== null) while (parent[root]! < ROOT) root = parent[root]!;
    else while (parent[root] !== root) root = parent[root]!;
    return root;
  }

  roots(): Uint32Array {
    const { parent, label } = this.forest;
    // A parent is a smaller member, so its own root is known.
    if (label === null)
      for (let member = 0; member < parent.length; member += 1) parent[member] = parent[parent[member]!]!;
    if (label === null) return parent;
    const roots = new Uint32Array(parent.length);
    for (let member = 0; member < parent.length; member += 1)
      roots[member] = parent[member]! >= ROOT ? member : roots[parent[member]!]!;
    return roots;
  }

  size(member: number): number {
    assert(this.guard !== null, 'sizes and labels are kept by a guard');
    return this.forest.parent[this.find(member)]! & SIZE;
  }

  label(member: number): number {
    assert(this.guard !== null, 'sizes and labels are kept by a guard');
    const root = this.find(member);
    return (this.forest.parent[root]! & LABELLED) === 0 ? 0 : this.forest.label![root]!;
  }

  reset(members: Uint32Array, labels?: Uint32Array): void {
    members.forEach((member, index) => {
      assert(member < this.#capacity, 'a member is below the capacity');
      this.#alone(member, labels?.[index] ?? 0);
    });
  }

  save(): readonly StatePiece[] {
    const { parent, label } = this.forest;
    const pieces = [{ name: 'parent', bytes: bytesOf(parent) }];
    if (label !== null) {
      pieces.push({ name: 'label', bytes: bytesOf(label) });
      const kept = this.refusals.flatMap((refusal) => Object.values(refusal) as number[]);
      pieces.push({ name: 'refusals', bytes: bytesOf(Uint32Array.from(kept)) });
      pieces.push({ name: 'refusalCount', bytes: bytesOf(Float64Array.of(this.refusalCount)) });
    }
    return pieces;
  }

  load(pieces: readonly StatePiece[]): void {
    const { parent, label } = this.forest;
    loadPieces(pieces, [{ name: 'parent', bytes: bytesOf(parent) }]);
    if (label === null) return;
    const counted = new Float64Array(1);
    loadPieces(pieces, [
      { name: 'label', bytes: bytesOf(label) },
      { name: 'refusalCount', bytes: bytesOf(counted) },
    ]);
    const kept = pieces.find((piece) => piece.name === 'refusals')?.bytes ?? new Uint8Array(0);
    const words = new Uint32Array(kept.slice().buffer);
    this.refusals.length = 0;
    this.refused(words, words.length / REFUSAL_WORDS);
    this.refusalCount = counted[0]!;
  }

  /** Members from `first` on become single. */
  protected single(first: number, labels?: Uint32Array): void {
    for (let member = first; member < this.#capacity; member += 1) this.#alone(member, labels?.[member - first] ?? 0);
  }

  #alone(member: number, own: number): void {
    const { parent, label } = this.forest;
    if (label === null) parent[member] = member;
    else {
      parent[member] = (ROOT | (own === 0 ? 0 : LABELLED) | 1) >>> 0;
      if (own !== 0) label[member] = own;
    }
  }

  #checkCapacity(capacity: number): void {
    const most = this.guard === null ? 2 ** 32 - 1 : SIZE;
    assert(Number.isSafeInteger(capacity) && capacity >= 0 && capacity <= most, `members are at most ${most}`);
  }

  /** Keeps refusals as a scan wrote them. */
  protected refused(words: Uint32Array, count: number): void {
    this.refusalCount += count;
    const keep = Math.min(count, (this.guard?.keep ?? 100_000) - this.refusals.length);
    for (let index = 0; index < keep; index += 1) {
      const at = index * REFUSAL_WORDS;
      const [group, a, b, labelA, labelB, sizeA, sizeB] = words.subarray(at, at + REFUSAL_WORDS);
      this.refusals.push({
        group: group!,
        a: a!,
        b: b!,
        labelA: labelA!,
        labelB: labelB!,
        sizeA: sizeA!,
        sizeB: sizeB!,
      });
    }
  }
}

/** Starts ascend and end inside `members`. */
export function checkGroups(members: Uint32Array, starts: Uint32Array): void {
  for (let group = 1; group < starts.length; group += 1)
    assert(starts[group - 1]! <= starts[group]!, 'groups stand one after the other');
  assert(starts.length === 0 || starts[starts.length - 1]! <= members.length, 'groups end inside their members');
}
