import { amountOf, ExposureBase, SMALL_HEAD } from './_exposure.ts';
import type { Exposure, ExposureOptions, Rows } from './kernel.ts';
import { checkIds, checkRows, FEE, NONE, UNCATEGORISED } from './rows.ts';

export function twinExposure(options: ExposureOptions): Exposure {
  return new TwinExposure(options);
}

const { fround } = Math;

/** assembly/exposure.ts computes the same steps, four lanes at a time. */
class TwinExposure extends ExposureBase {
  readonly held: Float32Array;
  readonly received: Float32Array;
  readonly direct: Float32Array;
  readonly total: Float64Array;
  readonly category: Uint8Array;
  readonly smallRow: Uint32Array;
  smallRows = 0;
  #small = new ArrayBuffer(0);
  /** What the row at hand carries, by lane. */
  readonly #carried: Float32Array;

  constructor(options: ExposureOptions) {
    super(options);
    const { count } = this.categories;
    this.held = new Float32Array(this.places * count);
    this.received = new Float32Array(this.accounts * count);
    this.direct = new Float32Array(this.accounts * count);
    this.total = new Float64Array(this.accounts);
    this.category = new Uint8Array(this.places).fill(UNCATEGORISED);
    if (options.category !== undefined) this.category.set(options.category);
    this.smallRow = new Uint32Array(this.accounts);
    this.#carried = new Float32Array(count);
  }

  protected get smallTable(): Uint8Array {
    return new Uint8Array(this.#small, 0, this.smallRows * this.stride);
  }

  protected resizeSmall(rows: number): void {
    if (rows * this.stride > this.#small.byteLength) {
      const larger = new ArrayBuffer(2 * rows * this.stride);
      new Uint8Array(larger).set(this.smallTable);
      this.#small = larger;
    }
    this.smallRows = rows;
  }

  run(rows: Rows): void {
    checkRows(rows);
    let bad = 0;
    if (this.direction === 'forward') for (let row = 0; row < rows.count; row += 1) bad |= this.#forward(rows, row);
    else for (let row = rows.count - 1; row >= 0; row -= 1) bad |= this.#backward(rows, row);
    checkIds(bad);
  }

  #forward(rows: Rows, row: number): number {
    const { places, held } = this;
    const { count } = this.categories;
    const u = rows.from[row]!;
    const v = rows.to[row]!;
    if (u === v && u < places) return 0;
    const amount = amountOf(rows.low, rows.high, row);
    const given = this.#categoryOf(u, rows.fromCategory, row);
    const carried = this.#carried;
    if (given !== UNCATEGORISED || u >= places) this.#fillUnit(given, fround(amount));
    else {
      const r = fround(rows.ratio[row]!);
      const gain = rows.gain ? fround(rows.gain[row]!) : 1;
      for (let lane = 0, at = u * count; lane < count; lane += 1, at += 1) {
        const out = fround(r * held[at]!);
        held[at] = held[at]! - out;
        carried[lane] = out * gain;
      }
    }
    if (v < places && this.#categoryOf(v, rows.toCategory, row) === UNCATEGORISED)
      for (let lane = 0, at = v * count; lane < count; lane += 1, at += 1) held[at] = held[at]! + carried[lane]!;
    const account = rows.receiver ? rows.receiver[row]! : v;
    return this.#write(account, amount, given) | badEnds(u, v, places);
  }

  #backward(rows: Rows, row: number): number {
    const { places, held } = this;
    const { count } = this.categories;
    const u = rows.from[row]!;
    const v = rows.to[row]!;
    if (u === v && u < places) return 0;
    const amount = amountOf(rows.low, rows.high, row);
    const taken = this.#categoryOf(v, rows.toCategory, row);
    const share = this.#carried;
    if (taken !== UNCATEGORISED || v >= places) this.#fillUnit(taken, 1);
    else share.set(held.subarray(v * count, (v + 1) * count));
    if (u < places && this.#categoryOf(u, rows.fromCategory, row) === UNCATEGORISED) {
      const r = fround(rows.ratio[row]!);
      const rest = fround(1 - r);
      for (let lane = 0, at = u * count; lane < count; lane += 1, at += 1)
        held[at] = fround(rest * held[at]!) + fround(r * share[lane]!);
    }
    const x = fround(amount);
    for (let lane = 0; lane < count; lane += 1) share[lane] = x * share[lane]!;
    const account = rows.payer ? rows.payer[row]! : u;
    return this.#write(account, amount, taken) | badEnds(u, v, places);
  }

  #categoryOf(place: number, column: Uint8Array | null | undefined, row: number): number {
    if (column) return column[row]!;
    return place < this.places ? this.category[place]! : UNCATEGORISED;
  }

  /** `value` in the category's lane, 0 in all others; all 0 where the category is none of this scan. */
  #fillUnit(category: number, value: number): void {
    this.#carried.fill(0);
    const lane = category - this.categories.from;
    if (lane >= 0 && lane < this.categories.count) this.#carried[lane] = value;
  }

  /** Adds what is carried to an account. 1 where it is no account. */
  #write(account: number, amount: number, category: number): number {
    if (account >= this.accounts) return account < FEE && this.accounts > 0 ? 1 : 0;
    if (this.dust > 0 && amount <= this.dust) {
      this.#writeSmall(account, amount);
      return 0;
    }
    const { from, count } = this.categories;
    const { received, direct, total } = this;
    const at = account * count;
    for (let lane = 0; lane < count; lane += 1) received[at + lane] = received[at + lane]! + this.#carried[lane]!;
    const lane = category - from;
    if (lane >= 0 && lane < count) direct[at + lane] = direct[at + lane]! + fround(amount);
    total[account] = total[account]! + amount;
    return 0;
  }

  #writeSmall(account: number, amount: number): void {
    if (this.smallRow[account] === 0) {
      this.resizeSmall(this.smallRows + 1);
      this.smallRow[account] = this.smallRows;
    }
    const { count } = this.categories;
    const at = (this.smallRow[account]! - 1) * this.stride;
    const sum = new Float64Array(this.#small, at, 1);
    const words = new Uint32Array(this.#small, at + 8, 2);
    const lanes = new Float32Array(this.#small, at + SMALL_HEAD, count);
    sum[0] = sum[0]! + amount;
    words[0] = words[0]! + 1;
    words[1] = account;
    for (let lane = 0; lane < count; lane += 1) lanes[lane] = lanes[lane]! + this.#carried[lane]!;
  }
}

function badEnds(u: number, v: number, places: number): number {
  return (u >= places && u !== NONE) || (v >= places && v < FEE) ? 1 : 0;
}
