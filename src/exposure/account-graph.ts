import { type AccountFlow, type AssetSegment, FEE, NONE } from '../flow/flow.ts';
import { AssetRows } from './asset-rows.ts';
import { AccountLayout } from './layout.ts';
import type { Moment } from './movements-of.ts';
import { gainOf, isOwnSwap } from './rows-account.ts';

/** A movement of money: a row of an asset, or a net flow. Fields are overwritten by the next read. */
export interface Movement {
  id: number;
  /** As {@link Moment}. */
  order: number;
  /** Places over all assets, NONE or FEE. */
  from: number;
  to: number;
  ratio: number;
  gain: number;
  /** Base units that arrive and that leave. */
  arrives: number;
  leaves: number;
}

/**
 * An account chain as movements between places over all assets, found from either end. Movements are numbered: the rows asset by asset,
 * then the net flows; in order of (step, number) they are in the order of scans.
 */
export class AccountGraph {
  readonly flow: AccountFlow;
  readonly layout: AccountLayout;
  readonly assets: readonly AssetRows[];
  /** By asset: the number of its first row; one more: that of the first flow. */
  readonly firsts: readonly number[];
  readonly movement: Movement = { id: 0, order: 0, from: 0, to: 0, ratio: 0, gain: 1, arrives: 0, leaves: 0 };
  /** One asset, so that rows lie in order and nothing is swapped. */
  readonly plain: boolean;
  /** By asset and segment: the number of its first row. */
  readonly segmentFirsts: readonly (readonly number[])[];
  readonly #flowsIn = new Map<number, number[]>();
  readonly #flowsOut = new Map<number, number[]>();

  constructor(flow: AccountFlow) {
    this.flow = flow;
    this.layout = new AccountLayout(flow);
    this.assets = flow.assets.map((asset) => new AssetRows(asset));
    const firsts = [0];
    for (const { count } of this.assets) firsts.push(firsts.at(-1)! + count);
    this.firsts = firsts;
    this.segmentFirsts = this.assets.map((rows, asset) => rows.firsts.map((first) => first + firsts[asset]!));
    this.plain = flow.assets.length === 1 && flow.swaps.count === 0;
    flow.swaps.flows.forEach((swap, index) => {
      const id = firsts.at(-1)! + index;
      if (swap.fromPlace < FEE) addTo(this.#flowsOut, this.layout.number(swap.fromAsset, swap.fromPlace), id);
      if (swap.toPlace < FEE) addTo(this.#flowsIn, this.layout.number(swap.toAsset, swap.toPlace), id);
    });
  }

  /** The asset of a row's number; the number of assets where it is a flow. */
  assetOf(id: number): number {
    let low = 0;
    let high = this.firsts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.firsts[middle]! <= id) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  step(id: number): number {
    const asset = this.assetOf(id);
    if (asset === this.assets.length) return this.flow.swaps.flows[id - this.firsts[asset]!]!.step;
    return this.assets[asset]!.step(id - this.firsts[asset]!);
  }

  /** The moment before all of a step and of those after it. */
  before(step: number): Moment {
    return this.plain ? { order: 0, id: this.assets[0]!.firstAt(step) } : { order: step, id: -1 };
  }

  /** Reads a movement into {@link movement}. */
  read(id: number): Movement {
    const asset = this.assetOf(id);
    const number = id - this.firsts[asset]!;
    const { movement } = this;
    movement.id = id;
    if (asset === this.assets.length) this.#readFlow(number);
    else {
      const rows = this.assets[asset]!;
      const index = rows.segmentOf(number);
      this.#readRow(rows.segments[index]!, number - rows.firsts[index]!, asset);
    }
    return movement;
  }

  /** Exact base units of a movement: those that arrive, and those that leave. */
  amounts(id: number): { readonly arrives: bigint; readonly leaves: bigint } {
    const asset = this.assetOf(id);
    const number = id - this.firsts[asset]!;
    if (asset === this.assets.length) {
      const { given, received } = this.flow.swaps.flows[number]!;
      return { arrives: received, leaves: given };
    }
    const rows = this.assets[asset]!;
    const index = rows.segmentOf(number);
    const amount = rows.segments[index]!.amount(number - rows.firsts[index]!);
    return { arrives: amount, leaves: amount };
  }

  isFlow(id: number): boolean {
    return id >= this.firsts.at(-1)!;
  }

  /** A swap of a place's owner with itself. */
  isOwnSwap(id: number): boolean {
    const number = id - this.firsts.at(-1)!;
    return number >= 0 && isOwnSwap(this.flow, this.flow.swaps.flows[number]!);
  }

  /** Numbers of the flows that a place receives or pays, ascending. */
  flows(place: number, side: 'in' | 'out'): readonly number[] {
    return (side === 'in' ? this.#flowsIn : this.#flowsOut).get(place) ?? NO_FLOWS;
  }

  #readRow(segment: AssetSegment, row: number, asset: number): void {
    const { movement, layout } = this;
    const high =
      segment.high === null ? 0 : segment.high.at(2 * row + 1) * 2 ** 96 + segment.high.at(2 * row) * 2 ** 64;
    const amount = high + (segment.low.at(2 * row + 1) * 2 ** 32 + segment.low.at(2 * row));
    movement.order = this.plain ? 0 : segment.step.at(row);
    movement.from = layout.number(asset, segment.from.at(row));
    movement.to = layout.number(asset, segment.to.at(row));
    movement.ratio = segment.ratio.at(row);
    movement.gain = 1;
    movement.arrives = amount;
    movement.leaves = amount;
  }

  #readFlow(number: number): void {
    const { movement, layout } = this;
    const flow = this.flow.swaps.flows[number]!;
    movement.order = flow.step;
    movement.from = flow.fromPlace >= FEE ? NONE : layout.number(flow.fromAsset, flow.fromPlace);
    movement.to = flow.toPlace >= FEE ? NONE : layout.number(flow.toAsset, flow.toPlace);
    movement.ratio = flow.ratio;
    movement.gain = gainOf(flow.given, flow.received);
    movement.arrives = Number(flow.received);
    movement.leaves = Number(flow.given);
  }
}

const NO_FLOWS: readonly number[] = [];
const GRAPHS = new WeakMap<AccountFlow, AccountGraph>();

/** The graph of a flow, made once. */
export function graphOf(flow: AccountFlow): AccountGraph {
  const known = GRAPHS.get(flow) ?? new AccountGraph(flow);
  GRAPHS.set(flow, known);
  return known;
}

function addTo(lists: Map<number, number[]>, key: number, id: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [id]);
  else list.push(id);
}
