import type { Random } from '../base/random.ts';
import { ACTIONS } from './action.ts';
import { ASSETS, NATIVE, TOKENS } from './asset.ts';
import { BLOCK_SECONDS, DURATION, GAS, gasFee, HOUR } from './era.ts';
import { Ledger } from './ledger.ts';
import type { Plan, PlannedTx } from './plan.ts';
import { COLD, EXCHANGES, FIRST_PERSON, HOT, SERVICES } from './roster.ts';
import { KIND, NOBODY, type RowBatch } from './row.ts';

/** What services own on the first day beside what the plan takes from them, in whole native units (tokens worth as much each). */
const OPENING: Readonly<Record<string, number>> = {
  exchange: 1_200,
  cold: 60_000,
  pool: 40_000,
  mixer: 4_000,
  merchant: 20,
  relayer: 50,
  company: 200,
  whale: 5_000,
};
const SWEEP_DELAY_BLOCKS = 30;
const WAITING_SWEEPS = 1_024;
/** Busier in the day than at night: what part of the mean gap passes between transactions, by hour (UTC); mean 1. */
const GAP_BY_HOUR = [
  1.2, 1.3, 1.4, 1.5, 1.5, 1.4, 1.2, 1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.6, 0.6, 0.7, 0.7, 0.8, 0.9, 0.9, 1.0, 1.1, 1.2,
  1.2,
];

interface Sweep {
  readonly actor: number;
  readonly asset: number;
  readonly block: number;
}

/**
 * The account chain, transaction by transaction: honest traffic made as it goes, with the plan's transactions put in at
 * their time. Memory is the balances (at most some 200,000 actors) and one batch of rows, whatever the scale.
 */
export class Economy {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly plan: Plan;
  private readonly scale: number;
  /** What the plan will still take from each service. */
  private readonly reserved: readonly Float64Array[];
  private readonly openings: readonly Float64Array[];
  private readonly planned: readonly PlannedTx[];
  private nextPlanned = 0;
  private nextTx = 0;
  private honestRows = 0;
  private clock = 1;
  private readonly sweeps: Sweep[] = [];
  private firstSweep = 0;

  constructor(plan: Plan, scale: number, random: Random) {
    this.plan = plan;
    this.scale = scale;
    this.random = random;
    this.ledger = new Ledger(plan.roster.firstPlanned + plan.actors.length);
    this.reserved = plan.demand.map((column) => Float64Array.from(column));
    this.openings = plan.demand.map((column) => new Float64Array(column.length));
    this.planned = [...plan.txs].sort((a, b) => a.block - b.block || a.id - b.id);
  }

  /** All rows in order. A batch is valid until the next is asked for. */
  *batches(): Generator<RowBatch> {
    const { batch } = this.ledger;
    this.open();
    while (this.step()) {
      if (!this.ledger.isFull()) continue;
      yield batch;
      batch.count = 0;
    }
    if (batch.count > 0) yield batch;
  }

  /** What an actor may spend now: services keep back what the plan takes from them. */
  spendable(actor: number, asset: number): number {
    const balance = this.ledger.balance(actor, asset);
    return actor < FIRST_PERSON ? balance - this.reserved[asset]![actor]! : balance;
  }

  fee(gas: number): number {
    return gasFee(gas, Math.floor(this.clock));
  }

  begin(): void {
    this.ledger.begin(Math.floor(this.clock), this.nextTx++);
  }

  /** One plain transaction; the sender pays the fee. */
  send(from: number, to: number, asset: number, amount: number): void {
    this.begin();
    this.ledger.move(asset === NATIVE ? KIND.transfer : KIND.token, from, to, asset, amount);
    this.ledger.fee(from, asset === NATIVE ? GAS.transfer : GAS.token);
  }

  price(asset: number): number {
    return this.plan.prices.at(asset, this.clock);
  }

  person(): number {
    const pick = this.random.unit();
    return FIRST_PERSON + Math.floor(pick * pick * this.plan.roster.persons);
  }

  /** The deposit address of a person, and the exchange that sweeps it. */
  depositOf(person: number): { readonly actor: number; readonly exchange: number } {
    const index = person - FIRST_PERSON;
    return { actor: this.plan.roster.firstDeposit + index, exchange: index % EXCHANGES.length };
  }

  /** A deposit that the exchange will sweep some blocks later; false where too many wait. */
  sweepLater(actor: number, asset: number): boolean {
    if (this.sweeps.length - this.firstSweep >= WAITING_SWEEPS) return false;
    this.sweeps.push({ actor, asset, block: Math.floor(this.clock) + SWEEP_DELAY_BLOCKS });
    return true;
  }

