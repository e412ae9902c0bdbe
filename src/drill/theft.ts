import type { Random } from '../base/random.ts';
import type { UnixSeconds } from '../base/time.ts';
import { DAY, START } from './era.ts';
import type { Plan } from './plan.ts';
import { EXCHANGES } from './roster.ts';
import { bridge } from './stage/bridging.ts';
import { CashDesk } from './stage/cashout.ts';
import { coinJoin, type Held } from './stage/coinjoin.ts';
import { commingle, rest } from './stage/commingle.ts';
import { drain, type Loot, sellTokens, stage } from './stage/drain.ts';
import { fanOut } from './stage/fanout.ts';
import { between, type Heist, near, shuffled, type Wallet } from './stage/heist.ts';
import { leaveMixer, mix } from './stage/mixing.ts';
import { disturb, spend, strayIntoPath } from './stage/noise.ts';
import { peel } from './stage/peel.ts';
import type { Payout, UtxoPlan } from './utxo-plan.ts';

/** What a planned theft hands to the rest of the drill. */
export interface PlannedTheft {
  readonly heist: Heist;
  readonly loot: readonly Loot[];
  readonly payouts: readonly Payout[];
  readonly desk: CashDesk;
  readonly sleepers: readonly Wallet[];
}

/** Thefts come in pairs, the second three weeks later by the same thieves; more of them as the scale grows, at most ten. */
export function planHeists(scale: number, random: Random, plan: Plan, coins: UtxoPlan): readonly Heist[] {
  const count = Math.min(10, 2 + 2 * Math.floor(scale / 300_000));
  const small = scale < 5_000;
  return Array.from({ length: count }, (_, theft) => {
    const pair = theft >> 1;
    const start = START + (7 + pair * 3 + (theft % 2) * 21) * DAY + random.below(DAY);
    const fan = small ? between(random, 8, 10) : scale < 100_000 ? between(random, 16, 24) : between(random, 28, 44);
    const unit = near(random, small ? 300e9 : 350e9, 0.2);
    return { theft, random, plan, coins, start, victim: theft % EXCHANGES.length, fan, unit };
  });
}

/** Everything on the account chain: S0 to S5, patience, commingling with the first theft of the pair. */
export function planTheft(heist: Heist, earlier: PlannedTheft | null): PlannedTheft {
  const loot = drain(heist, stage(heist));
  const last = loot.at(-1)!;
  const sold = sellTokens(heist, loot);
  const ready: UnixSeconds = last.time + 600;
  const first = { actor: last.address, time: Math.max(ready, sold.time) };
  const fans = fanOut(heist, [first, sold]);
  strayIntoPath(heist, fans);
  const laundered = launder(heist, shuffled(heist.random, fans), earlier);
  disturb(heist, { actor: last.address, time: ready }, fans);
  return { heist, loot, ...laundered };
}

function launder(
  heist: Heist,
  wallets: readonly Wallet[],
  earlier: PlannedTheft | null,
): Omit<PlannedTheft, 'heist' | 'loot'> {
  const desk = new CashDesk(heist);
  const take = dealer(wallets);
  for (const wallet of take(0.08)) spend(heist, wallet);
  for (const wallet of take(0.12)) desk.cashOut(wallet, between(heist.random, 1, 3));
  const mixed = mix(heist, inTime(take(0.3)));
  leaveMixer(heist, mixed.deposits, mixed.until, desk);
  const { payouts } = bridge(heist, take(0.2));
  if (earlier !== null) {
    commingle(heist, inTime(take(0.15)), earlier.heist, earlier.sleepers[0]!, earlier.desk);
  }
  return { payouts, desk, sleepers: rest(heist, take(1)) };
}

/** Hands out shares of a list, one wallet at least each time, until it is empty. */
function dealer(wallets: readonly Wallet[]): (share: number) => readonly Wallet[] {
  let at = 0;
  return (share) => {
    const from = at;
    at = Math.min(wallets.length, at + Math.max(1, Math.round(wallets.length * share)));
    return wallets.slice(from, at);
  };
}

function inTime(wallets: readonly Wallet[]): readonly Wallet[] {
  return [...wallets].sort((a, b) => a.time - b.time || a.actor - b.actor);
}

/** Everything on the UTXO chain, once the vault has paid: S7 and S8; one coin in six is left where it is. */
export function planUtxoTheft({ heist, payouts, desk }: PlannedTheft): void {
  const coins: Held[] = payouts.map((payout) => ({ coin: payout.coin!, time: payout.paidAt }));
  const moving = coins.filter(() => heist.random.below(6) > 0);
  const share = Math.ceil(moving.length * 0.25);
  const joined = coinJoin(heist, moving.slice(0, share));
  const spentAgain = joined.filter(() => heist.random.below(4) > 0);
  peel(heist, [...moving.slice(share), ...spentAgain], desk);
}
