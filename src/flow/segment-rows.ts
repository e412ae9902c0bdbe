import type { AssetId } from '../model/asset.ts';
import { LARGE_WORDS } from './account-format.ts';
import { amountOf, LARGE_AMOUNT, setBigint } from './amount-words.ts';
import type { SegmentWriter } from './column-file.ts';
import { FEE, NONE } from './flow.ts';
import type { PendingRows } from './pending-rows.ts';
import { type KnownPlaces, PlaceTable, type TableRows } from './place-table.ts';
import { newRowBlock, type RowBlock, RowWriter } from './row-writer.ts';
import { StepWriter } from './step-file.ts';
import { StepFinder } from './step-finder.ts';
import { SwapWriter } from './swap-writer.ts';
import { type AtomRow, netFlows } from './swaps.ts';

/** Rows worked on before their places are looked at again: their words fit in a near cache. */
const NEAR_ROWS = 8192;

/** What a chain's index holds before a segment. */
export interface Before {
  readonly steps: number;
  /** Asset ids with their numbers of places. */
  readonly assets: readonly { readonly asset: AssetId; readonly placeCount: number }[];
  /** null where it holds nothing. */
  readonly known: KnownPlaces | null;
}

/** Takes the rows of a segment as they come: numbers their places and steps, computes their ratios, and writes their columns. */
export class SegmentRows {
  rows = 0;
  /** Asset ids by index in the chain, those of before included. */
  readonly assets: AssetId[];
  readonly places: PlaceTable;
  readonly writer: RowWriter;
  readonly steps: StepWriter;
  readonly swaps: SwapWriter;
  readonly #segment: SegmentWriter;
  readonly #before: Before;
  readonly #finder = new StepFinder();
  /** By number of the store: index in the chain. */
  readonly #index: Uint32Array;
  readonly #names: readonly AssetId[];
  readonly #indexOf: Map<AssetId, number>;
  #block = newRowBlock(0);
  #ratioWords: Uint32Array = new Uint32Array(0);
  #asset = new Uint32Array(0);
  /** By step of the rows at hand. */
  #times = new Float64Array(0);
  #blocks = new Float64Array(0);
  #fromSlot = new Uint32Array(0);
  #toSlot = new Uint32Array(0);

  /** `names`: asset ids by number of the store. */
  constructor(segment: SegmentWriter, before: Before, names: readonly AssetId[]) {
    this.#segment = segment;
    this.#before = before;
    this.#names = names;
    this.#index = new Uint32Array(names.length).fill(NONE);
    this.assets = before.assets.map(({ asset }) => asset);
    this.#indexOf = new Map(this.assets.map((asset, index) => [asset, index]));
    this.places = new PlaceTable(before.known);
    before.assets.forEach(({ placeCount }, index) => {
      this.places.addAsset(index, placeCount);
    });
    this.writer = new RowWriter(segment);
    this.steps = new StepWriter(segment);
    this.swaps = new SwapWriter(segment);
  }

