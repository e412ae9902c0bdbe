import type { NumberedUtxoChunk } from '../store/numbered.ts';

const FIRST_ROWS = 1 << 16;

/**
 * Rows waiting for the end of their block: chunks of a store end anywhere. Whole blocks are taken off the front; memory is that of the largest block
 * (in a file without blocks: of the largest second) and a chunk. A block is what runs on with one time and one block number.
 */
export class WaitingRows {
  count = 0;
  spends = new Uint8Array(FIRST_ROWS);
  owner = new Uint32Array(FIRST_ROWS);
  /** Two words a row, as all prints and values here: the low word first. */
  value = new Uint32Array(2 * FIRST_ROWS);
  outpoint = new Uint32Array(2 * FIRST_ROWS);
  tx = new Uint32Array(2 * FIRST_ROWS);
  time = new Float64Array(FIRST_ROWS);
  block = new Float64Array(FIRST_ROWS);
  /** Where each transaction's rows begin; entry `txCount` is where the last one's end. */
  starts = new Uint32Array(FIRST_ROWS + 1);
  txCount = 0;

  add(chunk: NumberedUtxoChunk): void {
    const { count } = chunk;
    const before = this.count;
    this.#reserve(before + count);
    this.spends.set(chunk.spends.subarray(0, count), before);
    this.owner.set(chunk.owner.subarray(0, count), before);
    this.value.set(wordsOf(chunk.value, count), 2 * before);
    this.outpoint.set(wordsOf(chunk.outpoint, count), 2 * before);
    this.tx.set(wordsOf(chunk.tx, count), 2 * before);
    this.time.set(chunk.time.subarray(0, count), before);
    this.block.set(chunk.block.subarray(0, count), before);
    for (let row = 0; row < count; row += 1) if (chunk.begins[row] === 1) this.starts[this.txCount++] = before + row;
    this.count = before + count;
    this.starts[this.txCount] = this.count;
  }

  /** The transaction after the block that begins with `tx`. */
  endOfBlock(tx: number): number {
    const { starts, time, block, txCount } = this;
    const row = starts[tx]!;
    let end = tx + 1;
    while (end < txCount && time[starts[end]!] === time[row] && block[starts[end]!] === block[row]) end += 1;
    return end;
  }

  /** Forgets the first transactions. */
  drop(txs: number): void {
    const from = this.starts[txs]!;
    const kept = this.count - from;
    for (const column of [this.spends, this.owner, this.time, this.block]) column.copyWithin(0, from, this.count);
    for (const column of [this.value, this.outpoint, this.tx]) column.copyWithin(0, 2 * from, 2 * this.count);
    for (let tx = txs; tx <= this.txCount; tx += 1) this.starts[tx - txs] = this.starts[tx]! - from;
    this.txCount -= txs;
    this.count = kept;
  }

  #reserve(rows: number): void {
    if (rows <= this.spends.length) return;
    let size = this.spends.length;
    while (size < rows) size *= 2;
    this.spends = grown(this.spends, new Uint8Array(size));
    this.owner = grown(this.owner, new Uint32Array(size));
    this.value = grown(this.value, new Uint32Array(2 * size));
    this.outpoint = grown(this.outpoint, new Uint32Array(2 * size));
    this.tx = grown(this.tx, new Uint32Array(2 * size));
    this.time = grown(this.time, new Float64Array(size));
    this.block = grown(this.block, new Float64Array(size));
    this.starts = grown(this.starts, new Uint32Array(size + 1));
  }
}

function wordsOf(column: BigUint64Array, count: number): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, 2 * count);
}

function grown<T extends Uint8Array | Uint32Array | Float64Array>(old: T, column: T): T {
  column.set(old);
  return column;
}
