import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { blockFileFault } from './fault.ts';
import { chainsOf, foreignNetwork } from './network.ts';

/**
 * `blk`: as a node of Bitcoin Core's kin keeps them, many blocks behind one another, each with magic and length before it.
 * `raw` and `hex`: one serialized block.
 */
export type BlockFileKind = 'blk' | 'raw' | 'hex';

export interface BlockFile {
  readonly path: string;
  readonly name: string;
  readonly kind: BlockFileKind;
  /** Bytes of the file; of a hex file, of the block in it. */
  readonly size: number;
  /** Of a blk file: the bytes before each block. 0 otherwise. */
  readonly magic: number;
  /** Each byte of the file is XORed with the key's at its place, modulo 8 (Bitcoin Core 28 and later); null where it is not. */
  readonly key: Buffer | null;
}

export const XOR_FILE = 'xor.dat';
const XOR_BYTES = 8;
/** A block in hex is at most this long: more is no block. */
const MAX_HEX_BYTES = 64 * 1024 * 1024;
const HEADER_BYTES = 80;
const PROBE_BYTES = 512;

/** Says what a file is, from its first bytes and the xor.dat beside it. Throws E_FILE_READ. */
export function probeBlockFile(path: string): BlockFile {
  const name = basename(path);
  const size = statSync(path).size;
  const head = readHead(path, Math.min(size, PROBE_BYTES));
  const key = readKey(path);
  for (const used of key === null ? [null] : [key, null]) {
    const magic = magicAt(head, used);
    if (chainsOf(magic).length > 0) return { path, name, kind: 'blk', size, magic, key: used };
    const foreign = foreignNetwork(magic);
    if (foreign !== null) throw otherNetwork(foreign, name);
  }
  // Room that a node has set aside and not used yet.
  if (size > 0 && head.every((byte) => byte === 0)) return { path, name, kind: 'blk', size, magic: 0, key };
  if (isHex(head)) return { path, name, kind: 'hex', size: readHexBlock(path).length, magic: 0, key: null };
  if (size > HEADER_BYTES) return { path, name, kind: 'raw', size, magic: 0, key: null };
  throw noBlock(name, size === 0 ? 'the file is empty' : 'the file is shorter than the header of a block');
}

export function noBlock(file: string, what: string): Error {
  return blockFileFault(
    what,
    { file, offset: 0 },
    `name blk*.dat files (with ${XOR_FILE} beside them), or files of one block each, raw or hex`,
  );
}

function otherNetwork(network: string, file: string): Error {
  return blockFileFault(
    `the blocks are of ${network}, which is not read here`,
    { file, offset: 0 },
    'name files of bitcoin, litecoin, dogecoin, bitcoin-regtest or litecoin-regtest',
  );
}

function readHead(path: string, length: number): Buffer {
  const head = Buffer.alloc(length);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, length, 0);
  } finally {
    closeSync(file);
  }
  return head;
}

function readKey(path: string): Buffer | null {
  const file = join(dirname(path), XOR_FILE);
  let key: Buffer;
  try {
    key = readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw blockFileFault('the key beside the blocks cannot be read', { file });
  }
  if (key.length !== XOR_BYTES)
    throw blockFileFault(`the key beside the blocks is not of ${XOR_BYTES} bytes`, { file });
  return key.every((byte) => byte === 0) ? null : key;
}

/** Takes the obfuscation off bytes that lie at `offset` of their file. */
export function takeOffKey(bytes: Buffer, offset: number, key: Buffer | null): void {
  if (key === null) return;
  const turned = Buffer.alloc(XOR_BYTES);
  for (let i = 0; i < XOR_BYTES; i++) turned[i] = key[(offset + i) % XOR_BYTES]!;
  const low = turned.readUInt32LE(0);
  const high = turned.readUInt32LE(4);
  // Whole words where the bytes lie at one: eight times as fast.
  const head = Math.min(bytes.length, (8 - (bytes.byteOffset % 8)) % 8);
  const words = head > 0 ? null : new Uint32Array(bytes.buffer, bytes.byteOffset, 2 * Math.floor(bytes.length / 8));
  const done = words === null ? 0 : 4 * words.length;
  for (let i = 0; words !== null && i < words.length; i += 2) {
    words[i]! ^= low;
    words[i + 1]! ^= high;
  }
  for (let i = done; i < bytes.length; i++) bytes[i]! ^= turned[i % XOR_BYTES]!;
}

function magicAt(head: Buffer, key: Buffer | null): number {
  if (head.length < 4) return 0;
  const first = Buffer.from(head.subarray(0, 4));
  takeOffKey(first, 0, key);
  return first.readUInt32BE(0);
}

/** Quotation marks too: what a node answers to `getblock HASH 0` over HTTP. */
const HEX_TEXT = /^[\s"]*[0-9a-fA-F][0-9a-fA-F\s"]*$/;

function isHex(head: Buffer): boolean {
  return HEX_TEXT.test(head.toString('latin1'));
}

function readHexBlock(path: string): Buffer {
  const name = basename(path);
  if (statSync(path).size > MAX_HEX_BYTES) throw noBlock(name, 'the hex is longer than any block');
  const text = readFileSync(path, 'latin1').replace(/[\s"]/g, '');
  const odd = text.search(/[^0-9a-fA-F]/);
  if (odd >= 0) throw blockFileFault('a character of the block is not a hex digit', { file: name, offset: odd });
  if (text.length % 2 === 1)
    throw blockFileFault('the hex ends in the middle of a byte', { file: name, offset: text.length });
  return Buffer.from(text, 'hex');
}

const MAX_OPEN = 16;

/** Reads parts of block files, with few of them open at a time: neighbouring files hold blocks of the same days. */
export class BlockFileReader {
  readonly #files: readonly BlockFile[];
  readonly #open = new Map<number, FileHandle>();
  #buffer = Buffer.from(new ArrayBuffer(1 << 20));

  constructor(files: readonly BlockFile[]) {
    this.#files = files;
  }

  /** The bytes without obfuscation, valid until the next read; fewer than asked for where the file ends. */
  async read(file: number, offset: number, length: number): Promise<Buffer> {
    const { path, kind, key } = this.#files[file]!;
    if (kind === 'hex') return readHexBlock(path).subarray(offset, offset + length);
    if (this.#buffer.length < length) this.#buffer = Buffer.from(new ArrayBuffer(2 * length));
    const handle = await this.#handle(file, path);
    const { bytesRead } = await handle.read(this.#buffer, 0, length, offset);
    const bytes = this.#buffer.subarray(0, bytesRead);
    takeOffKey(bytes, offset, key);
    return bytes;
  }

  async #handle(file: number, path: string): Promise<FileHandle> {
    const known = this.#open.get(file);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size >= MAX_OPEN) {
      this.#open.delete(oldest[0]);
      await oldest[1].close();
    }
    const handle = await open(path, 'r');
    this.#open.set(file, handle);
    return handle;
  }

  async close(): Promise<void> {
    for (const handle of this.#open.values()) await handle.close();
    this.#open.clear();
  }
}
