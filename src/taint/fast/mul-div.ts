/**
 * ⌊a·b/c⌋ exactly, for whole numbers 0 ≤ a, b, c < 2^53 with b ≤ c and c > 0, without BigInt.
 *
 * A double holds no product of two such numbers, so the product is kept as two doubles whose sum is exact (Veltkamp's split
 * and Dekker's product, 1971). The rounded quotient is off by at most three; the exact remainder says which way.
 */
export function mulDivFloor(a: number, b: number, c: number): number {
  const product = a * b;
  // Below 2^53 the product is exact, and a quotient short of a whole number is too far from it to be rounded up to it.
  if (product + c <= Number.MAX_SAFE_INTEGER) return Math.floor(product / c);
  const error = productError(a, b, product);
  let quotient = Math.floor(product / c);
  for (;;) {
    const back = quotient * c;
    // Each difference is exact (Sterbenz; two errors of at most 2^52); their sum may round, but never across 0 or across c.
    const remainder = product - back + (error - productError(quotient, c, back));
    if (remainder < 0) quotient -= 1;
    else if (remainder >= c) quotient += 1;
    else return quotient;
  }
}

/** 2^27 + 1: splits the 53 bits of a double into 26 and 26 with a sign. */
const SPLITTER = 134217729;

/** a·b − product, exactly, where `product` is a·b as rounded. */
function productError(a: number, b: number, product: number): number {
  const aWide = SPLITTER * a;
  const aHigh = aWide - (aWide - a);
  const aLow = a - aHigh;
  const bWide = SPLITTER * b;
  const bHigh = bWide - (bWide - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
