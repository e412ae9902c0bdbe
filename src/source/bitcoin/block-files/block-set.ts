import type { CheckedBlock } from '../block.ts';
import { targetFollows } from '../header.ts';
import type { ChainRules } from '../rules.ts';
import type { HeaderTable } from './header-table.ts';
import type { BlockReader } from './reader.ts';

/** A block that is not part of the chain that was chosen. */
export interface AsideBlock {
  /** `orphaned`: of a branch that lost. `unconnected`: blocks between it and the chain are not in the files. */
  readonly why: 'orphaned' | 'unconnected';
  readonly hash: string;
  readonly height: number;
  readonly file: number;
  /** Number of the block in its file, from 1. */
  readonly turn: number;
}

/** A block of the chain, checked, with where it came from. */
export interface ChainBlock extends CheckedBlock {
  readonly file: number;
  readonly turn: number;
}

/** What the blocks of a file set came to. */
export interface ChosenChain {
  /** Blocks by their number in the table, from the lowest to the tip. */
  readonly chain: Int32Array;
  /** Height of the lowest one. */
  readonly first: number;
  readonly aside: readonly AsideBlock[];
  /** Transactions of blocks that the files hold more than once, counted for each further time. */
  readonly repeated: number;
}

/** The chain of most work in a set of block files, from its lowest block to its tip. */
export class BlockSet {
  readonly chosen: ChosenChain;
  readonly #headers: HeaderTable;
  readonly #rules: ChainRules;
  readonly #reader: BlockReader;

  constructor(chosen: ChosenChain, headers: HeaderTable, rules: ChainRules, reader: BlockReader) {
    this.chosen = chosen;
    this.#headers = headers;
    this.#rules = rules;
    this.#reader = reader;
  }

  /** Number of blocks. */
  get size(): number {
    return this.chosen.chain.length;
  }

  /** The block so many above the first. Throws E_FILE_READ with file, offset and height where a byte of it is not what it must be. */
  async block(above: number): Promise<ChainBlock> {
    const { chain, first } = this.chosen;
    const id = chain[above]!;
    const place = this.#headers.place(id);
    const height = first + above;
    const block = await this.#reader.block(place, this.#headers.hash(id), height);
    const below = above === 0 ? block.bits : this.#headers.bits(chain[above - 1]!);
    if (!targetFollows(below, block.bits, BigInt(height), this.#rules)) throw this.#reader.wrongTarget(place, height);
    return { ...block, file: place.file, turn: this.#headers.turn(id) };
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
