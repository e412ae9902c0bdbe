import { assert } from '../base/assert.ts';
import type { Kernels, Refusal, UnionFind } from '../kernel/kernel.ts';
import { affectedMembers } from './affected.ts';
import { REFUSALS_KEPT, type Refused } from './guard.ts';
import { type JoinGroups, noteLastJoins } from './multi-input.ts';

/** What is written down of clusters: enough to go on from. */
export interface SavedClusters {
  /** By member the smallest member of its cluster. */
  readonly roots: Uint32Array;
  /** By member the last step that joined it with others, or was refused to; NEVER for none. */
  readonly lastJoin: Uint32Array;
  /** In the chain's order. */
  readonly refusals: readonly Refused[];
}

export interface ClusterOptions {
  /** Addresses. */
  readonly members: number;
  /** By member the number of its service; 0 or missing for none. */
  readonly services: Uint32Array;
  readonly sizeLimit: number;
}

export const NEVER = 0xffff_ffff;

/**
 * Clusters of one chain. Groups must come in the chain's order (step, input), as a refusal depends on what was joined before it: then
 * the result depends on the chain and the services alone, not on the order in which either became known.
 */
export class Clusters {
  readonly #unions: UnionFind;
  readonly #lastJoin: Uint32Array;
  #refusals: Refused[] = [];

  constructor(kernels: Kernels, { members, services, sizeLimit }: ClusterOptions) {
    const guard = { labels: services.subarray(0, members), sizeLimit, keep: REFUSALS_KEPT };
    this.#unions = kernels.unionFind({ capacity: members, guard });
    this.#lastJoin = new Uint32Array(members).fill(NEVER);
  }

  /**
   * Clusters as they were saved, but for the components in `mask` (of `affectedBy`), whose members stand alone: their groups are to be run
   * again, from the chain's first, and `settle` called. Services may differ from then in these components only.
   */
  static resume(kernels: Kernels, saved: SavedClusters, mask: Uint8Array | null, options: ClusterOptions): Clusters {
    const { roots, lastJoin, refusals } = saved;
    assert(roots.length <= options.members && roots.length === lastJoin.length, 'members are never taken away');
    const clusters = new Clusters(kernels, options);
    clusters.#rejoin(roots, mask);
    clusters.#lastJoin.set(
      mask === null ? lastJoin : lastJoin.map((step, member) => (mask[member] === 0 ? step : NEVER)),
    );
    clusters.#refusals = mask === null ? [...refusals] : refusals.filter(({ a }) => mask[a] === 0);
    return clusters;
  }

  /** Joins each group with its first member, in order. */
  run(groups: JoinGroups): void {
    const { count, members, starts, txs } = groups;
    const before = this.#unions.refusals.length;
    this.#unions.unionGroups(members, starts.subarray(0, count + 1));
    noteLastJoins(groups, this.#lastJoin);
    this.#keep(this.#unions.refusals.slice(before), txs);
  }

  /** After a rerun: refusals of different components came out of order. Those of one step are all of one component. */
  settle(): void {
    this.#refusals.sort((a, b) => a.step - b.step);
  }

  /** More refusals than are kept: what a later rerun must know is missing. */
  get overflowed(): boolean {
    return this.#unions.refusalCount > this.#unions.refusals.length || this.#refusals.length > REFUSALS_KEPT;
  }

  /** Roots are a live view, valid until the next `run`. */
  save(): SavedClusters {
    return { roots: this.#unions.roots(), lastJoin: this.#lastJoin, refusals: this.#refusals };
  }

  /** Every member with its root. All of these unions were allowed, and still are: labels and order inside them are as they were. */
  #rejoin(roots: Uint32Array, mask: Uint8Array | null): void {
    const members = new Uint32Array(roots.length);
    let count = 0;
    for (let member = 0; member < roots.length; member += 1)
      if (roots[member] !== member && (mask === null || mask[member] === 0)) members[count++] = member;
    const others = members.subarray(0, count);
    this.#unions.unionPairs(
      others.map((member) => roots[member]!),
      others,
    );
    assert(this.#unions.refusalCount === 0, 'clusters that were saved are joined again');
  }

  /** A member that stands twice in a group is refused twice, others between: once is enough to know. */
  #keep(refused: readonly Refusal[], txs: Uint32Array): void {
    let last = -1;
    // With the group's first member, that is, which stands on one side of all of them.
    const met = new Set<number>();
    for (const { group, ...refusal } of refused) {
      if (group !== last) met.clear();
      last = group;
      if (!met.has(refusal.b)) this.#refusals.push({ step: txs[group]!, ...refusal });
      met.add(refusal.b);
    }
  }
}

/** The components that hold a member touched, or that a step at or after `from` joined: a byte a member, null where there is none. */
export function affectedBy(saved: SavedClusters, touched: Iterable<number>, from: number): Uint8Array | null {
  const { roots, lastJoin, refusals } = saved;
  const members = [...touched].filter((member) => member < roots.length);
  for (let member = 0; member < roots.length; member += 1)
    if (lastJoin[member]! >= from && lastJoin[member] !== NEVER) members.push(member);
  return members.length === 0 ? null : affectedMembers(roots, refusals, members);
}
