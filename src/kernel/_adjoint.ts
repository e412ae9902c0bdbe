import { assert } from '../base/assert.ts';
import { loadPieces } from './_pieces.ts';
import type { Adjoint, AdjointOptions, Contributions, Rows, StatePiece } from './kernel.ts';
import { bytesOf } from './rows.ts';

/** Entries of `contribution`: one for each number a category may have. */
export const CATEGORY_NUMBERS = 256;

/** All but the scan itself, which a form supplies. */
export abstract class AdjointBase implements Adjoint {
  readonly places: number;
  readonly target: number;
  readonly dust: number;
  readonly floor: number;
  #rows = new Uint32Array(16);
  #amounts = new Float64Array(16);
  #kept = 0;

  constructor({ places, target, dust = 0, floor = Number.POSITIVE_INFINITY }: AdjointOptions) {
    assert(Number.isSafeInteger(places) && places >= 0 && places < 0xffff_fffe, 'places are numbers of 32 bits');
    assert(dust >= 0 && floor >= 0, 'dust and floor are not negative');
    this.places = places;
    this.target = target;
    this.dust = dust;
    this.floor = floor;
  }

  abstract readonly lambda: Float64Array;
  abstract readonly category: Uint8Array;
  abstract readonly contribution: Float64Array;
  abstract backward(rows: Rows, first?: number): void;

  contributions(): Contributions {
    return { row: this.#rows.slice(0, this.#kept), amount: this.#amounts.slice(0, this.#kept) };
  }

  /** The kept contributions are not state: they are of the rows scanned by this scan. */
  save(): readonly StatePiece[] {
    return [
      { name: 'lambda', bytes: bytesOf(this.lambda) },
      { name: 'category', bytes: bytesOf(this.category) },
      { name: 'contribution', bytes: bytesOf(this.contribution) },
    ];
  }

  load(pieces: readonly StatePiece[]): void {
    loadPieces(pieces, this.save());
  }

  protected keep(row: number, amount: number): void {
    if (this.#kept === this.#rows.length) {
      const rows = new Uint32Array(2 * this.#kept);
      rows.set(this.#rows);
      this.#rows = rows;
      const amounts = new Float64Array(2 * this.#kept);
      amounts.set(this.#amounts);
      this.#amounts = amounts;
    }
    this.#rows[this.#kept] = row;
    this.#amounts[this.#kept] = amount;
    this.#kept += 1;
  }
}
