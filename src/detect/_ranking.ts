/**
 * The largest sums that two receivers got inside a window. The best paid is kept apart: a hot wallet fills its cold wallet, or has
 * moved house once, and neither says what it pays to others.
 */
export interface Ranking {
  first: bigint;
  receiver: string;
  second: bigint;
}

export function newRanking(receiver: string): Ranking {
  return { first: 0n, receiver, second: 0n };
}

/** Takes in what a receiver got; true where the second place grew. */
export function rank(ranking: Ranking, receiver: string, sum: bigint): boolean {
  if (receiver === ranking.receiver) {
    if (sum > ranking.first) ranking.first = sum;
    return false;
  }
  let second = sum;
  if (sum > ranking.first) {
    second = ranking.first;
    ranking.first = sum;
    ranking.receiver = receiver;
  }
  if (second <= ranking.second) return false;
  ranking.second = second;
  return true;
}
