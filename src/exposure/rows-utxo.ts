import { FEE, NONE, type UtxoFlow } from '../flow/flow.ts';
import type { Rows } from '../kernel/kernel.ts';
import { RowBuffer } from './_row-buffer.ts';
import { NO_CATEGORY } from './categories.ts';
import type { Direction, Side } from './rows-account.ts';
import type { SmallAccounts } from './small-accounts.ts';
import type { UtxoSlots } from './utxo-slots.ts';
import { NO_SLOT, UtxoReader, type UtxoTx } from './utxo-view.ts';

export interface UtxoRowsOptions {
  /** By address id. */
  readonly lanes: Uint8Array;
  /** Payments of at most so many base units are small; 0 for none. */
  readonly dust: number;
  /** Transactions: first, and the one after the last. */
  readonly txs: { readonly from: number; readonly to: number };
  readonly slots: UtxoSlots;
  /** Addresses of one owner have one number: what comes back to it is change. By default each address is its own. */
  readonly entityOf?: (address: number) => number;
}

/** What a transaction's inputs put together; one place for all transactions, empty between them. */
const POOL = 0;
/** On the side of payers: the part that goes to others and to no service. */
const OTHERS = 1;
/** Places before the slots. */
export const UTXO_PLACES = 2;
const CHUNK = 65_536;

/**
 * A UTXO chain as rows for the kernels. A place is the slot of an unspent output; an account is an address. A transaction is: its inputs
 * into the pool, the pool into its outputs in proportion, the rest to the fee. Money of a service's input goes to the outputs as that service's, by
 * its share of all inputs. What comes back to an input's owner is change: it is neither received nor sent.
 */
export class UtxoRows {
  readonly #options: UtxoRowsOptions;
  readonly #reader: UtxoReader;
  readonly #buffer = new RowBuffer();
  readonly #entityOf: (address: number) => number;
  /** By category: value of the transaction's inputs (on the side of payers: outputs to others); entry NO_CATEGORY: of no category. */
  readonly #sums = new Float64Array(NO_CATEGORY + 1);
  readonly #lanesMet: number[] = [];
  readonly #owners = new Map<number, number>();

  constructor(flow: UtxoFlow, options: UtxoRowsOptions) {
    this.#options = options;
    this.#reader = new UtxoReader(flow);
    this.#entityOf = options.entityOf ?? ((address) => address);
  }

  get places(): number {
    return UTXO_PLACES + this.#options.slots.count;
  }

  /** Opens the small accounts of receivers. */
  openSmall(small: SmallAccounts): void {
    const { txs, dust } = this.#options;
    if (dust === 0) return;
    for (let tx = txs.from; tx < txs.to; tx += 1) {
      const view = this.#reader.read(tx);
      for (let index = 0; index < view.outputs; index += 1) {
        const value = view.outputValue[index]!;
        if (value > 0 && value <= dust) small.open(view.outputOwner[index]!);
      }
    }
  }

  /** Chunks of whole transactions in order; backward from the last to the first, the rows of each in order. */
  *chunks(side: Side, direction: Direction, small: SmallAccounts): Generator<Rows> {
    const { from, to } = this.#options.txs;
    const buffer = this.#buffer;
    buffer.categories = true;
    const bounds = [...this.#bounds(from, to)];
    if (direction === 'backward') bounds.reverse();
    for (const { first, end } of bounds) {
      buffer.clear();
      for (let tx = first; tx < end; tx += 1) {
        const view = this.#reader.read(tx);
        this.#meetOwners(view);
        if (side === 'received') this.#receivers(view, small);
        else this.#payers(view);
      }
      if (buffer.count > 0) yield buffer.rows();
    }
  }

  /** Runs of transactions with about a chunk of inputs and outputs each. */
  *#bounds(from: number, to: number): Generator<{ readonly first: number; readonly end: number }> {
    let first = from;
    let rows = 0;
    for (let tx = from; tx < to; tx += 1) {
      const view = this.#reader.read(tx);
      rows += view.inputs + view.outputs;
      if (rows < CHUNK) continue;
      yield { first, end: tx + 1 };
      first = tx + 1;
      rows = 0;
    }
    if (first < to) yield { first, end: to };
  }

