import {
  type AccountFacts,
  LARGE_BALANCE_WORDS,
  LARGE_WORDS,
  RECORD,
  RECORD_FILE,
  RECORD_WORDS,
} from './account-format.ts';
import { bigintOf, LARGE_AMOUNT } from './amount-words.ts';

import { Float64Column, PAGE_BYTES, Uint32Column } from './column.ts';
import type { SegmentReader } from './column-file.ts';
import { type Adjacency, type AssetSegment, NONE } from './flow.ts';
import { GROUP_ROWS } from './row-writer.ts';

const ZEROS = new Uint8Array(PAGE_BYTES);

/** A segment of an account chain, open: what is read of it is kept by its columns. */
export class AccountSegment {
  readonly reader: SegmentReader;
  readonly facts: AccountFacts;
  /** See RECORD. */
  readonly records: Uint32Array;
  #group: Uint32Column | null = null;
  #byKey: Uint32Column | null | undefined;
  #byStart: Uint32Column | null = null;
  #byPlace: Uint32Column | null = null;
  #metKey: Uint32Column | null | undefined;
  #metCount: Uint32Column | null = null;
  #touched: Uint32Column | null = null;
  #rank: Uint32Column | null = null;
  #balance: Uint32Column | null = null;
  #owner: Uint32Column | null = null;
  #large: Map<string, bigint> | null = null;
  #largeBalance: Map<string, bigint> | null = null;

  constructor(reader: SegmentReader, facts: AccountFacts) {
    this.reader = reader;
    this.facts = facts;
    this.records = reader.words(RECORD_FILE);
  }

  get recordCount(): number {
    return this.records.length / RECORD_WORDS;
  }

  field(record: number, field: number): number {
    return this.records[record * RECORD_WORDS + field]!;
  }

