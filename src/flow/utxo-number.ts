import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import type { NumberedUtxoChunk } from '../store/numbered.ts';
import { FEE, NONE } from './flow.ts';
import { BlockOrder } from './utxo-block-order.ts';
import { contradiction, requireStorable, tooMany } from './utxo-fault.ts';
import { NumberList, NumberMap } from './utxo-number-map.ts';
import { ABSENT, OutpointTable, REPLACED, SPENT_ALREADY } from './utxo-outpoints.ts';
import { WaitingRows } from './utxo-rows.ts';

/** Takes numbers one after the other. */
export interface Words {
  push(word: number): void;
}

/** Where a segment's columns go as they come to be; see UtxoSegment. Two words each for `value` and `print`. */
export interface UtxoSink {
  readonly inputs: Words;
  readonly value: Words;
  readonly owner: Words;
  readonly inputStart: Words;
  readonly outputStart: Words;
  readonly created: Words;
  readonly time: Words;
  /** NONE where the source names none. */
  readonly block: Words;
  /** Print of the transaction. */
  readonly print: Words;
}

/** Outputs of the segments before this one. */
export interface EarlierOutputs {
  readonly txCount: number;
  readonly outputCount: number;
  /**
   * The output with an outpoint that may still be spent, or was spent before anything created it: ABSENT where there is none. `gone`: outputs that
   * are none of both any more.
   */
  find(low: number, high: number, gone: NumberMap): number;
  /** Whether something spends an output; then nothing created it. */
  isSpent(output: number): boolean;
  isSame(output: number, valueLow: number, valueHigh: number, owner: number): boolean;
}

export const NO_EARLIER: EarlierOutputs = {
  txCount: 0,
  outputCount: 0,
  find: () => ABSENT,
  isSpent: () => false,
  isSame: () => false,
};

export interface UtxoCounts {
  transactions: number;
  inputs: number;
  outputs: number;
  /** Spends of outputs that nothing creates in the data so far: those found out later are in `late`. */
  unseen: number;
  /** Outputs whose transaction is ordered after the one that spends them. */
  late: number;
  /** Outputs that were replaced by another with the same outpoint. */
  replaced: number;
  /** Blocks in which transactions were brought forward. */
  reordered: number;
}

/**
 * Gives numbers to transactions and outputs, as UtxoFlow defines them, from rows in order. What it remembers is what is open: outputs not
 * spent yet, and those spent before anything created them.
 */
export class UtxoNumbering {
  readonly open = new OutpointTable();
  /** By output of this segment: what spends it. */
  readonly spentBy = new NumberList();
  /** Outputs of earlier segments that ended here: by output what spends it, NONE where it was replaced. */
  readonly closed = new NumberMap();
  /** Pairs: a transaction of this segment, an output it creates that was numbered before. */
  readonly late: number[] = [];
  readonly counts: UtxoCounts = {
    transactions: 0,
    inputs: 0,
    outputs: 0,
    unseen: 0,
    late: 0,
    replaced: 0,
    reordered: 0,
  };
  private readonly rows = new WaitingRows();
  private readonly blockOrder = new BlockOrder();
  /** Outputs of earlier segments that are not open any more: those closed and those that came late. */
  private readonly gone = new NumberMap();
  private readonly order = new OrderWatch();
  private tx: number;
  private output: number;
  private readonly sink: UtxoSink;
  private readonly earlier: EarlierOutputs;

  constructor(sink: UtxoSink, earlier: EarlierOutputs) {
    this.sink = sink;
    this.earlier = earlier;
    this.tx = earlier.txCount;
    this.output = earlier.outputCount;
  }

  /** Throws E_TRANSFER_CONFLICT where an output is spent with another value or owner than it was created with; E_STORE_CORRUPT for rows out of order. */
  add(chunk: NumberedUtxoChunk): void {
    const { rows } = this;
    rows.add(chunk);
    let done = 0;
    for (let end = done; done < rows.txCount; done = end) {
      end = rows.endOfBlock(done);
      if (end === rows.txCount) break;
      this.takeBlock(done, end);
    }
    if (done > 0) rows.drop(done);
  }

  /** After the last chunk. */
  finish(): void {
    if (this.rows.txCount > 0) this.takeBlock(0, this.rows.txCount);
    this.sink.inputStart.push(this.counts.inputs);
    this.sink.outputStart.push(this.output);
  }

  /** How the rows so far rise. */
  get rises(): { readonly byBlock: boolean; readonly byTime: boolean; readonly named: boolean } {
    return this.order;
  }

  /** Lowest and highest block named so far; null where none is. */
  get blocks(): { readonly from: number; readonly to: number } | null {
    const { lowest, highest } = this.order;
    return lowest <= highest ? { from: lowest, to: highest } : null;
  }

  private takeBlock(first: number, last: number): void {
    const row = this.rows.starts[first]!;
    this.order.see(this.rows.time[row]!, this.rows.block[row]!);
    const order = this.blockOrder.of(this.rows, first, last);
    if (order !== null) this.counts.reordered += 1;
    for (let turn = first; turn < last; turn += 1) this.takeTransaction(order === null ? turn : order[turn - first]!);
  }

  private takeTransaction(tx: number): void {
    const { rows, sink, counts } = this;
    const first = rows.starts[tx]!;
    const end = rows.starts[tx + 1]!;
    let outputs = first;
    while (outputs < end && rows.spends[outputs] === 1) outputs += 1;
    sink.inputStart.push(counts.inputs);
    this.takeInputs(first, outputs);
    sink.outputStart.push(this.output);
    const before = this.output;
    for (let row = outputs; row < end; row += 1) this.create(row);
    sink.created.push(this.output - before);
    sink.time.push(requireStorable(rows.time[first]!, 'time'));
    sink.block.push(rows.block[first]! < 0 ? NONE : requireStorable(rows.block[first]!, 'block'));
    sink.print.push(rows.tx[2 * first]!);
    sink.print.push(rows.tx[2 * first + 1]!);
    counts.inputs += outputs - first;
    counts.transactions += 1;
    this.tx += 1;
    if (this.tx >= FEE || this.output >= FEE) throw tooMany(this.tx, this.output);
  }

