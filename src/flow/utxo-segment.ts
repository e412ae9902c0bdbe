import type { UnixSeconds } from '../base/time.ts';
import type { NumberedUtxoChunk } from '../store/numbered.ts';
import type { BookFacts } from './address-book.ts';
import type { ColumnWriter, SegmentFiles, SegmentWriter } from './column-file.ts';
import { type EarlierOutputs, type UtxoCounts, UtxoNumbering, type Words } from './utxo-number.ts';
import { NumberList, type NumberMap } from './utxo-number-map.ts';
import type { OutpointTable } from './utxo-outpoints.ts';
import { type OwnerTable, ownersOf } from './utxo-owners.ts';

/** Transactions of which the latest time is kept together, to find a time among steps that do not rise by time. */
export const TIME_GROUP = 4096;
/** Address ids whose outputs share an entry of the owner table: a byte an address, and a short search by owner instead of three more bytes. */
export const OWNER_GROUP = 4;
const BUFFER_WORDS = 16_384;

/** What reads a segment of a UTXO chain, beside its part of the address book. */
export interface UtxoFacts {
  readonly book: BookFacts;
  readonly firstTx: number;
  readonly txCount: number;
  readonly firstOutput: number;
  readonly outputCount: number;
  readonly inputCount: number;
  /** Every transaction names its block. */
  readonly named: boolean;
  readonly risesByBlock: boolean;
  readonly risesByTime: boolean;
  /** Lowest and highest block named; null where none is. */
  readonly blocks: { readonly from: number; readonly to: number } | null;
  /** The latest time of a transaction; 0 where there is none. */
  readonly lastTime: UnixSeconds;
  readonly owners: 'dense' | 'sparse';
  readonly counts: UtxoCounts;
}

/** Names of a segment's files: the columns of UtxoSegment, and what stands beside them. */
export const UTXO_FILES = {
  inputStart: 'tx.input-start',
  outputStart: 'tx.output-start',
  created: 'tx.created',
  late: 'tx.late',
  inputs: 'input.output',
  value: 'output.value',
  owner: 'output.owner',
  spentBy: 'output.spent-by',
  /** By transaction: seconds; block or NONE; two words of print. */
  time: 'tx.time',
  block: 'tx.block',
  print: 'tx.print',
  /** By TIME_GROUP transactions: their latest time. */
  latest: 'tx.latest',
  /** Outputs by owner: their numbers; where those of an owner begin (sparse: by entry of ownerId, one more; dense: of OWNER_GROUP address ids, one more). */
  ownerOutput: 'owner.output',
  ownerStart: 'owner.start',
  ownerId: 'owner.id',
  /** What is open at the end, ascending by print: two words of outpoint print; the output. Unspent, or spent before anything created it. */
  openPrint: 'open.print',
  openOutput: 'open.output',
  /** Outputs of earlier segments that ended here, ascending; what spends each, NONE where another took its outpoint. */
  closedOutput: 'closed.output',
  closedBy: 'closed.by',
} as const;

/** Streams the rows of a segment to its files; its part of the address book is written already. The caller ends or abandons the writer where this throws. */
export async function writeUtxoSegment(
  writer: SegmentWriter,
  book: BookFacts,
  rows: AsyncIterable<NumberedUtxoChunk>,
  earlier: EarlierOutputs,
): Promise<{ readonly files: SegmentFiles; readonly facts: UtxoFacts }> {
  const sinks = new Sinks(writer);
  const numbering = new UtxoNumbering(sinks, earlier);
  for await (const chunk of rows) numbering.add(chunk);
  numbering.finish();
  sinks.flush();
  writeOpen(writer, numbering.open);
  numbering.open.clear();
  writeClosed(writer, numbering.closed);
  writer.file(UTXO_FILES.late).append(Uint32Array.from(numbering.late));
  appendAll(writer.file(UTXO_FILES.spentBy), numbering.spentBy);
  appendAll(writer.file(UTXO_FILES.owner), sinks.owner);
  const owners = ownersOf(sinks.owner, earlier.outputCount);
  writeOwners(writer, owners);
  return { files: writer.finish(), facts: { book, ...factsOf(numbering, sinks, earlier, owners) } };
}

