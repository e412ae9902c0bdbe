import { sha256d, sha256dInto } from './hash.ts';

export interface MerkleRoot {
  readonly root: Buffer;
  /**
   * Two neighbours are equal somewhere: then another list of transactions, the last ones doubled, has the same root
   * (CVE-2012-2459). No valid block is so.
   */
  readonly doubled: boolean;
}

/** The root over `count` hashes of 32 bytes, one after the other in `hashes`, which is used up. At least one. */
export function merkleRoot(hashes: Buffer, count: number): MerkleRoot {
  let size = count;
  let doubled = false;
  while (size > 1) {
    doubled ||= hasEqualPair(hashes, size);
    if (size % 2 === 1) {
      hashes.copy(hashes, 32 * size, 32 * (size - 1), 32 * size);
      size += 1;
    }
    for (let pair = 0; pair < size / 2; pair++)
      sha256dInto(hashes.subarray(64 * pair, 64 * pair + 64), hashes, 32 * pair);
    size /= 2;
  }
  return { root: hashes.subarray(0, 32), doubled };
}

/** Room for `count` hashes and the copy of the last one. */
export function merkleLeaves(count: number): Buffer {
  return Buffer.allocUnsafe(32 * (count + 1));
}

function hasEqualPair(hashes: Buffer, size: number): boolean {
  for (let left = 0; left + 1 < size; left += 2) {
    const at = 32 * left;
    if (hashes.compare(hashes, at, at + 32, at + 32, at + 64) === 0) return true;
  }
  return false;
}

/**
 * The root that a branch leads to from `leaf` at position `index`; null where the branch cannot be one: a position beyond it, or a
 * right neighbour equal to its left one, by which one leaf could be shown at two positions.
 */
export function branchRoot(leaf: Buffer, branch: readonly Buffer[], index: number): Buffer | null {
  let hash = leaf;
  let at = index;
  for (const sibling of branch) {
    const right = at % 2 === 1;
    if (right && sibling.equals(hash)) return null;
    hash = sha256d(Buffer.concat(right ? [sibling, hash] : [hash, sibling]));
    at = Math.floor(at / 2);
  }
  return at === 0 ? hash : null;
}
