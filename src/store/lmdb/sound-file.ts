import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HaetaeError } from '../../base/errors.ts';

/**
 * LMDB 1.0 data format 2, as lmdb 3.5 writes it (little-endian; `mdb.c`, MDB_page_header, MDB_meta, MDB_db). A page header: number 8 bytes, transaction 8,
 * padding 2, flags 2, lower and upper bound 4.
 */
const HEADER = 24;
const MAGIC = 0xbeefc0de;
const META = { magic: 24, version: 28, pageSize: 48, free: 48, main: 96, lastPage: 144, transaction: 152, end: 160 };
const TREE = { depth: 6, root: 40 };
const PAGE_FLAGS = 18;
const PAGE_LOWER = 20;
const BRANCH = 0x01;
const LEAF = 0x02;
const OVERFLOW = 0x04;
const NODE_BIG = 0x01;
const NODE_TREE = 0x02;
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const NODE_HEADER = 8;
const ATTEMPTS = 100;

interface Meta {
  readonly page: Buffer;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
}

/**
 * LMDB maps the file as it finds it, and a page that is not there ends the process: so what is none of its files, or was cut, must not get that far.
 * Reads two pages; every page of the trees only where the file is shorter than it may be. What is damaged inside a page is not seen here.
 * Throws E_RECORDS.
 */
export function requireSoundFile(file: string): void {
  const handle = openSync(file, 'r');
  try {
    const fault = settledFaultOf(handle);
    if (fault === null) return;
    throw new HaetaeError('E_RECORDS', 'the file of records is damaged', {
      context: { file, fault },
      remedy: 'put a copy of the folder in its place; the damaged one is left as it is',
    });
  } finally {
    closeSync(handle);
  }
}

/** A process that writes meanwhile replaces pages that are being read: what is found then counts only if nothing was written in between. */
function settledFaultOf(handle: number): string | null {
  for (let attempt = 1; ; attempt += 1) {
    // An empty file is what a kill leaves before the first page was written.
    if (fstatSync(handle).size === 0) return null;
    const metas = metasOf(handle);
    const fault = typeof metas === 'string' ? metas : faultOf(handle, metas);
    if (fault === null || attempt === ATTEMPTS) return fault;
    if (writtenOf(metasOf(handle)) === writtenOf(metas)) return fault;
  }
}

function metasOf(handle: number): readonly [Meta, Meta] | string {
  const first = metaAt(handle, 0);
  if (first === null) return 'its first page is none of a database';
  const second = metaAt(handle, first.pageSize);
  return second === null ? 'its second page is none of a database' : [first, second];
}

function writtenOf(metas: readonly [Meta, Meta] | string): string {
  return typeof metas === 'string' ? metas : metas.map(({ transaction }) => transaction).join(' ');
}

function faultOf(handle: number, metas: readonly [Meta, Meta]): string | null {
  // After the first two pages were read: a file only grows, and its pages are written before what leads to them.
  const { size } = fstatSync(handle);
  const pages = Math.floor(size / metas[0].pageSize);
  for (const meta of metas) {
    // Pages that were given back before they were written may stand behind the end. Both: LMDB goes back to the earlier one after a power cut.
    if (meta.lastPage < pages) continue;
    const missing = new Walk(handle, meta.pageSize, pages).faultOf(meta.page);
    if (missing !== null) return missing;
  }
  return null;
}

function metaAt(handle: number, at: number): Meta | null {
  const page = Buffer.alloc(META.end);
  if (readSync(handle, page, 0, META.end, at) < META.end) return null;
  if (page.readUInt32LE(META.magic) !== MAGIC) return null;
  const pageSize = page.readUInt32LE(META.pageSize);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return null;
  const lastPage = page.readBigUInt64LE(META.lastPage);
  if (lastPage >= 2n ** 48n) return null;
  return { page, pageSize, lastPage: Number(lastPage), transaction: page.readBigUInt64LE(META.transaction) };
}

/** Every page that the trees of a file lead to. */
class Walk {
  readonly #handle: number;
  readonly #pageSize: number;
  readonly #pages: number;

  constructor(handle: number, pageSize: number, pages: number) {
    this.#handle = handle;
    this.#pageSize = pageSize;
    this.#pages = pages;
  }

  faultOf(meta: Buffer): string | null {
    return this.#tree(meta, META.free) ?? this.#tree(meta, META.main);
  }

  #tree(bytes: Buffer, at: number): string | null {
    const root = bytes.readBigUInt64LE(at + TREE.root);
    return root === NO_PAGE ? null : this.#page(Number(root), bytes.readUInt16LE(at + TREE.depth));
  }

  #page(number: number, depth: number): string | null {
    if (number >= this.#pages) return `it ends at page ${this.#pages} and needs page ${number}`;
    const page = Buffer.alloc(this.#pageSize);
    readSync(this.#handle, page, 0, this.#pageSize, number * this.#pageSize);
    const flags = page.readUInt16LE(PAGE_FLAGS);
    const wanted = depth > 1 ? BRANCH : LEAF;
    if (page.readBigUInt64LE(0) !== BigInt(number) || (flags & wanted) === 0)
      return `page ${number} is not what it should be`;
    const end = page.readUInt16LE(PAGE_LOWER);
    for (let pointer = HEADER; pointer < end; pointer += 2) {
      const node = page.readUInt16LE(pointer);
      if (node < HEADER || node + NODE_HEADER > this.#pageSize) return `page ${number} is not what it should be`;
      const fault = depth > 1 ? this.#page(childOf(page, node), depth - 1) : this.#node(page, node);
      if (fault !== null) return fault;
    }
    return null;
  }

  #node(page: Buffer, node: number): string | null {
    const flags = page.readUInt16LE(node + 4);
    const data = node + NODE_HEADER + page.readUInt16LE(node + 6);
    if ((flags & NODE_TREE) !== 0) return this.#tree(page, data);
    if ((flags & NODE_BIG) === 0) return null;
    const size = page.readUInt32LE(node);
    const first = Number(page.readBigUInt64LE(data));
    const last = first + Math.ceil((HEADER + size) / this.#pageSize) - 1;
    if (last >= this.#pages) return `it ends at page ${this.#pages} and needs page ${last}`;
    const head = Buffer.alloc(HEADER);
    readSync(this.#handle, head, 0, HEADER, first * this.#pageSize);
    return (head.readUInt16LE(PAGE_FLAGS) & OVERFLOW) !== 0 ? null : `page ${first} is not what it should be`;
  }
}

function childOf(page: Buffer, node: number): number {
  return page.readUInt32LE(node) + page.readUInt16LE(node + 4) * 2 ** 32;
}
