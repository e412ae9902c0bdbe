import { firstFlowOf } from '../flow/credit.ts';
import { type AccountFlow, FEE, NONE, type SwapFlow } from '../flow/flow.ts';
import type { Rows } from '../kernel/kernel.ts';
import { RowBuffer } from './_row-buffer.ts';
import { AssetRows, putAmount } from './asset-rows.ts';
import { NO_CATEGORY } from './categories.ts';
import { AccountLayout } from './layout.ts';
import type { SmallAccounts } from './small-accounts.ts';

export type Direction = 'forward' | 'backward';
/** Whose accounts are written: a swap is worth what arrived to its receiver, what left to its payer. */
export type Side = 'received' | 'sent';

export interface RowsOptions {
  /** By address id. */
  readonly lanes: Uint8Array;
  /** By asset: payments of at most so many base units are small; 0 for none. */
  readonly dust: readonly number[];
  /** Rows of these steps: first, and the one after the last. */
  readonly steps: { readonly from: number; readonly to: number };
}

const CHUNK = 65_536;
/** Steps whose rows are put in order at a time, where a chain has several assets. */
const WINDOW = 32_768;

/**
 * An account chain as rows for the kernels: all assets in one order by step, places numbered over all of them. The rows of a transaction
 * that moves several assets (ratio 0) are left out; its net flows come in their place, after its fees.
 */
export class AccountRows {
  readonly layout: AccountLayout;
  readonly #flow: AccountFlow;
  readonly #options: RowsOptions;
  readonly #assets: readonly AssetRows[];
  /** By asset: its rows of the wanted steps. */
  readonly #ranges: readonly { readonly start: number; readonly end: number }[];

