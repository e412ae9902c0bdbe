import { sha256dInto } from '../hash.ts';
import { HEADER_BYTES } from '../header.ts';
import type { BlockPlace } from './scan.ts';

const HASH_BYTES = 32;
const PARENT_AT = 4;
const BITS_AT = 72;
const FIRST_ROOM = 1024;

/**
 * Blocks by the order in which they were found, over typed arrays: about 110 bytes a block, so a million of them take 110 MB. Hashes are
 * found by their first bytes (of a hash that proves work: the ones it does not choose) and confirmed whole.
 */
export class HeaderTable {
  #room = FIRST_ROOM;
  #size = 0;
  #hashes = Buffer.alloc(HASH_BYTES * FIRST_ROOM);
  #parents = Buffer.alloc(HASH_BYTES * FIRST_ROOM);
  #bits = new Uint32Array(FIRST_ROOM);
  #file = new Uint32Array(FIRST_ROOM);
  #offset = new Float64Array(FIRST_ROOM);
  #length = new Uint32Array(FIRST_ROOM);
  /** Number of the block in its file, from 1. */
  #turn = new Uint32Array(FIRST_ROOM);
  /** Number of a block and 1; 0: free. */
  #slots = new Uint32Array(4 * FIRST_ROOM);

  get size(): number {
    return this.#size;
  }

  /** Gives the block's number; that of the first one, where it is a copy. */
  add(header: Buffer, place: BlockPlace, turn: number): { readonly id: number; readonly copy: boolean } {
    if (this.#size === this.#room) this.#grow();
    const id = this.#size;
    sha256dInto(header.subarray(0, HEADER_BYTES), this.#hashes, HASH_BYTES * id);
    const known = this.#find(this.#hashes, HASH_BYTES * id);
    if (known >= 0) return { id: known, copy: true };
    header.copy(this.#parents, HASH_BYTES * id, PARENT_AT, PARENT_AT + HASH_BYTES);
    this.#bits[id] = header.readUInt32LE(BITS_AT);
    this.#file[id] = place.file;
    this.#offset[id] = place.offset;
    this.#length[id] = place.length;
    this.#turn[id] = turn;
    this.#size += 1;
    this.#enter(id);
    return { id, copy: false };
  }

  bits(id: number): number {
    return this.#bits[id]!;
  }

  turn(id: number): number {
    return this.#turn[id]!;
  }

  place(id: number): BlockPlace {
    return { file: this.#file[id]!, offset: this.#offset[id]!, length: this.#length[id]! };
  }

  /** As people write it. */
  hash(id: number): string {
    return displayed(this.#hashes, id);
  }

  parentHash(id: number): string {
    return displayed(this.#parents, id);
  }

  /** The number of the block's parent; -1 where it was not found. */
  parent(id: number): number {
    return this.#find(this.#parents, HASH_BYTES * id);
  }

  /** The number of the parent that a header names; -1 where it was not found. */
  parentOf(header: Buffer): number {
    return this.#find(header, PARENT_AT);
  }

  #find(bytes: Buffer, at: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = bytes.readUInt32LE(at) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot]! - 1;
      if (id < 0) return -1;
      if (this.#hashes.compare(bytes, at, at + HASH_BYTES, HASH_BYTES * id, HASH_BYTES * (id + 1)) === 0) return id;
    }
  }

  #enter(id: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes.readUInt32LE(HASH_BYTES * id) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = id + 1;
  }

  #grow(): void {
    this.#room *= 2;
    this.#hashes = Buffer.concat([this.#hashes], HASH_BYTES * this.#room);
    this.#parents = Buffer.concat([this.#parents], HASH_BYTES * this.#room);
    this.#bits = longer(this.#bits, new Uint32Array(this.#room));
    this.#file = longer(this.#file, new Uint32Array(this.#room));
    this.#offset = longer(this.#offset, new Float64Array(this.#room));
    this.#length = longer(this.#length, new Uint32Array(this.#room));
    this.#turn = longer(this.#turn, new Uint32Array(this.#room));
    this.#slots = new Uint32Array(4 * this.#room);
    for (let id = 0; id < this.#size; id++) this.#enter(id);
  }
}

function displayed(hashes: Buffer, id: number): string {
  return Buffer.from(hashes.subarray(HASH_BYTES * id, HASH_BYTES * (id + 1)))
    .reverse()
    .toString('hex');
}

function longer<Column extends Uint32Array | Float64Array>(column: Column, room: Column): Column {
  room.set(column);
  return room;
}
