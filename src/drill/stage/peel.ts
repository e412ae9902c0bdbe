import type { UnixSeconds } from '../../base/time.ts';
import { HOUR, MINUTE } from '../era.ts';
import { type Coin, feeOf } from '../utxo-plan.ts';
import type { CashDesk } from './cashout.ts';
import type { Held } from './coinjoin.ts';
import { between, type Heist, markOf, near } from './heist.ts';

/** S8: coins are joined, then peeled: one in, two out, a small peel to an account at an exchange, fresh change spent soon. */
export function peel(heist: Heist, coins: readonly Held[], desk: CashDesk): UnixSeconds {
  const { random } = heist;
  const sorted = [...coins].sort((a, b) => a.time - b.time || a.coin.tx - b.coin.tx || a.coin.index - b.coin.index);
  let until = 0;
  for (let at = 0; at < sorted.length; ) {
    const together = sorted.slice(at, at + between(random, 7, 13));
    at += together.length;
    until = Math.max(until, peelChain(heist, together, desk));
  }
  desk.close();
  return until;
}

function peelChain(heist: Heist, together: readonly Held[], desk: CashDesk): UnixSeconds {
  const { coins: book, random } = heist;
  const mark = markOf(heist, 'S8');
  const fresh = (): number => book.script('thief', heist.theft, null, 'S8');
  const inputs = together.map(({ coin }) => coin);
  const value = inputs.reduce((sum, coin) => sum + coin.value, 0) - feeOf(inputs.length, 1, 9);
  let now = together.at(-1)!.time + between(random, 2, 20) * HOUR;
  const joined = book.add(mark, now, inputs, [{ script: fresh(), value, wallet: null }]);
  let coin: Coin = joined.coins[0]!;
  now = joined.time;
  const hops = between(random, 14, 34);
  const account = random.below(3);
  for (let hop = 0; hop < hops; hop++) {
    now += between(random, 10, 70) * MINUTE;
    const taken = near(random, value * 0.026, 0.6);
    const rest = coin.value - taken - feeOf(1, 2, 8);
    if (taken < 1_000 || rest < 10_000) break;
    const paid = { script: desk.script(account + (hop % 2)), value: taken, wallet: null };
    const change = { script: fresh(), value: rest, wallet: null };
    const placed = book.add(mark, now, [coin], random.below(2) === 0 ? [paid, change] : [change, paid]);
    now = placed.time;
    coin = placed.coins.find((end) => end.script === change.script)!;
    desk.received(placed.coins.find((end) => end.script === paid.script)!, placed.time);
  }
  return now;
}
