import type { UnixSeconds } from '../../base/time.ts';
import { HOUR } from '../era.ts';
import { type Coin, feeOf, type PlannedOutput } from '../utxo-plan.ts';
import { between, type Heist, markOf, near, shuffled } from './heist.ts';

/** A coin of the thieves and the second from which it may be spent. */
export interface Held {
  readonly coin: Coin;
  readonly time: UnixSeconds;
}

const LEAST_CHANGE = 20_000;

/** S7: rounds of equal outputs with innocents' coins; half of the thefts use small pools after a splitting transaction. */
export function coinJoin(heist: Heist, coins: readonly Held[]): readonly Held[] {
  return heist.theft % 2 === 0 ? wideRounds(heist, coins) : poolRounds(heist, coins);
}

/** Many inputs, one equal output and change for each of them (the shape of Wasabi 1). */
function wideRounds(heist: Heist, coins: readonly Held[]): readonly Held[] {
  const { random } = heist;
  const result: Held[] = [];
  for (let at = 0; at < coins.length; ) {
    const mine = coins.slice(at, at + between(random, 2, 5));
    at += mine.length;
    const least = Math.min(...mine.map(({ coin }) => coin.value));
    const equal = Math.min(near(random, 10_000_000, 0.03), least - LEAST_CHANGE);
    const time = Math.max(...mine.map((held) => held.time)) + between(random, 1, 8) * HOUR;
    if (equal <= LEAST_CHANGE) result.push(...mine);
    else result.push(...round(heist, mine, { time, equal, others: between(random, 12, 25), change: true }));
  }
  return result;
}

interface Round {
  readonly time: UnixSeconds;
  readonly equal: number;
  readonly others: number;
  readonly change: boolean;
}

/** One CoinJoin: every input pays the same share of the fee out of its change, or out of its premium where there is none. */
function round(heist: Heist, mine: readonly Held[], { time, equal, others, change }: Round): readonly Held[] {
  const { coins: book, random } = heist;
  const count = mine.length + others;
  const share = Math.ceil(feeOf(count, change ? count * 2 : count, 10) / count);
  const inputs = mine.map(({ coin }) => coin);
  for (let other = 0; other < others; other++) {
    const extra = change ? LEAST_CHANGE + share + random.below(30_000_000) : share;
    inputs.push(book.openCoin(book.script('innocent'), equal + extra));
  }
  const outputs: PlannedOutput[] = [];
  for (const coin of inputs) {
    const owner = book.record(coin.script)!;
    const target = (): number => book.script(owner.role, owner.theft, null, owner.theft === null ? null : 'S7');
    outputs.push({ script: target(), value: equal, wallet: null });
    const rest = coin.value - equal - share;
    if (change && rest > 1_000) outputs.push({ script: target(), value: rest, wallet: null });
  }
  const placed = book.add(markOf(heist, 'S7'), time, shuffled(random, inputs), shuffled(random, outputs));
  return placed.coins
    .filter((coin) => book.record(coin.script)!.theft === heist.theft)
    .map((coin) => ({ coin, time: placed.time }));
}

const POOL_SIZE = 5;
const POOL_EQUAL = 5_000_000;

/** A splitting transaction into equal premixed outputs, then rounds of five inputs and five outputs (the shape of Whirlpool). */
function poolRounds(heist: Heist, coins: readonly Held[]): readonly Held[] {
  const { coins: book, random } = heist;
  const premium = Math.ceil(feeOf(POOL_SIZE, POOL_SIZE, 10) / POOL_SIZE);
  const result: Held[] = [];
  for (const { coin, time } of coins) {
    const fee = feeOf(1, 8, 12);
    const count = Math.min(4, Math.floor((coin.value - fee - LEAST_CHANGE - 50_000) / (POOL_EQUAL + premium)));
    if (count < 1) {
      result.push({ coin, time });
      continue;
    }
    const mine = (): number => book.script('thief', heist.theft, null, 'S7');
    const outputs: PlannedOutput[] = [{ script: book.script('innocent'), value: 50_000, wallet: null }];
    for (let index = 0; index < count; index++)
      outputs.push({ script: mine(), value: POOL_EQUAL + premium, wallet: null });
    const rest = coin.value - outputs.reduce((sum, output) => sum + output.value, 0) - fee;
    outputs.push({ script: mine(), value: rest, wallet: null });
    const split = book.add(markOf(heist, 'S7'), time + between(random, 1, 5) * HOUR, [coin], outputs);
    result.push({ coin: split.coins.at(-1)!, time: split.time });
    for (const premixed of split.coins.slice(1, -1)) {
      const held = { coin: premixed, time: split.time };
      const start = split.time + between(random, 1, 30) * HOUR;
      result.push(...round(heist, [held], { time: start, equal: POOL_EQUAL, others: POOL_SIZE - 1, change: false }));
    }
  }
  return result;
}
