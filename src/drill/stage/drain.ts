import type { UnixSeconds } from '../../base/time.ts';
import { ASSETS, NATIVE } from '../asset.ts';
import { blockAt, DAY, HOUR, MINUTE } from '../era.ts';
import { HOT, MIXER, RELAYER } from '../roster.ts';
import { KIND } from '../row.ts';
import { between, freshWallet, type Heist, markOf, near } from './heist.ts';

/** What one asset's theft came to: `time` is a second at which the loot is there and has not moved. */
export interface Loot {
  readonly asset: number;
  readonly address: number;
  readonly amount: number;
  readonly time: UnixSeconds;
}

/** Of what is stolen, the share that each asset makes by value. */
const SHARES = [0.7, 0.15, 0.1, 0.05];

/** S0: gas out of the mixer to a staging wallet, on to the operator, and a probe of the hot wallet with value zero. */
export function stage(heist: Heist): number {
  const { plan, random, start } = heist;
  const mark = markOf(heist, 'S0');
  const staging = freshWallet(heist);
  const operator = freshWallet(heist);
  const out = plan.add(mark, start - 2 * DAY - random.below(DAY), RELAYER, 350_000, [
    { kind: KIND.internal, from: MIXER + 1, to: staging, asset: NATIVE, amount: 990_000_000 },
    { kind: KIND.internal, from: MIXER + 1, to: RELAYER, asset: NATIVE, amount: 10_000_000 },
  ]);
  const funded = plan.send(mark, out.time + between(random, 1, 9) * HOUR, staging, operator, NATIVE, 900_000_000);
  plan.send(mark, funded.time + between(random, 2, 12) * HOUR, operator, HOT + heist.victim, NATIVE, 0);
  return operator;
}

/** S1: within minutes, several withdrawals of every asset from the hot wallet to an address never seen before. */
export function drain(heist: Heist, operator: number): readonly Loot[] {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S1');
  const hot = HOT + heist.victim;
  const address = freshWallet(heist);
  let time = plan.send(mark, heist.start - 20 * MINUTE, operator, address, NATIVE, 400_000_000).time + 15 * MINUTE;
  const landed: Loot[] = [];
  for (const [asset, share] of SHARES.entries()) {
    const value = heist.unit * heist.fan * share;
    const wanted = asset === NATIVE ? value : value / plan.prices.at(asset, blockAt(time));
    const parts = asset === NATIVE ? between(random, 3, 6) : between(random, 1, 3);
    let amount = 0;
    for (let part = 0; part < parts; part++) {
      const piece = near(random, wanted / parts, 0.3);
      time = plan.send(mark, time + between(random, 12, 60), hot, address, asset, piece).time;
      amount += piece;
    }
    landed.push({ asset, address, amount, time: time + 1 });
  }
  return landed;
}

/** S2: each token goes to its own wallet and is sold there within hours; the native asset gathers in one wallet. */
export function sellTokens(
  heist: Heist,
  loot: readonly Loot[],
): { readonly actor: number; readonly time: UnixSeconds } {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S2');
  const gathered = freshWallet(heist);
  let latest = heist.start;
  for (const { asset, address, amount, time } of loot) {
    if (asset === NATIVE) continue;
    const seller = freshWallet(heist);
    const funded = plan.send(mark, time + between(random, 4, 12) * MINUTE, address, seller, NATIVE, 150_000_000);
    let now = plan.send(mark, funded.time + between(random, 1, 3) * MINUTE, address, seller, asset, amount).time;
    const sold = Math.floor(amount * (0.84 + 0.14 * random.unit()));
    const parts = between(random, 3, 8);
    for (let part = 0, left = sold; part < parts; part++) {
      const piece = part === parts - 1 ? left : Math.min(left, near(random, sold / parts, 0.25));
      if (piece === 0) continue;
      now = plan.sell(
        mark,
        now + between(random, 2, 25) * MINUTE,
        seller,
        asset,
        piece,
        0.955 + 0.04 * random.unit(),
      ).time;
      left -= piece;
    }
    latest = Math.max(latest, plan.empty(mark, now + between(random, 3, 20) * MINUTE, seller, gathered).time);
  }
  return { actor: gathered, time: latest };
}

/** Whole units of an asset in drill units, for amounts that people choose. */
export function whole(asset: number, amount: number): number {
  return Math.floor(amount * ASSETS[asset]!.one);
}