  /** The first `count` rows, which are whole seconds: some at a time, so that a place's words stay near between two looks at them. */
  add(rows: PendingRows, count: number): void {
    this.#makeRoom(count);
    for (let start = 0; start < count; ) {
      const end = start + NEAR_ROWS >= count ? count : rows.endOfSecond(start + NEAR_ROWS, count);
      this.#addRange(rows, start, end);
      start = end;
    }
    const block = { ...this.#block, low: rows.low, high: rows.high, count };
    if (rows.large.size > 0) this.#writeRows(rows, block, count);
    else this.writer.append(this.#asset, block, this.#ratioWords, 0, count);
    this.rows += count;
  }

  #addRange(rows: PendingRows, start: number, end: number): void {
    this.#number(rows, start, end);
    this.#finder.run(rows, this.#asset, start, end);
    this.#writeSteps(rows, start, end);
    if (this.#finder.anyMixed || rows.large.size > 0) this.#balanceAny(rows, start, end);
    else this.places.move(this.#tableRows(rows), this.#block.ratio, start, end);
  }

  #makeRoom(count: number): void {
    if (this.#asset.length >= count) return;
    const room = Math.ceil(count * 1.25);
    this.#block = newRowBlock(room);
    this.#ratioWords = new Uint32Array(this.#block.ratio.buffer);
    this.#asset = new Uint32Array(room);
    this.#fromSlot = new Uint32Array(room);
    this.#toSlot = new Uint32Array(room);
  }

  /** Assets and places, in order of first appearance. */
  #number(rows: PendingRows, start: number, end: number): void {
    const { asset } = rows;
    for (let row = start; row < end; row += 1) {
      let index = this.#index[asset[row]!]!;
      if (index === NONE) index = this.#newAsset(asset[row]!);
      this.#asset[row] = index;
    }
    this.places.findSlots(this.#tableRows(rows), this.#asset, start, end);
  }

  #tableRows({ from, to, low, high }: PendingRows): TableRows {
    const { from: fromPlace, to: toPlace } = this.#block;
    return { from, to, fromSlot: this.#fromSlot, toSlot: this.#toSlot, fromPlace, toPlace, low, high };
  }

  #newAsset(number: number): number {
    const name = this.#names[number]!;
    let index = this.#indexOf.get(name);
    if (index === undefined) {
      index = this.assets.push(name) - 1;
      this.#indexOf.set(name, index);
      this.places.addAsset(index, 0);
    }
    this.#index[number] = index;
    return index;
  }

  #writeSteps({ time, block }: PendingRows, start: number, end: number): void {
    const first = this.#before.steps + this.steps.count;
    if (this.#times.length < end - start) {
      this.#times = new Float64Array(end - start);
      this.#blocks = new Float64Array(end - start);
    }
    const { step } = this.#finder;
    gather(step, time, this.#times, start, end);
    gather(step, block, this.#blocks, start, end);
    this.steps.add(this.#times, this.#blocks, this.#finder.steps);
    const target = this.#block.step;
    for (let row = start; row < end; row += 1) target[row] = first + step[row - start]!;
  }

  /** As PlaceTable.move, where transactions move several assets or amounts are large. */
  #balanceAny(rows: PendingRows, start: number, end: number): void {
    const { from, to } = rows;
    const { ratio, step } = this.#block;
    const atoms = this.#atoms(rows, start, end);
    for (let row = start; row < end; row += 1) {
      const legs = to[row] === FEE ? undefined : atoms.get(this.#finder.group[row - start]!);
      ratio[row] = 0;
      if (legs !== undefined) {
        this.swaps.addStep(step[row]!, step[legs[0]!]!);
        if (legs[0] === row) this.#swap(rows, legs);
      } else if (from[row] !== to[row]) ratio[row] = this.#move(rows, row);
    }
  }

  #move({ from, to, low, high, large }: PendingRows, row: number): number {
    const { places } = this;
    const amount = large.get(row);
    const payer = this.#fromSlot[row]!;
    const payee = this.#toSlot[row]!;
    if (amount === undefined) {
      const ratio = from[row]! < FEE ? places.pay(payer, low, high, 2 * row) : 1;
      if (to[row]! < FEE) places.receive(payee, low, high, 2 * row);
      return ratio;
    }
    const ratio = from[row]! < FEE ? places.payExactly(payer, amount) : 1;
    if (to[row]! < FEE) places.receiveExactly(payee, amount);
    return ratio;
  }

  /** Rows of each transaction that moves several assets, fees left out. */
  #atoms({ to }: PendingRows, start: number, end: number): Map<number, number[]> {
    const { group, mixed } = this.#finder;
    const atoms = new Map<number, number[]>();
    for (let row = start; row < end; row += 1) {
      const number = group[row - start]!;
      if (number === NONE || mixed[number] === 0 || to[row] === FEE) continue;
      const legs = atoms.get(number);
      if (legs === undefined) atoms.set(number, [row]);
      else legs.push(row);
    }
    return atoms;
  }

  #swap(rows: PendingRows, legs: readonly number[]): void {
    const { from: fromPlace, to: toPlace, step } = this.#block;
    const slots = new Map<string, number>();
    const atom = legs.map((row): AtomRow => {
      const asset = this.#asset[row]!;
      if (rows.from[row]! < FEE) slots.set(`${asset}/${fromPlace[row]}`, this.#fromSlot[row]!);
      if (rows.to[row]! < FEE) slots.set(`${asset}/${toPlace[row]}`, this.#toSlot[row]!);
      return {
        asset,
        row,
        step: step[row]!,
        tx: null,
        from: fromPlace[row]!,
        to: toPlace[row]!,
        fromOwner: rows.from[row]!,
        toOwner: rows.to[row]!,
        amount: rows.large.get(row) ?? amountOf(rows.low, rows.high, row),
      };
    });
    const balances = {
      pay: (asset: number, place: number, amount: bigint): number =>
        this.places.payExactly(slots.get(`${asset}/${place}`)!, amount),
      receive: (asset: number, place: number, amount: bigint): void =>
        this.places.receiveExactly(slots.get(`${asset}/${place}`)!, amount),
    };
    for (const flow of netFlows(atom, balances)) this.swaps.add(flow);
  }

  /** Row by row, so that the number of each large amount's row is known. */
  #writeRows({ large }: PendingRows, block: RowBlock, count: number): void {
    let start = 0;
    for (const [row, amount] of [...large].sort(([a], [b]) => a - b)) {
      if (row >= count) break;
      this.writer.append(this.#asset, block, this.#ratioWords, start, row);
      const words = new Uint32Array(LARGE_WORDS);
      words[0] = this.#asset[row]!;
      words[1] = this.writer.rowsOf(this.#asset[row]!);
      setBigint(words, 2, LARGE_WORDS - 2, amount);
      if (amount >= LARGE_AMOUNT) this.#segment.file('large').append(words);
      start = row;
    }
    this.writer.append(this.#asset, block, this.#ratioWords, start, count);
  }
}

/** One value a step: that of its first row. */
function gather(step: Uint32Array, values: Float64Array, target: Float64Array, start: number, end: number): void {
  for (let row = end - 1; row >= start; row -= 1) target[step[row - start]!] = values[row]!;
}
