import { assert } from '../base/assert.ts';
import type { UnixSeconds } from '../base/time.ts';
import { ASSETS, NATIVE } from './asset.ts';
import { blockAt, GAS, gasFee, timeOfBlock } from './era.ts';
import { PLANNED } from './name.ts';
import type { Prices } from './price.ts';
import { FIRST_PERSON, POOL, ROUTER, type Role, type Roster, SERVICES } from './roster.ts';
import { burntPart, KIND, NOBODY } from './row.ts';

/** The numbering of domain stages: S0 staging … S8 peel chain, S12 commingling, S13 patience; `cashout` is a deposit at an exchange. */
export type Stage = 'S0' | 'S1' | 'S2' | 'S3' | 'S4' | 'S5' | 'S6' | 'S7' | 'S8' | 'S12' | 'S13' | 'cashout' | 'exit';

/** Whose doing a planned transaction is: a stage of a theft, or (null) somebody honest. */
export interface Mark {
  readonly theft: number | null;
  readonly stage: Stage | null;
}

export const HONEST: Mark = { theft: null, stage: null };

export interface PlannedLeg {
  readonly kind: number;
  readonly from: number;
  readonly to: number;
  readonly asset: number;
  readonly amount: number;
}

export interface PlannedTx extends Mark {
  readonly id: number;
  /** Blocks since START. */
  readonly block: number;
  readonly legs: readonly PlannedLeg[];
}

/** Where a planned transaction landed. */
export interface Placed {
  readonly tx: number;
  readonly time: UnixSeconds;
}

/** An actor that only the plan knows. */
export interface PlannedActor {
  readonly role: Role;
  /** The theft whose thieves control it, or null. */
  readonly theft: number | null;
  /** Exchange of a deposit address (0 …), or null. */
  readonly exchange: number | null;
}

/**
 * What is decided before the economy starts: every movement of the thieves and of those honest actors who resemble them.
 * Services always can pay what the plan asks of them, because the economy keeps `demand` of theirs back.
 */
export class Plan {
  readonly txs: PlannedTx[] = [];
  readonly actors: PlannedActor[] = [];
  /** Per asset and service: what planned transactions take from it. */
  readonly demand: readonly Float64Array[] = ASSETS.map(() => new Float64Array(SERVICES.length));
  readonly roster: Roster;
  readonly prices: Prices;
  private readonly balances = new Map<number, number>();

  constructor(roster: Roster, prices: Prices) {
    this.roster = roster;
    this.prices = prices;
  }

  actor(role: Role, theft: number | null = null, exchange: number | null = null): number {
    this.actors.push({ role, theft, exchange });
    return this.roster.firstPlanned + this.actors.length - 1;
  }

  /** The plan's record of an actor; null for services, persons and their deposit addresses. */
  record(actor: number): PlannedActor | null {
    return this.actors[actor - this.roster.firstPlanned] ?? null;
  }

  /** A planned transaction by its number. */
  find(id: number): PlannedTx {
    return this.txs[id - PLANNED]!;
  }

  balance(actor: number, asset: number): number {
    return this.balances.get(actor * 4 + asset) ?? 0;
  }

  /** Adds one transaction; its fee is paid by `payer`. Throws where a planned actor would spend what it lacks. */
  add(mark: Mark, time: UnixSeconds, payer: number, gas: number, moves: readonly PlannedLeg[]): Placed {
    const id = PLANNED + this.txs.length;
    const block = blockAt(time);
    const fee = gasFee(gas, block);
    const burnt = burntPart(id, fee);
    const legs = [...moves];
    if (burnt > 0) legs.push({ kind: KIND.burn, from: payer, to: NOBODY, asset: NATIVE, amount: burnt });
    const kind = burnt > 0 ? KIND.tip : KIND.gas;
    if (fee > 0) legs.push({ kind, from: payer, to: NOBODY, asset: NATIVE, amount: fee - burnt });
    for (const leg of legs) this.apply(leg);
    this.txs.push({ ...mark, id, block, legs });
    return { tx: id, time: timeOfBlock(block) };
  }

  send(mark: Mark, time: UnixSeconds, from: number, to: number, asset: number, amount: number): Placed {
    const kind = asset === NATIVE ? KIND.transfer : KIND.token;
    const gas = asset === NATIVE ? GAS.transfer : GAS.token;
    return this.add(mark, time, from, gas, [{ kind, from, to, asset, amount }]);
  }

  /** What an actor can send of the native asset at a time, the fee of sending it set aside. */
  spendable(actor: number, time: UnixSeconds, gas: number = GAS.transfer): number {
    return Math.max(0, this.balance(actor, NATIVE) - gasFee(gas, blockAt(time)));
  }

  /** Sends all of an actor's native asset, to the last unit. */
  empty(mark: Mark, time: UnixSeconds, from: number, to: number): Placed {
    return this.send(mark, time, from, to, NATIVE, this.spendable(from, time));
  }

  /** Token to native through router and pool in one transaction; `rate` is what slippage and fee leave (such as 0.98). */
  sell(mark: Mark, time: UnixSeconds, owner: number, asset: number, amount: number, rate: number): Placed {
    const pool = POOL + asset - 1;
    const out = Math.floor(amount * this.prices.at(asset, blockAt(time)) * rate);
    return this.add(mark, time, owner, GAS.swap, [
      { kind: KIND.token, from: owner, to: pool, asset, amount },
      { kind: KIND.internal, from: pool, to: ROUTER, asset: NATIVE, amount: out },
      { kind: KIND.internal, from: ROUTER, to: owner, asset: NATIVE, amount: out },
    ]);
  }

  private apply(leg: PlannedLeg): void {
    assert(Number.isSafeInteger(leg.amount) && leg.amount >= 0, 'a planned amount is a whole number of drill units');
    if (leg.from >= 0 && leg.from < FIRST_PERSON) {
      const demand = this.demand[leg.asset]!;
      demand[leg.from] = demand[leg.from]! + leg.amount;
    } else if (leg.from >= 0) {
      const left = this.balance(leg.from, leg.asset) - leg.amount;
      assert(leg.from >= this.roster.firstPlanned, 'the plan spends for its own actors and for services only');
      assert(left >= 0, 'a planned actor spends only what it has');
      this.balances.set(leg.from * 4 + leg.asset, left);
    }
    if (leg.to >= this.roster.firstPlanned) {
      this.balances.set(leg.to * 4 + leg.asset, this.balance(leg.to, leg.asset) + leg.amount);
    }
  }
}
