import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import type { Category } from '../model/label.ts';
import type { LabelRow, Store, StoredLabelList } from '../store/port.ts';
import { type AddressIndex, AddressIndexBuilder } from './address-index.ts';
import { loadAddressIndex, saveAddressIndex, syncFolder } from './address-index-file.ts';

/**
 * The rows of every label, by address, in two files: `labels.index` (addresses in lower case to numbers) and `labels.records` (for each number its
 * rows as JSON with a CRC-32 in front; then where each begins; then which lists they are of). Both bear the same key, so that halves of two
 * snapshots are told. Rows name their list by its place among those of the snapshot: numbers of a store are its own.
 */
const INDEX_NAME = 'labels.index';
const RECORDS_NAME = 'labels.records';
const MAGIC = 0x424c4148; // HALB
const VERSION = 1;
const HEADER_BYTES = 64;
const WRITE_BYTES = 1 << 20;
const SUM_BYTES = 4;
/** From here on the bytes that confirm a hit stay in the file. */
const CONFIRM_IN_MEMORY = 5_000_000;

/** What names a list, in any store. */
export type ListIdentity = readonly [source: string, listDate: number | null, sha256: string, entries: number];

export function identityOf({ source, listDate, sha256, entries }: StoredLabelList): ListIdentity {
  return [source, listDate, sha256, entries];
}

/** SHA-256 over what names the lists, in their order. */
export function hashOfLists(lists: readonly StoredLabelList[]): string {
  const hash = createHash('sha256');
  for (const list of lists) hash.update(`${JSON.stringify(identityOf(list))}\n`);
  return hash.digest('hex');
}

type PackedRow = readonly [
  list: number,
  address: string,
  chain: string | null,
  currency: string | null,
  label: string,
  category: Category,
  actor: string | null,
  abuse: string | null,
  programmes: readonly string[],
  confidence: string,
  url: string | null,
  caseLost: 0 | 1,
  validFrom: number | null,
  validTo: number | null,
];

export class LabelSnapshot {
  readonly lists: readonly ListIdentity[];
  readonly #index: AddressIndex;
  readonly #offsets: Float64Array;
  readonly #file: number;
  readonly #path: string;
  #buffer = Buffer.alloc(4096);

  private constructor(path: string, file: number, index: AddressIndex, tail: Tail) {
    this.#path = path;
    this.#file = file;
    this.#index = index;
    this.#offsets = tail.offsets;
    this.lists = tail.lists;
  }

  /** Throws E_INDEX_CORRUPT, E_INDEX_VERSION. Null where there is none yet. */
  static open(folder: string): LabelSnapshot | null {
    const path = join(folder, RECORDS_NAME);
    if (!existsSync(path)) return null;
    const file = openSync(path, 'r');
    let index: AddressIndex | undefined;
    try {
      const header = readHeader(file, path);
      const tail = readTail(file, path, header);
      index = loadAddressIndex(join(folder, INDEX_NAME), {
        confirm: header.count <= CONFIRM_IN_MEMORY ? 'memory' : 'file',
      });
      const together = index.size === header.count && header.key.equals(index.parts.key);
      if (!together) throw corrupt(path, 'its index is of another snapshot');
      return new LabelSnapshot(path, file, index, tail);
    } catch (error) {
      index?.close();
      closeSync(file);
      throw error;
    }
  }

