import { HaetaeError } from '../../../base/errors.ts';
import { type CheckedBlock, decodeBlock } from '../block.ts';
import { Malformed } from '../bytes.ts';
import type { ChainRules } from '../rules.ts';
import { type BlockFile, BlockFileReader } from './block-file.ts';
import { blockFileFault } from './fault.ts';
import { namedHeight } from './height.ts';
import type { BlockPlace } from './scan.ts';

/** Blocks of a file set, read by their places and checked. Every fault is E_FILE_READ and names file, offset and block. */
export class BlockReader {
  readonly #files: readonly BlockFile[];
  readonly #rules: ChainRules;
  readonly #reader: BlockFileReader;

  constructor(files: readonly BlockFile[], rules: ChainRules) {
    this.#files = files;
    this.#rules = rules;
    this.#reader = new BlockFileReader(files);
  }

  /** The block with this hash at this height, with all that {@link decodeBlock} checks. */
  async block(place: BlockPlace, hash: string, height: number): Promise<CheckedBlock> {
    const bytes = await this.#bytes(place, height);
    try {
      return decodeBlock(bytes, { hash, number: BigInt(height) }, this.#rules, { name: this.#name(place) });
    } catch (error) {
      throw this.#fault(error, place, height);
    }
  }

  /** The height that the block names; null where it need not name one. */
  async namedHeight(place: BlockPlace, hash: string): Promise<number | null> {
    const bytes = await this.#bytes(place, hash);
    try {
      return namedHeight(bytes, this.#rules);
    } catch (error) {
      throw this.#fault(error, place, hash);
    }
  }

  wrongTarget(place: BlockPlace, height: number): HaetaeError {
    const what = 'a block is damaged: its target may not follow that of its parent';
    return blockFileFault(what, { ...this.#place(place, height), field: 'bits' });
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #bytes(place: BlockPlace, block: number | string): Promise<Buffer> {
    const bytes = await this.#reader.read(place.file, place.offset, place.length);
    if (bytes.length === place.length) return bytes;
    throw blockFileFault('the file became shorter while it was read', this.#place(place, block));
  }

  #fault(error: unknown, place: BlockPlace, block: number | string): unknown {
    const field = error instanceof HaetaeError ? error.context.field : 'transactions';
    if (error instanceof Malformed || (error instanceof HaetaeError && error.code === 'E_SOURCE_LIES')) {
      const what = field === 'hash' ? 'the file changed while it was read' : error.message;
      return blockFileFault(`a block is damaged: ${what}`, { ...this.#place(place, block), field: String(field) });
    }
    return error;
  }

  #place(place: BlockPlace, block: number | string): { file: string; offset: number; block: number | string } {
    return { file: this.#name(place), offset: place.offset, block };
  }

  #name({ file }: BlockPlace): string {
    return this.#files[file]!.name;
  }
}
