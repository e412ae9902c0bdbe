import { firstAtOrAfter } from '../base/ascending.ts';
import { assert } from '../base/assert.ts';

/** The inputs of transactions, by the address ids that owned them. */
export interface Spends {
  /** Numbers of the transactions, ascending: the chain's order. */
  readonly txs: Uint32Array;
  /** One more than transactions: txs[i] spends owners[starts[i]] to owners[starts[i + 1] - 1], in input order. */
  readonly starts: Uint32Array;
  readonly owners: Uint32Array;
}

export interface JoinRules {
  /** Transactions whose inputs may be of several owners, ascending: they join nobody. */
  readonly mixes: Uint32Array;
  /** Address ids that anyone can spend from (OP_TRUE, pay-to-anchor): spending them says nothing. A handful. */
  readonly open: readonly number[];
  /** By address, non-zero: only these are joined; null for all. Groups must be wholly in or out of it. */
  readonly only: Uint8Array | null;
}

/** Group g joins members[starts[g]] to members[starts[g + 1] - 1], at least two distinct ones, in input order; it is transaction txs[g]. */
export interface JoinGroups {
  readonly count: number;
  readonly members: Uint32Array;
  readonly starts: Uint32Array;
  readonly txs: Uint32Array;
}

/**
 * Common-input ownership: who signs all inputs of a transaction has the keys of all of them.
 * Source: Nakamoto, "Bitcoin" (2008), §10; Reid and Harrigan (2011); Meiklejohn et al., "A Fistful of Bitcoins" (IMC 2013), heuristic 1.
 *
 * Known errors. It joins too much where several owners sign one transaction: CoinJoins (left out here as `mixes` says), PayJoin (two owners on
 * purpose made to look like one: not recognisable, so it stays an error), custodians that spend the coins of their customers (then the entity is
 * the custodian, as it should be). It joins too little for a wallet that never spends two coins at once. Its error rate on
 * chain is not known, as nobody has the truth; the guard shows where it must be wrong.
 * A Whirlpool Tx0 is no mix: one wallet pays all of it, so its inputs join. A coinbase has no inputs.
 *
 * O(inputs), no object per transaction.
 */
export function joinGroups(spends: Spends, { mixes, open, only }: JoinRules): JoinGroups {
  const { starts, owners } = spends;
  const txCount = spends.txs.length;
  const members = new Uint32Array(starts[txCount]! - starts[0]!);
  const groupStarts = new Uint32Array(txCount + 1);
  const txs = new Uint32Array(txCount);
  let mix = txCount === 0 ? 0 : firstAtOrAfter(mixes, spends.txs[0]!);
  let count = 0;
  let filled = 0;
  for (let index = 0; index < txCount; index += 1) {
    const start = starts[index]!;
    const end = starts[index + 1]!;
    if (end - start < 2) continue;
    const tx = spends.txs[index]!;
    while (mix < mixes.length && mixes[mix]! < tx) mix += 1;
    if (mix < mixes.length && mixes[mix] === tx) continue;
    const from = filled;
    let first = -1;
    let last = -1;
    let several = false;
    for (let at = start; at < end; at += 1) {
      const owner = owners[at]!;
      // The same owner again, next to itself or as the first: most repeats, at no cost. Any other repeat is harmless.
      if (owner === last || owner === first || (open.length > 0 && open.includes(owner))) continue;
      if (only !== null && only[owner] === 0) continue;
      if (first < 0) first = owner;
      else several = true;
      last = owner;
      members[filled++] = owner;
    }
    if (!several) {
      filled = from;
      continue;
    }
    groupStarts[count] = from;
    txs[count++] = tx;
  }
  groupStarts[count] = filled;
  return { count, members, starts: groupStarts, txs };
}

/** Notes for each member of the groups the last transaction that joined it with others. */
export function noteLastJoins(groups: JoinGroups, lastJoin: Uint32Array): void {
  const { count, members, starts, txs } = groups;
  assert(txs.length >= count, 'a group has a transaction');
  for (let group = 0; group < count; group += 1) {
    const tx = txs[group]!;
    const end = starts[group + 1]!;
    for (let at = starts[group]!; at < end; at += 1) lastJoin[members[at]!] = tx;
  }
}
