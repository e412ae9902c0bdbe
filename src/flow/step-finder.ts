import { FEE, NONE } from './flow.ts';
import type { PendingRows } from './pending-rows.ts';

const FIRST_SLOTS = 1024;

/**
 * Puts rows into steps, and finds the transactions that move several assets (isAtom in taint/swap.ts), whose rows may stand apart within their
 * second. Rows come in whole seconds.
 */
export class StepFinder {
  /** By row, counted from the first of this call: its step, counted likewise. */
  step = new Uint32Array(0);
  /** By row: its transaction in this call, NONE for a row without one. */
  group = new Uint32Array(0);
  /** By transaction: 1 where it moves several assets. */
  mixed = new Uint8Array(0);
  steps = 0;
  /** True where some transaction does. */
  anyMixed = false;
  #groups = 0;
  #asset = new Uint32Array(0);
  #tableLow = new Uint32Array(FIRST_SLOTS);
  #tableHigh = new Uint32Array(FIRST_SLOTS);
  #tableGroup = new Uint32Array(FIRST_SLOTS);
  /** The second an entry belongs to: a new second empties the table by counting one up. */
  #tableSecond = new Uint32Array(FIRST_SLOTS);
  #second = 0;
  #taken = 0;

  /** Rows `start` to `end - 1`. `assets`: index of each row's asset. */
  run({ time, tx, from, to }: PendingRows, assets: Uint32Array, start: number, end: number): void {
    this.#reset(end - start);
    const { step, group } = this;
    let second = Number.NaN;
    let low = 0;
    let high = 0;
    let now = NONE;
    for (let row = start; row < end; row += 1) {
      const sameSecond = time[row] === second;
      if (!sameSecond) this.#nextSecond();
      second = time[row]!;
      const txLow = tx[2 * row]!;
      const txHigh = tx[2 * row + 1]!;
      const none = (txLow | txHigh) === 0;
      if (none || !sameSecond || txLow !== low || txHigh !== high) {
        this.steps += 1;
        now = none ? NONE : this.#groupOf(txLow, txHigh);
      }
      low = txLow;
      high = txHigh;
      step[row - start] = this.steps - 1;
      group[row - start] = now;
      if (now !== NONE && to[row] !== FEE && to[row] !== from[row]) this.#moves(now, assets[row]!);
    }
  }

  #reset(count: number): void {
    this.steps = 0;
    this.anyMixed = false;
    this.#groups = 0;
    if (this.step.length >= count) return;
    this.step = new Uint32Array(count);
    this.group = new Uint32Array(count);
    this.mixed = new Uint8Array(count);
    this.#asset = new Uint32Array(count);
  }

  #moves(group: number, asset: number): void {
    if (this.#asset[group] === NONE) this.#asset[group] = asset;
    else if (this.#asset[group] !== asset) {
      this.mixed[group] = 1;
      this.anyMixed = true;
    }
  }

  #nextSecond(): void {
    this.#taken = 0;
    this.#second += 1;
    if (this.#second < 0xffff_ffff) return;
    this.#tableSecond.fill(0);
    this.#second = 1;
  }

  /** The transaction of a print in this second, a new one where it is not known. */
  #groupOf(low: number, high: number): number {
    const mask = this.#tableLow.length - 1;
    let at = high & mask;
    while (this.#tableSecond[at] === this.#second) {
      if (this.#tableLow[at] === low && this.#tableHigh[at] === high) return this.#tableGroup[at]!;
      at = (at + 1) & mask;
    }
    const group = this.#groups;
    this.#groups += 1;
    this.mixed[group] = 0;
    this.#asset[group] = NONE;
    this.#enter(at, low, high, group);
    this.#taken += 1;
    if (this.#taken * 2 > this.#tableLow.length) this.#grow();
    return group;
  }

  #enter(at: number, low: number, high: number, group: number): void {
    this.#tableSecond[at] = this.#second;
    this.#tableLow[at] = low;
    this.#tableHigh[at] = high;
    this.#tableGroup[at] = group;
  }

  #grow(): void {
    const old = [this.#tableLow, this.#tableHigh, this.#tableGroup, this.#tableSecond] as const;
    const length = old[0].length * 2;
    this.#tableLow = new Uint32Array(length);
    this.#tableHigh = new Uint32Array(length);
    this.#tableGroup = new Uint32Array(length);
    this.#tableSecond = new Uint32Array(length);
    for (let slot = 0; slot < old[0].length; slot += 1) {
      if (old[3][slot] !== this.#second) continue;
      let at = old[1][slot]! & (length - 1);
      while (this.#tableSecond[at] === this.#second) at = (at + 1) & (length - 1);
      this.#enter(at, old[0][slot]!, old[1][slot]!, old[2][slot]!);
    }
  }
}
