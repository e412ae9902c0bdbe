import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../base/assert.ts';
import { HaetaeError } from '../base/errors.ts';
import {
  AddressIndex,
  type ConfirmColumn,
  homesFor,
  MemoryColumn,
  sharedBytes,
  sharedWords,
  wordsFor,
} from './address-index.ts';
import { type AddressKey, CONFIRM_BYTES } from './address-index-key.ts';

/**
 * An index as one file: a header of one page, then the slots and the column that confirms, each from a page’s beginning, then a
 * CRC-32 for every page of these. The header holds the CRC-32 of that table and of itself. Little-endian.
 */
const PAGE = 65_536;
/** Read and checked at a time: what was read is still in the cache. */
const SLAB_PAGES = 8;
const MAGIC = 0x58444148; // HADX
const VERSION = 1;
const HEADER_BYTES = 64;

export interface LoadOptions {
  /** memory: 20 bytes an address more; file: each hit is confirmed by one read of 20 bytes, which the system keeps warm. */
  readonly confirm: 'memory' | 'file';
}

/** Written beside it, forced to disk, then put in its place. Throws E_INDEX_WRITE. */
export function saveAddressIndex(index: AddressIndex, path: string): void {
  const { parts } = index;
  assert(parts.column instanceof MemoryColumn, 'an index is saved from memory');
  const sections = [parts.slots, parts.column.bytes];
  const layout = layoutOf(parts.count, parts.homes);
  const partial = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    const file = openSync(partial, 'wx', 0o600);
    try {
      const sums = new Uint32Array(layout.pages);
      let page = 0;
      sections.forEach((section, at) => {
        page = writeSection(file, section, { start: layout.starts[at]!, sums, page });
      });
      const table = new Uint8Array(sums.buffer);
      writeAll(file, table, layout.table);
      writeAll(file, headerOf(parts.count, parts.homes, parts.key, crc32(table)), 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw new HaetaeError('E_INDEX_WRITE', 'the index of addresses cannot be written', {
      context: { file: path, fault: (error as NodeJS.ErrnoException).code ?? '' },
      remedy: 'free space on the disk, or give the folder to the user that runs Haetae',
      cause: error,
    });
  }
}

/** Read straight into its arrays, every page checked (of the column: at once where it goes to memory). Throws E_INDEX_CORRUPT, E_INDEX_VERSION. */
export function loadAddressIndex(path: string, { confirm }: LoadOptions): AddressIndex {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw corrupt(path, 'the file cannot be opened', error);
  }
  try {
    const { count, homes, key, sum } = readHeader(file, path);
    const layout = layoutOf(count, homes);
    if (statSync(path).size !== layout.end) throw corrupt(path, 'the file is not of its length');
    const sums = new Uint32Array(layout.pages);
    readAll(file, new Uint8Array(sums.buffer), layout.table, path);
    if (crc32(new Uint8Array(sums.buffer)) !== sum) throw corrupt(path, 'the table of pages is damaged');
    const slots = sharedWords(wordsFor(homes));
    readSection(file, new Uint8Array(slots.buffer), { start: layout.starts[0]!, sums, path });
    const column = columnOf(file, { path, sums, start: layout.starts[1]!, count, confirm });
    if (confirm === 'memory') closeSync(file);
    return new AddressIndex({ key, count, homes, slots, column });
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

interface Layout {
  readonly starts: readonly number[];
  readonly pages: number;
  readonly table: number;
  readonly end: number;
}

function layoutOf(count: number, homes: number): Layout {
  const sizes = [wordsFor(homes) * 4, count * CONFIRM_BYTES];
  const starts: number[] = [];
  let next = PAGE;
  let pages = 0;
  for (const size of sizes) {
    starts.push(next);
    const own = Math.ceil(size / PAGE);
    pages += own;
    next += own * PAGE;
  }
  return { starts, pages, table: next, end: next + pages * 4 };
}

function headerOf(count: number, homes: number, key: Uint8Array, sum: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setFloat64(8, count, true);
  view.setFloat64(16, homes, true);
  bytes.set(key.subarray(0, 16), 24);
  view.setUint32(40, sum, true);
  view.setUint32(HEADER_BYTES - 4, crc32(bytes.subarray(0, HEADER_BYTES - 4)), true);
  return bytes;
}

function readHeader(file: number, path: string): { count: number; homes: number; key: Uint8Array; sum: number } {
  const bytes = new Uint8Array(HEADER_BYTES);
  readAll(file, bytes, 0, path);
  const view = new DataView(bytes.buffer);
  if (view.getUint32(0, true) !== MAGIC) throw corrupt(path, 'not an index of addresses');
  if (view.getUint32(4, true) !== VERSION) {
    throw new HaetaeError('E_INDEX_VERSION', 'the index of addresses is of another version', {
      context: { file: path, version: view.getUint32(4, true) },
      remedy: 'remove the file: it is built anew from the store',
    });
  }
  const whole = crc32(bytes.subarray(0, HEADER_BYTES - 4)) === view.getUint32(HEADER_BYTES - 4, true);
  const count = view.getFloat64(8, true);
  const homes = view.getFloat64(16, true);
  if (!whole || homes < homesFor(count)) throw corrupt(path, 'the header is damaged');
  return { count, homes, key: bytes.slice(24, 40), sum: view.getUint32(40, true) };
}

interface Section {
  readonly start: number;
  readonly sums: Uint32Array;
  readonly path: string;
}

/** The last page of a section counts to its end only; between it and the next section the file has a hole. */
function writeSection(
  file: number,
  section: Uint32Array | Uint8Array,
  { start, sums, page }: { readonly start: number; readonly sums: Uint32Array; readonly page: number },
): number {
  const bytes = new Uint8Array(section.buffer, section.byteOffset, section.byteLength);
  for (let at = 0; at < bytes.length; at += SLAB_PAGES * PAGE) {
    writeAll(file, bytes.subarray(at, at + SLAB_PAGES * PAGE), start + at);
  }
  let next = page;
  for (let at = 0; at < bytes.length; at += PAGE, next += 1) sums[next] = crc32(bytes.subarray(at, at + PAGE));
  return next;
}

function readSection(file: number, bytes: Uint8Array, { start, sums, path }: Section): void {
  for (let at = 0; at < bytes.length; at += SLAB_PAGES * PAGE) {
    const slab = bytes.subarray(at, at + SLAB_PAGES * PAGE);
    readAll(file, slab, start + at, path);
    for (let inside = 0; inside < slab.length; inside += PAGE) {
      const page = (start + at + inside) / PAGE - 1;
      if (crc32(slab.subarray(inside, inside + PAGE)) !== sums[page]) throw pageDamaged(path, page);
    }
  }
}

function columnOf(
  file: number,
  { path, sums, start, count, confirm }: Section & { readonly count: number; readonly confirm: 'memory' | 'file' },
): ConfirmColumn {
  if (confirm === 'file') return new FileColumn(file, { path, sums, start }, count * CONFIRM_BYTES);
  const bytes = sharedBytes(count * CONFIRM_BYTES);
  readSection(file, bytes, { path, sums, start });
  return new MemoryColumn(bytes);
}

/** Reads the 20 bytes of a hit. Where they are not the address's (by chance: once in 2^64 look-ups), the page is checked before that is believed. */
class FileColumn implements ConfirmColumn {
  readonly #file: number;
  readonly #section: Section;
  readonly #bytes: number;
  readonly #read = new Uint8Array(CONFIRM_BYTES);
  #open = true;

  constructor(file: number, section: Section, bytes: number) {
    this.#file = file;
    this.#section = section;
    this.#bytes = bytes;
  }

  confirms(key: AddressKey, ordinal: number): boolean {
    const at = ordinal * CONFIRM_BYTES;
    readAll(this.#file, this.#read, this.#section.start + at, this.#section.path);
    if (key.isConfirmedBy(this.#read, 0)) return true;
    this.#check(at);
    this.#check(at + CONFIRM_BYTES - 1);
    return false;
  }

  close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }

  #check(at: number): void {
    const from = at - (at % PAGE);
    const page = new Uint8Array(Math.min(PAGE, this.#bytes - from));
    const { start, sums, path } = this.#section;
    readAll(this.#file, page, start + from, path);
    const number = (start + from) / PAGE - 1;
    if (crc32(page) !== sums[number]) throw pageDamaged(path, number);
  }
}

function writeAll(file: number, bytes: Uint8Array, start: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, start + done);
}

function readAll(file: number, bytes: Uint8Array, start: number, path: string): void {
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(file, bytes, done, bytes.length - done, start + done);
    if (read === 0) throw corrupt(path, 'the file ends too early');
    done += read;
  }
}

export function syncFolder(folder: string): void {
  const file = openSync(folder, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function pageDamaged(path: string, page: number): HaetaeError {
  return corrupt(path, `page ${page} does not have its checksum`);
}

function corrupt(path: string, what: string, cause?: unknown): HaetaeError {
  return new HaetaeError('E_INDEX_CORRUPT', `the index of addresses is damaged: ${what}`, {
    context: { file: path },
    remedy: 'remove the file: it is built anew from the store',
    cause,
  });
}
