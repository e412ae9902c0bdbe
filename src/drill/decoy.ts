import type { Random } from '../base/random.ts';
import type { UnixSeconds } from '../base/time.ts';
import { NATIVE, TOKENS } from './asset.ts';
import { blockAt, DAY, DURATION, GAS, HOUR, MINUTE, START } from './era.ts';
import { HONEST, type Plan, type Stage } from './plan.ts';
import { BRIDGE, COLD, COMPANY, denomination, EXCHANGES, FIRST_PERSON, HOT, LARGEST_MIXER, WHALE } from './roster.ts';
import { KIND } from './row.ts';
import { whole } from './stage/drain.ts';
import { between, near } from './stage/heist.ts';
import { feeOf, type UtxoPlan } from './utxo-plan.ts';

/** An honest actor whose doing resembles a stage: what a detector must not raise an alarm on. */
export interface Decoy {
  readonly kind: string;
  readonly resembles: Stage;
  /** Actors of the account chain, or scripts of the UTXO chain. */
  readonly actors: readonly number[];
  readonly scripts: readonly number[];
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
}

interface Stagehand {
  readonly plan: Plan;
  readonly coins: UtxoPlan;
  readonly random: Random;
  /** A day on which a decoy may begin. */
  readonly day: UnixSeconds;
}

/** Every kind of decoy once, and again for every 100,000 transfers (at most ten times); honest bridge users grow with the scale. */
export function planDecoys(scale: number, random: Random, plan: Plan, coins: UtxoPlan): readonly Decoy[] {
  const kinds = [payroll, treasurySplit, migration, tokenSale, steadyMixer, donations, largePayment];
  const decoys: Decoy[] = [];
  const rounds = Math.min(10, 1 + Math.floor(scale / 100_000));
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const day = START + between(random, 3, 55) * DAY + random.below(DAY);
      decoys.push(kind({ plan, coins, random, day }));
    }
  }
  const users = Math.min(2_000, 8 + Math.floor(scale / 500));
  for (let user = 0; user < users; user++)
    bridgeUser({ plan, coins, random, day: START + DAY + random.below(DURATION - 6 * DAY) });
  return decoys;
}

function decoy(
  kind: string,
  resembles: Stage,
  actors: readonly number[],
  from: UnixSeconds,
  until: UnixSeconds,
): Decoy {
  return { kind, resembles, actors, scripts: [], from, until };
}

/** Twenty persons get the same amount from a company within the hour. */
function payroll({ plan, random, day }: Stagehand): Decoy {
  const company = COMPANY + random.below(4);
  const wage = near(random, whole(NATIVE, 1.6), 0.2);
  let now = day;
  for (let employee = 0; employee < 20; employee++) {
    const person = FIRST_PERSON + random.below(plan.roster.persons);
    now = plan.send(HONEST, now + between(random, 12, 150), company, person, NATIVE, wage).time;
  }
  return decoy('payroll', 'S3', [company], day, now);
}

/** A treasury is split over twelve fresh wallets in nearly equal parts, and stays there. */
function treasurySplit({ plan, random, day }: Stagehand): Decoy {
  const company = COMPANY + random.below(4);
  const wallets = Array.from({ length: 12 }, () => plan.actor('decoy'));
  let now = day;
  for (const wallet of wallets) {
    const amount = near(random, whole(NATIVE, 240), 0.01);
    now = plan.send(HONEST, now + between(random, 2, 9) * MINUTE, company, wallet, NATIVE, amount).time;
  }
  return decoy('treasury split', 'S3', [company, ...wallets], day, now);
}

/** An exchange moves a large part of every asset to a wallet it has just made, within minutes. */
function migration({ plan, random, day }: Stagehand): Decoy {
  const hot = HOT + random.below(EXCHANGES.length);
  const fresh = plan.actor('decoy');
  let now = plan.send(HONEST, day, hot, fresh, NATIVE, near(random, whole(NATIVE, 2_500), 0.2)).time;
  for (const asset of TOKENS) {
    const amount = Math.floor(whole(NATIVE, 300) / plan.prices.at(asset, blockAt(now)));
    now = plan.send(HONEST, now + between(random, 12, 200), hot, fresh, asset, near(random, amount, 0.3)).time;
  }
  return decoy('hot wallet migration', 'S1', [hot, fresh], day, now);
}

