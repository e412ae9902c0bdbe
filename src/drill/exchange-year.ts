import { type Random, seededRandom } from '../base/random.ts';
import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import { ACCOUNT_CHAIN, ASSETS, NATIVE } from './asset.ts';
import { BLOCK_SECONDS, DAY, FIRST_BLOCK, HOUR, START } from './era.ts';
import { planYear, type RobberyShape, robberyOf, type YearPlan } from './exchange-plan.ts';
import { mix32 } from './name.ts';

export interface ExchangeYearOptions {
  readonly seed: number;
  readonly days: number;
  /** Mean withdrawals a day when the year begins; they grow by a third in a year. */
  readonly withdrawalsPerDay: number;
  /** Days on which an exchange does what it seldom does: bank run, move of house, new cold wallet, a token that everybody wants. */
  readonly events: boolean;
  readonly theft: { readonly shape: RobberyShape; readonly day: number } | null;
}

export interface YearBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly time: UnixSeconds;
  readonly transfers: readonly Transfer[];
  /** Nobody's rights change in such a year. */
  readonly signals: readonly never[];
}

export interface ExchangeYear {
  readonly plan: YearPlan;
  /** The wallet: every movement of it is in the blocks, and nothing else. */
  readonly hot: string;
  /** US dollars a whole unit of an asset. */
  priceOf(asset: AssetId): number;
  /** Day of the year, from 0. */
  dayOf(time: UnixSeconds): number;
  blocks(): Generator<YearBlock>;
}

/**
 * A busy hot wallet of an exchange, withdrawal by withdrawal: sums with a heavy tail, days and weeks, new customers all the time,
 * a cold wallet that fills it and is filled, deposits swept in, tokens listed, rare tokens, large customers served from the cold
 * wallet, a partner exchange paid each week. One theft where asked for. Same options, same rows.
 */
export function exchangeYear(options: ExchangeYearOptions): ExchangeYear {
  const plan = planYear(options, seededRandom(mix32(options.seed * 7 + 1)));
  return {
    plan,
    hot: name('a0', 1),
    priceOf: (asset) => plan.assets.find((_, index) => assetId(index) === asset)?.price ?? 0,
    dayOf,
    blocks: () => new Wallet(options, plan).blocks(),
  };
}

function dayOf(time: UnixSeconds): number {
  return Math.floor((time - START) / DAY);
}

function assetId(index: number): AssetId {
  return index === NATIVE ? ASSETS[NATIVE]!.id : `${ACCOUNT_CHAIN}/erc20:${name('70', index)}`;
}

/** Made-up addresses, told apart by what they are: a0 hot, c0 cold, cc customer, de deposit, ba partner, 7f thief. */
function name(kind: string, index: number): string {
  return `0x${kind}${index.toString(16).padStart(38, '0')}`;
}

interface Held {
  readonly id: AssetId;
  readonly native: boolean;
  /** US dollars a whole unit. */
  readonly price: number;
  readonly weight: number;
  /** Listed on this day; popular at first. */
  readonly listed: number;
  /** Whole units in millionths. */
  balance: number;
  target: number;
}

const MILLIONTHS = 10n ** 12n;

class Wallet {
  readonly #options: ExchangeYearOptions;
  readonly #plan: YearPlan;
  readonly #random: Random;
  readonly #held: Held[];
  #rows: Transfer[] = [];
  #time: UnixSeconds = START;
  #tx = 0;
  #customers = 0;
  #deposits = 0;

