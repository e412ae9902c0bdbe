import type { UnixSeconds } from '../../base/time.ts';
import { NATIVE } from '../asset.ts';
import { GAS, MINUTE } from '../era.ts';
import { BRIDGE } from '../roster.ts';
import { KIND } from '../row.ts';
import type { Payout } from '../utxo-plan.ts';
import { between, type Heist, markOf, near, type Wallet } from './heist.ts';

/** 0.28 BTC, the mean of what each single-use output got after the Bybit theft, in the bridge's price: 5.6 dETH. */
const PIECE = 5_600_000_000;

/** S5: the wallets go into the bridge piece by piece; S6: each piece is owed to a script that is used once. */
export function bridge(
  heist: Heist,
  wallets: readonly Wallet[],
): { readonly payouts: readonly Payout[]; readonly until: UnixSeconds } {
  const { plan, coins, random } = heist;
  const mark = markOf(heist, 'S5');
  const payouts: Payout[] = [];
  let until = 0;
  for (const { actor, time } of wallets) {
    let now = time + between(random, 10, 90) * MINUTE;
    for (;;) {
      now += between(random, 2, 9) * MINUTE;
      const all = plan.spendable(actor, now, GAS.bridge);
      if (all < PIECE / 50) break;
      const amount = all < PIECE * 1.3 ? all : near(random, PIECE, 0.12);
      const placed = plan.add(mark, now, actor, GAS.bridge, [
        { kind: KIND.transfer, from: actor, to: BRIDGE, asset: NATIVE, amount },
      ]);
      payouts.push(
        coins.owe(heist.theft, placed.tx, placed.time, amount, coins.script('thief', heist.theft, null, 'S6')),
      );
    }
    until = Math.max(until, now);
  }
  return { payouts, until };
}