  #meetOwners(view: UtxoTx): void {
    this.#owners.clear();
    for (let index = 0; index < view.inputs; index += 1) {
      const entity = this.#entityOf(view.inputOwner[index]!);
      this.#owners.set(entity, (this.#owners.get(entity) ?? 0) + view.inputValue[index]!);
    }
  }

  #receivers(view: UtxoTx, small: SmallAccounts): void {
    const { lanes, dust } = this.#options;
    const whole = Math.max(view.spent, view.paid);
    this.#clearSums();
    let pooled = false;
    for (let index = 0; index < view.inputs; index += 1) {
      const lane = lanes[view.inputOwner[index]!]!;
      this.#addTo(lane, view.inputValue[index]!);
      const slot = this.#slotOf(view.input[index]!);
      if (lane !== NO_CATEGORY || slot === NONE || view.inputValue[index] === 0) continue;
      this.#put(slot, POOL, view.inputValue[index]!, 1, NONE);
      pooled = true;
    }
    let left = whole;
    for (let index = 0; index < view.outputs; index += 1) {
      const value = view.outputValue[index]!;
      if (value === 0) continue;
      const owner = view.outputOwner[index]!;
      const change = this.#owners.has(this.#entityOf(owner));
      const account = change ? NONE : value <= dust ? small.find(owner) : owner;
      const to = this.#slotOf(view.output[index]!);
      const rest = value - this.#fromServices(value, whole, to, account);
      this.#put(pooled ? POOL : NONE, to, rest, shareOf(value, left), account);
      left -= value;
    }
    if (pooled && left > 0) this.#put(POOL, FEE, left, 1, NONE);
  }

  /** What services' inputs paid of an output; gives how much. */
  #fromServices(value: number, whole: number, to: number, account: number): number {
    let paid = 0;
    for (const lane of this.#lanesMet) {
      if (lane === NO_CATEGORY) continue;
      const part = this.#sums[lane] === whole ? value : Math.floor(value * (this.#sums[lane]! / whole));
      this.#put(NONE, to, part, 1, account, lane);
      paid += part;
    }
    return Math.min(paid, value);
  }

  /** Accounts first, since a kernel that goes backward comes to them last: then what the outputs lead to is known. */
  #payers(view: UtxoTx): void {
    const { lanes } = this.#options;
    if (view.inputs === 0) return;
    this.#clearSums();
    for (let index = 0; index < view.outputs; index += 1) {
      const owner = view.outputOwner[index]!;
      if (!this.#owners.has(this.#entityOf(owner))) this.#addTo(lanes[owner]!, view.outputValue[index]!);
    }
    this.#putPayers(view);
    for (let index = 0; index < view.inputs; index += 1) {
      const slot = this.#slotOf(view.input[index]!);
      if (slot !== NONE) this.#put(slot, POOL, view.inputValue[index]!, 1, NONE);
    }
    let left = Math.max(view.spent, view.paid);
    let others = this.#sums[NO_CATEGORY]!;
    for (let index = 0; index < view.outputs; index += 1) {
      const value = view.outputValue[index]!;
      if (value === 0) continue;
      const owner = view.outputOwner[index]!;
      const to = this.#slotOf(view.output[index]!);
      this.#put(POOL, to, value, shareOf(value, left), NONE, NO_CATEGORY, lanes[owner]!);
      left -= value;
      if (lanes[owner] !== NO_CATEGORY || this.#owners.has(this.#entityOf(owner))) continue;
      this.#put(OTHERS, to, value, shareOf(value, others), NONE);
      others -= value;
    }
    if (left > 0) this.#put(POOL, FEE, left, 1, NONE);
  }

  /** Each input address pays its share of what went to others: to services directly, and to the rest. */
  #putPayers(view: UtxoTx): void {
    const paid = new Map<number, number>();
    for (let index = 0; index < view.inputs; index += 1) {
      const owner = view.inputOwner[index]!;
      paid.set(owner, (paid.get(owner) ?? 0) + view.inputValue[index]!);
    }
    for (const [owner, value] of paid) {
      const share = view.spent === 0 ? 0 : value / view.spent;
      for (const lane of this.#lanesMet) {
        const amount = Math.floor(this.#sums[lane]! * share);
        if (amount === 0) continue;
        if (lane === NO_CATEGORY) this.#put(NONE, OTHERS, amount, 1, owner);
        else this.#put(NONE, NONE, amount, 1, owner, NO_CATEGORY, lane);
      }
    }
  }

  #slotOf(output: number): number {
    const slot = this.#options.slots.of[output]!;
    return slot === NO_SLOT ? NONE : UTXO_PLACES + slot;
  }

  #clearSums(): void {
    for (const lane of this.#lanesMet) this.#sums[lane] = 0;
    this.#lanesMet.length = 0;
  }

  #addTo(lane: number, value: number): void {
    if (value === 0) return;
    if (this.#sums[lane] === 0) this.#lanesMet.push(lane);
    this.#sums[lane] = this.#sums[lane]! + value;
  }

  #put(
    from: number,
    to: number,
    amount: number,
    ratio: number,
    account: number,
    fromCategory = NO_CATEGORY,
    toCategory = NO_CATEGORY,
  ): void {
    const buffer = this.#buffer;
    const row = buffer.count;
    buffer.reserve(row + 1);
    buffer.count = row + 1;
    buffer.from[row] = from;
    buffer.to[row] = to;
    buffer.low[2 * row] = amount % 2 ** 32;
    buffer.low[2 * row + 1] = Math.floor(amount / 2 ** 32);
    buffer.ratio[row] = ratio;
    buffer.payer[row] = account;
    buffer.receiver[row] = account;
    buffer.fromCategory[row] = fromCategory;
    buffer.toCategory[row] = toCategory;
  }
}

/** value / left, at most 1. */
function shareOf(value: number, left: number): number {
  return left <= value ? 1 : value / left;
}
