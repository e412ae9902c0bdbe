import { assert } from '../base/assert.ts';
import { loadPieces } from './_pieces.ts';
import type { StatePiece, Taint, TaintOptions, TaintRows, TaintRun } from './kernel.ts';
import { bytesOf, checkIds, checkRows } from './rows.ts';

/** All but the scan itself, which a form supplies. */
export abstract class TaintBase implements Taint {
  readonly places: number;

  constructor({ places }: TaintOptions) {
    assert(Number.isSafeInteger(places) && places >= 0 && places < 0xffff_fffe, 'places are numbers of 32 bits');
    this.places = places;
  }

  abstract readonly taint: Float64Array;
  abstract readonly stop: Uint8Array;
  /** Units to FEE, units to NONE. */
  protected abstract readonly ends: Float64Array;
  /** Rows `start` to `end` - 1; not 0 where an id is bad. */
  protected abstract scan(rows: TaintRows, start: number, end: number, tainted: Float64Array | null): number;

  get fee(): number {
    return this.ends[0]!;
  }

  get gone(): number {
    return this.ends[1]!;
  }

  place(place: number, amount: number): void {
    assert(place < this.places, 'a place is below the count of places');
    assert(amount >= 0, 'a seed is not negative');
    this.taint[place] = this.taint[place]! + amount;
  }

  run(rows: TaintRows, { first = 0, seeds = [], tainted }: TaintRun = {}): void {
    checkRows(rows);
    assert(tainted === undefined || tainted.length >= rows.count, 'there is room for every row');
    let bad = 0;
    let done = 0;
    for (const seed of seeds) {
      const row = seed.before - first;
      if (row < 0 || row >= rows.count) continue;
      assert(row >= done, 'seeds are in the order of rows');
      bad |= this.scan(rows, done, row, tainted ?? null);
      this.place(seed.place, seed.amount);
      done = row;
    }
    bad |= this.scan(rows, done, rows.count, tainted ?? null);
    checkIds(bad);
  }

  save(): readonly StatePiece[] {
    return [
      { name: 'taint', bytes: bytesOf(this.taint) },
      { name: 'stop', bytes: bytesOf(this.stop) },
      { name: 'ends', bytes: bytesOf(this.ends) },
    ];
  }

  load(pieces: readonly StatePiece[]): void {
    loadPieces(pieces, this.save());
  }
}
