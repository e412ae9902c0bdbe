import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import { ByteColumn, Float64Column, PAGE_BYTES, Uint32Column } from './column.ts';

/**
 * Segments on disk: a folder of column files (raw little-endian numbers end to end) and one table of CRC-32 sums, one a page of 64 KiB, the files'
 * pages one after the other. The table's SHA-256 stands in the manifest. A segment is written once and never changed. Format: docs/index.md.
 */

/** One file of a segment; its pages follow those of the files before it in the table. */
export interface FileEntry {
  readonly name: string;
  readonly bytes: number;
}

/** What a manifest keeps of a segment's files. */
export interface SegmentFiles {
  /** Of the folder. */
  readonly name: string;
  readonly files: readonly FileEntry[];
  /** SHA-256 of the page table, in hex. */
  readonly table: string;
}

/** A file that is written: `sums` by page. */
export interface FinishedColumn extends FileEntry {
  readonly sums: Uint32Array;
}

const TABLE_NAME = 'pages.crc';
/** Pages that are written at a time. */
const WRITE_PAGES = 16;
/** Pages of a file that are kept for those who ask for parts of them. */
const RECENT_PAGES = 64;
/** Pages that are read at a time where all are wanted. */
const SLAB_PAGES = 256;
const REBUILD = 'run haetae index build: it checks every page and builds anew what is damaged';

/** Writes one file from front to back. */
export class ColumnWriter {
  readonly name: string;
  readonly #path: string;
  readonly #file: number;
  readonly #buffer = new Uint8Array(WRITE_PAGES * PAGE_BYTES);
  #used = 0;
  #written = 0;
  #sums = new Uint32Array(64);
  #pages = 0;
  #closed = false;

  constructor(folder: string, name: string) {
    this.name = name;
    this.#path = join(folder, name);
    this.#file = attempt(this.#path, () => openSync(this.#path, 'wx', 0o600));
  }

  /** Bytes appended so far. */
  get bytes(): number {
    return this.#written + this.#used;
  }

  append(values: Uint32Array | Float64Array | BigUint64Array | Uint8Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let done = 0; done < bytes.length; ) {
      if (this.#used === 0 && bytes.length - done >= this.#buffer.length) {
        const whole = bytes.length - done - ((bytes.length - done) % PAGE_BYTES);
        this.#write(bytes.subarray(done, done + whole));
        done += whole;
        continue;
      }
      const length = Math.min(this.#buffer.length - this.#used, bytes.length - done);
      this.#buffer.set(bytes.subarray(done, done + length), this.#used);
      this.#used += length;
      done += length;
      if (this.#used === this.#buffer.length) this.#drain();
    }
  }

  /** Zeros up to the next page: what follows is read without being copied. */
  align(): void {
    const over = this.bytes % PAGE_BYTES;
    if (over > 0) this.append(new Uint8Array(PAGE_BYTES - over));
  }

  /** Writes out what is held back, so that others may read the file; appending goes on at a page's beginning only. */
  flush(): void {
    this.#drain();
  }

  /** Everything handed to the system, and what the manifest and the page table need. The segment forces it to disk. */
  finish(): FinishedColumn {
    this.#drain();
    this.close();
    return { name: this.name, bytes: this.#written, sums: this.#sums.slice(0, this.#pages) };
  }

  close(): void {
    if (!this.#closed) closeSync(this.#file);
    this.#closed = true;
  }

  #drain(): void {
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }

  #write(bytes: Uint8Array): void {
    assert(bytes.length === 0 || this.#written % PAGE_BYTES === 0, 'nothing follows a page that is not full');
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) this.#sum(bytes.subarray(at, at + PAGE_BYTES));
    attempt(this.#path, () => {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
    });
    this.#written += bytes.length;
  }

  #sum(page: Uint8Array): void {
    if (this.#pages === this.#sums.length) {
      const grown = new Uint32Array(this.#pages * 2);
      grown.set(this.#sums);
      this.#sums = grown;
    }
    this.#sums[this.#pages] = crc32(page);
    this.#pages += 1;
  }
}

/** Makes a segment. Nothing refers to it before its manifest entry is written, so a kill leaves only a folder to remove. */
export class SegmentWriter {
  readonly name: string;
  readonly path: string;
  readonly #open = new Map<string, ColumnWriter>();
  readonly #done: FinishedColumn[] = [];

