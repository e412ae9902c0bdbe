import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import type { UnixSeconds } from '../base/time.ts';
import { SATOSHI_PER_GWEI } from './asset.ts';
import { MINUTE, timeOfUtxoBlock, utxoBlockAt } from './era.ts';
import { PLANNED } from './name.ts';
import { HONEST, type Mark, type Stage } from './plan.ts';
import { EXCHANGES, type Role } from './roster.ts';

/** An output that can be spent: its transaction and script by number, its value in satoshi. */
export interface Coin {
  readonly tx: number;
  readonly index: number;
  readonly value: number;
  readonly script: number;
}

export interface PlannedOutput {
  readonly script: number;
  readonly value: number;
  /** Wallet of the background that may spend it later; null: the plan's own. */
  readonly wallet: number | null;
}

export interface PlannedUtxoTx extends Mark {
  readonly id: number;
  readonly block: number;
  /** null: the transaction spends one outpoint from before the data, worth outputs and fee. */
  readonly inputs: readonly Coin[] | null;
  readonly outputs: readonly PlannedOutput[];
}

export interface PlannedScript {
  readonly role: Role;
  readonly theft: number | null;
  readonly exchange: number | null;
  /** First stage a thieves' script was made for. */
  readonly stage: Stage | null;
}

/** A payment out of the bridge that the vault still owes. */
export interface Payout {
  readonly theft: number | null;
  readonly departure: number;
  readonly time: UnixSeconds;
  readonly value: number;
  readonly script: number;
  /** Set when the vault has paid. */
  coin: Coin | null;
  paidAt: UnixSeconds;
}

const OPENING_OUTPUTS = 40;
export const OPENING_FEE = 2_000;
const LEAST_PAYOUT = 5_000;

/** Planned part of the UTXO chain. Coins are spent by the plan alone, once each. */
export class UtxoPlan {
  readonly txs: PlannedUtxoTx[] = [];
  readonly scripts: PlannedScript[] = [];
  readonly payouts: Payout[] = [];
  /** The one script each exchange sweeps into, and the vault's. */
  readonly hotScripts: readonly number[];
  readonly vaultScript: number;
  private opening: PlannedOutput[] = [];
  private openingId = 0;
  private readonly spent = new Set<number>();

  private readonly random: Random;

  constructor(random: Random) {
    this.random = random;
    this.hotScripts = EXCHANGES.map((_, exchange) => this.script('exchange', null, exchange));
    this.vaultScript = this.script('bridge');
  }

  script(role: Role, theft: number | null = null, exchange: number | null = null, stage: Stage | null = null): number {
    this.scripts.push({ role, theft, exchange, stage });
    return PLANNED + this.scripts.length - 1;
  }

  /** Number of the plan's script `index`. */
  scriptAt(index: number): number {
    return PLANNED + index;
  }

  record(script: number): PlannedScript | null {
    return this.scripts[script - PLANNED] ?? null;
  }

  /** A coin that is there when the data begin. */
  openCoin(script: number, value: number): Coin {
    if (this.opening.length === 0 || this.opening.length >= OPENING_OUTPUTS) {
      this.opening = [];
      this.openingId = this.push(HONEST, 0, null, this.opening);
    }
    this.opening.push({ script, value, wallet: null });
    return { tx: this.openingId, index: this.opening.length - 1, value, script };
  }

  /** Adds a transaction; what inputs exceed outputs by is its fee. Returns its outputs as coins and when it was mined. */
  add(
    mark: Mark,
    time: UnixSeconds,
    inputs: readonly Coin[],
    outputs: readonly PlannedOutput[],
  ): { readonly tx: number; readonly coins: readonly Coin[]; readonly time: UnixSeconds } {
    const total = inputs.reduce((sum, coin) => sum + coin.value, 0) - outputs.reduce((sum, end) => sum + end.value, 0);
    assert(total >= 0 && outputs.every((end) => end.value > 0), 'a planned transaction pays no more than it spends');
    for (const coin of inputs) {
      assert(!this.isSpent(coin), 'a planned coin is spent once');
      this.spent.add(outpointKey(coin));
    }
    const block = utxoBlockAt(time);
    const tx = this.push(mark, block, inputs, outputs);
    return {
      tx,
      coins: outputs.map((end, index) => ({ tx, index, value: end.value, script: end.script })),
      time: timeOfUtxoBlock(block),
    };
  }

  isSpent(coin: Pick<Coin, 'tx' | 'index'>): boolean {
    return this.spent.has(outpointKey(coin));
  }

  /** The vault owes `gwei` less its fee, on the UTXO chain. */
  owe(theft: number | null, departure: number, time: UnixSeconds, gwei: number, script: number): Payout {
    const value = Math.max(LEAST_PAYOUT, Math.floor(gwei * SATOSHI_PER_GWEI * 0.997));
    const payout: Payout = { theft, departure, time, value, script, coin: null, paidAt: 0 };
    this.payouts.push(payout);
    return payout;
  }

  /** Pays all that is owed, in order of time, several payouts a transaction; each from a coin the vault had at the start. */
  settle(): void {
    const queue = [...this.payouts].sort((a, b) => a.time - b.time || a.departure - b.departure);
    for (let at = 0; at < queue.length; ) {
      const until = queue[at]!.time + 90 * MINUTE;
      const together = queue.slice(at, at + 6 + this.random.below(15)).filter((entry) => entry.time < until);
      at += together.length;
      this.pay(together);
    }
  }

  private pay(together: readonly Payout[]): void {
    const owed = together.reduce((sum, entry) => sum + entry.value, 0);
    const fee = feeOf(1, together.length + 1, 12);
    const coin = this.openCoin(this.vaultScript, owed * 2 + this.random.below(1e8) + fee);
    const thieves = new Set(together.map((entry) => entry.theft));
    const theft = thieves.size === 1 ? together[0]!.theft : null;
    const outputs: PlannedOutput[] = together.map(({ script, value }) => ({ script, value, wallet: null }));
    outputs.push({ script: this.vaultScript, value: coin.value - owed - fee, wallet: null });
    const latest = together.at(-1)!.time + (2 + this.random.below(15)) * MINUTE;
    const paid = this.add({ theft, stage: theft === null ? null : 'S6' }, latest, [coin], outputs);
    together.forEach((entry, index) => {
      entry.coin = paid.coins[index]!;
      entry.paidAt = paid.time;
    });
  }

  private push(mark: Mark, block: number, inputs: readonly Coin[] | null, outputs: readonly PlannedOutput[]): number {
    const id = PLANNED + this.txs.length;
    this.txs.push({ ...mark, id, block, inputs, outputs });
    return id;
  }
}

function outpointKey({ tx, index }: Pick<Coin, 'tx' | 'index'>): number {
  return (tx - PLANNED) * 65_536 + index;
}

/** Fee in satoshi of a transaction of witness v0 key hash inputs and outputs at a rate in satoshi a virtual byte. */
export function feeOf(inputs: number, outputs: number, rate: number): number {
  return (11 + inputs * 68 + outputs * 31) * rate;
}
