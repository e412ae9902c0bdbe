import { unpackTarget } from '../header.ts';
import type { HeaderTable } from './header-table.ts';

/** How the blocks of a file set hang together. Blocks are named by their number in the table. */
export interface Branches {
  /** Blocks whose parent is not in the files, in the order found. */
  readonly roots: readonly number[];
  /** The last block of the branch with the most work below it; among equals the one found first, as a node takes them. */
  readonly best: number;
  /** Root of each block. */
  readonly root: Int32Array;
  /** Blocks between each block and its root. */
  readonly depth: Int32Array;
}

/** `headers` holds at least one block whose target can be read. */
export function linkBlocks(headers: HeaderTable): Branches {
  const { size } = headers;
  const parent = new Int32Array(size);
  for (let id = 0; id < size; id++) parent[id] = headers.parent(id);
  const order = parentsFirst(parent);
  const root = new Int32Array(size);
  const depth = new Int32Array(size);
  const roots: number[] = [];
  const work = new Work(size);
  for (const id of order) {
    const above = parent[id]!;
    root[id] = above < 0 ? id : root[above]!;
    depth[id] = above < 0 ? 0 : depth[above]! + 1;
    work.set(id, above, headers.bits(id));
    if (above < 0) roots.push(id);
  }
  let best = 0;
  for (let id = 1; id < size; id++) if (work.of(id) > work.of(best)) best = id;
  return { roots, best, root, depth };
}

/** A block's hash holds that of its parent: there are no circles. */
function parentsFirst(parent: Int32Array): Int32Array {
  const size = parent.length;
  const firstChild = new Int32Array(size).fill(-1);
  const nextChild = new Int32Array(size).fill(-1);
  const order = new Int32Array(size);
  let end = 0;
  for (let id = size - 1; id >= 0; id--) {
    const above = parent[id]!;
    if (above < 0) continue;
    nextChild[id] = firstChild[above]!;
    firstChild[above] = id;
  }
  for (let id = 0; id < size; id++) if (parent[id]! < 0) order[end++] = id;
  for (let at = 0; at < end; at++) {
    for (let child = firstChild[order[at]!]!; child >= 0; child = nextChild[child]!) order[end++] = child;
  }
  return order;
}

/** Far above what any block of any chain ever cost (2^80 in 2025). */
const MOST_WORK = 1n << 100n;

/** Tries that each block and all below it cost on average, 128 bits (GetBlockProof of Bitcoin Core's chain.cpp). */
class Work {
  readonly #low: BigUint64Array;
  readonly #high: BigUint64Array;
  readonly #perBits = new Map<number, bigint>();

  constructor(size: number) {
    this.#low = new BigUint64Array(size);
    this.#high = new BigUint64Array(size);
  }

  of(id: number): bigint {
    return (this.#high[id]! << 64n) | this.#low[id]!;
  }

  set(id: number, parent: number, bits: number): void {
    const sum = (parent < 0 ? 0n : this.of(parent)) + this.#proof(bits);
    this.#low[id] = BigInt.asUintN(64, sum);
    this.#high[id] = sum >> 64n;
  }

  #proof(bits: number): bigint {
    let proof = this.#perBits.get(bits);
    if (proof === undefined) {
      const target = unpackTarget(bits);
      // A target that is none is found when the block is checked; it must not win. No sum of a million blocks passes 128 bits.
      proof = target === null || target === 0n ? 0n : (1n << 256n) / (target + 1n);
      if (proof > MOST_WORK) proof = MOST_WORK;
      this.#perBits.set(bits, proof);
    }
    return proof;
  }
}
