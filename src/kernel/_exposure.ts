import { assert } from '../base/assert.ts';
import { loadPieces } from './_pieces.ts';
import type { Exposure, ExposureOptions, Rows, SmallRow, StatePiece } from './kernel.ts';
import { bytesOf, UNCATEGORISED } from './rows.ts';

/** Bytes of a small row before its lanes: sum (a double), count and account (words). */
export const SMALL_HEAD = 16;

/** All but the scan itself, which a form supplies. */
export abstract class ExposureBase implements Exposure {
  readonly direction: 'forward' | 'backward';
  readonly places: number;
  readonly accounts: number;
  readonly categories: { readonly from: number; readonly count: number };
  readonly dust: number;

  constructor({ direction, places, accounts = places, categories, dust = 0 }: ExposureOptions) {
    const { from, count } = categories;
    assert(Number.isSafeInteger(places) && places >= 0 && places < 0xffff_fffe, 'places are numbers of 32 bits');
    assert(
      Number.isSafeInteger(accounts) && accounts >= 0 && accounts < 0xffff_fffe,
      'accounts are numbers of 32 bits',
    );
    assert(count % 4 === 0 && count >= 4 && count <= 32, 'lanes are a multiple of 4 up to 32');
    assert(
      Number.isSafeInteger(from) && from >= 0 && from + count <= UNCATEGORISED,
      'categories are numbers below 255',
    );
    assert(dust >= 0, 'dust is not negative');
    this.direction = direction;
    this.places = places;
    this.accounts = accounts;
    this.categories = { from, count };
    this.dust = dust;
  }

  abstract readonly held: Float32Array;
  abstract readonly received: Float32Array;
  abstract readonly direct: Float32Array;
  abstract readonly total: Float64Array;
  abstract readonly category: Uint8Array;
  abstract readonly smallRow: Uint32Array;
  abstract readonly smallRows: number;
  /** Every small row, head and lanes, one after the other. */
  protected abstract readonly smallTable: Uint8Array;
  protected abstract resizeSmall(rows: number): void;
  abstract run(rows: Rows): void;

  /** Bytes of a small row. */
  protected get stride(): number {
    return SMALL_HEAD + 4 * this.categories.count;
  }

  small(number: number): SmallRow {
    assert(number >= 1 && number <= this.smallRows, 'small rows are numbered from 1');
    const { buffer, byteOffset } = this.smallTable;
    const at = byteOffset + (number - 1) * this.stride;
    const [sum] = new Float64Array(buffer, at, 1);
    const [count, account] = new Uint32Array(buffer, at + 8, 2);
    const amounts = new Float32Array(buffer, at + SMALL_HEAD, this.categories.count);
    return { account: account!, sum: sum!, count: count!, amounts };
  }

  save(): readonly StatePiece[] {
    const { held, received, direct, total, category, smallRow } = this;
    const views = Object.entries({ held, received, direct, total, category, smallRow });
    return [
      ...views.map(([name, view]) => ({ name, bytes: bytesOf(view) })),
      { name: 'small', bytes: this.smallTable },
    ];
  }

  load(pieces: readonly StatePiece[]): void {
    const small = pieces.find((piece) => piece.name === 'small')?.bytes.length ?? 0;
    this.resizeSmall(small / this.stride);
    loadPieces(pieces, this.save());
  }
}

const TWO_64 = 2 ** 64;

/** An amount as a double, the two halves rounded one after the other. */
export function amountOf(low: Uint32Array, high: Uint32Array | null, row: number): number {
  const amount = low[2 * row + 1]! * 2 ** 32 + low[2 * row]!;
  if (high === null) return amount;
  const above = high[2 * row + 1]! * 2 ** 32 + high[2 * row]!;
  return above === 0 ? amount : above * TWO_64 + amount;
}
