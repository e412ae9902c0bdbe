import type { UtxoFlow } from '../flow/flow.ts';
import { EventHeap } from './_event-heap.ts';
import { NO_CATEGORY } from './categories.ts';
import { type Backward, type Origin, Sums } from './figures.ts';
import { TooMany } from './reached.ts';
import { UtxoReader, type UtxoTx } from './utxo-view.ts';

export interface UtxoQuery {
  readonly flow: UtxoFlow;
  /** By address id. */
  readonly lanes: Uint8Array;
  readonly categories: number;
  /** Address ids: one, or all of an entity. */
  readonly target: number;
  readonly dust: number;
  /** Transactions from this one on are not looked at. */
  readonly until: number;
  readonly budget: number;
  readonly least: number;
  readonly entityOf?: (address: number) => number;
}

/** Where the money of an address came from, from transaction to transaction backward; as `backwardFrom` of an account chain. `reach`: by output. */
export function utxoBackward(query: UtxoQuery): Backward | null {
  try {
    return new UtxoBackward(query).run();
  } catch (error) {
    if (error instanceof TooMany) return null;
    throw error;
  }
}

class UtxoBackward {
  readonly #query: UtxoQuery;
  readonly #reader: UtxoReader;
  readonly #heap = new EventHeap('largest');
  readonly #waiting = new Set<number>();
  /** By output: how much of its value arrives at the target, in larger and in small payments. */
  readonly #large = new Map<number, number>();
  readonly #small = new Map<number, number>();
  readonly #reach = new Map<number, number>();
  readonly #origins: Origin[] = [];
  readonly #fromLarge: number[];
  readonly #fromSmall: number[];
  readonly #entityOf: (address: number) => number;
  #leftAside = 0;

  constructor(query: UtxoQuery) {
    this.#query = query;
    this.#reader = new UtxoReader(query.flow);
    this.#fromLarge = new Array<number>(query.categories).fill(0);
    this.#fromSmall = new Array<number>(query.categories).fill(0);
    this.#entityOf = query.entityOf ?? ((address) => address);
  }

  run(): Backward {
    const { flow, target, until, budget } = this.#query;
    for (const output of flow.outputsOf(target)) this.#wait(flow.creator(output), until);
    let looked = 0;
    while (this.#heap.size > 0) {
      const tx = this.#heap.id;
      this.#heap.pop();
      const view = this.#reader.read(tx);
      looked += view.inputs + view.outputs;
      if (looked > budget) throw new TooMany();
      this.#take(view);
    }
    return {
      large: this.#fromLarge,
      small: this.#fromSmall,
      origins: this.#origins,
      reach: this.#reach,
      looked,
      leftAside: this.#leftAside,
    };
  }

  #wait(tx: number, before: number): void {
    if (tx < 0 || tx >= before || this.#waiting.has(tx)) return;
    this.#waiting.add(tx);
    this.#heap.push(0, tx, 0);
  }

