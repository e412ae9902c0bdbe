import { NATIVE } from '../asset.ts';
import { DAY, HOUR, MINUTE } from '../era.ts';
import { HONEST } from '../plan.ts';
import { COLD, EXCHANGES, FIRST_PERSON } from '../roster.ts';
import { whole } from './drain.ts';
import { between, type Heist, markOf, near, type Wallet } from './heist.ts';

/** Innocents who pay a wallet of the thieves by mistake, just before it is emptied. */
export function strayIntoPath(heist: Heist, wallets: readonly Wallet[]): void {
  const { plan, random } = heist;
  for (let payer = 0; payer < 2; payer++) {
    const target = wallets[random.below(wallets.length)]!;
    const amount = near(random, whole(NATIVE, 0.8), 0.4);
    plan.send(HONEST, target.time + 24, innocent(heist), target.actor, NATIVE, amount);
  }
}

/** Messages of value zero to the loot wallet and dust to others. Planned last: what comes after a wallet was emptied stays there. */
export function disturb(heist: Heist, loot: Wallet, wallets: readonly Wallet[]): void {
  const { plan, random } = heist;
  const writer = innocent(heist);
  const duster = innocent(heist);
  for (let message = 0; message < 5; message++) {
    plan.send(HONEST, loot.time + between(random, 1, 40) * HOUR, writer, loot.actor, NATIVE, 0);
    const target = wallets[random.below(wallets.length)]!;
    const dust = 1_000 + random.below(9_000);
    plan.send(HONEST, target.time + between(random, 1, 20) * HOUR, duster, target.actor, NATIVE, dust);
  }
}

/** Somebody with a few coins from an exchange. */
function innocent({ plan, random, start }: Heist): number {
  const actor = plan.actor('innocent');
  const amount = near(random, whole(NATIVE, 4), 0.5);
  plan.send(HONEST, start - between(random, 1, 5) * DAY, COLD + random.below(EXCHANGES.length), actor, NATIVE, amount);
  return actor;
}

/** Thieves buy from persons, move what is left to themselves twice, and keep it. */
export function spend(heist: Heist, wallet: Wallet): void {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S13');
  let now = wallet.time + between(random, 2, 30) * HOUR;
  for (let purchase = 0; purchase < 4; purchase++) {
    const person = FIRST_PERSON + random.below(plan.roster.persons);
    const amount = near(random, whole(NATIVE, 6), 0.8);
    now = plan.send(mark, now + between(random, 30, 600) * MINUTE, wallet.actor, person, NATIVE, amount).time;
  }
  now = plan.send(mark, now + HOUR, wallet.actor, wallet.actor, NATIVE, whole(NATIVE, 1)).time;
  plan.empty(mark, now + between(random, 1, 9) * DAY, wallet.actor, plan.actor('thief', heist.theft));
}
