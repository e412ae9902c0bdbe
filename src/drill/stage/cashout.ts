import type { UnixSeconds } from '../../base/time.ts';
import { NATIVE } from '../asset.ts';
import { HOUR, MINUTE } from '../era.ts';
import { HONEST } from '../plan.ts';
import { HOT } from '../roster.ts';
import { type Coin, feeOf } from '../utxo-plan.ts';
import { between, type Heist, markOf, otherExchange, type Wallet } from './heist.ts';

/** The thieves' accounts at exchanges: the same few deposit addresses are used again and again. */
export class CashDesk {
  private readonly accounts: readonly { readonly exchange: number; readonly actor: number; readonly script: number }[];
  private readonly waiting = new Map<number, { coins: Coin[]; latest: UnixSeconds }>();

  private readonly heist: Heist;

  constructor(heist: Heist) {
    this.heist = heist;
    this.accounts = Array.from({ length: 3 }, () => {
      const exchange = otherExchange(heist);
      return {
        exchange,
        actor: heist.plan.actor('deposit', null, exchange),
        script: heist.coins.script('deposit', null, exchange),
      };
    });
  }

  /** Pays all that a wallet has into one account in `parts`; the exchange sweeps each deposit into its hot wallet. */
  cashOut(wallet: Wallet, parts: number): UnixSeconds {
    const { plan, random } = this.heist;
    const mark = markOf(this.heist, 'cashout');
    const { actor: account, exchange } = this.accounts[random.below(this.accounts.length)]!;
    let now = wallet.time;
    for (let part = parts; part >= 1; part--) {
      now += between(random, 8, 90) * MINUTE;
      const all = plan.spendable(wallet.actor, now);
      if (all === 0) break;
      const amount = part === 1 ? all : Math.floor(all / part);
      now = plan.send(mark, now, wallet.actor, account, NATIVE, amount).time;
      now = plan.empty(HONEST, now + between(random, 6, 30) * MINUTE, account, HOT + exchange).time;
    }
    return now;
  }

  /** The script of account `index`, for deposits on the UTXO chain. */
  script(index: number): number {
    return this.accounts[index % this.accounts.length]!.script;
  }

  /** A deposit on the UTXO chain arrived; every few deposits the exchange sweeps them together. */
  received(coin: Coin, time: UnixSeconds): void {
    const pile = this.waiting.get(coin.script) ?? { coins: [], latest: 0 };
    pile.coins.push(coin);
    pile.latest = Math.max(pile.latest, time);
    this.waiting.set(coin.script, pile);
    if (pile.coins.length >= 8) this.sweep(coin.script);
  }

  /** Sweeps what still waits. */
  close(): void {
    for (const script of this.waiting.keys()) this.sweep(script);
  }

  private sweep(script: number): void {
    const pile = this.waiting.get(script);
    if (pile === undefined || pile.coins.length === 0) return;
    this.waiting.set(script, { coins: [], latest: 0 });
    const { coins: book, random } = this.heist;
    const exchange = book.record(script)!.exchange!;
    const value = pile.coins.reduce((sum, coin) => sum + coin.value, 0) - feeOf(pile.coins.length, 1, 6);
    book.add(HONEST, pile.latest + between(random, 1, 6) * HOUR, pile.coins, [
      { script: book.hotScripts[exchange]!, value, wallet: exchange },
    ]);
  }
}