  private takeInputs(first: number, end: number): void {
    for (let row = first; row < end; row += 1) this.sink.inputs.push(this.spend(row));
  }

  /** The output that a row spends: known, or numbered here. */
  private spend(row: number): number {
    const { outpoint, value, owner } = this.rows;
    const low = outpoint[2 * row]!;
    const high = outpoint[2 * row + 1]!;
    const mark = markOf(value[2 * row]!, value[2 * row + 1]!, owner[row]!);
    const known = this.open.spend(low, high);
    if (known >= 0) {
      if (this.open.mark !== mark) throw this.contradiction(row, known);
      this.spentBy.set(known - this.earlier.outputCount, this.tx);
      return known;
    }
    const found = known === SPENT_ALREADY ? SPENT_ALREADY : this.spendEarlier(row);
    if (found >= 0) return found;
    const number = this.number(row);
    this.spentBy.set(number - this.earlier.outputCount, this.tx);
    if (found === ABSENT) this.open.spendUnseen(low, high, number, mark);
    this.counts.unseen += 1;
    return number;
  }

  private spendEarlier(row: number): number {
    const { earlier } = this;
    const { outpoint, value, owner } = this.rows;
    const output = earlier.find(outpoint[2 * row]!, outpoint[2 * row + 1]!, this.gone);
    if (output === ABSENT) return ABSENT;
    if (earlier.isSpent(output)) return SPENT_ALREADY;
    if (!earlier.isSame(output, value[2 * row]!, value[2 * row + 1]!, owner[row]!))
      throw this.contradiction(row, output);
    this.closed.set(output, this.tx);
    this.gone.set(output, 0);
    return output;
  }

  private create(row: number): void {
    const { outpoint, value, owner } = this.rows;
    const low = outpoint[2 * row]!;
    const high = outpoint[2 * row + 1]!;
    const mark = markOf(value[2 * row]!, value[2 * row + 1]!, owner[row]!);
    const known = this.open.create(low, high, this.output, mark);
    if (known >= 0) {
      if ((this.open.mark | 1) !== (mark | 1)) throw this.contradiction(row, known);
      this.comesLate(known);
    } else if (known === REPLACED) {
      this.counts.replaced += 1;
      this.number(row);
    } else if (!this.createEarlier(row)) this.number(row);
    else this.open.spend(low, high);
  }

  /** True where an earlier segment shows the output being spent: then it has a number. */
  private createEarlier(row: number): boolean {
    const { earlier } = this;
    const { outpoint, value, owner } = this.rows;
    const output = earlier.find(outpoint[2 * row]!, outpoint[2 * row + 1]!, this.gone);
    if (output === ABSENT) return false;
    this.gone.set(output, 0);
    if (!earlier.isSpent(output)) {
      this.closed.set(output, NONE);
      this.counts.replaced += 1;
      return false;
    }
    if (!earlier.isSame(output, value[2 * row]!, value[2 * row + 1]!, owner[row]!))
      throw this.contradiction(row, output);
    this.comesLate(output);
    return true;
  }

  private comesLate(output: number): void {
    this.late.push(this.tx, output);
    this.counts.late += 1;
  }

  private number(row: number): number {
    const { value, owner } = this.rows;
    this.sink.value.push(value[2 * row]!);
    this.sink.value.push(value[2 * row + 1]!);
    this.sink.owner.push(owner[row]!);
    this.spentBy.push(NONE);
    this.counts.outputs += 1;
    return this.output++;
  }

  private contradiction(row: number, output: number): HaetaeError {
    const { time, block, value } = this.rows;
    const base = (BigInt(value[2 * row + 1]!) << 32n) | BigInt(value[2 * row]!);
    return contradiction({ output, value: String(base), time: formatTime(time[row]!), block: block[row]! });
  }
}

/** How rows rise, as they come. */
class OrderWatch {
  /** By block, where each names one. */
  byBlock = true;
  byTime = true;
  /** Every row names its block. */
  named = true;
  lowest = Number.POSITIVE_INFINITY;
  highest = -1;
  private time = Number.NEGATIVE_INFINITY;
  private block = 0;

  /** Throws E_STORE_CORRUPT where rows are neither in order of blocks nor of time. */
  see(time: number, block: number): void {
    if (block < 0) this.named = false;
    else {
      this.lowest = Math.min(this.lowest, block);
      this.highest = Math.max(this.highest, block);
    }
    if (block < this.block) this.byBlock = false;
    if (time < this.time) this.byTime = false;
    if (!this.byBlock && !this.byTime) {
      throw new HaetaeError('E_STORE_CORRUPT', 'the stored transactions are not in order', {
        context: { time, after: this.time, block, afterBlock: this.block },
        remedy: 'restore a backup, or import the files into a new store',
      });
    }
    this.time = time;
    this.block = block;
  }
}

/** 31 bits of a value and its owner, to notice an outpoint that is spent as something else than it was created as. The lowest bit is free. */
function markOf(low: number, high: number, owner: number): number {
  let mark = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca77) ^ Math.imul(owner, 0xc2b2ae3d);
  mark = Math.imul(mark ^ (mark >>> 15), 0x2c1b3c6d);
  return ((mark ^ (mark >>> 13)) & ~1) >>> 0;
}
