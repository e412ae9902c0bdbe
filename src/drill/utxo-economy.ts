import type { Random } from '../base/random.ts';
import { DURATION, UTXO_BLOCK_SECONDS } from './era.ts';
import { mix32 } from './name.ts';
import { EXCHANGES } from './roster.ts';
import { type Coin, feeOf, OPENING_FEE, type PlannedUtxoTx, type UtxoPlan } from './utxo-plan.ts';

/** One transaction by numbers; names come when it is printed. */
export interface DrillUtxoTx {
  readonly id: number;
  /** Blocks since START. */
  readonly block: number;
  readonly txIndex: number;
  /** `tx: null`: an outpoint from before the data, numbered by the transaction that spends it. */
  readonly inputs: readonly (Omit<Coin, 'tx'> & { readonly tx: number | null })[];
  readonly outputs: readonly { readonly script: number; readonly value: number }[];
  /** Several owners joined in it. */
  readonly coinJoin: boolean;
}

interface Draft {
  readonly inputs: readonly Coin[];
  readonly outputs: { script: number; value: number; wallet: number }[];
  readonly coinJoin?: boolean;
}

const MOST_COINS = 12;
const OPENING_COINS = 3;
const HOT_COINS = 12;
const SWEPT_TOGETHER = 10;
const DUST = 1_000;

/**
 * The UTXO chain: payments, an exchange's deposits, batches and change chains, CoinJoins of the innocent, and the plan's
 * transactions at their time. Memory is at most a dozen coins a wallet and 5,000 wallets, whatever the scale.
 */
export class UtxoEconomy {
  private readonly wallets: Coin[][];
  private readonly deposits: readonly Coin[][] = EXCHANGES.map(() => []);
  private readonly plan: UtxoPlan;
  private readonly random: Random;
  private readonly planned: readonly PlannedUtxoTx[];
  private readonly transactions: number;
  private nextTx = 0;
  private nextScript = 0;
  private block = 0;
  private txIndex = -1;

  /** `transactions`: honest ones, about. */
  constructor(plan: UtxoPlan, transactions: number, random: Random) {
    this.plan = plan;
    this.random = random;
    this.transactions = transactions;
    const persons = Math.max(40, Math.min(5_000, Math.floor(transactions / 4)));
    this.wallets = Array.from({ length: EXCHANGES.length + persons }, () => []);
    this.planned = [...plan.txs].sort((a, b) => a.block - b.block || a.id - b.id);
  }

  /** Every transaction in order; a coin is spent after it was made. */
  *run(): Generator<DrillUtxoTx> {
    const last = Math.floor(DURATION / UTXO_BLOCK_SECONDS);
    yield* this.open();
    let next = 0;
    for (let made = 0; made < this.transactions; made++) {
      const block = 1 + Math.floor((made * (last - 1)) / this.transactions);
      for (; next < this.planned.length && this.planned[next]!.block <= block; next++)
        yield this.execute(this.planned[next]!);
      yield this.emit(block, this.draft());
    }
    for (; next < this.planned.length; next++) yield this.execute(this.planned[next]!);
  }

  private *open(): Generator<DrillUtxoTx> {
    for (let wallet = 0; wallet < this.wallets.length; wallet++) {
      const hot = wallet < EXCHANGES.length;
      const outputs = Array.from({ length: hot ? HOT_COINS : OPENING_COINS }, () => ({
        script: this.scriptOf(wallet),
        value: hot ? 40e8 + this.random.below(3e9) : 100_000 + this.random.below(60_000_000),
        wallet,
      }));
      yield this.emit(0, { inputs: [], outputs });
    }
  }

  /** A hot wallet has one script (Clover's has a new one for its change each time); persons have a new one for each coin. */
  private scriptOf(wallet: number): number {
    const fixed = wallet < EXCHANGES.length && wallet !== 2;
    return fixed ? this.plan.hotScripts[wallet]! : this.nextScript++;
  }

  private execute(tx: PlannedUtxoTx): DrillUtxoTx {
    for (const [index, { script, value, wallet }] of tx.outputs.entries()) {
      if (wallet !== null) this.wallets[wallet % this.wallets.length]!.push({ tx: tx.id, index, value, script });
    }
    const coinJoin = tx.stage === 'S7' && tx.inputs !== null && tx.inputs.length > 1;
    return this.place(tx.id, tx.block, { inputs: tx.inputs, outputs: tx.outputs, coinJoin });
  }

  private emit(block: number, { inputs, outputs, coinJoin = false }: Draft): DrillUtxoTx {
    const id = this.nextTx++;
    for (const [index, { script, value, wallet }] of outputs.entries()) {
      const coin = { tx: id, index, value, script };
      if (wallet < 0) this.deposits[-wallet - 1]!.push(coin);
      else this.wallets[wallet]!.push(coin);
    }
    return this.place(id, block, { inputs: inputs.length === 0 ? null : inputs, outputs, coinJoin });
  }

