import type { UtxoFlow } from '../flow/flow.ts';
import { EventHeap } from './_event-heap.ts';
import { NO_CATEGORY } from './categories.ts';
import { addSpread, type Spread } from './spread.ts';
import { UtxoReader, type UtxoTx } from './utxo-view.ts';

export interface UtxoSpreadQuery {
  readonly flow: UtxoFlow;
  /** By address id. */
  readonly lanes: Uint8Array;
  /** Address ids. */
  readonly seeds: readonly number[];
  readonly dust: number;
  /** An output is not followed for less than this part of the dust limit. */
  readonly least: number;
  readonly entityOf: (address: number) => number;
}

const SLICE = 2_048;

/** As `spreadForward` and `spreadBackward` of an account chain, by address id. */
export function* spreadUtxo(
  query: UtxoSpreadQuery,
  direction: 'forward' | 'backward',
): Generator<void, ReadonlyMap<number, Spread>> {
  const pass = new UtxoSpread(query, direction);
  while (pass.work(SLICE)) yield;
  return pass.found;
}

class UtxoSpread {
  readonly found = new Map<number, Spread>();
  readonly #query: UtxoSpreadQuery;
  readonly #isForward: boolean;
  readonly #reader: UtxoReader;
  readonly #heap: EventHeap;
  readonly #waiting = new Set<number>();
  readonly #seeds: ReadonlySet<number>;
  /** By output: how much of it came from the seeds, or what share of it gets to them. */
  readonly #held = new Map<number, number>();

  constructor(query: UtxoSpreadQuery, direction: 'forward' | 'backward') {
    this.#query = query;
    this.#isForward = direction === 'forward';
    this.#reader = new UtxoReader(query.flow);
    this.#heap = new EventHeap(this.#isForward ? 'smallest' : 'largest');
    this.#seeds = new Set(query.seeds);
    const { flow, seeds } = query;
    for (const seed of seeds)
      for (const output of flow.outputsOf(seed))
        this.#wait(this.#isForward ? flow.spender(output) : flow.creator(output));
  }

  work(transactions: number): boolean {
    for (let looked = 0; looked < transactions; looked += 1) {
      if (this.#heap.size === 0) return false;
      const tx = this.#heap.id;
      this.#heap.pop();
      const view = this.#reader.read(tx);
      if (this.#isForward) this.#passOn(view);
      else this.#passBack(view);
    }
    return true;
  }

  #wait(tx: number): void {
    if (tx < 0 || this.#waiting.has(tx)) return;
    this.#waiting.add(tx);
    this.#heap.push(0, tx, 0);
  }

  #payersOf(view: UtxoTx): Set<number> {
    return new Set(view.inputOwner.slice(0, view.inputs).map(this.#query.entityOf));
  }

  #isStop(owner: number): boolean {
    return this.#seeds.has(owner) || this.#query.lanes[owner] !== NO_CATEGORY;
  }

  #passOn(view: UtxoTx): void {
    const { flow, dust, least, entityOf } = this.#query;
    let own = 0;
    let passed = 0;
    for (let at = 0; at < view.inputs; at += 1) {
      if (this.#seeds.has(view.inputOwner[at]!)) own += view.inputValue[at]!;
      passed += this.#held.get(view.input[at]!) ?? 0;
    }
    const whole = Math.max(view.spent, view.paid);
    const payers = this.#payersOf(view);
    const { tx } = view;
    for (let at = 0; at < view.outputs && whole > 0; at += 1) {
      const owner = view.outputOwner[at]!;
      const value = view.outputValue[at]!;
      const amount = (value * (own + passed)) / whole;
      if (amount === 0) continue;
      const came = value > dust ? { all: amount, direct: (value * own) / whole } : { small: amount };
      if (!payers.has(entityOf(owner))) addSpread(this.found, owner, came);
      if (this.#isStop(owner) || amount <= least * dust) continue;
      this.#held.set(view.output[at]!, amount);
      const next = flow.spender(view.output[at]!);
      if (next > tx) this.#wait(next);
    }
  }

  #passBack(view: UtxoTx): void {
    const { flow, dust, least, entityOf } = this.#query;
    const whole = Math.max(view.spent, view.paid);
    const payers = this.#payersOf(view);
    let share = 0;
    let sent = 0;
    let direct = 0;
    for (let at = 0; at < view.outputs && whole > 0; at += 1) {
      const owner = view.outputOwner[at]!;
      const isSeed = this.#seeds.has(owner);
      const reach = view.outputValue[at]! * (isSeed ? 1 : (this.#held.get(view.output[at]!) ?? 0));
      share += reach / whole;
      if (reach === 0 || payers.has(entityOf(owner))) continue;
      sent += reach / Math.max(view.spent, 1);
      if (isSeed) direct += reach / Math.max(view.spent, 1);
    }
    if (share === 0) return;
    const { tx } = view;
    for (let at = 0; at < view.inputs; at += 1) {
      const owner = view.inputOwner[at]!;
      const value = view.inputValue[at]!;
      if (sent > 0) addSpread(this.found, owner, { all: value * sent, direct: value * direct });
      if (this.#isStop(owner) || value * share <= least * dust) continue;
      this.#held.set(view.input[at]!, share);
      const before = flow.creator(view.input[at]!);
      if (before >= 0 && before < tx) this.#wait(before);
    }
  }
}