function factsOf(
  { counts, rises, blocks }: UtxoNumbering,
  sinks: Sinks,
  earlier: EarlierOutputs,
  owners: OwnerTable,
): Omit<UtxoFacts, 'book'> {
  return {
    firstTx: earlier.txCount,
    txCount: counts.transactions,
    firstOutput: earlier.outputCount,
    outputCount: sinks.owner.length,
    inputCount: counts.inputs,
    named: rises.named,
    risesByBlock: rises.byBlock,
    risesByTime: rises.byTime,
    blocks,
    lastTime: sinks.time.most,
    owners: owners.ids === null ? 'dense' : 'sparse',
    counts: { ...counts },
  };
}

function writeOpen(writer: SegmentWriter, open: OutpointTable): void {
  const prints = new FileWords(writer.file(UTXO_FILES.openPrint));
  const outputs = new FileWords(writer.file(UTXO_FILES.openOutput));
  open.forEach((low, high, output) => {
    prints.push(low);
    prints.push(high);
    outputs.push(output);
  });
  prints.flush();
  outputs.flush();
}

function writeClosed(writer: SegmentWriter, closed: NumberMap): void {
  const outputs = closed.keys();
  writer.file(UTXO_FILES.closedOutput).append(outputs);
  writer.file(UTXO_FILES.closedBy).append(outputs.map((output) => closed.get(output)));
}

function writeOwners(writer: SegmentWriter, { outputs, starts, ids }: OwnerTable): void {
  writer.file(UTXO_FILES.ownerOutput).append(outputs);
  writer.file(UTXO_FILES.ownerStart).append(ids === null ? everyGroup(starts) : starts);
  if (ids !== null) writer.file(UTXO_FILES.ownerId).append(ids);
}

/** Where the outputs of every OWNER_GROUP addresses begin, and where the last ones end. */
function everyGroup(starts: Uint32Array): Uint32Array {
  const groups = Math.ceil((starts.length - 1) / OWNER_GROUP);
  return Uint32Array.from(
    { length: groups + 1 },
    (_, group) => starts[Math.min(group * OWNER_GROUP, starts.length - 1)]!,
  );
}

function appendAll(file: ColumnWriter, list: NumberList): void {
  for (const chunk of list.chunks()) file.append(chunk);
}

/** Numbers gathered before they go to a file. */
class FileWords implements Words {
  readonly #file: ColumnWriter;
  readonly #buffer = new Uint32Array(BUFFER_WORDS);
  #used = 0;

  constructor(file: ColumnWriter) {
    this.#file = file;
  }

  push(word: number): void {
    this.#buffer[this.#used] = word;
    this.#used += 1;
    if (this.#used === BUFFER_WORDS) this.flush();
  }

  flush(): void {
    this.#file.append(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** Times go to their column and, the latest of each group, to another. */
class Times implements Words {
  readonly #all: FileWords;
  readonly #latest: FileWords;
  /** The latest so far. */
  most = 0;
  #count = 0;
  #groupMost = 0;

  constructor(writer: SegmentWriter) {
    this.#all = new FileWords(writer.file(UTXO_FILES.time));
    this.#latest = new FileWords(writer.file(UTXO_FILES.latest));
  }

  push(time: number): void {
    this.#all.push(time);
    if (time > this.#groupMost) this.#groupMost = time;
    this.#count += 1;
    if (this.#count % TIME_GROUP === 0) this.#endGroup();
  }

  flush(): void {
    if (this.#count % TIME_GROUP !== 0) this.#endGroup();
    this.#all.flush();
    this.#latest.flush();
  }

  #endGroup(): void {
    this.#latest.push(this.#groupMost);
    this.most = Math.max(this.most, this.#groupMost);
    this.#groupMost = 0;
  }
}

/** The columns that are written as they come; owners stay in memory until they are put in order. */
class Sinks {
  readonly owner = new NumberList();
  readonly inputs: FileWords;
  readonly value: FileWords;
  readonly inputStart: FileWords;
  readonly outputStart: FileWords;
  readonly created: FileWords;
  readonly block: FileWords;
  readonly print: FileWords;
  readonly time: Times;

  constructor(writer: SegmentWriter) {
    const words = (name: string): FileWords => new FileWords(writer.file(name));
    this.inputs = words(UTXO_FILES.inputs);
    this.value = words(UTXO_FILES.value);
    this.inputStart = words(UTXO_FILES.inputStart);
    this.outputStart = words(UTXO_FILES.outputStart);
    this.created = words(UTXO_FILES.created);
    this.block = words(UTXO_FILES.block);
    this.print = words(UTXO_FILES.print);
    this.time = new Times(writer);
  }

  flush(): void {
    const { inputs, value, inputStart, outputStart, created, block, print, time } = this;
    for (const column of [inputs, value, inputStart, outputStart, created, block, print, time]) column.flush();
  }
}
