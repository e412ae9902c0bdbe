import { assert } from '../../base/assert.ts';
import { BUCKET_OF_CODE, FAST_BUCKETS, type FastBucket, type FastColumns, type FastResult } from './columns.ts';

/** What both fast methods write down beside their balances. */
export class Ledger {
  readonly tainted: Float64Array;
  readonly absorbed: Float64Array;
  readonly held: Float64Array;
  fee = 0;
  stolen = 0;
  /** Where the sums of {@link touchAhead} go. */
  touched = 0;
  readonly #stop: Uint8Array;
  #shortMovement = new Int32Array(1024);
  #shortAmount = new Float64Array(1024);
  #shortCount = 0;

  constructor(columns: FastColumns) {
    this.tainted = new Float64Array(columns.amount.length);
    this.absorbed = new Float64Array(columns.placeCount);
    this.held = new Float64Array(columns.placeCount);
    this.#stop = columns.stop;
  }

  short(movement: number, missing: number): void {
    if (this.#shortCount === this.#shortMovement.length) {
      this.#shortMovement = doubled(this.#shortMovement, Int32Array);
      this.#shortAmount = doubled(this.#shortAmount, Float64Array);
    }
    this.#shortMovement[this.#shortCount] = movement;
    this.#shortAmount[this.#shortCount] = missing;
    this.#shortCount += 1;
  }

  /** Closes the account; stops on a lost or invented unit, which no input can cause. */
  result(): FastResult {
    const { held } = this;
    const buckets: Record<FastBucket, number> = { held: 0, fee: this.fee, absorbed: 0, inFlight: 0, leak: 0 };
    for (const amount of held) buckets.held += amount;
    for (let place = 0; place < this.absorbed.length; place += 1) {
      const amount = this.absorbed[place]!;
      const bucket = BUCKET_OF_CODE[this.#stop[place]!];
      if (amount > 0 && bucket) buckets[bucket] += amount;
    }
    const sum = FAST_BUCKETS.reduce((total, bucket) => total + buckets[bucket], 0);
    assert(sum === this.stolen, `the fast path conserves: ${sum} of ${this.stolen}`);
    return {
      kind: 'exact',
      stolen: this.stolen,
      buckets,
      held,
      absorbed: this.absorbed,
      tainted: this.tainted,
      shortages: {
        movement: this.#shortMovement.slice(0, this.#shortCount),
        amount: this.#shortAmount.slice(0, this.#shortCount),
      },
    };
  }
}

function doubled<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>>(
  array: T,
  make: new (length: number) => T,
): T {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}

/** Codes of places that keep no balance, by place: 0 keeps one, 1 is not tracked, 2 is a stop. */
export function kindsOfPlaces({ placeCount, tracked, stop }: FastColumns): Uint8Array {
  const kinds = new Uint8Array(placeCount);
  for (let place = 0; place < placeCount; place += 1)
    kinds[place] = stop[place]! > 0 ? 2 : tracked[place]! === 0 ? 1 : 0;
  return kinds;
}