  /** Of these lists of the store, in place of what is in the folder. Memory: the index, and a chunk of rows. Throws E_INDEX_WRITE. */
  static async build(
    store: Store,
    lists: readonly StoredLabelList[],
    folder: string,
    progress: Progress,
  ): Promise<LabelSnapshot> {
    const unfinished = join(folder, `${RECORDS_NAME}.${randomBytes(4).toString('hex')}.part`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(folder)) {
        if (name.startsWith('labels.') && name.endsWith('.part')) rmSync(join(folder, name), { force: true });
      }
      const key = randomBytes(16);
      const index = await writeRecords(unfinished, { store, lists, key, progress });
      saveAddressIndex(index, join(folder, INDEX_NAME));
      renameSync(unfinished, join(folder, RECORDS_NAME));
      syncFolder(folder);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error instanceof HaetaeError ? error : writeFault(folder, error);
    }
    return LabelSnapshot.open(folder)!;
  }

  get addresses(): number {
    return this.#offsets.length - 1;
  }

  get rows(): number {
    return this.lists.reduce((sum, [, , , entries]) => sum + entries, 0);
  }

  /** Rows whose address is this one but for case, or null. `ids`: the store’s number of each list of the snapshot. Throws E_INDEX_CORRUPT. */
  rowsOf(folded: string, ids: readonly number[]): LabelRow[] | null {
    const number = this.#index.find(folded);
    return number < 0 ? null : this.#read(number).map((row) => unpack(row, ids));
  }

  close(): void {
    this.#index.close();
    closeSync(this.#file);
  }

  #read(number: number): readonly PackedRow[] {
    const start = this.#offsets[number]!;
    const length = this.#offsets[number + 1]! - start;
    if (this.#buffer.length < length) this.#buffer = Buffer.alloc(length * 2);
    const bytes = this.#buffer.subarray(0, length);
    const read = readSync(this.#file, bytes, 0, length, start);
    const body = bytes.subarray(SUM_BYTES);
    if (read !== length || crc32(body) !== bytes.readUInt32LE(0)) {
      throw corrupt(this.#path, `record ${number} does not have its checksum`);
    }
    return JSON.parse(body.toString('utf8')) as PackedRow[];
  }
}

function pack(row: LabelRow, list: number): PackedRow {
  const { address, chain, currency, label, category, actor, abuse, programmes, confidence, url } = row;
  const lost = row.caseLost ? 1 : 0;
  const said = [address, chain, currency, label, category, actor, abuse, programmes, confidence, url] as const;
  return [list, ...said, lost, row.validFrom, row.validTo];
}

function unpack(packed: PackedRow, ids: readonly number[]): LabelRow {
  return {
    listId: ids[packed[0]]!,
    address: packed[1],
    chain: packed[2],
    currency: packed[3],
    label: packed[4],
    category: packed[5],
    actor: packed[6],
    abuse: packed[7],
    programmes: packed[8],
    confidence: packed[9],
    url: packed[10],
    caseLost: packed[11] === 1,
    validFrom: packed[12],
    validTo: packed[13],
  };
}

interface Source {
  readonly store: Store;
  readonly lists: readonly StoredLabelList[];
  readonly key: Buffer;
  readonly progress: Progress;
}

async function writeRecords(path: string, { store, lists, key, progress }: Source): Promise<AddressIndex> {
  const places = new Map(lists.map(({ id }, place) => [id, place]));
  const total = lists.reduce((sum, { entries }) => sum + entries, 0);
  const builder = new AddressIndexBuilder(total, key);
  const writer = new RecordWriter(path);
  try {
    let folded = '';
    let rows: PackedRow[] = [];
    let done = 0;
    const put = (): void => {
      if (rows.length === 0) return;
      builder.add(folded);
      writer.add(rows);
      rows = [];
    };
    for await (const chunk of store.labelRowsByAddress()) {
      for (const row of chunk) {
        // A list that came in meanwhile is not of this snapshot.
        const place = places.get(row.listId);
        if (place === undefined) continue;
        const own = row.address.toLowerCase();
        if (own !== folded) put();
        folded = own;
        rows.push(pack(row, place));
      }
      done += chunk.length;
      progress.report('labels', done, total);
    }
    put();
    writer.finish(key, lists.map(identityOf));
  } finally {
    writer.close();
  }
  return builder.finish();
}

class RecordWriter {
  readonly #file: number;
  readonly #offsets: number[] = [HEADER_BYTES];
  readonly #sum = Buffer.alloc(SUM_BYTES);
  #pieces: Buffer[] = [];
  #waiting = 0;
  #end = HEADER_BYTES;
  #written = HEADER_BYTES;

  constructor(path: string) {
    this.#file = openSync(path, 'wx', 0o600);
  }

  add(rows: readonly PackedRow[]): void {
    const body = Buffer.from(JSON.stringify(rows));
    this.#sum.writeUInt32LE(crc32(body));
    this.#pieces.push(Buffer.from(this.#sum), body);
    this.#waiting += SUM_BYTES + body.length;
    this.#end += SUM_BYTES + body.length;
    this.#offsets.push(this.#end);
    if (this.#waiting >= WRITE_BYTES) this.#drain();
  }

  finish(key: Buffer, lists: readonly ListIdentity[]): void {
    this.#drain();
    const offsets = Buffer.from(Float64Array.from(this.#offsets).buffer);
    const names = Buffer.from(JSON.stringify(lists));
    this.#write(offsets);
    this.#write(names);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(VERSION, 4);
    header.writeDoubleLE(this.#offsets.length - 1, 8);
    header.writeDoubleLE(this.#end, 16);
    header.writeDoubleLE(names.length, 24);
    key.copy(header, 32, 0, 16);
    header.writeUInt32LE(crc32(names, crc32(offsets)), 48);
    header.writeUInt32LE(crc32(header.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
    writeSync(this.#file, header, 0, HEADER_BYTES, 0);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }

  #drain(): void {
    this.#write(Buffer.concat(this.#pieces));
    this.#pieces = [];
    this.#waiting = 0;
  }

  #write(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, this.#written + done);
    }
    this.#written += bytes.length;
  }
}

interface Header {
  readonly count: number;
  readonly end: number;
  readonly names: number;
  readonly key: Buffer;
  readonly sum: number;
}

interface Tail {
  readonly offsets: Float64Array;
  readonly lists: readonly ListIdentity[];
}

function readHeader(file: number, path: string): Header {
  const bytes = Buffer.alloc(HEADER_BYTES);
  if (readSync(file, bytes, 0, HEADER_BYTES, 0) !== HEADER_BYTES) throw corrupt(path, 'the file is cut short');
  if (bytes.readUInt32LE(0) !== MAGIC) throw corrupt(path, 'not a snapshot of labels');
  if (bytes.readUInt32LE(4) !== VERSION) {
    throw new HaetaeError('E_INDEX_VERSION', 'the snapshot of labels is of another version', {
      context: { file: path, version: bytes.readUInt32LE(4) },
      remedy: 'remove the file: it is built anew from the store',
    });
  }
  if (crc32(bytes.subarray(0, HEADER_BYTES - 4)) !== bytes.readUInt32LE(HEADER_BYTES - 4)) {
    throw corrupt(path, 'the header is damaged');
  }
  const [count, end, names] = [bytes.readDoubleLE(8), bytes.readDoubleLE(16), bytes.readDoubleLE(24)];
  return { count, end, names, key: Buffer.from(bytes.subarray(32, 48)), sum: bytes.readUInt32LE(48) };
}

function readTail(file: number, path: string, { count, end, names, sum }: Header): Tail {
  const length = (count + 1) * 8 + names;
  if (statSync(path).size !== end + length) throw corrupt(path, 'the file is not of its length');
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const read = readSync(file, bytes, done, length - done, end + done);
    if (read === 0) throw corrupt(path, 'the file ends too early');
    done += read;
  }
  if (crc32(bytes) !== sum) throw corrupt(path, 'the table of records is damaged');
  const offsets = new Float64Array(count + 1);
  new Uint8Array(offsets.buffer).set(bytes.subarray(0, offsets.byteLength));
  return { offsets, lists: JSON.parse(bytes.toString('utf8', offsets.byteLength)) as ListIdentity[] };
}

function corrupt(path: string, what: string): HaetaeError {
  return new HaetaeError('E_INDEX_CORRUPT', `the snapshot of labels is damaged: ${what}`, {
    context: { file: path },
    remedy: 'remove the file and start again: it is built anew from the store',
  });
}

function writeFault(folder: string, error: unknown): HaetaeError {
  return new HaetaeError('E_INDEX_WRITE', 'the snapshot of labels cannot be written', {
    context: { folder, fault: (error as NodeJS.ErrnoException).code ?? '' },
    remedy: 'free space on the disk, or give the folder to the user that runs Haetae',
    cause: error,
  });
}