/** A company sells most of its tokens within hours. */
function tokenSale({ plan, random, day }: Stagehand): Decoy {
  const seller = plan.actor('decoy');
  const cold = COLD + random.below(EXCHANGES.length);
  plan.send(HONEST, day - DAY, cold, seller, NATIVE, whole(NATIVE, 1));
  const amount = whole(1, between(random, 100, 400) * 1_000);
  plan.send(HONEST, day - HOUR, cold, seller, 1, amount);
  let now = day;
  for (let part = 0; part < 5; part++) {
    now = plan.sell(HONEST, now + between(random, 10, 60) * MINUTE, seller, 1, Math.floor(amount / 6), 0.995).time;
  }
  return decoy('token sale', 'S2', [seller], day, now);
}

/** A saver who puts the largest denomination into the mixer on most days, for a fortnight. */
function steadyMixer({ plan, random, day }: Stagehand): Decoy {
  const saver = plan.actor('decoy');
  const amount = denomination(3);
  plan.send(HONEST, day - DAY, WHALE + random.below(2), saver, NATIVE, amount * 8 + whole(NATIVE, 2));
  let now = day;
  for (let deposit = 0; deposit < 8; deposit++) {
    now += DAY + between(random, -4, 20) * HOUR;
    plan.add(HONEST, now, saver, GAS.mixer, [
      { kind: KIND.transfer, from: saver, to: LARGEST_MIXER, asset: NATIVE, amount },
    ]);
  }
  return decoy('steady mixer user', 'S4', [saver], day, now);
}

/** A charity pays its bills out of one coin, each time with fresh change: an honest peel chain. */
function donations({ coins, random, day }: Stagehand): Decoy {
  let script = coins.script('decoy');
  let coin = coins.openCoin(script, between(random, 4, 9) * 1e8);
  const scripts = [script];
  let now = day;
  for (let bill = 0; bill < 12; bill++) {
    now += between(random, 5, 30) * HOUR;
    const amount = near(random, 12_000_000, 0.7);
    script = coins.script('decoy');
    const rest = coin.value - amount - feeOf(1, 2, 8);
    const paid = coins.add(
      HONEST,
      now,
      [coin],
      [
        { script: coins.script('decoy'), value: amount, wallet: EXCHANGES.length + random.below(20) },
        { script, value: rest, wallet: null },
      ],
    );
    scripts.push(script);
    coin = paid.coins[1]!;
    now = paid.time;
  }
  return { kind: 'bills from one coin', resembles: 'S8', actors: [], scripts, from: day, until: now };
}

/** Someone rich pays someone, once, as much as a theft moves. */
function largePayment({ plan, random, day }: Stagehand): Decoy {
  const whale = WHALE + random.below(2);
  const target = plan.actor('decoy');
  const placed = plan.send(HONEST, day, whale, target, NATIVE, near(random, whole(NATIVE, 3_000), 0.6));
  return decoy('large payment', 'S1', [whale, target], day, placed.time);
}

/** A person crosses the bridge once or twice; amounts overlap with those of the thieves. */
function bridgeUser({ plan, coins, random, day }: Stagehand): void {
  const user = plan.actor('innocent');
  const amount = near(random, whole(NATIVE, 6), 0.9);
  plan.send(HONEST, day, HOT + random.below(EXCHANGES.length), user, NATIVE, amount);
  let now = day;
  for (let part = 1 + random.below(2); part >= 1; part--) {
    now += between(random, 1, 20) * HOUR;
    const all = plan.spendable(user, now, GAS.bridge);
    if (all < 50_000_000) break;
    const piece = part === 1 ? all : Math.floor(all / 2);
    const placed = plan.add(HONEST, now, user, GAS.bridge, [
      { kind: KIND.transfer, from: user, to: BRIDGE, asset: NATIVE, amount: piece },
    ]);
    coins.owe(null, placed.tx, placed.time, piece, coins.script('innocent'));
  }
}
