import type { UnixSeconds } from '../../base/time.ts';
import { NATIVE } from '../asset.ts';
import { DAY, GAS, HOUR, MINUTE } from '../era.ts';
import { DENOMINATIONS_DECI, denomination, LARGEST_MIXER, RELAYER } from '../roster.ts';
import { KIND } from '../row.ts';
import type { CashDesk } from './cashout.ts';
import { between, freshWallet, type Heist, markOf, type Wallet } from './heist.ts';

const LARGEST = denomination(DENOMINATIONS_DECI.length - 1);

/** S4: the wallets are emptied one after the other into one, which feeds the largest pool at a nearly constant interval. */
export function mix(
  heist: Heist,
  wallets: readonly Wallet[],
): { readonly deposits: number; readonly until: UnixSeconds } {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S4');
  const mixing = freshWallet(heist);
  let now = 0;
  for (const { actor, time } of wallets) {
    now = plan.empty(mark, Math.max(now, time) + between(random, 5, 40) * MINUTE, actor, mixing).time;
  }
  const interval = between(random, 5, 8) * MINUTE;
  let deposits = 0;
  while (plan.spendable(mixing, now + interval, GAS.mixer) >= LARGEST) {
    now += interval + between(random, -12, 12);
    plan.add(mark, now, mixing, GAS.mixer, [
      { kind: KIND.transfer, from: mixing, to: LARGEST_MIXER, asset: NATIVE, amount: LARGEST },
    ]);
    deposits++;
  }
  return { deposits, until: now };
}

/** Days later some of it comes out through a relayer to a few new wallets, which deposit at an exchange. */
export function leaveMixer(heist: Heist, deposits: number, since: UnixSeconds, desk: CashDesk): void {
  const { plan, random } = heist;
  const mark = markOf(heist, 'exit');
  const exits = Math.floor(deposits * (0.25 + 0.25 * random.unit()));
  const recipients = Array.from({ length: between(random, 2, 3) }, () => freshWallet(heist));
  const fee = LARGEST / 200;
  let now = since + 3 * DAY;
  for (let exit = 0; exit < exits; exit++) {
    now += between(random, 1, 9) * HOUR + random.below(HOUR);
    const target = recipients[exit % recipients.length]!;
    plan.add(mark, now, RELAYER, 350_000, [
      { kind: KIND.internal, from: LARGEST_MIXER, to: target, asset: NATIVE, amount: LARGEST - fee },
      { kind: KIND.internal, from: LARGEST_MIXER, to: RELAYER, asset: NATIVE, amount: fee },
    ]);
  }
  for (const actor of recipients.slice(0, exits)) {
    now += between(random, 2, 20) * HOUR;
    desk.cashOut({ actor, time: now }, 2);
  }
}
