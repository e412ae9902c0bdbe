/**
 * Splits `total` in proportion to the weights, exactly: each share is the floor of its exact value or one more, the ones with
 * the largest remainder first, ties to the lower index (Hamilton's method). Weights of zero get nothing; all zero gives zeros.
 */
export function largestRemainder(total: bigint, weights: readonly bigint[]): bigint[] {
  let sum = 0n;
  for (const weight of weights) sum += weight;
  if (sum === 0n) return weights.map(() => 0n);
  const shares: bigint[] = [];
  const remainders: bigint[] = [];
  let left = total;
  for (const weight of weights) {
    const product = total * weight;
    const share = product / sum;
    shares.push(share);
    remainders.push(product - share * sum);
    left -= share;
  }
  if (left === 0n) return shares;
  for (const index of byRemainder(remainders).slice(0, Number(left))) shares[index] = shares[index]! + 1n;
  return shares;
}

/** Indexes of the remainders above zero, largest first, ties to the lower index. */
export function byRemainder(remainders: readonly bigint[]): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < remainders.length; index += 1) if (remainders[index]! > 0n) indexes.push(index);
  return indexes.sort((a, b) => (remainders[a]! === remainders[b]! ? a - b : remainders[a]! > remainders[b]! ? -1 : 1));
}
