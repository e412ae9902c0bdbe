import { closeSync, openSync, readSync } from 'node:fs';
import { HEADER_BYTES } from '../header.ts';
import { type BlockFile, takeOffKey } from './block-file.ts';

/** Where a block lies: behind its magic and length, in a blk file. */
export interface BlockPlace {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** A block's header. */
export interface FoundBlock {
  readonly header: Buffer;
  readonly offset: number;
  readonly length: number;
}

/** Where a file cannot be read on. `header`: of the block that would stand there, if its bytes are there and are one. */
export interface BrokenBlock {
  readonly header: Buffer | null;
  readonly offset: number;
  /** In words; null: the file ends before the block does. */
  readonly what: string | null;
}

/** Magic and length. */
const FRAME_BYTES = 8;
const WINDOW_BYTES = 16 * 1024;
/** No message of a node is longer (MAX_SIZE of serialize.h). */
const MAX_BLOCK_BYTES = 0x0200_0000;

/**
 * The headers of a blk file's blocks, in the order in which they lie there; of the blocks themselves nothing is read. Room that a node
 * has set aside (zeros) is passed over. The last one given may be broken.
 */
export function* scanBlocks(file: BlockFile): Generator<FoundBlock | BrokenBlock> {
  const window = new Window(file);
  try {
    for (let at = window.next(0); at !== null; ) {
      const found = blockAt(window, at, file);
      yield found;
      if ('what' in found) return;
      at = window.next(found.offset + found.length);
    }
  } finally {
    window.close();
  }
}

function blockAt(window: Window, at: number, file: BlockFile): FoundBlock | BrokenBlock {
  const frame = Buffer.from(window.at(at, FRAME_BYTES + HEADER_BYTES));
  const header = frame.length === FRAME_BYTES + HEADER_BYTES ? frame.subarray(FRAME_BYTES) : null;
  const broken = (what: string | null): BrokenBlock => ({ header, offset: at, what });
  if (!startsWith(frame, file.magic)) return broken('neither a block nor empty room stands behind a block');
  if (frame.length < FRAME_BYTES) return broken(null);
  const length = frame.readUInt32LE(4);
  if (length <= HEADER_BYTES || length > MAX_BLOCK_BYTES) return broken(`a block cannot be ${length} bytes long`);
  const offset = at + FRAME_BYTES;
  return header === null || offset + length > file.size ? broken(null) : { header, offset, length };
}

/** As far as there are bytes. */
function startsWith(frame: Buffer, magic: number): boolean {
  const due = Buffer.alloc(4);
  due.writeUInt32BE(magic);
  return frame.subarray(0, 4).equals(due.subarray(0, Math.min(4, frame.length)));
}

/** A part of a file at a time, read again where it is left. */
class Window {
  readonly #file: BlockFile;
  readonly #handle: number;
  readonly #bytes = Buffer.alloc(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  constructor(file: BlockFile) {
    this.#file = file;
    this.#handle = openSync(file.path, 'r');
  }

  /** `length` bytes from `offset` on without obfuscation; fewer where the file ends. Valid until the next call. */
  at(offset: number, length: number): Buffer {
    if (offset < this.#start || offset + length > this.#start + this.#length) this.#load(offset);
    const from = offset - this.#start;
    return this.#bytes.subarray(from, Math.min(from + length, this.#length));
  }

  #load(offset: number): void {
    this.#start = offset;
    this.#length = readSync(this.#handle, this.#bytes, 0, WINDOW_BYTES, offset);
    takeOffKey(this.#bytes.subarray(0, this.#length), offset, this.#file.key);
  }

  /**
   * Where a block, or anything else that is not padding, begins from `offset` on; null where nothing does. Nodes write padding without
   * obfuscation: with the key taken off, it is the key that shows.
   */
  next(offset: number): number | null {
    for (let at = offset; at < this.#file.size; ) {
      const part = this.at(at, WINDOW_BYTES);
      if (part.length === 0) return null;
      const used = this.#firstUsed(part, at);
      if (used !== null) return this.#magicBefore(used, offset) ?? used;
      at += part.length;
    }
    return null;
  }

  /** The first bytes of a magic may look like padding under a key. */
  #magicBefore(used: number, lowest: number): number | null {
    const { magic } = this.#file;
    for (let back = Math.max(lowest, used - 3); back < used; back++) {
      const bytes = this.at(back, 4);
      if (bytes.length === 4 && bytes.readUInt32BE(0) === magic) return back;
    }
    return null;
  }

  #firstUsed(part: Buffer, start: number): number | null {
    const { key } = this.#file;
    for (let i = 0; i < part.length; i++) {
      if (part[i] !== 0 && (key === null || part[i] !== key[(start + i) % key.length])) return start + i;
    }
    return null;
  }

  close(): void {
    closeSync(this.#handle);
  }
}