  constructor(folder: string, name: string) {
    this.name = name;
    this.path = join(folder, name);
    attempt(this.path, () => mkdirSync(this.path, { recursive: true, mode: 0o700 }));
  }

  /** The file of this name, made when first asked for. */
  file(name: string): ColumnWriter {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const made = new ColumnWriter(this.path, name);
    this.#open.set(name, made);
    return made;
  }

  /** Files that are being written. */
  names(): string[] {
    return [...this.#open.keys()];
  }

  /** Takes up a file that was written elsewhere, such as in a worker. */
  adopt(finished: FinishedColumn): void {
    this.#done.push(finished);
  }

  /** Ends one file before the others. */
  finishFile(name: string): void {
    this.adopt(this.file(name).finish());
    this.#open.delete(name);
  }

  /** Begins to force files to disk while other work goes on; await it before the end. */
  async syncAhead(names: readonly string[]): Promise<void> {
    for (const name of names) await syncAside(join(this.path, name));
  }

  /** Ends every file without ending the segment: another writer of the same segment adopts them. */
  handOver(): FinishedColumn[] {
    for (const name of this.names()) this.finishFile(name);
    return this.#done.splice(0);
  }

  /** Ends every file, writes the page table and forces all to disk. The order of files is that of their names, whoever wrote them. */
  finish(): SegmentFiles {
    const files = this.#finishTable();
    for (const { name } of [...files.files, { name: TABLE_NAME }]) syncFile(join(this.path, name));
    syncFolder(this.path);
    return files;
  }

  /** As {@link finish}, the files forced to disk side by side: a small segment is mostly waiting for the disk. */
  async finishTogether(): Promise<SegmentFiles> {
    const files = this.#finishTable();
    await Promise.all([...files.files, { name: TABLE_NAME }].map(({ name }) => syncAside(join(this.path, name))));
    syncFolder(this.path);
    return files;
  }

  #finishTable(): SegmentFiles {
    for (const name of [...this.#open.keys()]) this.finishFile(name);
    const files = [...this.#done].sort((a, b) => (a.name < b.name ? -1 : 1));
    const table = new ColumnWriter(this.path, TABLE_NAME);
    const hash = createHash('sha256');
    for (const { sums } of files) {
      table.append(sums);
      hash.update(new Uint8Array(sums.buffer, sums.byteOffset, sums.byteLength));
    }
    table.finish();
    return { name: this.name, files: files.map(({ name, bytes }) => ({ name, bytes })), table: hash.digest('hex') };
  }

  /** Leaves what was written as it is: whoever looks for strays removes it. */
  close(): void {
    for (const file of this.#open.values()) file.close();
  }

  /** Closes and removes what was written. */
  abandon(): void {
    this.close();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** One file of a segment, open for reading. Pages are checked as they are read; the last ones are kept, and columns keep their own. */
class ColumnFile {
  readonly entry: FileEntry;
  readonly #path: string;
  readonly #sums: () => Uint32Array;
  /** In the order in which they were read. */
  readonly #recent = new Map<number, Uint8Array<ArrayBuffer>>();
  #warm: Uint8Array<ArrayBuffer>[] | null = null;
  #file = -1;

  constructor(path: string, entry: FileEntry, sums: () => Uint32Array) {
    this.#path = path;
    this.entry = entry;
    this.#sums = sums;
  }

  get pages(): number {
    return Math.ceil(this.entry.bytes / PAGE_BYTES);
  }

  /** A page, checked. Throws E_INDEX_CORRUPT. */
  page(page: number): Uint8Array<ArrayBuffer> {
    const warm = this.#warm?.[page];
    if (warm !== undefined) return warm;
    const recent = this.#recent.get(page);
    if (recent !== undefined) return recent;
    const bytes = this.#read(page, 1);
    this.#recent.set(page, bytes);
    if (this.#recent.size > RECENT_PAGES) this.#recent.delete(this.#recent.keys().next().value!);
    return bytes;
  }

  /** Bytes that may lie across pages, copied. */
  copy(target: Uint8Array, offset: number): void {
    for (let done = 0; done < target.length; ) {
      const at = offset + done;
      const from = at % PAGE_BYTES;
      const page = this.page(Math.floor(at / PAGE_BYTES));
      const length = Math.min(page.length - from, target.length - done);
      target.set(page.subarray(from, from + length), done);
      done += length;
    }
  }

  /** Opens the file, so that it can be read even after it was removed. */
  hold(): void {
    if (this.#file < 0) this.#file = this.#openFile();
  }

  /** Keeps every page in memory from now on. */
  warm(): void {
    if (this.#warm !== null) return;
    const pages: Uint8Array<ArrayBuffer>[] = [];
    for (let first = 0; first < this.pages; first += SLAB_PAGES) {
      const slab = this.#read(first, Math.min(SLAB_PAGES, this.pages - first));
      for (let at = 0; at < slab.length; at += PAGE_BYTES) pages.push(slab.subarray(at, at + PAGE_BYTES));
    }
    this.#warm = pages;
    this.#recent.clear();
  }

  /** Reads and checks every page; gives the first fault. */
  check(): HaetaeError | null {
    try {
      for (let first = 0; first < this.pages; first += SLAB_PAGES)
        this.#read(first, Math.min(SLAB_PAGES, this.pages - first));
      return this.#endsHere() ? null : this.#fault('is longer than it was written', this.pages);
    } catch (error) {
      if (error instanceof HaetaeError) return error;
      throw error;
    }
  }

  /** True where a file of this size is there. */
  looksWhole(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.size === this.entry.bytes;
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  #read(first: number, count: number): Uint8Array<ArrayBuffer> {
    const offset = first * PAGE_BYTES;
    const bytes = new Uint8Array(Math.min(count * PAGE_BYTES, this.entry.bytes - offset));
    if (this.#file < 0) this.#file = this.#openFile();
    for (let done = 0; done < bytes.length; ) {
      const got = this.#readInto(bytes, done, offset + done);
      if (got === 0) throw this.#fault('ends too early', first + Math.floor(done / PAGE_BYTES));
      done += got;
    }
    const sums = this.#sums();
    for (let page = 0; page < count; page += 1) {
      if (crc32(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)) !== sums[first + page])
        throw this.#fault('is not as it was written', first + page);
    }
    return bytes;
  }

  #readInto(bytes: Uint8Array, at: number, position: number): number {
    try {
      return readSync(this.#file, bytes, at, bytes.length - at, position);
    } catch (cause) {
      throw this.#fault('cannot be read', Math.floor(position / PAGE_BYTES), cause);
    }
  }

  #openFile(): number {
    try {
      return openSync(this.#path, 'r');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw this.#fault('cannot be opened', 0, cause);
      throw missing(this.#path, cause);
    }
  }

  #endsHere(): boolean {
    if (this.#file < 0) this.#file = this.#openFile();
    return this.#readInto(new Uint8Array(1), 0, this.entry.bytes) === 0;
  }

  #fault(what: string, page: number, cause?: unknown): HaetaeError {
    return new HaetaeError('E_INDEX_CORRUPT', `a page of the index ${what}`, {
      context: { file: this.#path, page },
      remedy: REBUILD,
      cause,
    });
  }
}

/** A segment's files, open for reading: nothing is read before it is asked for. */
export class SegmentReader {
  readonly path: string;
  readonly #files = new Map<string, ColumnFile>();
  readonly #table: string;
  readonly #pages: number;
  #sums: Uint32Array | null = null;

  /** `folder`: that of the chain. */
  constructor(folder: string, segment: SegmentFiles) {
    this.path = join(folder, segment.name);
    this.#table = segment.table;
    let first = 0;
    for (const entry of segment.files) {
      const start = first;
      const file = new ColumnFile(join(this.path, entry.name), entry, () =>
        this.#pageSums().subarray(start, start + file.pages),
      );
      this.#files.set(entry.name, file);
      first += file.pages;
    }
    this.#pages = first;
  }

  names(): string[] {
    return [...this.#files.keys()];
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }

  /** Bytes of a file; 0 where the segment has none of that name. */
  bytesOf(name: string): number {
    return this.#files.get(name)?.entry.bytes ?? 0;
  }

  /** `count` words of a file from word `start` on; all of them by default. */
  uint32(name: string, start = 0, count = this.bytesOf(name) / 4 - start): Uint32Column {
    return new Uint32Column(count, this.#loader(name, start * 4, count * 4));
  }

  float64(name: string, start = 0, count = this.bytesOf(name) / 8 - start): Float64Column {
    return new Float64Column(count, this.#loader(name, start * 8, count * 8));
  }

  byteColumn(name: string): ByteColumn {
    const length = this.bytesOf(name);
    return new ByteColumn(length, this.#loader(name, 0, length));
  }

  /** A page of a file as it stands there. */
  page(name: string, page: number): Uint8Array<ArrayBuffer> {
    return this.#file(name).page(page);
  }

  /** A copy of `length` bytes from `offset` on. */
  bytes(name: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    if (length > 0) this.#file(name).copy(bytes, offset);
    return bytes;
  }

  /** A copy of `count` words from word `start` on. */
  words(name: string, start = 0, count = this.bytesOf(name) / 4 - start): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.bytes(name, start * 4, count * 4).buffer);
  }

  /** Opens every file, so that all can be read while this is open, whatever becomes of the folder. */
  hold(): void {
    this.#pageSums();
    for (const file of this.#files.values()) file.hold();
  }

  /** Brings every file into memory, or those named. */
  warm(names: Iterable<string> = this.#files.keys()): void {
    for (const name of names) this.#files.get(name)?.warm();
  }

  /** Reads everything and gives what is wrong, one fault a file. */
  check(progress: (bytes: number) => void = () => {}): HaetaeError[] {
    try {
      this.#pageSums();
    } catch (error) {
      if (error instanceof HaetaeError) return [error];
      throw error;
    }
    const faults: HaetaeError[] = [];
    for (const file of this.#files.values()) {
      const fault = file.check();
      if (fault !== null) faults.push(fault);
      progress(file.entry.bytes);
    }
    return faults;
  }

  /** Files that are missing or of another size, without reading them. */
  glance(): string[] {
    return [...this.#files.values()].filter((file) => !file.looksWhole()).map(({ entry }) => entry.name);
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }

  #file(name: string): ColumnFile {
    const file = this.#files.get(name);
    assert(file !== undefined, `the segment has a file ${name}`);
    return file;
  }

  /** Pages of a column that begins at any byte of a file: as they stand there where it begins with one, else put together from two. */
  #loader(name: string, offset: number, length: number): (page: number) => Uint8Array<ArrayBuffer> {
    if (length === 0) return () => new Uint8Array(0);
    const file = this.#file(name);
    assert(offset >= 0 && offset + length <= file.entry.bytes, `a column lies inside ${name}`);
    const first = offset / PAGE_BYTES;
    return (page) => {
      const size = Math.min(PAGE_BYTES, length - page * PAGE_BYTES);
      if (Number.isInteger(first)) return file.page(first + page).subarray(0, size);
      const bytes = new Uint8Array(size);
      file.copy(bytes, offset + page * PAGE_BYTES);
      return bytes;
    };
  }

  #pageSums(): Uint32Array {
    if (this.#sums !== null) return this.#sums;
    const path = join(this.path, TABLE_NAME);
    const bytes = readWhole(path);
    if (createHash('sha256').update(bytes).digest('hex') !== this.#table || bytes.length !== this.#pages * 4) {
      throw new HaetaeError('E_INDEX_CORRUPT', 'the table of page sums is not as it was written', {
        context: { file: path, page: 0 },
        remedy: REBUILD,
      });
    }
    this.#sums = new Uint32Array(bytes.buffer);
    return this.#sums;
  }
}

function readWhole(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw missing(path, cause);
  }
}

function missing(path: string, cause: unknown): HaetaeError {
  return new HaetaeError('E_INDEX_CORRUPT', 'a file of the index is not there', {
    context: { file: path, page: 0 },
    remedy: `where the index was built anew meanwhile, open it again; else ${REBUILD}`,
    cause,
  });
}

/** Runs what writes a file. Throws E_INDEX_WRITE. */
export function attempt<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new HaetaeError('E_INDEX_WRITE', 'the index cannot be written', {
      context: { file: path },
      remedy: 'check the space on the disk and who owns the folder, then run haetae index build again',
      cause,
    });
  }
}

function syncFile(path: string): void {
  attempt(path, () => {
    const file = openSync(path, 'r+');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

async function syncAside(path: string): Promise<void> {
  try {
    const file = await open(path, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    attempt(path, () => {
      throw cause;
    });
  }
}

export function syncFolder(path: string): void {
  attempt(path, () => {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
}

/** How many leading segments there are of which every page is as it was written; what is wrong with any is added to `faults`. */
export function soundSegments(folder: string, segments: readonly SegmentFiles[], faults: HaetaeError[]): number {
  let sound = segments.length;
  segments.forEach((segment, index) => {
    const reader = new SegmentReader(folder, segment);
    const found = reader.check();
    reader.close();
    faults.push(...found);
    if (found.length > 0) sound = Math.min(sound, index);
  });
  return sound;
}
