import { NATIVE } from '../asset.ts';
import { MINUTE } from '../era.ts';
import { between, freshWallet, type Heist, markOf, near, type Wallet } from './heist.ts';

/** S3: each source splits what it has into nearly equal parts for wallets never used before, one every few minutes. */
export function fanOut(heist: Heist, sources: readonly Wallet[]): readonly Wallet[] {
  const { plan, random } = heist;
  const mark = markOf(heist, 'S3');
  const total = sources.reduce((sum, { actor }) => sum + plan.balance(actor, NATIVE), 0);
  const wallets: Wallet[] = [];
  for (const { actor, time } of sources) {
    const held = plan.balance(actor, NATIVE);
    const parts = Math.max(2, Math.round((heist.fan * held) / total));
    let now = time;
    for (let part = 1; part <= parts; part++) {
      const target = freshWallet(heist);
      now += between(random, 1, 4) * MINUTE;
      const placed =
        part === parts
          ? plan.empty(mark, now, actor, target)
          : plan.send(mark, now, actor, target, NATIVE, near(random, held / parts, 0.012));
      now = placed.time;
      wallets.push({ actor: target, time: placed.time });
    }
  }
  return wallets;
}