  constructor(options: ExchangeYearOptions, plan: YearPlan) {
    this.#options = options;
    this.#plan = plan;
    this.#random = seededRandom(mix32(options.seed * 7 + 2));
    this.#held = plan.assets.map((asset, index) => ({
      ...asset,
      id: assetId(index),
      native: index === 0,
      balance: 0,
      target: 0,
    }));
  }

  *blocks(): Generator<YearBlock> {
    const end = START + this.#options.days * DAY;
    const robbery = [...robberyOf(this.#options, this.#plan, seededRandom(mix32(this.#options.seed * 7 + 3)))];
    const operations = [...this.#plan.operations];
    let next = START + this.#gap();
    this.#open();
    for (;;) {
      const due = Math.min(next, robbery[0]?.time ?? end, operations[0]?.time ?? end);
      const time = START + Math.ceil((due - START) / BLOCK_SECONDS) * BLOCK_SECONDS;
      if (time !== this.#time) yield* this.#close();
      this.#time = time;
      if (due >= end) return;
      if (robbery[0]?.time === due) this.#rob(robbery.shift()!);
      else if (operations[0]?.time === due) this.#operate(operations.shift()!);
      else {
        this.#traffic();
        next += this.#gap();
      }
    }
  }

  *#close(): Generator<YearBlock> {
    if (this.#rows.length === 0) return;
    const number = BigInt(FIRST_BLOCK + (this.#time - START) / BLOCK_SECONDS);
    const hash = `0x${number.toString(16).padStart(64, '0')}`;
    yield { number, hash, time: this.#time, transfers: this.#rows, signals: [] };
    this.#rows = [];
  }

  get #day(): number {
    return dayOf(this.#time);
  }

  /** Seconds to the next thing that happens: fewer in the afternoon, more on weekends, hardly any in a bank run. */
  #gap(): number {
    const hour = ((this.#time - START) % DAY) / HOUR;
    const daily = 1 + 0.6 * Math.sin(((hour - 9) / 24) * 2 * Math.PI);
    const weekly = this.#day % 7 >= 5 ? 0.6 : 1.16;
    const growth = 1 + this.#day / 1095;
    const rush = this.#plan.bankRun === this.#day ? 15 : 1;
    // Three in five are withdrawals.
    const rate = ((this.#options.withdrawalsPerDay / 0.6) * daily * weekly * growth * rush) / DAY;
    return Math.max(0.01, -Math.log(1 - this.#random.unit()) / rate);
  }

  #traffic(): void {
    const run = this.#plan.bankRun === this.#day;
    const asset = this.#pick();
    if (this.#random.unit() < (run ? 0.85 : 0.6)) this.#withdraw(asset, run);
    else this.#deposit(asset);
  }

  #pick(): Held {
    let total = 0;
    const weights = this.#held.map((asset) => {
      const weight = this.#weight(asset);
      total += weight;
      return weight;
    });
    let left = this.#random.unit() * total;
    for (const [index, weight] of weights.entries()) {
      left -= weight;
      if (left <= 0) return this.#held[index]!;
    }
    return this.#held[0]!;
  }

  #weight({ weight, listed, id }: Held): number {
    const age = this.#day - listed;
    if (age < 0) return 0;
    const craze = this.#plan.crazes.some(({ day, asset }) => day === this.#day && this.#held[asset]!.id === id)
      ? 20
      : 1;
    return weight * craze * (listed === 0 ? 1 : 1 + 8 * Math.exp(-age / 6));
  }

  /** US dollars: log-normal with a Pareto tail of one in a hundred. */
  #size(): number {
    const unit = (): number => this.#random.unit();
    const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
    if (unit() < 0.01) return Math.min(3e6, 15_000 / (1 - unit()) ** (1 / 1.2));
    return 300 * Math.exp(1.7 * normal);
  }

  #withdraw(asset: Held, run: boolean): void {
    const units = this.#units(asset, this.#size() * (run ? 3 : 1));
    if (units < 1) return;
    // Past a quarter of what is there, or of what should be, the cold wallet pays in first.
    if (units > asset.balance * 0.25 || asset.balance - units < asset.target * 0.35) {
      this.#move(asset, this.#cold, 'hot', Math.floor(units + asset.target * (0.4 + 0.4 * this.#random.unit())));
    }
    this.#pay(asset, this.#customer(), units);
  }

  #deposit(asset: Held): void {
    const units = this.#units(asset, this.#size() * 1.5);
    if (units < 1) return;
    this.#deposits += 1;
    this.#move(asset, name('de', this.#deposits % 50_000), 'hot', units);
    if (asset.balance <= asset.target * 2.2) return;
    this.#pay(asset, this.#cold, Math.floor(asset.balance - asset.target));
  }

  /** More than half come back; those who came often come more. */
  #customer(): string {
    if (this.#customers > 10 && this.#random.unit() < 0.55) {
      const pick = this.#random.unit();
      return name('cc', 1 + Math.floor(pick * pick * this.#customers));
    }
    this.#customers += 1;
    return name('cc', this.#customers);
  }

  get #cold(): string {
    return name('c0', this.#plan.coldChange !== null && this.#day >= this.#plan.coldChange ? 2 : 1);
  }

  #operate({ kind, at, share, asset: index }: YearPlan['operations'][number]): void {
    if (kind === 'partner') {
      const asset = this.#held[index]!;
      this.#pay(asset, name('ba', at), Math.floor(asset.balance * share));
      return;
    }
    if (kind === 'move') {
      for (const asset of this.#held)
        if (asset.balance > 1) this.#pay(asset, name('a0', 2), Math.floor(asset.balance * share));
      return;
    }
    const asset = this.#held[index]!;
    asset.target = this.#target(asset);
    this.#move(asset, name('11', index), 'hot', Math.floor(asset.target * 1.5));
  }

  #rob({ asset: index, share, to }: { readonly asset: number; readonly share: number; readonly to: number }): void {
    const asset = this.#held[index]!;
    const units = Math.floor(asset.balance * share);
    if (units >= 1) this.#pay(asset, name('7f', to), units);
  }

  #open(): void {
    for (const asset of this.#held) {
      if (asset.listed > 0) continue;
      asset.target = this.#target(asset);
      this.#move(asset, this.#cold, 'hot', Math.floor(asset.target * 1.2));
    }
  }

  /** A day and a half of what is withdrawn on the mean, in millionths; rare tokens hold what came in. */
  #target(asset: Held): number {
    const weights = this.#held.reduce((sum, each) => sum + each.weight, 0);
    const daily = ((this.#options.withdrawalsPerDay * asset.weight) / weights) * 2_200;
    return this.#units(asset, Math.max(2_000, daily * 1.5));
  }

  #units(asset: Held, dollars: number): number {
    return Math.floor((dollars / asset.price) * 1e6);
  }

  #pay(asset: Held, to: string, units: number): void {
    this.#move(asset, 'hot', to, Math.min(units, asset.balance));
    const gas = this.#held[0]!;
    const fee = Math.min(gas.balance, 400 + this.#random.below(800));
    this.#row(gas, name('a0', 1), null, fee);
    gas.balance -= fee;
  }

  #move(asset: Held, from: string, to: string, units: number): void {
    if (units < 1) return;
    this.#tx += 1;
    const hot = name('a0', 1);
    asset.balance += from === 'hot' ? -units : units;
    this.#row(asset, from === 'hot' ? hot : from, to === 'hot' ? hot : to, units);
  }

  #row(asset: Held, from: string, to: string | null, units: number): void {
    const leg = this.#rows.length;
    this.#rows.push({
      chain: ACCOUNT_CHAIN,
      time: this.#time,
      block: BigInt(FIRST_BLOCK + (this.#time - START) / BLOCK_SECONDS),
      txIndex: leg,
      leg,
      tx: `0x${this.#tx.toString(16).padStart(64, '0')}`,
      kind: to === null ? 'gas' : asset.native ? 'transfer' : 'token',
      from,
      to,
      asset: asset.id,
      amount: BigInt(units) * MILLIONTHS,
      rounded: false,
      source: { batch: 0, file: 0, row: leg },
    });
  }
}

/** Whether an address of the year is a thief's. */
export function isThief(address: string): boolean {
  return address.startsWith('0x7f');
}

/** What an address of the year is, for reading a bench. */
export function roleOf(address: string): 'thief' | 'customer' | 'cold' | 'partner' | 'hot' | 'other' {
  const roles = { '7f': 'thief', cc: 'customer', c0: 'cold', ba: 'partner', a0: 'hot' } as const;
  return roles[address.slice(2, 4) as keyof typeof roles] ?? 'other';
}