  private place(
    id: number,
    block: number,
    body: Pick<DrillUtxoTx, 'outputs' | 'coinJoin'> & { readonly inputs: readonly Coin[] | null },
  ): DrillUtxoTx {
    const { inputs, outputs, coinJoin } = body;
    this.txIndex = block === this.block ? this.txIndex + 1 : 0;
    this.block = block;
    const total = outputs.reduce((sum, end) => sum + end.value, 0);
    const outside = { tx: null, index: 0, value: total + OPENING_FEE, script: mix32(id) >>> 1 };
    return { id, block, txIndex: this.txIndex, inputs: inputs ?? [outside], outputs, coinJoin };
  }

  private draft(): Draft {
    const full = this.deposits.findIndex((coins) => coins.length >= SWEPT_TOGETHER);
    if (full >= 0) return this.sweep(full);
    const roll = this.random.below(100);
    if (roll < 2) return this.coinJoin();
    if (roll < 22) return this.batch(this.random.below(EXCHANGES.length));
    return this.payment(this.person(), roll < 50);
  }

  private person(): number {
    return EXCHANGES.length + this.random.below(this.wallets.length - EXCHANGES.length);
  }

  /** Takes coins of a wallet, oldest first, until they are worth `least`; all of them where a wallet has gathered many. */
  private take(wallet: number, least: number): Coin[] {
    const coins = this.wallets[wallet]!;
    let worth = 0;
    let count = 0;
    while (count < coins.length && (worth < least || coins.length - count > MOST_COINS)) worth += coins[count++]!.value;
    return worth < least ? [] : coins.splice(0, count);
  }

  /** To a person, or into an account at an exchange (whose deposit script is used once); change to a new script. */
  private payment(wallet: number, toExchange: boolean): Draft {
    const amount = 20_000 + this.random.below(8_000_000);
    const inputs = this.take(wallet, amount + feeOf(3, 2, 20));
    if (inputs.length === 0) return this.batch(wallet % EXCHANGES.length, wallet);
    const exchange = this.random.below(EXCHANGES.length);
    const paid = { script: this.nextScript++, value: amount, wallet: toExchange ? -exchange - 1 : this.person() };
    return this.withChange(inputs, [paid], wallet);
  }

  /** An exchange pays many customers at once, or one. */
  private batch(exchange: number, needy?: number): Draft {
    const count = this.random.below(3) === 0 ? 1 : 3 + this.random.below(14);
    const outputs = Array.from({ length: count }, (_, index) => ({
      script: this.nextScript++,
      value: 50_000 + this.random.below(20_000_000),
      wallet: index === 0 && needy !== undefined ? needy : this.person(),
    }));
    const total = outputs.reduce((sum, end) => sum + end.value, 0);
    const inputs = this.take(exchange, total + feeOf(40, count + 1, 20));
    return inputs.length === 0 ? this.income(exchange) : this.withChange(inputs, outputs, exchange);
  }

  /** An exchange whose hot wallet runs low refills it from outside the data. */
  private income(exchange: number): Draft {
    return { inputs: [], outputs: [{ script: this.scriptOf(exchange), value: 200e8, wallet: exchange }] };
  }

  private sweep(exchange: number): Draft {
    return this.withChange(this.deposits[exchange]!.splice(0), [], exchange);
  }

  private withChange(inputs: readonly Coin[], outputs: Draft['outputs'], wallet: number): Draft {
    const rate = 4 + this.random.below(12);
    const paid = outputs.reduce((sum, end) => sum + end.value, 0);
    const rest =
      inputs.reduce((sum, coin) => sum + coin.value, 0) - paid - feeOf(inputs.length, outputs.length + 1, rate);
    if (rest < DUST) return { inputs, outputs };
    const change = { script: this.scriptOf(wallet), value: rest, wallet };
    const at = this.random.below(outputs.length + 1);
    return { inputs, outputs: [...outputs.slice(0, at), change, ...outputs.slice(at)] };
  }

  /** Ten to twenty persons, one coin each, equal outputs and change. */
  private coinJoin(): Draft {
    const equal = 2_000_000 + this.random.below(200_000);
    const inputs: Coin[] = [];
    const outputs: Draft['outputs'] = [];
    const wanted = 10 + this.random.below(11);
    for (let tries = 0; tries < 60 && inputs.length < wanted; tries++) {
      const wallet = this.person();
      const share = feeOf(1, 2, 10) + 20;
      const coins = this.wallets[wallet]!;
      const at = coins.findIndex((coin) => coin.value > equal + share + DUST);
      if (at < 0) continue;
      const [coin] = coins.splice(at, 1);
      inputs.push(coin!);
      outputs.unshift({ script: this.nextScript++, value: equal, wallet });
      outputs.push({ script: this.nextScript++, value: coin!.value - equal - share, wallet });
    }
    return inputs.length === 0 ? this.income(0) : { inputs, outputs, coinJoin: true };
  }
}
