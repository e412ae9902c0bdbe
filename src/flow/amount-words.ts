/** Amounts as words of 32 bits, the little end first. */

const WORD_BITS = 32n;
const WORD = 0xffff_ffffn;
/** Stands in four words for any amount from here on, which then lies in a table of its own. */
export const LARGE_AMOUNT = (1n << 128n) - 1n;

export function bigintOf(words: Uint32Array, at: number, count: number): bigint {
  let value = 0n;
  for (let word = count - 1; word >= 0; word -= 1) value = (value << WORD_BITS) | BigInt(words[at + word]!);
  return value;
}

/** `value` below 2^(32 count). */
export function setBigint(words: Uint32Array, at: number, count: number, value: bigint): void {
  let left = value;
  for (let word = 0; word < count; word += 1) {
    words[at + word] = Number(left & WORD);
    left >>= WORD_BITS;
  }
}

/** An amount as a column has it: of two words each. */
export function amountOf(low: Uint32Array, high: Uint32Array, row: number): bigint {
  return (bigintOf(high, 2 * row, 2) << 64n) | bigintOf(low, 2 * row, 2);
}