  constructor(flow: AccountFlow, options: RowsOptions) {
    this.#flow = flow;
    this.#options = options;
    this.layout = new AccountLayout(flow);
    this.#assets = flow.assets.map((asset) => new AssetRows(asset));
    const { from, to } = options.steps;
    this.#ranges = this.#assets.map((rows) => ({
      start: from === 0 ? 0 : rows.firstAt(from),
      end: to >= flow.steps.count ? rows.count : rows.firstAt(to),
    }));
  }

  /** Rows of the wanted steps, flows not counted. */
  get count(): number {
    return this.#ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Opens the small accounts that forward chunks write to. */
  openSmall(small: SmallAccounts): void {
    for (const { count, receiver, to } of this.chunks('received', 'forward', null))
      for (let row = 0; row < count; row += 1) if (receiver![row] === SMALL) small.open(to[row]!);
  }

  /**
   * Chunks in order; backward from the last to the first, the rows of each in order. Small payments are those received: with `small` their
   * accounts are filled in; without, they are marked.
   */
  *chunks(side: Side, direction: Direction, small: SmallAccounts | null): Generator<Rows> {
    const buffer = new RowBuffer();
    for (const fill of this.plain ? this.#runs(direction) : this.#windows(side, direction)) {
      buffer.clear();
      fill(buffer);
      if (buffer.count === 0) continue;
      if (small !== null) settle(buffer, small);
      yield buffer.rows();
    }
  }

  /** Whether rows stand in their columns as kernels take them: one asset, so nothing is swapped. */
  get plain(): boolean {
    return this.#assets.length === 1 && this.#flow.swaps.count === 0;
  }

  /** The rows of a {@link plain} chain without accounts: by default those of the rows' own ends. */
  *plainChunks(direction: Direction): Generator<Rows> {
    const buffer = new RowBuffer();
    for (const { first, count } of this.#cuts(direction)) {
      buffer.clear();
      this.#assets[0]!.append(first, count, buffer);
      yield { ...buffer.rows(), payer: null, receiver: null };
    }
  }

  *#runs(direction: Direction): Generator<(buffer: RowBuffer) => void> {
    for (const { first, count } of this.#cuts(direction))
      yield (buffer) => {
        this.#assets[0]!.append(first, count, buffer);
        this.#account(buffer, 0, 0);
      };
  }

  *#cuts(direction: Direction): Generator<{ readonly first: number; readonly count: number }> {
    const [range] = this.#ranges;
    const { start, end } = range!;
    const chunks = Math.ceil((end - start) / CHUNK);
    for (let at = 0; at < chunks; at += 1) {
      const first = start + CHUNK * (direction === 'forward' ? at : chunks - 1 - at);
      yield { first, count: Math.min(CHUNK, end - first) };
    }
  }

  *#windows(side: Side, direction: Direction): Generator<(buffer: RowBuffer) => void> {
    const { from, to } = this.#options.steps;
    const last = Math.min(to, this.#flow.steps.count);
    const windows = Math.ceil((last - from) / WINDOW);
    const merge = new StepMerge(this.#flow, this.layout, this.#assets, this.#ranges, direction);
    for (let at = 0; at < windows; at += 1) {
      const first = from + WINDOW * (direction === 'forward' ? at : windows - 1 - at);
      yield (buffer) => {
        merge.gather(first, Math.min(first + WINDOW, last), (asset, start) =>
          this.#account(merge.gathered, asset, start),
        );
        merge.order(buffer, first, side, (flow) => this.#swapAccount(flow, side));
      };
    }
  }

  /** Names the accounts of each row from `start` on: nobody's for fees and for what a place pays itself, SMALL for small payments received. */
  #account(buffer: RowBuffer, asset: number, start: number): void {
    const first = this.layout.firsts[asset]!;
    const limit = this.#options.dust[asset] ?? 0;
    const { from, to, low, high, payer, receiver, count, wide } = buffer;
    for (let row = start; row < count; row += 1) {
      const u = from[row]! >= FEE ? from[row]! : from[row]! + first;
      const v = to[row]! >= FEE ? to[row]! : to[row]! + first;
      const little =
        low[2 * row + 1]! * 2 ** 32 + low[2 * row]! <= limit &&
        (!wide || (high[2 * row]! === 0 && high[2 * row + 1]! === 0));
      from[row] = u;
      to[row] = v;
      receiver[row] = v >= FEE || u === v ? NONE : little ? SMALL : v;
      payer[row] = v === FEE || u === v ? NONE : u;
    }
  }

  /** Who a flow is written to. A service's own swap is no payment to it or by it. */
  #swapAccount(flow: SwapFlow, side: Side): number {
    const { fromAsset, fromPlace, toAsset, toPlace } = flow;
    const place = side === 'received' ? toPlace : fromPlace;
    if (place >= FEE) return NONE;
    const asset = side === 'received' ? toAsset : fromAsset;
    if (isOwnSwap(this.#flow, flow) && this.#options.lanes[this.#flow.assets[asset]!.addressOf(place)] !== NO_CATEGORY)
      return NONE;
    const small = side === 'received' && Number(flow.received) <= (this.#options.dust[asset] ?? 0);
    return small ? SMALL : this.layout.number(asset, place);
  }
}

/** Whether the payer of a flow is its receiver, in another asset. */
export function isOwnSwap(flow: AccountFlow, { fromAsset, fromPlace, toAsset, toPlace }: SwapFlow): boolean {
  if (fromPlace >= FEE || toPlace >= FEE) return false;
  return flow.assets[fromAsset]!.addressOf(fromPlace) === flow.assets[toAsset]!.addressOf(toPlace);
}

/** In place of an account: the small one of the receiver. */
const SMALL = 0xffff_fffd;

function settle({ receiver, to, count }: RowBuffer, small: SmallAccounts): void {
  for (let row = 0; row < count; row += 1) if (receiver[row] === SMALL) receiver[row] = small.find(to[row]!);
}

/** Puts the rows of several assets, and net flows, into the order of their steps. */
class StepMerge {
  /** Rows of the window, asset after asset. */
  readonly gathered = new RowBuffer();
  readonly #flow: AccountFlow;
  readonly #layout: AccountLayout;
  readonly #assets: readonly AssetRows[];
  readonly #direction: Direction;
  /** By asset: the next row to take; backward: the row after it. */
  readonly #next: number[];
  /** By asset: the step of that row; -1 where none is left. */
  readonly #step: number[];
  readonly #ranges: readonly { readonly start: number; readonly end: number }[];
  #steps = new Uint32Array(0);
  #starts = new Uint32Array(0);
  #flows: readonly SwapFlow[] = [];

  constructor(
    flow: AccountFlow,
    layout: AccountLayout,
    assets: readonly AssetRows[],
    ranges: readonly { readonly start: number; readonly end: number }[],
    direction: Direction,
  ) {
    this.#flow = flow;
    this.#layout = layout;
    this.#assets = assets;
    this.#ranges = ranges;
    this.#direction = direction;
    this.#next = ranges.map(({ start, end }) => (direction === 'forward' ? start : end));
    this.#step = this.#next.map((_, asset) => this.#peek(asset));
  }

  /** Gathers the rows of steps `first` to `end` - 1. `account` is told where each asset's rows begin. */
  gather(first: number, end: number, account: (asset: number, start: number) => void): void {
    this.gathered.clear();
    this.#assets.forEach((rows, asset) => {
      const step = this.#step[asset]!;
      if (step < first || step >= end) return;
      const { start, end: stop } = this.#ranges[asset]!;
      const next = this.#next[asset]!;
      const from = this.#direction === 'forward' ? next : rows.firstAt(first, start);
      const to = this.#direction === 'forward' ? Math.min(stop, rows.firstAt(end, next)) : next;
      const at = this.gathered.count;
      rows.append(from, to - from, this.gathered);
      this.#steps = sized(this.#steps, this.gathered.count);
      rows.copySteps(from, to - from, this.#steps.subarray(at));
      account(asset, at);
      this.#next[asset] = this.#direction === 'forward' ? to : from;
      this.#step[asset] = this.#peek(asset);
    });
    const { flows } = this.#flow.swaps;
    this.#flows = flows.slice(firstFlowOf(flows, first), firstFlowOf(flows, end));
  }

  /** Writes what was gathered into `buffer` in order of step, the rows of a step before its flows. */
  order(buffer: RowBuffer, first: number, side: Side, accountOf: (flow: SwapFlow) => number): void {
    const { gathered } = this;
    const starts = this.#countSteps(first);
    buffer.reserve(gathered.count + this.#flows.length);
    buffer.wide = gathered.wide;
    buffer.swaps = this.#flows.length > 0;
    for (let row = 0; row < gathered.count; row += 1) {
      if (gathered.ratio[row] === 0) continue;
      const at = starts[this.#steps[row]! - first]!;
      starts[this.#steps[row]! - first] = at + 1;
      copyRow(gathered, row, buffer, at);
    }
    for (const flow of this.#flows) {
      const at = starts[flow.step - first]!;
      starts[flow.step - first] = at + 1;
      this.#putFlow(buffer, at, flow, side, accountOf(flow));
    }
    buffer.count = starts[WINDOW]!;
  }

  /** By step of the window: where its rows begin; one more: how many there are in all. */
  #countSteps(first: number): Uint32Array {
    const starts = sized(this.#starts, WINDOW + 1).fill(0);
    this.#starts = starts;
    const { gathered } = this;
    for (let row = 0; row < gathered.count; row += 1)
      if (gathered.ratio[row] !== 0) starts[this.#steps[row]! - first]! += 1;
    for (const { step } of this.#flows) starts[step - first]! += 1;
    let sum = 0;
    for (let step = 0; step <= WINDOW; step += 1) {
      const count = starts[step]!;
      starts[step] = sum;
      sum += count;
    }
    return starts;
  }

  #putFlow(buffer: RowBuffer, row: number, flow: SwapFlow, side: Side, account: number): void {
    const { given, received } = flow;
    buffer.from[row] = flow.fromPlace >= FEE ? NONE : this.#layout.number(flow.fromAsset, flow.fromPlace);
    buffer.to[row] = flow.toPlace >= FEE ? NONE : this.#layout.number(flow.toAsset, flow.toPlace);
    putAmount(buffer, row, side === 'received' ? received : given);
    buffer.ratio[row] = flow.ratio;
    buffer.gain[row] = gainOf(given, received);
    buffer.payer[row] = account;
    buffer.receiver[row] = account;
  }

  #peek(asset: number): number {
    const { start, end } = this.#ranges[asset]!;
    const row = this.#direction === 'forward' ? this.#next[asset]! : this.#next[asset]! - 1;
    return row >= start && row < end ? this.#assets[asset]!.step(row) : -1;
  }
}

/** Units received for each unit given; 0 where nothing was given or received. */
export function gainOf(given: bigint, received: bigint): number {
  return given === 0n ? 0 : Number(received) / Number(given);
}

function copyRow(source: RowBuffer, row: number, target: RowBuffer, at: number): void {
  target.from[at] = source.from[row]!;
  target.to[at] = source.to[row]!;
  target.low[2 * at] = source.low[2 * row]!;
  target.low[2 * at + 1] = source.low[2 * row + 1]!;
  target.high[2 * at] = source.high[2 * row]!;
  target.high[2 * at + 1] = source.high[2 * row + 1]!;
  target.ratio[at] = source.ratio[row]!;
  target.gain[at] = 1;
  target.payer[at] = source.payer[row]!;
  target.receiver[at] = source.receiver[row]!;
}

function sized(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const larger = new Uint32Array(Math.max(length, array.length * 2));
  larger.set(array);
  return larger;
}