  /** Keeps a hot wallet between a low and a high mark by its cold wallet, as exchanges do. */
  keepHot(exchange: number, asset: number): void {
    const hot = HOT + exchange;
    const cold = COLD + exchange;
    const usual = this.openings[asset]![hot]!;
    const spendable = this.spendable(hot, asset);
    if (spendable > usual * 3) this.send(hot, cold, asset, Math.floor(usual * 1.5));
    if (spendable < usual * 0.2) this.fund(cold, hot, asset, usual);
  }

  /** A cold wallet pays; what it lacks comes in from outside the data. */
  fund(cold: number, to: number, asset: number, amount: number): void {
    if (this.spendable(cold, asset) < amount) this.mint(cold, asset, amount * 20);
    const gas = this.spendable(cold, NATIVE) - (asset === NATIVE ? amount : 0);
    if (gas < this.fee(GAS.token)) this.mint(cold, NATIVE, ASSETS[NATIVE]!.one * 100);
    this.send(cold, to, asset, amount);
  }

  /** The next thing that happens: a planned transaction whose block has come, a sweep that is due, or honest traffic. */
  private step(): boolean {
    const done = this.honestRows >= this.scale;
    const due = this.sweeps[this.firstSweep];
    const next = this.planned[this.nextPlanned];
    if (next !== undefined && (next.block <= this.clock || (done && (due === undefined || next.block <= due.block)))) {
      this.clock = Math.max(this.clock, next.block);
      this.execute(next);
      return true;
    }
    if (done && due === undefined) return false;
    const before = this.ledger.rows;
    if (due !== undefined && (done || due.block <= this.clock)) this.sweep(due);
    else ACTIONS[this.random.below(ACTIONS.length)]!(this);
    const rows = this.ledger.rows - before;
    this.honestRows += rows;
    if (!done) this.clock += rows * this.gap();
    return true;
  }

  /** Blocks that pass for one row, drawn so that `scale` rows fill the drill. */
  private gap(): number {
    const hour = Math.floor((this.clock * BLOCK_SECONDS) / HOUR) % 24;
    const mean = DURATION / BLOCK_SECONDS / this.scale;
    return mean * 2 * this.random.unit() * GAP_BY_HOUR[hour]!;
  }

  private execute(tx: PlannedTx): void {
    this.nextPlanned++;
    this.ledger.begin(tx.block, tx.id);
    for (const { kind, from, to, asset, amount } of tx.legs) {
      this.ledger.move(kind, from, to, asset, amount);
      if (from === NOBODY || from >= FIRST_PERSON) continue;
      const reserved = this.reserved[asset]!;
      reserved[from] = reserved[from]! - amount;
    }
  }

  /** The exchange moves a deposit into its hot wallet; for a token it sends the gas first. */
  private sweep({ actor, asset, block }: Sweep): void {
    this.clock = Math.max(this.clock, block);
    this.firstSweep++;
    if (this.firstSweep === WAITING_SWEEPS) {
      this.sweeps.splice(0, this.firstSweep);
      this.firstSweep = 0;
    }
    const exchange = (actor - this.plan.roster.firstDeposit) % EXCHANGES.length;
    const hot = HOT + exchange;
    const fee = this.fee(asset === NATIVE ? GAS.transfer : GAS.token);
    const amount = this.ledger.balance(actor, asset) - (asset === NATIVE ? fee : 0);
    if (amount <= 0) return;
    this.keepHot(exchange, asset);
    if (asset !== NATIVE) {
      this.keepHot(exchange, NATIVE);
      this.send(hot, actor, NATIVE, fee);
    }
    this.send(actor, hot, asset, amount);
  }

  private open(): void {
    for (const [actor, { role }] of SERVICES.entries()) {
      for (let asset = 0; asset < ASSETS.length; asset++) {
        const usual = this.openingOf(role, actor, asset);
        this.openings[asset]![actor] = usual;
        const amount = usual + this.reserved[asset]![actor]!;
        if (amount > 0) this.mint(actor, asset, amount);
      }
    }
  }

  private openingOf(role: string, actor: number, asset: number): number {
    const worth = OPENING[role] ?? 0;
    const pooled = role !== 'pool' || asset === NATIVE || actor === this.poolOf(asset);
    const tokens = role === 'exchange' || role === 'cold' || role === 'pool';
    if (worth === 0 || (asset !== NATIVE && !(tokens && pooled))) return 0;
    return Math.floor((worth * ASSETS[NATIVE]!.one) / this.plan.prices.at(asset, 0));
  }

  private poolOf(asset: number): number {
    return SERVICES.findIndex((service) => service.role === 'pool') + asset - TOKENS[0];
  }

  private mint(to: number, asset: number, amount: number): void {
    this.begin();
    this.ledger.move(KIND.mint, NOBODY, to, asset, amount);
  }
}