  /** The record of an asset; -1 where it does not move in this segment. */
  recordOf(asset: number): number {
    let low = 0;
    let high = this.recordCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.field(middle, RECORD.asset);
      if (there === asset) return middle;
      if (there < asset) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  get group(): Uint32Column {
    this.#group ??= this.reader.uint32('group');
    return this.#group;
  }

  /** The number of a place among those that the segment touches; -1 where it is none of them. */
  localOf(record: number, place: number): number {
    const base = record * RECORD_WORDS;
    const before = this.records[base + RECORD.placesBefore]!;
    const old = this.records[base + RECORD.touchedBefore]!;
    if (place >= before) {
      const local = place - before + old;
      return local < this.records[base + RECORD.locals]! ? local : -1;
    }
    const rank = this.records[base + RECORD.rank]!;
    if (rank === NONE) return this.#search(this.records[base + RECORD.touched]!, old, place);
    this.#rank ??= this.reader.uint32('rank');
    const local = this.#rank.at(rank + place);
    return local === NONE ? -1 : local;
  }

  /** Addresses of new places, asset after asset. */
  get owner(): Uint32Column {
    this.#owner ??= this.reader.uint32('owner');
    return this.#owner;
  }

  /** What a place held at the end of this segment; `local` as {@link localOf} gives it. */
  balance(record: number, local: number, place: number): bigint {
    this.#balance ??= this.reader.uint32('balance');
    const balance = bigintOf(this.#balance.slice(4 * (this.field(record, RECORD.balance) + local), 4), 0, 4);
    return balance < LARGE_AMOUNT
      ? balance
      : this.#largeBalances().get(`${this.field(record, RECORD.asset)}/${place}`)!;
  }

  /** Calls for every place of an address that is new in this segment, in order of asset. */
  placesOf(address: number, each: (asset: number, place: number) => void): void {
    const at = this.#addressAt(address);
    if (at < 0) return;
    const end = this.#byStart!.at(at + 1);
    for (let entry = this.#byStart!.at(at); entry < end; entry += 1)
      each(this.#byPlace!.at(2 * entry), this.#byPlace!.at(2 * entry + 1));
  }

  /** Places of an address that are new in this segment. */
  placeCount(address: number): number {
    const at = this.#addressAt(address);
    return at < 0 ? 0 : this.#byStart!.at(at + 1) - this.#byStart!.at(at);
  }

  /** The place of an address and asset that is new in this segment; -1 where there is none. */
  placeOf(address: number, asset: number): number {
    const at = this.#addressAt(address);
    if (at < 0) return -1;
    let low = this.#byStart!.at(at);
    let high = this.#byStart!.at(at + 1);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const there = this.#byPlace!.at(2 * middle);
      if (there === asset) return this.#byPlace!.at(2 * middle + 1);
      if (there < asset) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** Counterparties of an address up to the end of this segment; -1 where it does not move in it. */
  met(address: number): number {
    if (this.#metKey === undefined) {
      this.#metKey = this.reader.has('met.key') ? this.reader.uint32('met.key') : null;
      this.#metCount = this.reader.uint32('met.count');
    }
    if (this.#metKey !== null) {
      const at = positionOf(this.#metKey, 0, this.#metKey.length, address);
      return at < 0 ? -1 : this.#metCount!.at(at);
    }
    const count = address < this.#metCount!.length ? this.#metCount!.at(address) : NONE;
    return count === NONE ? -1 : count;
  }

  /** The exact amount of a row whose words are all ones. */
  largeAmount(asset: number, row: number): bigint | undefined {
    if (this.#large === null) {
      this.#large = new Map();
      const words = this.reader.words('large');
      for (let at = 0; at < words.length; at += LARGE_WORDS)
        this.#large.set(`${words[at]}/${words[at + 1]}`, bigintOf(words, at + 2, 8));
    }
    return this.#large.get(`${asset}/${row}`);
  }

  #largeBalances(): Map<string, bigint> {
    if (this.#largeBalance === null) {
      this.#largeBalance = new Map();
      const words = this.reader.words('large.balance');
      for (let at = 0; at < words.length; at += LARGE_BALANCE_WORDS)
        this.#largeBalance.set(`${words[at]}/${words[at + 1]}`, bigintOf(words, at + 2, 16));
    }
    return this.#largeBalance;
  }

  #search(start: number, count: number, place: number): number {
    if (count === 0) return -1;
    this.#touched ??= this.reader.uint32('touched');
    const at = positionOf(this.#touched, start, start + count, place);
    return at < 0 ? -1 : at - start;
  }

  /** Where the places of an address begin; -1 where it has no new ones. */
  #addressAt(address: number): number {
    if (this.#byKey === undefined) {
      this.#byKey = this.reader.has('by.key') ? this.reader.uint32('by.key') : null;
      this.#byStart = this.reader.uint32('by.start');
      this.#byPlace = this.reader.uint32('by.place');
    }
    if (this.#byKey !== null) return positionOf(this.#byKey, 0, this.#byKey.length, address);
    return address < this.#byStart!.length - 1 ? address : -1;
  }
}

/** Where a value stands between `low` and `high` - 1 of an ascending column; -1 where it does not. */
function positionOf(values: Uint32Column, low: number, high: number, value: number): number {
  let first = low;
  let end = high;
  while (first < end) {
    const middle = (first + end) >>> 1;
    const there = values.at(middle);
    if (there === value) return middle;
    if (there < value) first = middle + 1;
    else end = middle;
  }
  return -1;
}

/** The rows of one asset in one segment. Columns are made when they are first asked for: an index may have many assets. */
export class FileAssetSegment implements AssetSegment {
  readonly segment: AccountSegment;
  readonly record: number;
  readonly count: number;
  readonly placesBefore: number;
  readonly #ownerBase: number;
  #from: Uint32Column | null = null;
  #to: Uint32Column | null = null;
  #step: Uint32Column | null = null;
  #low: Uint32Column | null = null;
  #high: Uint32Column | null | undefined;
  #ratio: Float64Column | null = null;
  #out: Adjacency | null = null;
  #in: Adjacency | null = null;

  constructor(segment: AccountSegment, record: number) {
    this.segment = segment;
    this.record = record;
    this.count = segment.field(record, RECORD.rows);
    this.placesBefore = segment.field(record, RECORD.placesBefore);
    this.#ownerBase = segment.field(record, RECORD.owner) - this.placesBefore;
  }

  /** The address of a place that is new in this segment. */
  ownerOf(place: number): number {
    return this.segment.owner.at(this.#ownerBase + place);
  }

  get from(): Uint32Column {
    this.#from ??= this.#words('from');
    return this.#from;
  }

  get to(): Uint32Column {
    this.#to ??= this.#words('to');
    return this.#to;
  }

  get step(): Uint32Column {
    this.#step ??= this.#words('step');
    return this.#step;
  }

  get low(): Uint32Column {
    this.#low ??= new Uint32Column(2 * this.count, this.#wide('low'));
    return this.#low;
  }

  get high(): Uint32Column | null {
    if (this.#high === undefined) {
      const has = this.segment.field(this.record, RECORD.hasHigh) === 1;
      this.#high = has ? new Uint32Column(2 * this.count, this.#highPages()) : null;
    }
    return this.#high;
  }

  get ratio(): Float64Column {
    this.#ratio ??= new Float64Column(this.count, this.#wide('ratio'));
    return this.#ratio;
  }

  get out(): Adjacency {
    this.#out ??= new FileAdjacency(this.segment, this.record, 'out');
    return this.#out;
  }

  get in(): Adjacency {
    this.#in ??= new FileAdjacency(this.segment, this.record, 'in');
    return this.#in;
  }

  amount(row: number): bigint {
    const low = bigintOf(this.low.slice(2 * row, 2), 0, 2);
    if (this.high === null) return low;
    const amount = (bigintOf(this.high.slice(2 * row, 2), 0, 2) << 64n) | low;
    if (amount < LARGE_AMOUNT) return amount;
    return this.segment.largeAmount(this.segment.field(this.record, RECORD.asset), row) ?? amount;
  }

  get #full(): number {
    return Math.floor(this.count / GROUP_ROWS);
  }

  /** A column of one word a row: a page is a group. */
  #words(name: string): Uint32Column {
    const { segment, record } = this;
    const groups = segment.field(record, RECORD.groups);
    const tail = segment.field(record, RECORD.tail);
    return new Uint32Column(this.count, (page) =>
      page < this.#full
        ? segment.reader.page(name, segment.group.at(2 * (groups + page)))
        : segment.reader.bytes(name, tail * 4, (this.count - page * GROUP_ROWS) * 4),
    );
  }

  /** Pages of a column of eight bytes a row: two make a group. */
  #wide(name: string): (page: number) => Uint8Array<ArrayBuffer> {
    const { segment, record } = this;
    const groups = segment.field(record, RECORD.groups);
    const tail = segment.field(record, RECORD.tail);
    return (page) => {
      const group = page >>> 1;
      if (group < this.#full) return segment.reader.page(name, 2 * segment.group.at(2 * (groups + group)) + (page & 1));
      return segment.reader.bytes(name, tail * 8 + this.#restOffset(page), this.#restBytes(page));
    };
  }

  #highPages(): (page: number) => Uint8Array<ArrayBuffer> {
    const { segment, record } = this;
    const groups = segment.field(record, RECORD.groups);
    const tail = segment.field(record, RECORD.highTail);
    return (page) => {
      const group = page >>> 1;
      if (group < this.#full) {
        const number = segment.group.at(2 * (groups + group) + 1);
        return number === NONE ? ZEROS : segment.reader.page('high', 2 * number + (page & 1));
      }
      if (tail === NONE) return ZEROS.subarray(0, this.#restBytes(page));
      return segment.reader.bytes('high', tail * 8 + this.#restOffset(page), this.#restBytes(page));
    };
  }

  /** Bytes from the beginning of the rest to a page of it. */
  #restOffset(page: number): number {
    return (page - 2 * this.#full) * PAGE_BYTES;
  }

  #restBytes(page: number): number {
    return Math.min(PAGE_BYTES, this.count * 8 - page * PAGE_BYTES);
  }
}

class FileAdjacency implements Adjacency {
  readonly peer: Uint32Column;
  readonly row: Uint32Column;
  readonly #segment: AccountSegment;
  readonly #record: number;
  readonly #starts: Uint32Column;

  constructor(segment: AccountSegment, record: number, side: 'out' | 'in') {
    this.#segment = segment;
    this.#record = record;
    const [first, count, start] = [0, 1, 2].map((field) => segment.field(record, RECORD[side] + field));
    this.peer = segment.reader.uint32(`${side}.peer`, first, count);
    this.row = segment.reader.uint32(`${side}.row`, first, count);
    this.#starts = segment.reader.uint32(`${side}.start`, start, segment.field(record, RECORD.locals) + 1);
  }

  start(place: number): number {
    const local = this.#segment.localOf(this.#record, place);
    return local < 0 ? 0 : this.#starts.at(local);
  }

  end(place: number): number {
    const local = this.#segment.localOf(this.#record, place);
    return local < 0 ? 0 : this.#starts.at(local + 1);
  }
}
