import { DAY, HOUR, MINUTE } from '../era.ts';
import type { CashDesk } from './cashout.ts';
import { between, freshWallet, type Heist, markOf, type Wallet } from './heist.ts';

/** S13: wallets are emptied one hop further and left alone for weeks. */
export function rest(heist: Heist, wallets: readonly Wallet[]): readonly Wallet[] {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S13');
  return wallets.map(({ actor, time }) => {
    const sleeper = freshWallet(heist);
    const placed = plan.empty(mark, time + between(random, 1, 30) * HOUR, actor, sleeper);
    return { actor: sleeper, time: placed.time };
  });
}

/**
 * S12: wallets of a later theft are emptied into a sleeping wallet of an earlier one, which then wakes: most of it goes to
 * the earlier thieves' account at an exchange, in parts.
 */
export function commingle(
  later: Heist,
  wallets: readonly Wallet[],
  earlier: Heist,
  sleeper: Wallet,
  desk: CashDesk,
): void {
  const { plan, random } = later;
  const mark = markOf(later, 'S12');
  let now = sleeper.time;
  for (const { actor, time } of wallets) {
    now = plan.empty(mark, Math.max(now, time) + between(random, 10, 90) * MINUTE, actor, sleeper.actor).time;
  }
  const awake = freshWallet(earlier);
  const half = Math.floor(plan.spendable(sleeper.actor, now) * 0.6);
  const moved = plan.send(markOf(earlier, 'S13'), now + between(random, 1, 3) * DAY, sleeper.actor, awake, 0, half);
  desk.cashOut({ actor: awake, time: moved.time }, between(random, 3, 6));
}
