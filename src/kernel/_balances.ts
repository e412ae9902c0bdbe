import { assert } from '../base/assert.ts';
import { loadPieces } from './_pieces.ts';
import type { Balances, BalancesOptions, Rows, StatePiece } from './kernel.ts';
import { bytesOf } from './rows.ts';

/** Words of the tally: 6 of the sum of shortages, 2 of their count, 2 of the count of overflows; the little end first. */
export const TALLY_WORDS = 10;
const MAX_BALANCE = 2n ** 128n - 1n;

/** All but the scan itself, which a form supplies. */
export abstract class BalancesBase implements Balances {
  readonly places: number;

  constructor({ places }: BalancesOptions) {
    assert(Number.isSafeInteger(places) && places >= 0 && places < 0xffff_fffe, 'places are numbers of 32 bits');
    this.places = places;
  }

  abstract readonly words: Uint32Array;
  protected abstract readonly tally: Uint32Array;
  abstract run(rows: Omit<Rows, 'ratio'>, ratio: Float64Array): void;

  get shortages(): number {
    return Number(bigintOf(this.tally, 6, 2));
  }

  get shortage(): bigint {
    return bigintOf(this.tally, 0, 6);
  }

  get overflows(): number {
    return Number(bigintOf(this.tally, 8, 2));
  }

  balance(place: number): bigint {
    assert(place < this.places, 'a place is below the count of places');
    return bigintOf(this.words, 4 * place, 4);
  }

  credit(place: number, amount: bigint): void {
    assert(amount >= 0n, 'a credit is not negative');
    const sum = this.balance(place) + amount;
    const over = sum >= MAX_BALANCE;
    write(this.words, 4 * place, 4, over ? MAX_BALANCE : sum);
    if (over) write(this.tally, 8, 2, BigInt(this.overflows) + 1n);
  }

  save(): readonly StatePiece[] {
    return [
      { name: 'words', bytes: bytesOf(this.words) },
      { name: 'tally', bytes: bytesOf(this.tally) },
    ];
  }

  load(pieces: readonly StatePiece[]): void {
    loadPieces(pieces, this.save());
  }
}

function bigintOf(words: Uint32Array, start: number, count: number): bigint {
  let value = 0n;
  for (let word = count - 1; word >= 0; word -= 1) value = (value << 32n) | BigInt(words[start + word]!);
  return value;
}

function write(words: Uint32Array, start: number, count: number, value: bigint): void {
  for (let word = 0; word < count; word += 1) words[start + word] = Number((value >> BigInt(32 * word)) & 0xffff_ffffn);
}
