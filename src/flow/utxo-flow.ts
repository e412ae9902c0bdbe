import type { UnixSeconds } from '../base/time.ts';
import { type AssetId, nativeAsset } from '../model/asset.ts';
import type { ChainId } from '../model/chain.ts';
import { SegmentedBook } from './address-book.ts';
import type { Uint32Column } from './column.ts';
import { SegmentReader } from './column-file.ts';
import { type AddressBook, NONE, type StepTable, type UtxoFlow, type UtxoSegment } from './flow.ts';
import type { SegmentEntry } from './manifest.ts';
import { NumberMap } from './utxo-number-map.ts';
import { OWNER_GROUP, TIME_GROUP, UTXO_FILES, type UtxoFacts } from './utxo-segment.ts';

const WARM = Object.values(UTXO_FILES).filter((name) => !name.startsWith('open.') && name !== UTXO_FILES.print);

/** A UTXO chain from its files: pages are read, and checked, when they are first asked for. */
export class FileUtxoFlow implements UtxoFlow {
  readonly model = 'utxo';
  readonly chain: ChainId;
  readonly asset: AssetId;
  readonly addresses: AddressBook;
  readonly steps: StepTable;
  readonly txCount: number;
  readonly outputCount: number;
  readonly segments: readonly FileSegment[];
  readonly #readers: readonly SegmentReader[];
  #late: NumberMap | null = null;

