import { assert } from '../base/assert.ts';
import { BalancesBase, TALLY_WORDS } from './_balances.ts';
import { ratioOf } from './_ratio.ts';
import type { Balances, BalancesOptions, Rows } from './kernel.ts';
import { checkIds, checkRows, FEE, NONE } from './rows.ts';

const WORD = 2 ** 32;

export function twinBalances(options: BalancesOptions): Balances {
  return new TwinBalances(options);
}

class TwinBalances extends BalancesBase {
  readonly words: Uint32Array;
  protected readonly tally = new Uint32Array(TALLY_WORDS);

  constructor(options: BalancesOptions) {
    super(options);
    this.words = new Uint32Array(4 * options.places);
  }

  run(rows: Omit<Rows, 'ratio'>, ratio: Float64Array): void {
    checkRows(rows);
    assert(ratio.length >= rows.count, 'there is room for every ratio');
    const { from, to, low, high } = rows;
    const { words, tally, places } = this;
    let bad = 0;
    for (let row = 0; row < rows.count; row += 1) {
      const u = from[row]!;
      const v = to[row]!;
      let r = 1;
      if (u < places) r = pay(words, 4 * u, low, high, 2 * row, u === v, tally);
      else if (u !== NONE) bad = 1;
      if (v < places) {
        if (u !== v) receive(words, 4 * v, low, high, 2 * row, tally);
      } else if (v < FEE) bad = 1;
      ratio[row] = r;
    }
    checkIds(bad);
  }
}

/** Takes the amount at `i` from the balance at `b` and returns their ratio; `back` where it returns at once. */
function pay(
  words: Uint32Array,
  b: number,
  low: Uint32Array,
  high: Uint32Array | null,
  i: number,
  back: boolean,
  tally: Uint32Array,
): number {
  const h0 = high === null ? 0 : high[i]!;
  const h1 = high === null ? 0 : high[i + 1]!;
  const l0 = low[i]!;
  const l1 = low[i + 1]!;
  if ((l0 | l1 | h0 | h1) === 0) return 0;
  const order = words[b + 3]! - h1 || words[b + 2]! - h0 || words[b + 1]! - l1 || words[b]! - l0;
  const ratio = order > 0 ? ratioOf(low, i, high, words, b) : 1;
  if (order < 0) short(words, b, l0, l1, h0, h1, tally);
  if (back) {
    if (order < 0) words.set([l0, l1, h0, h1], b);
  } else if (order <= 0) words.fill(0, b, b + 4);
  else {
    const d0 = words[b]! - l0;
    const d1 = words[b + 1]! - l1 + (d0 < 0 ? -1 : 0);
    const d2 = words[b + 2]! - h0 + (d1 < 0 ? -1 : 0);
    const d3 = words[b + 3]! - h1 + (d2 < 0 ? -1 : 0);
    words[b] = d0;
    words[b + 1] = d1;
    words[b + 2] = d2;
    words[b + 3] = d3;
  }
  return ratio;
}

/** Counts what is missing of the amount. */
function short(
  words: Uint32Array,
  b: number,
  l0: number,
  l1: number,
  h0: number,
  h1: number,
  tally: Uint32Array,
): void {
  const d0 = l0 - words[b]!;
  const d1 = l1 - words[b + 1]! + (d0 < 0 ? -1 : 0);
  const d2 = h0 - words[b + 2]! + (d1 < 0 ? -1 : 0);
  const d3 = h1 - words[b + 3]! + (d2 < 0 ? -1 : 0);
  let carry = 0;
  for (const [word, d] of [d0, d1, d2, d3, 0, 0].entries()) {
    const sum = tally[word]! + (d < 0 ? d + WORD : d) + carry;
    tally[word] = sum;
    carry = sum >= WORD ? 1 : 0;
  }
  increment(tally, 6);
}

function increment(tally: Uint32Array, word: number): void {
  tally[word] = tally[word]! + 1;
  if (tally[word] === 0) tally[word + 1] = tally[word + 1]! + 1;
}

/** Adds the amount at `i` to the balance at `b`, which stays at 2^128 - 1 where it would leave it. */
function receive(
  words: Uint32Array,
  b: number,
  low: Uint32Array,
  high: Uint32Array | null,
  i: number,
  tally: Uint32Array,
): void {
  const s0 = words[b]! + low[i]!;
  const s1 = words[b + 1]! + low[i + 1]! + (s0 >= WORD ? 1 : 0);
  const s2 = words[b + 2]! + (high === null ? 0 : high[i]!) + (s1 >= WORD ? 1 : 0);
  const s3 = words[b + 3]! + (high === null ? 0 : high[i + 1]!) + (s2 >= WORD ? 1 : 0);
  words[b] = s0;
  words[b + 1] = s1;
  words[b + 2] = s2;
  words[b + 3] = s3;
  const full = (words[b]! & words[b + 1]! & words[b + 2]! & words[b + 3]!) === -1;
  if (s3 < WORD && !full) return;
  words.fill(0xffff_ffff, b, b + 4);
  increment(tally, 8);
}