  #take(view: UtxoTx): void {
    const { lanes, least } = this.#query;
    const { large, small } = this.#shares(view);
    for (let index = 0; index < view.inputs; index += 1) {
      const value = view.inputValue[index]!;
      const lane = lanes[view.inputOwner[index]!]!;
      const output = view.input[index]!;
      if (value === 0) continue;
      if (lane !== NO_CATEGORY) {
        if (large > 0) this.#origins.push({ id: view.tx, lane, amount: value * large });
        this.#fromLarge[lane] = this.#fromLarge[lane]! + value * large;
        this.#fromSmall[lane] = this.#fromSmall[lane]! + value * small;
      } else if (value * (large + small) < least) this.#leftAside += value * (large + small);
      else {
        if (large > 0) this.#large.set(output, large);
        if (small > 0) this.#small.set(output, small);
        this.#wait(this.#query.flow.creator(output), view.tx);
      }
    }
  }

  /** How much of a unit put into the transaction arrives at the target. */
  #shares(view: UtxoTx): { readonly large: number; readonly small: number } {
    const { target, dust } = this.#query;
    const whole = Math.max(view.spent, view.paid);
    const owners = new Set(view.inputOwner.slice(0, view.inputs).map(this.#entityOf));
    let large = 0;
    let small = 0;
    for (let index = 0; index < view.outputs; index += 1) {
      const output = view.output[index]!;
      const value = view.outputValue[index]!;
      const owner = view.outputOwner[index]!;
      const arrives = owner === target && !owners.has(this.#entityOf(owner));
      const reachLarge = (this.#large.get(output) ?? 0) + (arrives && value > dust ? 1 : 0);
      const reachSmall = (this.#small.get(output) ?? 0) + (arrives && value <= dust ? 1 : 0);
      if (reachLarge > 0) this.#reach.set(output, reachLarge);
      large += value * reachLarge;
      small += value * reachSmall;
    }
    return whole === 0 ? { large: 0, small: 0 } : { large: large / whole, small: small / whole };
  }
}

/** Where what an address sent came to, by category; null where more is looked at than the budget. */
export function utxoForward(query: UtxoQuery): readonly number[] | null {
  const { flow, lanes, categories, target, until, budget } = query;
  const entityOf = query.entityOf ?? ((address: number) => address);
  const reader = new UtxoReader(flow);
  const heap = new EventHeap('smallest');
  const waiting = new Set<number>();
  const held = new Map<number, number>();
  const came = new Array<number>(categories).fill(0);
  const wait = (tx: number): void => {
    if (tx < 0 || tx >= until || waiting.has(tx)) return;
    waiting.add(tx);
    heap.push(0, tx, 0);
  };
  for (const output of flow.outputsOf(target)) wait(flow.spender(output));
  for (let looked = 0; heap.size > 0; ) {
    const tx = heap.id;
    heap.pop();
    const view = reader.read(tx);
    looked += view.inputs + view.outputs;
    if (looked > budget) return null;
    const { own, passed } = inputsOf(view, target, held);
    const owners = new Set(view.inputOwner.slice(0, view.inputs).map(entityOf));
    const whole = Math.max(view.spent, view.paid);
    for (let index = 0; index < view.outputs && whole > 0; index += 1) {
      const owner = view.outputOwner[index]!;
      const value = view.outputValue[index]!;
      const sent = owners.has(entityOf(owner)) ? 0 : (value * own) / Math.max(view.spent, 1);
      const amount = sent + (value * passed) / whole;
      if (amount === 0) continue;
      const lane = lanes[owner]!;
      if (lane !== NO_CATEGORY) came[lane] = came[lane]! + amount;
      else {
        const output = view.output[index]!;
        held.set(output, amount);
        if (flow.spender(output) > tx) wait(flow.spender(output));
      }
    }
  }
  return came;
}

/** Of a transaction's inputs: what the target owns, and what of its money others bring. A service's money is its own. */
function inputsOf(view: UtxoTx, target: number, held: Map<number, number>): { own: number; passed: number } {
  let own = 0;
  let passed = 0;
  for (let index = 0; index < view.inputs; index += 1) {
    if (view.inputOwner[index] === target) own += view.inputValue[index]!;
    passed += held.get(view.input[index]!) ?? 0;
    held.delete(view.input[index]!);
  }
  return { own, passed };
}

/** What can be read off an address's own transactions. Shares of a transaction with several payers are rounded down. */
export function utxoOwn(query: UtxoQuery): {
  readonly large: Sums;
  readonly small: Sums;
  readonly sent: Sums;
  readonly first: number | null;
  readonly last: number | null;
} {
  const { flow, lanes, categories, target, dust, until } = query;
  const entityOf = query.entityOf ?? ((address: number) => address);
  const reader = new UtxoReader(flow);
  const txs = new Set<number>();
  for (const output of flow.outputsOf(target))
    for (const tx of [flow.creator(output), flow.spender(output)]) if (tx >= 0 && tx < until) txs.add(tx);
  const sums = { large: new Sums(categories), small: new Sums(categories), sent: new Sums(categories) };
  for (const tx of [...txs].sort((a, b) => a - b)) {
    const view = reader.read(tx);
    const owners = new Set(view.inputOwner.slice(0, view.inputs).map(entityOf));
    const byLane = new Map<number, number>();
    let own = 0;
    for (let index = 0; index < view.inputs; index += 1) {
      const lane = lanes[view.inputOwner[index]!]!;
      byLane.set(lane, (byLane.get(lane) ?? 0) + view.inputValue[index]!);
      if (view.inputOwner[index] === target) own += view.inputValue[index]!;
    }
    for (let index = 0; index < view.outputs; index += 1) {
      const owner = view.outputOwner[index]!;
      const value = view.outputValue[index]!;
      if (value === 0 || owners.has(entityOf(owner))) continue;
      if (owner === target)
        receive(value > dust ? sums.large : sums.small, value, byLane, Math.max(view.spent, view.paid));
      if (own > 0) send(sums.sent, lanes[owner]!, part(value, own, view.spent));
    }
  }
  const ordered = [...txs].sort((a, b) => a - b);
  return { ...sums, first: ordered[0] ?? null, last: ordered.at(-1) ?? null };
}

function receive(sums: Sums, value: number, byLane: ReadonlyMap<number, number>, whole: number): void {
  sums.total += BigInt(value);
  sums.count += 1;
  for (const [lane, spent] of byLane)
    if (lane !== NO_CATEGORY) sums.direct[lane] = sums.direct[lane]! + part(value, spent, whole);
}

function send(sums: Sums, lane: number, amount: bigint): void {
  sums.total += amount;
  sums.count += 1;
  if (lane !== NO_CATEGORY) sums.direct[lane] = sums.direct[lane]! + amount;
}

/** value × share / whole, rounded down. */
function part(value: number, share: number, whole: number): bigint {
  return whole === 0 ? 0n : (BigInt(value) * BigInt(share)) / BigInt(whole);
}