  /** `folder`: that of the chain; `key`: of the address book. */
  constructor(chain: ChainId, folder: string, key: Uint8Array, entries: readonly SegmentEntry<UtxoFacts>[]) {
    this.chain = chain;
    this.asset = nativeAsset(chain).id;
    this.#readers = entries.map((entry) => new SegmentReader(folder, entry));
    const parts = entries.map(({ facts }, index) => ({ reader: this.#readers[index]!, facts }));
    this.addresses = new SegmentedBook(
      chain,
      key,
      parts.map(({ reader, facts }) => ({ reader, facts: facts.book })),
    );
    this.segments = parts.map(({ reader, facts }) => new FileSegment(reader, facts));
    this.steps = new UtxoSteps(this.segments);
    this.txCount = this.steps.count;
    const last = this.segments.at(-1);
    this.outputCount = last === undefined ? 0 : last.firstOutput + last.outputCount;
  }

  /** Opens all files, so that they can be read on when another process has put others in their place. */
  hold(): void {
    for (const reader of this.#readers) reader.hold();
  }

  /** Brings into memory what is asked for by the million; what appending and printing ask for stays on disk. */
  warm(): void {
    for (const reader of this.#readers) reader.warm(WARM);
  }

  close(): void {
    for (const reader of this.#readers) reader.close();
  }

  outputsOf(address: number): Uint32Array {
    const found = this.segments.map((segment) => segment.outputsOf(address));
    const outputs = new Uint32Array(found.reduce((sum, part) => sum + part.length, 0));
    let start = 0;
    for (const part of found) {
      outputs.set(part, start);
      start += part.length;
    }
    return outputs;
  }

  spender(output: number): number {
    const home = this.#segmentOf(output);
    const spender = this.segments[home]!.spenderOf(output);
    if (spender !== NONE) return spender;
    for (let later = home + 1; later < this.segments.length; later += 1) {
      const by = this.segments[later]!.closedBy(output);
      if (by !== null) return by === NONE ? -1 : by;
    }
    return -1;
  }

  creator(output: number): number {
    const known = this.segments[this.#segmentOf(output)]!.creatorOf(output);
    return known >= 0 ? known : this.createdLate.get(output);
  }

  /** By output that has its number from its spender: the transaction that creates it. */
  get createdLate(): NumberMap {
    if (this.#late !== null) return this.#late;
    const found = new NumberMap();
    for (const { late } of this.segments)
      for (let at = 0; at < late.length; at += 2) found.set(late.at(at + 1), late.at(at));
    this.#late = found;
    return found;
  }

  /** The store's print of a transaction: for Store.utxoTransactions. */
  txPrint(tx: number): bigint {
    const segment = this.segments[segmentOfTx(this.segments, tx)]!;
    const at = 2 * (tx - segment.firstTx);
    return (BigInt(segment.print.at(at + 1)) << 32n) | BigInt(segment.print.at(at));
  }

  #segmentOf(output: number): number {
    const { segments } = this;
    let found = 0;
    while (found + 1 < segments.length && segments[found + 1]!.firstOutput <= output) found += 1;
    return found;
  }
}

/** One segment's columns. */
export class FileSegment implements UtxoSegment {
  readonly facts: UtxoFacts;
  readonly firstTx: number;
  readonly txCount: number;
  readonly firstOutput: number;
  readonly outputCount: number;
  readonly inputStart: Uint32Column;
  readonly inputs: Uint32Column;
  readonly outputStart: Uint32Column;
  readonly created: Uint32Column;
  readonly late: Uint32Column;
  readonly value: Uint32Column;
  readonly owner: Uint32Column;
  readonly spentBy: Uint32Column;
  readonly time: Uint32Column;
  readonly block: Uint32Column;
  /** Two words a transaction. */
  readonly print: Uint32Column;
  readonly latest: Uint32Column;
  readonly openPrint: Uint32Column;
  readonly openOutput: Uint32Column;
  readonly closedOutput: Uint32Column;
  readonly #closedBy: Uint32Column;
  readonly #ownerOutput: Uint32Column;
  readonly #ownerStart: Uint32Column;
  readonly #ownerId: Uint32Column | null;

  constructor(reader: SegmentReader, facts: UtxoFacts) {
    this.facts = facts;
    this.firstTx = facts.firstTx;
    this.txCount = facts.txCount;
    this.firstOutput = facts.firstOutput;
    this.outputCount = facts.outputCount;
    const column = (name: keyof typeof UTXO_FILES): Uint32Column => reader.uint32(UTXO_FILES[name]);
    this.inputStart = column('inputStart');
    this.inputs = column('inputs');
    this.outputStart = column('outputStart');
    this.created = column('created');
    this.late = column('late');
    this.value = column('value');
    this.owner = column('owner');
    this.spentBy = column('spentBy');
    this.time = column('time');
    this.block = column('block');
    this.print = column('print');
    this.latest = column('latest');
    this.openPrint = column('openPrint');
    this.openOutput = column('openOutput');
    this.closedOutput = column('closedOutput');
    this.#closedBy = column('closedBy');
    this.#ownerOutput = column('ownerOutput');
    this.#ownerStart = column('ownerStart');
    this.#ownerId = facts.owners === 'sparse' ? column('ownerId') : null;
  }

  outputsOf(address: number): Uint32Array {
    const entry = this.#ownerId === null ? Math.floor(address / OWNER_GROUP) : indexOf(this.#ownerId, address);
    if (entry < 0 || entry + 1 >= this.#ownerStart.length) return new Uint32Array(0);
    const start = this.#ownerStart.at(entry);
    const end = this.#ownerStart.at(entry + 1);
    if (this.#ownerId !== null) return this.#ownerOutput.slice(start, end - start);
    const first = this.#firstOwned(address, start, end);
    return this.#ownerOutput.slice(first, this.#firstOwned(address + 1, first, end) - first);
  }

  /** The first of some entries of the outputs by owner whose owner is this address or a later one. */
  #firstOwned(address: number, start: number, end: number): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.owner.at(this.#ownerOutput.at(middle) - this.firstOutput) < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** For an output of this segment: the transaction of this segment that spends it, else NONE. */
  spenderOf(output: number): number {
    return this.spentBy.at(output - this.firstOutput);
  }

  /** For an output of an earlier segment: what ended it here (NONE: another took its outpoint); null where nothing did. */
  closedBy(output: number): number | null {
    const at = indexOf(this.closedOutput, output);
    return at < 0 ? null : this.#closedBy.at(at);
  }

  /** For an output of this segment: what creates it; -1 where its number comes from its spender. */
  creatorOf(output: number): number {
    const tx = lastAtMost(this.outputStart, output, this.txCount);
    return tx >= 0 && output < this.outputStart.at(tx) + this.created.at(tx) ? this.firstTx + tx : -1;
  }
}

/** Where a number stands in an ascending column; -1 where it is not there. */
function indexOf(column: Uint32Column, value: number): number {
  const at = lastAtMost(column, value, column.length);
  return at >= 0 && column.at(at) === value ? at : -1;
}

/** The last of the first `count` entries of an ascending column that is not above a value; -1 where all are. */
function lastAtMost(column: Uint32Column, value: number, count: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column.at(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function segmentOfTx(segments: readonly FileSegment[], tx: number): number {
  let found = 0;
  while (found + 1 < segments.length && segments[found + 1]!.firstTx <= tx) found += 1;
  return found;
}

/** Transactions as steps: in the order of blocks or of time, so not always rising by time. */
class UtxoSteps implements StepTable {
  readonly count: number;
  readonly #segments: readonly FileSegment[];

  constructor(segments: readonly FileSegment[]) {
    this.#segments = segments;
    const last = segments.at(-1);
    this.count = last === undefined ? 0 : last.firstTx + last.txCount;
  }

  time(step: number): UnixSeconds {
    const segment = this.#segments[segmentOfTx(this.#segments, step)]!;
    return segment.time.at(step - segment.firstTx);
  }

  block(step: number): number | null {
    const segment = this.#segments[segmentOfTx(this.#segments, step)]!;
    const block = segment.block.at(step - segment.firstTx);
    return block === NONE ? null : block;
  }

  /** Groups that end before the time are passed over whole. */
  firstAt(time: UnixSeconds): number {
    for (const segment of this.#segments) {
      for (let group = 0; group < segment.latest.length; group += 1) {
        if (segment.latest.at(group) < time) continue;
        let step = group * TIME_GROUP;
        while (segment.time.at(step) < time) step += 1;
        return segment.firstTx + step;
      }
    }
    return this.count;
  }
}
