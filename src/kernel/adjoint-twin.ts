import { AdjointBase, CATEGORY_NUMBERS } from './_adjoint.ts';
import { amountOf } from './_exposure.ts';
import type { Adjoint, AdjointOptions, Rows } from './kernel.ts';
import { checkIds, checkRows, FEE, NONE, UNCATEGORISED } from './rows.ts';

export function twinAdjoint(options: AdjointOptions): Adjoint {
  return new TwinAdjoint(options);
}

/** assembly/adjoint.ts computes the same steps. */
class TwinAdjoint extends AdjointBase {
  readonly lambda: Float64Array;
  readonly category: Uint8Array;
  readonly contribution = new Float64Array(CATEGORY_NUMBERS);

  constructor(options: AdjointOptions) {
    super(options);
    this.lambda = new Float64Array(options.places);
    this.category = new Uint8Array(options.places).fill(UNCATEGORISED);
    if (options.category !== undefined) this.category.set(options.category);
  }

  backward(rows: Rows, first = 0): void {
    checkRows(rows);
    const { from, to, fromCategory, toCategory, receiver } = rows;
    const { places, lambda, category, dust } = this;
    const target = this.target < FEE ? this.target : -1;
    let bad = 0;
    for (let row = rows.count - 1; row >= 0; row -= 1) {
      const u = from[row]!;
      const v = to[row]!;
      if ((u >= places && u !== NONE) || (v >= places && v < FEE)) bad = 1;
      if (u === v && u < places) continue;
      let l = 0;
      if ((receiver ? receiver[row]! : v) === target && amountOf(rows.low, rows.high, row) > dust) l = 1;
      if (v < places && (toCategory ? toCategory[row]! : category[v]!) === UNCATEGORISED) l += lambda[v]!;
      const given = fromCategory ? fromCategory[row]! : u < places ? category[u]! : UNCATEGORISED;
      if (given !== UNCATEGORISED) this.#contribute(rows, row, first, given, l);
      else if (u < places) {
        const r = rows.ratio[row]!;
        const g = rows.gain ? r * rows.gain[row]! : r;
        lambda[u] = (1 - r) * lambda[u]! + g * l;
      }
    }
    checkIds(bad);
  }

  #contribute(rows: Rows, row: number, first: number, given: number, l: number): void {
    if (l === 0) return;
    const amount = amountOf(rows.low, rows.high, row) * l;
    this.contribution[given] = this.contribution[given]! + amount;
    if (amount > this.floor) this.keep(first + row, amount);
  }
}
