const LOW_WORD = 0xffffffffn;

/**
 * A map from 64-bit fingerprints to small whole numbers over typed arrays: no object an entry, so that one pass over tens of
 * millions of movements can ask for each. Keys must be uniform already (a keyed hash) and never 0.
 */
export class FingerprintMap {
  #mask: number;
  #low: Uint32Array;
  #high: Uint32Array;
  #value: Int32Array;
  #size = 0;

  constructor(capacity = 1024) {
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#mask = slots - 1;
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#value = new Int32Array(slots);
  }

  get size(): number {
    return this.#size;
  }

  /** The value, or -1 where the key is not there. */
  get(low: number, high: number): number {
    let slot = low & this.#mask;
    for (;;) {
      const slotLow = this.#low[slot]!;
      const slotHigh = this.#high[slot]!;
      if (slotLow === low && slotHigh === high) return this.#value[slot]!;
      if (slotLow === 0 && slotHigh === 0) return -1;
      slot = (slot + 1) & this.#mask;
    }
  }

  set(low: number, high: number, value: number): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    let slot = low & this.#mask;
    for (;;) {
      const slotLow = this.#low[slot]!;
      const slotHigh = this.#high[slot]!;
      const free = slotLow === 0 && slotHigh === 0;
      if (free || (slotLow === low && slotHigh === high)) {
        if (free) this.#size += 1;
        this.#low[slot] = low;
        this.#high[slot] = high;
        this.#value[slot] = value;
        return;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** As `get` and `set`, for a fingerprint in one piece: off the hot path. */
  getPrint(print: bigint): number {
    return this.get(Number(print & LOW_WORD), Number(print >> 32n));
  }

  setPrint(print: bigint, value: number): void {
    this.set(Number(print & LOW_WORD), Number(print >> 32n), value);
  }

  /** Every key, in no particular order. */
  keys(): BigUint64Array {
    const keys = new BigUint64Array(this.#size);
    const words = new Uint32Array(keys.buffer);
    let next = 0;
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      if (this.#low[slot] === 0 && this.#high[slot] === 0) continue;
      words[next] = this.#low[slot]!;
      words[next + 1] = this.#high[slot]!;
      next += 2;
    }
    return keys;
  }

  /** Adds every key with one value. */
  setAll(keys: BigUint64Array, value: number): void {
    const words = new Uint32Array(keys.buffer, keys.byteOffset, keys.length * 2);
    for (let index = 0; index < words.length; index += 2) this.set(words[index]!, words[index + 1]!, value);
  }

  #grow(): void {
    const old = { low: this.#low, high: this.#high, value: this.#value };
    const slots = (this.#mask + 1) * 2;
    this.#mask = slots - 1;
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
    this.#value = new Int32Array(slots);
    this.#size = 0;
    for (let slot = 0; slot < old.low.length; slot += 1) {
      if (old.low[slot] !== 0 || old.high[slot] !== 0) this.set(old.low[slot]!, old.high[slot]!, old.value[slot]!);
    }
  }
}
