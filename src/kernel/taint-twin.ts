import { TaintBase } from './_taint.ts';
import type { Taint, TaintOptions, TaintRows } from './kernel.ts';
import { FEE, NONE } from './rows.ts';

export function twinTaint(options: TaintOptions): Taint {
  return new TwinTaint(options);
}

class TwinTaint extends TaintBase {
  readonly taint: Float64Array;
  readonly stop: Uint8Array;
  protected readonly ends = new Float64Array(2);

  constructor(options: TaintOptions) {
    super(options);
    this.taint = new Float64Array(options.places);
    this.stop = new Uint8Array(options.places);
    if (options.stop !== undefined) this.stop.set(options.stop);
  }

  protected scan({ from, to, ratio }: TaintRows, start: number, end: number, tainted: Float64Array | null): number {
    const { taint, stop, ends, places } = this;
    let bad = 0;
    for (let row = start; row < end; row += 1) {
      const u = from[row]!;
      const v = to[row]!;
      let moved = 0;
      if (u < places) {
        if (u !== v && stop[u] === 0) {
          const held = taint[u]!;
          moved = held * ratio[row]!;
          taint[u] = held - moved;
        }
      } else if (u !== NONE) bad = 1;
      if (v < places) taint[v] = taint[v]! + moved;
      else if (v === FEE) ends[0] = ends[0]! + moved;
      else if (v === NONE) ends[1] = ends[1]! + moved;
      else bad = 1;
      if (tainted !== null) tainted[row] = moved;
    }
    return bad;
  }
}
